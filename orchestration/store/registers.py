"""Registers and reference tables in the warehouse: a table ``raw.<layout>`` for each layout, with cells as printed.

A row keeps its file (``source_id``), sheet and row number; ``raw.register_column`` keeps which column of the sheet each
field was printed in, so that every text can be traced to its cell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb

from orchestration import database
from orchestration.intake.layouts import Layout, load_layouts
from orchestration.intake.readers import Reading
from orchestration.intake.readers.result import RegisterRows

if TYPE_CHECKING:
    import pandas as pd

_KEYS = {"source_id": "varchar", "sheet_id": "varchar", "sheet": "varchar", "row_number": "integer"}


@lru_cache(maxsize=1)
def register_layouts() -> tuple[Layout, ...]:
    """The layouts that are stored in a table for each."""
    return tuple(layout for layout in load_layouts() if layout.is_register)


def register_columns(layout: Layout) -> dict[str, str]:
    """Name and type of every column of ``raw.<layout>``."""
    notes = [name for name, place in (("mid_year", layout.mid_year), ("published_on", layout.published_on)) if place]
    columns = dict.fromkeys([*notes, *layout.columns_in_raw], "varchar")
    return _KEYS | columns | ({"column_number": "integer"} if layout.unpivot else {})


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables that are missing, and adds columns that a layout has gained since."""
    for layout in register_layouts():
        columns = register_columns(layout)
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"create table if not exists raw.{layout.layout} ({listed})")
        known = {row[0] for row in connection.execute(f"describe raw.{layout.layout}").fetchall()}
        for name in columns.keys() - known:
            connection.execute(f'alter table raw.{layout.layout} add column "{name}" {columns[name]}')


def store_register(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Stores the rows of one sheet in the table of its layout."""
    layout, rows = reading.layout, reading.register
    if not rows.rows:
        return
    keys = {"source_id": reading.file.sha256, "sheet_id": reading.sheet_id, "sheet": reading.sheet}
    notes = {note.kind: note.text for note in reading.notes if note.kind in ("mid_year", "published_on")}
    frame = _unpivoted(layout, rows) if layout.unpivot else _as_printed(layout, rows)
    frame = frame.assign(**keys, **notes)
    connection.register("rows_frame", frame)
    connection.execute(f"insert into raw.{layout.layout} by name select * from rows_frame")
    connection.unregister("rows_frame")
    database.insert_rows(connection, "raw.register_column", [
        (reading.sheet_id, layout.layout, header if layout.unpivot else layout.name_in_raw(header), number)
        for header, number in rows.positions.items()])


def _as_printed(layout: Layout, rows: RegisterRows) -> pd.DataFrame:
    """One row per row of the sheet, one column per field."""
    import pandas as pd

    texts = {layout.name_in_raw(header): pd.Series(column, dtype="object") for header, column in rows.texts.items()}
    return pd.DataFrame({"row_number": pd.Series(rows.rows, dtype="int32"), **texts})


def _unpivoted(layout: Layout, rows: RegisterRows) -> pd.DataFrame:
    """One row per value cell: the fields that the layout keeps, the value's header, column and printed text."""
    import pandas as pd

    kept = {layout.name_in_raw(header): rows.texts[header] for header in layout.unpivot.keep}
    frames = [pd.DataFrame({"row_number": rows.rows, **kept, "field": header, "column_number": rows.positions[header],
                            "printed_text": texts}, dtype="object")
              for header, texts in rows.texts.items() if header not in layout.unpivot.keep]
    return pd.concat(frames, ignore_index=True).astype({"row_number": "int32", "column_number": "int32"})
