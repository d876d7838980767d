"""Tables whose columns are known by patterns: headers of one row or two, codes above or below, notes, class totals.

The layouts are made here in a few lines of YAML, the grids cell by cell; the published ones are read in the full tests.
"""

import copy

import pytest
import yaml

from orchestration.intake.layouts import Layout
from orchestration.intake.open import OpenedFile
from orchestration.intake.readers import read_file
from orchestration.reference import load_councils

OUTTURN = yaml.safe_load(r"""
layout: outturn
title: An outturn
kind: return
collection: ro3
shape: cross_table
financial_year: {above_header: '(?P<start>20\d\d)-(?P<end>\d\d)'}
header: {search_rows: 12, stack: 1, title: 'Outturn .* care', codes: 'X-[a-z-]+'}
columns: [E-code, ONS Code, Local authority, Class, Certification]
aliases: {Certification: [Certified]}
column_labels:
- {pattern: '^(?P<client_group>.+?) - (?P<component>Employees|Running Expenses|Total)\b'}
set_apart:
- {of: code, pattern: '^X-child'}
area:
  column: ONS Code
  name_column: Local authority
  by: ons_code
  council: '^(?P<code>E(?:06|08|09|10)\d{6})$'
  england: '^E92000001$'
  other: '^E\d{2}$'
  other_by: {Class: '^(SD|O)$'}
  england_row: required
markers: {'[x]': not_submitted, '[low]': low, '': blank}
""")
NAMES = ["E-code", "ONS Code", "Local authority", "Class", "Certification"]
LINES = ["Children's care", "Physical support – adults (18–64)", "Learning disability support [note 2]"]
PARTS = ["Employees (C1)", "Running Expenses (C2)", "Total (C3 = C1 + C2)"]
CODES = [f"X-{line}-{part}" for line in ("child", "phys", "learn") for part in ("empl", "run", "tot")]
ROWS = [
    ["E3831", "E07000223", "Adur", "SD", "Y", *map(str, range(9))],
    ["E0704", "E06000004", "Stockton-on-Tees", "UA", "Y", "1", "2", "3", "10", "20", "30", "7", "8", "15"],
    ["E3033", "E10000024", "Nottinghamshire [note 4]", "SC", "[x]", *["[x]"] * 9],
    ["E6803", "", "Lee Valley Regional Park Authority", "O", "Y", *["0"] * 9],
    ["Eng", "E92000001", "ENGLAND", "Eng", "[Y]", "5", "5", "10", "50", "60", "110", "9", "[low]", "9"],
    [*NAMES, *[f"{line} - {part}" for line in LINES for part in PARTS]],
    ["[Y]", "E06", "Unitary Authorities", "UA", "54", *["4"] * 9],
    [""] * 14,
    ["Source: returns of 2024-25, see https://www.gov.uk", *[""] * 7, "12", *[""] * 5],
    ["[note 2]", "Further totals are found in another publication."],
]
TITLES = [["Worksheet 2: Outturn 2024-25: Social care"], ["This worksheet contains two tables. Data are in thousands."]]


def one_row_header():
    """As in 2024-25: one row of headers, the codes below the table."""
    return copy.deepcopy([*TITLES, [*NAMES, *[f"{line} - {part}" for line in LINES for part in PARTS]], *ROWS,
                          [*[""] * 5, *CODES]])


def two_row_header():
    """As in 2022-23: the codes and working rows above, the line merged over its components."""
    lines = [text for line in LINES for text in (line, "", "")]
    return copy.deepcopy([*TITLES, [*[""] * 5, *CODES], [*[""] * 4, "Row_no", *map(str, range(9))], [*[""] * 5, *lines],
                          [*NAMES[:4], "Certified", *[f"{part}{n}" for n, part in enumerate(PARTS * 3)]], *ROWS])


def read(grid, layout=OUTTURN, sheet="Data_202425", others=()):
    file = OpenedFile(None, "a.ods", sha256="0" * 64, grids={**dict(others), sheet: grid})
    readings, matches = read_file(file, [Layout.model_validate(layout)], load_councils())
    return readings, matches


def values(grid, **options):
    """Every value by council (or England), what its column says, and its text."""
    [reading], _ = read(grid, **options)
    assert [str(fault) for fault in reading.faults] == []
    areas = dict(zip(reading.rows.positions, zip(reading.rows.texts["area_kind"], reading.rows.texts["council_code"])))
    lines = dict(zip(reading.columns.positions, zip(reading.columns.texts["client_group"],
                                                    reading.columns.texts["component"])))
    return {(areas[cell.row], lines[cell.column]): cell.text for cell in reading.cells}


