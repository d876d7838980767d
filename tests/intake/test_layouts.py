"""Proves what each layout reads of its cells: year, area, line and component, and what it leaves out.

That the whole files of ``builders`` read without a fault, cell by cell and alike as CSV and as a workbook, is
proved in ``test_reading``; workbooks with a sheet per quantity are read here.
"""

import csv
from collections import Counter

import builders
import pytest
from sampling import sampled

from orchestration.home import project_folder
from orchestration.intake.layouts import load_layouts, normalise
from orchestration.intake.recognise import identify


@pytest.fixture
def read(tmp_path):
    """Reads a grid (as CSV) or a book of sheets (as XLSX), which must be without a fault."""

    def of(built, with_numbers=False):
        if isinstance(built, dict):
            path = builders.write_xlsx(tmp_path / "book.xlsx", built, with_numbers)
        else:
            path = builders.write_csv(tmp_path / "return.csv", built, "utf-8-sig")
        file = builders.survey_of(path)
        assert [str(fault) for fault in file.faults] == []
        assert file.status == "loaded", file.reason
        return file.readings

    return of


def facts(reading):
    """Every cell with all of its labels."""
    by_position = {}
    for label in reading.labels:
        by_position.setdefault((label.axis, label.position), {})[label.dimension] = label.text
    return [{"text": cell.text, "row": cell.row, **by_position.get(("row", cell.row), {}),
             **by_position.get(("column", cell.column), {})} for cell in reading.printed]


def texts(reading, **wanted):
    """The printed texts of the cells that all of this describes."""
    return [fact["text"] for fact in facts(reading) if wanted.items() <= fact.items()]


def notes(reading, kind):
    return [note.text for note in reading.notes if note.kind == kind]


def kinds(reading):
    return dict(Counter(fact["area_kind"] for fact in facts(reading)))


# --- workbooks of several sheets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sampled(builders.BOOKS, 2))
def test_a_whole_workbook_reads_cell_by_cell(read, name):
    layout, build = builders.BOOKS[name]
    book = build()
    readings = read(book)
    assert {reading.layout.layout for reading in readings} == {layout}
    assert len({reading.sheet_id for reading in readings}) == len(readings)
    for reading in readings:
        grid = book[reading.sheet]
        assert reading.n_cells > 0
        assert all(cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.printed)
        assert len({(cell.row, cell.column) for cell in reading.printed}) == reading.n_cells


@pytest.mark.parametrize("name", builders.BOOKS)
def test_a_sheet_of_a_workbook_is_one_layouts(name):
    layout, build = builders.BOOKS[name]
    for sheet, grid in build().items():
        known = [match.layout.layout for other in load_layouts() if (match := identify(grid, sheet, [other]))
                 and match.is_recognised]
        assert known in ([layout], []), sheet


def test_a_workbook_is_read_whatever_the_order_of_its_sheets(read):
    forth = {reading.sheet: facts(reading) for reading in read(builders.pssex1_expenditure())}
    back = {reading.sheet: facts(reading)
            for reading in read(dict(reversed(builders.pssex1_expenditure().items())))}
    assert forth == back and len(forth) == 3


# --- PSS EX1 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "columns"), [("2009-10", 129), ("2010-11", 127), ("2011-12", 127),
                                               ("2012-13", 127), ("2013-14", 127)])
def test_activity_of_every_year(read, year, columns):
    [reading] = read(builders.pssex1_activity(year))
    assert (reading.financial_years, reading.status) == ([year], "final")
    assert reading.councils == sorted(builders.COUNCILS)
    assert kinds(reading) == {"council": 6 * columns, "england": columns}
    assert texts(reading, council_code="104", line="A2.1") == ["40"]
    assert {fact["component"] for fact in facts(reading)} == {"value"}
    assert {"..", "-"} <= {cell.text for cell in reading.printed}
    assert notes(reading, "footnote") == ["Please note", ".. means data not available"]


def test_activity_2008_09_has_code_and_name_in_two_columns(read):
    [reading] = read(builders.pssex1_activity_2008_09())
    assert (reading.financial_years, reading.councils) == (["2008-09"], sorted(builders.COUNCILS))
    assert kinds(reading) == {"council": 6 * 91, "england": 91}
    assert texts(reading, council_code="102", line="A1.2") == ["20"]
    assert {fact["area"] for fact in facts(reading) if fact["area_kind"] == "england"} == {"England"}
    assert notes(reading, "set_apart") == ["1. The numbers presented in the Day Care/ Day Services have changed"]


