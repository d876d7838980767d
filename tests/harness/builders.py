"""Small, whole files of every layout, made here cell by cell: every line the layout has, but a handful of councils.

A builder returns a grid, rows of cells as printed; tests change it and write it as CSV, XLSX or Parquet. Nothing here
comes from a published file: figures follow from a formula, header texts from the layout's own YAML.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import duckdb

from orchestration.home import project_folder
from orchestration.intake.grids import Grid
from orchestration.intake.layouts import COMPONENTS, Layout, load_layouts
from orchestration.reference import load_councils
from orchestration.survey import SurveyedFile, survey_landing

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


# --- PSS EX1: activity, 2007-08 and before ----------------------------------------------------------------------------


def targets() -> Grid:
    return [list(layout("carequartile_target").columns),
            ["learning_disability_residential_unit_cost", "114", "2008-09", "900", "Agreed by the board."],
            ["learning_disability_gross_current_expenditure_per_head", "*", "2017-18", "141.4", "Median."]]


def pssex1_activity(year: str = "2010-11", codes: list[str] | None = None) -> Grid:
    """PSS EX1 activity: a stack of merged cells over a row of references, built from the layout's own texts."""
    known, codes = layout("pssex1_activity"), codes or list(COUNCILS)
    edition = known.editions[year]
    lines = [line for line in known.lines if line.line not in edition.without]
    texts = [edition.texts.get(line.line, line.value).replace("{year}", year) for line in lines]
    rows = [[f"Personal Social Services Expenditure and Unit Cost - England {year} Final"]]
    rows += [["", *cells] for cells in unstacked(texts, known.header.stack)]
    rows.append(["", *(line.line for line in lines)])
    label = _TIGHT if year in ("2009-10", "2010-11", "2011-12") else _SPACED
    for place, code in enumerate(codes, start=1):
        rows.append([label.format(code=code, name=COUNCILS[code], ua=" UA" if code in UNITARY else ""),
                     *activity_values(place, len(lines))])
    rows.append(["Total England", *activity_values(20 * len(codes), len(lines))])
    rows += [[], ["Please note"], [".. means data not available"]]
    return padded(rows)


def pssex1_activity_2008_09() -> Grid:
    """The first activity file: code and name in two columns, five stacked rows, England without a code."""
    known = layout("pssex1_activity_2008_09")
    lines = known.lines
    rows = [["", "Personal Social Services Expenditure and Unit Cost - England 2008-09 Final"], []]
    rows += [["", "", *cells] for cells in unstacked([line.value for line in lines], known.header.stack)]
    rows.append(["", "", *(line.line for line in lines)])
    rows += [[code, name, *activity_values(place, len(lines))]
             for place, (code, name) in enumerate(COUNCILS.items(), start=1)]
    rows += [[], ["", "England", *(f" {value} " for value in activity_values(150, len(lines)))], [],
             ["", "1. The numbers presented in the Day Care/ Day Services have changed"]]
    return padded(rows)


def activity_values(size: int, count: int) -> list[str]:
    """Counts to the nearest five, with the markers here and there."""
    return [".." if size == 3 and number % 20 == 5 else "-" if size == 2 and number % 30 == 7
            else f"{5 * size * (number + 3):,}" for number in range(count)]


def unstacked(texts: list[str], height: int) -> list[list[str]]:
    """The stacked header rows that read as ``texts``: each text once over the columns it is merged over.

    A blank cell continues the one to its left, so a column that leaves a level out must begin above it.
    """
    columns = [(text.split(" | ") + [""] * height)[:height] for text in texts]
    assert all(" | ".join(filter(None, parts)) == text for parts, text in zip(columns, texts))
    begins: set[int] = set()
    while True:
        rows, started, clash = [], [False] * len(columns), None
        for level in range(height):
            last, row = "", []
            for place, parts in enumerate(columns):
                wanted = parts[level]
                is_carried = wanted == last and not started[place] and not (level == 0 and place in begins)
                if wanted and not is_carried:
                    row.append(wanted)
                    started[place] = True
                else:
                    row.append("")
                    if not wanted and last and not started[place]:
                        clash = place
                last = wanted
            rows.append(row)
        if clash is None:
            return rows
        begins.add(clash)


def pssex1_unit_costs_2007_08() -> Grid:
    """The workbook of 2007-08: code and name in two columns, headings of classes, statistics without a code."""
    known = layout("pssex1_unit_costs_2007_08")
    header = [getattr(line, part) for line in known.lines for part in COMPONENTS]
    rows = [["Unit Cost Figures", "", "", "B8  num", "B8  denom", "B8"], ["", "", "", "", "", "B8"], [],
            ["", "", " ", *header], ["", "Shire Counties", "", "", ".", ""]]
    for place, (code, name) in enumerate(COUNCILS.items(), start=1):
        values = [repr(value) for number in range(len(known.lines)) for value in _triple(place, number)]
        if place == 3:
            values[3:6] = ["..", "0", "."]
        rows.append(["", code, name, *values])
    rows += [[], ["", "England"]]
    rows += [["", "", name, *(repr(value) for number in range(len(known.lines)) for value in _triple(100, number))]
             for name in ("Adjusted1 Average", "Minimum", "Quartile 25%", "Median", "Maximum")]
    rows += [[], ["", "..", "means not available"], ["", "-", "means suppressed"]]
    return padded(rows)


