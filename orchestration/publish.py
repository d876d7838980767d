"""Publishes the release in two copies: built in separate folders, flushed to disk, then switched in by renames.

The open copy (``published``) holds what anyone may see; the local copy (``local``) the exact figures of placements,
for those who may read them. ``published/current`` is a link to the newest folder of ``published/releases``;
``carequartile.duckdb``, ``parquet`` and ``manifest.json`` are links through it. Moving that one link switches all three
at once, so a reader sees a whole release, the old one or the new, and a reader of the old one keeps its open file.
``local`` is laid out in the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from orchestration import database, local_copy, open_figures, progress, transform
from orchestration.faults import RunStopped
from orchestration.home import Home, private_files, public_files
from orchestration.store import retention
from orchestration.store.files import STOPPED

GATE_TABLES = {("quality", "rule_result"): "gate.rule_result", ("quality", "rule"): "gate.rule"}
_LINKS = ("carequartile.duckdb", "parquet", "manifest.json")
_LOCAL_LINKS = ("carequartile-local.duckdb", "manifest.json")


def published_tables() -> dict[tuple[str, str], str]:
    """Schema and name of every published table, to the warehouse table it copies."""
    tables = {
        (node["schema"], node["name"]): f'{node["schema"]}.{node["name"]}'
        for node in transform.manifest_dict()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "quality")
    }
    return dict(sorted((tables | GATE_TABLES).items()))


def publish(home: Home, run_id: str, as_known_on: str = "", stopped: frozenset[str] = frozenset()
            ) -> dict[str, object]:
    """Publishes the warehouse's marts and quality tables in both copies and returns the open copy's manifest, which
    records ``as_known_on``.

    ``stopped``: the source ids of files of this landing that gate A has left out.

    Raises RunStopped where the disk is full or may not be written; what was published before is untouched.
    """
    if as_known_on and not _has_releases(home):
        raise RunStopped(f"No return in this home was known on {as_known_on}: those with a publication date were "
                         "published later, and the financial years of the others had not ended. The last release "
                         "stays up. Next: give a later day.")
    group = local_copy.group()
    building, local = (folder / "releases" / f".building-{run_id}" for folder in _folders(home))
    try:
        _clear_leftovers(home)
        with public_files():
            manifest = _build_open(home, building, run_id, as_known_on)
        with private_files():
            _build_local(home, building, local, manifest, stopped)
        for path in [*building.rglob("*"), building, *local.rglob("*"), local]:
            _flush(path)
        local_copy.restrict(home.local_folder, group)
        _switch(home, building, local, run_id)
        _drop_old_releases(home)
    except (OSError, duckdb.Error) as error:
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(local, ignore_errors=True)
        raise RunStopped(f"The release could not be written ({_first_line(error)}). Next: free disk space or correct "
                         "the folder's permissions and refresh again; the last release stays up.") from error
    return manifest


def _folders(home: Home) -> tuple[Path, Path]:
    return home.published_folder, home.local_folder


def _build_open(home: Home, building: Path, run_id: str, as_known_on: str) -> dict[str, object]:
    building.mkdir(parents=True)
    rows = _copy_tables(home, building)
    manifest = _manifest(home, building, run_id, rows, as_known_on)
    _write_manifest(building, manifest)
    return manifest


def _build_local(home: Home, building: Path, local: Path, manifest: dict[str, object], stopped: frozenset[str]) -> None:
    local.mkdir(parents=True)
    local_copy.write(home.warehouse, local, building / "carequartile.duckdb", _parts(), _create_table)
    day = manifest["as_known_on"] or ""
    made_from = {"inputs": inputs(home, as_known_on=day),
                 "inputs_and_stopped": inputs(home, {f"{source_id}:{STOPPED}" for source_id in stopped}, day)}
    _write_manifest(local, local_copy.manifest(local / "carequartile-local.duckdb", manifest, made_from))


def _write_manifest(folder: Path, manifest: dict[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _has_releases(home: Home) -> bool:
    with database.connect(home.warehouse) as connection:
        return connection.execute("select count(*) from quality.release_summary").fetchone() != (0,)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _clear_leftovers(home: Home) -> None:
    """Deletes a build that was killed half-way: it can be opened as if it were complete."""
    for folder in _folders(home):
        for leftover in (folder / "releases").glob(".building-*"):
            shutil.rmtree(leftover)


def _parts() -> list[local_copy.Part]:
    """Every published table, its source in the warehouse, its order, its comments and which of its rows are local;
    first the tables, then the views, each after those it reads.
    """
    comments, orders, conditions, views = table_comments(), table_orders(), local_conditions(), published_views()
    worked_out = columns_worked_out()
    parts = [local_copy.Part(schema, table, source, orders.get((schema, table), "all"), *comments[(schema, table)],
                             conditions.get((schema, table)), (schema, table) in views,
                             worked_out.get((schema, table), {}))
             for (schema, table), source in published_tables().items()]
    return sorted(parts, key=lambda part: views.index((part.schema, part.table)) if part.is_view else -1)


def _copy_tables(home: Home, building: Path) -> dict[str, int]:
    (building / "parquet").mkdir()
    with database.connect(home.warehouse) as connection:
        connection.execute(f"attach {database.quoted(building / 'carequartile.duckdb')} as released")
        for part in (parts := _parts()):
            create = _create_view if part.is_view else _create_table
            create(connection, f"released.{part.schema}.{part.table}", part, part.open_rows)
        open_figures.add_rows(connection, "released")
        rows = {}
        for done, part in enumerate(parts, start=1):
            progress.reached(done, len(parts), "tables")
            rows[f"{part.schema}.{part.table}"] = _describe_and_export(connection, building, part)
        # Detaching writes everything to the file and leaves no write-ahead log next to it.
        connection.execute("detach released")
    return dict(sorted(rows.items()))


def _describe_and_export(connection: duckdb.DuckDBPyConnection, building: Path, part: local_copy.Part) -> int:
    """Comments on the table or view, and its rows as Parquet; returns their number."""
    name = f"{part.schema}.{part.table}"
    database.comment(connection, "view" if part.is_view else "table", f"released.{name}", part.open_description,
                     part.columns)
    return connection.execute(
        f"copy (from released.{name}) to {database.quoted(building / 'parquet' / f'{name}.parquet')} "
        "(format parquet, compression zstd)").fetchone()[0]


def _create_table(connection: duckdb.DuckDBPyConnection, copied: str, part: local_copy.Part, rows: str) -> None:
    """Copies the rows for which ``rows`` (SQL) holds, in their order: equal content gives an equal table, whatever was
    loaded first. Columns that others give are worked out when they are read: a text that differs in each of a million
    rows is a fifth of the file.
    """
    types = {row[0]: row[1] for row in connection.execute(f"describe {part.source}").fetchall()}
    columns = ", ".join(_column(name, kind, part.worked_out.get(name)) for name, kind in types.items())
    stored = ", ".join(f'"{name}"' for name in types if name not in part.worked_out)
    connection.execute(f"create schema if not exists {copied.rsplit('.', 1)[0]}")
    connection.execute(f"create table {copied} ({columns})")
    connection.execute(f"insert into {copied} ({stored}) select {stored} from {part.source} where {rows} "
                       f"order by {part.order}")


def _column(name: str, kind: str, worked_out: str | None) -> str:
    """A column of a published table. Counts are BIGINT: DuckDB sums integers as HUGEINT, which Parquet does not have
    and would store as a floating point number.
    """
    generated = f" generated always as ({worked_out}) virtual" if worked_out else ""
    return f'"{name}" {"BIGINT" if kind == "HUGEINT" else kind}{generated}'


def _create_view(connection: duckdb.DuckDBPyConnection, copied: str, part: local_copy.Part, rows: str) -> None:
    """The warehouse's view of published tables, made inside the file: made so, and naming no catalogue, it works under
    any file name and wherever the file is attached.
    """
    catalog, warehouse = copied.split(".", 1)[0], connection.execute("select current_catalog()").fetchone()[0]
    [(query,)] = connection.execute(
        "select sql from duckdb_views() where database_name = ? and schema_name = ? and view_name = ?",
        [warehouse, part.schema, part.table]).fetchall()
    connection.execute(f"use {catalog}")
    try:
        connection.execute(re.sub(rf'\b"?{re.escape(warehouse)}"?\.(?=marts\.|quality\.)', "", query))
    finally:
        connection.execute(f"use {warehouse}")


def table_orders() -> dict[tuple[str, str], str]:
    """What each published table is ordered by: the columns of its ``meta.sorted_by``, then its primary key, as its test
    of uniqueness names it. A table whose long texts are in runs is up to a third smaller.
    """
    return {(model["schema"], model["name"]): ", ".join(
                f'"{column}"' for column in dict.fromkeys([*model["config"]["meta"].get("sorted_by", []), *key]))
            for model, key in _columns_tested("unique_key")}


def columns_worked_out() -> dict[tuple[str, str], dict[str, str]]:
    """By published table, the columns that others of the row give, each with its SQL: what its test ``worked_out``
    holds the warehouse's table to.
    """
    return {(model["schema"], model["name"]): columns for model, columns in _columns_tested("worked_out")}


def _columns_tested(name: str) -> list[tuple[dict[str, Any], Any]]:
    """Every model with this generic test, and the columns the test names."""
    nodes = transform.manifest_dict()["nodes"]
    return [(nodes[test["attached_node"]], test["test_metadata"]["kwargs"]["columns"]) for test in nodes.values()
            if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name") == name]


def stored_tables() -> dict[tuple[str, str], str]:
    """The published tables that hold rows of their own; a view shows those of others."""
    views = published_views()
    return {key: source for key, source in published_tables().items() if key not in views}


def published_views() -> list[tuple[str, str]]:
    """Schema and name of every published view, each after those it reads."""
    nodes = transform.manifest_dict()["nodes"]
    views = {name: node for name, node in nodes.items() if node["resource_type"] == "model"
             and node["schema"] in ("marts", "quality") and node["config"]["materialized"] == "view"}
    order = TopologicalSorter({name: [read for read in node["depends_on"]["nodes"] if read in views]
                               for name, node in sorted(views.items())}).static_order()
    return [(nodes[name]["schema"], nodes[name]["name"]) for name in order]


def local_conditions() -> dict[tuple[str, str], str]:
    """Which rows of a published table are in the local copy alone: its ``meta.local``, a condition in SQL."""
    manifest = transform.manifest_dict()
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values()]
    named = {(node["schema"], node["name"]): (node.get("meta") or node["config"].get("meta") or {}).get("local")
             for node in nodes if node["resource_type"] in ("model", "source")}
    named |= {key: named[tuple(source.split("."))] for key, source in GATE_TABLES.items()}
    return {key: named[key] for key in published_tables() if named.get(key)}


def table_comments() -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    """Description and column descriptions of every published table, from the data dictionary."""
    manifest = transform.manifest_dict()
    found = {(node["schema"], node["name"]): node for node in manifest["nodes"].values()}
    found |= {("quality", node["name"]): node for node in manifest["sources"].values() if node["source_name"] == "gate"}
    return {
        key: (found[key]["description"],
              {name: column["description"] for name, column in found[key]["columns"].items()})
        for key in published_tables()
    }


def _manifest(home: Home, building: Path, run_id: str, rows: dict[str, int], as_known_on: str) -> dict[str, object]:
    with database.connect(building / "carequartile.duckdb", read_only=True) as connection:
        releases = connection.execute(
            "select release_id, collection, financial_year, file_name, n_councils, n_figures, n_values, n_quarantine "
            "from quality.release_summary order by financial_year, release_id").fetchall()
    names = ("release_id", "collection", "financial_year", "file_name", "n_councils", "n_figures", "n_values",
             "n_quarantine")
    return {
        "run_id": run_id,
        "published_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "as_known_on": as_known_on or None,
        "sha256": {"carequartile.duckdb": sha256(building / "carequartile.duckdb")},
        "bytes": {"carequartile.duckdb": (building / "carequartile.duckdb").stat().st_size},
        "tables": rows,
        "releases": [dict(zip(names, release)) for release in releases],
        "refused": _refused(home),
        # The local copy's manifest lists them: the hash of what was loaded would confirm a guess of a price.
        "snapshots": [],
    }


def _refused(home: Home) -> list[dict[str, object]]:
    """The returns and registers that were refused when they were last landed, and why; not those corrected since.

    No snapshot, and no hash of a file that no layout knows: it may be an export of placements, and a hash confirms a
    guess of what it holds.
    """
    with database.connect(home.warehouse) as connection:
        return [dict(zip(("file_name", "sha256", "reason"), row)) for row in connection.execute(
            "select file_name, case when layout is not null then sha256 end, reason from raw.source_file as refused "
            "where status in ('refused', ?) "
            "and source_id = sha256 and coalesce(layout, '') not in "
            "('carequartile_placement', 'carequartile_case_review', 'carequartile_ledger') "
            "and not exists (select 1 from raw.source_file as newer where newer.file_name = refused.file_name "
            "and newer.status = 'loaded') order by all", [STOPPED]).fetchall()]


def inputs(home: Home, also: set[str] = frozenset(), as_known_on: str = "") -> str:
    """A hash of what a release is made from: the project, the content of all files loaded (or about to be), the day.

    Files that a gate stopped are no part of it but where ``also`` names them: one is judged anew once anything else
    has changed, such as a register that gives the reason for what the gate found.
    """
    loaded = set(also)
    if home.warehouse.is_file():
        with database.connect(home.warehouse) as connection:
            loaded |= {row[0] for row in connection.execute(
                "select distinct concat(source_id, ':', status) from raw.source_file "
                "where status not in ('duplicate', ?)", [STOPPED]).fetchall()}
    text = "\n".join([transform.project_hash(), as_known_on, *sorted(loaded)])
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(home: Home, is_read_whole: bool = True) -> dict[str, object] | None:
    """The manifest of the published release, or None where no complete one is published.

    ``is_read_whole`` compares the file's content with the manifest's hash; else its size alone, at once.
    """
    return _manifest_of(home.manifest, home.published, is_read_whole)


def read_local_manifest(home: Home) -> dict[str, object] | None:
    """The manifest of the local copy, or None where there is no complete one that this user may read."""
    return _manifest_of(home.local_manifest, home.local)


def _manifest_of(path: Path, copy: Path, is_read_whole: bool = True) -> dict[str, object] | None:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if is_read_whole or "bytes" not in manifest:
            is_same = sha256(copy) == manifest["sha256"][copy.name]
        else:
            is_same = copy.stat().st_size == manifest["bytes"][copy.name]
        return manifest if is_same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # Also JSON that is no manifest.


def last_figures(home: Home) -> dict[str, int]:
    """Figures by release in the published copy, to notice figures that disappear."""
    manifest = read_manifest(home, is_read_whole=False)
    return {release["release_id"]: release["n_figures"] for release in manifest["releases"]} if manifest else {}


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _switch(home: Home, building: Path, local: Path, run_id: str) -> None:
    for built in (local, building):
        built.replace(built.with_name(run_id))
        _flush(built.parent)
    # The open copy last: until it is up, the next run publishes again, whatever became of the local one.
    for folder, names in ((home.local_folder, _LOCAL_LINKS), (home.published_folder, _LINKS)):
        _link(folder / "current", Path("releases") / run_id)
        for name in names:
            if not (folder / name).is_symlink():
                _link(folder / name, Path("current") / name)
        _flush(folder)


def _link(link: Path, target: Path) -> None:
    """Points ``link`` at ``target`` in one step, replacing a plain file or folder of that name."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    new.replace(link)


def releases_on_disk(home: Home) -> list[Path]:
    """The folders of complete releases, without one that is being built or was left unfinished."""
    return _releases(home.published_folder)


def _releases(folder: Path) -> list[Path]:
    return [path for path in (folder / "releases").glob("*") if not path.name.startswith(".")]


def _drop_old_releases(home: Home) -> None:
    for folder in _folders(home):
        current = (folder / "current").resolve()
        releases = sorted((path for path in _releases(folder) if path.resolve() != current),
                          key=lambda path: path.stat().st_mtime_ns)
        for old in releases[:max(0, len(releases) - (retention.releases_kept() - 1))]:
            shutil.rmtree(old, ignore_errors=True)
