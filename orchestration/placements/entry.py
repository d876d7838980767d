"""Reads a snapshot's rows into DuckDB: only fields of the contract, only as codes, numbers, dates and hashes.

DuckDB reads CSV and Parquet itself, ten million rows as well as ten; a workbook comes as a grid from ``intake``. A cell
that is not a code, number or date is counted and left out: it may be about a person, whatever it holds.
"""

from __future__ import annotations

import re

import duckdb

from orchestration import database
from orchestration.faults import CarequartileError, Fault, UnusableInput
from orchestration.placements.entry_sql import entry_sql
from orchestration.placements.field_values import date_sql
from orchestration.placements.pseudonyms import PseudonymisationKey
from orchestration.placements.recognise import PlacementFile
from orchestration.placements.refusals import refuse_identifiers, refuse_names, require_snapshots
from orchestration.placements.source_rows import is_filled, is_wanted, printed, relation, rows_put_aside, sql_columns
from orchestration.placements.summary import SnapshotSummary, summarise
from orchestration.reference import load_councils

# The table has every row of the file in the file's order, so that the table's row ids are the row numbers. Numbering
# the rows while reading would use one thread, and take longer than all the rest.
_ENTERED = ("create temp view entered as "
            "select rowid + {header_row} + 1 as row_number, * exclude (is_wanted, is_total) from entered_row "
            "where is_wanted and not is_total")


def read(connection: duckdb.DuckDBPyConnection, file: PlacementFile, key: PseudonymisationKey) -> SnapshotSummary:
    """Reads the file's rows into the temporary view ``entered`` and counts them; ``discard_rows`` drops the view.

    Raises UnusableInput where the file cannot be read as its mapping asks, and GateStopped where an identifier of a
    person is in it; nothing is stored then.
    """
    councils = load_councils()
    refuse_names(file)
    source = relation(connection, file)
    discard_rows(connection)
    try:
        connection.execute(f"create temp table entered_row as {entry_sql(file, source, councils)}",
                           {"inner": key.inner, "outer": key.outer})
        n_totals, others = rows_put_aside(connection)
        if others:
            raise _unreadable(file, _found(others[0][1]), others[0][0])
        connection.execute(_ENTERED.format(header_row=file.mapping.header_row))
        summary = summarise(connection, file, source, n_totals)
        rows_put_aside(connection)
    except duckdb.Error as error:
        raise _unreadable(file, *_reason(error)) from None
    finally:
        if file.grid is not None:
            connection.unregister("placement_grid")
    refuse_identifiers(connection, file)
    require_snapshots(connection, file, summary, councils)
    return summary


def discard_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what ``read`` made."""
    connection.execute("drop view if exists entered")
    connection.execute("drop table if exists entered_row")


def _unreadable(file: PlacementFile, reason: str, row: int | None) -> UnusableInput:
    return UnusableInput(f"{file.name} cannot be read; nothing of it was loaded.", [file.fault(
        "file_complete", reason, f"{len(file.header)} cells a row as in the header, every quoted cell closed",
        "export it again; a text with commas or line breaks must be in quotes", row)])


def _reason(error: duckdb.Error) -> tuple[str, int | None]:
    """What DuckDB found and in which line, without any text of the row that it quotes: the row is about a person."""
    text = str(error)
    line = re.match(r"Invalid Input Error: CSV Error on Line: ([0-9]+)\n", text)
    found = _found(text) or f"no rows that can be read ({type(error).__name__})"
    return found, int(line[1]) if line else None


def _found(text: str) -> str:
    cells = re.findall(r"^Expected Number of Columns: [0-9]+ Found: ([0-9]+)$", text, re.MULTILINE)
    return (f"{cells[-1]} cells in a row" if cells
            else "a quote that is never closed" if "unterminated quote" in text
            else "a row longer than any row may be" if "Maximum line size" in text else "")


def preview(file: PlacementFile) -> SnapshotSummary:
    """What is in a file, without storing anything (the key is thrown away). Raises what ``read`` raises."""
    with database.in_memory() as connection:
        return read(connection, file, PseudonymisationKey.of("not a key: nothing is kept"))


def faults_of(file: PlacementFile, error: CarequartileError) -> list[Fault]:
    """The error that stopped the reading of a file, as faults of the file."""
    if faults := getattr(error, "faults", None):
        return faults
    found, *rest = str(error).splitlines()
    listed = " ".join(line for line in rest if line.startswith("- "))
    return [file.fault("no_identifier_in_snapshot", f"{found} {listed}",
                       "codes, numbers, dates, a provider's name and the council's own reference",
                       "take them out of the export")]


def months(file: PlacementFile) -> set[str]:
    """The months (2026-03) of a file's snapshots: the partitions to which it belongs.

    Rows without a date are reported by ``read``.
    """
    source = file.mapping.columns["snapshot_date"][0]
    columns = sql_columns(file)
    with database.in_memory() as connection:
        try:
            days = connection.execute(
                f"select distinct {date_sql(printed(source, columns), source.date_format)} from "
                f"{relation(connection, file)} where {is_filled(file)} and {is_wanted(file.mapping, columns)}"
            ).fetchall()
        except (duckdb.Error, UnusableInput):
            return set()
    return {f"{day:%Y-%m}" for (day,) in days if day}
