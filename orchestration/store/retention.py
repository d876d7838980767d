"""How much is kept and for how long: releases by their number, rows about people by their age.

Those who support a person keep the record; the warehouse keeps a copy for the questions of a few years. Rows of local
placements are dropped a set time after they were received, whether or not anything is landed, and leave nothing in the
file.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from orchestration.faults import UnusableInput
from orchestration.store import warehouse
from orchestration.store.files import expire_snapshots

RELEASES_KEPT = 2
# The return of a year is settled by then, with two earlier years to compare it with.
PLACEMENT_MONTHS_KEPT = 36


def releases_kept() -> int:
    """How many releases stay on disk: ``$CAREQUARTILE_RELEASES_KEPT``, else 2.

    Never fewer than 2: a reader half-way through the Parquet folder of the last one must be able to finish.
    """
    return _setting("CAREQUARTILE_RELEASES_KEPT", RELEASES_KEPT, 2)


def placement_months_kept() -> int:
    """How many months rows of placements stay: ``$CAREQUARTILE_PLACEMENT_MONTHS_KEPT``, else 36."""
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
    """Rows of placements received before this moment (UTC, without a zone, as raw keeps it) are to be dropped."""
    now = (now or dt.datetime.now(dt.UTC)).replace(tzinfo=None)
    months = now.year * 12 + now.month - 1 - placement_months_kept()
    first = dt.datetime(max(months // 12, 1), months % 12 + 1, 1)
    last_day = ((first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)).day
    return dt.datetime.combine(first.replace(day=min(now.day, last_day)), now.time())


def expire(warehouse_path: Path, now: dt.datetime | None = None) -> list[str]:
    """Drops the landed placements that have been kept long enough and returns the names of their files.

    The warehouse is written anew without them: a deleted row's bytes would stay in the file. Tables that dbt made of
    them go too, and are built again from what is left. A row of ``raw.source_file`` keeps the reason.
    """
    releases_kept()  # A wrong setting is reported before the run, not after the new release is up.
    before, day = cutoff(now), (now or dt.datetime.now(dt.UTC)).date()
    expired = expire_snapshots(
        warehouse_path, before, f"rows about people are kept {placement_months_kept()} months; dropped on {day}")
    if expired:
        warehouse.rewrite(warehouse_path)
    return expired
