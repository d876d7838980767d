"""Proves that a part of a return is not taken for a return: its totals, and the shares of them, are missing.

Two invented returns of ASC-FR, of which no total is printed: 2018-19 is cut to four lines of learning disability, and
in 2021-22 one line of 99 holds 84 of 152 councils, beside England and the regions as if all were there.
"""

import csv

import pytest
from builders import ascfr_return, ascfr_return_amount, ascfr_return_lines, survey_of, write_csv

from orchestration import database
from orchestration.home import Home, project_folder
from orchestration.intake.layouts import load_layouts
from orchestration.intake.readers.return_lines import count_lines
from orchestration.refresh import refresh
from orchestration.survey import survey_landing

CUT = ("Nursing", "Residential", "Community: Home Care", "Community: Supported Living")
MISUSE = "Social Support: Substance Misuse Support"
SPEND, GROUP = "gross_current_expenditure", "learning_disability"
TOTAL = f"adult_social_care_{SPEND}"


def four_lines():
    header, *rows = ascfr_return(2019)
    column = {name: number for number, name in enumerate(header)}
    return [header, *(row for row in rows if row[column["SupportSetting"]] in CUT
                      and row[column["PrimarySupportReason"]] == "Learning Disability Support"
                      and row[column["AgeBand"]] == "18 to 64")]


def one_line_short():
    """One line of 2021-22 without its last 68 councils."""
    header, *rows = ascfr_return(2022)
    column = {name: number for number, name in enumerate(header)}
    of_line = [row for row in rows if row[column["PrimarySupportReason"]] == MISUSE and row[column["CASSR"]]]
    lost = {row[column["CASSR"]] for row in of_line[84:]}
    assert len(of_line) == 152 and len(lost) == 68
    kept = [row for row in rows if row[column["PrimarySupportReason"]] != MISUSE or row[column["CASSR"]] not in lost]
    return [header, *kept], lost


def test_check_says_what_part_of_a_return_a_file_is(tmp_path):
    part, whole = survey_of(write_csv(tmp_path / "part.csv", four_lines())), survey_of(
        write_csv(tmp_path / "whole.csv", ascfr_return(2019)))
    assert not part.faults and not whole.faults
    assert [words for words in part.readings[0].oddities if "part of" in words] == [
        "a part of a return: 4 of 99 lines, the first absent: Assistive equipment and technology, 18 and over"]
    assert not [words for words in whole.readings[0].oddities if "part of" in words]


def test_expected_lines_are_of_layouts_there_are():
    with (project_folder() / "seeds" / "reference" / "expected_line.csv").open(encoding="utf-8", newline="") as file:
        known = {row["layout"] for row in csv.DictReader(file)}
    assert known < {layout.layout for layout in load_layouts()}


@pytest.mark.published
@pytest.mark.full
def test_every_published_return_is_whole(published_returns):
    counted = [(file.file.name, held) for file in survey_landing([published_returns]).files
               for reading in file.readings for held in count_lines(reading)]
    assert len(counted) >= 27
    assert [found for found in counted if found[1].n_held != found[1].n_expected] == []


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("part_of_return")
    landing = folder / "landing"
    landing.mkdir()
    write_csv(landing / "cut.csv", four_lines())
    write_csv(landing / "short.csv", one_line_short()[0])
    home = Home(folder / "home")
    refresh([landing], home)
    return home


def rows(home, sql, *values):
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.mark.full
def test_no_total_and_no_share_of_a_few_lines(home):
    assert rows(home, """select measure_id, missing_reason, count(value), count(*)
        from marts.fct_derived_figure
        where financial_year = '2018-19' and derivation <> 'per_head' group by all order by 1""") == [
        (TOTAL, "part_of_return", 0, 152),
        (f"{GROUP}_community_{SPEND}", "part_of_return", 0, 152),
        (f"{GROUP}_community_{SPEND}_share_of_client_group", "part_of_return", 0, 152),
        (f"{GROUP}_{SPEND}", "part_of_return", 0, 152),
        (f"{GROUP}_{SPEND}_share_of_adult_social_care", "part_of_return", 0, 152),
        (f"{GROUP}_long_term_{SPEND}", "part_of_return", 0, 152),
        # Both lines of the setting are in the file.
        (f"{GROUP}_residential_nursing_{SPEND}", None, 152, 152),
        (f"{GROUP}_residential_nursing_{SPEND}_share_of_client_group", "part_of_return", 0, 152)]
    assert rows(home, """select count(*) from marts.mart_saving where financial_year = '2018-19'""") == [(0,)]
    # What the file does hold is there.
    assert rows(home, """select count(value) from marts.fct_figure where financial_year = '2018-19'""") == [(4 * 152,)]


@pytest.mark.full
def test_the_part_is_flagged(home):
    [(message,)] = rows(home, """select message from quality.rule_result
        where rule_id = 'lines_complete' and status = 'fail'""")
    assert message.startswith("a part of a return: 4 of 99 lines; the first absent: ")


@pytest.mark.full
def test_a_total_exists_where_every_line_is_there(home):
    lost = one_line_short()[1]
    found = rows(home, """select council_code, value, missing_reason from marts.fct_derived_figure
        where financial_year = '2021-22' and measure_id = ? order by 1""", TOTAL)
    assert len(found) == 152
    for place, (council, value, reason) in enumerate(found):
        whole = 1000 * sum(ascfr_return_amount(place, number) for number in range(len(ascfr_return_lines())))
        assert (value, reason) == ((None, "part_of_return") if council in lost else (whole, None)), council


@pytest.mark.full
def test_a_line_without_all_councils_is_flagged_and_held_to_the_printed_england(home):
    flagged = dict(rows(home, """select rule_id, message from quality.rule_result
        where status = 'fail' and financial_year = '2021-22'
            and rule_id in ('line_holds_every_council', 'reporting_councils_sum_to_england', 'lines_complete')"""))
    number = next(place for place, line in enumerate(ascfr_return_lines()) if line["PrimarySupportReason"] == MISUSE)
    of_84, of_152 = (sum(ascfr_return_amount(place, number) for place in range(count)) for count in (84, 152))
    assert set(flagged) == {"line_holds_every_council", "reporting_councils_sum_to_england"}
    assert "68 of 152 councils have no cell" in flagged["line_holds_every_council"]
    assert (f"the 84 of 152 councils that report add up to {of_84:,}, England is printed as {of_152:,}"
            in flagged["reporting_councils_sum_to_england"])
