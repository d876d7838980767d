"""The warehouse file: its raw and gate tables, and what happens to one made by another version."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from orchestration.database import DatabaseError, attach, connect, transaction
from orchestration.faults import RunStopped
from orchestration.store import registers

# Increased when a change makes an older warehouse unreadable for this code; ``prepare`` says what happens then.
SCHEMA_VERSION = 4

_TABLES = """
create schema if not exists raw;
create schema if not exists gate;

create table if not exists raw.schema_version (version integer);

-- The content of the project that last built the tables of this file.
create table if not exists raw.built_by (project_hash varchar);

-- One row per landed file name, loaded or not.
create table if not exists raw.source_file (
    source_id varchar, file_name varchar, sha256 varchar, bytes bigint, encoding varchar, layout varchar,
    status varchar, reason varchar, origin varchar, n_cells bigint, n_rows bigint, received_at timestamp,
    is_accepted boolean
);
-- One row per recognised sheet. Cells and labels are joined by sheet_id, twelve characters.
create table if not exists raw.source_sheet (
    sheet_id varchar, source_id varchar, sheet varchar, layout varchar, kind varchar, collection varchar,
    coverage varchar, precedence integer, term_set varchar, status varchar, title varchar, has_parts boolean,
    financial_year varchar
);
-- One row per release: a file's figures for one financial year.
create table if not exists raw.release (
    release_id varchar, source_id varchar, layout varchar, collection varchar, financial_year varchar, status varchar,
    coverage varchar, precedence integer, title varchar, published_on date, origin varchar, received_at timestamp
);
-- One row per value cell, as printed.
create table if not exists raw.cell (
    sheet_id varchar, row_number integer, column_number integer, printed_text varchar
);
-- One row per row (or column) of a sheet that holds value cells: its labels, as printed.
create table if not exists raw.row_label (
    sheet_id varchar, row_number integer, financial_year varchar, area_kind varchar, council_code varchar, area varchar,
    line varchar, component varchar, client_group varchar, age_band varchar, service varchar, provision varchar,
    data_type varchar, source varchar, source_row varchar, source_column varchar
);
create table if not exists raw.column_label (
    sheet_id varchar, column_number integer, financial_year varchar, area_kind varchar, council_code varchar,
    area varchar, line varchar, component varchar, client_group varchar, age_band varchar, service varchar,
    provision varchar, header varchar
);
-- One row per sheet, axis and dimension: the column that holds the row labels, or the row that holds the column labels.
create table if not exists raw.label_place (sheet_id varchar, axis varchar, dimension varchar, place integer);
-- One row per text of a sheet that does not describe a single cell: its year, footnotes, rows that were left out.
create table if not exists raw.sheet_note (
    sheet_id varchar, kind varchar, printed_text varchar, row_number integer, column_number integer
);
-- One row per field of each sheet of a register or reference table: the column in which it is printed.
create table if not exists raw.register_column (
    sheet_id varchar, layout varchar, field varchar, column_number integer
);
-- One row per layout and marker: why a cell holds no number.
create table if not exists raw.layout_marker (layout varchar, marker varchar, missing_reason varchar);

