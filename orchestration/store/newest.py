"""What should be stored by a day, by the calendar of the returns and of each council, and what is not."""

from __future__ import annotations

import datetime as dt
from itertools import groupby, pairwise
from pathlib import Path

from orchestration import database
from orchestration.survey import LANDED

# The return of the year that ended in March is published in October or November.
RETURN_DUE = (11, 30)
# By then a council has filed the snapshot of the month that ended.
SNAPSHOT_DUE_DAY = 10
# Whoever files a snapshot this often files one a month.
MONTHLY_DAYS = 45


def year_due(day: dt.date) -> str:
    """The newest financial year (2025-26) whose return should be here on a day."""
    ended = day.year if (day.month, day.day) > RETURN_DUE else day.year - 1
    return f"{ended - 1}-{ended % 100:02d}"


def month_due(day: dt.date) -> str:
    """The newest month (2026-10) whose snapshots should be here on a day."""
    filed = day.replace(day=1) - dt.timedelta(days=1)
    return f"{filed if day.day > SNAPSHOT_DUE_DAY else filed.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def newest_landed_year(warehouse_path: Path) -> str | None:
    """The newest financial year of a return that was landed; the embedded default is never due."""
    with database.connect(warehouse_path) as connection:
        return connection.execute(
            "select max(financial_year) from raw.release where origin = ?", [LANDED]).fetchone()[0]


def days_by_council(warehouse_path: Path) -> dict[str, list[dt.date]]:
    """The days of each council's landed snapshots, the first one first."""
    with database.connect(warehouse_path) as connection:
        rows = connection.execute("select distinct council_code, snapshot_date from raw.snapshot where origin = ? "
                                  "order by all", [LANDED]).fetchall()
    return {council: [day for _, day in days] for council, days in groupby(rows, lambda row: row[0])}


def late(days: dict[str, list[dt.date]], today: dt.date) -> dict[str, dt.date]:
    """The councils that file every month and have no snapshot of the month that is due, with their newest day."""
    due = month_due(today)
    return {council: found[-1] for council, found in days.items()
            if files_monthly(found) and f"{found[-1]:%Y-%m}" < due}


def files_monthly(days: list[dt.date]) -> bool:
    return any((after - before).days <= MONTHLY_DAYS for before, after in pairwise(days))
