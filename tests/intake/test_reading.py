"""Proves that every layout is known by its header and read cell by cell, whatever the format."""

import datetime as dt
import re
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import builders
import pytest
from sampling import sampled

from orchestration.intake import grids
from orchestration.intake.layouts import COMPONENTS, load_layouts
from orchestration.intake.readers import financial_year
from orchestration.intake.recognise import identify
from orchestration.survey import EMBEDDED, survey_landing

RETURNS = [name for name, (known_as, _) in builders.KNOWN_AS.items() if builders.layout(known_as).kind == "return"]


def read(path):
    file = builders.survey_of(path)
    assert [str(fault) for fault in file.faults] == []
    assert file.status == "loaded", file.reason
    [reading] = file.readings
    return reading


def described(reading):
    """Every cell as printed, with its labels but not where they were printed."""
    labels = {}
    for label in reading.labels:
        labels.setdefault((label.axis, label.position), {})[label.dimension] = label.text
    return [(cell.text, *(sorted(labels.get((axis, position), {}).items())
                          for axis, position in (("row", cell.row), ("column", cell.column), ("sheet", 0))))
            for cell in reading.printed]


@cache
def expected_of(name):
    """The cells of a whole file of ``builders``, as its CSV reads: worked out once for all the forms it may come in."""
    with tempfile.TemporaryDirectory() as folder:
        return described(read(builders.write_csv(Path(folder) / "plain.csv", builders.EVERY[name]())))


def value(reading, code, line, component):
    """The printed text of one figure, whatever the shape of its table."""
    found = []
    for text, row, column, _ in described(reading):
        says = dict(row) | dict(column)
        if (says["council_code"], says["line"], says["component"]) == (code, line, component):
            found.append(text)
    [text] = found
    return text


@pytest.mark.parametrize("name", sampled(builders.EVERY, 25))
def test_a_whole_file_reads_without_a_fault_and_cell_by_cell(tmp_path, name):
    grid = builders.EVERY[name]()
    reading = read(builders.write_csv(tmp_path / "return.csv", grid))
    assert reading.layout.layout == builders.KNOWN_AS[name][0]
    assert reading.n_cells > 0
    assert all(cell.text == as_printed(reading, grid, cell) for cell in reading.printed)
    assert len({(cell.row, cell.column) for cell in reading.printed}) == reading.n_cells
    labels = [label for label in reading.labels if label.dimension in ("area", "header", "footnote")]
    assert [label for label in labels if not is_where_it_says(grid, label)] == []


def as_printed(reading, grid, cell):
    """A cell's text in the grid; for a blank cell its marker, if the layout has markers in a separate column."""
    printed, column = grid[cell.row - 1][cell.column - 1], reading.layout.marker_column
    return grid[cell.row - 1][grid[0].index(column)] if column and not printed else printed


def is_where_it_says(grid, label):
    """Whether a label's text is where the label says. Regions and England may have theirs in another column."""
    if label.row is None or label.column is None:
        return label.axis == "column" or label.text == "England"
    row = grid[label.row - 1]
    printed = row[label.column - 1]
    return printed.strip() == label.text.strip() or label.text in [text.strip() for text in row]


HANDS = [("utf-8-sig", ","), ("utf-8", ","), ("utf-16", ","), ("cp1252", ";"), ("utf-8-sig", "\t"), ("utf-16", "\t")]


def in_every_hand():
    """Each layout in each encoding and delimiter; two of the six, in turn, are for `make test` and all for the full."""
    for number, name in enumerate(builders.EVERY):
        for place, hand in enumerate(HANDS):
            is_sample = (number - place) % 3 == 0
            yield pytest.param(name, *hand, marks=() if is_sample else pytest.mark.full)


@pytest.mark.parametrize(("name", "encoding", "delimiter"), sampled(in_every_hand(), 5))
def test_encoding_and_delimiter_change_nothing(tmp_path, name, encoding, delimiter):
    path = builders.write_csv(tmp_path / "other.csv", builders.EVERY[name](), encoding, delimiter)
    assert described(read(path)) == expected_of(name)


@pytest.mark.parametrize("name", sampled(builders.EVERY, 8))
def test_a_workbook_reads_as_its_csv_does(tmp_path, name):
    sheet = builders.SHEET_OF.get(name, "Data")
    sheets = {"Cover": [["Notes"], ["Contact"]], sheet: builders.EVERY[name]()}
    reading = read(builders.write_xlsx(tmp_path / "book.xlsx", sheets, False))
    assert reading.sheet == sheet
    assert described(reading) == expected_of(name)


@pytest.mark.parametrize("name", sampled([name for name in RETURNS if name != "long"], 3))
def test_a_workbook_with_numbers_typed_holds_the_same_numbers(tmp_path, name):
    """Typed cells lose trailing zeros only: 560.0 prints 560, and a reference 2.10 may print 2.1."""
    grid = builders.EVERY[name]()
    expected = {(cell.row, cell.column): cell.text for cell in read(builders.write_csv(tmp_path / "p.csv", grid)).cells}
    for cell in read(builders.write_xlsx(tmp_path / "book.xlsx", {"Data": grid})).cells:
        printed = expected[cell.row, cell.column]
        if re.fullmatch(r"-?\d+(\.\d+)?", printed):
            assert Decimal(cell.text) == Decimal(printed)
        else:
            assert cell.text == printed


