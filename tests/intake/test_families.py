"""Proves that files of the known families that are not in the folder load with no change of code.

Each is made in a temporary folder by rewriting a published file into what the other year prints, as the publishers
describe those years: names of columns, codes of councils, markers, order. Figures stay those of the rewritten file.
"""

import csv
import io
import re
from collections import Counter

import builders
import pytest

from orchestration.intake.layouts import load_layouts
from orchestration.intake.open import OpenedFile, open_file
from orchestration.intake.readers import read_file
from orchestration.reference import load_councils

pytestmark = pytest.mark.published

EX1 = "returns/pssex1"
DESCRIPTIONS = "returns/ascfr/2017-18/ascfr_2017-18_gross_current_expenditure_LA.csv"
TOTALS = "returns/ascfr/2016-17/CSV ASCFR Totals.csv"


@pytest.fixture
def published(shared_data):
    """The grids of a published file by sheet."""

    def grids(name):
        return open_file(shared_data / name, name).grids

    return grids


@pytest.fixture
def load(tmp_path):
    """The one reading of a grid written as a CSV file, which must be without a fault."""

    def of(grid, encoding="utf-8-sig"):
        file = builders.survey_of(builders.write_csv(tmp_path / "other year.csv", grid, encoding))
        assert [str(fault) for fault in file.faults[:5]] == []
        assert file.status == "loaded", file.reason
        [reading] = file.readings
        assert all(cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.cells)
        return reading

    return of


def kinds(reading):
    """How many rows each kind of area has."""
    return dict(Counter(label.text for label in reading.labels if label.dimension == "area_kind"))


# --- PSS EX1 ----------------------------------------------------------------------------------------------------------


def test_unit_costs_of_2011_12(published, load):
    """2012-13 as 2011-12 prints it: no rows of references, another title, COUNCIL over the councils, a dash for few."""
    grid = published(f"{EX1}/2012-13/Annex_Fin_CASSR_Level_Unit_Costs_2012_13.csv")[""]
    header = next(number for number, row in enumerate(grid) if sum("31 March" in cell for cell in row) > 50)
    england = next(number for number, row in enumerate(grid) if re.match(r"(total )?england", row[0], re.IGNORECASE))
    rows = [["Personal Social Services Expenditure Unit Cost 2011-12"], ["Final Results"],
            ["COUNCIL", *(cell.replace("31 March 2013", "31 March 2012") for cell in grid[header][1:])]]
    rows += [[re.sub(r"^(\d{3}) - (.*?) *$", r"\1-\2", row[0]), *row[1:]] for row in grid[header + 3:england]]
    rows.append(["England", *grid[england][1:]])
    rows[5][36] = "-"
    reading = load(builders.padded([*rows, [""], ["- means suppressed, less than 6"]]), "cp1252")
    assert (reading.layout.layout, reading.financial_years, reading.status) == (
        "pssex1_unit_costs", ["2011-12"], "final")
    assert (len(reading.councils), len(reading.cells)) == (152, 27_540)
    assert kinds(reading) == {"council": 152, "england": 1}
    assert (6, 37, "-") in {tuple(cell) for cell in reading.cells}


def test_activity_of_2011_12(published, load):
    """2012-13's columns under the texts of 2011-12, which words nine of them otherwise."""
    grid = builders.copied(published(f"{EX1}/2012-13/Annex_Fin_CASSR_Level_Activity_Data_2012_13.csv")[""])
    known = builders.layout("pssex1_activity")
    references = next(number for number, row in enumerate(grid) if "A1.1" in row)
    own = {line.line: line.value for line in known.lines} | known.editions["2011-12"].texts
    lines = [text.strip() for text in grid[references][1:] if text.strip()]
    stack = builders.unstacked([own[line] for line in lines], known.header.stack)
    grid[:references] = [["Personal Social Services Expenditure and Unit Cost, England 2011-12, Final"],
                         *([grid[references][0], *cells] for cells in stack)]
    reading = load(builders.padded(grid), "cp1252")
    assert (reading.layout.layout, reading.financial_years) == ("pssex1_activity", ["2011-12"])
    assert (len(reading.councils), len(reading.cells)) == (152, 19_431)
    assert kinds(reading) == {"council": 152, "england": 1}