-- One row per snapshot: a council's placements on one day, from one file. n_rows is exact and is never published.
create table if not exists raw.snapshot (
    snapshot_id varchar, source_id varchar, council_code varchar, snapshot_date date, mapping varchar, n_rows bigint,
    is_synthetic boolean, origin varchar, received_at timestamp, is_accepted boolean, load_order bigint
);
-- One row per snapshot file that has no snapshot left, since those of another file replaced it.
create table if not exists raw.superseded (source_id varchar, replaced_by varchar);
-- One row per column of a snapshot file: its field of the contract, or null where the column was dropped.
create table if not exists raw.snapshot_column (
    source_id varchar, field varchar, column_name varchar, column_number integer, n_values_dropped bigint
);
-- One row per person and service line of a snapshot. No reference, no birth date, and the provider's name is the only
-- text; unmapped and unreadable name the fields whose code was not known or whose value could not be read.
create table if not exists raw.placement (
    snapshot_id varchar, row_number bigint, person_key varchar, age integer, age_at_start integer,
    client_group varchar, setting varchar, provider varchar, is_in_house boolean, is_in_area boolean,
    gross_weekly_gbp decimal(14, 4), client_contribution_weekly_gbp decimal(14, 4), nhs_share_weekly_gbp decimal(14, 4),
    nhs_share_kind varchar, is_costed boolean, night_cover varchar, night_cover_weekly_gbp decimal(14, 4),
    transport_journeys_weekly decimal(14, 4), transport_journey_gbp decimal(14, 4), has_assistive_technology boolean,
    is_interim boolean, home_care_hours_weekly decimal(14, 4), support_hours_weekly decimal(14, 4),
    one_to_one_hours_weekly decimal(14, 4), move_risk varchar, start_date date, end_date date, previous_setting varchar,
    last_review_date date, is_synthetic boolean, unmapped varchar, unreadable varchar
);
-- What packages of like need cost (orchestration/prices.py): per package, and per level of what it depends on; and
-- which snapshots were estimated, also where they have too few packages for a row.
create schema if not exists estimate;
create table if not exists estimate.package_price (
    snapshot_id varchar, person_key varchar, client_group varchar, setting_group varchar, setting varchar,
    age_band varchar, night_cover varchar, area varchar, weekly_gbp double, hours_weekly double,
    one_to_one_hours_weekly double, expected_weekly_gbp double, expected_for_hours_gbp double, spread double,
    spread_for_hours double
);
create table if not exists estimate.price_effect (
    snapshot_id varchar, client_group varchar, setting_group varchar, factor varchar, level varchar,
    compared_with varchar, effect_pct double
);
create table if not exists estimate.priced_snapshot (snapshot_id varchar);
-- The hash of a fixed text under the pseudonymisation key: it shows that the key changed, and nothing about the key.
create table if not exists raw.person_key_check (key_check varchar);

-- One row per rule and subject that a gate judged in a run.
create table if not exists gate.rule_result (
    run_id varchar, gate varchar, rule_id varchar, severity varchar, status varchar, subject varchar,
    file_name varchar, release_id varchar, council_code varchar, financial_year varchar, measure_id varchar,
    figure_id varchar, row_number integer, column_number integer, observed decimal(28, 6), low decimal(28, 6),
    high decimal(28, 6), n_checked bigint, n_failed bigint, message varchar
);
-- One row per rule: what it checks, how severe a finding is, and why.
create table if not exists gate.rule (
    rule_id varchar, gate varchar, severity varchar, good varchar, because varchar, from_year varchar, to_year varchar,
    low decimal(28, 6), high decimal(28, 6), history varchar
);
"""


class OlderWarehouse(RunStopped):
    """The warehouse has the tables of an earlier Carequartile: it is rebuilt, since its rows would be misread."""


def holds_releases(path: Path, read_only: bool = False) -> bool:
    """Whether any return or snapshot is stored, of whatever origin."""
    with connect(path, read_only) as connection:
        return connection.execute("select exists(from raw.release) or exists(from raw.snapshot)").fetchone()[0]


def days_known(path: Path) -> tuple[list[str], bool]:
    """The day (2018-03-31) on which each stored return was known, and whether a register of releases
    may give another.
    """
    with connect(path) as connection:
        days = [day for (day,) in connection.execute(
            "select coalesce(cast(published_on as varchar), concat(cast(left(financial_year, 4) as integer) + 1, "
            "'-03-31')) from raw.release").fetchall()]
        return days, connection.execute(
            "select exists(from raw.carequartile_release)").fetchone()[0]


def older(path: Path) -> Path:
    """Where a warehouse with an earlier layout is kept until all of it has been built anew."""
    return path.with_name(f"{path.stem}.older{path.suffix}")


def prepare(path: Path, is_rebuild: bool = False) -> None:
    """Makes the warehouse and its tables where they are missing. Only its owner may read it: it has rows about people.

    Raises OlderWarehouse where an earlier Carequartile made it (or where a rebuild was interrupted and this run does
    not resume it), RunStopped where a later one did.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if older(path).exists() and not is_rebuild:
        raise OlderWarehouse(f"{path.name} is not yet rebuilt from what an earlier Carequartile had loaded "
                             f"({older(path).name}). Next: run `carequartile refresh --landing PATH` with all of it; "
                             "the published file stays up.")
    with connect(path) as connection:
        version = _version(connection)
        if version is not None and version > SCHEMA_VERSION:
            raise RunStopped(
                f"{path.name} was made by a later Carequartile (layout {version}, this one reads {SCHEMA_VERSION}). "
                "Next: use that version, or another --home; nothing was changed and the published file stays up.")
        if version is not None and version < SCHEMA_VERSION:
            raise OlderWarehouse(
                f"{path.name} was made by an earlier Carequartile (layout {version}, this one reads {SCHEMA_VERSION}). "
                "Next: run `carequartile refresh --landing PATH` once with all that was landed before; it is built "
                "anew from there. The published file stays up.")
        _create_tables(connection)
        if version is None:
            connection.execute("insert into raw.schema_version values (?)", [SCHEMA_VERSION])
    path.chmod(0o600)