def test_a_stack_may_be_printed_over_every_column_too(read):
    """Merged cells that a tool has filled in read as those it left blank."""
    merged = builders.pssex1_activity("2012-13")
    filled = builders.copied(merged)
    lines = [text for text in merged[5][1:] if text]
    known = builders.layout("pssex1_activity")
    own = {line.line: line.value for line in known.lines} | known.editions["2012-13"].texts
    for column, line in enumerate(lines, start=1):
        parts = own[line].split(" | ")
        for level in range(4):
            filled[1 + level][column] = parts[level] if level < len(parts) else ""
    assert filled != merged
    assert facts(read(filled)[0]) == facts(read(merged)[0])


def test_unit_costs_2007_08_leave_out_statistics_and_headings(read):
    [reading] = read({"Explanation": [["Notes"]], "unit costs 2007-08 (S)": builders.pssex1_unit_costs_2007_08()})
    assert (reading.financial_years, reading.councils) == (["2007-08"], sorted(builders.COUNCILS))
    assert kinds(reading) == {"council": 6 * 74 * 3}
    assert {"Shire Counties", "England", "Adjusted1 Average", "Quartile 25%", "Maximum"} <= {
        *notes(reading, "set_apart"), *notes(reading, "footnote")}
    assert texts(reading, council_code="114", line="1.2") == ["..", "0", "."]
    assert texts(reading, council_code="102", line="PAF-B8", component="denominator") == ["400.0"]


@pytest.mark.parametrize("year", ["2006-07", "2007-08"])
def test_expenditure_has_a_sheet_per_quantity_and_councils_by_name(read, year):
    book = builders.pssex1_expenditure(year)
    readings = read(book)
    assert [reading.sheet_component for reading in readings] == [
        "sales fees and charges", "net current expenditure", "gross current expenditure"]
    for number, reading in enumerate(readings, start=1):
        assert (reading.financial_years, reading.councils) == ([year], builders.named(year))
        lines = {fact["line"] for fact in facts(reading)}
        assert {"E13", "I9"} & lines if year == "2006-07" else {"D3", "D13"} <= lines
        assert kinds(reading) == {"council": len(reading.councils) * len(lines), "england": len(lines)}
        assert {fact["component"] for fact in facts(reading)} == {reading.sheet_component}
        first = next(iter(lines & {"A1", "C1"}), None) or min(lines)
        [england] = texts(reading, area_kind="england", line=first)
        assert int(england) % (400 * number) == 0
        # The names repeated under the last line, and working columns, are not figures.
        assert not any(text.startswith("F") for text in reading.cells.texts)


def test_a_name_in_another_published_spelling_is_the_same_council(read):
    with (project_folder() / "seeds" / "reference" / "council_name.csv").open(encoding="utf-8", newline="") as file:
        spellings = {row["council_code"]: row["printed"] for row in csv.DictReader(file)}
    book, codes = builders.pssex1_expenditure(), builders.named()
    assert len(spellings.keys() & set(codes)) >= 3
    for sheet in builders.EXPENDITURE_SHEETS["2007-08"]:
        book[sheet][2][3:3 + len(codes)] = [
            f" {spellings.get(code, text)} UA" for code, text in zip(codes, book[sheet][2][3:])]
    assert [reading.councils for reading in read(book)] == [codes] * 3


def test_the_england_series_has_a_column_per_year(read):
    readings = read(builders.pssex1_england_series())
    assert [reading.sheet_component for reading in readings] == ["gross current expenditure", "net current expenditure"]
    for number, reading in enumerate(readings, start=1):
        assert reading.financial_years[0] == "1994-95" and len(reading.financial_years) == 14
        assert "1999-00" in reading.financial_years
        assert kinds(reading) == {"england": 126 * 14}
        assert len({fact["line"] for fact in facts(reading)}) == 126
        assert texts(reading, line="HEADING 1|Line 0", financial_year="1999-00") == [str(number * 1900 + 35)]
        assert texts(reading, line="HEADING 0|Line 4", financial_year="1994-95") == [".."]