def test_expenditure_of_2006_07(published, tmp_path):
    """The sister of expend2008: header in row 8, names in capitals, other names of sheets, the letters of that year."""
    sheets = published(f"{EX1}/2007-08/expend2008 (values only).xls")
    names = {"Sales, Fees and Charges": "Sales, fees and charges 06-07", "Net Current Expenditure":
             "Net expenditure 2006-2007", "Gross Current Expenditure": "Gross expenditure 2006-2007"}
    # Adults' letters are one further down the alphabet before 2007-08.
    letters = {"A": "A", "B": "C", "C": "D", "D": "E", "E": "F", "F": "G", "G": "H", "H": "I"}
    book = {"Content": sheets["Contents"]}
    for sheet, name in names.items():
        header, *rows = [row for row in sheets[sheet] if row][2:]
        rows = [[re.sub(r"^([A-H])(?=\d)", lambda found: letters[found[1]], row[0]), *row[1:]] for row in rows
                if not re.match(r"[M-P]\d", row[0])]
        book[name] = [[f"Council {name}".replace("06-07", "2006-07")], *[[]] * 6,
                      ["", "£ thousands", *(text.upper() for text in header[2:])], *rows]
    file = builders.survey_of(builders.write_xlsx(tmp_path / "expend0607.xlsx", book, False))
    assert [str(fault) for fault in file.faults[:5]] == []
    assert [(reading.sheet, reading.sheet_component) for reading in file.readings] == list(zip(
        names.values(), ("sales fees and charges", "net current expenditure", "gross current expenditure")))
    for reading in file.readings:
        assert (reading.layout.layout, reading.financial_years) == ("pssex1_expenditure", ["2006-07"])
        assert len(reading.councils) == 150
        assert kinds(reading) == {"council": 150, "england": 1}
        assert len(reading.cells) == 151 * len(reading.rows.positions)
        assert {"E1", "E11"} <= set(reading.rows.texts["line"])


# --- ASC-FR -----------------------------------------------------------------------------------------------------------


def test_descriptions_of_2018_19(published, load):
    grid = described(published, 2019)
    reading = load(grid)
    assert (reading.layout.layout, reading.financial_years) == ("ascfr_descriptions", ["2018-19"])
    assert (len(reading.councils), len(reading.cells)) == (152, 15_048)
    assert kinds(reading) == {"council": 15_048}


def test_descriptions_of_2019_20(published, load):
    """The headers lose their _Key; Bournemouth (810) and Poole (811) are one council (738)."""
    grid = without_key(described(published, 2020))
    reading = load(merged(grid, {"810": "738", "811": None}))
    assert (reading.financial_years, len(reading.councils)) == (["2019-20"], 151)
    assert "738" in reading.councils and not {"810", "811"} & set(reading.councils)
    assert len(reading.cells) == 15_048 - 15_048 // 152
    # The earlier codes do not exist in that year.
    assert refused(grid, "810", "811") == "council_known"


def test_descriptions_of_2021_22(published, load):
    """As it was published: columns in another order, whole numbers, a 9, [x], new codes, England and regions."""
    grid = without_key(described(published, 2022))
    grid = merged(grid, {"810": "738", "811": None, "612": "916", "504": "Z9D4Z"})
    names, rows = grid[0], grid[1:]
    at = {name: names.index(name) for name in names}
    rows += [[*replaced(row, at["CASSR"], "U6Q5Z")] for row in rows if row[at["CASSR"]] == "Z9D4Z"]
    lines = [row for row in rows if row[at["CASSR"]] == "104"]
    areas = [*(("Region", f"E1200000{number}", f"Region {number}") for number in range(1, 10)),
             ("England", "E92000001", "England")]
    for level, code, name in areas:
        for line in lines:
            row = list(line)
            for column, text in (("GEOGRAPHY_LEVEL", level), ("CASSR", ""), ("GEOGRAPHY_CODE", ""),
                                 ("DH_GEOGRAPHY_NAME", ""), ("REGION_GO_CODE", code), ("GEOGRAPHY_NAME", name)):
                row[at[column]] = text
            rows.append(row)
    for row in rows:
        row[at["FinanceType"]] = "9"
        row[at["ITEMVALUE"]] = str(round(float(row[at["ITEMVALUE"]] or 0)))
        if row[at["CASSR"]] == "713" and row[at["AgeBand"]] == "18 to 64":
            row[at["ITEMVALUE"]] = "[x]"
    order = [*names[:2], "UUID", "FY_ENDING", *names[4:]]
    grid = [["DATA_Level" if name == "DATA_LEVEL" else name for name in order],
            *([row[at[name]] for name in order] for row in rows)]
    reading = load(grid)
    assert (reading.layout.layout, reading.financial_years) == ("ascfr_descriptions", ["2021-22"])
    assert len(reading.councils) == 152
    assert {"Z9D4Z", "U6Q5Z", "738", "916"} <= set(reading.councils) and "504" not in reading.councils
    assert kinds(reading) == {"council": 152 * 99, "region": 9 * 99, "england": 99}
    unknown = [cell for cell in reading.cells if cell.text == "[x]"]
    assert len(unknown) == sum(1 for row in rows if row[at["ITEMVALUE"]] == "[x]") > 10
    assert {reading.rows.texts["council_code"][reading.rows.positions.index(cell.row)] for cell in unknown} == {"713"}
    assert any("not available ('[x]')" in oddity for oddity in reading.oddities)
    assert {text.split("|")[2] for text in reading.rows.texts["component"]} == {"9"}
    areas_named = {text for kind, text in zip(reading.rows.texts["area_kind"], reading.rows.texts["area"])
                   if kind == "region"}
    assert len(areas_named) == 9


