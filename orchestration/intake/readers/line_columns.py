"""Reads tables with a row per council and a column per published line and component (PSS EX1 unit costs, activity).

Columns are recognised by their published text. Where the publisher prints a row of references (A4.7), the layout is
recognised by that row, and the stacked headers above it must be those of the reference in that year.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from operator import itemgetter

from orchestration.intake.grids import Grid
from orchestration.intake.layouts import Edition, Layout, normalise
from orchestration.intake.readers import areas
from orchestration.intake.readers.areas import FoundCouncil
from orchestration.intake.readers.checks import (
    check_beyond,
    check_values,
    check_values_above,
    is_blank,
    is_short,
    width,
)
from orchestration.intake.readers.headings import read_year_and_status
from orchestration.intake.readers.result import AS_PUBLISHED, Reading, is_number, short
from orchestration.reference import Councils


@dataclass(frozen=True)
class _ExpectedColumn:
    line: str
    component: str
    text: str


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    year = read_year_and_status(reading, grid, header_row)
    if year is None:
        return
    header = grid[header_row]
    edition = reading.layout.editions.get(year)
    if reading.layout.recognised_by == "line":
        columns = _match_references(reading, grid, header_row, edition)
    else:
        columns = _match_columns(reading, header, header_row, edition)
    check_values_above(reading, grid, header_row, list(columns))
    first_data = _check_below_header(reading, grid, header_row, columns)
    for column in sorted(columns):
        expected = columns[column]
        reading.columns.add(column, {"line": expected.line, "component": expected.component,
                                     "header": header[column - 1]},
                            {"line": header_row + 1, "component": header_row + 1, "header": header_row + 1})
    _read_council_rows(reading, grid, first_data, sorted(columns), width(header), year, councils)


def _area_column(layout: Layout) -> int:
    return int(layout.area.column or 1)


def _first_value_column(layout: Layout) -> int:
    return max(_area_column(layout), int(layout.area.name_column or 0)) + 1


# --- columns recognised by their text ---------------------------------------------------------------------------------


def _expected_columns(layout: Layout, edition: Edition | None) -> list[_ExpectedColumn]:
    without = set(edition.without) if edition else set()
    misprints = {(m.line, m.component): m.printed for m in edition.misprints} if edition else {}
    return [
        _ExpectedColumn(line.line, part, misprints.get((line.line, part), getattr(line, part)))
        for line in layout.lines if line.line not in without for part in line.components
    ]


def _match_columns(reading: Reading, header: list[str], header_row: int,
                   edition: Edition | None) -> dict[int, _ExpectedColumn]:
    """Column number to what it holds. Renamed, missing and added columns become faults, each with its location."""
    layout = reading.layout
    expected = _expected_columns(layout, edition)
    before = _first_value_column(layout) - 1
    # Blank columns between blocks are not columns of the table.
    filled = [column for column, text in enumerate(header[before:width(header)], start=before + 1)
              if text.strip() or not layout.header.stack]
    found = [normalise(header[column - 1]) for column in filled]
    first_cell = header[0].strip().lower()
    if first_cell not in layout.header.first_cell:
        reading.fault("header_matches", repr(header[0]), "an empty cell or COUNCIL over the councils",
                      "restore the publisher's header", header_row + 1, 1)
    if edition is None:
        expected = _only_printed_lines(expected, set(found))
    columns: dict[int, _ExpectedColumn] = {}
    matcher = difflib.SequenceMatcher(a=[normalise(column.text) for column in expected], b=found, autojunk=False)
    for tag, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        if tag == "equal":
            columns |= dict(zip(filled[from_b:to_b], expected[from_a:to_a]))
        else:
            at = filled[from_b] if from_b < len(filled) else (filled[-1] if filled else 0) + 1
            _header_faults(reading, header, header_row, expected[from_a:to_a], filled[from_b:to_b], at)
    return columns


def _only_printed_lines(expected: list[_ExpectedColumn], found: set[str]) -> list[_ExpectedColumn]:
    """For a year the layout does not describe: a line with any column printed must have all of its columns."""
    printed = {column.line for column in expected
               if column.component in ("denominator", "value") and normalise(column.text) in found}
    return [column for column in expected if column.line in printed]


def _header_faults(reading: Reading, header: list[str], header_row: int, missing: list[_ExpectedColumn],
                   added: list[int], at: int) -> None:
    row = header_row + 1
    for expected, column in zip(missing, added):
        reading.fault("header_matches", f"a renamed column: {short(header[column - 1])}",
                      f"{expected.line} {expected.component}: {short(expected.text)}",
                      AS_PUBLISHED, row, column)
    for expected in missing[len(added):]:
        reading.fault("header_matches", "a column is missing", f"{expected.line} {expected.component}: "
                      f"{short(expected.text)}", "restore the column, or list the line under the year's `without`",
                      row, at + min(len(added), len(missing)))
    for column in added[len(missing):]:
        reading.fault("header_matches", f"an added column: {short(header[column - 1])}",
                      "only columns of this layout", "remove the column, or add its line to the layout", row, column)


# --- columns recognised by a row of references ------------------------------------------------------------------------


def _match_references(reading: Reading, grid: Grid, header_row: int,
                      edition: Edition | None) -> dict[int, _ExpectedColumn]:
    """Column number to what it holds, by the row of references; the texts above must be those of the year."""
    layout = reading.layout
    lines = {line.line: line for line in layout.lines}
    without = set(edition.without) if edition else set()
    header, above = grid[header_row], stacked(grid, header_row, layout.header.stack)
    columns: dict[int, _ExpectedColumn] = {}
    seen: dict[str, int] = {}
    for column, text in enumerate(header, start=1):
        reference = text.strip()
        if column < _first_value_column(layout) or not reference:
            continue
        line = lines.get(reference)
        if line is None or reference in without or reference in seen:
            reading.fault("header_matches", f"a reference {reference!r}" + (" again" if reference in seen else ""),
                          "the references of this layout and year, each once", "restore the published row of "
                          "references, or add the line to the layout", header_row + 1, column)
            continue
        seen[reference] = column
        if _is_worded_otherwise(layout, edition, reference, above[column - 1]):
            reading.fault("header_matches", f"a renamed column: {short(above[column - 1])}",
                          f"{reference}: {short((edition and edition.texts.get(reference)) or line.value)}",
                          AS_PUBLISHED,
                          header_row, column)
        columns[column] = _ExpectedColumn(reference, "value", line.value)
    if edition:
        for missing in sorted(set(lines) - without - set(seen)):
            reading.fault("header_matches", f"no column {missing}", short(lines[missing].value),
                          "restore the column, or list the line under the year's `without`", header_row + 1)
    return columns


def _is_worded_otherwise(layout: Layout, edition: Edition | None, line: str, found: str) -> bool:
    """A year that the layout does not describe may use the wording of any year that it does."""
    own = next(known.value for known in layout.lines if known.line == line)
    if edition:
        wordings = [edition.texts.get(line, own)]
    else:
        wordings = [own, *(other.texts[line] for other in layout.editions.values() if line in other.texts)]
    return normalise(found) not in {normalise(text) for text in wordings}


def stacked(grid: Grid, header_row: int, height: int) -> list[str]:
    """The texts of the ``height`` rows above, joined by `` | `` column by column.

    A blank cell continues the merged cell to its left, within the merged cell above it.
    """
    rows = grid[max(header_row - height, 0):header_row]
    columns = max((len(row) for row in [*rows, grid[header_row]]), default=0)
    carried: list[list[str]] = []
    starts = [False] * columns
    for row in rows:
        padded, last, texts = [*row, *[""] * (columns - len(row))], "", []
        for column, text in enumerate(padded):
            if text.strip():
                last = " ".join(text.split())
                starts[column] = True
            elif starts[column]:
                last = ""
            texts.append(last)
        carried.append(texts)
    return [" | ".join(text for text in column if text) for column in zip(*carried)] if carried else [""] * columns


# --- rows -------------------------------------------------------------------------------------------------------------


def _check_below_header(reading: Reading, grid: Grid, header_row: int, columns: dict[int, _ExpectedColumn]) -> int:
    """Checks the rows of references and components where the year prints them; returns the first data row's index."""
    below = reading.layout.below_header
    index = header_row + 1
    for dimension, pattern in (("line", below.line), ("component", below.component)) if below else ():
        row = grid[index] if index < len(grid) else []
        printed = [text.strip() for text in row[1:] if text.strip()]
        fitting = [text for text in printed if re.fullmatch(pattern.strip("^$"), text, re.IGNORECASE)]
        if not printed or len(fitting) < len(printed) / 2:
            continue
        if is_short(reading, row, index + 1, max(columns, default=0)):
            return index + 1
        for column, expected in columns.items():
            text = row[column - 1].strip()
            wanted = getattr(expected, dimension)
            # A spreadsheet that read 2.10 as a number prints 2.1; the header above identifies the line.
            if text.lower().replace(" ", "_") not in (wanted.lower(), wanted.rstrip("0").lower()):
                reading.fault("header_matches", f"{text!r} under the header of {expected.line} {expected.component}",
                              repr(wanted), "restore the published row of references", index + 1, column)
        index += 1
    return index


