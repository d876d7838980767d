"""Small, whole files of every layout, made here cell by cell: every line the layout has, but a handful of councils.

A builder returns a grid, rows of cells as printed; tests bend it and write it as CSV, XLSX or Parquet. Nothing of a
published file is in here: figures follow from a formula, header texts from the layout's own YAML.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import raw
from orchestration.home import project_folder
from orchestration.landing import Grid
from orchestration.layouts import COMPONENTS, Layout, load_layouts

COUNCILS = {"102": "Cumbria", "104": "Northumberland", "114": "Stockton on Tees", "213": "Wakefield", "702": "Camden",
            "912": "Devon"}
UNITARY = {"104", "114"}
YEARS = ("2008-09", "2009-10", "2010-11", "2011-12", "2012-13", "2013-14")
REGIONS = {"NW": "North West", "NE": "North East", "YH": "Yorkshire and Humber", "L": "London", "SW": "South West"}
REGION_OF = {"102": "NW", "104": "NE", "114": "NE", "213": "YH", "702": "L", "912": "SW"}


@dataclass(frozen=True)
class Style:
    """How one year's PSS EX1 file is printed."""

    above: tuple[str, ...]
    first_cell: str
    england: str
    has_references: bool
    label: str
    footnotes: tuple[str, ...]


_SPACED, _TIGHT = "{code} - {name} ", "{code}-{name}{ua}"
_LONG_TITLE = "Personal Social Services: Expenditure and Unit Costs, England - {year} Final Release"
_NOTES = ("", "All data relating to numbers of people are rounded to the nearest 5",
          "England totals include estimates for missing data items", "", "Copyright © 2014. All Rights Reserved.", "")
STYLES = {
    "2008-09": Style((_LONG_TITLE, ""), "", "TOTAL England", True, _SPACED, _NOTES),
    "2009-10": Style(("Final Detailed Unit Cost, England {year}",), "", "Total England", False, _TIGHT,
                     ("", "Please note", ". means not applicable", ".. means data not available")),
    "2010-11": Style(("Personal Social Services Expenditure Unit Cost {year}", "Final Results"), "", "Total England",
                     False, _TIGHT, ("", "")),
    "2011-12": Style(("Personal Social Services Expenditure Unit Cost {year}", "Final Results"), "COUNCIL", "England",
                     False, _TIGHT, ("", "Please note", "- means suppressed, less than 6", *_NOTES)),
    "2012-13": Style((_LONG_TITLE, ""), "", "TOTAL England", True, _SPACED, _NOTES),
    "2013-14": Style((_LONG_TITLE, ""), "", "TOTAL England", True, _SPACED, _NOTES),
}


def layout(name: str) -> Layout:
    return next(found for found in load_layouts() if found.layout == name)


def pssex1(year: str, codes: list[str] | None = None) -> Grid:
    """PSS EX1 unit costs of one year, printed as that year was."""
    style = STYLES[year]
    codes = codes or list(COUNCILS)
    columns = pssex1_columns(year)
    rows = [[text.format(year=year)] for text in style.above]
    rows.append([style.first_cell, *pssex1_header(year)])
    if style.has_references:
        rows.append(["", *(line for line, _ in columns)])
        rows.append(["", *(part.replace("_", " ").title() for _, part in columns)])
    for place, code in enumerate(codes, start=1):
        label = style.label.format(code=code, name=COUNCILS[code], ua=" UA" if code in UNITARY else "")
        rows.append([label, *pssex1_values(year, place, len(columns))])
    rows.append([style.england, *pssex1_values(year, 40 * len(codes), len(columns))])
    rows += [[text] for text in style.footnotes]
    return padded(rows)


def pssex1_columns(year: str) -> list[tuple[str, str]]:
    """Line and component of every column after the first."""
    known = layout("pssex1_unit_costs")
    without = known.editions[year].without
    return [(line.line, part) for line in known.lines if line.line not in without for part in COMPONENTS]


def pssex1_header(year: str) -> list[str]:
    known = layout("pssex1_unit_costs")
    lines = {line.line: line for line in known.lines}
    misprints = {(misprint.line, misprint.component): misprint.printed for misprint in known.editions[year].misprints}
    end = str(int(year[:4]) + 1)
    texts = []
    for line, part in pssex1_columns(year):
        text = misprints.get((line, part), getattr(lines[line], part))
        texts.append(re.sub(r"31 March( \d{4})?", f"31 March {end}", text))
    if year == "2011-12":
        texts[0] = texts[0].replace("2012 (£", "2012(£")
        assert "31 March 2012(£000's)" in texts[0]
    return texts


