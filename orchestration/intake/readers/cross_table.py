"""Reads tables in which the texts of a column and of a row say together what a cell is (RO3, ASCOF, PSS EX1).

A row is an area, or a line where the sheet is an area. What a column is, is read out of its header (of one row or
several, merged or not) or of its reference code, by the patterns of the layout. Codes are printed above the header or
below the table, in rows that the publisher hides.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from orchestration.intake.grids import Grid
from orchestration.intake.layouts import SHEET_SUBJECT, Layout, normalise, without_notes
from orchestration.intake.readers import areas
from orchestration.intake.readers.areas import FoundCouncil
from orchestration.intake.readers.checks import check_values, is_blank, is_short
from orchestration.intake.readers.headings import read_status
from orchestration.intake.readers.result import AS_PUBLISHED, Reading, is_number, short
from orchestration.intake.tables import Column, Table, find_table
from orchestration.intake.years import year_of
from orchestration.reference import Councils

# What a pattern may find, with the parts of a financial year.
LABELS = ("area", "line", "component", "client_group", "age_band", "service", "provision")
_YEAR_IN_NAME = re.compile(r"(?<!\d)(?P<start>(?:19|20)\d\d)[-_ /]?(?P<end>(?:20)?\d\d)(?!\d)")


# --- reading ----------------------------------------------------------------------------------------------------------


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    layout = reading.layout
    read_status(reading, grid, header_row)
    table = find_table(layout, grid, header_row)
    of_sheet = _sheet_labels(reading, grid, header_row)
    years = _years(reading, grid, table)
    columns = _value_columns(reading, table)
    if reading.faults or not years or not columns:
        return
    reading.financial_years = sorted(set(years.values()))
    _add_columns(reading, table, columns, years)
    if layout.area.column == SHEET_SUBJECT:
        _read_lines(reading, grid, table, columns, of_sheet, councils)
    else:
        _read_areas(reading, grid, table, columns, years, of_sheet, councils)


def _sheet_labels(reading: Reading, grid: Grid, header_row: int) -> dict[str, str]:
    """What the sheet's name and its title say of all of its cells."""
    found: dict[str, str] = {}
    for label in reading.layout.sheet_labels:
        if label.of == "name":
            found = label.matches(without_notes(reading.sheet), "") | found
            continue
        for index, row in enumerate(grid[:header_row]):
            for position, cell in enumerate(row):
                if matched := label.matches(" ".join(cell.split()), ""):
                    reading.note("heading", cell, index + 1, position + 1)
                    found = matched | found
    wanted = {name for label in reading.layout.sheet_labels for name in label.names}
    for name in sorted(wanted - found.keys()):
        reading.fault("header_matches", f"neither the sheet's name nor its title says the {name.replace('_', ' ')}",
                      f"the name and title of {reading.layout.title}", "land the workbook as published: a sheet saved "
                      "on its own has lost its name", 1)
    reading.sheet_part = "|".join(found[name] for name in sorted(found))
    return found


def _years(reading: Reading, grid: Grid, table: Table) -> dict[int, str]:
    """The financial year of every value column: its own, or the sheet's. A title that contradicts is a fault."""
    own = {column.number: column.labels["financial_year"] for column in table.columns
           if "financial_year" in column.labels}
    if own:
        return own
    location = reading.layout.financial_year
    year, row, position = location.fixed, None, None
    printed = Counter()
    for index, cells in enumerate(grid[:table.header_row]) if location.above_header else ():
        for at, cell in enumerate(cells):
            for found in re.finditer(location.above_header, cell, re.IGNORECASE):
                if this := year_of(found):
                    printed[this] += 1
                    if year is None:
                        year, row, position = this, index + 1, at + 1
    printed += Counter(filter(None, map(year_of, _YEAR_IN_NAME.finditer(reading.sheet))))
    if year is None:
        reading.fault("financial_year_printed", "no financial year in the rows above the header",
                      "a year such as 2008-09 in the title", "restore the title row the publisher printed", 1, 1)
        return {}
    if others := sorted(set(printed) - {year}):
        reading.fault("financial_year_printed", f"{year} in the title, and {', '.join(others)} there or in the "
                      "sheet's name", "one financial year", "find out which year the file holds and restore the right "
                      "title", row or 1, position or 1)
        return {}
    reading.note("financial_year", year, row, position)
    return {column.number: year for column in table.columns}


