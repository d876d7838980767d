"""Financial years as publishers print them."""

from __future__ import annotations

import re

# Returns of other years are misprints. Each of these is a partition of the raw returns; the publisher's own series of
# England begin in 1994-95.
FIRST_YEAR, LAST_YEAR = 1994, 2040


def financial_year(start: str, end: str) -> str | None:
    """``2008-09`` from a start year and an end year of two or four digits; None where no returns are of that year."""
    is_a_year = int(end) in (int(start) + 1, (int(start) + 1) % 100) and FIRST_YEAR <= int(start) <= LAST_YEAR
    return f"{int(start)}-{int(end) % 100:02d}" if is_a_year else None


def year_of(found: re.Match[str] | None) -> str | None:
    """The financial year a pattern found: by groups ``start`` and ``end``, or by ``ending`` (2018 is 2017-18)."""
    if found is None:
        return None
    groups = found.groupdict()
    if groups.get("ending"):
        return financial_year(str(int(groups["ending"]) - 1), groups["ending"])
    return financial_year(groups["start"], groups["end"])
