"""The outcomes framework as published from 2024-25 on: a sheet per measure, ten years across, made in its shape."""

import csv

import pytest

from orchestration.home import project_folder
from orchestration.intake.layouts import load_layouts
from orchestration.intake.open import OpenedFile
from orchestration.intake.readers import read_file
from orchestration.reference import load_councils

NAMES = ["Local authority code", "Local authority", "ONS area code"]
AREAS = [["England", "England", "E92000001"], ["S", "Shire Counties", "[z]"], ["E", "Eastern", "E12000006"],
         ["102", "Cumbria", "E10000006"], ["114", "Stockton-on-Tees", "E06000004"],
         ["809", "Dorset County", "E10000009"], ["809", "Dorset", "E06000059"],
         ["[z]", "Cornwall and Isles of Scilly", "[z]"], ["H6X4G", "Cumberland", "E06000063"]]
VALUES = {"England": ["7.7 (7.6)", "[x]", "7.3"], "Shire Counties": ["8", "8", "8"], "Eastern": ["7.5", "[x]", "7.1"],
          "Cumbria": ["7 (:)", "[x]", "[z]"], "Stockton-on-Tees": ["39 (1,038.7)", "[x]", "7.5"],
          "Dorset County": ["7.8", "[z]", "7.4"], "Dorset": ["[z]", "[x]", "7.4"],
          "Cornwall and Isles of Scilly": ["[z]", "[x]", "20.2"], "Cumberland": ["[z]", "[z]", "7.9"]}
YEARS = (2016, 2020, 2024)


def sheet(parts=("margin of error", "number of respondents", "outcome"), years=YEARS, **changed):
    """A table: of each year the parts, the last of them the outcome."""
    header = [*NAMES, *(f"{year} to {year + 1} - {part}" for year in years for part in parts)]
    values = VALUES | {name.replace("_", " "): texts for name, texts in changed.items()}
    # A table of one year has the councils of that year alone.
    areas = AREAS if len(years) > 1 else [area for area in AREAS if area[1] not in ("Cumbria", "Dorset County")]
    rows = [[*area, *(cell for year, text in zip(YEARS, values[area[1]]) if year in years
                      for cell in [*["0.5 (0.6)"] * (len(parts) - 1), text])] for area in areas]
    return [["Table 1c: carer-reported quality of life [note 1] [note 6]"], ["This worksheet contains one table."],
            ["Cells marked with an [x] indicate no data is available."], header, *rows]


def read(sheets):
    file = OpenedFile(None, "ascof.ods", sha256="0" * 64, grids=sheets)
    readings, _ = read_file(file, load_layouts(), load_councils())
    return readings


def found(reading):
    areas = dict(zip(reading.rows.positions, reading.rows.texts["area"]))
    years = dict(zip(reading.columns.positions, reading.columns.texts["financial_year"]))
    return {(areas[cell.row], years[cell.column]): cell.text for cell in reading.cells}


def test_each_sheet_is_a_measure_and_each_outcome_has_its_year():
    cover = [["Measures from the adult social care outcomes framework"], ["Key"]]
    readings = read({"Cover": cover, "Table_1c": sheet(), "Table_2e(2a)": sheet(("numerator", "denominator", "outcome"),
                                                                              (2024,))})
    assert [reading.faults for reading in readings] == [[], []]
    assert {reading.layout.layout for reading in readings} == {"ascof_workbook"}
    carers, own_home = readings
    assert (carers.financial_years, own_home.financial_years) == (["2016-17", "2020-21", "2024-25"], ["2024-25"])
    assert set(carers.rows.texts["line"]) == {"1c"} and set(own_home.rows.texts["line"]) == {"2e(2a)"}
    assert set(carers.columns.texts["component"]) == {"value"}
    assert found(own_home)["E06000004", "2024-25"] == "7.5" and found(carers)["E06000004", "2016-17"] == "39 (1,038.7)"
    assert [note.text for note in carers.notes if note.kind == "set_apart"] == [
        "6 columns of other services", "[z]", "[z]"]
    assert set(carers.rows.texts["area_kind"]) == {"england", "region", "council"}