@pytest.mark.parametrize("name", ["long", "peer_set", "ruling"])
def test_records_come_in_parquet_too_whatever_the_file_is_called(tmp_path, name):
    grid = builders.EVERY[name]()
    folder = tmp_path / "year=2012"
    folder.mkdir()
    builders.write_parquet(folder / "plain.parquet", grid[:1] + grid[1:2])
    path = builders.write_parquet(folder / "a [1]*?'s.parquet", grid)
    assert described(read(path)) == expected_of(name)


@pytest.mark.parametrize(("year", "columns"), [("2008-09", 192), ("2009-10", 129), ("2010-11", 180), ("2011-12", 180),
                                               ("2012-13", 180), ("2013-14", 180)])
def test_pssex1_of_every_year(tmp_path, year, columns):
    reading = read(builders.write_csv(tmp_path / "x.csv", builders.pssex1(year)))
    assert (reading.layout.layout, reading.financial_years, reading.status) == ("pssex1_unit_costs", [year], "final")
    assert reading.councils == sorted(builders.COUNCILS)
    assert reading.n_cells == columns * (len(builders.COUNCILS) + 1)
    numerator, denominator, cost = (Decimal(value(reading, "102", "2.9", part).replace(",", "")) for part in COMPONENTS)
    assert abs(1000 * numerator / denominator - cost) < 1


def test_2011_12_has_what_only_2011_12_prints(tmp_path):
    grid = builders.pssex1("2011-12")
    assert grid[2][0] == "COUNCIL"
    assert grid[0][0] == "Personal Social Services Expenditure Unit Cost 2011-12"
    assert grid[2][1].endswith("31 March 2012(£000's)")
    assert [row[0] for row in grid[3:10]] == ["102-Cumbria", "104-Northumberland UA", "114-Stockton on Tees UA",
                                              "213-Wakefield", "702-Camden", "912-Devon", "England"]
    reading = read(builders.write_csv(tmp_path / "x.csv", grid))
    texts = {cell.text for cell in reading.printed if cell.row == 4 + 1}
    suppressed = [cell for cell in reading.printed if cell.text == "-"]
    assert suppressed and all(grid[cell.row - 1][cell.column].replace(",", "").strip(".0123456789") == ""
                              for cell in suppressed)
    assert any("." in text for text in texts) and any(text.isdigit() for text in texts)
    footnotes = [label.text for label in reading.labels if label.dimension == "footnote"]
    assert "- means suppressed, less than 6" in footnotes and any(text.startswith("Copyright") for text in footnotes)
    england = [label for label in reading.labels if label.dimension == "area_kind" and label.text == "england"]
    assert [label.row for label in england] == [10]


def test_the_misprint_of_2009_10_keeps_its_line(tmp_path):
    grid = builders.pssex1("2009-10")
    header = grid[1]
    doubled = [text for text in header if header.count(text) > 1]
    assert len(set(doubled)) == 1 and "own provision day care" in doubled[0]
    reading = read(builders.write_csv(tmp_path / "x.csv", grid))
    column = header.index(doubled[0]) + 1
    lines = [label.text for label in reading.labels if (label.position, label.dimension) == (column, "line")]
    assert lines == ["2.38A"]


def test_a_misprint_of_2009_10_is_a_fault_in_another_year(tmp_path):
    grid = builders.pssex1("2010-11")
    header = grid[2]
    own = next(place for place, text in enumerate(header) if text == builders.pssex1_header("2010-11")[place - 1]
               and text.startswith("Gross total cost for own provision day care") and "mental health" in text)
    header[own - 3] = header[own]
    file = builders.survey_of(builders.write_csv(tmp_path / "x.csv", grid))
    assert [(fault.rule, fault.row, fault.column) for fault in file.faults] == [("header_matches", 3, own - 2)]


def test_a_provisional_title_makes_a_provisional_release(tmp_path):
    grid = builders.pssex1("2012-13")
    grid[0][0] = grid[0][0].replace("Final", "Provisional")
    assert read(builders.write_csv(tmp_path / "x.csv", grid)).status == "provisional"


def test_ascfr_2014_15(tmp_path):
    reading = read(builders.write_csv(tmp_path / "x.csv", builders.ascfr()))
    assert (reading.financial_years, reading.councils) == (["2014-15"], sorted(builders.COUNCILS))
    assert reading.n_cells == 72 * 3 * (6 + 5 + 1)
    line = "Long term|Age 18 to 64|Learning disability support|Residential|All"
    assert value(reading, "102", line, "denominator").isdigit()
    texts = {cell.text for cell in reading.printed}
    assert {"$0.00 ", ":", ".", "", "-12.5"} <= texts
    kinds = {label.text for label in reading.labels if label.dimension == "area_kind"}
    assert kinds == {"council", "region", "england"}
    assert not any(label.text.endswith(" ") for label in reading.labels if label.dimension == "line")
    assert len([label for label in reading.labels if label.dimension == "footnote"]) == 3