def pssex1_values(year: str, size: int, count: int) -> list[str]:
    """Triples in which the unit cost is the numerator by the denominator, with the year's markers here and there."""
    values: list[str] = []
    for number in range(count // 3):
        numerator, denominator = size * (300 + 7 * number), size * (400 + 3 * number)
        cost = 1000 * numerator / denominator
        whole = year == "2010-11" or (year == "2011-12" and number % 2)
        triple = [f"{numerator:,}", f"{denominator:,}", f"{cost:,.0f}" if whole else f"{cost:,.1f}"]
        if size == 3 and number % 20 == 5:
            triple = ["..", "..", ".."]
        elif size == 3 and number % 20 == 6:
            triple = ["0", "0", "."]
        elif size == 2 and number % 20 == 7 and year == "2011-12":
            triple[1] = "-"
        elif size == 2 and number % 20 == 7 and year == "2009-10":
            triple[2] = "#NUM!"
        elif size == 2 and number % 20 == 8:
            triple = ["-128", "", ""]
        values += triple
    return values


def ascfr_lines() -> list[list[str]]:
    """Support type, age, reason, service and provision of the 72 lines of ASC-FR 2014-15."""
    with (project_folder() / "seeds" / "reference" / "measure_line.csv").open(encoding="utf-8", newline="") as file:
        return [row["line"].split("|") for row in csv.DictReader(file) if row["collection"] == "ascfr"]


def ascfr(codes: list[str] | None = None) -> Grid:
    """ASC-FR 2014-15 unit costs: councils, their regions and England as columns."""
    codes = codes or list(COUNCILS)
    regions = list(dict.fromkeys(REGION_OF[code] for code in codes))
    rows = [["", "", "", "", "", "", *(REGION_OF[code] for code in codes), *regions, "Eng"],
            [*layout("ascfr_2014_15_unit_costs").row_labels.values(), *(f"{code} - {COUNCILS[code]}" for code in codes),
             *(REGIONS[region] for region in regions), "England"]]
    # As published, short term rows carry a space after the reason.
    for number, (support, age, reason, service, provision) in enumerate(ascfr_lines()):
        printed_reason = f"{reason} " if support == "Short term" and reason else reason
        for part in ("Numerator", "Denominator", "Unit costs"):
            sizes = range(1, len(rows[1]) - 5)
            rows.append([support, age, printed_reason, service, part, provision,
                         *(_ascfr_value(part, number, size) for size in sizes)])
    rows += [[], ["Notes"], ["Unit costs for some lines hold extreme outliers."], [": means not available"]]
    return padded(rows)


def _ascfr_value(part: str, number: int, size: int) -> str:
    numerator, denominator = size * (310 + 7 * number) / 10, size * (40 + 3 * number)
    if size == 2 and number % 9 == 4:
        return {"Numerator": "-12.5", "Denominator": "", "Unit costs": "."}[part]
    if size == 3 and number == 5:
        return {"Numerator": "$0.00 ", "Denominator": ":", "Unit costs": "."}[part]
    return {"Numerator": f"{numerator:.2f}", "Denominator": str(denominator),
            "Unit costs": f"{1000 * numerator / denominator:.2f}"}[part]


def long_returns(years: tuple[str, ...] = ("2008-09", "2009-10"), codes: tuple[str, ...] = ("111", "114")) -> Grid:
    """Unit costs in the project's own long layout."""
    rows = [list(layout("carequartile_unit_costs").columns)]
    for year in years:
        for code in codes:
            for number, line in enumerate(("2.7", "2.9", "2.10")):
                numerator, denominator = 3492 + 11 * number, 3406 + 13 * number
                printed = (f"{numerator:,}", f"{denominator:,}", f"{1000 * numerator / denominator:,.1f}")
                rows += [[year, "final", code, "A council", line, part, text, "the published file", "13", "Z"]
                         for part, text in zip(COMPONENTS, printed)]
    return rows


def peer_set(name: str = "ours", council: str = "114", peers: tuple[str, ...] = ("111", "112", "113")) -> Grid:
    rows = [list(layout("carequartile_peer_set").columns)]
    return rows + [[name, "2024", council, peer, str(rank)] for rank, peer in enumerate(peers, start=1)]


def rulings() -> Grid:
    return [list(layout("carequartile_ruling").columns),
            ["learning_disability_residential_unit_cost", "114", "2008-09", "accept", "", "A. Reader", "2026-11-24",
             "checked with the council, by letter"],
            ["learning_disability_residential_unit_cost", "*", "2009-10", "correct", "1,012.5", "A. Reader",
             "2026-11-24", "the council's own ledger"]]


EVERY = {
    **{f"pssex1_{year}": (lambda year=year: pssex1(year)) for year in YEARS},
    "ascfr_2014_15": ascfr, "long": long_returns, "peer_set": peer_set, "ruling": rulings,
}


def padded(rows: Grid) -> Grid:
    width = max(len(row) for row in rows)
    return [row + [""] * (width - len(row)) for row in rows]


def csv_bytes(grid: Grid, encoding: str = "cp1252", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(grid)
    return text.getvalue().encode(encoding)


def write_csv(path: Path, grid: Grid, encoding: str = "cp1252", delimiter: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_bytes(grid, encoding, delimiter))
    return path


def write_xlsx(path: Path, sheets: dict[str, Grid], with_numbers: bool = True) -> Path:
    """A workbook; ``with_numbers`` types plain numbers as a spreadsheet would: 12.0 and 2.10 lose their zeros."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for row_number, row in enumerate(grid, start=1):
            for column_number, text in enumerate(row, start=1):
                if text != "":
                    cell = sheet.cell(row_number, column_number)
                    cell.value = float(text) if with_numbers and re.fullmatch(r"-?\d+(\.\d+)?", text) else text
                    if not isinstance(cell.value, float):
                        cell.data_type = "s"
    book.save(path)
    return path


def write_parquet(path: Path, grid: Grid) -> Path:
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" varchar' for name in grid[0])
        connection.execute(f"create table t ({columns})")
        connection.executemany(f"insert into t values ({', '.join('?' * len(grid[0]))})", grid[1:])
        connection.execute(f"copy t to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")
    return path


def copied(grid: Grid) -> Grid:
    return [list(row) for row in grid]


def survey_of(path: Path) -> raw.SurveyedFile:
    """The one file at ``path``, surveyed."""
    return raw.survey([path]).files[0]
