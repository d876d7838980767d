"""Every file that people hold today is loaded, or says in one line why it is no return that is loaded."""

import pytest

from orchestration.survey import NOT_LOADED, survey_landing

pytestmark = [pytest.mark.published, pytest.mark.full]

# By sheet: layout, financial years (or the mid-year of a population), councils and cells.
LOADED = {
    "outturn/RO3_2022-23_data_by_LA.ods": {
        "RO3_LA_Data_2022-23": ("revenue_outturn_ro3", ["2022-23"], 152, 33_201)},
    "outturn/RO3_LA_Data_2024-25_data_by_LA.ods": {
        "RO3_LA_Data_202425": ("revenue_outturn_ro3", ["2024-25"], 153, 31_262)},
    "outturn/RSX_2022-23_data_by_LA.csv": {"": ("revenue_outturn_rsx", ["2022-23"], 152, 1_071)},
    "outturn/RSX_LA_Data_2024-25_data_by_LA.ods": {
        "RSX_LA_Data_202425": ("revenue_outturn_rsx", ["2024-25"], 153, 1_078)},
    "outturn/RS_2017-18_data_by_LA.xlsx": {"RS LA Data 2017-18": ("revenue_outturn_rs", ["2017-18"], 152, 153)},
    "outturn/Revenue_Outturn_Summary__RS__data_2010-11_by_LA_-_27-Nov-2012-v2.xls": {
        f"RS LA Data 2010-11 ({part})": ("revenue_outturn_rs", ["2010-11"], 152, 153) for part in (1, 2, 3)},
    "population/ukmidyearestimates20182019ladcodes.xls": {"MYE2-All": ("ons_mid_year", "2018", 0, 40_850)},
    "population/ukpopestimatesmid2021on2021geographyfinal.xls": {
        "MYE2 - Persons": ("ons_mid_year", "2021", 0, 39_900)},
    "reference/LTLA-UTLA_Apr23_Lookup_England-Wales.csv": {"": ("lower_tier_lookup", None, 153, 2_072)},
}
CHILDREN = "population/ons_mid-year_population_estimates_2012_to_2024.csv"
SPEND = "pssex1/2000-01/spend.xls"  # A sheet a council: tested apart.
ASCOF = "ascof/ascof_2024_25.ods"  # A sheet a measure: tested apart.


@pytest.fixture(scope="module")
def surveyed(files_of_today):
    return {file.file.name: file for file in survey_landing([files_of_today]).files}


@pytest.mark.parametrize("name", LOADED)
def test_a_file_of_today_reads_whole(surveyed, name):
    file = surveyed[name]
    assert [str(fault) for fault in file.faults[:5]] == [] and (file.status, file.reason) == ("loaded", "")
    assert LOADED[name] == {
        reading.sheet: (reading.layout.layout, reading.financial_years or reading.sheet_year, len(reading.councils),
                        reading.n_cells) for reading in file.readings}
    for reading in file.readings:
        grid = file.file.grids[reading.sheet]
        assert all(cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.cells)


def test_every_sheet_of_a_council_is_read(surveyed):
    file = surveyed[SPEND]
    assert (file.status, [str(fault) for fault in file.faults[:5]]) == ("loaded", [])
    assert {reading.layout.layout for reading in file.readings} == {"pssex1_council_sheets"}
    assert {year for reading in file.readings for year in reading.financial_years} == {"2000-01"}
    assert len({council for reading in file.readings for council in reading.councils}) == 150
    assert [reading.sheet for reading in file.readings if not reading.councils] == ["TOTAL England"]
    assert sum(reading.n_cells for reading in file.readings) == 141_163


def test_every_table_of_the_outcomes_framework_is_read(surveyed):
    """England's and Stockton's outcomes of 2024-25, and the one of 2016-17 that is followed by another in brackets."""
    file = surveyed[ASCOF]
    assert (file.status, [str(fault) for fault in file.faults[:5]]) == ("loaded", [])
    assert {reading.layout.layout for reading in file.readings} == {"ascof_workbook"}
    assert len(file.readings) == 25 and sum(reading.n_cells for reading in file.readings) == 21_871
    printed = {}
    for reading in file.readings:
        areas = dict(zip(reading.rows.positions, reading.rows.texts["area"]))
        years = dict(zip(reading.columns.positions, reading.columns.texts["financial_year"]))
        printed |= {(reading.sheet_part, areas[cell.row], years[cell.column]): cell.text for cell in reading.cells}
    assert printed["1a", "E92000001", "2015-16"] == "19.1" and printed["1a", "E06000004", "2024-25"] == "19.1"
    assert printed["2e(1)", "E92000001", "2024-25"] == "81.4" and printed["2c", "E92000001", "2024-25"] == "592.5"
    assert printed["1c", "E92000001", "2016-17"] == "7.7 (7.6)"
    assert printed["1a", "E92000001", "2020-21"] == "[x]" and printed["2d(2)", "E06000063", "2024-25"] == "[c]"
    assert printed["6b", "E92000001", "2024-25"] == "81.7" and printed["6b", "E92000001", "2023-24"] == "80.3"


def test_every_other_file_says_why_in_one_line(surveyed):
    assert surveyed.keys() - LOADED.keys() - {SPEND, ASCOF} == {CHILDREN}
    assert surveyed[CHILDREN].reason and "\n" not in surveyed[CHILDREN].reason
    assert surveyed[CHILDREN].status == NOT_LOADED and "children aged 0 to 17 alone" in surveyed[CHILDREN].reason


def test_ro3_agrees_with_rsx_and_with_what_is_printed_of_a_council(surveyed):
    """Thousands of pounds: Stockton's adult social care, total expenditure and net current expenditure, of 2024-25."""
    [ro3] = surveyed["outturn/RO3_LA_Data_2024-25_data_by_LA.ods"].readings
    [rsx] = surveyed["outturn/RSX_LA_Data_2024-25_data_by_LA.ods"].readings
    total = "TOTAL ADULT SOCIAL CARE"
    for reading, line in ((ro3, total), (rsx, "adult social care")):
        areas = dict(zip(reading.rows.positions, reading.rows.texts["council_code"]))
        lines = dict(zip(reading.columns.positions, zip(reading.columns.texts["line"],
                                                        reading.columns.texts["component"])))
        found = {lines[cell.column]: float(cell.text) for cell in reading.cells if areas[cell.row] == "114"}
        found = {part: value for (of, part), value in found.items() if of.lower().startswith(line.lower())}
        assert (found["Total Expenditure"], found["Net Current Expenditure"]) == (111_381.01, 77_533.01)
