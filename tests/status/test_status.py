"""Proves that status says what is loaded, published, flagged and waiting, also while a refresh runs."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys

import pytest
from embedded_years import lines_of
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.status import describe, status
from orchestration.store import lock, warehouse
from orchestration.store.snapshots import load_placements
from orchestration.survey import embedded_paths, survey_landing

SNAPSHOTS = embedded_paths()[1]


@pytest.fixture
def stored(tmp_path):
    """A warehouse with the two synthetic snapshots landed today, each row with a different key."""
    home = Home(tmp_path / "home")
    warehouse.prepare(home.warehouse)
    load_placements(survey_landing([SNAPSHOTS]), home.warehouse, load_key(home, is_in_use=False))
    return home


def test_status_says_what_is_loaded_published_and_flagged(embedded_home):
    found = status(embedded_home, dt.datetime.now(dt.UTC) + dt.timedelta(days=10))
    text = "\n".join(describe(found))
    for words in ("(10 days old)", "loaded: 2008-09 pssex1: 46 councils, 552 figures, 22 quarantined",
                  "loaded: snapshot of Stockton-on-Tees, 2010-02-28: 645 lines (synthetic)",
                  "flagged: peer_ratio_extreme: 23 findings (warning)"):
        assert words in text
    assert found.unpublished == [] and found.waiting == [] and found.holder is None


def test_status_as_data_and_its_exit_code(embedded_home, tmp_path):
    result = CliRunner().invoke(app, ["status", "--home", str(embedded_home.folder), "--json"])
    assert result.exit_code == 0
    assert {"published", "age_hours", "loaded", "flagged", "waiting"} <= json.loads(result.output).keys()
    (tmp_path / "empty").mkdir()
    nothing = CliRunner().invoke(app, ["status", "--home", str(tmp_path / "empty")])
    assert (nothing.exit_code, "no complete release" in nothing.output) == (1, True)
    nowhere = CliRunner().invoke(app, ["status", "--home", str(tmp_path / "nowhere")])
    assert nowhere.exit_code == 2 and "There is no home" in nowhere.stderr


def test_status_while_a_refresh_runs_reads_the_release_and_says_so(embedded_home):
    with lock.hold(embedded_home):
        found = status(embedded_home)
    assert found.holder and found.loaded and found.unpublished is None and found.waiting is None
    assert "running: a refresh holds the home (process" in "\n".join(describe(found))


def test_status_names_what_waits_and_what_was_stopped(stored):
    stored.landing.mkdir()
    (stored.landing / "later.csv").write_text(lines_of("2008-09"), encoding="utf-8")
    shutil.copy(next(SNAPSHOTS.glob("*2010*.csv")), stored.landing)
    found = status(stored)
    assert found.waiting == ["later.csv"]
    assert found.unpublished == sorted(file.name for file in SNAPSHOTS.glob("*.csv"))
    text = "\n".join(describe(found))
    assert "waiting: later.csv is in landing" in text and "stored, not published: synthetic_stockton_2010" in text


def test_a_clock_that_was_set_back_is_reported(embedded_home):
    text = "\n".join(describe(status(embedded_home, dt.datetime.now(dt.UTC) - dt.timedelta(days=10))))
    assert "in the future: the clock of this machine was set back" in text


# Either would take longer than all that status reads.
LIGHT = """
import sys
from pathlib import Path
from orchestration import publish
from orchestration.home import Home
from orchestration.status import status
publish.sha256 = None
assert status(Home(Path(sys.argv[1]))).published
assert not {"pandas", "dagster", "dbt", "great_expectations"} & sys.modules.keys()
"""


def test_status_neither_hashes_the_release_nor_imports_what_a_run_needs(embedded_home):
    done = subprocess.run([sys.executable, "-c", LIGHT, str(embedded_home.folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_status_of_a_release_that_was_cut_short(embedded_home, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
    os.truncate(home.published.resolve(), 5000)
    assert status(home).published is None


def test_status_says_what_is_on_disk_and_how_much_of_it_is_kept(embedded_home, tmp_path):
    found = status(embedded_home)
    assert found.disk["warehouse"] >= embedded_home.warehouse.stat().st_size
    (line,) = [line for line in describe(found) if line.startswith("on disk: ")]
    assert "warehouse " in line and "kept are the last 2 releases and rows about people for 36 months" in line
    home = Home(tmp_path)
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "a.csv").write_bytes(b"x" * 1000)
    (tmp_path / "landing" / "b.csv").hardlink_to(tmp_path / "landing" / "a.csv")
    assert status(home).disk == {"landing": 1000}
