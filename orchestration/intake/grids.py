"""A sheet as a grid of printed text, and how a typed cell prints."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

Grid = list[list[str]]

# Digits with or without thousands commas; a currency sign and the publisher's own asterisk may go with them, a
# spreadsheet's E-14 after a decimal, and behind it the shorthand of official statistics ([p], [note 3]). What this
# lets through, staging must be able to type: ASCII digits only, at most 18 of them before the decimal point.
NUMBER = re.compile(
    r" *(-?[£$]?|[£$]-)([0-9]{1,3}(,[0-9]{3}){1,5}|[0-9]{1,18}|(?=\.))(\.[0-9]+(E-[0-9]{2})?)? *\*? *"
    r"(\[(note [0-9]{1,3}|[a-z]{1,4})\] *)*")


def as_printed(cell: object) -> str:
    """A workbook cell as a CSV of the same sheet would print it: 12.0 is 12, a midnight its day, None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, float) and math.isfinite(cell):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, Decimal) and cell.is_finite():
        return format(cell, "f")
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return plain_spaces(str(cell))


def plain_spaces(text: str) -> str:
    """No-break spaces as spaces: they print alike, but no database trims them from a number."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


def find_above(grid: Grid, header_row: int, pattern: str) -> tuple[re.Match[str], int, int] | None:
    """The first text from the top down to the header's row that holds the pattern, with its row and column from 1."""
    for index, row in enumerate(grid[: header_row + 1]):
        for position, text in enumerate(row):
            if found := re.search(pattern, text, re.IGNORECASE):
                return found, index + 1, position + 1
    return None