def test_the_long_layout_holds_several_years(tmp_path):
    reading = read(builders.write_csv(tmp_path / "x.csv", builders.long_returns()))
    assert (reading.financial_years, reading.councils) == (["2008-09", "2009-10"], ["111", "114"])
    assert reading.n_cells == 36
    lines = {label.text for label in reading.labels if label.dimension == "line"}
    assert lines == {"2.7", "2.9", "2.10"}


def test_one_provisional_row_makes_the_long_file_provisional(tmp_path):
    grid = builders.long_returns()
    grid[3][1] = "Provisional"
    assert read(builders.write_csv(tmp_path / "x.csv", grid)).status == "provisional"


def test_columns_of_records_may_be_in_any_order(tmp_path):
    grid = [row[::-1] for row in builders.peer_set()]
    assert {label.text for label in read(builders.write_csv(tmp_path / "x.csv", grid)).labels} == set(grid[0])


def test_two_years_in_one_workbook_are_two_readings(tmp_path):
    path = builders.write_xlsx(tmp_path / "x.xlsx", {year: builders.pssex1(year) for year in ("2010-11", "2012-13")})
    file = builders.survey_of(path)
    assert [(reading.sheet, reading.financial_years) for reading in file.readings] == [
        ("2010-11", ["2010-11"]), ("2012-13", ["2012-13"])]
    assert not file.faults


def test_dates_typed_by_a_spreadsheet_are_dates(tmp_path):
    import openpyxl

    grid = builders.rulings()
    path = builders.write_xlsx(tmp_path / "x.xlsx", {"Rulings": grid})
    book = openpyxl.load_workbook(path)
    book.active.cell(2, grid[0].index("on") + 1).value = dt.datetime(2026, 11, 24)
    book.save(path)
    assert "2026-11-24" in {cell.text for cell in read(path).printed if cell.row == 2}


@pytest.mark.parametrize(("cell", "printed"), [
    (None, ""), (12.0, "12"), (12.5, "12.5"), (1e-07, "0.0000001"), (1e17, "100000000000000000"), (-0.0, "0"),
    (Decimal("0E-8"), "0.00000000"), (Decimal("1E+3"), "1000"), (dt.date(2026, 1, 2), "2026-01-02"),
    (dt.datetime(2026, 1, 2), "2026-01-02"), (dt.datetime(2026, 1, 2, 3), "2026-01-02 03:00:00"), (True, "True"),
    ("12\u00a0", "12 "), (float("nan"), "nan"), (7, "7")])
def test_typed_cells_print_as_a_csv_would(cell, printed):
    assert grids.as_printed(cell) == printed


def test_a_no_break_space_is_a_space_to_every_later_step(tmp_path):
    grid = builders.pssex1("2012-13")
    grid[5][1], grid[5][2] = "\u00a01,234\u00a0", "\u00a0.."
    cells = {(cell.row, cell.column): cell.text for cell in read(builders.write_csv(tmp_path / "x.csv", grid)).cells}
    assert (cells[6, 2], cells[6, 3]) == (" 1,234 ", " ..")


@pytest.mark.parametrize("name", builders.EVERY)
def test_one_layout_knows_a_file_better_than_every_other(name):
    """Similar files of one year share most labels; a whole file matches its own layout in all of them."""
    grid = builders.EVERY[name]()
    matches = [match for layout in load_layouts() if (match := identify(grid, "", [layout])) and match.is_recognised]
    best = max(match.score for match in matches)
    assert [match.layout.layout for match in matches if match.score == best] == [builders.KNOWN_AS[name][0]]


def test_the_file_name_decides_nothing(tmp_path):
    builders.write_csv(tmp_path / "2013-14 peer set.csv", builders.pssex1("2010-11"))
    [file] = survey_landing([tmp_path]).files
    assert file.readings[0].financial_years == ["2010-11"]


def test_the_embedded_default_reads_without_a_fault():
    from orchestration.home import project_folder

    survey = survey_landing([project_folder() / "seeds" / "returns"], EMBEDDED)
    assert not survey.faults
    assert survey.financial_years == ["2008-09", "2009-10", "2010-11"]


@pytest.mark.parametrize(("start", "end", "year"), [
    ("2008", "09", "2008-09"), ("2000", "01", "2000-01"), ("2040", "41", "2040-41"), ("1994", "95", "1994-95"),
    ("1999", "00", "1999-00"), ("1999", "2000", "1999-00"), ("2008", "2009", "2008-09"), ("2099", "00", None),
    ("2041", "42", None), ("1993", "94", None), ("1918", "19", None), ("2008", "10", None), ("2008", "2010", None),
    ("1999", "1900", None), ("2009", "08", None)])
def test_only_years_that_returns_can_be_of(start, end, year):
    assert financial_year(start, end) == year
