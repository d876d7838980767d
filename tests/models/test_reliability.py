"""Proves the marts of reliability: on the published files, and against truth that is known because it was made."""

import csv

import pytest

from orchestration import database
from orchestration.home import Home, project_folder

RESIDENTIAL = "learning_disability_residential_unit_cost"


def rows(home: Home, sql: str, *values: object) -> list[tuple]:
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def column_of(path: str, column: str) -> list[str]:
    with (project_folder() / "seeds" / path).open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def test_the_headline_measures_are_those_of_the_pages():
    assert column_of("reference/believed_measure.csv", "measure_id") == column_of(
        "report/headline_measure.csv", "measure_id")


@pytest.mark.published
def test_how_many_change_their_quarter(england_home):
    found = rows(england_home, """
        select basis, years_on, from_year, sum(n_councils), round(100 - 100 * sum(n_still_there) / sum(n_councils), 1),
            round(100 - max(still_there_pct) filter (quartile_band = 1), 1)
        from marts.mart_persistence
        where measure_id = ? and peer_set = 'england' and from_year in ('2009-10', '2012-13', 'all')
        group by all order by all""", RESIDENTIAL)
    assert [tuple(map(str, row)) for row in found if row[2] != "2009-10" or row[1] == 1] == [
        ("as_returned", "1", "2009-10", "148", "41.2", "27.0"),
        ("as_returned", "1", "2012-13", "151", "38.4", "26.3"),
        ("as_returned", "1", "all", "588", "42.7", "30.8"),
        ("as_returned", "3", "all", "444", "59.7", "46.4"),
        ("excluding_flagged", "1", "2009-10", "148", "41.2", "27.0"),
        ("excluding_flagged", "1", "2012-13", "150", "38.0", "24.3"),
        ("excluding_flagged", "1", "all", "573", "41.7", "27.3"),
        ("excluding_flagged", "3", "all", "439", "59.5", "45.0"),
    ]


@pytest.mark.published
def test_persistence_counted_without_the_model(england_home):
    """The quarters of each year cut again from the printed values, by rank, and followed council by council."""
    figures = rows(england_home, """
        select financial_year, council_code, value from marts.fct_figure
        where measure_id = ? and is_current and value > 0 and definition_version = 'pssex1-1'""", RESIDENTIAL)
    quarters: dict[str, dict[str, int]] = {}
    for year in {year for year, *_ in figures}:
        ranked = sorted((value, code) for of, code, value in figures if of == year)
        quarters[year] = {code: 1 + 4 * place // len(ranked) for place, (_, code) in enumerate(ranked)}
    stayed = [quarters["2013-14"][code] == 1 for code, quarter in quarters["2012-13"].items()
              if quarter == 1 and code in quarters["2013-14"]]
    found, = rows(england_home, """
        select n_councils, n_still_there from marts.mart_persistence
        where measure_id = ? and peer_set = 'england' and basis = 'as_returned' and quartile_band = 1 and years_on = 1
            and from_year = '2012-13'""", RESIDENTIAL)
    assert found == (len(stayed), sum(stayed)) == (38, 28)
