"""A year of landings for Dagster's daemon: invented returns and snapshots, and the daemon on a separate home.

Nothing here starts a run, removes a file or repairs anything: what a month brings is landed, and the daemon waited for.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from builders import copied, long_returns, register, write_csv
from dagster_dev import SECRET, SERVICE, command_of

from orchestration.assets.keys import WHAT_TAG
from orchestration.automation import landing_sensor
from orchestration.home import PACKAGE, Home
from orchestration.intake.grids import Grid
from orchestration.store import lock

STOCKTON, HARTLEPOOL, MIDDLESBROUGH, CENTRAL_BEDFORDSHIRE = "114", "111", "112", "626"
COUNCILS = (HARTLEPOOL, MIDDLESBROUGH, STOCKTON)
# Of one run, on a machine that has other work too.
LONGEST_SECONDS = 600


# --- what is landed ---------------------------------------------------------------------------------------------------


def returned(year: str, status: str = "final", codes: tuple[str, ...] = COUNCILS, **changes: str) -> Grid:
    """A return whose amounts differ by year and council; ``changes`` replaces printed values, by
    ``council_line_component``.
    """
    header, *rows = copied(long_returns((year,), codes))
    place = {name: number for number, name in enumerate(header)}
    for row in rows:
        code, line, part = row[place["council_code"]], row[place["line"]], row[place["component"]]
        numerator = 3000 + 40 * codes.index(code) + 11 * int(line.partition(".")[2]) + 60 * (int(year[:4]) - 2008)
        denominator = 3400 + 13 * codes.index(code)
        amount = {"numerator": f"{numerator:,}", "denominator": f"{denominator:,}",
                  "unit_cost": f"{1000 * numerator / denominator:,.1f}"}[part]
        row[place["status"]] = status
        row[place["value"]] = changes.get(f"{code}_{line.replace('.', '')}_{part}", amount)
    return [header, *rows]


def snapshot(code: str, day: str, people: int = 4, **changes: str) -> Grid:
    """Invented placements of a council on a day; ``changes`` replaces fields of the first of them."""
    rows = [{"person_reference": f"SYN-{code}-{number:03d}", "council_code": code, "snapshot_date": day, "age": "41",
             "client_group": "learning_disability", "setting": ("residential", "supported_living")[number % 2],
             "provider": f"Synthetic Provider {number:02d}", "is_in_house": "no", "is_in_area": "yes",
             "gross_weekly_gbp": f"{700 + 35 * number}.50", "client_contribution_weekly_gbp": "60.00",
             "is_costed": "yes", "start_date": "2007-05-01", "is_synthetic": "yes"} for number in range(people)]
    rows[0] |= changes
    return [list(rows[0]), *([*row.values()] for row in rows)]


def ruling(measure: str, code: str, year: str, to: str) -> Grid:
    return register("ruling", [[measure, code, year, "correct", to, "A. Reader", "2026-11-24",
                                "the council's own ledger"]])


# --- the daemon -------------------------------------------------------------------------------------------------------


def awaited(condition: Callable[[], Any], what: str, seconds: float = LONGEST_SECONDS) -> Any:
    """What a condition gives once it holds."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"within {seconds:.0f} s there was no {what}"
        time.sleep(1)
    return found


class Daemon:
    """Dagster's daemon as its systemd unit starts it, on a separate home; a landing folder is looked at often."""

    def __init__(self, folder: Path) -> None:
        self.home, self.log = Home(folder / "home"), folder / "daemon.log"
        self.dagster = self.home.folder / "dagster"
        self.dagster.mkdir(parents=True)
        self.home.landing.mkdir()
        shutil.copy(SERVICE / "dagster.yaml", self.dagster)
        self.environment = os.environ | {
            "CAREQUARTILE_HOME": str(self.home.folder), "DAGSTER_HOME": str(self.dagster),
            "CAREQUARTILE_PERSON_KEY": SECRET, "CAREQUARTILE_LOOK_EVERY_SECONDS": "4",
            "DAGSTER_DISABLE_TELEMETRY": "yes"}
        self.environment.pop("CAREQUARTILE_LANDING", None)
        subprocess.run(command_of("carequartile-daemon.service", "ExecStartPre"), env=self.environment, check=True,
                       capture_output=True)
        self.start()

    def start(self) -> None:
        """As systemd does it, also after a reboot."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command_of("carequartile-daemon.service"), cwd=PACKAGE.parent,
                                            env=self.environment, stdout=log, stderr=subprocess.STDOUT,
                                            start_new_session=True)

    def kill(self) -> None:
        """Everything at once, runs too, as when the machine loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def land(self, **files: Grid | str) -> None:
        """Each is written under another name and renamed, as the documentation asks for."""
        for name, content in files.items():
            partial = self.home.landing / f"{name}.csv.part"
            if isinstance(content, str):
                partial.write_text(content, encoding="utf-8")
            else:
                write_csv(partial, content)
            partial.rename(partial.with_suffix(""))

    @cached_property
    def instance(self) -> dg.DagsterInstance:
        return dg.DagsterInstance.from_config(str(self.dagster))

    def runs(self) -> list[dg.DagsterRun]:
        """All runs that a landing started, the oldest first."""
        return [run for run in self.instance.get_runs()[::-1] if WHAT_TAG in run.tags]

    def ended(self, since: int, n: int) -> list[tuple[str, str]]:
        """What the ``n`` runs after the first ``since`` were for and how they ended, once they have."""
        def found() -> list[dg.DagsterRun] | None:
            assert self.process.poll() is None, f"the daemon ended\n{self.tail()}"
            runs = self.runs()[since:since + n]
            return runs if len(runs) == n and all(run.is_finished for run in runs) else None

        return [(run.tags.get(WHAT_TAG), run.status.value)
                for run in awaited(found, f"end of run {since + n}\n{self.tail()}")]

    def looked(self, words: str, since: float) -> str:
        """Why the landing sensor started nothing, at a look since then whose reason has these words."""
        def reason() -> str | None:
            for state in self.instance.all_instigator_state():
                if state.instigator_name == landing_sensor.name:
                    for tick in self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=5):
                        if tick.timestamp > since and words in (tick.skip_reason or ""):
                            return tick.skip_reason
            return None

        return awaited(reason, f"look that says {words!r}\n{self.tail()}")

    def holder(self) -> int:
        """The process of the run that holds the home, once one does."""
        awaited(lambda: lock.holder(self.home) is not None, "run that holds the home")
        return json.loads((self.home.folder / "refresh.holder").read_text(encoding="utf-8"))["pid"]

    def status(self) -> dict[str, Any]:
        """What `carequartile status --json` says."""
        said = subprocess.run([sys.executable, "-m", "orchestration.cli", "status", "--json", "--home",
                               str(self.home.folder)], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
        assert said.returncode in (0, 1), said.stderr
        return json.loads(said.stdout) | {"exit_code": said.returncode}

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill()