def _value_columns(reading: Reading, table: Table) -> list[Column]:
    """The columns that are read. Unknown and repeated ones are faults, and so is a line that lacks a component."""
    layout, row = reading.layout, table.header_row + 1
    for column in table.columns:
        if not column.is_known:
            reading.fault("header_matches", f"an added or renamed column: {short(column.text)}"
                          + (f" ({column.code})" if column.code else ""),
                          f"a column that the patterns of {layout.layout} know", "add its wording to `column_labels`, "
                          f"or to `set_apart` if it is no part of the return, in seeds/layouts/{layout.layout}.yml",
                          row, column.number)
    columns = [column for column in table.columns if column.labels]
    if not columns:
        reading.fault("header_matches", "no column that is part of this return", f"the columns of {layout.title}",
                      AS_PUBLISHED, row)
    if apart := [column for column in table.columns if column.is_set_apart]:
        reading.note("set_apart", f"{len(apart)} columns of other services", row, apart[0].number)
    first: dict[tuple[tuple[str, str], ...], Column] = {}
    for column in columns:
        same = first.setdefault(tuple(sorted(column.labels.items())), column)
        if same is not column:
            reading.fault("header_matches", f"{short(column.text)} again (also column {same.number})",
                          "every column once", "remove the column that does not belong", row, column.number)
    _check_components(reading, columns, row)
    return columns


def _check_components(reading: Reading, columns: list[Column], row: int) -> None:
    """Checks that every line (or year) has the components that most of them have: one that is gone was a column."""
    parts: dict[tuple[tuple[str, str], ...], set[str]] = defaultdict(set)
    for column in columns:
        if component := column.labels.get("component"):
            parts[tuple(sorted(item for item in column.labels.items() if item[0] != "component"))].add(component)
    if len(parts) < 3:
        return
    usual = Counter(map(frozenset, parts.values())).most_common(1)[0]
    if usual[1] <= len(parts) / 2:
        return
    for line, found in parts.items():
        if missing := sorted(usual[0] - found):
            of = " ".join(text for _, text in line)
            reading.fault("line_complete", f"{short(of)} has no {', '.join(missing)}",
                          f"{', '.join(sorted(usual[0]))}, as the other lines have", "restore the column", row)


def _add_columns(reading: Reading, table: Table, columns: list[Column], years: dict[int, str]) -> None:
    names = [name for name in LABELS if name != "area" and any(name in column.labels for column in columns)]
    row = table.header_row + 1
    in_header = dict.fromkeys([*names, "header"], row)
    has_own_years = any("financial_year" in column.labels for column in columns)
    for column in columns:
        labels = {name: column.labels.get(name, "") for name in names} | {"header": column.text}
        if has_own_years:
            labels["financial_year"], in_header["financial_year"] = years[column.number], row
        if "line" not in labels and any(name in labels for name in ("client_group", "service")):
            labels["line"] = "|".join(filter(None, (labels.get(name) for name in ("client_group", "age_band", "service",
                                                                                 "provision"))))
            in_header["line"] = row
        reading.columns.add(column.number, labels, in_header)


# --- rows that are areas ----------------------------------------------------------------------------------------------


def _read_areas(reading: Reading, grid: Grid, table: Table, columns: list[Column], years: dict[int, str],
                of_sheet: dict[str, str], councils: Councils) -> None:
    layout = reading.layout
    numbers = [column.number for column in columns]
    found: list[tuple[FoundCouncil, set[str]]] = []
    england: list[tuple[int, int]] = []
    rows_of = _rows_by_code(reading, grid, table, councils)
    for index, row in enumerate(grid):
        if index in (table.header_row, table.code_row) or is_blank(row):
            continue
        texts = {name: row[at - 1].strip() if at <= len(row) else "" for name, at in table.names.items()}
        area = _area(layout, texts, councils)
        values = [row[number - 1] for number in numbers if number <= len(row)]
        if index < table.header_row:
            _check_no_area_above(reading, index, area, values, table)
            continue
        column = table.names[area[3]] if area else table.names[str(layout.area.column)]
        if area is None:
            _not_an_area(reading, grid, table, index, values, councils)
        elif area[0] == areas.OTHER:
            reading.note("set_apart", area[2], index + 1, column)
        elif not is_short(reading, row, index + 1, max(numbers), area[1] or None):
            kept = _columns_of(reading, row, numbers, years, area, rows_of.get(area[1], {}), councils)
            if not kept:
                reading.note("set_apart", area[2], index + 1, column)
                continue
            if area[0] == areas.COUNCIL:
                found.append((FoundCouncil(area[1], area[2], index + 1, column), {years[at] for at in kept}))
            elif area[0] == areas.ENGLAND:
                england.append((index + 1, column))
            _take(reading, row, index + 1, kept, (*area[:3], column), of_sheet)
    areas.check_england_once(reading, england)
    if not england and layout.area.england_row == "required":
        reading.fault("file_complete", "no row for England", "the row of England with the councils",
                      "the file is cut short: download it again", len(grid))
    _check_councils(reading, found, councils)
    check_values(reading, {council.row: council.code for council, _ in found})


