"""Stores snapshots of placements in the warehouse's raw schema. A file is stored whole or not at all, and once.

A snapshot replaces the stored one of the same council and day, once gate B has passed the new one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration import database
from orchestration.faults import CarequartileError, GateStopped, RunStopped, UnusableInput
from orchestration.home import private_files
from orchestration.intake.find import printable
from orchestration.placements import entry
from orchestration.placements.mapping import column_number
from orchestration.placements.pseudonyms import PseudonymisationKey
from orchestration.placements.recognise import PlacementFile
from orchestration.placements.summary import SnapshotSummary
from orchestration.store.files import drop_snapshots, drop_source
from orchestration.survey import EMBEDDED, LANDED, Survey

_CHUNK_BYTES = 1 << 24
_CouncilAndDay = tuple[str, dt.date]


# Hears of a file that cannot be read, and why.
Refused = Callable[[PlacementFile, CarequartileError], None]


def _stops(file: PlacementFile, error: CarequartileError) -> None:
    """Without anyone who leaves the file out, none of the landing is stored."""
    raise error


def load_placements(survey: Survey, warehouse_path: Path, key: PseudonymisationKey, months: set[str] | None = None,
                    refused: Refused = _stops) -> dict[str, int]:
    """Stores the survey's snapshots, all of their files or none, and returns the rows stored by file name.

    ``months`` (2026-03) limits this to the files that hold a snapshot of one of them. The embedded synthetic snapshots
    are dropped when the user lands the first file. Raises what ``entry.read`` raises, unless ``refused`` hears of it
    and the others are stored without that file; and UnusableInput where the key has changed or two files hold the same
    council and day.
    """
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    stored: dict[str, int] = {}
    with database.connect(warehouse_path) as connection:
        if survey.origin == LANDED and survey.placements:
            with database.transaction(connection):
                _drop_embedded(connection)
        _require_same_key(connection, key)
        holders = _not_accepted(connection, {file.name for file in survey.placements})
        new: list[str] = []
        try:
            for file in survey.placements:
                if _is_stored(connection, file):
                    continue
                try:
                    with _copied_in(file, warehouse_path.parent) as copy:
                        summary = entry.read(connection, copy, key)
                except (UnusableInput, GateStopped) as error:
                    refused(file, error)
                    continue
                if months is None or any(f"{day:%Y-%m}" in months for _, day, _, _ in summary.snapshots):
                    _refuse_same_council_and_day(file, summary, holders)
                    new += _store(connection, file, summary, survey.origin, now)
                    stored[file.name] = summary.n_rows
                entry.discard_rows(connection)
        except BaseException:
            entry.discard_rows(connection)
            with database.transaction(connection):
                drop_snapshots(connection, new)
            raise
    return stored


@contextmanager
def _copied_in(file: PlacementFile, home: Path) -> Iterator[PlacementFile]:
    """The file with the path of a private copy, so that what is read is what was hashed; deleted at the end.

    Raises UnusableInput where the file is no longer the one that the survey saw.
    """
    if file.grid is not None:
        yield file  # Its rows were read together with its hash.
        return
    copy, digest = home / f"incoming{file.path.suffix.lower()}", hashlib.sha256()
    copy.unlink(missing_ok=True)
    try:
        with file.path.open("rb") as landed, private_files(), copy.open("xb") as own:
            while chunk := landed.read(_CHUNK_BYTES):
                digest.update(chunk)
                own.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise UnusableInput(f"{file.name} cannot be used; nothing of it was loaded.", [file.fault(
                "file_complete", "another content than when it was first read", "a file that nothing writes to",
                "wait until it is written, and land it again")])
        yield replace(file, path=copy)
    except OSError as error:
        raise RunStopped(f"{file.name} cannot be copied into the home ({error.strerror}). Next: free its size in disk "
                         "space, or see that it may be read, and run again; nothing of it was loaded.") from error
    finally:
        copy.unlink(missing_ok=True)


def _drop_embedded(connection: duckdb.DuckDBPyConnection) -> None:
    for (source_id,) in connection.execute("select distinct source_id from raw.snapshot where origin = ?",
                                           [EMBEDDED]).fetchall():
        drop_source(connection, source_id)


def _not_accepted(connection: duckdb.DuckDBPyConnection, names: set[str]) -> dict[_CouncilAndDay, str]:
    """The councils and days in these files that gate B has not passed yet, since a run was killed in between."""
    rows = connection.execute(
        "select council_code, snapshot_date, file_name from raw.snapshot inner join raw.source_file using (source_id) "
        "where not snapshot.is_accepted").fetchall()
    return {(council, day): name for council, day, name in rows if name in names}


def _refuse_same_council_and_day(file: PlacementFile, summary: SnapshotSummary, holders: dict[_CouncilAndDay, str]
                                 ) -> None:
    """Raises UnusableInput where another file of this run holds the same snapshot; adds the file's own to ``holders``.
    """
    faults = [file.fault("snapshot_known", f"council {council} on {day}, which is also in {other}",
                         "one file for each council and day: the second would replace the first",
                         "put their rows in one file, or land only one of them")
              for council, day, _, _ in summary.snapshots
              if (other := holders.setdefault((council, day), file.name)) != file.name]
    if faults:
        raise UnusableInput(f"{file.name} cannot be used; nothing was loaded.", faults)


def _require_same_key(connection: duckdb.DuckDBPyConnection, key: PseudonymisationKey) -> None:
    checks = [row[0] for row in connection.execute("select key_check from raw.person_key_check").fetchall()]
    if not checks:
        connection.execute("insert into raw.person_key_check values (?)", [key.check])
    elif key.check not in checks:
        raise UnusableInput("The pseudonymisation key is not the one the stored snapshots were pseudonymised with: "
                            "everyone would be a new person. Next: put the old key back (CAREQUARTILE_PERSON_KEY or "
                            "person.key), or move the warehouse away and land all snapshots again.")


def _is_stored(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> bool:
    return connection.execute("select count(*) from raw.source_file where source_id = ? and status = 'loaded'",
                              [file.source_id]).fetchone()[0] > 0


def _store(connection: duckdb.DuckDBPyConnection, file: PlacementFile, summary: SnapshotSummary, origin: str,
           now: dt.datetime) -> list[str]:
    """Stores the rows that ``entry.read`` made from a file, and returns the ids of its snapshots."""
    source_id = file.source_id
    ids = {(council, day): f"{council}:{day}:{source_id[:8]}" for council, day, _, _ in summary.snapshots}
    with database.transaction(connection):
        connection.execute("delete from raw.source_file where source_id = ? or file_name = ? and status <> 'loaded'",
                           [source_id, file.name])
        connection.execute("delete from raw.superseded where source_id = ?", [source_id])
        _store_rows(connection, source_id)
        order = connection.execute("select coalesce(max(load_order), 0) + 1 from raw.snapshot").fetchone()[0]
        database.insert_rows(connection, "raw.snapshot", [
            (ids[council, day], source_id, council, day, file.mapping.snapshot_mapping, n_rows, is_synthetic, origin,
             now, False, order) for council, day, n_rows, is_synthetic in summary.snapshots])
        database.insert_rows(connection, "raw.snapshot_column", list(_columns(file, source_id, summary)))
        connection.execute(
            "insert into raw.source_file values (?, ?, ?, ?, ?, ?, 'loaded', null, ?, 0, ?, ?, false)",
            [source_id, file.name, file.sha256, file.size, None, file.mapping.snapshot_mapping, origin, summary.n_rows,
             now])
    return list(ids.values())


def _store_rows(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    names = [row[0] for row in connection.execute("describe raw.placement").fetchall()]
    selected = ", ".join("concat(council_code, ':', snapshot_date, ':', $source)" if name == "snapshot_id" else name
                         for name in names)
    connection.execute(f"insert into raw.placement select {selected} from entered", {"source": source_id[:8]})


def _columns(file: PlacementFile, source_id: str, summary: SnapshotSummary) -> Iterator[tuple[object, ...]]:
    """Which column each field came from, and which columns were dropped, with the number of values in each."""
    for name, sources in file.mapping.columns.items():
        for source in sources:
            for column in source.columns:
                if number := column_number(column, file.header):
                    yield source_id, name, printable(file.header[number - 1]), number, None
    for number, name, n_values in summary.dropped:
        yield source_id, None, printable(name), number, n_values