def _read_council_rows(reading: Reading, grid: Grid, first_data: int, columns: list[int], last: int, year: str,
                       councils: Councils) -> None:
    area = reading.layout.area
    found: list[FoundCouncil] = []
    england: list[tuple[int, int]] = []
    for index in range(first_data, len(grid)):
        row, number = grid[index], index + 1
        text, column = _area_text(reading.layout, row)
        matched = areas.match_area(area, text, councils) if text.strip() else None
        if matched and matched[0] == areas.OTHER:
            reading.note("set_apart", text, number, column)
        elif matched:
            kind, code = matched
            if kind == areas.COUNCIL:
                found.append(FoundCouncil(code, text, number, column))
            elif kind == areas.ENGLAND:
                england.append((number, column))
            _take_row(reading, row, number, columns, last, (kind, code, text), column)
        elif text.strip() and is_blank([*row[:column - 1], *row[column:]]):
            reading.note("footnote", text, number, column)
        elif remark := _remark(row):
            reading.note("remark", row[remark - 1], number, remark)
        elif not is_blank(row):
            reading.fault("council_known", f"a row of values for {short(text)}",
                          "a council such as '102 - Cumbria', or England",
                          "correct the first cell, or remove a row that is not a council's", number, column)
    areas.check_england_once(reading, england)
    if not england and area.england_row == "required":
        reading.fault("file_complete", f"no row for England; the last council is {found[-1].text.strip()!r}" if found
                      else "no row for England and no council", "the row 'TOTAL England' under the councils",
                      "the file is cut short: download it again", row=len(grid))
    areas.check_councils(reading, found, year, councils)
    check_values(reading, {council.row: council.code for council in found})


