"""The one module that opens DuckDB. ``store`` writes the raw tables; the SQL of the figures is in dbt.

While one process writes to a DuckDB file, no other can read it, so every connection is short and goes through
``connect``; readers outside use the published copy, never the warehouse.
"""

from __future__ import annotations

import glob
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.faults import Damaged, RunStopped

DatabaseError = duckdb.Error
# A table or a column that a query names is not in the file.
LacksTable = (duckdb.CatalogException, duckdb.BinderException)
# How much memory DuckDB may use in all; beyond it, it spills to disk next to the file and goes on.
MEMORY_LIMIT = "768MB"
# Of the warehouse, by a process that does not hold the home.
LONGEST_READ_SECONDS = 15


@contextmanager
def connect(path: Path, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is closed at the end, whatever happens. The error for a locked file names its holder."""
    connection = _opened(path, read_only)
    try:
        # Its own bar would be written into logs and across ours.
        connection.execute("set enable_progress_bar = false")
        # By default each sixteen megabytes written are moved from the log into the file at once; a run writes many.
        connection.execute("set checkpoint_threshold = '1GB'")
        # By default it may take four fifths of the machine's memory, which a council's server needs for other work.
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        yield connection
    except duckdb.Error as error:
        if _DAMAGE.search(str(error)):
            raise _damaged(path, error) from error
        raise
    finally:
        connection.close()


def _opened(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Opens the file. A run waits where another process has it open: that is `status` or a sensor, which read it for a
    moment; whoever may write to it holds the home.
    """
    until = time.monotonic() + (0 if read_only else LONGEST_READ_SECONDS)
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.Error as error:
            if "Could not set lock" not in str(error) or time.monotonic() >= until:
                raise _why_not_opened(path, error) from error
            time.sleep(0.1)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits all that is done inside it, or rolls all of it back."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty database in memory, for reading a file."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        yield connection


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    """Inserts rows of equal length in one statement; ``executemany`` takes one a row, a millisecond each."""
    if rows:
        columns = [list(column) for column in zip(*rows)]
        connection.execute(f"insert into {table} select {', '.join(['unnest(?)'] * len(columns))}", columns)


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Makes another file readable in a connection, as a catalog of this name."""
    connection.execute(f"attach {quoted(str(path))} as {name} (read_only)")


# What DuckDB says of a file that it did not write, or that was changed since.
_DAMAGE = re.compile("not a valid DuckDB database|[Cc]orrupt|[Cc]hecksum|[Dd]eserializ|[Ss]erialization Error"
                     "|database has been invalidated|Failed to (load|read) (metadata|block)|end of file"
                     "|read enough bytes|Is a directory|INTERNAL Error|not enough data")


def _damaged(path: Path, error: duckdb.Error) -> Damaged:
    what = "a folder" if path.is_dir() else "damaged"
    return Damaged(f"{path.name} is {what} ({str(error).splitlines()[0][:200]}). Next: move it away; with the "
                   "warehouse, land again all that was landed (refresh --landing PATH). The last release stays up.")


def _why_not_opened(path: Path, error: duckdb.Error) -> RunStopped:
    if path.is_dir() or _DAMAGE.search(str(error)) or not isinstance(error, duckdb.IOException):
        return _damaged(path, error)
    return RunStopped(_why_not_read(path, error))


def _why_not_read(path: Path, error: duckdb.Error) -> str:
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


def parquet(path: Path) -> str:
    """The SQL that reads a Parquet file; neither brackets nor a folder `year=2012` in its path have a meaning."""
    return f"read_parquet({quoted(glob.escape(str(path)))}, hive_partitioning = false)"


def parquet_rows(path: Path, most: int | None = None) -> list[tuple[object, ...]]:
    """The header of a Parquet file and its rows, or the first of them."""
    with in_memory() as connection:
        cursor = connection.execute(f"select * from {parquet(path)}" + (f" limit {most}" if most else ""))
        header = tuple(column[0] for column in cursor.description)
        return [header, *cursor.fetchall()]


def quoted(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def comment(connection: duckdb.DuckDBPyConnection, kind: str, name: str, description: str, columns: dict[str, str]
            ) -> None:
    """Comments on a table or view and on its columns, each text on one line."""
    statements = [f"comment on {kind} {name} is {quoted(' '.join(description.split()))}"]
    statements += [f'comment on column {name}."{column}" is {quoted(" ".join(text.split()))}'
                   for column, text in columns.items()]
    # In one transaction: by itself each of some six hundred would be written to the disk.
    with transaction(connection):
        connection.execute(";".join(statements))
