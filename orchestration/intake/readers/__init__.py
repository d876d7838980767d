"""Takes value cells and their labels out of recognised sheets, and finds what is wrong with them. Stores nothing.

A published table, however it is arranged, is value cells described by labels of their row and their column. ``result``
is what comes out. One module per arrangement: ``line_columns`` (a row per council), ``area_columns`` (a column per
council), ``year_columns`` (a column per year), ``cross_table`` (patterns say what
a column is), ``records`` (a row per record) and ``registers`` (rows the user keeps,
and reference tables); ``derived`` gives the reason why a table made out of returns is not loaded. ``headings`` finds
year, status and date of publication, ``areas`` distinguishes councils, regions and England, ``return_lines`` counts the
lines of a return, ``checks`` has what the arrangements share.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestration.intake.grids import Grid
from orchestration.intake.layouts import SHEET_SUBJECT, Layout
from orchestration.intake.open import OpenedFile
from orchestration.intake.readers import (
    area_columns,
    cross_table,
    derived,
    line_columns,
    records,
    registers,
    year_columns,
)
from orchestration.intake.readers.result import AS_PUBLISHED, Reading, is_number
from orchestration.intake.readers.return_lines import Terms, count_lines, landed_terms, unknown_words
from orchestration.intake.recognise import Match, identify
from orchestration.intake.years import FIRST_YEAR, LAST_YEAR, financial_year
from orchestration.reference import Councils, councils_due

__all__ = ["FIRST_YEAR", "LAST_YEAR", "Reading", "financial_year", "is_number", "read_file", "say_what_is_absent"]

_SHAPES: dict[str, Callable[[Reading, Grid, int, Councils], None]] = {
    "line_columns": line_columns.read,
    "area_columns": area_columns.read,
    "year_columns": year_columns.read,
    "cross_table": cross_table.read,
    "records": records.read,
}


HALF = 0.5
# A file that is another return has hundreds of words that no one knows.
MOST_WORDS = 5


def read_file(file: OpenedFile, layouts: list[Layout], councils: Councils) -> tuple[list[Reading], list[Match]]:
    """The readings of a file's recognised sheets, and the best match of every sheet (for naming the nearest).

    ``say_what_is_absent`` has what its lines lack: a file that is landed beside it may say what a word means.
    """
    matches = [match for name, grid in file.grids.items() if (match := identify(grid, name, layouts))]
    readings = [
        _read_sheet(file, file.grids[match.sheet], match, councils) for match in matches if match.is_recognised
    ]
    if any(reading.why_not_loaded is None for reading in readings):
        # Sheets of classes of councils beside those of councils are passed over.
        readings = [reading for reading in readings if reading.why_not_loaded is None]
    readings += _claimed_sheets(file, matches, {reading.layout.layout: reading.layout for reading in readings})
    _check_sheets(readings)
    return readings, matches


def _claimed_sheets(file: OpenedFile, matches: list[Match], layouts: dict[str, Layout]) -> list[Reading]:
    """Faults for sheets that resemble a layout of this file, by name or half of their header, but were not recognised.

    If they were skipped, the file would load without them and no message would say so.
    """
    claimed = []
    for match in matches:
        for layout in () if match.is_recognised else layouts.values():
            own = identify(file.grids[match.sheet], match.sheet, [layout])
            says_so = bool(layout.sheets and re.search(layout.sheets, match.sheet, re.IGNORECASE))
            if not says_so and (layout.sheets or not own or own.score < HALF):
                continue
            reading = Reading(file, layout, match.sheet, list(file.grids).index(match.sheet))
            reading.fault("header_matches", f"a header of which {own.score:.0%} is known" if own else "no header",
                          f"the header of {layout.title}, as on the other sheets", AS_PUBLISHED,
                          own.header_row + 1 if own else 1)
            claimed.append(reading)
    return claimed


def _read_sheet(file: OpenedFile, grid: Grid, match: Match, councils: Councils) -> Reading:
    """Reads one sheet by its layout's shape; what is wrong becomes a fault and is never raised."""
    reading = Reading(file, match.layout, match.sheet, list(file.grids).index(match.sheet))
    if match.layout.kind == "derived":
        derived.read(reading, grid, match.header_row)
    elif match.layout.is_register:
        registers.read(reading, grid, match.header_row, councils)
    else:
        _SHAPES[match.layout.shape](reading, grid, match.header_row, councils)
        _count_councils(reading, councils)
    return reading


def _count_councils(reading: Reading, councils: Councils) -> None:
    """Names the councils that a return of all England lacks; gate A decides whether it may be used without them.

    A file of several years is left to gate A entirely, which counts year by year, and so is one with a sheet a council.
    """
    is_sheet_of_one = reading.layout.area is not None and reading.layout.area.column == SHEET_SUBJECT
    if reading.layout.coverage != "england" or len(reading.financial_years) != 1 or reading.faults or is_sheet_of_one:
        return
    [year] = reading.financial_years
    due = councils_due(reading.layout.layout, year)
    if due is None or len(reading.councils) == due:
        return
    absent = [f"{code} {name}" for code, name in councils.names.items()
              if code not in reading.councils and not councils.why_not(code, year)]
    reading.oddities.append(f"{len(reading.councils)} councils where {year} has {due}"
                            + (f", without {'; '.join(absent[:5])}" if len(absent) <= 20 else ""))


def say_what_is_absent(readings: list[Reading]) -> None:
    """Says of each sheet which of its words no one knows, nor the registers among the readings, and that it is a part
    of its return; what needs the absent lines is missing (``part_of_return``).
    """
    landed = landed_terms(readings)
    for reading in readings:
        if not (reading.faults or reading.why_not_loaded or reading.layout.is_register):
            _count_lines(reading, landed)


def _count_lines(reading: Reading, landed: Terms) -> None:
    unknown = unknown_words(reading, landed)
    for words, n in unknown.most_common(MOST_WORDS):
        reading.oddities.append(
            f"no one knows {words} ({n:,} lines or cells): left out, with the totals they belong to; land a CSV "
            "(term_set, dimension, printed, slug) that says what it is")
    if len(unknown) > MOST_WORDS:
        reading.oddities.append(f"and {len(unknown) - MOST_WORDS:,} more words that no one knows")
    for held in count_lines(reading, landed):
        if held.n_held < held.n_expected:
            year = f" of {held.financial_year}" if len(reading.financial_years) > 1 else ""
            reading.oddities.append(f"a part of a return: {held.n_held} of {held.n_expected} lines{year}, "
                                    f"the first absent: {held.first_absent}")


def _check_sheets(readings: list[Reading]) -> None:
    """A workbook's sheets must not hold the same return twice: its figures would count twice."""
    first: dict[tuple[str, str, str], str] = {}
    for reading in readings:
        for year in reading.financial_years if reading.layout.kind == "return" else ():
            part = f"{reading.sheet_component or ''}|{reading.sheet_part}"
            other = first.setdefault((reading.layout.layout, year, part), reading.sheet)
            if other != reading.sheet:
                reading.fault("council_once", f"{year} of {reading.layout.title} is also on sheet {other!r}",
                              "every return on one sheet of the workbook", "remove the sheet that does not belong")
