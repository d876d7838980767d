"""Proves that a run waits for whoever reads the warehouse for a moment, and that a reader never waits for a run."""

import subprocess
import sys
import threading

import pytest

from orchestration import database
from orchestration.faults import RunStopped
from orchestration.store import warehouse

READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True):
    print("open", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "warehouse.duckdb"
    warehouse.prepare(found)
    return found


@pytest.fixture
def reader(path):
    process = subprocess.Popen([sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"open\n"
    yield process
    process.communicate(b"\n")


def test_a_run_waits_until_the_reader_has_gone(path, reader):
    """As where `status` or a sensor looks into the warehouse while Dagster starts a run."""
    leaves = threading.Timer(0.5, lambda: (reader.stdin.write(b"\n"), reader.stdin.flush()))
    leaves.start()
    with database.connect(path) as connection:
        assert connection.execute("select count(*) from raw.release").fetchone() == (0,)
    leaves.join()


def test_a_reader_that_stays_is_named(path, reader, monkeypatch):
    monkeypatch.setattr(database, "LONGEST_READ_SECONDS", 0.3)
    with pytest.raises(RunStopped, match="is held by another program"), database.connect(path):
        pass
