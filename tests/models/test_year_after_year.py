"""Proves what a second year of spending brings: jumps and lost rows are found, and a past day can be published again.

The file of 2018-19 is that of 2017-18 with every amount moved and three mistakes made: one amount a hundredfold, two
councils' amounts of a line confused, one row lost. Their sum is off by 4%, and there is no control total to show it.
"""

import csv

import pytest

from orchestration import database
from orchestration.faults import GateStopped, RunStopped, UnusableInput
from orchestration.home import Home
from orchestration.refresh import refresh

pytestmark = [pytest.mark.published, pytest.mark.full]
DESCRIPTIONS = "returns/ascfr/2017-18/ascfr_2017-18_gross_current_expenditure_LA.csv"
RESIDENTIAL = ("18 to 64", "Learning Disability Support", "Residential")
NURSING = ("18 to 64", "Learning Disability Support", "Nursing")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def place(rows, code, line):
    """The number of a council's row of a line of long-term care."""
    return next(number for number, row in enumerate(rows)
                if (row[4], row[10], *row[13:16]) == (code, "Long Term Care", *line))


def query(home, sql, *values):
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(scope="module")
def years(shared_data, tmp_path_factory):
    """The published 2017-18, the altered 2018-19, and 2017-18 labelled as 2018-19."""
    folder = tmp_path_factory.mktemp("years")
    header, *rows = rows_of(shared_data / DESCRIPTIONS)
    later = [[*row[:2], "2019", *row[3:]] for row in rows]
    repeated = write(folder / "repeated.csv", [header, *later])
    later = [[*row[:-1], f"{float(row[-1]) * 1.03:.3f}"] for row in later]
    inflated, lost = place(later, "114", RESIDENTIAL), place(later, "114", NURSING)
    confused = place(later, "406", RESIDENTIAL), place(later, "906", RESIDENTIAL)
    later[inflated][-1] = "689000"
    later[confused[0]][-1], later[confused[1]][-1] = later[confused[1]][-1], later[confused[0]][-1]
    del later[lost]
    return {"2017-18": shared_data / DESCRIPTIONS, "2018-19": write(folder / "later.csv", [header, *later]),
            "repeated": repeated}


@pytest.fixture(scope="module")
def two_years(years, tmp_path_factory):
    """A home with both years, and how its refresh ended."""
    home = Home(tmp_path_factory.mktemp("two_years"))
    return home, refresh([years["2017-18"], years["2018-19"]], home)


def flagged(home, rule_id):
    return query(home, "select council_code, measure_id from quality.rule_result where rule_id = ? and status = 'fail' "
                       "and financial_year = '2018-19' order by 1", rule_id)


def test_a_hundredfold_amount_is_quarantined(two_years):
    [measure_id] = [measure for council, measure in flagged(two_years[0], "spend_jump") if council == "114"]
    assert query(two_years[0], "select verdict, rule_ids from marts.fct_figure where financial_year = '2018-19' and "
                 "council_code = '114' and measure_id = ?", measure_id) == [
        ("quarantine", "spend_jump")]


def test_confused_councils_are_noted_and_not_believed(two_years):
    """One council fell to nothing and one rose from it: which year is wrong two years cannot tell."""
    assert {"406", "906"} <= {council for council, _ in flagged(two_years[0], "spend_jump_undecided")}
    assert query(two_years[0], "select distinct verdict from marts.fct_figure where financial_year = '2018-19' and "
                 "council_code in ('406', '906') and measure_id = ?",
                 "learning_disability_residential_gross_current_expenditure") == [("unjudged",)]


def test_a_lost_row_is_named(two_years):
    [(message,)] = query(two_years[0], "select message from quality.rule_result where rule_id = 'grid_complete' and "
                                  "status = 'fail'")
    assert message.startswith("1 cell is absent; the first: council 114, line ")


def test_the_summary_says_that_no_published_total_was_there_to_check_against(two_years):
    [note] = two_years[1].notes
    assert note.startswith("no control total of 2018-19 is known, so GBP 19,1")


def test_last_years_file_under_another_year_stops(years, tmp_path):
    with pytest.raises(GateStopped, match="year_not_repeated: 100% of"):
        refresh([years["2017-18"], years["repeated"]], Home(tmp_path))


def test_what_was_known_on_a_day(two_years, years, tmp_path):
    """Of a file without a date, from the end of its year; of a dated one, from that day."""
    home = two_years[0]
    assert years_known(home) == ["2017-18", "2018-19"]
    refresh([], home, as_known_on="2019-03-30")
    assert years_known(home) == ["2017-18"]
    with pytest.raises(UnusableInput, match="No return in this home was known on 2018-03-30"):
        refresh([], home, as_known_on="2018-03-30")
    assert years_known(home) == ["2017-18"]
    [(sha256,)] = query(home, "select sha256 from marts.dim_release")
    refresh([write(tmp_path / "dates.csv", [["sha256", "published_on", "status"], [sha256, "2018-10-23", "final"]])],
            home)
    assert years_known(home) == ["2017-18", "2018-19"]
    with pytest.raises(RunStopped, match="No return in this home was known on 2018-10-22"):
        refresh([], home, as_known_on="2018-10-22")


def years_known(home):
    return [year for (year,) in query(home, "select distinct financial_year from marts.fct_figure order by 1")]
