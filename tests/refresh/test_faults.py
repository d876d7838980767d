"""Proves that nothing published is lost by what happens over the years: killed processes, full disks, many readers.

One refresh is killed in `make test-full`; the trials marked `faults` take minutes (`make test-faults`). What publishing
alone survives is in publish/test_publish.py, what a full disk does to a refresh in cli/test_bad_input.py.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
import trials
from dagster_dev import Dev
from embedded_years import lines_of
from typer.testing import CliRunner

from orchestration import publish
from orchestration.cli import app
from orchestration.home import Home
from orchestration.refresh import refresh
from orchestration.store import lock


@pytest.fixture
def looker():
    looking = trials.Looker()
    yield looking
    looking.close()


@pytest.mark.full
def test_a_refresh_killed_at_a_random_moment(embedded_home, tmp_path, looker):
    home = Home(tmp_path / "home")
    shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
    before, moment = looker.look(home.published), random.SystemRandom().uniform(0, 4)
    with (tmp_path / "log").open("w+") as log:
        running = subprocess.Popen([sys.executable, "-m", "orchestration.cli", "refresh", "--force", "--home",
                                    str(home.folder)], stdout=log, stderr=log)
        while lock.holder(home) is None:
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(moment)
        running.kill()
        running.wait()
    assert looker.look(home.published) == before and publish.read_manifest(home), f"killed after {moment:.2f} s"
    assert refresh([], home, is_forced=True).is_new
    found = looker.look(home.published)
    # The one rule that compares with the release before has one now.
    assert {table for table in found if found[table] != before[table]} <= {"quality.rule_result"}
    assert not list(home.folder.rglob(".building-*")) and not home.staged.exists()


@pytest.mark.faults
@pytest.mark.parametrize("trial", [
    trials.kill_at_every_step, lambda folder: trials.kill_at_random(folder, 6),
    pytest.param(lambda folder: trials.fill_disk(folder, 6), marks=pytest.mark.skipif(
        os.geteuid() != 0, reason="only root can mount a separate file system")),
    lambda folder: trials.read_along(folder, 10, 3)], ids=["every step", "random", "disk", "readers"])
def test_nothing_is_lost(trial, tmp_path):
    outcome = trial(tmp_path)
    assert outcome.trials and not outcome.lost, "\n".join(outcome.lost)


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a separate file system")
def test_a_home_that_can_only_be_read(embedded_home, tmp_path, looker):
    disk = tmp_path / "disk"
    disk.mkdir()
    trials._mount("-t", "tmpfs", "-o", "size=2G", "tmpfs", str(disk))
    try:
        home = Home(disk / "home")
        shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
        before = looker.look(home.published)
        trials._mount("-o", "remount,ro", str(disk))
        refused = CliRunner().invoke(app, ["refresh", "--force", "--home", str(home.folder)])
        assert refused.exit_code == 1
        assert "cannot be written (Read-only file system). Next:" in refused.stderr
        shown = CliRunner().invoke(app, ["status", "--home", str(home.folder)])
        assert shown.exit_code == 0 and "loaded: 2008-09" in shown.output
        assert looker.look(home.published) == before
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.faults
def test_a_run_of_the_service_that_is_killed_is_done_again(tmp_path):
    """No one restarts it: the sensor of lost runs ends it, the daemon tries it again."""
    running = Dev(tmp_path, "service")
    try:
        running.drop("y2008.csv", lines_of("2008-09"))
        until = time.monotonic() + 600
        while lock.holder(running.home) is None and time.monotonic() < until:
            time.sleep(0.2)
        killed = json.loads((running.home.folder / "refresh.holder").read_text(encoding="utf-8"))["pid"]
        time.sleep(2)
        os.kill(killed, signal.SIGKILL)
        assert publish.read_manifest(running.home) is None
        while publish.read_manifest(running.home) is None and time.monotonic() < until:
            time.sleep(1)
        assert publish.read_manifest(running.home)["tables"]["marts.fct_figure"] == 552
        running.wait_for("2008-09", "SUCCESS")
        assert running.n_runs == 2
    finally:
        running.stop()
