"""What happens to a stored file: it is accepted once both gates have passed it, or rejected, purged or expired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration import database
from orchestration.store.registers import register_layouts
from orchestration.survey import LANDED

STOPPED = "stopped_by_gate"
EXPIRED = "expired"
SUPERSEDED = "superseded"
# Of a file that is loaded and has not passed both gates yet.
STORED = "stored"


def sheet_tables() -> tuple[str, ...]:
    """The raw tables whose rows belong to a sheet, by ``sheet_id``."""
    return ("cell", "row_label", "column_label", "label_place", "sheet_note", "register_column",
            *(layout.layout for layout in register_layouts()))


def mark_accepted(warehouse_path: Path) -> None:
    """Marks every loaded file as accepted: both gates have passed it."""
    with database.connect(warehouse_path) as connection:
        connection.execute("update raw.source_file set is_accepted = true where status = 'loaded'")
        connection.execute("update raw.snapshot set is_accepted = true where not is_accepted")
        drop_superseded(connection)


def reject_files(warehouse_path: Path, reasons: Mapping[str, str]) -> list[str]:
    """Deletes the content of these releases' files that were never accepted, keeps the reason, and returns their names.

    Otherwise a file that a gate stopped would stop every later run too, even after it was corrected and landed again.
    ``reasons`` is by release id; other files of the same run stay.
    """
    with database.connect(warehouse_path) as connection:
        stopped = {}
        # A snapshot may be stopped because of a new one of the same council on an earlier or later day.
        councils = {council: reasons[snapshot] for snapshot, council in connection.execute(
            "select snapshot_id, council_code from raw.snapshot order by load_order").fetchall() if snapshot in reasons}
        for source_id, name, release, council in _not_accepted(connection):
            if reason := reasons.get(release) or councils.get(council):
                stopped.setdefault(source_id, (name, reason))
        for source_id, (_, reason) in stopped.items():
            drop_content(connection, source_id)
            connection.execute("update raw.source_file set status = ?, reason = ? where source_id = ?",
                               [STOPPED, reason, source_id])
    return [name for name, _ in stopped.values()]


def purge_files(warehouse_path: Path, source_ids: set[str]) -> list[str]:
    """Deletes those of these returns that were never accepted, with every row about them; returns their names.

    If a file names a person, a row about the file would put that name into what is published.
    """
    with database.connect(warehouse_path) as connection:
        purged = {source_id: name for source_id, name, *_ in _not_accepted(connection) if source_id in source_ids}
        for source_id in purged:
            drop_source(connection, source_id)
    return list(purged.values())


def _not_accepted(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str | None]]:
    """Source id, file name, release id and, for a snapshot, council of every loaded file that was never accepted."""
    return connection.execute(
        "select distinct files.source_id, files.file_name, releases.release_id, releases.council_code "
        "from raw.source_file as files inner join (select source_id, release_id, null as council_code from raw.release "
        "    union all select source_id, snapshot_id, council_code from raw.snapshot) as releases using (source_id) "
        "where files.status = 'loaded' and not files.is_accepted order by all").fetchall()


def stopped_files(warehouse_path: Path) -> dict[str, str]:
    """The source id of every file that a gate stopped, with the reason."""
    with database.connect(warehouse_path) as connection:
        return dict(connection.execute(
            "select source_id, reason from raw.source_file where status = ?", [STOPPED]).fetchall())


def states_of_files(warehouse_path: Path, read_only: bool = False) -> dict[str, str]:
    """What is known of each source id: loaded, STORED where it has not passed both gates, refused and so on."""
    with database.connect(warehouse_path, read_only) as connection:
        return dict(connection.execute(
            "select source_id, case when status = 'loaded' and not is_accepted then ? else status end "
            "from raw.source_file order by status = 'loaded', status", [STORED]).fetchall())


def expire_snapshots(warehouse_path: Path, before: dt.datetime, reason: str) -> list[str]:
    """Deletes the landed snapshots received before a moment, keeps a row with the reason, and returns their files."""
    with database.connect(warehouse_path) as connection, database.transaction(connection):
        old = connection.execute(
            "select distinct files.source_id, files.file_name from raw.source_file as files "
            "inner join raw.snapshot as snapshots using (source_id) "
            "where files.origin = ? and files.status = 'loaded' and files.received_at < ? order by all",
            [LANDED, before]).fetchall()
        for source_id, _ in old:
            drop_content(connection, source_id)
            connection.execute("update raw.source_file set status = ?, reason = ? where source_id = ?",
                               [EXPIRED, reason, source_id])
    return [name for _, name in old]


def expired_files(warehouse_path: Path, before: dt.datetime) -> set[str]:
    """The source id of every snapshot file that was dropped for its age and would be dropped again.

    Once a clock that was ahead is corrected, or rows are kept for longer, a file can be landed again.
    """
    with database.connect(warehouse_path) as connection:
        return {row[0] for row in connection.execute(
            "select source_id from raw.source_file where status = ? and received_at < ?", [EXPIRED, before]).fetchall()}


def loaded_years(warehouse_path: Path) -> list[str]:
    """The financial years for which a return is stored."""
    with database.connect(warehouse_path) as connection:
        return [row[0] for row in connection.execute(
            "select distinct financial_year from raw.release order by 1").fetchall()]


def has_landed(warehouse_path: Path) -> bool:
    """Whether anything the user landed is stored, or was until it expired (the embedded default does not count)."""
    with database.connect(warehouse_path) as connection:
        return connection.execute(
            "select count(*) from (select origin from raw.release union all select origin from raw.snapshot "
            "union all select origin from raw.source_file where status = ?) where origin = ?",
            [EXPIRED, LANDED]).fetchone()[0] > 0


def count_snapshots(warehouse_path: Path) -> int:
    """How many snapshots of placements are stored."""
    with database.connect(warehouse_path) as connection:
        return connection.execute("select count(*) from raw.snapshot").fetchone()[0]


def has_snapshots(warehouse_path: Path) -> bool:
    """Whether placements were ever stored, pseudonymised with the key of this home."""
    with database.connect(warehouse_path) as connection:
        return connection.execute("select count(*) from raw.person_key_check").fetchone()[0] > 0


def drop_origin(connection: duckdb.DuckDBPyConnection, origin: str) -> None:
    sources = [row[0] for row in connection.execute(
        "select distinct source_id from raw.source_file where origin = ?", [origin]).fetchall()]
    for source_id in sources:
        drop_source(connection, source_id)


def drop_source(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    drop_content(connection, source_id)
    connection.execute("delete from raw.source_file where source_id = ?", [source_id])


def drop_content(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    """Deletes all that a file holds, except for its row in ``raw.source_file``."""
    _drop_placements(connection, source_id)
    sheets = "(select sheet_id from raw.source_sheet where source_id = ?)"
    for table in sheet_tables():
        connection.execute(f"delete from raw.{table} where sheet_id in {sheets}", [source_id])
    for table in ("source_sheet", "release"):
        connection.execute(f"delete from raw.{table} where source_id = ?", [source_id])


def _drop_placements(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    """Deletes all snapshots of a file."""
    snapshots = "(select snapshot_id from raw.snapshot where source_id = ?)"
    connection.execute(f"delete from raw.placement where snapshot_id in {snapshots}", [source_id])
    for table in ("snapshot_column", "snapshot"):
        connection.execute(f"delete from raw.{table} where source_id = ?", [source_id])


def drop_snapshots(connection: duckdb.DuckDBPyConnection, ids: list[str]) -> None:
    """Deletes snapshots with their rows, and the files that have no snapshot left."""
    for source_id in _drop_rows(connection, ids):
        connection.execute("delete from raw.source_file where source_id = ?", [source_id])


def _drop_rows(connection: duckdb.DuckDBPyConnection, ids: list[str]) -> list[str]:
    """Deletes snapshots with their rows; returns the files that have no snapshot left."""
    for snapshot_id in ids:
        for table in ("placement", "snapshot"):
            connection.execute(f"delete from raw.{table} where snapshot_id = ?", [snapshot_id])
    empty = [source_id for (source_id,) in connection.execute(
        "select distinct source_id from raw.snapshot_column "
        "where source_id not in (select source_id from raw.snapshot)").fetchall()]
    for source_id in empty:
        connection.execute("delete from raw.snapshot_column where source_id = ?", [source_id])
    return empty


def drop_superseded(connection: duckdb.DuckDBPyConnection) -> None:
    """Deletes every snapshot that has a newer one for the same council and day. Its file keeps a row with the reason:
    it may still be in the landing folder, and loaded again it would replace the newer one.
    """
    replaced = connection.execute(
        "select older.snapshot_id, older.source_id, max_by(newer.source_id, newer.load_order) "
        "from raw.snapshot as older inner join raw.snapshot as newer on newer.council_code = older.council_code "
        "and newer.snapshot_date = older.snapshot_date and newer.load_order > older.load_order group by all").fetchall()
    by = {source_id: newer for _, source_id, newer in replaced}
    for source_id in _drop_rows(connection, [snapshot_id for snapshot_id, *_ in replaced]):
        connection.execute("insert into raw.superseded values (?, ?)", [source_id, by[source_id]])
        connection.execute(
            "update raw.source_file set status = ?, reason = concat('replaced by ', (select max(file_name) "
            "from raw.source_file where source_id = ?), ', which is of the same council and day') where source_id = ?",
            [SUPERSEDED, by[source_id], source_id])


def superseded_files(warehouse_path: Path) -> dict[str, str]:
    """The source id of every snapshot file that another has replaced, with the source id of the other."""
    with database.connect(warehouse_path) as connection:
        return dict(connection.execute("select source_id, replaced_by from raw.superseded").fetchall())