def test_a_council_has_the_years_in_which_it_was_one():
    [reading] = read({"Table_1c": sheet()})
    cells = found(reading)
    assert {year for area, year in cells if area == "E10000006"} == {"2016-17", "2020-21"}
    assert {year for area, year in cells if area == "E06000063"} == {"2024-25"}
    # Dorset has a row for each of its codes; the publisher printed its last year in both.
    assert {year for area, year in cells if area == "E10000009"} == {"2016-17"}
    assert {year for area, year in cells if area == "E06000059"} == {"2020-21", "2024-25"}
    assert reading.councils == ["102", "114", "809", "H6X4G"]


def test_a_year_that_two_rows_of_a_council_print_differently_is_a_fault():
    [reading] = read({"Table_1c": sheet(Dorset_County=["7.8", "[z]", "6.9"])})
    assert [(fault.rule, fault.council) for fault in reading.faults] == [("council_once", "809")]


def test_a_council_printed_under_its_former_code_alone_is_read():
    rows = [row for row in sheet() if row[1:2] != ["Dorset"]]
    [reading] = read({"Table_1c": rows})
    assert reading.faults == []
    assert {year for area, year in found(reading) if area == "E10000009"} == {"2016-17", "2020-21", "2024-25"}


@pytest.mark.parametrize("text", ["7.7 (", "7.7 (a)", "(7.7)", "7.7(7.6)", "7.7 (7.6) (7.5)", "[x] (7.6)"])
def test_other_brackets_are_no_number(text):
    [reading] = read({"Table_1c": sheet(Eastern=["7.5", "[x]", text])})
    assert [fault.rule for fault in reading.faults] == ["cell_is_number_or_marker"]


def test_the_ratings_of_table_6b_are_set_apart():
    parts = ("outstanding outcome", "not yet rated outcome", "6b numerator", "6b denominator", "6b outcome")
    [reading] = read({"Table_6b": sheet(parts)})
    assert reading.faults == [] and found(reading)["E06000004", "2024-25"] == "7.5"
    assert len(reading.columns.positions) == 3


def measures(line, year):
    """Measure and definition of an ASCOF line in a year, as measure_line.csv has them."""
    with (project_folder() / "seeds" / "reference" / "measure_line.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["collection"] == "ascof" and row["line"] == line
                and row["from_year"] <= year <= row["to_year"]]
    [row] = rows
    return row["measure_id"], row["definition_version"]


def test_every_table_of_the_workbook_is_a_measure():
    tables = ["1a", "1b", "1c", "1d", "1e", "2a", "2b", "2c", "2d(1)", "2d(2)", "2e(1)", "2e(2a)", "2e(2b)", "3a", "3b",
              "3c(1)", "3c(2)", "3d(1a)", "3d(2a)", "4a", "4b", "5a(1)", "5a(2)", "6a", "6b"]
    assert len({measures(line, "2024-25") for line in tables}) == 25


def test_measures_made_from_client_level_data_have_a_definition_of_their_own():
    """The publisher's log of comparability: figures for 2024-25 onwards cannot be compared with previous years."""
    for new, old in {"2a": "2D", "2b": "2A1", "2c": "2A2", "2d(1)": "2B1", "2d(2)": "2B2", "2e(1)": "1G",
                     "3d(1a)": "1C1A", "3d(2a)": "1C2A"}.items():
        measure, version = measures(new, "2024-25")
        assert (measures(f"{old}|Total", "2022-23"), version) == ((measure, "ascof-1"), "ascof-2"), new


def test_measures_made_from_surveys_go_on_under_their_new_codes():
    for new, old in {"1a": "1A", "1d": "3A", "3a": "1B", "3c(1)": "3D1", "4a": "4A", "5a(1)": "1I1"}.items():
        assert measures(new, "2024-25") == measures(new, "2022-23") == measures(f"{old}|Total", "2022-23"), new
    # The formula of the adjusted score was mended in 2020-21, and no earlier year compares.
    assert measures("1b", "2019-20") == ("ascof_adjusted_quality_of_life_score", "ascof-1")
    assert measures("1b", "2020-21") == measures("1J|Total", "2021-22") == measures("1b", "2024-25")
    assert measures("1b", "2024-25")[1] == "ascof-2"
