"""What is loaded, published, flagged and waiting in a home, and how old it is. It only reads: a refresh may run."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration import database, local_copy, publish
from orchestration.faults import CarequartileError, Damaged, UnusableInput, counted
from orchestration.home import Home
from orchestration.intake.find import find_files, printable
from orchestration.rule_book import unused_rows
from orchestration.store import lock, retention, room
from orchestration.survey import LANDED

MOST_SHOWN = 20


@dataclass
class Status:
    """The state of a home. ``published`` is the manifest, or None where no complete release is published."""

    home: str
    published: dict[str, Any] | None
    age_hours: float | None
    releases_kept: int
    holder: str | None
    loaded: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    not_loaded: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    # Rows of registers that nothing uses, in words.
    unused: list[str] = field(default_factory=list)
    # Files in the warehouse that have not passed both gates yet; None where a refresh holds it or it may not be read.
    unpublished: list[str] | None = None
    # What in the home is not what Carequartile wrote there, each with the next step.
    damaged: list[str] = field(default_factory=list)
    # Bytes on disk by part of the home; what this user may not see is not counted.
    disk: dict[str, int] = field(default_factory=dict)
    # Why no run would come to its end on this disk, if it would not.
    too_full: str | None = None
    # Files in the watched folder that the warehouse does not know; None as above.
    waiting: list[str] | None = None

    def as_data(self) -> dict[str, Any]:
        """As plain data, for machines that watch."""
        return asdict(self)


def status(home: Home, now: dt.datetime | None = None) -> Status:
    """The state of a home at a moment. Raises UnusableInput where there is no such home."""
    if not _is_folder(home.folder):
        name = printable(str(home.folder))[:300]
        raise UnusableInput(f"There is no home {name}. Next: run `carequartile refresh`, or name another --home.")
    now = now or dt.datetime.now(dt.UTC)
    manifest = publish.read_manifest(home, is_read_whole=False)
    found = Status(str(home.folder), manifest, None, len(publish.releases_on_disk(home)), lock.holder(home))
    if manifest:
        published = dt.datetime.fromisoformat(manifest["published_at"])
        found.age_hours = round((now - published).total_seconds() / 3600, 2)
        _read_published(home, found)
    elif home.manifest.exists() and publish.releases_on_disk(home):
        found.damaged.append(f"{home.manifest.name} is damaged, or not of the file next to it. Next: run `carequartile "
                             "refresh --force`; the warehouse has everything that is needed.")
    found.disk, found.too_full = _bytes_by_part(home), room.why_too_full(home)
    if found.holder is None:
        if home.staged.is_dir():
            found.damaged.append(f"{home.staged.name} is a folder and no file of Carequartile's. Next: move it away.")
        _read_warehouse(home, found)
    return found


def _bytes_by_part(home: Home) -> dict[str, int]:
    """How many bytes each part of a home has on disk, the largest first; a file with two names counts once."""
    parts = {"warehouse": [home.warehouse, home.warehouse.with_suffix(".duckdb.wal")],
             "releases": [home.published_folder],
             "local copy": [home.local_folder], "pages": [home.reports], "landing": [home.folder / "landing"],
             "Dagster": [home.folder / "dagster"], "dbt and logs": [home.dbt_target, home.logs]}
    sizes = {name: sum(_sizes(paths).values()) for name, paths in parts.items()}
    return {name: size for name, size in sorted(sizes.items(), key=lambda part: -part[1]) if size}


def _sizes(paths: list[Path]) -> dict[tuple[int, int], int]:
    found = {}
    for path in paths:
        with suppress(OSError):  # Another user's, or gone since.
            for file in [path] if path.is_file() else path.rglob("*"):
                if file.is_file() and not file.is_symlink():
                    kept = file.stat()
                    found[kept.st_dev, kept.st_ino] = kept.st_size
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False  # No file system accepts the name.


def _rows(connection: Any, sql: str, *parameters: object) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def _read_published(home: Home, found: Status) -> None:
    """What the local copy says where this user may read it: the open one names no snapshot and none of their files."""
    with local_copy.connect(home, local_copy.is_readable(home)) as connection:
        found.loaded = _rows(connection, """
            select collection, financial_year, count(*) as releases, max(n_councils) as councils,
                sum(n_figures)::bigint as figures, sum(n_quarantine)::bigint as quarantined
            from quality.release_summary group by all order by financial_year, collection""")
        found.snapshots = _rows(connection, """
            select council_code, council, cast(snapshot_date as varchar) as day, n_rows as lines,
                is_synthetic, file_name from marts.dim_snapshot order by council_code, snapshot_date""")
        found.not_loaded = _rows(connection, """
            select file_name, status, reason from quality.source_file
            where status not in ('loaded', 'duplicate', 'superseded')
                -- A corrected file of the same name has taken its place.
                and file_name not in (select file_name from quality.source_file where status = 'loaded')
            order by file_name""")
        found.flagged = _rows(connection, """
            select rule_id, severity, count(*) as findings from quality.rule_result
            where status = 'fail' and severity in ('critical', 'warning')
            group by all order by findings desc, rule_id""")
        found.unused = unused_rows(connection)


def _read_warehouse(home: Home, found: Status) -> None:
    """Adds what only the warehouse knows. A user other than its owner may not read it, and is shown the rest."""
    if not home.warehouse.exists():
        found.unpublished, known = [], {}
    else:
        try:
            with database.connect(home.warehouse, read_only=True) as connection:
                rows = connection.execute(
                    "select file_name, bytes, status, reason, is_accepted, sha256 from raw.source_file").fetchall()
                # Without parameters: DuckDB imports pandas to look at one.
                ends = dict(connection.execute(
                    "select snapshot_id, cast(cast(received_at + to_months("
                    f"{retention.placement_months_kept():d}) as date) as varchar) from raw.snapshot "
                    f"where origin = {database.quoted(LANDED)}").fetchall())
        except Damaged as error:
            found.damaged.append(str(error))
            return
        except (CarequartileError, database.DatabaseError, OSError):
            return
        found.unpublished = sorted(name for name, _, state, _, is_accepted, _ in rows
                                   if state == "loaded" and not is_accepted)
        listed = {row["file_name"] for row in found.not_loaded}
        listed |= {name for name, _, state, *_ in rows if state == "loaded"}
        found.not_loaded += [{"file_name": name, "status": state, "reason": reason}
                             for name, _, state, reason, *_ in sorted(rows)
                             if state not in ("loaded", "duplicate", "superseded") and name not in listed]
        known = {(name, size): sha256 for name, size, *_, sha256 in rows}
        for snapshot in found.snapshots:
            snapshot["kept_until"] = next((day for snapshot_id, day in ends.items() if snapshot_id.startswith(
                f"{snapshot['council_code']}:{snapshot['day']}:")), None)
    found.waiting = list(_waiting(home, known))


def _waiting(home: Home, known: dict[tuple[str, int], str]) -> Iterator[str]:
    """Files of the watched folder that were never stored or refused: ``known`` has the content's hash of each that was,
    by name and size. A copy under another name is known by its content.
    """
    if not home.landing.is_dir():
        return
    contents = {(size, sha256) for (_, size), sha256 in known.items()}
    sizes = {size for size, _ in contents}
    for file in find_files([home.landing])[0]:
        if (file.name, file.size) not in known and not (
                file.size in sizes and not file.member and (file.size, _hash_of(file.path)) in contents):
            yield file.name


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def describe(found: Status) -> Iterator[str]:
    """The lines a person reads."""
    yield f"home: {found.home}"
    if found.holder is not None:
        yield f"running: a refresh holds the home{found.holder}; below is the last release"
    yield from (f"damaged: {words}" for words in found.damaged)
    yield from _published_lines(found)
    if found.disk:
        parts = ", ".join(f"{name} {_in_bytes(size)}" for name, size in found.disk.items())
        yield (f"on disk: {_in_bytes(sum(found.disk.values()))}: {parts}; kept are the last "
               f"{retention.releases_kept()} releases and rows about people for {retention.placement_months_kept()} "
               "months")
    if found.too_full:
        yield f"disk: {found.too_full}"
    for row in found.loaded:
        councils = counted(row["councils"], "council") if row["councils"] else "England only"
        several = f", {row['releases']} releases" if row["releases"] > 1 else ""
        yield (f"loaded: {row['financial_year']} {row['collection']}: {councils}, {counted(row['figures'], 'figure')}, "
               f"{row['quarantined']:,} quarantined{several}")
    yield from _first(_snapshot_lines(found), "snapshots")
    yield from _first([f"not loaded: {row['file_name']}: {row['status'].replace('_', ' ')}: {row['reason']}"
                       for row in found.not_loaded], "files not loaded")
    yield from (f"flagged: {row['rule_id']}: {counted(row['findings'], 'finding')} ({row['severity']})"
                for row in found.flagged)
    yield from _first([f"unused: {words}" for words in found.unused], "rows of registers")
    yield from _first([f"stored, not published: {name} (the last run was stopped; refresh says why)"
                       for name in found.unpublished or []], "stored files")
    yield from _first([f"waiting: {name} is in landing and not stored yet (`carequartile check` says what it is)"
                       for name in found.waiting or []], "waiting files")


def _published_lines(found: Status) -> Iterator[str]:
    manifest = found.published
    if not manifest:
        yield "published: no complete release. Next: run `carequartile refresh`"
        return
    known = f", as known on {manifest['as_known_on']}" if manifest["as_known_on"] else ""
    yield (f"published: {manifest['published_at']} ({_age(found.age_hours)}), release {manifest['run_id']}{known}, "
           f"{len(manifest['tables'])} tables, {sum(manifest['tables'].values()):,} rows; "
           f"{counted(found.releases_kept, 'release')} kept")


def _snapshot_lines(found: Status) -> list[str]:
    lines = []
    for row in found.snapshots:
        until = f", kept until {row['kept_until']}" if row.get("kept_until") else ""
        lines.append(f"loaded: snapshot of {row['council']}, {row['day']}: {counted(row['lines'], 'line')}"
                     f"{' (synthetic)' * bool(row['is_synthetic'])}{until}")
    return lines


def _first(lines: list[str], what: str) -> Iterator[str]:
    yield from lines[:MOST_SHOWN]
    if len(lines) > MOST_SHOWN:
        yield f"and {len(lines) - MOST_SHOWN} more {what} (--json has all)"


def _in_bytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _age(hours: float) -> str:
    if hours < 0:
        return "in the future: the clock of this machine was set back"
    if hours < 1:
        return f"{counted(round(hours * 60), 'minute')} old"
    return f"{counted(round(hours), 'hour')} old" if hours < 72 else f"{hours / 24:.0f} days old"