# Columns that tables have gained without a change of the layout: an older warehouse is given them, empty.
_GAINED = {"raw.placement": {"support_hours_weekly": "decimal(14, 4)", "one_to_one_hours_weekly": "decimal(14, 4)"}}


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_TABLES)
    for table, columns in _GAINED.items():
        for name, kind in columns.items():
            connection.execute(f"alter table {table} add column if not exists {name} {kind}")
    registers.create_tables(connection)


def _version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The layout version of the raw tables; None in a new file, or one that was left unfinished."""
    known = connection.execute("select count(*) from duckdb_tables() where schema_name = 'raw' "
                               "and table_name = 'schema_version'").fetchone()[0]
    return connection.execute("select max(version) from raw.schema_version").fetchone()[0] if known else None


def landed_files(path: Path) -> dict[str, str] | None:
    """The name, by sha256, of every landed file in a warehouse of any layout; None where that cannot be read."""
    try:
        with connect(path, read_only=True) as connection:
            return dict(connection.execute("select sha256, file_name from raw.source_file where status = 'loaded' "
                                           "and origin = 'landing' order by file_name").fetchall())
    except DatabaseError:
        return None


def move_to_older(path: Path) -> Path:
    """Renames a warehouse to make room for a new one, still readable by its owner alone; returns its new path."""
    path.chmod(0o600)
    path.replace(older(path))
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    return older(path)


def rewrite(path: Path) -> None:
    """Writes a new warehouse file from the raw and gate tables alone, and puts it in place of the old one.

    DuckDB only marks a deleted row: its bytes stay in the file, and in the tables that dbt made from it. The tables of
    dbt are left out, so the next run builds them all. No connection may be open.
    """
    rewritten = path.with_name(f".{path.name}.new")
    for leftover in (rewritten, rewritten.with_name(f"{rewritten.name}.wal")):
        leftover.unlink(missing_ok=True)
    with connect(path) as connection:
        # DuckDB would read the old file's log as the new file's.
        connection.execute("checkpoint")
    with connect(rewritten) as connection:
        _create_tables(connection)
        attach(connection, path, "old")
        tables = connection.execute("select schema_name, table_name from duckdb_tables() where database_name <> 'old' "
                                    "and schema_name in ('raw', 'gate') order by all").fetchall()
        for schema, table in tables:
            _copy_from_old(connection, f"{schema}.{table}")
        connection.execute("delete from raw.built_by")
        connection.execute("detach old")
    rewritten.chmod(0o600)
    with rewritten.open("rb") as file:
        os.fsync(file.fileno())
    rewritten.replace(path)


def _copy_from_old(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Copies the columns that both have. A layout may have lost one since, and people must be deleted even so."""
    own, old = _columns(connection, table), _columns(connection, f"old.{table}")
    shared = ", ".join(f'"{name}"' for name in own if name in old)
    connection.execute(f"insert into {table} ({shared}) select {shared} from old.{table}")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe {table}").fetchall()]


def built_by(path: Path) -> str | None:
    """The hash of the project that last built the derived tables; None where they were never built."""
    with connect(path) as connection:
        found = connection.execute("select project_hash from raw.built_by").fetchone()
    return found[0] if found else None


def record_built_by(path: Path, project_hash: str) -> None:
    """Keeps the hash of the project that built the derived tables."""
    with connect(path) as connection, transaction(connection):
        connection.execute("delete from raw.built_by")
        connection.execute("insert into raw.built_by values (?)", [project_hash])