def _triple(size: int, number: int) -> tuple[float, float, float]:
    numerator, denominator = size * (300.5 + 7 * number), size * (400.0 + 3 * number)
    return numerator, denominator, round(1000 * numerator / denominator, 9)


EXPENDITURE_SHEETS = {
    "2006-07": ("Sales, fees and charges 06-07", "Net expenditure 2006-2007", "Gross expenditure 2006-2007"),
    "2007-08": ("Sales, Fees and Charges", "Net Current Expenditure", "Gross Current Expenditure"),
}


def named(year: str = "2007-08") -> list[str]:
    """Every fifth council of a year, and those that files call by other names than their own.

    Thirty, because nine names of ten must be known before a row of names is taken for a header.
    """
    day = f"{int(year[:4]) + 1}-03-31"
    valid = [row["council_code"] for row in _seed("council")
             if row["valid_from"] <= day and (not row["valid_to"] or row["valid_to"] >= day)]
    renamed = {row["council_code"] for row in _seed("council_name")} & set(valid)
    return sorted({*valid[::5], *renamed})


def pssex1_expenditure(year: str = "2007-08") -> dict[str, Grid]:
    """PSS EX1 expenditure: a sheet per quantity, a row per line code, councils by name alone."""
    sheets = {"Contents": [["FINANCE STATISTICS OF COUNCIL SOCIAL SERVICES DEPARTMENTS"], ["Contents"]]}
    names = [_council_names()[code] for code in named(year)]
    codes = [row["line"] for row in _seed("coded_line") if row["from_year"] <= year <= row["to_year"]]
    for number, sheet in enumerate(EXPENDITURE_SHEETS[year], start=1):
        if year == "2006-07":
            rows = [[f"Council Personal Social Services {sheet}"], *[[]] * 5, ["England, 2006-07"],
                    ["Line", "£ thousands", "ENGLAND", *(name.upper() for name in names)]]
        else:
            rows = [[f"Council Personal Social Services {sheet}, PSS EX1 {year}"], [],
                    [f"England, {year}", "£ thousands", "England", *names]]
        rows += [["", "ADULTS' SERVICES"], [], ["A:", "SERVICE STRATEGY: Adults' services"]]
        for line, code in enumerate(codes):
            values = [str(number * (1000 + 13 * line) * place) for place in (400, *range(1, len(names) + 1))]
            if line == 3:
                values[2] = ".."
            # A working column that the publisher left behind.
            rows.append([code, f"Line {code} of the return", *values, "", f"F{line}" if line < 3 else ""])
        rows.append([])
        if number == 3:
            rows.append(["", "", "", *names])
        rows.append(["Source: PSS EX1"])
        sheets[sheet] = padded(rows)
    return sheets


def pssex1_england_series() -> dict[str, Grid]:
    """England by line: years run across, lines are under headings and may have the same name under two of them."""
    known = layout("pssex1_england_series")
    years = [f"{start}-{(start + 1) % 100:02d}" for start in range(1994, 2008)]
    years[5] = "1999-2000"
    sheets = {"Contents": [["Contents"], ["Sheet 1"]]}
    for number, sheet in enumerate(("Gross Current Expenditure", "Net Current Expenditure"), start=1):
        rows = [[], [f"{sheet} by Client Group 1994-95 to 2007-08"], [], ["England"], ["", *years]]
        for line in range(known.line_count):
            if line % 18 == 0:
                rows += [[], [f"HEADING {line // 18}"]]
            rows.append([f"Line {line % 18}", *(".." if line % 18 == 4 and place < 6 else
                                                 str(number * 100 * (line + 1) + 7 * place) for place in range(14))])
        rows += [[], ["1. Footnote"]]
        sheets[sheet] = padded(rows)
    return sheets


def pssex1_england_series_extract() -> Grid:
    return records("pssex1_england_series_extract", [
        {"measure": measure, "section": section, "line": line, "financial_year": year,
         "value_gbp_000": "" if year < "1996" else f"{100 + 7 * number}", "marker": ".." if year < "1996" else ""}
        for number, (measure, section, line, year) in enumerate(product(
            ("gross_current_expenditure", "net_current_expenditure"), ("ADULTS' SERVICES", "OLDER PEOPLE"),
            ("Strategic management", "Home care"), ("1994-95", "1999-00", "2007-08")))])


def pssex1_extract() -> Grid:
    """Client group totals by council name; England and the classes are among the councils."""
    names = [_council_names()[code] for code in ("204", "323", "712", "912")]
    columns = layout("pssex1_extract").quantity.columns
    return records("pssex1_extract", [
        {"financial_year": year, "fy_ending": str(int(year[:4]) + 1), "council_name_raw": name,
         "client_group": "learning_disability_u65", "line_code": code, "line_description": f"Line {code}",
         **{column: "" if "nhs" in column and year == "2004-05" else f"{number * 10 + place}.4"
            for place, column in enumerate(columns)}}
        for number, (year, name, code) in enumerate(product(
            ("2004-05", "2006-07"), (*names, "TOTAL England", "Total Shire Counties"), ("E3", "E11")), start=1)])


# --- ASC-FR -----------------------------------------------------------------------------------------------------------

