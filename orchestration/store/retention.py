"""How much is kept and for how long: a number of releases, and rows about people for a number of months.

The council's care records remain the record; the warehouse keeps a copy to answer questions for a few years. Rows of
local placements are dropped a set time after they were received, whether or not anything is landed, and no trace of
them is left in the file.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from orchestration.faults import UnusableInput
from orchestration.store import warehouse
from orchestration.store.files import expire_snapshots

RELEASES_KEPT = 2
# By then a year's return is final, and two earlier years have been available for comparison.
PLACEMENT_MONTHS_KEPT = 36


def releases_kept() -> int:
    """How many releases stay on disk: ``$CAREQUARTILE_RELEASES_KEPT``, else 2.

    Never fewer than 2: a program that is still reading the previous release's Parquet folder must be able to finish.
    """
    return _setting("CAREQUARTILE_RELEASES_KEPT", RELEASES_KEPT, 2)


def placement_months_kept() -> int:
    """How many months rows of placements are kept: ``$CAREQUARTILE_PLACEMENT_MONTHS_KEPT``, else 36."""
    return _setting("CAREQUARTILE_PLACEMENT_MONTHS_KEPT", PLACEMENT_MONTHS_KEPT, 1)


def _setting(name: str, default: int, least: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= 1200):
        raise UnusableInput(f"{name} is {text!r}. Expected: a whole number from {least} to 1200. "
                            f"Next: correct it, or unset it for {default}.")
    return int(text)


def cutoff(now: dt.datetime | None = None) -> dt.datetime:
    """Rows of placements received before this moment (UTC, without a zone, as raw stores it) are to be dropped."""
    now = (now or dt.datetime.now(dt.UTC)).replace(tzinfo=None)
    months = now.year * 12 + now.month - 1 - placement_months_kept()
    first = dt.datetime(max(months // 12, 1), months % 12 + 1, 1)
    last_day = ((first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)).day
    return dt.datetime.combine(first.replace(day=min(now.day, last_day)), now.time())


def expire(warehouse_path: Path, now: dt.datetime | None = None) -> list[str]:
    """Drops the landed placements that have been kept long enough and returns the names of their files.

    The warehouse is written anew without them: the bytes of a deleted row would stay in the file. Tables that dbt made
    from them are dropped too, and are built again from what is left. The reason is kept in ``raw.source_file``.
    """
    # So that a wrong setting is reported before the run, not after the new release is published.
    releases_kept()
    before, day = cutoff(now), (now or dt.datetime.now(dt.UTC)).date()
    expired = expire_snapshots(
        warehouse_path, before, f"rows about people are kept {placement_months_kept()} months; dropped on {day}")
    if expired:
        warehouse.rewrite(warehouse_path)
    return expired
