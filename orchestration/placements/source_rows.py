"""The rows of a snapshot file as DuckDB reads them: every cell a text, in the order of the file."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.database import parquet, quoted
from orchestration.faults import UnusableInput
from orchestration.placements.mapping import Mapping, columns_read
from orchestration.placements.recognise import PlacementFile
from orchestration.placements.sources import Source

# How the rows begin that an export puts at its foot, or between groups, in small letters.
TOTAL = (r"^\W*((grand|sub|overall)[ -]?totals?\b|totals?\b"
         r"|(total )?(number|count|no\.?) of (records|rows|lines|people|clients)"
         r"|(records|rows|lines|record count|row count)( (returned|exported|selected|printed))? *[:=(]? *[0-9,]*\W*$"
         r"|end of (report|file|extract|export|data)\b)")
# A CSV ends in a few such rows, if in any; further up a short row is a fault.
_FOOT_BYTES, _MOST_TOTALS = 1 << 14, 5
_ASIDE = "refused_row"
# The fields of which a placement has most, and a total hardly any.
_OF_A_PLACEMENT = ("person_reference", "council_code", "snapshot_date", "client_group", "setting", "age", "birth_date")


def relation(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> str:
    """SQL of the rows below the header in their order, empty ones too: every cell a text in c1, c2 and so on."""
    names = _column_names(file)
    if file.grid is not None:
        _register_grid(connection, file, names)
        return "placement_grid"
    if file.path.suffix.lower() == ".parquet":
        return f"(select {', '.join(_parquet_columns(connection, file.path))} from {parquet(file.path)})"
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    # A total of two cells at the foot is a row that DuckDB refuses; it is told to put such rows aside, and
    # ``rows_put_aside`` says whether there were others.
    aside = (f", ignore_errors = true, store_rejects = true, rejects_table = '{_ASIDE}', rejects_scan = '{_ASIDE}_scan'"
             if has_short_total(file) else "")
    return (f"read_csv({quoted(glob.escape(str(file.path)))}, auto_detect = false, columns = {{{columns}}}, "
            f"header = true, skip = {file.mapping.header_row - 1}, delim = {quoted(file.delimiter)}, "
            f"quote = '\"', escape = '\"', hive_partitioning = false, max_line_size = 1000000{aside})")


def has_short_total(file: PlacementFile) -> bool:
    """Whether a CSV has a total at its foot that is shorter than its header."""
    if file.grid is not None or file.path.suffix.lower() != ".csv":
        return False
    with file.path.open("rb") as content:
        content.seek(max(0, file.size - _FOOT_BYTES))
        foot = content.read(_FOOT_BYTES).decode("utf-8", "replace").rstrip().splitlines()
    return any(line.count(file.delimiter) < len(file.header) - 1 and re.search(TOTAL, line.lower())
               for line in foot[1:][-_MOST_TOTALS:])


def rows_put_aside(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[tuple[int, str]]]:
    """How many rows of totals were put aside, and line and reason of every other row that was; forgets them."""
    if not connection.execute("select count(*) from duckdb_tables() where table_name = ?", [_ASIDE]).fetchone()[0]:
        return 0, []
    # One row per missing cell.
    rows = connection.execute(
        f"select line, min(error_message), bool_and(regexp_matches(lower(csv_line), {quoted(TOTAL)})) "
        f"from {_ASIDE} group by line order by line").fetchall()
    connection.execute(f"drop table {_ASIDE}; drop table {_ASIDE}_scan")
    others = [(line, reason) for line, reason, is_a_total in rows if not is_a_total]
    return len(rows) - len(others), others


def _column_names(file: PlacementFile) -> list[str]:
    return [f"c{number}" for number in range(1, len(file.header) + 1)]


def is_filled(file: PlacementFile) -> str:
    """Whether a row holds anything."""
    return f"coalesce({', '.join(cell(name) for name in _column_names(file))}) is not null"


def _register_grid(connection: duckdb.DuckDBPyConnection, file: PlacementFile, names: list[str]) -> None:
    import pandas as pd

    first = file.mapping.header_row + 1
    rows = file.grid[first - 1:]
    long = next((number for number, row in enumerate(rows, first) if any(row[len(names):])), None)
    if long:
        raise UnusableInput(f"{file.name} cannot be read; nothing of it was loaded.", [file.fault(
            "file_complete", "more cells than the header has", f"{len(names)} cells a row",
            "export it again; a text with commas must be in quotes", long)])
    blank = [""] * len(names)
    frame = pd.DataFrame([(row + blank)[:len(names)] for row in rows] or None, columns=names, dtype="object")
    connection.register("placement_grid", frame)


def _parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    """Each column as text; a number whose decimals are all zero prints as in a CSV, where 12.0 is 12."""
    described = connection.execute(f"describe select * from {parquet(path)}").fetchall()
    for number, (name, kind, *_) in enumerate(described, 1):
        text = f'cast("{name.replace(chr(34), chr(34) * 2)}" as varchar)'
        yield f"{without_point(text) if kind in ('DOUBLE', 'FLOAT') else text} as c{number}"


def without_point(text: str) -> str:
    """A number without decimals that are all zero."""
    return f"regexp_replace({text}, '[.]0+$', '')"


def sql_columns(file: PlacementFile) -> dict[str, str]:
    """The relation's name of each column that the mapping names."""
    return {name: f"c{number}" for name, number in columns_read(file.mapping, file.header).items()}


def cell(column: str) -> str:
    """A cell's text without spaces around it; a no-break space is a space, as it is in ``intake.grids``.

    Nearly every cell is plain ASCII without spaces around it already, which is tested in a sixth of the time that
    trimming takes.
    """
    is_plain = (f"{column} >= '!' and {column} < chr(127) and strlen({column}) = length({column}) "
                f"and not ends_with({column}, ' ')")
    return f"case when {is_plain} then {column} else nullif(trim(replace({column}, '\xa0', ' ')), '') end"


def is_total(file: PlacementFile) -> str:
    """Whether a row is a total of the export and no placement: its first text is the word for one, and most of what a
    placement must have is blank.
    """
    columns = sql_columns(file)
    needed = [columns[name] for name in dict.fromkeys(
        source.column for field in _OF_A_PLACEMENT for source in file.mapping.columns.get(field, ()))
        if name in columns]
    is_any_blank = " or ".join(f"coalesce({column}, '') in ('', ' ')" for column in needed)
    n_filled = " + ".join(f"cast({cell(column)} is not null as integer)" for column in needed)
    first = f"coalesce({', '.join(cell(name) for name in _column_names(file))})"
    # Nearly no row has a blank among these, and then nothing else is looked at.
    return (f"case when {is_any_blank} then {n_filled} <= {(len(needed) + 1) // 2} "
            f"and coalesce(regexp_matches(lower({first}), {quoted(TOTAL)}), false) else false end")


def is_wanted(mapping: Mapping, columns: dict[str, str]) -> str:
    """Whether a row is read: it is of a kind the mapping reads, and of no kind it leaves out. A blank is of no kind."""
    conditions = [f"coalesce(lower({cell(columns[column])}), '') {word} "
                  f"({', '.join(quoted(text.strip().lower()) for text in texts)})"
                  for kinds, word in ((mapping.rows, "in"), (mapping.rows_left_out, "not in"))
                  for column, texts in kinds.items()]
    return " and ".join(conditions) or "true"


def printed(source: Source, columns: dict[str, str]) -> str:
    """The text a field's source prints in a row: a cell, or the one value of the whole file."""
    return quoted(source.value) if source.value is not None else cell(columns[source.column])