_CATEGORIES = (
    "Gross total cost: own provision", "Gross total cost: provision by others",
    "Gross total cost: grants to voluntary org", "Gross total cost: total expenditure", "Income: client contributions",
    "Income: joint arrangements", "Income: Income from NHS", "Income: other income", "Income: total",
    "Net total expenditure", "Gross total expenditure", "Capital charges: own provision",
    "Capital charges: provision by others", "Net current expenditure", "Gross current expenditure", "Gross SSMSS")
_REASONS = ("Physical support", "Sensory support", "Support with memory and cognition", "Learning disability support",
            "Mental health support")
_SETTINGS = ("Nursing", "Residential", "Supported accommodation", "Community: Direct Payments", "Community: home care",
             "Community: supported living", "Community: other long term care", "Total")


def _wide(name: str, lines: list[list[str]], regions: bool, seen: dict[tuple[str, ...], int] | None = None) -> Grid:
    """A file of ASC-FR 2014-15 with a column per council; ``seen`` gives two rows one number."""
    labels = list(layout(name).row_labels.values())
    codes = list(COUNCILS)
    areas = [f"{code} - {council}" for code, council in COUNCILS.items()]
    above = [REGION_OF[code] for code in codes]
    if regions:
        areas += [REGIONS[region] for region in dict.fromkeys(above)] + ["England"]
    rows = [[""] * len(labels) + above, [*labels, *areas]]
    for number, line in enumerate(lines):
        number = number if seen is None else seen.setdefault(tuple(line), len(seen))
        rows.append([*line, *(_wide_value(line, number, place) for place in range(1, len(areas) + 1))])
    return padded([*rows, [], ["Notes"], [": means not available"]])


def _wide_value(line: list[str], number: int, place: int) -> str:
    if line[3] == "Capital charges":
        return "Yes" if place % 2 else "No"
    if place == 2 and number % 9 == 4:
        return ":"
    return "$0.00 " if place == 3 and number == 5 else f"{place * (310 + 7 * number) / 10:.2f}"


def ascfr_expenditure() -> Grid:
    """ASC-FR 2014-15 expenditure: every line of the layout, since only their number shows that the table is complete.

    Totals outside SALT appear twice with the same numbers, and once more without the word Total.
    """
    ages = ("Age 18 to 64", "Age 65 and over")
    lines = [["Long term", age, reason, setting, category]
             for age, reason, setting, category in product(ages, _REASONS, _SETTINGS, _CATEGORIES)]
    lines += [["Short term", age, f"{reason} ", purpose, category] for age, reason, purpose, category in product(
        ages, _REASONS, ("To maximise independence", "Other short term", "Total"), _CATEGORIES)]
    reasons = ["Social care activities", "Information and early intervention", "Commissioning and service delivery",
               "Assistive equipment and technology", *(f"Social support: {number}" for number in range(99))]
    wanted = layout("ascfr_2014_15_expenditure").line_count - len(lines)
    totals = [["Non Salt Totals", age, reason, "Total", category]
              for reason, age, category in product(reasons, ages, _CATEGORIES)]
    repeated = totals[:40]
    lines += repeated + totals[:wanted - len(repeated)]
    lines += [[*line[:3], "", line[4]] for line in repeated]
    seen: dict[tuple[str, ...], int] = {}
    return _wide("ascfr_2014_15_expenditure", lines, regions=False, seen=seen)


def ascfr_voluntary() -> Grid:
    """The voluntary split of 65 and over: amounts, then unit costs whose provision only their order shows."""
    ages = ("Age 65 to 74", "Age 75 to 84", "Age 85 and over")
    settings = ("Nursing", "Residential", "Residential and nursing care")
    triples, named = [], []
    for age, reason, setting in product(ages, _REASONS, settings):
        provisions = {"Nursing": ["All"], "Residential": ["All", "Own provision", "Provision by others"],
                      "Residential and nursing care": ["All", "LA supported only"]}[setting]
        for provision in provisions:
            triples += [["Long term", age, reason, setting, part]
                        for part in ("Numerator", "Denominator", "Unit costs")]
            named.append(["Long term", age, reason, setting, provision])
    wanted = layout("ascfr_2014_15_voluntary").line_count - len(triples)
    # Named after numbers where the return's own words are too few for the count.
    groups = [*_REASONS, *(f"Social support: {number}" for number in range(99))]
    amounts = [["Long term", age, reason, setting, category]
               for reason, age, setting, category in product(groups, ages, _SETTINGS, _CATEGORIES)][:wanted]
    return _wide("ascfr_2014_15_voluntary", [*amounts, *triples, *named], regions=False)


def ascfr_activity() -> Grid:
    """ASC-FR 2014-15 activity; whether capital charges are in an hourly rate is answered in words."""
    ages, provisions = ("Age 18 to 64", "Age 65 and over"), ("In house provision", "External provision",
                                                             "Total provision")
    lines = [["Long term", age, reason, setting, provision] for age, reason, setting, provision in product(
        ages, _REASONS, ("Residential", "Nursing"), provisions)]
    lines += [["Short term", age, f"{reason} ", "To maximise independence", provision]
              for age, reason, provision in product(ages, _REASONS, provisions)]
    lines = lines[:layout("ascfr_2014_15_activity").line_count - 4]
    lines += [["", "", "", "Internal home care provision", "Hourly rate"],
              ["", "", "", "External home care provision", "Hourly rate"], ["", "", "", "Capital charges", "Included"],
              ["", "", "", "Number of SALT clients", ""]]
    return _wide("ascfr_2014_15_activity", lines, regions=True)


