"""Times what users wait for, as whole processes, side by side with the least that could do it. Run by `make bench`.

Figures are medians of several runs in one sitting; compare ratios, not seconds: machines drift. Never run as a test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("CAREQUARTILE_SHARED_DATA") or ROOT.parent / "shared" / "data")
COMMAND = [sys.executable, "-m", "orchestration.cli"]

# The floor: the same libraries imported and nothing done.
IMPORTS = "import dagster, dagster_dbt, dbt.cli.main, great_expectations, duckdb, pandas"
# The plain script: the same published files parsed and inserted, without labels, types, rules, marts or publication.
PLAIN = """
import csv, sys, duckdb, pandas
from pathlib import Path
con = duckdb.connect(sys.argv[1])
con.execute("create table cell (file varchar, row_number int, column_number int, printed_text varchar)")
for folder in sys.argv[2:]:
    for path in sorted(Path(folder).rglob("*.csv")):
        content = path.read_bytes()
        text = content.decode("utf-8-sig" if content[:3] == b"\\xef\\xbb\\xbf" else "cp1252")
        frame = pandas.DataFrame(
            [(path.name, i, j, cell)
             for i, row in enumerate(csv.reader(text.splitlines())) for j, cell in enumerate(row)],
            columns=["file", "row_number", "column_number", "printed_text"])
        con.execute("insert into cell select * from frame")
con.close()
"""


def run(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of one whole process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed:\n{errors.decode()}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


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
    print(f"medians of {RUNS} runs, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    floor, _ = measure("floor: imports alone", lambda _: [sys.executable, "-c", IMPORTS])
    first, _ = measure("refresh, embedded default, empty home",
                       lambda home: [*COMMAND, "refresh", "--home", str(home / "home")])
    with tempfile.TemporaryDirectory() as kept:
        again, _ = measure("refresh, embedded default, nothing new",
                           lambda home: [*COMMAND, "refresh", "--home", str(home)], Path(kept))
    print(f"\nembedded default: {first / floor:.2f} times its imports (goal: under 15 s); nothing new {again:.1f} s "
          "(goal: under 8 s)")
    folder = SHARED_DATA / "returns" / "pssex1"
    if not folder.is_dir():
        print("\nThe published files are not here (../shared/data): their benchmark is left out.")
        return
    print()
    plain, _ = measure("plain script: PSS EX1 parsed and inserted",
                       lambda home: [sys.executable, "-c", PLAIN, str(home / "plain.duckdb"), str(folder)])
    whole, memory = measure("refresh, PSS EX1 2008-09 to 2013-14, empty home",
                            lambda home: [*COMMAND, "refresh", "--home", str(home / "home"), "--landing", str(folder)])
    print(f"\nPSS EX1: {(whole - floor) / plain:.1f} times the plain script beyond its imports "
          f"({whole / (plain + floor):.1f} times with imports on both sides), {memory:.0f} MB")


if __name__ == "__main__":
    main()
