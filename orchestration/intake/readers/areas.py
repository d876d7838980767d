"""Recognises the area a text names: a council (by code, ONS code or name), England, a region, or another kind.

England and region rows are in the same files as councils; if they were added up together, every pound would count
three times.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from orchestration.faults import column_letter
from orchestration.intake.layouts import Area
from orchestration.intake.readers.result import Reading
from orchestration.reference import Councils

COUNCIL, ENGLAND, REGION, OTHER = "council", "england", "region", "other"


class FoundCouncil(NamedTuple):
    """A council as a file names it: code, printed text, row and column from 1."""

    code: str
    text: str
    row: int
    column: int


def match_area(area: Area, text: str, councils: Councils) -> tuple[str, str] | None:
    """Kind and council code of a printed area, or None where this layout does not know it."""
    found = _match_council(area, text, councils) if area.by == "code" else None
    if found:
        return found
    for kind, pattern in ((ENGLAND, area.england), (REGION, area.region), (OTHER, area.other)):
        if pattern and re.match(pattern, text, re.IGNORECASE):
            return kind, ""
    return _match_council(area, text, councils)


def _match_council(area: Area, text: str, councils: Councils) -> tuple[str, str] | None:
    found = re.match(area.council, text, re.IGNORECASE) if area.council else None
    if found is None:
        return None
    groups = found.groupdict()
    code = groups.get("code") or groups.get("name") or text.strip()
    if area.by == "ons_code":
        code = councils.ons_codes.get(code)
    elif area.by == "name":
        code = councils.code_of_name(code)
    return (COUNCIL, code) if code else None


def check_councils(reading: Reading, found: list[FoundCouncil], year: str, councils: Councils) -> None:
    """Checks that every council existed in that year and appears once."""
    cells = defaultdict(list)
    for code, text, row, column in found:
        cells[code].append((row, column))
        problem = councils.why_not(code, year, text)
        if problem:
            reading.fault("council_known", f"{text.strip()!r}: {problem}",
                          f"a council of England in {year}, by its code",
                          "correct the code, or add the new council to seeds/reference/council.csv",
                          row, column, code)
    for code, where in cells.items():
        if len(where) > 1:
            first = ", ".join(f"row {row} column {column_letter(column)}" for row, column in where)
            reading.fault("council_once", f"council {code} appears {len(where)} times ({first})",
                          "every council once", "remove the row or column that does not belong",
                          where[1][0], where[1][1], code)
    reading.councils = sorted(cells)


def check_england_once(reading: Reading, cells: list[tuple[int, int]]) -> None:
    if len(cells) > 1:
        where = ", ".join(f"row {row} column {column_letter(column)}" for row, column in cells)
        reading.fault("council_once", f"England appears {len(cells)} times ({where})", "England once",
                      "remove the row or column that does not belong", *cells[1])
