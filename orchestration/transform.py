"""Runs dbt in this process and keeps its parsed manifest. What is derived, and how, is in ``dbt_project/``.

dbt is called through ``dbtRunner``: its command line would start an interpreter per call and ask the package index for
the newest version of dbt. The project is parsed once for each state of its files and the manifest is kept, since
parsing costs more than building.

dbt builds; its data tests are run here, one after the other, by the queries dbt compiled from them. Started by dbt,
each of two hundred would cost ten times what its query does.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import database, prices
from orchestration.faults import RunStopped
from orchestration.home import Home, project_folder, public_files
from orchestration.store import warehouse

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg
    from duckdb import DuckDBPyConnection

# Hears of each table and test that is ready: its name, and how many of how many, and of what.
Told = Callable[[str, int, int, str], None]
CONFORM = "resource_type:seed tag:conform"
CONFORM_WITHOUT_SEEDS = "tag:conform"
MARTS = "tag:marts"
# Set before dbt is imported anywhere: dbt reads it once.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")


@dataclass(frozen=True)
class NodeResult:
    """How one dbt node (model, seed, test) ended: status is success, pass, fail, error or skipped."""

    unique_id: str
    status: str
    message: str
    failures: int | None

    @property
    def is_bad(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def _no_one(name: str, done: int, of: int, what: str) -> None:
    """Whom ``run_dbt`` tells where no one listens."""


def dbt_folder() -> Path:
    return project_folder() / "dbt_project"


def project_file(node: Mapping[str, Any]) -> Path:
    """The file that a node of the manifest is written in."""
    return (dbt_folder() / node["original_file_path"]).resolve()


@lru_cache(maxsize=1)
def project_hash() -> str:
    """A hash over everything that decides what is derived: models, seeds, layouts, rules and this code."""
    root = project_folder()
    digest = hashlib.sha256()
    for folder in (root / "dbt_project", root / "seeds", root / "expectations", Path(__file__).parent):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in {".sql", ".yml", ".csv", ".md", ".py"} and "target" not in path.parts:
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def manifest_file() -> Path:
    """Where the parsed manifest for these files is kept: in the project or, if that is read-only, in the home."""
    name = f"manifest-{project_hash()[:16]}.msgpack"
    in_project = dbt_folder() / "target"
    try:
        in_project.mkdir(exist_ok=True)
        if os.access(in_project, os.W_OK):
            return in_project / name
    except OSError:
        pass
    return Home.resolve().dbt_target / name


@lru_cache(maxsize=1)
def load_manifest() -> Manifest:
    """The parsed project. Raises RunStopped with dbt's own message where dbt cannot parse it."""
    from dbt.contracts.graph.manifest import Manifest

    return Manifest.from_msgpack(_prepared().read_bytes())


@lru_cache(maxsize=1)
def manifest_dict() -> dict[str, Any]:
    """The manifest as plain data, as dagster-dbt and the data dictionary read it."""
    return json.loads(_prepared().with_suffix(".json").read_text(encoding="utf-8"))


def _prepared() -> Path:
    path = manifest_file()
    if not (path.is_file() and path.with_suffix(".json").is_file() and _tests_file(path).is_file()):
        with public_files():  # In the project folder it serves every user of the project.
            _parse(path)
    return path


def _parse(path: Path) -> None:
    from dbt.cli.main import dbtRunner

    path.parent.mkdir(parents=True, exist_ok=True)
    result = dbtRunner().invoke(["parse", "--no-partial-parse", *_arguments(path.parent)])
    if not result.success:
        raise RunStopped(f"dbt cannot parse the project: {result.exception}")
    for stale in path.parent.glob("manifest-*"):
        stale.unlink(missing_ok=True)
    parsed = result.result.to_msgpack()  # Compiling adds to the manifest, so it is kept before.
    as_data = json.dumps(result.result.writable_manifest().to_dict(omit_none=False), default=str)
    _write_whole(_tests_file(path), json.dumps(_compile_tests(result.result, path.parent)).encode())
    _write_whole(path.with_suffix(".json"), as_data.encode())
    _write_whole(path, parsed)


def _tests_file(manifest: Path) -> Path:
    return manifest.with_name(f"{manifest.stem}-tests.json")


def _compile_tests(manifest: Manifest, target: Path) -> dict[str, str]:
    """The query of each data test by its id: the rows that break the test. No table is read to compile one."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as folder:
        # The name of the file is the catalogue in every query.
        os.environ["CAREQUARTILE_WAREHOUSE"] = str(Home(Path(folder)).warehouse)
        try:
            outcome = dbtRunner(manifest=manifest).invoke([
                "compile", "--select", "test_type:data", "--no-populate-cache", "--no-introspect", *_arguments(target)])
        finally:
            _close_warehouse()
    if outcome.result is None:
        raise RunStopped(f"dbt cannot compile the data tests: {outcome.exception}")
    return {row.node.unique_id: row.node.compiled_code for row in outcome.result.results}


def _write_whole(path: Path, content: bytes) -> None:
    """Replaces the file in one step: two runs may parse at once, and neither may read a half-written file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


