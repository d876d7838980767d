"""What a snapshot file holds, counted in DuckDB; the rows themselves are not read out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import duckdb

from orchestration.placements.recognise import PlacementFile
from orchestration.placements.source_rows import cell, is_filled


@dataclass
class SnapshotSummary:
    """Rows by snapshot, and how many cells were dropped, have no known code or cannot be read.

    ``n_totals`` counts the rows that hold a total of the export and no placement; ``n_without_nhs_gbp`` the rows that
    say as what the NHS pays a share, and not how much.
    """

    n_rows: int
    n_left_out: int
    snapshots: list[tuple[str, dt.date, int, bool]]
    n_totals: int = 0
    n_without_nhs_gbp: int = 0
    dropped: list[tuple[int, str, int]] = field(default_factory=list)
    # By field: how many rows, and the first of them.
    unmapped: dict[str, tuple[int, int]] = field(default_factory=dict)
    unreadable: dict[str, tuple[int, int]] = field(default_factory=dict)


def summarise(connection: duckdb.DuckDBPyConnection, file: PlacementFile, relation: str, n_short_totals: int = 0
              ) -> SnapshotSummary:
    """Counts the rows of the temporary view ``entered``, and the cells of the file that no field is read from.

    ``n_short_totals`` is how many rows of totals at the foot have fewer cells than the header, and are in no table.
    """
    snapshots = connection.execute(
        "select council_code, snapshot_date, count(*), bool_or(coalesce(is_synthetic, false)) from entered "
        "where council_code is not null and snapshot_date is not null group by all order by all").fetchall()
    summary = SnapshotSummary(sum(row[2] for row in snapshots), 0, snapshots)
    summary.n_totals, summary.n_without_nhs_gbp = connection.execute(
        "select (select count(*) from entered_row where is_total) + $1, count(*) from entered "
        "where nhs_share_kind is not null and nhs_share_weekly_gbp is null", [n_short_totals]).fetchone()
    for kind in ("unmapped", "unreadable"):
        setattr(summary, kind, {name: (n_rows, first) for name, n_rows, first in connection.execute(
            "select name, count(*), min(row_number) "
            f"from (select row_number, unnest(string_split({kind}, ',')) as name from entered "
            f"where {kind} is not null) group by name order by name").fetchall()})
    if file.dropped or file.mapping.rows or file.mapping.rows_left_out:
        counts = ", ".join(["count(*)", *(f"count({cell(f'c{number}')})" for number, _ in file.dropped)])
        total, *values = connection.execute(
            f"select {counts} from {relation} where {is_filled(file)}").fetchone()
        summary.n_left_out = total - connection.execute(
            "select count(*) from entered_row where is_total or is_wanted").fetchone()[0]
        summary.dropped = [(number, name, count) for (number, name), count in zip(file.dropped, values)]
    return summary