@pytest.mark.parametrize("grid", [one_row_header, two_row_header])
def test_a_cell_is_what_its_row_and_its_headers_say(grid):
    found = values(grid())
    adults, learning = "Physical support - adults (18-64)", "Learning disability support"
    stockton, notts, england = ("council", "114"), ("council", "512"), ("england", "")
    notts = next(area for area, _ in found if area[0] == "council" and area != stockton)
    assert found[stockton, (adults, "Total")] == "30" and found[stockton, (learning, "Running Expenses")] == "8"
    assert found[notts, (adults, "Employees")] == "[x]" and found[england, (learning, "Running Expenses")] == "[low]"
    # Three areas, two lines of three components: no district, no class total, no children's service.
    assert len(found) == 18 and {area for area, _ in found} == {stockton, notts, england}


def test_what_is_not_read_is_noted():
    [reading], _ = read(one_row_header())
    notes = [(note.kind, note.text) for note in reading.notes]
    assert (("set_apart", "Adur") in notes and ("set_apart", "Unitary Authorities") in [(k, t) for k, t in notes]) or (
        "set_apart", "E06") in notes
    assert ("heading", "E-code") in notes and ("set_apart", "3 columns of other services") in notes
    assert sum(kind == "footnote" for kind, _ in notes) == 2
    assert reading.financial_years == ["2024-25"] and reading.sheet_year == "2024-25"


def test_sheets_without_a_table_are_passed_over():
    cover = [["Outturn of social care 2024-25"], ["We welcome comments."]]
    form = [["Outturn of social care"], ["Code", "Line", "Employees (C1)", "Total (C3)"], ["10", "Centres", "5", "9"]]
    notes = [["Note", "Text"], ["[note 1]", "See above."], ["[x]", "Not received"]]
    readings, _ = read(one_row_header(), others={"Front": cover, "LA_drop-down": form, "Notes": notes})
    assert [(reading.sheet, reading.faults) for reading in readings] == [("Data_202425", [])]


def test_a_table_that_moved_is_found():
    grid = [[""] * 3, *one_row_header()]
    assert values(grid) == values(one_row_header())
    moved = [["", *row] for row in one_row_header()]
    assert values(moved) == values(one_row_header())


def test_a_table_of_another_subject_is_not_this_one():
    grid = one_row_header()
    grid[0][0] = "Worksheet 2: Outturn 2024-25: Highways"
    readings, [match] = read(grid)
    assert readings == [] and match.score < 0.5


def put(row, column, text):
    def change(grid):
        grid[row][column] = text
    return change


def drop_column(column):
    def change(grid):
        for row in grid:
            del row[column:column + 1]
    return change


def add_row(row, at=-1):
    return lambda grid: grid.insert(at, row)


def swap(first, second):
    def change(grid):
        grid[first], grid[second] = grid[second], grid[first]
    return change