def _arguments(target: Path) -> list[str]:
    # dbt fills its cache of relations before it builds: filled during the build, two threads sometimes met a table that
    # was being renamed. dbt's own output is off; `_results` reports in the project's words.
    return ["--log-level", "none", "--no-write-json", "--log-level-file", "none",
            "--project-dir", str(dbt_folder()), "--profiles-dir", str(dbt_folder()),
            "--target-path", str(target), "--log-path", str(target)]


# Unit tests bring their own rows and are for `make test`; data tests run when the tables are built.
BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
RUN = ("run",)  # Models alone: dbt need not order them by their tests.


def conform(home: Home, as_known_on: str = "", told: Told = _no_one, collected_from: Path | None = None
            ) -> list[NodeResult]:
    """Builds staging and intermediate models, and seeds where they may have changed, as ``run_dbt`` does, and estimates
    the prices of new packages from them.

    After the project has changed, everything is rebuilt in full: seeds may have other columns, and tables that grow by
    one snapshot at a time (placements) still hold what the old project made from the older snapshots. So it is where
    another engine has built all of it (``collected_from``).
    """
    if warehouse.built_by(home.warehouse) == project_hash() and not collected_from:
        results = run_dbt(home, CONFORM_WITHOUT_SEEDS.split(), RUN, as_known_on, _seeds(), told)
        prices.estimate(home.warehouse)
        return results
    results = run_dbt(home, CONFORM.split(), (*BUILD, "--full-refresh"), as_known_on, (), told, collected_from)
    prices.estimate(home.warehouse, is_rebuild=True)
    warehouse.record_built_by(home.warehouse, project_hash())
    return results


def marts(home: Home, as_known_on: str = "", told: Told = _no_one, collected_from: Path | None = None
          ) -> list[NodeResult]:
    """Builds what is made of what gate A judged, as ``run_dbt`` does."""
    return run_dbt(home, MARTS.split(), RUN, as_known_on, (), told, collected_from)


def load_seeds(home: Home) -> None:
    """Loads the seeds into the home's warehouse and tests them, as ``run_dbt`` does."""
    run_dbt(home, ["resource_type:seed"], BUILD)


def _seeds() -> list[str]:
    return [name for name, node in manifest_dict()["nodes"].items() if node["resource_type"] == "seed"]


def run_dbt(home: Home, select: list[str], command: tuple[str, ...] = RUN, as_known_on: str = "",
            kept: Iterable[str] = (), told: Told = _no_one, collected_from: Path | None = None) -> list[NodeResult]:
    """Builds the selected nodes in the home's warehouse and runs their data tests, or runs another ``command`` of dbt
    on them; returns how each ended.

    ``as_known_on`` (2012-03-31) leaves out what was published after that day. ``kept`` names tables that are kept as an
    earlier run built them; they are tested and reported with the others. ``told`` hears of each as it is ready.
    ``collected_from`` is the folder of tables that another engine has built: each model that is a table takes its rows
    from there, and is tested and reported as if it were built here.

    Raises RunStopped with the name of the first broken node where a model errors or a test fails: the tables are not
    what the project promises, and nothing may be published from them.
    """
    from dbt.cli.main import dbtRunner

    manifest = load_manifest()
    os.environ["CAREQUARTILE_WAREHOUSE"] = str(home.warehouse)
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    try:
        outcome = dbtRunner(manifest=manifest, callbacks=[_Nodes(told)]).invoke([
            *command, "--select", *select, *_vars(as_known_on, collected_from), *_arguments(home.dbt_target)])
    finally:
        _close_warehouse()
    built = [*(NodeResult(name, "success", "unchanged", None) for name in kept), *_results(outcome)]
    # Where a model could not be built, a test of what it reads may say why: a word that is in a seed twice, say.
    tested = {row.unique_id for row in built if row.status == "success"} if command[0] in ("build", "run") else set()
    results = [*run_tests(home, tested, told), *built]
    return _without_errors(results)


def _vars(as_known_on: str, collected_from: Path | None = None) -> list[str]:
    # The files of each table are found by a pattern, in which nothing of the folder's own name may have a meaning.
    folder = glob.escape(str(collected_from)) if collected_from else ""
    return ["--vars", json.dumps({"as_known_on": as_known_on, "collected_from": folder})]