def ascfr_bridging() -> Grid:
    """2014-15 in the categories of PSS EX1, with the year before: two years in one file, distinguished by a label."""
    services = ["assessment and care management", "residential and nursing care", "home care services",
                "community-based services", "direct payments"]
    lines = [[f"Total expenditure on {service}", year, group, category] for service, year, group, category in product(
        services, ("2014 - 2015", "2013 - 2014"), ("Adults aged 65 and over", "Adults aged 18 to 64"),
        ("Gross total cost: total expenditure", "Income: total", "Net total expenditure", "Gross total expenditure",
         "Net current expenditure"))]
    return _wide("ascfr_2014_15_bridging", lines[:layout("ascfr_2014_15_bridging").line_count], regions=True)


def ascfr_2015_16_activity() -> Grid:
    return records("ascfr_2015_16_activity", [
        {"UUID": f"8{number:06d}", "Council Code": code, "Council Name": COUNCILS[code], "Care Type": "Long term",
         "Activity Provision": provision, "Age Bands": age, "Primary support reason": reason,
         "Long Term Support Setting": "Residential", "Short Term Purpose": "-", "Data Type": "Mandatory",
         "Value": "" if number % 11 == 3 else f"{number * 7.25:.2f}", "Notes": "Estimate" if number == 4 else ""}
        for number, (code, age, reason, provision) in enumerate(product(
            COUNCILS, ("Age 18 to 64", "Age 65 and over"), _REASONS[:2], ("In house", "External")))])


def ascfr_2015_16_additional() -> Grid:
    # Voluntay is how the publisher sometimes spells it.
    return records("ascfr_2015_16_additional", [
        {"UUID": f"83{number:05d}", "Council Code": code, "Council Name": COUNCILS[code],
         "Data Type": "Voluntay" if number % 5 == 0 else "Mandatory", "Data Source": "Bridging Year",
         "Age Band": "Age 65 and over", "Finance Type": finance, "Comparative totals": total,
         "Value": ":" if number == 7 else str(100 + number)}
        for number, (code, finance, total) in enumerate(product(
            COUNCILS, ("Expenditure", "Income"), ("Home care services", "Direct payments")))])


def ascfr_2015_16_deferred_payments() -> Grid:
    return records("ascfr_2015_16_deferred_payments", [
        {"UUID": uuid, "LABEL": label, "CASSR_CODE": code, "CASSR_NAME": COUNCILS[code], "Time_Period_Desc": "YearEnd",
         "Indicator_Desc": "Number of DPAs at 31st March", "Characteristic_Parent": "Eligibility Criteria",
         "Characteristic_Child": "Client Met Statutory Eligibility", "AGE_CATEGORY": "Age 18-64",
         "Value": "*" if number % 3 else str(5 * number)}
        for number, (code, label, uuid) in enumerate(product(
            ("104", "114", "702"), ("2014/2015", "2015/2016"), ("91101", "91102")))])


def _keyed_areas() -> list[dict[str, str]]:
    """Councils, then their regions and England, whose rows have no council code."""
    councils = [{"CASSR_CODE": code, "GEOGRAPHY_CODE": ons_code(code, "2016-17"), "REGION_GO_CODE": "E12000002"}
                for code in COUNCILS]
    return [*councils, {"GEOGRAPHY_CODE": "", "REGION_GO_CODE": "E12000001"}, {"REGION_GO_CODE": "E12000002"},
            {"REGION_GO_CODE": "E92000001"}]


def ascfr_2016_17_totals() -> Grid:
    amounts = layout("ascfr_2016_17_totals").quantity.columns
    return records("ascfr_2016_17_totals", [
        {"FY_Ending": "2017", **area, "CareType_KEY": "2", "AgeBand_KEY": age, "PrimarySupportReason_KEY": reason,
         "SupportSetting_KEY": "7", "DataType_KEY": "1",
         **{name: f"{100 * number + place}.30718" for place, name in enumerate(amounts)}}
        for number, (area, age, reason) in enumerate(product(_keyed_areas(), "12", "456"))])


def ascfr_2016_17_activity() -> Grid:
    return records("ascfr_2016_17_activity", [
        {"UUID": f"86{number:05d}", "FY_Ending": "2017", **area, "DataType_KEY": "1", "AgeBand_KEY": age,
         "PrimarySupportReason_KEY": "4", "CareType_KEY": "2", "SupportSetting_KEY": "7", "ActivityProvision_KEY": kind,
         "ItemValue": ":" if number % 7 == 2 else f"{number * 12.5}"}
        for number, (area, age, kind) in enumerate(product(_keyed_areas(), "12", "123"))])


def ascfr_2016_17_additional() -> Grid:
    return records("ascfr_2016_17_additional", [
        {"UUID": f"83{number:05d}", "FY_Ending": "2017", **area, "DataSource_KEY": "1", "Datatype_KEY": "2",
         "ComparativeTotals_KEY": total, "ItemValue": f"{number * 3}"}
        for number, (area, total) in enumerate(product(_keyed_areas(), "67"))])