def _area_text(layout: Layout, row: list[str]) -> tuple[str, int]:
    """The text that identifies a row's area, and its column: the code, or the name if blank (England has no code)."""
    column = _area_column(layout)
    text = row[column - 1] if len(row) >= column else ""
    name = int(layout.area.name_column or 0)
    if not text.strip() and name and len(row) >= name and row[name - 1].strip():
        return row[name - 1], name
    return text, column


def _remark(row: list[str]) -> int | None:
    """The column of the only text in a row; None where the row holds anything more, or a number."""
    filled = [column for column, text in enumerate(row, start=1) if text.strip()]
    return filled[0] if len(filled) == 1 and not is_number(row[filled[0] - 1]) else None


def _take_row(reading: Reading, row: list[str], number: int, columns: list[int], last: int,
              area: tuple[str, str, str], column: int) -> None:
    kind, code, text = area
    if is_short(reading, row, number, max(columns, default=0), code or None):
        return
    reading.rows.add(number, {"area_kind": kind, "council_code": code, "area": text},
                     {"area_kind": column, "council_code": column, "area": column})
    check_beyond(reading, row, number, last, code or None)
    if columns:
        texts = itemgetter(*(column - 1 for column in columns))(row)
        reading.cells.add([number] * len(columns), columns, list(texts) if len(columns) > 1 else [texts])