class _Nodes:
    """Listens to dbt's events, on its threads, and tells of each node that has ended."""

    def __init__(self, told: Told) -> None:
        self._told, self._of, self._done = told, 0, 0
        self._counting = threading.Lock()

    def __call__(self, event: EventMsg) -> None:
        if event.info.name == "ConcurrencyLine":
            self._of = event.data.node_count
        elif event.info.name == "NodeFinished":
            with self._counting:
                self._done += 1
                done = self._done
            self._told(event.data.node_info.node_name, done, max(self._of, done), "tables")


def run_tests(home: Home, built: set[str], told: Told = _no_one) -> list[NodeResult]:
    """Runs the data tests of the tables that were built, given by their ids, in the home's warehouse.

    A test runs once each table it compares was built now or is one that those built now are made from; any other still
    holds the rows of the previous run.
    """
    nodes, queries = manifest_dict()["nodes"], _test_queries()
    current = _with_ancestors(built)
    due = [test for test in queries
           if (read := set(nodes[test]["depends_on"]["nodes"])) & built and read <= current]
    results = []
    with database.connect(home.warehouse) as connection:
        for done, test in enumerate(due, start=1):
            results.append(_run_test(connection, test, queries[test], nodes[test]["config"]["severity"]))
            told(nodes[test]["name"], done, len(due), "tests")
    return results


@lru_cache(maxsize=1)
def _test_queries() -> dict[str, str]:
    return json.loads(_tests_file(_prepared()).read_text(encoding="utf-8"))


def _with_ancestors(built: set[str]) -> set[str]:
    parents, found, open_ends = manifest_dict()["parent_map"], set(built), list(built)
    while open_ends:
        new = set(parents.get(open_ends.pop(), ())) - found
        found |= new
        open_ends += new
    return found


def _run_test(connection: DuckDBPyConnection, test: str, query: str, severity: str) -> NodeResult:
    (failures,) = connection.execute(f"select count(*) from ({query}) as broken").fetchone()
    if not failures:
        return NodeResult(test, "pass", "", 0)
    status = "warn" if severity.lower() == "warn" else "fail"
    rows = "1 row breaks" if failures == 1 else f"{failures:,} rows break"
    return NodeResult(test, status, f"{rows} it; the first: {_first_row(connection, query)}", failures)


def _first_row(connection: DuckDBPyConnection, query: str) -> str:
    found = connection.execute(query)
    return ", ".join(f"{column[0]} {value}" for column, value in zip(found.description, found.fetchone()))


def build_on(target: str, folder: Path, select: Iterable[str] = (), as_known_on: str = "", told: Told = _no_one,
             at_once: int = 1) -> list[NodeResult]:
    """Builds the selected models (or every seed and model) on another target of ``profiles.yml``, leaving what dbt
    writes in ``folder``, ``at_once`` of them side by side. The first model that cannot be built ends it.

    Data tests are left out: they check values, and are run on the tables that are collected from there, or
    ``tests/models/test_spark.py`` compares every value with DuckDB's. Raises RunStopped as ``run_dbt`` does.
    """
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest.from_msgpack(_parsed_for(target, folder))
    selected = ["--select", *select] if select else []
    outcome = dbtRunner(manifest=manifest, callbacks=[_Nodes(told)]).invoke([
        *BUILD, "--full-refresh", "--fail-fast", "--target", target, "--threads", str(at_once), *selected,
        *_vars(as_known_on), *_arguments(folder)])
    return _without_errors(_results(outcome))


@lru_cache(maxsize=1)
def _parsed_for(target: str, folder: Path) -> bytes:
    """The project as parsed for another target: the kept manifest is for DuckDB. A run needs it twice."""
    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["parse", "--no-partial-parse", "--target", target, *_arguments(folder)])
    if not parsed.success:
        raise RunStopped(f"dbt cannot parse the project for {target}: {parsed.exception}")
    return parsed.result.to_msgpack()


def _without_errors(results: list[NodeResult]) -> list[NodeResult]:
    if bad := [row for row in results if row.is_bad]:
        raise RunStopped(_explain("\n".join(f"- {row.unique_id}: {row.message}" for row in bad[:5])))
    return results


def _results(outcome: dbtRunnerResult) -> list[NodeResult]:
    if outcome.result is None:
        raise RunStopped(_explain(str(outcome.exception)))
    return [NodeResult(row.node.unique_id, str(row.status), row.message or "", row.failures)
            for row in outcome.result.results]


def _close_warehouse() -> None:
    """Closes the file, which dbt-duckdb would keep open until the process ends; publishing attaches it read-only."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _explain(message: str) -> str:
    if "No space left" in message:
        return "No space is left on the disk. Next: free some and run again; nothing was published."
    return (f"dbt could not build its tables as described:\n{message}\n"
            "Next: if you changed a table in seeds/reference, the row named is wrong, or uses a word that no other "
            "table there has; if you changed a model, its SQL and its columns in _models.yml differ; otherwise this is "
            "a fault of Carequartile, not of a return. Nothing was published; the last release stays up.")