def test_published_files_take_precedence_over_extracts(read):
    [series] = read(builders.pssex1_england_series_extract())
    assert (series.layout.precedence, series.financial_years) == (2, ["1994-95", "1999-00", "2007-08"])
    assert kinds(series) == {"england": 24}
    assert texts(series, financial_year="1994-95") == [".."] * 8
    assert {fact["line"] for fact in facts(series)} == {
        f"{section}|{line}" for section in ("ADULTS' SERVICES", "OLDER PEOPLE")
        for line in ("Strategic management", "Home care")}
    [extract] = read(builders.pssex1_extract())
    assert extract.layout.precedence == 2
    assert (extract.financial_years, extract.councils) == (["2004-05", "2006-07"], ["204", "323", "712", "912"])
    assert kinds(extract) == {"council": 16 * 12, "england": 4 * 12, "other": 4 * 12}
    assert len({fact["component"] for fact in facts(extract)}) == 12
    assert texts(extract, component="income from nhs", financial_year="2004-05") == [""] * 12


# --- ASC-FR -----------------------------------------------------------------------------------------------------------


def test_expenditure_2014_15_reads_a_repeated_line_once(read):
    [reading] = read(builders.ascfr_expenditure())
    assert kinds(reading) == {"council": reading.n_cells}
    count = builders.layout("ascfr_2014_15_expenditure").line_count
    assert len(notes(reading, "repeated")) == 40
    assert reading.n_cells == 6 * (count - 40)
    lines = {(fact["line"], fact["component"]) for fact in facts(reading)}
    assert len(lines) == count - 40
    assert {fact["service"] for fact in facts(reading)} >= {"Long term|Nursing", "Non Salt Totals|Total"}
    assert "Non Salt Totals|" not in {fact["service"] for fact in facts(reading)}
    assert {component for _, component in lines} == set(builders._CATEGORIES)
    # A trailing blank in a reason is the publisher's and does not make another reason.
    assert {fact["client_group"] for fact in facts(reading) if fact["service"].startswith("Short term")} == set(
        builders._REASONS)


def test_voluntary_unit_costs_are_distinguished_by_their_order(read):
    grid = builders.ascfr_voluntary()
    [reading] = read(grid)
    assert reading.n_cells == 6 * builders.layout("ascfr_2014_15_voluntary").line_count
    found = [fact for fact in facts(reading) if fact["component"] == "Denominator" and fact["council_code"] == "102"
            and (fact["age_band"], fact["client_group"]) == ("Age 75 to 84", "Sensory support")]
    assert [(fact["service"], fact["provision"]) for fact in sorted(found, key=lambda fact: fact["row"])] == [
        ("Long term|Nursing", "Denominator"), ("Long term|Residential", "All"),
        ("Long term|Residential", "Own provision"), ("Long term|Residential", "Provision by others"),
        ("Long term|Residential and nursing care", "All"),
        ("Long term|Residential and nursing care", "LA supported only")]
    named = {row for row, cells in enumerate(grid, start=1)
             if cells[4] in ("All", "LA supported only", "Own provision", "Provision by others")}
    assert named and not named & set(reading.cells.rows)
    # An amount appears once and needs nothing to distinguish it.
    amounts = {fact["provision"] for fact in facts(reading) if fact["component"] == "Net current expenditure"}
    assert amounts == {"Net current expenditure"}


def test_activity_2014_15_keeps_answers_as_notes(read):
    [reading] = read(builders.ascfr_activity())
    assert kinds(reading) == {"council": 83 * 6, "region": 83 * 5, "england": 83}
    assert notes(reading, "answers") == ["Capital charges | Included"]
    assert not {"Yes", "No"} & set(reading.cells.texts)
    assert {fact["component"] for fact in facts(reading) if not fact["age_band"]} == {
        "Internal home care provision|Hourly rate", "External home care provision|Hourly rate",
        "Number of SALT clients|"}


def test_the_bridging_file_holds_two_years(read):
    [reading] = read(builders.ascfr_bridging())
    assert reading.financial_years == ["2013-14", "2014-15"]
    assert reading.layout.term_set == "ascfr_bridging"
    years = Counter(fact["financial_year"] for fact in facts(reading))
    assert years["2014-15"] + years["2013-14"] == 98 * 12 and min(years.values()) > 500
    line = "Total expenditure on home care services|Adults aged 18 to 64"
    assert len(texts(reading, line=line, financial_year="2013-14", component="Income: total", council_code="114")) == 1


