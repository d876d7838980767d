"""Whether two engines have built the same tables."""

import importlib.util
import re

import pytest

from orchestration import second_engine
from orchestration.faults import RunStopped

WHOLE_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}


def require_spark() -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed: make test-spark installs the extra spark")
    try:
        second_engine.require_java()
    except RunStopped as error:
        pytest.skip(str(error))


def kind(column_type: str) -> str:
    """What a type holds: engines choose other widths for sums and counts, but a decimal's places must agree."""
    if column_type in WHOLE_NUMBERS:
        return "whole number"
    return re.sub(r"DECIMAL\(\d+,", "DECIMAL(", column_type)


def differences(connection, ours: str, theirs: str) -> list[str]:
    """What differs between two tables: columns, their kinds, or rows (each counted as often as it occurs)."""
    columns = [[(name, kind(column_type)) for name, column_type, *_ in
                connection.execute(f"describe select * from {table}").fetchall()] for table in (ours, theirs)]
    if columns[0] != columns[1]:
        return [f"{ours}: columns {set(columns[0]) ^ set(columns[1])}"]
    return rows_alone(connection, ours, theirs, ours, ("DuckDB", "Spark"))


def copies_differ(connection, ours: str, theirs: str) -> list[str]:
    """What differs between two published files that are attached under these names: tables, types, rows, or the queries
    of views (what they read is compared with the tables). That a run has its own id is no difference.
    """
    columns, views = ([set(connection.execute(query.format(name)).fetchall()) for name in (ours, theirs)] for query in (
        "select concat(schema_name, '.', table_name), column_name, data_type from duckdb_columns() "
        "where database_name = '{0}'",
        "select schema_name, view_name, replace(sql, '{0}.', '') from duckdb_views() where database_name = '{0}'"))
    found = [f"{' '.join(one)} is in one alone" for one in sorted((columns[0] ^ columns[1]) | (views[0] ^ views[1]))]
    tables = [set(connection.execute("select concat(schema_name, '.', table_name) from duckdb_tables() "
                                     "where database_name = ?", [name]).fetchall()) for name in (ours, theirs)]
    for (table,) in sorted(tables[0] & tables[1]):
        rows = "* exclude (run_id)" if table == "quality.rule_result" else "*"
        found += rows_alone(connection, f"(select {rows} from {ours}.{table})",
                            f"(select {rows} from {theirs}.{table})", table, (ours, theirs))
    return found


def rows_alone(connection, ours: str, theirs: str, table: str, sides: tuple[str, str]) -> list[str]:
    found = []
    for here, there, side in ((ours, theirs, sides[0]), (theirs, ours, sides[1])):
        alone = connection.execute(f"select * from {here} except all select * from {there}").fetchall()
        if alone:
            found.append(f"{table}: {len(alone)} rows in {side} only, such as {alone[0]}")
    return found