def ascfr_descriptions(ending: int = 2018, codes: tuple[str, ...] = tuple(COUNCILS)) -> Grid:
    """The long file of 2017-18 on. ``_Key`` goes in 2019-20; England and regions, ``[x]`` and a 9 come in 2021-22."""
    known, later = layout("ascfr_descriptions"), ending >= 2022
    year = f"{ending - 1}-{ending % 100:02d}"
    areas = [{"GEOGRAPHY_LEVEL": "Local Authority", "CASSR": code, "GEOGRAPHY_CODE": ons_code(code, year),
              "DH_GEOGRAPHY_NAME": _council_names()[code], "REGION_GO_CODE": "E12000001",
              "GEOGRAPHY_NAME": "North East"} for code in codes]
    if later:
        areas += [{"GEOGRAPHY_LEVEL": "Region", "REGION_GO_CODE": f"E1200000{number}", "GEOGRAPHY_NAME": name}
                  for number, name in ((1, "North East"), (2, "North West"))]
        areas.append({"GEOGRAPHY_LEVEL": "England", "REGION_GO_CODE": "E92000001", "GEOGRAPHY_NAME": "England"})
    grid = records("ascfr_descriptions", [
        {"DATA_LEVEL": "Gross Current Expenditure", "FY_ENDING": str(ending), "UUID": f"81{age}321{setting}15", **area,
         "DimensionGroup": "Expenditure", "CareType": "Long Term Care", "FinanceType": "9" if later else "",
         "AgeBand": ("18 to 64", "65 and Over")[age - 1], "PrimarySupportReason": "Learning Disability Support",
         "SupportSetting": ("Nursing", "Residential")[setting - 1],
         "ITEMVALUE": "[x]" if later and number == 5 else str(100 + number) if later else f"{100 + number * 1.5:.1f}"}
        for number, (area, age, setting) in enumerate(product(areas, (1, 2), (1, 2)))])
    if ending < 2020:
        grid[0] = [known.aliases.get(text, [text])[0] for text in grid[0]]
    if later:
        grid = [[*row[:2], row[3], row[2], *row[4:]] for row in grid]
        grid[0][1] = "DATA_Level"
    return grid

_LONG_TERM = ("Nursing", "Residential", "Supported Accommodation", "Community: Direct Payments", "Community: Home Care",
              "Community: Supported Living", "Community: Other Long Term Care")
_SHORT_TERM = ("To Maximise Independence", "Other Short Term")
_UNDIVIDED = ("Social Support: Substance Misuse Support", "Social Support: Asylum Seeker Support",
              "Social Support: Support for Social Isolation/Other", "Assistive Equipment and Technology",
              "Social Care Activities", "Information and Early Intervention", "Commissioning and Service Delivery")


def ascfr_return_lines() -> list[dict[str, str]]:
    """The 99 lines of gross current expenditure of ASC-FR, as its data files word them from 2017-18 on."""
    ages = ("18 to 64", "65 and Over")
    reasons = [reason.title().replace("With", "with").replace("And", "and") for reason in _REASONS]
    lines = [{"CareType": "Long Term Care", "AgeBand": age, "PrimarySupportReason": reason, "SupportSetting": setting}
             for age, reason, setting in product(ages, reasons, _LONG_TERM)]
    lines += [{"CareType": "Short Term Care", "AgeBand": age, "PrimarySupportReason": reason, "Purpose": purpose}
              for age, reason, purpose in product(ages, reasons, _SHORT_TERM)]
    carers = {"CareType": "Other", "PrimarySupportReason": "Social Support: Support to Carer"}
    lines += [{**carers, "CarerSupportType": kind} for kind in ("Community: Direct Payments", "Community: Other")]
    return lines + [{"CareType": "Other", "PrimarySupportReason": reason} for reason in _UNDIVIDED]


def ascfr_return_amount(place: int, number: int) -> int:
    """Thousands of pounds of the council at ``place`` of the year's councils on line ``number``, both from 0."""
    return (1 + place % 7) * (300 + 11 * number)


def ascfr_return(ending: int) -> Grid:
    """A whole return of ASC-FR: every council of the year, every line, and regions and England as their sums."""
    year, lines = f"{ending - 1}-{ending % 100:02d}", ascfr_return_lines()
    codes = [code for code in sorted(_council_names()) if not load_councils().why_not(code, year)]
    regions = {row["council_code"]: row["region"] for row in _seed("council")
               if row["valid_from"] <= f"{ending}-03-31" and (row["valid_to"] or "9999") >= f"{ending}-03-31"}
    fixed = {"DATA_LEVEL": "Gross Current Expenditure", "FY_ENDING": str(ending), "DimensionGroup": "Expenditure"}
    rows = []
    for number, line in enumerate(lines):
        amounts = {code: ascfr_return_amount(place, number) for place, code in enumerate(codes)}
        rows += [{**fixed, **line, "GEOGRAPHY_LEVEL": "Local Authority", "CASSR": code,
                  "GEOGRAPHY_CODE": ons_code(code, year), "DH_GEOGRAPHY_NAME": _council_names()[code],
                  "ITEMVALUE": str(amount)} for code, amount in amounts.items()]
        rows += [{**fixed, **line, "GEOGRAPHY_LEVEL": "Region", "GEOGRAPHY_NAME": region,
                  "ITEMVALUE": str(sum(amount for code, amount in amounts.items() if regions[code] == region))}
                 for region in sorted({regions[code] for code in codes})]
        rows.append({**fixed, **line, "GEOGRAPHY_LEVEL": "England", "GEOGRAPHY_NAME": "England",
                     "ITEMVALUE": str(sum(amounts.values()))})
    return records("ascfr_descriptions", rows)