def _rows_by_code(reading: Reading, grid: Grid, table: Table, councils: Councils) -> dict[str, dict[str, list[str]]]:
    """The rows of each council of a table of several years, by the statistics office's code printed in them.

    A council that became a unitary authority has a row for each of its two codes.
    """
    rows: dict[str, dict[str, list[str]]] = defaultdict(dict)
    if reading.layout.area.by == "ons_code" and len(reading.financial_years) > 1:
        for row in grid[table.header_row + 1:]:
            texts = {name: row[at - 1].strip() if at <= len(row) else "" for name, at in table.names.items()}
            if (area := _area(reading.layout, texts, councils)) and area[1]:
                rows[area[1]].setdefault(area[2], row)
    return {code: of for code, of in rows.items() if len(of) > 1}


def _area(layout: Layout, texts: dict[str, str], councils: Councils) -> tuple[str, str, str, str] | None:
    """Kind, council code, printed text and name of the column of a row's area; None where the row has none."""
    names = [str(name) for name in (layout.area.column, layout.area.name_column) if name]
    is_other = any(re.search(pattern, texts.get(name, ""), re.IGNORECASE) for name, pattern
                   in layout.area.other_by.items())
    for name in names:
        text = without_notes(texts.get(name, ""))
        if text and (matched := areas.match_area(layout.area, text, councils)):
            kind, code = matched
            kind = areas.OTHER if is_other and kind != areas.ENGLAND else kind
            return kind, "" if kind == areas.OTHER else code, texts[name], name
    filled = next(((texts[name], name) for name in names if texts.get(name)), None)
    return (areas.OTHER, "", *filled) if is_other and filled else None


def _check_no_area_above(reading: Reading, index: int, area: tuple[str, ...] | None, values: list[str],
                         table: Table) -> None:
    """A row above the header that names an area and has numbers would not be read; working rows name none."""
    if area and sum(map(is_number, values)) >= max(2, len(values) / 2):
        reading.fault("header_matches", f"a row of values for {short(area[2])} above the header, which is row "
                      f"{table.header_row + 1}", "the header above all values", "put the header above the table",
                      index + 1)


def _not_an_area(reading: Reading, grid: Grid, table: Table, index: int, values: list[str], councils: Councils) -> None:
    """A heading, a note or the header again; values of an unknown area are a fault."""
    layout, row, header = reading.layout, grid[index], grid[table.header_row]
    text = next(cell for cell in row if cell.strip())
    at = row.index(text) + 1
    repeats = sum(normalise(cell) == normalise(name) for cell, name in zip(row, header) if cell.strip())
    if repeats > sum(bool(cell.strip()) for cell in row) / 2:
        reading.note("heading", text, index + 1, at)
    elif not any(value.strip() for value in values) or _is_prose(text) or not any(map(is_number, values)):
        # Below the table notes follow; some publishers keep working sums to the right of them.
        reading.note("footnote", text[:500], index + 1, at)
    else:
        area = layout.area
        places = [table.names[str(name)] for name in (area.name_column, area.column) if name]
        name = next((row[at - 1] for at in places if at <= len(row) and row[at - 1].strip()), "")
        reading.fault("council_known", f"a row of values for {short(name)}{councils.nearest(name)}",
                      "a council, England, or another area that the layout names",
                      "correct the name, or add its spelling to seeds/reference/council_name.csv; an area of another "
                      "kind goes into the layout's `area`", index + 1, places[0])


def _is_prose(text: str) -> bool:
    """Whether a text is a sentence, not a name: a source, a note."""
    return len(text.split()) > 8 or re.match(r"\s*(source|notes?)\b", text, re.IGNORECASE) is not None


def _columns_of(reading: Reading, row: list[str], columns: list[int], years: dict[int, str],
                area: tuple[str, str, str, str], rows_of: dict[str, list[str]], councils: Councils) -> list[int]:
    """The columns an area has values in. A table of several years has cells for years without the council: no values.

    Of a council with a row for each of its codes (``rows_of``), a row has the years in which its code was in force; a
    publisher may print a year's number in the other row too.
    """
    code = area[1]
    if not code or len(reading.financial_years) == 1:
        return columns
    kept = []
    for at in columns:
        in_force = [other for ons_code, other in rows_of.items() if councils.had_ons_code(ons_code, years[at])]
        is_elsewhere = bool(in_force) and not any(other is row for other in in_force)
        is_repeated = is_elsewhere and any(at <= len(other) and other[at - 1] == row[at - 1] for other in in_force)
        is_gone = is_elsewhere or councils.why_not(code, years[at]) is not None
        if not is_repeated and (not is_gone or reading.is_value(row[at - 1])):
            kept.append(at)
    return kept


