"""The revenue outturn as published: RO3, RSX and RS, each a few authorities made in the publisher's shape."""

import pytest

from orchestration.intake.layouts import load_layouts
from orchestration.intake.open import OpenedFile
from orchestration.intake.readers import read_file, say_what_is_absent
from orchestration.reference import coded_lines, expected_lines, load_councils, terms

NAMES = ["E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class", "Certification"]
PARTS = ["Employees (C1)", "Running Expenses (C2)", "Total Expenditure (C3 = C1 + C2)", "Sales, Fees and Charges (C4)",
         "Other Income (C5)", "Total Income (C6 = C4 + C5)", "Net Current Expenditure (C7 = C3 - C6)"]
ENDS = ["empl", "run-exp", "tot-exp", "sfc", "oth-inc", "tot-inc", "net-cur-exp"]
LINES = [("Children's social care - Youth Justice", "cscyth"),
         ("Learning disability support - adults (18–64)", "asclrnadl"),
         ("Social support: Support for carer - adults (18-64)", "ascsclcrradl"),
         ("Social support: Support for carer - older people (65+)", "ascsclcrrold"),
         ("TOTAL ADULT SOCIAL CARE [note 2]", "asctot"), ("Health at work", "phwrk")]
AREAS = [["E3831", "E07000223", "Adur", "", "SD", "SD", "Y"],
         ["E7050", "E23000036", "Avon & Somerset Police and Crime Commissioner", "", "O", "Police", "Y"],
         ["E6803", "E6803", "Lee Valley Regional Park Authority", "", "O", "Park", "N"],
         ["E0704", "E06000004", "Stockton-on-Tees UA", "", "UA", "UA", "Y"],
         ["E0305", "E06000040", "Windsor & Maidenhead UA", "M", "UA", "UA", "[x]"],
         ["Eng", "E92000001", "ENGLAND", "", "Eng", "Eng", "[Y]"],
         NAMES,
         ["[Y]", "E06", "Unitary Authorities", "", "UA", "UA", "54"],
         ["E5100", "E12000007", "Greater London Authority", "", "O", "GLA", "0"]]
TITLE = "Worksheet 2: Revenue Outturn (RO) 2025-26: Social Care and Public Health Services (RO3) data"
MEMORANDUM = "TOTAL ADULT SOCIAL CARE [note 2] - Adult Social Care - agency staff memorandum item"