# --- other returns ----------------------------------------------------------------------------------------------------


def ro3() -> Grid:
    """Revenue outturn by ONS code, with the codes of 2013 in every year."""
    amounts = layout("ro3").quantity.columns
    areas = [*((ons_code(code, "2013-14"), name) for code, name in COUNCILS.items()), ("E92000001", "England")]
    return records("ro3", [
        {"financial_year": year, "ons_code": code, "ecode": "E0701", "authority": name, "class": "UA",
         "client_group": group, "service_line": f"Adults: {group}",
         **{column: "" if number == 4 else str(40 * number + place) for place, column in enumerate(amounts)}}
        for number, (year, (code, name), group) in enumerate(product(
            ("2008-09", "2013-14"), areas, ("learning disability 18-64", "older people 65+")))])


def derived_totals() -> Grid:
    """What was compiled from ASC-FR: England's total of a group, three times what was published from 2017-18 on."""
    return records("derived_setting_totals", [
        {"year": str(year), "SupportSetting": group, "Sector": sector, "Expenditure": f"{amount}"}
        for year, amount in ((2015, 4_436_900.5), (2018, 14_840_400.25))
        for group in ("U65 LEARNING DISABILITY", "U65 OTHER") for sector in ("In House", "Total")])


def rs() -> Grid:
    """The revenue summary: districts are left out, England has no ONS code."""
    areas = [*((ons_code(code, "2013-14"), name, "E0101") for code, name in COUNCILS.items()),
             ("E07000026", "Allerdale", "E0931"), ("", "England", "ENG")]
    return records("rs", [
        {"financial_year": year, "ecode": ecode, "ons_code_2013": code, "authority": name, "class": "SC",
         "rs_line": "Adult social care", "net_current_expenditure_gbp_thousand": f"{1000 + number}.0",
         "scope": "adults"}
        for number, (year, (code, name, ecode)) in enumerate(product(("2011-12", "2017-18"), areas))])


def ascof() -> Grid:
    areas = [*((ons_code(code, "2017-18"), name, "Council") for code, name in COUNCILS.items()),
             ("E12000001", "North East", "Regional"), ("-", "Shire County", "Council type"),
             ("", "Unitary Authority", "Council type"), ("E92000001", "England", "England")]
    return records("ascof", [
        {"Year": year, "Geographical Description": name, "ONS Code": code, "Measure Group": "1E",
         "Measure Group Description": "Adults with a learning disability in paid employment",
         "Measure_Value": "[x]" if number == 6 else f"{number / 10:.1f}", "Geographical Level": level,
         "Disaggregation Level": split, "Measure Type": "Outcome" if year == "2017-18" else ""}
        for number, (year, (code, name, level), split) in enumerate(product(
            ("2017-18", "2023-24"), [area for area in areas if area[1] != "Cumbria"], ("Total", "Male", "Female")))])


# --- registers and reference tables -----------------------------------------------------------------------------------


def reference(name: str, count: int = 6) -> Grid:
    """A register or reference table, each column filled with a value that its layout accepts."""
    known = layout(name)
    ons = [row["ons_code"] for row in _seed("council") if not row["valid_to"]]
    codes = [row["council_code"] for row in _seed("council") if not row["valid_to"]]

    def text(column: str, number: int, place: int) -> str:
        if column in known.ons_codes:
            return ons[number + 10 * place]
        if column in known.councils:
            return codes[number + 10 * place]
        if column in known.years or "financial_year" in column:
            return f"{2000 + number}-{number + 1:02d}"
        if column in known.dates:
            return f"2019-04-{number + 1:02d}"
        if column in known.one_of:
            return known.one_of[column][number % len(known.one_of[column])]
        if column in known.whole_numbers:
            return str(2011 + number)
        if column in known.numbers:
            return f"{(number + 1) * (place + 3) * 117}.5"
        return "" if column not in known.required else f"{column} {number}"

    return records(name, [{column: text(column, number, place) for place, column in enumerate(known.columns)}
                          for number in range(count)])


# Each of these is filled with values that its layout accepts; only its columns are known here.
PLAIN_REFERENCES = (
    "carequartile_programme_saving", "council_change", "council_reference", "deprivation_2025", "gdp_deflator_tidy",
    "lower_tier_history", "lower_tier_lookup", "population_bands", "population_utla", "printed_claim", "programme_fact",
    "programme_oddity", "programme_saving", "programme_spend", "statistical_neighbours")


def gdp_deflator(vintage: str = "22 December 2023", until: int = 2028) -> Grid:
    """The Treasury's table: headings above the header, calendar years next to it, forecasts without a deflator."""
    columns = layout("gdp_deflator_published").columns
    rows = [["", "GDP DEFLATORS AT MARKET PRICES, AND MONEY GDP"], [], ["", "Outturn data", "", "", "", "", "", "x"],
            ["", "Financial year", "", "", "", "", "", "Calendar year"],
            ["", *columns, "", "Calendar year", "2022 = 100"]]
    for number, start in enumerate(range(2015, until)):
        is_forecast = start > 2022
        label = f"{start}-{(start + 1) % 100:02d}" + (" (1), (2)" if is_forecast else "")
        rows.append(["", label, "-" if is_forecast else f"{80 + 2.857 * number:.3f}", f"{1.5 + number / 8:.2f}",
                     *[f"{1_900_000 + 31_000 * number:,}"] * 2, "", str(start), f"{81 + number}"])
    rows += [[], ["", "Source: as published"], ["", f"Last updated {vintage}"]]
    return padded(rows)


