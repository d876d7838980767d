"""`dagster dev` for real: a file dropped into the landing folder is published without anyone doing anything."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import duckdb
import pytest
from embedded_years import lines_of

from orchestration import publish
from orchestration.home import PACKAGE, Home

pytestmark = pytest.mark.dev
RUNS = """{ runsOrError { ... on Runs { results { status tags { key value } eventConnection { events {
    ... on ExecutionStepFailureEvent { stepKey failureMetadata { description } } } } } } } }"""


class Dev:
    """A running `dagster dev` on a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.log, self.n_runs = Home(folder / "home"), folder / "dev.log", 0
        (self.home.folder / "dagster").mkdir(parents=True)
        (self.home.folder / "landing").mkdir()
        shutil.copy(PACKAGE / "dagster.yaml", self.home.folder / "dagster")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = os.environ | {"CAREQUARTILE_HOME": str(self.home.folder),
                                    "DAGSTER_HOME": str(self.home.folder / "dagster"),
                                    "DAGSTER_DISABLE_TELEMETRY": "yes"}
        environment.pop("CAREQUARTILE_LANDING", None)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("dagster"), "dev", "-h", "127.0.0.1", "-p", str(self.port)],
                cwd=PACKAGE.parent, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def drop(self, name: str, text: str) -> None:
        (self.home.folder / "landing" / name).write_text(text, encoding="utf-8")

    def runs(self) -> dict[str, dict]:
        """The newest run of every partition."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", json.dumps({"query": RUNS}).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                runs = json.load(answer)["data"]["runsOrError"]["results"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}
        self.n_runs = len(runs)
        return {next(tag["value"] for tag in run["tags"] if tag["key"] == "dagster/partition"): run
                for run in reversed(runs)}

    def wait_for(self, year: str, status: str, seconds: float = 120) -> dict:
        """The run of a year, once it has ended as it should."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            run = self.runs().get(year)
            if run and run["status"] in ("SUCCESS", "FAILURE"):
                assert run["status"] == status, f"{run}\n{self.log.read_text()[-3000:]}"
                return run
            time.sleep(1)
        raise AssertionError(f"no run of {year} ended within {seconds} s\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(120)  # A busy machine takes its time; the test is not about that.
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    running = Dev(tmp_path_factory.mktemp("dev"))
    yield running
    running.stop()


def test_a_dropped_file_is_published(dev):
    dev.drop("y2008.csv", lines_of("2008-09"))
    dev.wait_for("2008-09", "SUCCESS")
    assert publish.read_manifest(dev.home)["tables"]["marts.fct_figure"] == 552
    with duckdb.connect(str(dev.home.published), read_only=True) as connection:
        assert connection.execute("select cast(value as double), verdict from marts.fct_figure "
                                  "where council_code = '114' and line = '2.38'").fetchall() == [(587.9, "quarantine")]


def test_the_next_year_joins_and_a_refused_file_says_why(dev):
    dev.drop("y2009.csv", lines_of("2009-10"))
    dev.drop("y2010.csv", lines_of("2010-11", **{"114_2.38_unit_cost": "see note"}))
    dev.wait_for("2009-10", "SUCCESS")
    refused = dev.wait_for("2010-11", "FAILURE")
    (failure,) = [event for event in refused["eventConnection"]["events"] if event]
    assert failure["stepKey"] == "raw__returns"
    for words in ("y2010.csv", "see note", "cell_is_number_or_marker", "next:"):
        assert words in failure["failureMetadata"]["description"]
    assert [release["financial_year"] for release in publish.read_manifest(dev.home)["releases"]] == [
        "2008-09", "2009-10"]
    # What lay there all the while started nothing more.
    assert dev.n_runs == 3
