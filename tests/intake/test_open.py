"""Proves that a file is opened once, by a function of its arguments alone that another process can run."""

import hashlib
import io
import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.home import project_folder
from orchestration.intake import open as opening
from orchestration.intake.open import HEAD_ROWS, open_file
from orchestration.placements.recognise import is_snapshot_head, recognise_snapshot
from orchestration.survey import survey_landing

RETURN = next((project_folder() / "seeds" / "returns").glob("*.csv"))
SNAPSHOT = next((project_folder() / "seeds" / "snapshots").glob("*.csv"))
is_read_by_row = partial(is_snapshot_head, landed_mappings=[])


def workbook(folder):
    book = openpyxl.Workbook()
    for row in [["a", "b"], *([number, "x"] for number in range(30))]:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    (folder / "book.xlsx").write_bytes(content.getvalue())
    return folder / "book.xlsx"


def parquet(folder):
    with duckdb.connect() as connection:
        connection.execute(f"copy (select i, i::double as d from range(30) as t(i)) to '{folder / 'rows.parquet'}'")
    return folder / "rows.parquet"


FILES = {"return": lambda folder: RETURN, "snapshot": lambda folder: SNAPSHOT, "workbook": workbook, "parquet": parquet}


@pytest.fixture(params=FILES)
def path(request, tmp_path):
    return FILES[request.param](tmp_path)


@pytest.fixture
def opened_paths(monkeypatch):
    """The path of every file that is opened by Python, in order."""
    paths, really = [], Path.open

    def noting(self, *arguments, **options):
        paths.append(self)
        return really(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", noting)
    return paths


def test_a_survey_opens_each_file_once(path, opened_paths):
    survey_landing([path])
    assert opened_paths.count(path) == 1


def test_another_process_opens_it_alike(path):
    here = open_file(path, path.name, is_read_by_row)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        there = pool.submit(open_file, path, path.name, is_read_by_row).result()
    assert there == here == pickle.loads(pickle.dumps(here)) and not here.faults
    assert here.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() and here.size == path.stat().st_size


def test_the_head_is_the_first_rows_of_the_grid(path):
    opened = open_file(path, path.name)
    assert opened.heads == {sheet: grid[:HEAD_ROWS] for sheet, grid in opened.grids.items()} != {}


def test_a_snapshot_read_by_row_has_a_head_and_no_grid(monkeypatch):
    monkeypatch.setattr(opening, "LARGEST_FILE_BYTES", 50)
    opened = open_file(SNAPSHOT, "a.csv", is_read_by_row)
    assert opened.heads[""] and not opened.grids and not opened.faults
    placement = recognise_snapshot(opened, [])
    assert placement.grid is None and placement.sha256 == opened.sha256 and placement.size == SNAPSHOT.stat().st_size
    assert "at most 50 bytes" in open_file(RETURN, "b.csv", is_read_by_row).faults[0].expected


def test_a_snapshot_that_is_not_utf8_to_its_end_has_a_grid(tmp_path):
    """DuckDB cannot decode it: its rows are read here, though its head looks like UTF-8."""
    text = SNAPSHOT.read_text("utf-8")
    repeated = text + "".join(text.splitlines(keepends=True)[1:]) * (1 + (1 << 18) // len(text))
    (tmp_path / "a.csv").write_bytes(repeated.encode() + b"\xa3,\n")
    opened = open_file(tmp_path / "a.csv", "a.csv", is_read_by_row)
    assert opened.encoding == "cp1252" and opened.grids[""][-1][0] == "£"
    assert opened.sha256 == hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert recognise_snapshot(opened, []).grid[-1][0] == "£"