def deprivation(year: str = "2019") -> dict[str, Grid]:
    """A sheet per domain, each with the same first two columns; the year of the codes is in the header."""
    known = layout("deprivation_upper_tier")
    codes = [row["ons_code"] for row in _seed("council") if not row["valid_to"]][:5]
    start = [f"Upper Tier Local Authority District {what} ({year})" for what in ("code", "name")]
    sheets = {"Notes": [["Notes"], ["File 11"]]}
    for sheet in ("IMD", "Income"):
        names = [name for name in known.optional_columns if name.startswith(f"{sheet} -")]
        sheets[sheet] = [[*start, *names], *([code, f"Council {number}", *(
            f"{number * 3 + place}.25" for place in range(len(names)))] for number, code in enumerate(codes))]
    return sheets


def mid_year_estimates(mid_year: str = "2024") -> Grid:
    """The bare table of estimates: no year is printed; England's total shows it."""
    [total] = [row["all_ages"] for row in _seed("england_population") if row["mid_year"] == mid_year]
    areas = [("K04000001", "ENGLAND AND WALES", "Country"), ("E92000001", "ENGLAND", "Country"),
             ("E12000001", "NORTH EAST", "Region"), ("E06000004", "Stockton-on-Tees", "Unitary Authority")]
    rows = [[*layout("ons_mid_year").columns]]
    for number, area in enumerate(areas):
        rows.append([*area, total if area[1] == "ENGLAND" else str(90_000 * (number + 2)),
                     *(str(900 + number + age) for age in range(91))])
    return padded([*rows, ["Estimates are of the resident population"]])


def mid_year_workbook(mid_year: str = "2019") -> dict[str, Grid]:
    """The workbook: its year is in the title; men and women have sheets with the same header, which are not read."""
    table = mid_year_estimates()
    table[0][2] = "Geography1"
    title = "MYE2: Population estimates: {} by single year of age and sex for local authorities, mid-{}"
    return {"Contents ": [["Contents"]], **{
        f"MYE2 - {who}": padded([["Contents"], [], [title.format(who, mid_year)], [], *copied(table)])
        for who in ("Persons", "Males", "Females")}}


def records(name: str, rows: list[dict[str, str]]) -> Grid:
    """A table with the layout's columns (and those optional ones that a row fills); what a row leaves out is blank."""
    known = layout(name)
    columns = [*known.columns, *(text for text in known.optional_columns if any(text in row for row in rows))]
    assert all(set(row) <= set(columns) for row in rows), name
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