def test_2015_16_activity_and_additional(read):
    [activity] = read(builders.ascfr_2015_16_activity())
    assert (activity.financial_years, kinds(activity)) == (["2015-16"], {"council": 48})
    assert {fact["component"] for fact in facts(activity)} == {"weeks"}
    assert activity.cells.texts.count("") == 5
    assert {fact["service"] for fact in facts(activity)} == {"Long term|Residential|-"}
    [additional] = read(builders.ascfr_2015_16_additional())
    assert {fact["component"] for fact in facts(additional)} == {"Bridging Year|Expenditure", "Bridging Year|Income"}
    assert {fact["data_type"] for fact in facts(additional)} == {"Mandatory", "Voluntay"}
    assert ":" in additional.cells.texts


def test_deferred_payments_are_distinguished_by_their_uuid(read):
    [reading] = read(builders.ascfr_2015_16_deferred_payments())
    assert (reading.financial_years, reading.councils) == (["2014-15", "2015-16"], ["104", "114", "702"])
    assert {fact["component"] for fact in facts(reading)} == {"91101", "91102"}
    assert Counter(reading.cells.texts)["*"] == 8


@pytest.mark.parametrize(("build", "cells"), [(builders.ascfr_2016_17_totals, 36), (builders.ascfr_2016_17_activity, 6),
                                              (builders.ascfr_2016_17_additional, 2)])
def test_2016_17_rows_without_a_council_are_regions_and_england(read, build, cells):
    [reading] = read(build())
    assert reading.financial_years == ["2016-17"] and reading.councils == sorted(builders.COUNCILS)
    assert kinds(reading) == {"council": 6 * cells, "region": 2 * cells, "england": cells}
    assert {fact["area"] for fact in facts(reading) if fact["area_kind"] != "council"} == {
        "E12000001", "E12000002", "E92000001"}
    assert {fact["council_code"] for fact in facts(reading) if fact["area_kind"] != "council"} == {""}


def test_2016_17_totals_have_six_amounts_a_row(read):
    [reading] = read(builders.ascfr_2016_17_totals())
    assert texts(reading, council_code="102", age_band="1", client_group="5") == [f"10{n}.30718" for n in range(6)]
    assert {fact["component"] for fact in facts(reading)} == set(
        builders.layout("ascfr_2016_17_totals").quantity.columns.values())


@pytest.mark.parametrize(("name", "year", "councils", "found"), [
    ("descriptions_2017-18", "2017-18", sorted(builders.COUNCILS), {"council": 24}),
    ("descriptions_2019-20", "2019-20", ["104", "114", "738"], {"council": 12}),
    ("descriptions_2021-22", "2021-22", ["104", "114", "U6Q5Z", "Z9D4Z"], {"council": 16, "region": 8, "england": 4})])
def test_descriptions_of_three_kinds_of_year(read, name, year, councils, found):
    [reading] = read(builders.EVERY[name]())
    assert (reading.layout.layout, reading.financial_years) == ("ascfr_descriptions", [year])
    assert (reading.councils, kinds(reading)) == (councils, found)
    assert {fact["service"] for fact in facts(reading)} == {f"Long Term Care|{setting}|||"
                                                            for setting in ("Nursing", "Residential")}
    finance = "9" if year == "2021-22" else ""
    assert {fact["component"] for fact in facts(reading)} == {f"Expenditure|Gross Current Expenditure|{finance}|"}
    assert reading.cells.texts.count("[x]") == (year == "2021-22")


# --- other returns ----------------------------------------------------------------------------------------------------


def test_outturn_is_matched_by_ons_codes_and_leaves_out_districts(read):
    [outturn] = read(builders.ro3())
    assert (outturn.financial_years, outturn.councils) == (["2008-09", "2013-14"], sorted(builders.COUNCILS))
    assert kinds(outturn) == {"council": 6 * 36, "england": 36}
    assert len({fact["component"] for fact in facts(outturn)}) == 9
    [summary] = read(builders.rs())
    assert kinds(summary) == {"council": 12, "other": 2, "england": 2}
    assert {fact["area"] for fact in facts(summary) if fact["area_kind"] == "other"} == {"Allerdale"}
    assert summary.councils == sorted(builders.COUNCILS)


def test_ascof_leaves_out_classes_of_councils(read):
    [reading] = read(builders.ascof())
    assert (reading.financial_years, reading.layout.collection) == (["2017-18", "2023-24"], "ascof")
    assert kinds(reading) == {"council": 30, "region": 6, "other": 12, "england": 6}
    assert {fact["area"] for fact in facts(reading) if fact["area_kind"] == "other"} == {
        "Shire County", "Unitary Authority"}
    # Measures were lettered anew in 2023-24, and the kind of measure is blank there.
    assert {fact["component"] for fact in facts(reading)} == {"value"}
    assert texts(reading, line="1E|Male", financial_year="2017-18", area="England") == ["2.5"]
    assert "[x]" in reading.cells.texts


