"""Proves that the recipes for other tools (docs/analysts.md) end with one answer, as far as it can be tried here:
the Python is run, and the files that the others open hold the answer under the names they filter by.
"""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from orchestration import database
from orchestration.report.files import write_page

RECIPES = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8").split(
    "## The same answer in your own tool")[1].split("\n## ")[0]
VALUE, MEDIAN = (Decimal(text) for text in re.search(r"£([\d.]+) and £([\d.]+)", RECIPES).groups())


def filters(start: str) -> dict[str, str]:
    """The columns that a recipe filters by, with their values, out of its query."""
    query = RECIPES.split(start)[1].split("```")[1]
    found = dict(re.findall(r'\[(\w+)\] = "([^"]+)"', query))
    assert len(found) >= 4
    return found


def test_python_prints_the_answer(embedded_home, capsys):
    code = re.search(r"```python\n(.*?)```", RECIPES, re.DOTALL).group(1)
    assert ".carequartile/published/carequartile.duckdb" in code
    exec(code.replace(".carequartile/published/carequartile.duckdb", str(embedded_home.published)), {})
    ((value, median, verdict),) = eval(capsys.readouterr().out, {"Decimal": Decimal})
    assert (value, median, verdict) == (VALUE, MEDIAN, "quarantine")


def test_r_asks_the_query_of_python():
    queries = [" ".join(found.split()) for found in re.findall(r"select value, .*?unit_cost'", RECIPES, re.DOTALL)]
    assert len(queries) == 2 and len(set(queries)) == 1


def test_the_csv_holds_the_answer_where_excel_looks_for_it(embedded_home, tmp_path):
    path = write_page(embedded_home, "stockton", None, None, tmp_path, "csv")
    assert f"\\{path.name}" in RECIPES
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file)
                if filters("From Text/CSV").items() <= row.items()]
    assert [(Decimal(row["value"]), Decimal(row["median"]), row["verdict"]) for row in rows] == [
        (VALUE, MEDIAN, "quarantine")]


def test_the_workbook_holds_the_answer_where_excel_filters(embedded_home, tmp_path):
    path = write_page(embedded_home, "stockton", None, None, tmp_path, "xlsx")
    recipe = " ".join(RECIPES.split()).split("sheet ")[1].split(". ")[0]
    sheet = re.match('"(.+?)"', recipe).group(1)
    chosen = dict(re.findall('([A-Z][a-z ]+) "(.+?)"', recipe))
    assert len(chosen) == 4
    rows = list(load_workbook(path)[sheet].iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[0] == "Measure")
    tables = [dict(zip(rows[head], row)) for row in rows[head + 1:]]
    (row,) = [row for row in tables if chosen.items() <= row.items()]
    assert row["Council"] == pytest.approx(float(VALUE)) and row["Peers' median"] == pytest.approx(float(MEDIAN))


def test_the_parquet_file_holds_the_answer_where_power_bi_looks_for_it(embedded_home):
    name = re.search(r"parquet.(marts\.\w+\.parquet)", RECIPES).group(1)
    where = " and ".join(f"{column} = {database.quoted(value)}" for column, value in filters("**Power BI**").items())
    with database.in_memory() as connection:
        rows = connection.execute(
            f"select value, comparator_median, verdict from "
            f"{database.parquet(embedded_home.published_folder / 'parquet' / name)} where {where}").fetchall()
    assert rows == [(VALUE, MEDIAN, "quarantine")]
