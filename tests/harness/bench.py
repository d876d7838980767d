"""Times what users wait for, as whole processes, compared with the least work that could do it. Run by `make bench`.

Figures are medians of several runs in one sitting; compare ratios, not seconds: machines drift. Never run as a test.
It ends in one table: the embedded default, every published file, one and ten million placements, each next to the
same SQL straight in DuckDB and next to pandas, and how all of it grows from one million to ten.

Each sitting is added to docs/bench-history.csv, a row for each figure, so that a slip is seen; where pandas and the
warehouse do not have the same totals, it ends in an error.

`python tests/harness/bench.py placements` runs the part on placement records alone. BENCH_ROWS says on how many rows
(10000000 takes a quarter of an hour and 8 GB of disk; 1000000 for a short one), BENCH_RUNS and BENCH_PLACEMENT_RUNS how
often.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import placement_floor

from orchestration import transform
from orchestration.report.questions import as_published

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
# For the large placement files, whose processes take long enough to differ measurably in one run.
PLACEMENT_ROWS = [int(rows) for rows in os.environ.get("BENCH_ROWS", "1000000,10000000").split(",")]
PLACEMENT_RUNS = int(os.environ.get("BENCH_PLACEMENT_RUNS", "1"))
COUNCILS, MONTHS, NEW_COUNCIL, NEW_MONTH = 100, 12, "114", "2026-04-30"
ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "docs" / "bench-history.csv"
SHARED_DATA = Path(os.environ.get("CAREQUARTILE_SHARED_DATA") or ROOT.parent / "shared" / "data")
COMMAND = [sys.executable, "-m", "orchestration.cli"]

# The floor: the same libraries imported and nothing done.
IMPORTS = "import dagster, dagster_dbt, dbt.cli.main, great_expectations, duckdb, pandas"
# The plain script: the same published files parsed and inserted cell by cell, without labels, types, rules, marts or
# publication.
PLAIN = """
import csv, sys, duckdb, pandas
from pathlib import Path
from python_calamine import CalamineWorkbook
con = duckdb.connect(sys.argv[1])
con.execute("create table cell (file varchar, sheet varchar, row_number int, column_number int, printed_text varchar)")
def sheets(path):
    if path.suffix == ".csv":
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
        yield "", csv.reader(text.splitlines())
    else:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python()
for path in sorted(path for path in Path(sys.argv[2]).rglob("*") if path.suffix in (".csv", ".xls", ".xlsx")):
    for sheet, rows in sheets(path):
        frame = pandas.DataFrame(
            [(path.name, sheet, i, j, str(cell)) for i, row in enumerate(rows) for j, cell in enumerate(row)],
            columns=["file", "sheet", "row_number", "column_number", "printed_text"])
        con.execute("insert into cell select * from frame")
con.close()
"""

# All models of a home (or only its marts) built anew through dbt, with their tests; the SQL is kept in a file.
MODELS = """
import json, sys
from pathlib import Path
from orchestration import transform
from orchestration.home import Home
home, select, kept_in = Home(Path(sys.argv[1])), sys.argv[2].split(), sys.argv[3:]
results = transform._results
def kept(outcome):
    if kept_in:
        Path(kept_in[0]).write_text(json.dumps([
            [row.node.resource_type, f"{row.node.schema}.{row.node.name}", row.node.compiled_code]
            for row in outcome.result.results
            if row.node.resource_type in ("model", "test") and row.node.config.materialized != "view"]))
    return results(outcome)
transform._results = kept
transform.run_dbt(home, select, (*transform.BUILD, "--full-refresh"))
"""
# The same SQL run straight in DuckDB, in the same order, with the same memory and threads.
PLAIN_MODELS = """
import json, sys, duckdb
from pathlib import Path
con = duckdb.connect(sys.argv[1], config={"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": "false"})
for kind, name, sql in json.loads(Path(sys.argv[2]).read_text()):
    if kind == "model":
        con.execute(f"create or replace table {name} as {sql}")
    else:
        con.execute(sql).fetchall()
