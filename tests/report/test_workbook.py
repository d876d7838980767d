"""The workbook: the figures of the page as numbers, one table a sheet, and no text that Excel would run."""

import shutil
import subprocess
from decimal import Decimal

import openpyxl
import pytest
from typer.testing import CliRunner

from orchestration import database
from orchestration.cli import app
from orchestration.report.reading import headlines
from orchestration.report.sections.parts import Cell, Table, decimal
from orchestration.report.workbook import _stored, merged, sheet_name


@pytest.fixture(scope="module")
def path(embedded_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbook")
    words = "report", "stockton", "--home", str(embedded_home.folder), "--peers", "class", "--format", "xlsx"
    result = CliRunner().invoke(app, [*words, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return folder / "stockton-on-tees-114.xlsx"


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def table_of(sheet) -> list[dict]:
    """The rows below the headings, which are the first row with as many cells as the sheet is wide."""
    rows = list(sheet.iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if all(cell is not None for cell in row))
    return [dict(zip([str(name).split("\n")[0] for name in rows[at]], row)) for row in rows[at + 1 :]]


def test_the_sheets_of_the_analysis_function_come_first(book):
    assert book.sheetnames[:4] == ["Cover", "Contents", "Notes", "Where we stand"]
    listed = [row[0] for row in book["Contents"].iter_rows(min_row=4, values_only=True)]
    assert listed == [name for name in book.sheetnames if name not in ("Cover", "Contents", "Notes")]


def test_every_comparison_equals_the_mart_and_is_a_number(embedded_home, book):
    short = {one.measure_id: one.short for one in headlines()}
    with database.connect(embedded_home.published, read_only=True) as connection:
        held = {
            figure_id: (measure, value, mean, rank)
            for figure_id, measure, value, mean, rank in connection.execute(
                "select figure_id, measure_id, value, mean, rank_low from marts.mart_benchmark "
                "where council_code = '114' and peer_set = 'class' and basis = 'as_returned'"
            ).fetchall()
            if measure in short
        }
    rows = [
        row
        for row in table_of(book["Every comparison"])
        if (row["Compared with"], row["Figures"]) == ("class peers", "as returned")
    ]
    assert {row["Figure"] for row in rows} == set(held)
    for row in rows:
        measure, value, mean, rank = held[row["Figure"]]
        assert row["Measure"] == short[measure]
        for shown, stored in ((row["Council"], value), (row["Peers' mean"], mean), (row["Rank from the lowest"], rank)):
            assert shown == ("[x]" if stored is None else pytest.approx(float(stored)))


def test_the_doubtful_day_care_figure_has_its_reason(book):
    rows = {(row["Measure"], row["Year"]): row for row in table_of(book["Every comparison"])}
    assert "Set aside" in rows["Day care (others)", "2008-09"]["Can it be trusted?"]


def test_no_cell_is_a_formula(book):
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert _stored(Cell("=1+1")) == "=1+1"


def test_a_number_is_stored_unrounded_and_none_as_shorthand():
    assert _stored(decimal(Decimal("1234.5678"))) == 1234.5678
    assert _stored(decimal(None)) == "[x]"
    assert _stored(Cell("costs $$1$$")) == "costs $ $1$ $"


def test_tables_of_the_same_columns_are_one_sheet():
    one, other = (Table(f"{name}, 2017-18", ["Target"], [[Cell(name)]]) for name in ("Day care", "Home care"))
    found = list(merged([one, Table("Else", ["Year"], [[Cell("2010-11")]]), other, Table("Empty", ["Target"], [])]))
    assert [(table.columns, len(table.rows)) for table in found] == [(["Measure", "Target"], 2), (["Year"], 1)]
    assert found[0].rows[1][0].text == "Home care, 2017-18"


def test_names_of_sheets_are_short_and_no_two_alike():
    taken = {}
    for _ in range(12):
        taken[sheet_name("What: a [very] long title / of a section?", taken)] = True
    assert len(taken) == 12 and all(len(name) <= 31 for name in taken)
    assert not any(mark in name for name in taken for mark in "[]:*?/\\")


@pytest.mark.pages
def test_libreoffice_opens_it(path, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not on the path")
    subprocess.run(
        [office, "--headless", "--convert-to", "csv", "--outdir", tmp_path, path], check=True, capture_output=True
    )
    # A title with a comma is quoted.
    first_sheet = (tmp_path / f"{path.stem}.csv").read_text(encoding="utf-8", errors="replace")
    assert first_sheet.lstrip('"').startswith("Stockton")
