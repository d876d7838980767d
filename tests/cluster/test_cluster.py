"""Proves that a run on a standalone cluster publishes what a run of this machine publishes, and that it survives the
loss of a worker and says in words that it has lost all of them: ``make test-cluster``.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines import copies_differ, require_spark

from orchestration import cluster, database, publish
from orchestration.home import Home, project_folder
from orchestration.refresh import refresh
from orchestration.store import warehouse

pytestmark = pytest.mark.cluster
PLACEMENTS = int(os.environ.get("CLUSTER_PLACEMENTS", "100000"))


@pytest.fixture
def spark_cluster(tmp_path):
    require_spark()
    from spark_cluster import spark_cluster

    with spark_cluster(tmp_path / "cluster") as started:
        yield started


@pytest.fixture
def unbuilt_home(embedded_home, tmp_path) -> Home:
    """The embedded default as stored and published, without a table that is derived: what the cluster does not build
    is not there.
    """
    return copy_unbuilt(embedded_home, tmp_path / "home")


@pytest.fixture(scope="module")
def duckdb_home(embedded_home, tmp_path_factory) -> Home:
    """The same, built and published once more by this machine: gate B compares with what was published before."""
    home = copy_unbuilt(embedded_home, tmp_path_factory.mktemp("again") / "home")
    refresh([], home, is_forced=True)
    return home


def copy_unbuilt(home: Home, folder: Path) -> Home:
    shutil.copytree(home.folder, folder, symlinks=True)
    warehouse.rewrite(Home(folder).warehouse)
    with database.connect(Home(folder).warehouse) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_tables() order by all").fetchall()
    assert schemas == [("estimate",), ("gate",), ("raw",)]
    return Home(folder)


def command(home: Home, master: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "orchestration.cli", "refresh", "--force", "--home", str(home.folder),
            "--engine", "spark", "--master", master, *more]


def until(run: subprocess.Popen, tables: int) -> str:
    """What a run has said by the time it has built so many tables on the cluster."""
    said = ""
    for line in run.stderr:
        said += line
        if (built := re.search(r"(\d+) of \d+ tables on the cluster", line)) and int(built[1]) >= tables:
            return said
    raise AssertionError(f"the run ended before it had built {tables} tables:\n{said}")


def published_differ(home: Home, other: Home) -> list[str]:
    found = []
    for ours, theirs in ((home.published, other.published), (home.local, other.local)):
        with database.in_memory() as connection:
            database.attach(connection, ours, "spark")
            database.attach(connection, theirs, "duckdb")
            found += copies_differ(connection, "spark", "duckdb")
    return found


def assert_nothing_is_left(home: Home) -> None:
    assert not list((home.folder / "spark").iterdir()), "rows about people are left on the shared folder"


@pytest.mark.parametrize("change", [
    "update quality.rule set because = null where rule_id = (select min(rule_id) from quality.rule)",
    "update marts.fct_figure set value = value + 0.000001 where value is not null", "drop table marts.dim_council",
    "alter table quality.rule alter low type double", "delete from quality.rule_result where status = 'pass'",
    "insert into marts.dim_council from marts.dim_council limit 1", "create view marts.one as select 1"])
def test_the_comparison_sees_what_differs(embedded_home, tmp_path, change):
    changed = tmp_path / "changed.duckdb"
    shutil.copy(embedded_home.published, changed)
    with database.connect(changed) as connection:
        connection.execute(change)
    with database.in_memory() as connection:
        database.attach(connection, changed, "changed")
        database.attach(connection, embedded_home.published, "published")
        assert copies_differ(connection, "changed", "published")


def test_both_copies_are_equal_to_duckdbs(spark_cluster, duckdb_home, unbuilt_home):
    before = publish.read_manifest(unbuilt_home)["run_id"]
    run = subprocess.run(command(unbuilt_home, spark_cluster.url), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert publish.read_manifest(unbuilt_home)["run_id"] != before
    assert not published_differ(unbuilt_home, duckdb_home)
    assert "Traceback" not in run.stderr and "WARN" not in run.stderr
    assert_nothing_is_left(unbuilt_home)


def test_the_run_completes_without_a_worker_that_is_killed(spark_cluster, duckdb_home, unbuilt_home):
    from spark_cluster import kill

    with subprocess.Popen(command(unbuilt_home, spark_cluster.url), stderr=subprocess.PIPE, text=True) as run:
        said = until(run, 60)
        kill(spark_cluster.workers[0])
        said += run.stderr.read()
    assert run.returncode == 0, said
    assert "Removing worker" in (spark_cluster.folder / "master.log").read_text(encoding="utf-8")
    assert not published_differ(unbuilt_home, duckdb_home)


def test_a_cluster_that_is_lost_in_the_middle_ends_the_run_in_words(spark_cluster, duckdb_home, unbuilt_home):
    before = publish.read_manifest(unbuilt_home)
    with subprocess.Popen(command(unbuilt_home, spark_cluster.url), stderr=subprocess.PIPE, text=True) as run:
        until(run, 10)
        spark_cluster.end()
        lost = time.monotonic()
        said = run.stderr.read()
    assert time.monotonic() - lost < cluster.LONGEST_WITHOUT_WORKERS_SECONDS + 60
    assert run.returncode == 1, said
    assert "The Spark cluster was lost" in said and "Next: " in said and "the last release stays up" in said
    assert "Traceback" not in said and "Exception" not in said
    assert publish.read_manifest(unbuilt_home) == before
    assert_nothing_is_left(unbuilt_home)
    # And DuckDB goes on from there, alone.
    alone = command(unbuilt_home, spark_cluster.url)[:-4]
    subprocess.run(alone, capture_output=True, check=True)
    assert not published_differ(unbuilt_home, duckdb_home)


def test_a_cluster_without_a_worker_ends_the_run_in_words(unbuilt_home, tmp_path):
    require_spark()
    from spark_cluster import spark_cluster

    with spark_cluster(tmp_path / "cluster", workers=0) as alone:
        run = subprocess.run(command(unbuilt_home, alone.url), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "no worker of spark://" in run.stderr and "cores and memory free" in run.stderr
    assert "Traceback" not in run.stderr and "Exception" not in run.stderr


def test_a_cluster_that_is_gone_at_the_start_ends_the_run_at_once(spark_cluster, unbuilt_home):
    spark_cluster.end()
    before, started = publish.read_manifest(unbuilt_home), time.monotonic()
    run = subprocess.run(command(unbuilt_home, spark_cluster.url), capture_output=True, text=True, check=False)
    assert time.monotonic() - started < 60
    assert run.returncode == 1
    assert "The Spark master does not answer" in run.stderr and "Next: start the master" in run.stderr
    assert "Traceback" not in run.stderr
    assert publish.read_manifest(unbuilt_home) == before


def test_many_placements_are_equal_too(spark_cluster, tmp_path):
    """``CLUSTER_PLACEMENTS`` says how many; the time of both is printed (``-s``)."""
    landing, taken = tmp_path / "landing", {}
    make = [sys.executable, str(project_folder() / "seeds" / "snapshots" / "make.py"), "--rows", str(PLACEMENTS),
            "--councils", "10", "--months", "4", "--large", str(landing)]
    subprocess.run(make, check=True, capture_output=True)
    home = Home(tmp_path / "duckdb")
    alone = [sys.executable, "-m", "orchestration.cli", "refresh", "--home", str(home.folder)]
    subprocess.run([*alone, "--landing", str(landing)], check=True, capture_output=True)
    unbuilt = copy_unbuilt(home, tmp_path / "spark")
    warehouse.rewrite(home.warehouse)
    started = time.monotonic()
    subprocess.run([*alone, "--force"], check=True, capture_output=True)
    taken["DuckDB"] = time.monotonic() - started
    started = time.monotonic()
    run = subprocess.run(command(unbuilt, spark_cluster.url), capture_output=True, text=True, check=False)
    taken["the cluster"] = time.monotonic() - started
    assert run.returncode == 0, run.stderr
    print({name: f"{seconds:.0f} s" for name, seconds in taken.items()})
    assert not published_differ(unbuilt, home)
