"""Trials of faults: what is published while runs are killed at random moments, disks fill up and many processes read.

Each trial returns what happened; nothing is asserted here. `make test-faults` runs them by the hundred and prints the
table of docs/data-engineers.md, `test_faults.py` runs a few of each. Trials need a machine that can fork.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")

SEEDS = Path(__file__).parents[2] / "seeds"
# Snapshots of the same day replace one another, so a home that loaded one after the other equals a new one.
VARIANTS = {"A": 0, "B": 40}
PEERS = ("111", "112", "113", "116", "117", "608")
# A log line of the run says that its step is over.
STEPS = ("raw", "conform", "gate A", "marts", "gate B", "published")


@dataclass
class Outcome:
    """How many trials of a kind were made, how they ended, and what must never have happened."""

    fault: str
    trials: int = 0
    ended: Counter = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    worst: str = ""

    def row(self) -> str:
        ended = ", ".join(f"{count:,} {what}" for what, count in self.ended.most_common())
        return f"| {self.fault} | {self.trials:,} | {ended}{self.worst} | {len(self.lost) or 'none'} |"


# --- what is published, by its content --------------------------------------------------------------------------------

LOOKER = r"""
import json, sys, duckdb
for line in sys.stdin:
    try:
        with duckdb.connect(line.rstrip("\n"), read_only=True) as connection:
            found = {}
            for schema, table in connection.execute("select table_schema, table_name from information_schema.tables "
                                                    "where table_catalog <> 'temp' order by all").fetchall():
                names = [row[0] for row in connection.execute(f"describe {schema}.{table}").fetchall()]
                listed = ", ".join(f'"{name}"' for name in names if name != "run_id")
                found[f"{schema}.{table}"] = str(connection.execute(
                    f"select count(*), sum(hash(r)) from (select ({listed}) as r from {schema}.{table})").fetchone())
        print(json.dumps(found), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
"""


class Looker:
    """Opens published files in a separate process: this one must stay free of threads, since it forks."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", LOOKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def look(self, published: Path) -> dict[str, str]:
        """A number per table that differs where any of its rows does (the run's own id left out)."""
        self.process.stdin.write(f"{published}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def make_landings(folder: Path) -> dict[str, Path]:
    """A landing per variant: the embedded returns, the two synthetic snapshots with some lines left out, a peer set."""
    landings = {}
    for name, left_out in VARIANTS.items():
        landings[name] = folder / f"landing-{name}"
        landings[name].mkdir(parents=True)
        for file in (SEEDS / "returns").glob("*.csv"):
            shutil.copy(file, landings[name])
        for file in (SEEDS / "snapshots").glob("*.csv"):
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            (landings[name] / file.name).write_text("".join(lines[:len(lines) - left_out]), encoding="utf-8")
        peers = [f"ours,{name},114,{code},{rank}" for rank, code in enumerate(PEERS, start=1)]
        (landings[name] / "peers.csv").write_text(
            "\n".join(["peer_set,version,council_code,peer_code,peer_rank", *peers, ""]), encoding="utf-8")
    return landings


# --- a refresh in a child that can be killed --------------------------------------------------------------------------


def import_once() -> None:
    """What every run needs, paid for once: children are forked from here. No database may be opened in this process."""
    from orchestration import refresh

    refresh._import_for_run()


def start(landing: Path, home: Path, log: Path, before: Callable[[], None] = lambda: None) -> int:
    """Forks a child that refreshes; its exit code is the command's (3 is a traceback). Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        os.setpgid(0, 0)
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        before()
        code = _run(landing, home)
    finally:
        os._exit(code)


def _run(landing: Path, home: Path) -> int:
    from orchestration import cli

    sys.argv = ["carequartile", "refresh", "--landing", str(landing), "--home", str(home)]
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    cli.out.file, cli.err.file = sys.stdout, sys.stderr
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def ended(pid: int) -> int:
    """The exit code of a child, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def step_of(log: Path) -> str:
    """The step a run was in, by the last one its log says is over."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    over = [number for number, name in enumerate(STEPS) if f"\n{name}: " in f"\n{text}"]
    return STEPS[min(max(over, default=-1) + 1, len(STEPS) - 1)]


def says_traceback(log: Path) -> bool:
    return "Traceback (most recent call last)" in log.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def prepared(folder: Path) -> Iterator[tuple[Path, dict[str, Path], dict[str, dict[str, str]], Looker, float]]:
    """A home that holds A, the landings, what each publishes after the other, a looker, the seconds a refresh takes."""
    import_once()
    home, landings, looker, expected, seconds = folder / "home", make_landings(folder), Looker(), {}, 0.0
    # From the second release on gate B has one before it to compare with, and says so in its results.
    for name in ("A", "B", "A"):
        began = time.monotonic()
        code = ended(start(landings[name], home, folder / "trial.log"))
        seconds = time.monotonic() - began
        assert code == 0, (folder / "trial.log").read_text()
        expected[name] = looker.look(home / "published" / "carequartile.duckdb")
    assert expected["A"] != expected["B"], "the two landings must not publish the same"
    yield home, landings, expected, looker, seconds
    looker.close()


def differing(found: dict[str, str], *releases: dict[str, str]) -> str:
    """The tables in which the published copy equals none of these releases, or why it does not open."""
    return found.get("error") or "; ".join(
        ", ".join(table for table in release if found.get(table) != release[table]) for release in releases)


# --- kill -9 ----------------------------------------------------------------------------------------------------------


def kill_at_random(folder: Path, n: int, seed: int = 1) -> Outcome:
    """Kills refreshes n times, at moments drawn evenly over their length, and reads what is published each time.

    One home is used throughout. It must open each time and hold the last good release or the new one, complete. After
    one to three kills in a row the next refresh is not killed, and must publish.
    """
    outcome, drawn = Outcome("kill -9 at a random moment of a refresh"), random.Random(seed)
    with prepared(folder) as (home, landings, expected, looker, seconds):
        log, published, up = folder / "trial.log", home / "published" / "carequartile.duckdb", "A"
        # One draw from each n-th of a refresh, so that no part of it is left out by chance; in no order.
        moments = [seconds * (number + drawn.random()) / n for number in range(n)]
        drawn.shuffle(moments)
        left = 0
        for number, moment in enumerate(moments):
            left, new = left or drawn.randint(1, 3), "B" if up == "A" else "A"
            step = _kill_after(moment, start(landings[new], home, log), log)
            outcome.trials += 1
            outcome.ended[f"killed in {step}" if step else "over before the kill"] += 1
            found = looker.look(published)
            if found not in (expected[up], expected[new]):
                outcome.lost.append(f"kill {number} in {step}: what is published is neither release: "
                                    f"{differing(found, expected[up], expected[new])}")
            left -= 1
            if left == 0 or number == n - 1:
                code = ended(start(landings[new], home, log))
                again, up = looker.look(published), new
                outcome.ended["refreshes after it published"] += 1
                if code != 0 or again != expected[new] or says_traceback(log):
                    outcome.lost.append(f"kill {number} in {step}: the next refresh ended with {code}; "
                                        f"{differing(again, expected[new])}: {log.read_text()[-2000:]}")
            print(f"  kill {number + 1} of {n}: {step}, {len(outcome.lost)} lost", file=sys.stderr, flush=True)
    return outcome


def _kill_after(seconds: float, pid: int, log: Path) -> str | None:
    """Kills a child and says in which step it was; None where it had ended by then."""
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return step_of(log) if ended(pid) == -signal.SIGKILL else None


# Where a run kills itself: module, function, and whether it is killed before the function ran or after.
MOMENTS = {
    "raw, a register half replaced": ("orchestration.store.returns", "_replace_registers", "after"),
    "raw, placements half stored": ("orchestration.placements.entry", "_columns", "before"),
    "raw, all stored": ("orchestration.placements.entry", "load", "after"),
    "conform, before the project is noted": ("orchestration.transform", "run_dbt", "after"),
    "gate A, judged and not acted on": ("orchestration.gates", "run_gate", "after"),
    "marts, built and not judged": ("orchestration.publish", "last_figures", "before"),
    "gate B, let through and not published": ("orchestration.assets.gates", "mark_accepted", "after"),
    "publish, tables copied": ("orchestration.publish", "_copy_tables", "after"),
    "publish, while it is flushed to disk": ("os", "fsync", "before"),
    "publish, before the rename": ("orchestration.publish", "_switch", "before"),
    "publish, between folder and link": ("orchestration.publish", "_link", "before"),
    "publish, after the rename": ("orchestration.publish", "_drop_old_releases", "before"),
}


def killing(moment: str) -> Callable[[], None]:
    """Makes a function of this process kill it with signal 9."""
    module_name, function, when = MOMENTS[moment]

    def arrange() -> None:
        import importlib

        module = importlib.import_module(module_name)
        real = getattr(module, function)

        def deadly(*arguments: object, **options: object) -> object:
            if when == "after":
                real(*arguments, **options)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(module, function, deadly)

    return arrange


def kill_at_every_step(folder: Path, moments: list[str] | None = None) -> Outcome:
    """Kills a refresh at each named moment; else as ``kill_at_random``."""
    outcome = Outcome("kill -9 at every step, by name")
    with prepared(folder) as (home, landings, expected, looker, _):
        log = folder / "trial.log"
        published, up = home / "published" / "carequartile.duckdb", "A"
        for moment in moments or MOMENTS:
            new = "B" if up == "A" else "A"
            code = ended(start(landings[new], home, log, killing(moment)))
            outcome.trials += 1
            found = looker.look(published)
            should = expected[new] if moment == "publish, after the rename" else expected[up]
            if code != -signal.SIGKILL or found != should:
                outcome.lost.append(f"{moment}: ended with {code}; {differing(found, should)}")
            code = ended(start(landings[new], home, log))
            if code != 0 or looker.look(published) != expected[new]:
                outcome.lost.append(f"{moment}: the next refresh ended with {code}; "
                                    f"{differing(looker.look(published), expected[new])}: {log.read_text()[-2000:]}")
            outcome.ended["new release up" if found == expected[new] else "last release up"] += 1
            up = new
            print(f"  {moment}: {len(outcome.lost)} lost", file=sys.stderr, flush=True)
    return outcome


# --- a full disk ------------------------------------------------------------------------------------------------------


def fill_disk(folder: Path, n: int, seed: int = 1) -> Outcome:
    """Refreshes on a separate file system with room for a part of it; then with room again. Needs root to mount."""
    outcome, drawn = Outcome("disk full at a random byte of a refresh"), random.Random(seed)
    with prepared(folder) as (first, landings, expected, looker, _):
        size = sum(file.stat().st_size for file in first.rglob("*") if file.is_file())
        disk, log = folder / "disk", folder / "trial.log"
        disk.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={6 * size}", "tmpfs", str(disk))
        try:
            home, up = disk / "home", "A"
            shutil.copytree(first, home, symlinks=True)
            published = home / "published" / "carequartile.duckdb"
            for number in range(n):
                new = "B" if up == "A" else "A"
                used = shutil.disk_usage(disk).used
                _mount("-o", f"remount,size={used + int(size * 1.5 * (number + drawn.random()) / n)}", str(disk))
                code = ended(start(landings[new], home, log))
                outcome.trials += 1
                found, text = looker.look(published), log.read_text(encoding="utf-8", errors="replace")
                should = expected[new] if code == 0 else expected[up]
                if code not in (0, 1) or found != should or says_traceback(log) or (code and "Next:" not in text):
                    outcome.lost.append(f"trial {number}: ended with {code}, right file {found == should}: "
                                        f"{text[-2000:]}")
                outcome.ended["stopped with exit 1" if code else "had room enough"] += 1
                _mount("-o", f"remount,size={6 * size}", str(disk))
                code = ended(start(landings[new], home, log))
                if code != 0 or looker.look(published) != expected[new]:
                    outcome.lost.append(f"trial {number}: with room again, ended with {code}: "
                                        f"{log.read_text()[-2000:]}")
                up = new
                print(f"  disk {number + 1} of {n}: {len(outcome.lost)} lost", file=sys.stderr, flush=True)
        finally:
            subprocess.run(["umount", str(disk)], check=False)
    return outcome


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


# --- readers ----------------------------------------------------------------------------------------------------------

READER = r"""
import json, random, sys, time, duckdb
from pathlib import Path
path, seed, over = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
drawn = random.Random(seed)
questions = [
    "select count(*), sum(value) from marts.fct_figure",
    "select council, value, verdict from marts.mart_unit_cost_variance where council_code = '114' order by all",
    "select rule_id, count(*) from quality.rule_result group by 1 order by 1",
    "select * from marts.mart_local_opportunity order by all limit 50",
    "select table_name, column_name, comment from duckdb_columns() where comment is not null limit 100",
]
asked, slowest, failed, seen, held = 0, 0.0, [], {}, None
while not over.exists():
    began = time.perf_counter()
    try:
        # Half of them keep a connection for a while, as a notebook does; half open the file for every question.
        if held is None or seed % 2 or drawn.random() < 0.05:
            if held is not None:
                held.close()
            held = duckdb.connect(path, read_only=True, config={"threads": 1})
        release = held.execute("select min(run_id), max(run_id), count(*) from quality.rule_result").fetchone()
        figures = held.execute("select count(*) from marts.mart_placement_setting").fetchone()
        held.execute(drawn.choice(questions)).fetchall()
        asked += 3
        if seen.setdefault(str(release), figures) != figures:
            failed.append(f"torn: {release} with {figures} and {seen[str(release)]}")
    except Exception as error:
        failed.append(f"{type(error).__name__}: {error}")
    slowest = max(slowest, time.perf_counter() - began)
    # Fifty people and their notebooks; without a pause they would have the whole of a small machine.
    time.sleep(drawn.random() * 4)
print(json.dumps({"asked": asked, "slowest": slowest, "failed": failed[:3], "releases": sorted(seen)}))
"""


def read_along(folder: Path, n_readers: int, n_refreshes: int) -> Outcome:
    """Many processes ask questions of the published file while one refresh after the other publishes."""
    outcome = Outcome(f"{n_readers} readers while {n_refreshes} refreshes publish")
    with prepared(folder) as (home, landings, _, _, _):
        log, over = folder / "trial.log", folder / "over"
        published = home / "published" / "carequartile.duckdb"
        readers = [subprocess.Popen([sys.executable, "-c", READER, str(published), str(number), str(over)],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for number in range(n_readers)]
        for done in range(n_refreshes):
            code = ended(start(landings["B" if done % 2 == 0 else "A"], home, log))
            if code:
                outcome.lost.append(f"refresh {done}: ended with {code}: {log.read_text()[-1000:]}")
            alive = sum(reader.poll() is None for reader in readers)
            print(f"  refresh {done + 1}, readers {alive}", file=sys.stderr, flush=True)
        over.touch()
        releases: set[str] = set()
        slowest = 0.0
        for number, reader in enumerate(readers):
            answer, errors = reader.communicate(timeout=120)
            if reader.returncode:
                outcome.lost.append(f"reader {number}: {errors[-500:]}")
                continue
            found = json.loads(answer)
            outcome.trials += found["asked"]
            outcome.lost += [f"reader {number}: {failure}" for failure in found["failed"]]
            slowest = max(slowest, found["slowest"])
            releases |= set(found["releases"])
        outcome.ended["queries answered"] = outcome.trials
        outcome.worst = f" of {len(releases)} releases, the slowest in {slowest:.1f} s"
    return outcome


# --- bad input --------------------------------------------------------------------------------------------------------


def spoil_files(folder: Path, n: int) -> Outcome:
    """Spoils n files of every layout and reads them as a landing is read (``mutations``)."""
    import mutations

    outcome = Outcome("files of every layout spoiled at random")
    for spoiled, how, why in mutations.run(n, folder):
        outcome.trials += 1
        outcome.ended[how] += 1
        if why:
            outcome.lost.append(f"{spoiled.of}: {spoiled.how}: {how}: {why[-1000:]}")
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disks", type=int, default=40)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--refreshes", type=int, default=20)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--steps", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    trials: list[Callable[[Path], Outcome]] = []
    if asked.mutations:
        trials.append(lambda folder: spoil_files(folder, asked.mutations))
    if asked.steps:
        trials.append(kill_at_every_step)
    if asked.kills:
        trials.append(lambda folder: kill_at_random(folder, asked.kills))
    if asked.disks and os.geteuid() == 0:
        trials.append(lambda folder: fill_disk(folder, asked.disks))
    if asked.readers:
        trials.append(lambda folder: read_along(folder, asked.readers, asked.refreshes))
    outcomes = []
    for trial in trials:
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            outcomes.append(trial(Path(folder)))
            print(f"{outcomes[-1].row()} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
            for lost in outcomes[-1].lost[:5]:
                print(f"LOST: {lost}", file=sys.stderr, flush=True)
    print("| fault | trials | how they ended | lost |\n|---|---|---|---|")
    print("\n".join(outcome.row() for outcome in outcomes))
    return 1 if any(outcome.lost for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