SPOILED = {
    "a renamed column": (put(2, 9, "Physical support - Numbers"), "header_matches", "an added or renamed column"),
    "a column twice": (put(2, 9, "Physical support – adults (18–64) - Employees (C1)"), "header_matches", "again"),
    "a text for a number": (put(4, 9, "n/k"), "cell_is_number_or_marker", "'n/k'"),
    "a council twice": (add_row(ROWS[1]), "council_once", "appears 2 times"),
    "no England": (lambda grid: grid.pop(7), "file_complete", "no row for England"),
    "an unknown area": (put(4, 1, "E06999999"), "council_known", "'Stockton-on-Tees'"),
    "a council above the header": (swap(1, 4), "header_matches", "above the header"),
    "a row cut short": (lambda grid: grid[4].__delitem__(slice(10, None)), "file_complete", "the row ends at column"),
    "no year": (put(0, 0, "Worksheet 2: Outturn of social care"), "financial_year_printed", "no financial year"),
    "another year in the title": (put(1, 0, "Returns of 2023-24"), "financial_year_printed", "2023-24 there or"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_table_is_refused(name):
    spoil, rule, words = SPOILED[name]
    grid = one_row_header()
    spoil(grid)
    [reading], _ = read(grid, sheet="Data")
    assert any(fault.rule == rule and words in fault.found and fault.next_step for fault in reading.faults), [
        str(fault) for fault in reading.faults]


def test_the_name_of_a_sheet_that_contradicts_its_title_is_a_fault():
    [reading], _ = read(one_row_header(), sheet="Data_202223")
    assert [fault.rule for fault in reading.faults] == ["financial_year_printed"]


def test_a_line_that_lost_a_component_is_a_fault():
    layout = copy.deepcopy(OUTTURN)
    del layout["set_apart"]
    grid = one_row_header()
    drop_column(9)(grid)
    [reading], _ = read(grid, layout)
    assert [fault.rule for fault in reading.faults] == ["line_complete"]
    assert "has no Running Expenses" in reading.faults[0].found


# --- several years, and sheets that are measures ----------------------------------------------------------------------

OUTCOMES = yaml.safe_load(r"""
layout: outcomes
title: Outcomes
kind: return
collection: ascof
shape: cross_table
header: {title: '^Table'}
columns: [Code, Council]
column_labels:
- {pattern: '^(?P<start>20\d\d) to (?P<end>20\d\d) - (?P<component>.+)$'}
sheet_labels:
- {of: name, pattern: '^Table_(?P<line>\w+)$'}
area: {column: Code, by: code, council: '^(?P<code>\d{3}|[A-Z]\d[A-Z]\d[A-Z])$', england: '^England$', other: '^[A-Z]$'}
markers: {'[z]': not_applicable, '': blank}
""")


def outcomes():
    return [["Table of something"],
            ["Code", "Council", *(f"{year} to {year + 1} - {part}" for year in (2022, 2023)
                                  for part in ("n", "outcome"))],
            ["England", "England", "9", "50", "9", "55"], ["S", "Shire Counties", "[z]", "[z]", "1", "2"],
            ["102", "Cumbria", "4", "40.5", "[z]", "[z]"], ["W8X1Q", "Westmorland", "[z]", "[z]", "6", "70"]]


def test_each_column_has_its_year_and_each_sheet_its_line():
    readings, _ = read(outcomes(), OUTCOMES, "Table_2a", {"Table_1a": outcomes()})
    assert [reading.faults for reading in readings] == [[], []]
    second = next(reading for reading in readings if reading.sheet == "Table_2a")
    assert second.financial_years == ["2022-23", "2023-24"] and set(second.rows.texts["line"]) == {"2a"}
    assert second.columns.texts["financial_year"] == ["2022-23"] * 2 + ["2023-24"] * 2
    # A council has no cell for a year in which it was none, unless there is a number.
    assert [(cell.row, cell.column) for cell in second.cells if cell.row > 4] == [(5, 3), (5, 4), (6, 5), (6, 6)]


def test_the_same_table_on_two_sheets_is_refused():
    readings, _ = read(outcomes(), OUTCOMES | {"sheet_labels": []}, "Table_2a", {"Table_1a": outcomes()})
    assert [fault.rule for reading in readings for fault in reading.faults][:1] == ["council_once"]


def test_a_sheet_whose_name_says_nothing_is_refused():
    [reading], _ = read(outcomes(), OUTCOMES, "Sheet1")
    assert "says the line" in reading.faults[0].found


# --- a sheet per council ----------------------------------------------------------------------------------------------

BY_COUNCIL = yaml.safe_load(r"""
layout: by_council
title: A return by council
kind: return
collection: pssex1
shape: cross_table
financial_year: {above_header: '(?P<start>20\d\d)-(?P<end>\d\d)'}
header: {stack: 2, first_cell: ['col a'], title: 'EXPENDITURE'}
row_labels: {code: 1, words: 2}
line: [code]
line_pattern: '[A-Z]{1,2}\d+'
column_labels:
- {pattern: '^Own provision - capital\b', labels: {component: capital charges}}
- {pattern: '^Own provision\b', labels: {component: own provision}}
- {pattern: '^TOTAL\b', labels: {component: total expenditure}}
sheet_labels:
- {of: name, pattern: '^(?P<area>.+)$'}
area: {column: sheet, by: name, council: '^(?!total\b)(?P<name>.+)$', england: '^total england$', other: '^total '}
markers: {'': blank}
""")


def by_council():
    return [["EXPENDITURE IN 2000-01"], ["Service", "", "Own provision", "", "TOTAL"], ["", "", "all", "capital", ""],
            ["col A", "col B", "col C", "col D", "col E = C"], ["A:", "STRATEGY", "", "", ""], ["", "", "", "", ""],
            ["A1", "Management", "1", "2", "3"], ["A2", "TOTAL STRATEGY", "1", "2", "3"],
            ["", "(This should match)", "", "", ""]]


def test_a_sheet_is_a_council_and_a_row_a_line():
    readings, _ = read(by_council(), BY_COUNCIL, "BRISTOL UA", {
        "TOTAL England": by_council(), "TOTAL Shire Counties": by_council(), "213-Wakefield": [["EXPENDITURE"]]})
    found = {reading.sheet: reading for reading in readings}
    assert [fault for reading in readings for fault in reading.faults] == []
    bristol = found["BRISTOL UA"]
    assert bristol.councils and set(bristol.rows.texts["council_code"]) == set(bristol.councils)
    assert bristol.rows.texts["line"] == ["A1", "A2"] and len(bristol.cells) == 6
    assert bristol.columns.texts["component"] == ["own provision", "capital charges", "total expenditure"]
    assert set(found["TOTAL England"].rows.texts["area_kind"]) == {"england"}
    # A class of councils is passed over where councils are read beside it.
    assert "TOTAL Shire Counties" not in found


def test_a_value_row_that_is_no_line_is_refused():
    grid = by_council()
    grid.append(["", "something", "5", "", ""])
    [reading], _ = read(grid, BY_COUNCIL, "BRISTOL UA")
    assert [fault.rule for fault in reading.faults] == ["line_complete"]