@cache
def _seed(name: str) -> list[dict[str, str]]:
    with (project_folder() / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _council_names() -> dict[str, str]:
    return {row["council_code"]: row["council"] for row in _seed("council")}


def ons_code(code: str, year: str) -> str:
    """A council's ONS code on the last day of a financial year."""
    day = f"{int(year[:4]) + 1}-03-31"
    [found] = {row["ons_code"] for row in _seed("council") if row["council_code"] == code
               and row["valid_from"] <= day and (not row["valid_to"] or row["valid_to"] >= day)}
    return found


# Whole files, each as one grid, and the layout that must recognise it.
PLACEMENT_REGISTERS = {
    "publish": ("publish_local", [
        ["114", "setting", "2010-01-01", "A. Director, adult services", "the scrutiny committee asked for it"],
        ["114", "band", "2010-01-01", "A. Director, adult services", "the scrutiny committee asked for it"]]),
    "review": ("case_review", [
        ["114", "2010-02-28", "synthetic_stockton_2010-02-28.csv", "2", "9", "reduced", "1200", "900", "2010-06-01"]]),
    "ledger": ("ledger", [
        ["114", "2009-10", "February", "learning_disability", "residential", "6900000", "7530000"],
        ["114", "2009-10", "February", "learning_disability", "home_care", "1200000.50", "1310000"]]),
    "term": ("term", [
        ["ascfr_descriptions", "service", "long term care|community: shared homes|||", "supported_living"],
        ["ascfr_descriptions", "provision", "bought", ""]]),
    "pair": ("snapshot_pair", [["114", "2009-02-28", "2010-02-28"]]),
    "parameter": ("placement_parameter", [
        ["high_cost_from", "114", "learning_disability", "2010-01-01", "1200", "our panel reviews from here on"],
        ["change_pct", "*", "*", "2010-01-01", "35", "a contract was transferred"]]),
    "band": ("placement_band", [
        ["114", "Community", "2010-01-01", "0", "uncosted", "", ""],
        ["114", "Community", "2010-01-01", "1", "under 500", "0", "500"],
        ["114", "Community", "2010-01-01", "2", "500 and over", "500", ""]]),
    "tier": ("move_risk_tier", [["low", "Low risk", "114", "2010-01-01", "0.25", "our own desk review"]]),
}


def register(name, rows):
    return [list(layout(f"carequartile_{name}").columns), *rows]


KNOWN_AS = {
    **{f"pssex1_{year}": ("pssex1_unit_costs", lambda year=year: pssex1(year)) for year in YEARS},
    "ascfr_2014_15": ("ascfr_2014_15_unit_costs", ascfr), "long": ("carequartile_unit_costs", long_returns),
    "peer_set": ("carequartile_peer_set", peer_set), "ruling": ("carequartile_ruling", rulings),
    "target": ("carequartile_target", targets),
    "footprint": ("carequartile_footprint", lambda: register("footprint", [
        ["North", "111", "Tees", "1", "the whole"], ["North", "114", "Tees", "0.4", "by residents"],
        ["North", "114", "Elsewhere", "0.6", "by residents"]])),
    **{f"placement_{name}": (f"carequartile_{layout}", lambda layout=layout, rows=rows: register(layout, rows))
       for name, (layout, rows) in PLACEMENT_REGISTERS.items()},
    **{f"pssex1_activity_{year}": ("pssex1_activity", lambda year=year: pssex1_activity(year))
       for year in ("2009-10", "2010-11", "2011-12", "2012-13", "2013-14")},
    "pssex1_activity_2008-09": ("pssex1_activity_2008_09", pssex1_activity_2008_09),
    "pssex1_2007-08": ("pssex1_unit_costs_2007_08", pssex1_unit_costs_2007_08),
    "pssex1_extract": ("pssex1_extract", pssex1_extract),
    "england_series_extract": ("pssex1_england_series_extract", pssex1_england_series_extract),
    "ascfr_expenditure": ("ascfr_2014_15_expenditure", ascfr_expenditure),
    "ascfr_voluntary": ("ascfr_2014_15_voluntary", ascfr_voluntary),
    "ascfr_activity": ("ascfr_2014_15_activity", ascfr_activity),
    "ascfr_bridging": ("ascfr_2014_15_bridging", ascfr_bridging),
    "ascfr_2015_16_activity": ("ascfr_2015_16_activity", ascfr_2015_16_activity),
    "ascfr_2015_16_additional": ("ascfr_2015_16_additional", ascfr_2015_16_additional),
    "deferred_payments": ("ascfr_2015_16_deferred_payments", ascfr_2015_16_deferred_payments),
    "ascfr_2016_17_totals": ("ascfr_2016_17_totals", ascfr_2016_17_totals),
    "ascfr_2016_17_activity": ("ascfr_2016_17_activity", ascfr_2016_17_activity),
    "ascfr_2016_17_additional": ("ascfr_2016_17_additional", ascfr_2016_17_additional),
    "descriptions_2017-18": ("ascfr_descriptions", ascfr_descriptions),
    "descriptions_2019-20": ("ascfr_descriptions", lambda: ascfr_descriptions(2020, ("104", "114", "738"))),
    "descriptions_2021-22": ("ascfr_descriptions", lambda: ascfr_descriptions(2022, ("104", "114", "Z9D4Z", "U6Q5Z"))),
    "ro3": ("ro3", ro3), "rs": ("rs", rs), "ascof": ("ascof", ascof),
    "gdp_deflator": ("gdp_deflator_published", gdp_deflator),
    "mid_year": ("ons_mid_year", mid_year_estimates),
    **{name: (name, lambda name=name: reference(name)) for name in PLAIN_REFERENCES},
}
EVERY = {name: build for name, (_, build) in KNOWN_AS.items()}
# The sheet's name distinguishes persons from men and women; the names of other single sheets have no meaning.
SHEET_OF = {"mid_year": "MYE2 - Persons"}
# Workbooks whose sheet names say what the sheets hold, which a CSV would lose.
BOOKS = {
    "expenditure_2007-08": ("pssex1_expenditure", pssex1_expenditure),
    "expenditure_2006-07": ("pssex1_expenditure", lambda: pssex1_expenditure("2006-07")),
    "england_series": ("pssex1_england_series", pssex1_england_series),
    "mid_year_2019": ("ons_mid_year", mid_year_workbook),
    "deprivation_2019": ("deprivation_upper_tier", deprivation),
    "deprivation_2015": ("deprivation_upper_tier", lambda: deprivation("2013")),
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


_ODS_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = ('<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        + " ".join(f'xmlns:{name}="{_ODS_NAMES}:{name}:1.0"' for name in ("office", "table", "text"))
        + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>")


def ods_bytes(sheets: dict[str, str]) -> bytes:
    """An OpenDocument workbook: the rows of each sheet as OpenDocument writes them."""
    kind, manifest = "application/vnd.oasis.opendocument.spreadsheet", f"{_ODS_NAMES}:manifest:1.0"
    tables = "".join(f'<table:table table:name="{html.escape(name)}">{rows}</table:table>'
                     for name, rows in sheets.items())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" '
                         f'm:media-type="{kind}"/></m:manifest>')
        archive.writestr("content.xml", _ODS.format(tables))
    return content.getvalue()


def ods_cell(text: str) -> str:
    if text == "":
        return "<table:table-cell/>"
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return (f'<table:table-cell office:value-type="float" office:value="{text}"><text:p>{text}</text:p>'
                "</table:table-cell>")
    lines = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def write_ods(path: Path, sheets: dict[str, Grid]) -> Path:
    """An OpenDocument workbook of these grids, numbers typed as a spreadsheet would."""
    path.write_bytes(ods_bytes({name: "".join(
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in grid)
        for name, grid in sheets.items()}))
    return path


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
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


def survey_of(path: Path) -> SurveyedFile:
    """The one file at ``path``, surveyed."""
    return survey_landing([path]).files[0]