def test_descriptions_of_2023_24(published, load):
    """153 councils: Cumbria in two parts; Somerset and North Yorkshire keep their codes under new ONS codes."""
    grid = merged(without_key(described(published, 2024)),
                  {"810": "738", "811": None, "612": "916", "504": "Z9D4Z", "102": "H6X4G"})
    at = grid[0].index("CASSR")
    for old, new in (("Z9D4Z", "U6Q5Z"), ("H6X4G", "W8X1Q")):
        grid += [replaced(row, at, new) for row in grid[1:] if row[at] == old]
    reading = load(grid)
    assert (reading.financial_years, len(reading.councils)) == (["2023-24"], 153)
    assert {"H6X4G", "W8X1Q", "218", "905"} <= set(reading.councils) and "102" not in reading.councils
    assert len(reading.cells) == 153 * 99


def test_totals_of_2017_18_in_the_keys_of_2016_17(published, load):
    grid = published(TOTALS)[""]
    reading = load([grid[0], *(["2018", *row[1:]] for row in grid[1:])])
    assert (reading.layout.layout, reading.financial_years) == ("ascfr_2016_17_totals", ["2017-18"])
    assert (len(reading.councils), len(reading.cells)) == (151, 250_194)
    assert kinds(reading) == {"council": 151 * 259, "region": 9 * 259, "england": 259}


def described(published, ending):
    """The descriptions of 2017-18 with another year of end."""
    header, *rows = published(DESCRIPTIONS)[""]
    at = header.index("FY_ENDING")
    assert len(rows) == 152 * 99
    return [list(header), *(replaced(row, at, str(ending)) for row in rows)]


def without_key(grid):
    return [[name.removesuffix("_Key") for name in grid[0]], *grid[1:]]


def merged(grid, codes):
    """Councils under the codes of a later year; None takes a council's rows out, as they are in another's."""
    at = grid[0].index("CASSR")
    return [grid[0], *(replaced(row, at, codes.get(row[at], row[at])) for row in grid[1:]
                       if codes.get(row[at], row[at]) is not None)]


def replaced(row, at, text):
    return [*row[:at], text, *row[at + 1:]]


def refused(grid, *codes):
    """The one rule that a grid breaks, over these councils."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(grid)
    landed = OpenedFile(path=None, name="x.csv", grids={"": list(csv.reader(io.StringIO(text.getvalue())))})
    readings, _ = read_file(landed, load_layouts(), load_councils())
    faults = readings[0].faults
    assert {fault.council for fault in faults} == set(codes)
    [rule] = {fault.rule for fault in faults}
    return rule


# --- reference tables -------------------------------------------------------------------------------------------------


@pytest.mark.full
def test_estimates_of_another_year_whose_title_prints_it(published, tmp_path):
    book = {name: grid for name, grid in published("population/ukmidyearestimates20192020ladcodes.xls").items()
            if name.startswith("MYE2")}
    for grid in book.values():
        grid[2] = [text.replace("2019", "2026") for text in grid[2]]
        # No one knows this total yet.
        for row in grid[5:]:
            row[3] = str(int(row[3]) + 1) if row[3].isdigit() else row[3]
    file = builders.survey_of(builders.write_xlsx(tmp_path / "x.xlsx", book))
    assert [str(fault) for fault in file.faults[:5]] == []
    [reading] = file.readings
    assert (reading.layout.layout, reading.sheet, reading.sheet_year) == ("ons_mid_year", "MYE2 - Persons", "2026")
    assert reading.n_cells == 40_470


def test_a_deflator_of_another_vintage(published, load):
    grid = builders.copied(
        published("reference/GDP_Deflators_Qtrly_National_Accounts_December_2023_update.csv")[""])
    was = [(number, column) for number, row in enumerate(grid) for column, text in enumerate(row)
           if "last updated" in text.lower()]
    assert was
    for number, column in was:
        grid[number][column] = re.sub(r"(?i)(last updated) \d+ \w+ 20\d\d", r"\1 28 March 2024", grid[number][column])
    # A year that was a forecast is now an outturn.
    year = next(row for row in grid if row[1].startswith("2023-24"))
    year[1:4] = ["2023-24", "106.099", "6.10"]
    reading = load(grid)
    assert (reading.layout.layout, reading.published_on) == ("gdp_deflator_published", "2024-03-28")
    assert reading.n_cells == 370 and {"106.099", "-"} <= {cell.text for cell in reading.printed}
