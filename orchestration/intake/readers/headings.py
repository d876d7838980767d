"""Finds what applies to a whole sheet: its financial year, whether it is final and when it was published."""

from __future__ import annotations

import re
from collections import Counter

from orchestration.intake.grids import Grid, find_above
from orchestration.intake.layouts import Layout, YearLocation
from orchestration.intake.readers.result import Reading
from orchestration.intake.years import year_of

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}


def parse_year(location: YearLocation, text: str) -> str | None:
    """The financial year of a cell's text by the layout's pattern."""
    return year_of(re.match(location.pattern, text)) if location.pattern else None


# Ways in which publishers print a year, for the words of a fault; the first one that a layout reads is shown.
_PRINTED_YEARS = ("2008-09", "2008/09", "2008/2009", "2014 - 2015", "2008-2009", "2014-15", "2018", "2014/15")


def year_words(location: YearLocation) -> str:
    """What a cell must hold for this layout to read a year from it, with an example of how it is printed there."""
    shown = next((text for text in _PRINTED_YEARS if parse_year(location, text)), None)
    if shown and "(?P<ending>" in (location.pattern or ""):
        return f"the year in which a financial year ends, such as {shown} for {parse_year(location, shown)}"
    return f"a financial year such as {shown or '2008-09'}"


def read_year_and_status(reading: Reading, grid: Grid, header_row: int) -> str | None:
    """The one financial year of a sheet, noted with its location, or None and a fault. Sets the status as well."""
    location = reading.layout.financial_year
    year, row, column, printed = location.fixed, None, None, "no financial year in the rows above the header"
    if location.above_header:
        found = find_above(grid, header_row, location.above_header)
        if found:
            match, row, column = found
            year, printed = year_of(match), repr(match[0])
    read_status(reading, grid, header_row)
    if year is None:
        reading.fault("financial_year_printed", printed, "a year such as 2008-09 in the title",
                      "restore the title row the publisher printed", row=row or 1, column=column or 1)
        return None
    reading.financial_years = [year]
    reading.note("financial_year", year, row, column)
    _check_year_of_headers(reading, grid[header_row], year, header_row)
    return year


def read_status(reading: Reading, grid: Grid, header_row: int) -> None:
    """Sets status, date of publication and the sheet's own component from what is printed above the header."""
    layout = reading.layout
    reading.status = layout.status.otherwise
    for status, pattern in layout.status.above_header.items():
        if find_above(grid, header_row, pattern):
            reading.status = status
            break
    if layout.published_on:
        reading.published_on = _published_on(layout, [grid, *reading.file.grids.values()])
    for pattern, component in layout.quantity.sheet.items():
        if re.search(pattern, reading.sheet, re.IGNORECASE):
            reading.sheet_component = component
    if layout.quantity.sheet and reading.sheet_component is None:
        reading.fault("header_matches", f"a sheet {reading.sheet!r} whose name has no quantity",
                      f"one of {', '.join(layout.quantity.sheet.values())} in the sheet's name",
                      "land the workbook as published: a sheet saved on its own has lost its name")


def _published_on(layout: Layout, grids: list[Grid]) -> str | None:
    pattern = re.compile(layout.published_on.anywhere, re.IGNORECASE)
    for grid in grids:
        for row in grid[:120]:
            for text in row:
                if (found := pattern.search(text)) and (date := _date(found)):
                    return date
    return None


def _date(found: re.Match[str]) -> str | None:
    month = found["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3])
    return f"{int(found['year']):04d}-{number:02d}-{int(found['day']):02d}" if number else None


def _check_year_of_headers(reading: Reading, header: list[str], year: str, header_row: int) -> None:
    ends = Counter(found for text in header for found in re.findall(r"31 march (\d{4})", text.lower()))
    end_year = str(int(year[:4]) + 1)
    for column, text in enumerate(header, start=1):
        found = re.search(r"31 march (\d{4})", text.lower())
        if found and found[1] != end_year:
            reading.fault("financial_year_printed", f"the header names 31 March {found[1]} "
                          f"({ends[found[1]]} columns)",
                          f"31 March {end_year}, the end of {year}, the year in the title",
                          "find out which year the file holds and restore the right title or header",
                          row=header_row + 1, column=column)
            return
