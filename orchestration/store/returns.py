"""Stores readings in the warehouse's raw schema, as printed. A file is stored whole or not at all, and once.

A file is identified by its content: the same sha256 under another name changes nothing. A return for a year already
stored becomes a further release of that year; a register (rulings, peer sets) of the same name replaces the old one.
"""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from pathlib import Path

import duckdb

from orchestration import database
from orchestration.intake.layouts import Layout, load_layouts
from orchestration.intake.readers import Reading
from orchestration.store import warehouse
from orchestration.store.files import drop_origin, drop_source, sheet_tables
from orchestration.store.registers import store_register
from orchestration.survey import EMBEDDED, LANDED, Survey, SurveyedFile, survey_landing


def survey_to_file(paths: list[Path], staged: Path) -> Survey:
    """As ``survey_landing``, but the sheets are written to the private DuckDB file ``staged`` and not kept in memory.

    The survey returned is small, so a large landing can be read in another process; ``load_returns`` copies the sheets.
    """
    found = survey_landing(paths)
    warehouse.prepare(staged)
    with database.connect(staged) as connection, database.transaction(connection):
        for file in found.files:
            for reading in file.readings if file.status == "loaded" else ():
                _store_sheet(connection, reading)
            file.drop_content()
    found.staged = staged
    return found


def release_id(reading: Reading, year: str) -> str:
    """A release's id, from collection, layout, year and the file's content: a changed file is another release."""
    return f"{reading.layout.layout}:{year}:{reading.file.sha256[:8]}"


def load_returns(survey: Survey, warehouse_path: Path, years: set[str] | None = None) -> dict[str, int]:
    """Stores the survey's files, each whole or not at all, and returns cells stored by file name.

    ``years`` limits this to the returns that hold one of these years (a file is still stored whole), an empty set to
    files without a year: registers, and files that no layout knows, which leave a row in ``raw.source_file``.
    Files already stored change nothing. The embedded default is dropped when the first return is landed.
    """
    stored: dict[str, int] = {}
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    # What was refused as a snapshot leaves no row: this table is published.
    files = [file for file in survey.files if not file.is_about_people and (years is None or _touches(file, years))]
    with database.connect(warehouse_path) as connection:
        if survey.staged:
            database.attach(connection, survey.staged, "staged")
        _store_markers(connection, load_layouts())
        if survey.origin == LANDED and survey.financial_years:
            drop_origin(connection, EMBEDDED)
        # A staged file is copied all at once, which is much faster: then the landing is one transaction.
        with database.transaction(connection) if survey.staged else nullcontext():
            sheet_ids: list[str] = []
            for file in files:
                with nullcontext() if survey.staged else database.transaction(connection):
                    if cells := _store_file(connection, file, survey.origin, now):
                        stored[file.file.name] = cells
                        sheet_ids += [reading.sheet_id for reading in file.readings]
            if survey.staged:
                _copy_staged(connection, sheet_ids)
        if survey.staged:
            connection.execute("detach staged")
    return stored


def _copy_staged(connection: duckdb.DuckDBPyConnection, sheet_ids: list[str]) -> None:
    for table in sheet_tables():
        connection.execute(f"insert into raw.{table} by name select * from staged.raw.{table} "
                           "where sheet_id in (select unnest(?::varchar[]))", [sheet_ids])


def _touches(file: SurveyedFile, years: set[str]) -> bool:
    return bool(file.years & years) if years else not file.years


def _store_markers(connection: duckdb.DuckDBPyConnection, layouts: list[Layout]) -> None:
    rows = [(layout.layout, marker, reason) for layout in layouts for marker, reason in layout.markers.items()]
    connection.execute("delete from raw.layout_marker")
    database.insert_rows(connection, "raw.layout_marker", rows)