# --- reference tables -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mid_year", ["2018", "2024"])
def test_estimates_without_a_year_are_known_by_englands_total(read, mid_year):
    [reading] = read(builders.mid_year_estimates(mid_year))
    assert (reading.sheet_year, reading.financial_years) == (mid_year, [])
    assert notes(reading, "footnote") == ["Estimates are of the resident population"]
    [note] = [note for note in reading.notes if note.kind == "mid_year"]
    assert (note.row, note.column) == (3, 4)
    assert texts(reading, field="18")[-1] == "921"


def test_a_workbook_of_estimates_prints_its_year_and_men_and_women_are_not_read(read):
    book = builders.mid_year_workbook("2026")
    [reading] = read(book)
    assert (reading.sheet, reading.sheet_year) == ("MYE2 - Persons", "2026")
    [note] = [note for note in reading.notes if note.kind == "mid_year"]
    assert note.text == "2026" and "mid-2026" in book[reading.sheet][note.row - 1][note.column - 1]


@pytest.mark.parametrize(("vintage", "day"), [("22 December 2023", "2023-12-22"), ("28 March 2024", "2024-03-28"),
                                              ("1 October 2026", "2026-10-01")])
def test_the_deflator_says_its_vintage(read, vintage, day):
    [reading] = read(builders.gdp_deflator(vintage))
    assert reading.published_on == day
    assert {fact["field"] for fact in facts(reading)} == set(builders.layout("gdp_deflator_published").columns)
    years = texts(reading, field="Financial year")
    assert years[0] == "2015-16" and years[-1] == "2027-28 (1), (2)"
    assert texts(reading, field="2022-23 = 100")[-5:] == ["-"] * 5
    assert texts(reading, field="2022-23 = 100")[7] == "99.999"
    assert len(notes(reading, "footnote")) == 2


def test_deprivation_takes_its_year_from_the_header(read):
    for edition in ("2013", "2019"):
        readings = read(builders.deprivation(edition))
        assert [(reading.sheet, reading.sheet_year) for reading in readings] == [("IMD", edition), ("Income", edition)]
        assert all(len(reading.councils) == 5 for reading in readings)


@pytest.mark.parametrize("name", builders.PLAIN_REFERENCES)
def test_a_reference_table_keeps_every_column(read, name):
    grid = builders.reference(name)
    [reading] = read(grid)
    assert {fact["field"] for fact in facts(reading)} == set(grid[0])
    assert reading.n_cells == len(grid[0]) * 6
    assert len(reading.councils) == 6 * len(reading.layout.ons_codes)


def test_a_derived_table_is_known_and_not_loaded(tmp_path):
    file = builders.survey_of(builders.write_csv(tmp_path / "x.csv", builders.derived_totals()))
    assert file.status == "not_loaded" and not file.faults
    assert "row 7 has GBP 14,840.4m for u65 learning disability in 2017-18, published are 4,946.8m (3.00 times)" in (
        file.reason)
    assert "2014-15" not in file.reason


# --- a renamed column -------------------------------------------------------------------------------------------------

ODD = "Something else"


@pytest.mark.parametrize("name", [name for name, (layout, _) in builders.KNOWN_AS.items()
                                  if builders.layout(layout).shape != "line_columns"])
def test_a_renamed_label_is_refused_or_named(tmp_path, name):
    layout = builders.layout(builders.KNOWN_AS[name][0])
    grid = builders.EVERY[name]()
    row = identify(grid, "", [layout]).header_row
    # The second column that the layout knows by its text.
    known = [column for column, text in enumerate(grid[row]) if normalise(text) in layout.known_headers]
    was, grid[row][known[1]] = grid[row][known[1]], ODD
    file = builders.survey_of(builders.write_csv(tmp_path / "x.csv", grid, "utf-8-sig"))
    own = layout.column_names.get(normalise(was), was)
    if file.faults:
        assert {reading.layout.layout for reading in file.readings} == {layout.layout}
        assert {fault.rule for fault in file.faults} == {"header_matches"}
        assert {fault.row for fault in file.faults} == {row + 1}
        assert f"no column {own!r}" in file.faults[0].found
        assert (known[1] + 1, True) in [(fault.column, ODD in fault.found) for fault in file.faults]
    else:
        assert file.status == "not_recognised"
        assert f"nearest is {layout.layout}," in file.reason
        assert repr(ODD) in file.reason and repr(normalise(own)) in file.reason


