"""A sheet as a grid of printed text, and how a typed cell prints."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

Grid = list[list[str]]


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
