"""Reads tables with a column per financial year and a row per line under section headings: the publisher's England."""

from __future__ import annotations

import re
from collections import Counter

from orchestration.intake.grids import Grid
from orchestration.intake.readers.checks import (
    check_beyond,
    check_values,
    check_values_above,
    is_blank,
    is_short,
    width,
)
from orchestration.intake.readers.headings import read_status
from orchestration.intake.readers.result import AS_PUBLISHED, Reading
from orchestration.intake.years import financial_year, year_of
from orchestration.reference import Councils


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    read_status(reading, grid, header_row)
    years = _read_years(reading, grid[header_row], header_row)
    if not years:
        return
    reading.financial_years = sorted(years.values())
    for column, year in years.items():
        reading.columns.add(column, {"financial_year": year, "area_kind": "england", "council_code": "",
                                     "area": "England"}, {"financial_year": header_row + 1})
    check_values_above(reading, grid, header_row, list(years))
    _read_lines(reading, grid, header_row, list(years))
    check_values(reading)


def _read_years(reading: Reading, header: list[str], header_row: int) -> dict[int, str]:
    """The year of every column. Years follow one another; if one does not, a column was renamed, lost or repeated."""
    pattern = re.compile(reading.layout.financial_year.header)
    printed = {column: year_of(pattern.match(text)) for column, text in enumerate(header, start=1)}
    starts = Counter(int(year[:4]) - column for column, year in printed.items() if year)
    filled = [column for column, text in enumerate(header, start=1) if text.strip()]
    years: dict[int, str] = {}
    if not starts:
        reading.fault("header_matches", "no financial year over any column", "1994-95, 1995-96 and so on",
                      AS_PUBLISHED, header_row + 1)
        return years
    before = starts.most_common(1)[0][0]
    for column in range(filled[0], filled[-1] + 1):
        start = before + column
        expected = financial_year(str(start), str(start + 1))
        if printed[column] != expected:
            reading.fault("header_matches", f"{header[column - 1]!r} over a column", f"{expected}: the years next "
                          "to it follow each other", AS_PUBLISHED, header_row + 1, column)
        elif expected:
            years[column] = expected
    return years


def _read_lines(reading: Reading, grid: Grid, header_row: int, columns: list[int]) -> None:
    section, seen = "", {}
    component = reading.sheet_component or reading.layout.quantity.fixed or "value"
    for index in range(header_row + 1, len(grid)):
        row, number = grid[index], index + 1
        label = " ".join(next((text for text in row[:min(columns) - 1] if text.strip()), "").split())
        if is_blank(row[column - 1] for column in columns if column <= len(row)):
            if label:
                section = label
                reading.note("heading", label, number, 1)
            continue
        if is_short(reading, row, number, max(columns)):
            continue
        check_beyond(reading, row, number, width(grid[header_row]), None)
        line = f"{section}|{label}"
        if line in seen:
            reading.fault("line_complete", f"{line} is also in row {seen[line]}",
                          "every line once under its heading", "remove the row that does not belong", number)
            continue
        seen[line] = number
        reading.rows.add(number, {"line": line, "component": component}, {"line": 1, "component": None})
        reading.cells.add([number] * len(columns), columns, [row[column - 1] for column in columns])
    count = reading.layout.line_count
    if count is not None and len(seen) != count:
        reading.fault("line_complete", f"{len(seen)} lines, the last: {next(reversed(seen), 'none')}",
                      f"the {count} lines of this layout", "the file is cut short or a label was changed: download it "
                      "again", max(seen.values(), default=len(grid)))