con.close()
"""


@dataclass
class Taken:
    """Wall seconds and peak memory in MB of the whole refresh of an input, of its SQL alone, and of pandas."""

    on: str
    refresh: tuple[float, float]
    straight: tuple[float, float]
    pandas: tuple[float, float]
    is_parse_alone: bool = False

    def row(self) -> str:
        alone = " (parsed and inserted alone)" * self.is_parse_alone
        cells = [f"{self.refresh[0]:.1f} s, {self.refresh[1]:,.0f} MB", f"{self.straight[0]:.1f} s",
                 f"{self.refresh[0] / self.straight[0]:.2f}",
                 f"{self.pandas[0]:.1f} s, {self.pandas[1]:,.0f} MB{alone}",
                 f"{self.refresh[0] / self.pandas[0]:.2f}"]
        return f"| {self.on} | {' | '.join(cells)} |"


def table(every: list[Taken]) -> str:
    """The table of docs/data-engineers.md; its last row shows growth from the smallest placements to the largest."""
    lines = ["| input | refresh | the same SQL in DuckDB | times that | pandas | times that |",
             "|---|---|---|---|---|---|", *(one.row() for one in every)]
    large = [one for one in every if "placements" in one.on]
    if len(large) > 1:
        first, last = large[0], large[-1]
        grown = [f"{getattr(last, name)[0] / getattr(first, name)[0]:.1f} times the time, "
                 f"{getattr(last, name)[1] / getattr(first, name)[1]:.1f} times the memory"
                 for name in ("refresh", "straight", "pandas")]
        lines.append(f"| {first.on} to {last.on} | {grown[0]} | {grown[1]} | | {grown[2]} | |")
    return "\n".join(lines)


@dataclass
class Process:
    """What a whole process took: wall seconds, CPU seconds, peak memory in MB, and the seconds of its steps."""

    seconds: float
    cpu: float
    memory: float
    steps: dict[str, float]


def process(command: list[str]) -> Process:
    """Runs a command. Ends the bench with its messages where it fails."""
    started = time.perf_counter()
    one = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = one.stderr.read().decode()
    _, status, usage = os.wait4(one.pid, 0)
    if status:
        raise SystemExit(f"{command} failed:\n{said}")
    steps = {name: float(seconds) for line in re.findall(r"^took: (.*)$", said, re.MULTILINE)
             for name, seconds in re.findall(r"([a-z_ ]+) ([0-9.]+) s", line)}
    return Process(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, steps)


def run(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of one whole process."""
    done = process(command)
    return done.seconds, done.memory


def note(what: str, value: float, unit: str) -> None:
    """Adds a figure of this sitting to the history. CPU seconds and ratios can be compared from machine to machine."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    is_new = not HISTORY.exists()
    with HISTORY.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["measured_on", "commit", "machine", "what", "value", "unit"])
        writer.writerow([dt.date.today(), commit.stdout.strip() or "unknown",
                         f"{os.cpu_count()} cores {platform.machine()}", what, f"{value:.2f}", unit])


def shares(label: str, command: Callable[[Path], list[str]], floor: Process) -> None:
    """Prints and keeps what each step of one run takes of the whole, and the whole against its floor in CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        done = process(command(Path(folder)))
    listed = ", ".join(f"{name} {seconds / done.seconds:.0%}" for name, seconds in done.steps.items())
    rest = 1 - sum(done.steps.values()) / done.seconds
    print(f"{label}: {done.cpu:.1f} CPU s, {done.cpu / floor.cpu:.2f} times its floor ({floor.cpu:.1f} CPU s); "
          f"of its time: {listed}, imports and the rest {rest:.0%}", flush=True)
    note(label, done.cpu, "CPU s")
    note(f"{label}, against its floor", done.cpu / floor.cpu, "ratio")
    for name, seconds in done.steps.items():
        note(f"{label}: {name}", 100 * seconds / done.seconds, "% of its time")


def measure(label: str, command: Callable[[Path], list[str]], keep: Path | None = None) -> tuple[float, float]:
    """Median seconds and memory of RUNS runs, each in a fresh folder (or in ``keep``), after one uncounted run."""
    seconds, memory = [], []
    for number in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            taken = run(command(keep or Path(folder)))
        if number:
            seconds.append(taken[0])
            memory.append(taken[1])
    print(f"{label:<58}{statistics.median(seconds):8.1f} s  {min(seconds):6.1f} to {max(seconds):5.1f}"
          f"{statistics.median(memory):8.0f} MB", flush=True)
    return statistics.median(seconds), statistics.median(memory)