def _take(reading: Reading, row: list[str], number: int, columns: list[int], area: tuple[str, str, str, int],
          of_sheet: dict[str, str]) -> None:
    """One area's values."""
    kind, code, text, column = area
    labels = {"area_kind": kind, "council_code": code, "area": text} | {
        name: of for name, of in of_sheet.items() if name in LABELS and name != "area"}
    reading.rows.add(number, labels, dict.fromkeys(("area_kind", "council_code", "area"), column)
                     | dict.fromkeys(of_sheet))
    reading.cells.add([number] * len(columns), columns, [row[at - 1] for at in columns])


def _check_councils(reading: Reading, found: list[tuple[FoundCouncil, set[str]]], councils: Councils) -> None:
    """Checks that every council existed in a year of the sheet, in each year for which it has a number, and appears
    once for each year.
    """
    newest = reading.financial_years[-1]
    once, held = [], defaultdict(set)
    for council, years in found:
        if not held[council.code] or held[council.code] & years:
            once.append(council)
        held[council.code] |= years
    if len(reading.financial_years) == 1:
        areas.check_councils(reading, once, newest, councils)
        return
    years_of = {code: next((year for year in reversed(reading.financial_years)
                            if not councils.why_not(code, year)), newest) for code in held}
    for year in set(years_of.values()):
        areas.check_councils(reading, [council for council in once if years_of[council.code] == year], year, councils)
    reading.councils = sorted(years_of)


# --- rows that are lines, on a sheet that is an area ------------------------------------------------------------------


def _read_lines(reading: Reading, grid: Grid, table: Table, columns: list[Column], of_sheet: dict[str, str],
                councils: Councils) -> None:
    layout = reading.layout
    name = of_sheet.get("area", reading.sheet)
    matched = areas.match_area(layout.area, name, councils)
    if matched is None:
        reading.fault("council_known", f"a sheet for {short(name)}", f"a council{councils.nearest(name)}",
                      "correct the sheet's name, or add its spelling to seeds/reference/council_name.csv", 1)
        return
    kind, code = matched
    if kind == areas.OTHER:
        reading.financial_years = []
        reading.why_not_loaded = f"{name} is neither a council nor England"
        return
    if kind == areas.COUNCIL:
        areas.check_councils(reading, [FoundCouncil(code, name, 1, 1)], reading.financial_years[-1], councils)
    numbers = [column.number for column in columns]
    places = {label: int(at) for label, at in layout.row_labels.items()}
    key = layout.line[0] if layout.line else next(iter(places))
    first: dict[str, int] = {}
    last = max((index for index, row in enumerate(grid) if any(
        at <= len(row) and row[at - 1].strip() for at in places.values())), default=0)
    for index, row in enumerate(grid[table.header_row + 1:], start=table.header_row + 1):
        texts = {label: " ".join(row[at - 1].split()) if at <= len(row) else "" for label, at in places.items()}
        values = [row[number - 1] for number in numbers if number <= len(row)]
        if index == table.code_row or is_blank(values):
            if text := next((text for text in texts.values() if text), ""):
                reading.note("heading", text, index + 1, 1)
            continue
        line = texts[key]
        if index > last and not any(texts.values()):
            # A sum that was worked out below the last line.
            reading.note("footnote", next(value for value in values if value.strip())[:500], index + 1, numbers[0])
        elif layout.line_pattern and not re.fullmatch(layout.line_pattern, line):
            reading.fault("line_complete", f"a row of values labelled {short(' '.join(texts.values()))}",
                          f"a line whose code is as {layout.line_pattern}", "correct the code", index + 1, places[key])
        elif line in first:
            reading.fault("line_complete", f"{line} is also in row {first[line]}", "every line once",
                          "remove the row that does not belong", index + 1, places[key])
        elif not is_short(reading, row, index + 1, max(numbers), code or None):
            first[line] = index + 1
            dimensions = {dimension: "|".join(texts[part] for part in parts)
                          for dimension, parts in layout.dimensions.items()}
            reading.rows.add(index + 1, {"area_kind": kind, "council_code": code, "area": name, "line": line,
                                         **dimensions}, {"line": places[key]} | dict.fromkeys(dimensions, places[key]))
            reading.cells.add([index + 1] * len(numbers), numbers, [row[number - 1] for number in numbers])
    if layout.line_count is not None and len(first) != layout.line_count:
        reading.fault("line_complete", f"{len(first)} lines, the last: {next(reversed(first), 'none')}",
                      f"the {layout.line_count} lines of this layout", "the file is cut short: download it again",
                      max(first.values(), default=len(grid)))
    check_values(reading, dict.fromkeys(first.values(), code))
