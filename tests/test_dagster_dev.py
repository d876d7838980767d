"""Dagster for real, as `dagster dev` and as the services run it: a file dropped into the landing folder is published
without anyone doing anything, or refused with its reason where the pages show it.
"""

import contextlib
import json
import os
import secrets
import shlex
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


SECRET = secrets.token_hex(32)
SERVICE = PACKAGE / "service"
BIN = Path(sys.executable).parent


def command_of(unit: str, key: str = "ExecStart") -> list[str]:
    """The command a systemd unit starts, with this environment's programs in the place of the installed ones."""
    lines = (SERVICE / unit).read_text(encoding="utf-8").splitlines()
    (command,) = [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]
    return shlex.split(command.replace("/opt/carequartile/bin", str(BIN)))


class Dev:
    """Dagster running on a home of its own: by `dagster dev`, or by the two commands of the systemd units."""

    def __init__(self, folder: Path, way: str) -> None:
        self.home, self.log, self.n_runs = Home(folder / "home"), folder / "dev.log", 0
        (self.home.folder / "dagster").mkdir(parents=True)
        (self.home.folder / "landing").mkdir()
        instance = "dagster-postgres.yaml" if way == "postgres" else "dagster.yaml"
        shutil.copy(SERVICE / instance, self.home.folder / "dagster" / "dagster.yaml")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        environment = os.environ | {"CAREQUARTILE_HOME": str(self.home.folder),
                                    "DAGSTER_HOME": str(self.home.folder / "dagster"),
                                    "CAREQUARTILE_PERSON_KEY": SECRET,
                                    "DAGSTER_DISABLE_TELEMETRY": "yes"}
        environment.pop("CAREQUARTILE_LANDING", None)
        commands = [[str(BIN / "dagster"), "dev", "-h", "127.0.0.1", "-p", self.port]]
        if way != "dev":
            webserver = command_of("carequartile-webserver.service")
            webserver[webserver.index("3000")] = self.port
            subprocess.run(command_of("carequartile-daemon.service", "ExecStartPre"), env=environment, check=True,
                           capture_output=True)
            commands = [webserver, command_of("carequartile-daemon.service")]
        with self.log.open("w") as log:
            self.processes = [subprocess.Popen(
                command, cwd=PACKAGE.parent if way == "dev" else self.home.folder, env=environment, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True) for command in commands]

    def drop(self, name: str, text: str) -> None:
        (self.home.folder / "landing" / name).write_text(text, encoding="utf-8")

    def ask(self, query: str, variables: dict | None = None) -> dict:
        """What the pages are made of."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["data"]

    def runs(self) -> dict[str, dict]:
        """The newest run of every partition."""
        try:
            runs = self.ask(RUNS)["runsOrError"]["results"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}
        self.n_runs = len(runs)
        return {next(tag["value"] for tag in run["tags"] if tag["key"] == "dagster/partition"): run
                for run in reversed(runs)}

    def wait_for(self, year: str, status: str, seconds: float = 120) -> dict:
        """The run of a year, once it has ended as it should."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert all(process.poll() is None for process in self.processes), self.log.read_text()[-3000:]
            run = self.runs().get(year)
            if run and run["status"] in ("SUCCESS", "FAILURE"):
                assert run["status"] == status, f"{run}\n{self.log.read_text()[-3000:]}"
                return run
            time.sleep(1)
        raise AssertionError(f"no run of {year} ended within {seconds} s\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGINT)
        try:
            for process in self.processes:
                process.wait(120)  # A busy machine takes its time; the test is not about that.
        finally:
            for process in self.processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module", params=["dev", "service", "postgres"])
def dev(tmp_path_factory, request):
    if request.param == "postgres" and not os.environ.get("CAREQUARTILE_POSTGRES_HOST"):
        pytest.skip("no Postgres is named (CAREQUARTILE_POSTGRES_HOST, _DB, _USER, _PASSWORD)")
    running = Dev(tmp_path_factory.mktemp("dev"), request.param)
    yield running
    running.stop()


def test_a_dropped_file_is_published(dev):
    dev.drop("y2008.csv", lines_of("2008-09"))
    dev.wait_for("2008-09", "SUCCESS")
    assert publish.read_manifest(dev.home)["tables"]["marts.fct_figure"] == 552
    with duckdb.connect(str(dev.home.published), read_only=True) as connection:
        assert connection.execute("select cast(value as double), verdict from marts.fct_figure "
                                  "where council_code = '114' and line = '2.38'").fetchall() == [(587.9, "quarantine")]


CHECKS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status
        evaluation { severity metadataEntries { label ... on TableMetadataEntry { table { records } }
            ... on IntMetadataEntry { intValue } } } } } } } } } }"""


def test_a_failed_check_shows_its_rule_and_its_cells(dev):
    answer = dev.ask(CHECKS, {"key": {"path": ["gate", "submissions"]}})
    checks = {check["name"]: check["executionForLatestMaterialization"]
              for check in answer["assetNodeOrError"]["assetChecksOrError"]["checks"]}
    failed = checks["peer_and_sibling"]
    assert (failed["status"], failed["evaluation"]["severity"]) == ("FAILED", "WARN")
    shown = {entry["label"]: entry for entry in failed["evaluation"]["metadataEntries"]}
    cells = [json.loads(record) for record in shown["failing cells"]["table"]["records"]]
    assert len(cells) == shown["findings"]["intValue"]
    found = next(cell for cell in cells if cell["council_code"] == "114" and "GBP 587.90" in cell["message"])
    assert found["file_name"] == "y2008.csv" and found["row_number"] > 1 and found["figure_id"]


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


def test_no_secret_is_in_any_log(dev):
    files = [file for file in dev.home.folder.parent.rglob("*") if file.is_file() and not file.is_symlink()]
    assert dev.log in files and any(file.suffix == ".db" for file in files)
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]