def main() -> None:
    every = [] if "placements" in sys.argv[1:] else published()
    every += [placements(rows) for rows in PLACEMENT_ROWS]
    print(f"\n{table(every)}")


def published() -> list[Taken]:
    print(f"medians of {RUNS} runs, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    floor, _ = measure("floor: imports alone", lambda _: [sys.executable, "-c", IMPORTS])
    shares("embedded default", lambda home: [*COMMAND, "refresh", "--home", str(home / "home")],
           process([sys.executable, "-c", IMPORTS]))
    first = measure("refresh, embedded default, empty home",
                    lambda home: [*COMMAND, "refresh", "--home", str(home / "home")])
    with tempfile.TemporaryDirectory() as kept:
        again, _ = measure("refresh, embedded default, nothing new",
                           lambda home: [*COMMAND, "refresh", "--home", str(home)], Path(kept))
        straight, _ = sql_alone("embedded default", Path(kept), f"{transform.CONFORM} {transform.MARTS}")
    parsed = parse_alone("embedded returns", ROOT / "seeds" / "returns")
    print(f"\nembedded default: {first[0] / floor:.2f} times its imports (goal: under 15 s); nothing new {again:.1f} s "
          "(goal: under 8 s)")
    every = [Taken("embedded default", first, straight, parsed, is_parse_alone=True)]
    if not SHARED_DATA.is_dir():
        print("\nThe published files are not here (../shared/data): their benchmark is left out.")
        return every
    print()
    plain = parse_alone("every published file", SHARED_DATA)
    with tempfile.TemporaryDirectory() as folder:
        parsed_once = process([sys.executable, "-c", PLAIN, str(Path(folder) / "plain.duckdb"), str(SHARED_DATA)])
    shares("every published file",
           lambda home: [*COMMAND, "refresh", "--home", str(home / "home"), "--landing", str(SHARED_DATA)], parsed_once)
    whole = measure("refresh, every published file, empty home",
                    lambda home: [*COMMAND, "refresh", "--home", str(home / "home"), "--landing", str(SHARED_DATA)])
    print(f"\nevery published file: {whole[0] / plain[0]:.1f} times the plain script (goal: 3), "
          f"{(whole[0] - floor) / plain[0]:.1f} times without the imports, {whole[1]:.0f} MB (goal: under 2,000)\n")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run([*COMMAND, "refresh", "--home", str(home), "--landing", str(SHARED_DATA)])
        marts(home)
        straight, _ = sql_alone("every published file", home, f"{transform.CONFORM} {transform.MARTS}")
        ask(home / "published" / "carequartile.duckdb")
        size = (home / "published" / "carequartile.duckdb").stat().st_size
        note("published file of every published file", size / 1e6, "MB")
    return [*every, Taken("every published file", whole, straight, plain, is_parse_alone=True)]


def parse_alone(label: str, folder: Path) -> tuple[float, float]:
    return measure(f"pandas: {label} parsed and inserted",
                   lambda home: [sys.executable, "-c", PLAIN, str(home / "plain.duckdb"), str(folder)])


def sql_alone(label: str, home: Path, select: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The models of a home's selection straight in DuckDB, and through dbt with their tests."""
    statements = home / "statements.json"
    run([sys.executable, "-c", MODELS, str(home), select, str(statements)])
    straight = measure(f"{label}: the same SQL straight in DuckDB", lambda _: [
        sys.executable, "-c", PLAIN_MODELS, str(home / "warehouse.duckdb"), str(statements)])
    return straight, measure(f"{label}: through dbt, with its tests",
                             lambda _: [sys.executable, "-c", MODELS, str(home), select])


def ask(published: Path) -> None:
    """Each question of dbt_project/analyses on the published file: the first run and the best of five more."""
    with duckdb.connect(str(published), read_only=True) as connection:
        taken = {}
        for path in sorted((ROOT / "dbt_project" / "analyses").glob("*.sql")):
            question, seconds = as_published(path.read_text(encoding="utf-8")), []
            for _ in range(6):
                started = time.perf_counter()
                connection.execute(question).fetchall()
                seconds.append(time.perf_counter() - started)
            taken[path.stem] = (1000 * seconds[0], 1000 * min(seconds[1:]))
    slowest = max(taken, key=lambda name: taken[name][0])
    print(f"\n{len(taken)} questions: the slowest {slowest}, {taken[slowest][0]:.0f} ms at first and "
          f"{taken[slowest][1]:.0f} ms again (goal: under 50)")
    note("slowest question, asked again", taken[slowest][1], "ms")


def marts(home: Path) -> None:
    """All marts of every year and peer set, through dbt and straight in DuckDB, on one warehouse of every file."""
    straight, built = sql_alone("marts of every file", home, transform.MARTS)
    print(f"\nmarts: {built[0]:.0f} s (goal: under 60), {built[0] / straight[0]:.2f} times the same SQL straight in "
          f"DuckDB (goal: 1.5), {built[1]:.0f} MB\n")


def placements(rows: int) -> Taken:
    """Large snapshots of placements: the whole way, the same SQL alone, pandas, and one council's next month."""
    print(f"\n{rows:,} placements of {COUNCILS} councils in {MONTHS} monthly files, {PLACEMENT_RUNS} runs, "
          "one after another")
    with tempfile.TemporaryDirectory() as folder:
        landing, new = Path(folder) / "landing", Path(folder) / "new"
        size = ["--rows", str(rows), "--councils", str(COUNCILS), "--months", str(MONTHS)]
        make = [sys.executable, str(ROOT / "seeds" / "snapshots" / "make.py"), *size]
        run([*make, "--large", str(landing)])
        run([*make, "--large", str(new), "--only", NEW_COUNCIL, "--month", NEW_MONTH])
        # dbt parses the project once for each state of its files; that is not measured here.
        run([sys.executable, "-c", "from orchestration.transform import load_manifest; load_manifest()"])
        rounds = [placement_round(Path(folder), landing, new) for _ in range(PLACEMENT_RUNS)]
    taken = {name: statistics.median(one[name][0] for one in rounds) for name in rounds[0]}
    memory = {name: max(one[name][1] for one in rounds) for name in rounds[0]}
    for name, seconds in taken.items():
        every = [one[name][0] for one in rounds]
        print(f"{name:<58}{seconds:8.1f} s  {min(every):6.1f} to {max(every):5.1f}{memory[name]:8.0f} MB")
    whole, straight, plain, month = taken.values()
    whole_memory, _, _, month_memory = memory.values()
    print(f"\nwhole refresh: {whole / straight:.2f} times the same SQL straight in DuckDB (goal: under 1.5), "
          f"{plain / whole:.2f} times as fast as pandas (goal: 4; the SQL alone {plain / straight:.2f}), "
          f"{max(whole_memory, month_memory):.0f} MB (goal: under 2,500)\n"
          f"one council's next month: {month / whole:.2f} of the whole (goal: under 0.1)")
    note(f"{rows:,} placements, against pandas", plain / whole, "times as fast")
    note(f"{rows:,} placements, memory", max(whole_memory, month_memory), "MB")
    note(f"{rows:,} placements, next month of one council", month / whole, "of the whole")
    return Taken(f"{rows // 1_000_000} million placements",
                 *((seconds, memory[name]) for name, seconds in list(taken.items())[:3]))


def placement_round(folder: Path, landing: Path, new: Path) -> dict[str, tuple[float, float]]:
    """Seconds and memory of each process; says where pandas and the warehouse do not have the same totals."""
    home, alone, totals, kept = (folder / name for name in ("home", "alone", "totals", "statements"))
    floor = [sys.executable, str(ROOT / "tests" / "harness" / "placement_floor.py")]
    taken = {"refresh, every file, empty home": run([*floor, "record", str(home), str(landing), str(kept)])}
    alone.mkdir()
    placement_floor.prepare(home / "warehouse.duckdb", alone / "warehouse.duckdb", kept)
    taken["the same SQL straight in DuckDB"] = run([*floor, "straight", str(alone / "warehouse.duckdb"), str(kept)])
    shutil.rmtree(alone)
    taken["pandas: read, hashed, judged, added up, compared"] = run(
        [*floor, "plain", str(landing), str(home / "person.key"), str(totals)])
    if differ := placement_floor.differences(home / "warehouse.duckdb", totals):
        raise SystemExit("pandas and the warehouse differ, so their times cannot be compared:\n" + "\n".join(differ))
    taken["refresh, one council's next month"] = run([*COMMAND, "refresh", "--home", str(home), "--landing", str(new)])
    shutil.rmtree(home)
    shutil.rmtree(totals)
    return taken


if __name__ == "__main__":
    main()