def _store_file(connection: duckdb.DuckDBPyConnection, file: SurveyedFile, origin: str, now: dt.datetime) -> int:
    source_id, name = file.file.sha256, file.file.name
    known = dict(connection.execute("select file_name, status from raw.source_file where source_id = ?",
                                    [source_id]).fetchall())
    loaded_as = [other for other, status in known.items() if status == "loaded"]
    status, reason = file.status, file.reason
    if loaded_as and status == "loaded":
        status, reason = "duplicate", f"the same content as {loaded_as[0]}"
    if known.get(name) == "loaded" or known.get(name) == status == "duplicate":
        return 0
    # A file that was refused before is read again: its layout may be known by now.
    connection.execute("delete from raw.source_file where (source_id = ? or status = 'refused') and file_name = ?",
                       [source_id, name])
    if status == "loaded":
        _replace_registers(connection, file)
        _store_readings(connection, file, origin, now)
    cells, rows = (sum(getattr(reading, count) for reading in file.readings) if status == "loaded" else 0
                   for count in ("n_cells", "n_rows"))
    layout = ", ".join(sorted({reading.layout.layout for reading in file.readings})) or None
    connection.execute(
        "insert into raw.source_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false)",
        [source_id, name, source_id, file.file.size, file.file.encoding, layout, status, reason or None, origin, cells,
         rows, now])
    return cells


def _replace_registers(connection: duckdb.DuckDBPyConnection, file: SurveyedFile) -> None:
    if any(reading.layout.is_register for reading in file.readings):
        older = connection.execute(
            "select distinct source_id from raw.source_file inner join raw.source_sheet using (source_id) "
            "where source_file.file_name = ? and source_file.status = 'loaded' "
            "and source_sheet.kind in ('register', 'reference')",
            [file.file.name]).fetchall()
        for (source_id,) in older:
            drop_source(connection, source_id)


def _store_readings(connection: duckdb.DuckDBPyConnection, file: SurveyedFile, origin: str, now: dt.datetime) -> None:
    source_id = file.file.sha256
    releases = {}
    for reading in file.readings:
        layout = reading.layout
        has_parts = "unit_cost" in layout.components.values() or any(line.unit_cost for line in layout.lines)
        connection.execute("insert into raw.source_sheet values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           [reading.sheet_id, source_id, reading.sheet, layout.layout, layout.kind, layout.collection,
                            layout.coverage, layout.precedence, layout.term_set or layout.collection, reading.status,
                            layout.title, has_parts, reading.sheet_year])
        for year in reading.financial_years:
            releases[release_id(reading, year)] = [
                source_id, layout.layout, layout.collection, year, reading.status, layout.coverage, layout.precedence,
                layout.title, reading.published_on, origin, now]
        if reading.counts is None:
            _store_sheet(connection, reading)
    for release, facts in releases.items():
        connection.execute("insert into raw.release values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [release, *facts])


def _store_sheet(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    _store_notes(connection, reading)
    if reading.register:
        store_register(connection, reading)
        return
    cells = reading.cells
    _insert(connection, "cell", reading.sheet_id, {
        "row_number": cells.rows, "column_number": cells.columns, "printed_text": cells.texts})
    for table, number, labels in (("row_label", "row_number", reading.rows),
                                  ("column_label", "column_number", reading.columns)):
        _insert(connection, table, reading.sheet_id, {number: labels.positions, **labels.texts})
        axis = table.removesuffix("_label")
        database.insert_rows(connection, "raw.label_place", [
            (reading.sheet_id, axis, dimension, at) for dimension, at in labels.printed_in.items()])


def _store_notes(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    database.insert_rows(connection, "raw.sheet_note", [(reading.sheet_id, *note) for note in reading.notes])


def _insert(connection: duckdb.DuckDBPyConnection, table: str, sheet_id: str, columns: dict[str, list]) -> None:
    """Inserts columns of equal length into a raw table, with the id of their sheet."""
    if not next(iter(columns.values())):
        return
    import pandas as pd

    frame = pd.DataFrame({name: pd.Series(values, dtype="int32" if name.endswith("_number") else "object")
                          for name, values in columns.items()})
    frame.insert(0, "sheet_id", sheet_id)
    connection.register("rows_frame", frame)
    connection.execute(f"insert into raw.{table} by name select * from rows_frame")
    connection.unregister("rows_frame")
