"""The one module that opens DuckDB. What is stored in the warehouse is ``store``'s; SQL of the figures lives in dbt.

DuckDB lets one process write to a file and turns readers away meanwhile, so every connection is short and goes through
``connect``; readers outside use the published copy, never the warehouse.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.faults import RunStopped

DatabaseError = duckdb.Error
# What all of DuckDB may hold in memory; beyond it, it writes to disk beside the file and goes on.
MEMORY_LIMIT = "768MB"


@contextmanager
def connect(path: Path, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is closed on leaving, whatever happens. A held lock is said in words: who holds it."""
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        raise RunStopped(_why_not_opened(path, error)) from error
    try:
        # By default every sixteen megabytes written are at once moved from the log into the file; a run writes many.
        connection.execute("set checkpoint_threshold = '1GB'")
        # Its own bound is four fifths of the machine, which a council's server has other uses for.
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        yield connection
    finally:
        connection.close()


@contextmanager
def whole(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is done in it, or nothing of it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to nothing on disk, for looking into a file."""
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Makes another file readable in a connection, as a catalog of this name."""
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")


def _why_not_opened(path: Path, error: duckdb.Error) -> str:
    first_line = str(error).splitlines()[0]
    if "lock" in first_line.lower():
        return f"{path.name} is held by another program ({first_line}). Next: close it there and run again."
    if "No space left" in first_line:
        return f"No space is left on the disk for {path.name}. Next: free some and run again; nothing was published."
    return f"{path.name} cannot be opened ({first_line}). Next: check the folder's permissions and free space."


def row_counts(path: Path) -> dict[tuple[str, str], int]:
    """Rows by schema and name of every table (views would have to be run to be counted)."""
    with connect(path) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() where not temporary"
                                    ).fetchall()
        return {(schema, table): connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()[0]
                for schema, table in tables}


def parquet_rows(path: Path) -> list[tuple[object, ...]]:
    """The header and rows of a Parquet file."""
    with duckdb.connect() as connection:
        # Escaped and without partitions: a name with brackets is no pattern, a folder `year=2012` no column.
        cursor = connection.execute("select * from read_parquet(?, hive_partitioning = false)",
                                    [glob.escape(str(path))])
        header = tuple(column[0] for column in cursor.description)
        return [header, *cursor.fetchall()]