@pytest.mark.parametrize("name", [name for name, (layout, _) in builders.KNOWN_AS.items()
                                  if builders.layout(layout).shape == "line_columns"])
def test_a_renamed_line_is_refused_with_its_location(tmp_path, name):
    layout = builders.layout(builders.KNOWN_AS[name][0])
    grid = builders.EVERY[name]()
    row = identify(grid, "", [layout]).header_row
    grid[row][30] = ODD
    file = builders.survey_of(builders.write_csv(tmp_path / "x.csv", grid, "utf-8-sig"))
    fault = file.faults[0]
    assert (fault.rule, fault.row, fault.column) == ("header_matches", row + 1, 31)
    assert ODD in fault.found and {fault.rule for fault in file.faults} == {"header_matches"}


@pytest.mark.parametrize("name", ["ascfr_expenditure", "ascfr_voluntary", "ascfr_activity", "ascfr_bridging"])
def test_a_renamed_council_is_refused_with_its_location(tmp_path, name):
    grid = builders.EVERY[name]()
    column = grid[1].index("114 - Stockton on Tees")
    grid[1][column] = "Stockton"
    [fault] = builders.survey_of(builders.write_csv(tmp_path / "x.csv", grid)).faults
    assert (fault.rule, fault.row, fault.column) == ("header_matches", 2, column + 1)


def test_a_renamed_council_of_the_expenditure_workbook_names_the_nearest(tmp_path):
    book = builders.pssex1_expenditure()
    header = book["Net Current Expenditure"][2]
    header[6] = f"{header[6]}x"
    [fault] = builders.survey_of(builders.write_xlsx(tmp_path / "x.xlsx", book, False)).faults
    assert (fault.rule, fault.sheet, fault.row, fault.column) == ("header_matches", "Net Current Expenditure", 3, 7)
    assert repr(header[6]) in fault.found
    assert f"nearest: {builders.named()[3]} {header[6].removesuffix('x')}" in fault.expected


def test_a_renamed_year_of_the_england_series_is_refused_with_its_location(tmp_path):
    book = builders.pssex1_england_series()
    row = next(number for number, cells in enumerate(book["Gross Current Expenditure"]) if "1994-95" in cells)
    for column, text in ((3, ODD), (1, "1994"), (5, "1998-98"), (4, "1995-96"), (6, "")):
        bent = {sheet: builders.copied(grid) for sheet, grid in book.items()}
        bent["Gross Current Expenditure"][row][column] = text
        faults = builders.survey_of(builders.write_xlsx(tmp_path / "x.xlsx", bent, False)).faults
        assert [(fault.rule, fault.sheet, fault.row, fault.column) for fault in faults] == [
            ("header_matches", "Gross Current Expenditure", row + 1, column + 1)], text


def test_a_renamed_column_of_persons_is_named(tmp_path):
    book = builders.mid_year_workbook()
    book["MYE2 - Persons"][4][3] = ODD
    [fault, *_] = builders.survey_of(builders.write_xlsx(tmp_path / "x.xlsx", book, False)).faults
    assert (fault.rule, fault.sheet, fault.row) == ("header_matches", "MYE2 - Persons", 5)
    assert fault.found == "no column 'All ages'"


@pytest.mark.parametrize(("name", "sheet", "bend"), [
    ("deprivation_2019", "IMD", lambda header: header.__setitem__(3, ODD)),
    # Too many unknown names for this to be recognised as a row of councils.
    ("expenditure_2007-08", "Net Current Expenditure",
     lambda header: header.__setitem__(slice(4, 14), [f"{ODD} {place}" for place in range(10)])),
    ("england_series", "Net Current Expenditure", lambda header: header.__setitem__(slice(2, 6), [ODD] * 4))])
def test_a_sheet_that_is_nearly_like_the_others_is_not_skipped(tmp_path, name, sheet, bend):
    """Otherwise the file would load without the sheet, and no message would say so."""
    layout, build = builders.BOOKS[name]
    book = build()
    row = identify(book[sheet], sheet, [builders.layout(layout)]).header_row
    bend(book[sheet][row])
    file = builders.survey_of(builders.write_xlsx(tmp_path / "x.xlsx", book, False))
    assert [(fault.rule, fault.sheet, fault.row) for fault in file.faults] == [("header_matches", sheet, row + 1)]