def amounts(area, n):
    """Seven amounts a line, which add up as the publisher's do; none where the return was not received."""
    first = 100 * n
    return ["[x]"] * 7 if area[3] == "M" else [str(value) for value in (
        first, 2 * first, 3 * first, first // 10, first // 5, 3 * first // 10, 3 * first - 3 * first // 10)]


def all_amounts(area, lines):
    return [amount for n in lines for amount in amounts(area, n)]


def ro3(codes=True):
    header = [*NAMES, *[f"{line} - {part}" for line, _ in LINES for part in PARTS], MEMORANDUM]
    rows = [header if area is NAMES else [*area, *all_amounts(area, range(len(LINES))), "7"]
            for area in AREAS]
    hidden = [*[""] * 7, *[f"RO3-{code}-{end}" for _, code in LINES for end in ENDS], "RO3-ascsvmem-run-exp"]
    return [[TITLE], ["This worksheet contains two tables. Data are reported in £ thousand."], header, *rows,
            *([hidden] if codes else [])]


def ro3_with_codes_above(exchanged=False):
    """As in 2022-23: hidden rows of codes above, a header of two rows, components numbered by the workbook."""
    codes = [f"RO3-{code}-{end}" for _, code in LINES for end in ENDS]
    if exchanged:
        one, other = codes.index("RO3-ascsclcrradl-tot-inc"), codes.index("RO3-ascsclcrrold-tot-inc")
        codes[one], codes[other] = codes[other], codes[one]
    rows = ro3()[3:-1]
    places = [f"C{part + 1}R{line}" for line in range(len(LINES)) for part in range(7)]
    lines = [text for line, _ in LINES for text in (line, *[""] * 6)]
    components = [f"{PARTS[n % 7]}{n or ''}" for n in range(7 * len(LINES))]
    names = [*NAMES[:-1], "Certified"]
    return [[TITLE], ["Rows 3-4 are hidden."], [*[""] * 7, *codes, "RO3-ascsvmem-run-exp"], [*[""] * 7, *places],
            [*[""] * 7, *lines, "Adult Social Care - agency staff memorandum item"], [*names, *components, "Running"],
            *[[*names, *components, "Running"] if row[0] == "E-code" else row for row in rows]]


def read(grid, sheet="RO3_LA_Data_202526", others=None):
    file = OpenedFile(None, "outturn.ods", sha256="0" * 64, grids={sheet: grid, **(others or {})})
    readings, _ = read_file(file, load_layouts(), load_councils())
    say_what_is_absent(readings)
    return readings


def values(reading):
    """Text by council (or England), line and component."""
    assert [str(fault) for fault in reading.faults] == []
    areas = dict(zip(reading.rows.positions, reading.rows.texts["council_code"]))
    columns = reading.columns
    said = dict(zip(columns.positions, zip(columns.texts["line"], columns.texts["component"])))
    return {(areas[cell.row], *said[cell.column]): cell.text for cell in reading.cells}


@pytest.mark.parametrize("grid", [ro3(), ro3(codes=False), ro3_with_codes_above()], ids=["below", "none", "above"])
def test_ro3_reads_adult_lines_of_councils_and_england(grid):
    [reading] = read(grid)
    found = values(reading)
    assert reading.layout.layout == "revenue_outturn_ro3" and reading.financial_years == ["2025-26"]
    assert {area for area, *_ in found} == {"114", "618", ""}
    assert {line for _, line, _ in found} == {
        "Learning disability support - adults (18-64)", "Social support: Support for carer - adults (18-64)",
        "Social support: Support for carer - older people (65+)", "TOTAL ADULT SOCIAL CARE"}
    assert len(found) == 3 * 4 * 7
    assert found["114", "Learning disability support - adults (18-64)", "Net Current Expenditure"] == "270"
    assert found["618", "TOTAL ADULT SOCIAL CARE", "Total Income"] == "[x]"
    assert reading.layout.markers["[x]"] == "not_submitted"


def test_a_line_is_its_words_where_the_hidden_codes_are_exchanged():
    """In the workbook of 2022-23 two columns of carers bear each other's codes; the words over them are right."""
    [reading] = read(ro3_with_codes_above(exchanged=True))
    found = values(reading)
    for line, n in (("adults (18-64)", 2), ("older people (65+)", 3)):
        whole = f"Social support: Support for carer - {line}"
        assert found["114", whole, "Total Income"] == str(30 * n)
        parts = [float(found["114", whole, part]) for part in ("Sales, Fees and Charges", "Other Income")]
        assert sum(parts) == float(found["114", whole, "Total Income"])


def test_every_word_of_ro3_is_known_and_whole():
    [reading] = read(ro3())
    for name in ("client_group", "age_band"):
        assert all((name, text.lower()) in terms("ro3") for text in reading.columns.texts[name])
    assert {("quantity", text.lower()) in terms("ro3") for text in reading.columns.texts["component"]} == {True}
    assert coded_lines("ro3", "2025-26") == {}
    # Of the lines of the year, those that are not there are counted.
    assert any("a part of a return: 4 of" in odd for odd in reading.oddities), reading.oddities
    assert len(expected_lines("revenue_outturn_ro3", "2024-25")) == 29
    assert len(expected_lines("revenue_outturn_ro3", "2022-23")) == 31


def test_an_adult_line_without_a_column_stops_the_file():
    grid = [[cell for n, cell in enumerate(row) if n != 7 + 7 + 2] if len(row) > 8 else row for row in ro3()]
    [reading] = read(grid)
    assert [fault.rule for fault in reading.faults] == ["line_complete"]
    assert "has no Total Expenditure" in str(reading.faults[0])


def test_a_renamed_adult_line_is_a_line_no_one_knows():
    grid = [[cell.replace("Learning disability support", "Learning needs") for cell in row] for row in ro3()]
    [reading] = read(grid)
    assert reading.faults == [] and ("client_group", "learning needs - adults (18-64)") not in terms("ro3")
    assert "Learning needs - adults (18-64)" in reading.columns.texts["line"]
    said = " ".join(odd for odd in reading.oddities if "no one knows" in odd)
    assert "no one knows client group 'learning needs - adults (18-64)' (7 lines or cells): left out" in said
    assert not any("no one knows" in odd for odd in read(ro3())[0].oddities)


def test_rsx_reads_one_service_of_many():
    services = ["Education services", "Children Social Care", "Adult Social Care", "Total Service Expenditure"]
    # The CSV of 2022-23 breaks headers over lines and leaves out a space.
    header = [*NAMES[:-1], "Certified", *[f"{name}{'-' if n % 2 else ' -  '} {part}".replace(" (", "\n (")
                                          for n, name in enumerate(services) for part in PARTS]]
    rows = [header if area is NAMES else [*area, *all_amounts(area, range(1, 5))] for area in AREAS]
    title = [["Worksheet 2: Revenue Outturn (RO) 2022-23: Service Expenditure Summary (RSX) data"]]
    [reading] = read([*title, header, *rows], sheet="")
    assert reading.layout.layout == "revenue_outturn_rsx" and reading.faults == []
    areas = dict(zip(reading.rows.positions, reading.rows.texts["council_code"]))
    assert [cell.text for cell in reading.cells if areas[cell.row] == "114"] == amounts(AREAS[3], 3)
    assert not any("part of a return" in odd for odd in reading.oddities)


def rs(year, subject, column="Social care", second=False):
    names = ["E-code", "Local authority", "", "Class", ""]
    rows = [["E0702", "Middlesborough UA", "", "UA", ""], ["E2201", "The Medway Towns UA", "", "UA", ""],
            ["E2401", "Leicester City UA", "", "UA", ""], ["E3001", "City of Nottingham UA", "", "UA", ""],
            ["E3421", "Staffordshire (e)", "", "SC", ""], ["E1031", "Amber Valley", "", "SD", ""],
            ["E6803", "Lee Valley Regional Park Authority", "", "O", ""], ["", "ENGLAND", "", "", ""],
            ["", "CLASS BREAKDOWN", "", "", ""], ["", "LONDON BOROUGHS", "", "L", ""]]
    filler = [""] * 60
    return [[f"Revenue Outturn Summary (RS): {year} data for England"], [], [f"{subject} (£ thousand)"],
            [*names, "Education services", column, *filler, *([column] if second else [])],
            *[[*row, *([] if row[1].startswith("CLASS") else [str(n), str(100 + n), *filler, *(["9"] * second)])]
              for n, row in enumerate(rows)], ["Notes"], ["1. Released on the web."]]


def test_rs_reads_three_sheets_and_every_spelling():
    sheets = {f"RS LA Data 2010-11 ({n})": rs("2010-11", subject, second=n == 1) for n, subject in enumerate(
        ("Net current expenditure", "Capital charges", "Net total cost (excl. specific grants)"), start=1)}
    form = {"RS10 LA drop-down": [["Revenue Outturn Summary (RS): 2010-11"], ["Line", "Social care"], ["1", "2"]]}
    first, *others = sheets.items()
    readings = read(first[1], sheet=first[0], others={**dict(others), **form})
    assert [fault for reading in readings for fault in reading.faults] == []
    assert [reading.rows.texts["council_code"][:5] for reading in readings] == [["112", "821", "509", "512", "413"]] * 3
    assert [len(reading.cells) for reading in readings] == [6] * 3
    said = [reading.rows.texts.get("component", reading.columns.texts.get("component"))[0] for reading in readings]
    assert [terms("rs")["quantity", text.lower()] for text in said] == [
        "rs_net_current_expenditure", "rs_capital_charges", "rs_net_total_cost"]
    # The second block is the same services on another basis of accounting.
    assert [cell.text for cell in readings[0].cells] == ["100", "101", "102", "103", "104", "107"]


def test_a_sheet_keeps_its_year_when_its_content_is_stored_elsewhere():
    """A large landing is read in another process, and its sheets' contents are dropped before they are loaded."""
    for name, grid in (("RS LA Data 2017-18", rs("2017-18", "Net current expenditure", "Adult Social Care")),
                       ("RO3_LA_Data_202526", ro3())):
        [reading] = read(grid, sheet=name)
        year, counts = reading.sheet_year, (reading.n_rows, reading.n_cells)
        assert year in ("2017-18", "2025-26")
        reading.drop_content()
        assert (reading.sheet_year, (reading.n_rows, reading.n_cells), len(reading.cells)) == (year, counts, 0)


def test_a_sheet_of_capital_charges_is_no_part_of_a_return():
    """Net current expenditure is the line every file has; it is on another sheet of the same workbook."""
    sheets = {"RS LA Data 2010-11 (1)": rs("2010-11", "Net current expenditure"),
              "RS LA Data 2010-11 (2)": rs("2010-11", "Capital charges")}
    first, second = sheets.items()
    readings = read(first[1], sheet=first[0], others=dict([second]))
    assert [odd for reading in readings for odd in reading.oddities if "part of a return" in odd] == []


def test_rs_tells_adults_from_all_social_care():
    for year, column, slug in (("2010-11", "Social care", "personal_social_services"),
                               ("2017-18", "Adult Social Care", "adult_social_care")):
        [reading] = read(rs(year, "Net current expenditure", column), sheet=f"RS LA Data {year}")
        assert terms("rs")["client_group", reading.columns.texts["client_group"][0].lower()] == slug
