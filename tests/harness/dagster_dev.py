"""Dagster running for real, by `dagster dev` or by the commands of the systemd units, for tests to drop files into."""

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

from orchestration.assets.keys import WHAT_TAG
from orchestration.home import PACKAGE, Home

RUNS = """{ runsOrError { ... on Runs { results { status tags { key value } eventConnection { events {
    ... on ExecutionStepFailureEvent { stepKey failureMetadata { description } } } } } } } }"""


SECRET = secrets.token_hex(32)
SERVICE = PACKAGE / "service"
BIN = Path(sys.executable).parent


def command_of(unit: str, key: str = "ExecStart") -> list[str]:
    """The command a systemd unit starts, with this environment's programs in place of the installed ones."""
    lines = (SERVICE / unit).read_text(encoding="utf-8").splitlines()
    (command,) = [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]
    return shlex.split(command.replace("/opt/carequartile/bin", str(BIN)))


class Dev:
    """Dagster running on a separate home: by `dagster dev`, or by the two commands of the systemd units."""

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
        """The newest run for each thing that runs are for: years, snapshots, refused files."""
        try:
            runs = self.ask(RUNS)["runsOrError"]["results"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}
        self.n_runs = len(runs)
        return {next(tag["value"] for tag in run["tags"] if tag["key"] == WHAT_TAG): run
                for run in reversed(runs)}

    def wait_for(self, what: str, status: str, seconds: float = 400) -> dict:
        """The run for something (2008-09, or 2008-09, 2009-10), once it has ended as it should."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert all(process.poll() is None for process in self.processes), self.log.read_text()[-3000:]
            run = self.runs().get(what)
            if run and run["status"] in ("SUCCESS", "FAILURE"):
                assert run["status"] == status, f"{run}\n{self.log.read_text()[-3000:]}"
                return run
            time.sleep(1)
        raise AssertionError(f"no run for {what} ended within {seconds} s\n{self.log.read_text()[-3000:]}")

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
