"""Proves that what is published is whole at every moment, and that one refresh runs at a time."""

import grp
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading

import duckdb
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration import database, local_copy, publish
from orchestration.cli import app
from orchestration.faults import RunStopped, UnusableInput
from orchestration.home import Home
from orchestration.store import lock, retention

STEPS = ["_clear_leftovers", "_copy_tables", "database.comment", "_manifest", "_flush", "_switch", "_link",
         "_drop_old_releases"]
FEW = ("dim_council", "dim_release", "dim_snapshot", "fct_figure", "mart_unit_cost_variance", "rejected_row",
       "release_summary", "rule", "rule_result", "source_file")


@pytest.fixture(scope="module")
def small_home(embedded_home, tmp_path_factory):
    """The embedded home with few councils in it: publishing takes a moment."""
    home = Home(tmp_path_factory.mktemp("small") / "home")
    home.folder.mkdir()
    shutil.copy(embedded_home.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        for (schema, name), source in publish.stored_tables().items():
            if "council_code" in [
                    row[0] for row in connection.execute(f"describe {source}").fetchall()] and schema == "marts":
                connection.execute(f"delete from {schema}.{name} where council_code not in ('111', '114', '116')")
        connection.execute("delete from marts.fct_figure_cell where figure_id not in "
                           "(select figure_id from marts.fct_figure)")
    with pytest.MonkeyPatch.context() as patch:
        publish_few(patch)
        publish.publish(home, "first")
    return home


def publish_few(patch):
    """Publishes only these: all tables are written in the same way, and the embedded home proves that all are."""
    few = {key: source for key, source in publish.published_tables().items() if key[1] in FEW}
    assert len(few) == len(FEW)
    patch.setattr(publish, "published_tables", lambda: few)


@pytest.fixture
def home(small_home, tmp_path, monkeypatch):
    """A copy of it, to publish in."""
    publish_few(monkeypatch)
    shutil.copytree(small_home.folder, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


def tables(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select table_schema, table_name, table_type from information_schema.tables "
                                  "where table_catalog <> 'temp' order by all").fetchall()


def leftovers(home):
    return [path for folder in (home.published_folder, home.local_folder)
            for path in (folder / "releases").glob(".building-*")]


def child(code, *arguments, **options):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, **options)


# --- what is in it --------------------------------------------------------------------------------------------------


def test_every_table_is_published_also_when_empty(embedded_home):
    found = tables(embedded_home.published)
    assert [(schema, name) for schema, name, _ in found] == sorted(publish.published_tables())
    views = publish.published_views()
    assert ("marts", "mart_benchmark") in views
    assert [(schema, name) for schema, name, kind in found if kind == "VIEW"] == sorted(views)
    assert ("quality", "rejected_row", "BASE TABLE") in found
    with duckdb.connect(str(embedded_home.published), read_only=True) as connection:
        assert connection.execute("select count(*) from quality.rejected_row").fetchone() == (0,)
        assert connection.execute("select count(*) from marts.mart_restatement").fetchone() == (0,)


@pytest.mark.parametrize("name", ["other name.duckdb", "warehouse.duckdb"])
def test_views_work_under_any_file_name_and_any_alias(embedded_home, tmp_path, name):
    """They name no catalogue, neither the warehouse they were made from nor the file they were made in."""
    copied = shutil.copy(embedded_home.published, tmp_path / name)
    asked = "select count(*), sum(hash(shown)) from {}marts.mart_benchmark as shown"
    with duckdb.connect(str(copied), read_only=True) as connection:
        alone = connection.execute(asked.format("")).fetchone()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copied}' as \"of any name\" (read_only)")
        attached = connection.execute(asked.format('"of any name".')).fetchone()
    with database.connect(embedded_home.warehouse, read_only=True) as connection:
        built = connection.execute(asked.format("")).fetchone()
    assert alone == attached == built
    assert alone[0] > 1000


def test_a_view_comes_after_those_it_reads(monkeypatch):
    def node(name, kind, *reads):
        return {"resource_type": "model", "schema": "marts", "name": name, "config": {"materialized": kind},
                "depends_on": {"nodes": list(reads)}}

    nodes = {"a": node("a", "view", "b", "stored"), "b": node("b", "view", "stored"), "stored": node("stored", "table")}
    monkeypatch.setattr(publish.transform, "manifest_dict", lambda: {"nodes": nodes})
    assert publish.published_views() == [("marts", "b"), ("marts", "a")]


def test_the_manifest_is_true(embedded_home):
    manifest = json.loads(embedded_home.manifest.read_text(encoding="utf-8"))
    assert manifest["sha256"]["carequartile.duckdb"] == publish.sha256(embedded_home.published)
    with duckdb.connect(str(embedded_home.published), read_only=True) as connection:
        counted = {name: connection.execute(f"select count(*) from {name}").fetchone()[0]
                   for name in manifest["tables"]}
        releases = connection.execute("select release_id, count(*), count(value) from marts.fct_figure "
                                      "group by release_id order by 1").fetchall()
    assert counted == manifest["tables"]
    assert releases == [(row["release_id"], row["n_figures"], row["n_values"]) for row in manifest["releases"]]
    assert set(manifest["tables"]) == {f"{schema}.{name}" for schema, name in publish.published_tables()}


def test_parquet_equals_the_tables(embedded_home):
    folder = embedded_home.published_folder / "parquet"
    assert {file.name for file in folder.iterdir()} == {
        f"{schema}.{name}.parquet" for schema, name in publish.published_tables()}
    with duckdb.connect(str(embedded_home.published), read_only=True) as connection:
        for schema, name in publish.published_tables():
            table, file = f"(from {schema}.{name})", f"(from read_parquet('{folder / f'{schema}.{name}.parquet'}'))"
            differing = connection.execute(f"({table} except all {file}) union all ({file} except all {table})"
                                           ).fetchall()
            assert differing == [], name
            described = [connection.execute(f"select column_name, column_type from (describe {side})").fetchall()
                         for side in (f"from {schema}.{name}", file[1:-1])]
            assert described[0] == described[1], name


def test_counts_are_numbers_in_parquet_too(home):
    """A sum of integers is a HUGEINT, which Parquet does not know: it would come out as a floating point number."""
    with database.connect(home.warehouse) as connection:
        connection.execute("create or replace table marts.dim_council as select '114' as council_code, "
                           "current_date as valid_from, sum(1) as n from range(3)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "comment", lambda *_: None)
        publish.publish(home, "counts")
    with duckdb.connect() as connection:
        file = home.published_folder / "parquet" / "marts.dim_council.parquet"
        assert connection.execute(f"select typeof(n), n from '{file}'").fetchall() == [("BIGINT", 3)]


def test_the_folder_holds_only_releases(embedded_home):
    names = {path.name for path in embedded_home.published_folder.iterdir()}
    assert names == {"carequartile.duckdb", "parquet", "manifest.json", "current", "releases"}
    assert not list(embedded_home.folder.rglob("*.wal"))
    assert not leftovers(embedded_home)
    assert (embedded_home.warehouse.stat().st_mode & 0o077) == 0, "the warehouse is its owner's alone"


def test_the_local_copy_is_restricted_and_one_query_joins_both(embedded_home):
    for path in [embedded_home.local_folder, *embedded_home.local_folder.rglob("*")]:
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    with local_copy.connect(embedded_home, is_local=True) as connection:
        found = connection.execute(
            "select distinct figures.council, bands.people from marts.mart_placement_band as bands "
            "inner join marts.fct_figure as figures using (council_code) where bands.band = '1,000 and over' "
            "and bands.setting = 'Residential and nursing' and bands.snapshot_date = '2010-02-28'").fetchall()
        comments = dict(connection.execute(
            "select table_name, comment from duckdb_tables() where database_name not in ('open_copy', 'temp')"
        ).fetchall())
    assert found == [("Stockton-on-Tees", 53)]
    assert comments and all(comment.startswith(local_copy.RESTRICTED) for comment in comments.values())
    manifest = publish.read_local_manifest(embedded_home)
    assert manifest["restricted"] == local_copy.RESTRICTED
    assert manifest["run_id"] == publish.read_manifest(embedded_home)["run_id"]


def test_both_copies_have_every_table_and_column(embedded_home):
    columns = []
    for is_local in (False, True):
        with local_copy.connect(embedded_home, is_local) as connection:
            columns.append(connection.execute(
                "select table_schema, table_name, column_name, data_type from information_schema.columns "
                "where table_catalog not in ('open_copy', 'temp') and table_schema in ('marts', 'quality') order by all"
            ).fetchall())
    assert columns[0] == columns[1]


def test_the_open_copy_says_nothing_of_a_snapshot(embedded_home):
    local = publish.read_local_manifest(embedded_home)
    of_files = {text for snapshot in local["snapshots"]
                for text in (snapshot["file_name"], snapshot["snapshot_id"], snapshot["snapshot_id"].split(":")[-1])}
    with database.connect(embedded_home.warehouse, read_only=True) as connection:
        of_files |= {str(value) for row in connection.execute(
            "select sha256, bytes from raw.source_file where layout = 'carequartile_placement'").fetchall()
            for value in row}
    assert len(of_files) >= 10
    with database.connect(embedded_home.published, read_only=True) as connection:
        for schema, table in publish.published_tables():
            (text,) = connection.execute(f"select cast(list(t) as varchar) from {schema}.{table} as t").fetchone()
            assert not [value for value in of_files if value in (text or "")
                        and re.search(rf"(?<!\d){re.escape(value)}(?!\d)", text)], table
        empty = [table for (schema, table), where in publish.local_conditions().items() if where == "true"
                 and connection.execute(f"select count(*) from {schema}.{table}").fetchone() == (0,)]
        comments = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert len(empty) == 14
    assert all("local/carequartile-local.duckdb" in comments[table] for table in empty)
    manifest = embedded_home.manifest.read_text(encoding="utf-8")
    assert not [value for value in of_files if value in manifest]
    assert "inputs" not in manifest, "a hash of what was loaded would confirm a guess of one price"


def test_a_group_may_be_given_the_local_copy(home, monkeypatch):
    name = grp.getgrgid(os.getgid()).gr_name
    monkeypatch.setenv(local_copy.GROUP_VARIABLE, name)
    publish.publish(home, "for a group")
    assert stat.S_IMODE(home.local.stat().st_mode) == 0o640
    assert stat.S_IMODE(home.local_folder.stat().st_mode) == 0o750
    monkeypatch.setenv(local_copy.GROUP_VARIABLE, "no-such-group")
    with pytest.raises(UnusableInput, match=r"no-such-group.*no such group"):
        publish.publish(home, "for none")
    monkeypatch.delenv(local_copy.GROUP_VARIABLE)
    publish.publish(home, "for no group")
    assert stat.S_IMODE(home.local_folder.stat().st_mode) == 0o700


def test_a_home_that_was_moved_is_read_as_before(home, tmp_path):
    moved = Home(tmp_path / "elsewhere")
    home.folder.rename(moved.folder)
    with local_copy.connect(moved, is_local=True) as connection:
        assert connection.execute("select count(*) from marts.dim_council").fetchone()[0] > 0


def test_without_the_local_copy_its_readers_are_told(home):
    shutil.rmtree(home.local_folder)
    with pytest.raises(UnusableInput, match=r"cannot be read by this user.*ask its owner"), \
            local_copy.connect(home, is_local=True):
        pass


# --- whatever breaks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "error"), sampled([
    *((step, RuntimeError("killed")) for step in STEPS),
    *((step, OSError(28, "No space left on device")) for step in ("_copy_tables", "_switch")),
    *((step, KeyboardInterrupt()) for step in ("_manifest", "_flush")),
], 2), ids=str)
def test_an_error_at_any_step_leaves_a_whole_release(home, monkeypatch, step, error):
    before = publish.read_manifest(home)

    def break_off(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"orchestration.publish.{step}", break_off)
        with pytest.raises(RunStopped if isinstance(error, OSError) else type(error)):
            publish.publish(home, "broken")
    up = publish.read_manifest(home)
    assert up is not None, "what is up is not what its manifest says"
    # Only tidying comes after the switch; until then it is the old release that is up.
    assert up["run_id"] == ("broken" if step == "_drop_old_releases" else before["run_id"])
    assert [name for _, name, _ in tables(home.published)] == [name for _, name in publish.published_tables()]

    assert publish.publish(home, "mended")["run_id"] == "mended"
    assert publish.read_manifest(home)["run_id"] == "mended"
    assert not leftovers(home)


def test_a_full_disk_is_reported_in_words(home, monkeypatch):
    monkeypatch.setattr(publish, "_flush", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RunStopped, match=r"No space left on device.*last release stays up") as stopped:
        publish.publish(home, "full")
    assert stopped.value.exit_code == 1


@pytest.mark.parametrize("step", sampled(["_link", "_manifest"], 0))
def test_a_kill_leaves_the_last_release_and_its_rubbish_is_cleared(home, step):
    before = publish.sha256(home.published)
    code = (f"import os, sys\nfrom pathlib import Path\nfrom orchestration import publish\n"
            f"from orchestration.home import Home\npublish.{step} = lambda *_: os.kill(os.getpid(), 9)\n"
            "publish.publish(Home(Path(sys.argv[1])), 'killed')")
    process = child(code, home.folder)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert publish.sha256(home.published) == before
    assert publish.read_manifest(home) is not None
    publish.publish(home, "after")
    assert not leftovers(home)
    assert publish.read_manifest(home)["run_id"] == "after"


def test_a_half_built_leftover_is_never_reused(home):
    left = home.published_folder / "releases" / ".building-half"
    left.mkdir()
    (left / "carequartile.duckdb").write_bytes(b"half")
    (left / "carequartile.duckdb.wal").write_bytes(b"stale")
    publish.publish(home, "half")
    assert not leftovers(home) and publish.read_manifest(home)["run_id"] == "half"
    assert not list(home.published_folder.rglob("*.wal"))


def test_two_releases_are_kept_and_the_one_that_is_up_is_never_dropped(home):
    # The second name sorts before every other, as after a clock was set back.
    for name in ("z-newest", "0-clock-set-back", "y"):
        publish.publish(home, name)
        assert publish.read_manifest(home)["run_id"] == name
    kept = {path.name for path in (home.published_folder / "releases").iterdir()}
    assert kept == {"0-clock-set-back", "y"} and retention.RELEASES_KEPT == 2


@pytest.mark.full
def test_releases_are_kept_as_many_as_asked_for(home, monkeypatch):
    monkeypatch.setenv("CAREQUARTILE_RELEASES_KEPT", "3")
    for name in ("b", "c", "d"):
        publish.publish(home, name)
    assert {path.name for path in (home.published_folder / "releases").iterdir()} == {"b", "c", "d"}


@pytest.mark.full
def test_a_clock_that_was_set_back_publishes_what_is_newest(home):
    for name in ("20990101T000000000000-a", "20200101T000000000000-b"):
        publish.publish(home, name)
        assert publish.read_manifest(home)["run_id"] == name


def test_what_does_not_match_its_manifest_is_not_taken_for_published(home):
    real = home.published.resolve()
    real.write_bytes(real.read_bytes() + b"x")
    assert publish.read_manifest(home) is None
    home.manifest.resolve().write_text("{", encoding="utf-8")
    assert publish.read_manifest(home) is None
    publish.publish(home, "again")
    assert publish.read_manifest(home)["run_id"] == "again"


def test_a_plain_file_where_a_link_belongs_is_replaced(home):
    """A home copied without links (a zip, a network share) is published into all the same."""
    for name in ("carequartile.duckdb", "manifest.json"):
        text = (home.published_folder / name).read_bytes()
        (home.published_folder / name).unlink()
        (home.published_folder / name).write_bytes(text)
    target = (home.published_folder / "parquet").resolve()
    (home.published_folder / "parquet").unlink()
    shutil.copytree(target, home.published_folder / "parquet")
    publish.publish(home, "linked")
    assert publish.read_manifest(home)["run_id"] == "linked"
    assert all((home.published_folder / name).is_symlink() for name in publish._LINKS)


# --- readers ---------------------------------------------------------------------------------------------------------

READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    print(connection.execute(line).fetchone()[0], flush=True)
"""
POLLER = """
import sys, json, duckdb
seen = set()
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        seen.add(connection.execute("select count(*) from marts.fct_figure").fetchone()[0])
        connection.execute("select count(*) from quality.rule_result").fetchone()
    print(sorted(seen), flush=True)
"""


def test_a_reader_of_the_old_release_keeps_it(home):
    reader = child(READER, home.published)

    def ask(sql):
        reader.stdin.write(sql + "\n")
        reader.stdin.flush()
        return int(reader.stdout.readline())

    before = ask("select count(*) from marts.fct_figure")
    with database.connect(home.warehouse) as connection:
        connection.execute("delete from marts.fct_figure where financial_year = '2008-09'")
    publish.publish(home, "fewer")
    publish.publish(home, "and-again")
    publish.publish(home, "its-folder-is-dropped-now")
    assert ask("select count(*) from marts.fct_figure") == before
    assert ask("select count(*) from marts.mart_unit_cost_variance") > 0
    reader.communicate()
    with duckdb.connect(str(home.published), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_figure").fetchone()[0] < before


@pytest.mark.full
def test_the_file_opens_at_any_moment_while_releases_are_published(home):
    poller = child(POLLER, home.published, stderr=subprocess.PIPE)
    lines = []
    listener = threading.Thread(target=lambda: lines.extend(poller.stdout))
    listener.start()
    try:
        for number in range(100):
            publish.publish(home, f"r{number}")
            assert poller.poll() is None, poller.stderr.read()
            if number >= 2 and len(lines) > 10:
                break
    finally:
        poller.kill()
        listener.join()
    assert len(lines) > 10
    assert lines[-1].count(",") == 0, "a reader saw a release that was not whole"


# --- one refresh at a time --------------------------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from orchestration.store import lock
from orchestration.home import Home
with lock.hold(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_refresh_names_the_holder_of_the_home(home):
    before = publish.sha256(home.published)
    holder = child(HOLDER, home.folder)
    assert holder.stdout.readline() == "held\n"
    result = CliRunner().invoke(app, ["refresh", "--home", str(home.folder)])
    assert result.exit_code == 1
    assert f"process {holder.pid}, since 20" in result.stderr and "Next: wait" in result.stderr
    assert publish.sha256(home.published) == before
    with duckdb.connect(str(home.published), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.dim_release").fetchone() == (3,)
    holder.communicate("\n")
    with lock.hold(home):
        pass


def test_a_killed_holder_releases_the_home(home):
    holder = child(HOLDER, home.folder)
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    with lock.hold(home), lock.hold(home):
        assert json.loads((home.folder / "refresh.holder").read_text(encoding="utf-8"))["pid"] == os.getpid()


def test_a_run_of_the_sensor_waits_for_the_home(home):
    holder = child(HOLDER, home.folder)
    holder.stdout.readline()
    threading.Timer(0.5, lambda: holder.communicate("\n")).start()
    with lock.hold(home, wait_seconds=20):
        pass


def test_a_home_that_cannot_be_made_is_reported_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(RunStopped, match=r"cannot be written.*another --home"), lock.hold(Home(tmp_path / "file")):
        pass


def test_a_snapshot_read_by_a_mapping_of_the_councils_own_is_local_too():
    """Its layout is the mapping's name: only the source id, made from content and mapping, shows what it is."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema raw; create schema quality; create schema reference;
            create table reference.council as select '114' as council_code;
            create table raw.source_file as select * from (values
                ('aa', 'aa', 'return.csv', 'ascof'), ('bb', 'cc', 'march.csv', 'our_care_system'),
                ('dd', 'dd', 'ledger.csv', 'carequartile_ledger'), ('ee', 'ee', 'unknown.csv', null)
            ) as files (sha256, source_id, file_name, layout);
            create table quality.source_file as select sha256, file_name, layout from raw.source_file;
            create table gate_result as select 'r' as release_id, 'x' as rule_id, file_name from raw.source_file""")
        conditions = publish.local_conditions()
        for table, key, kept in (("quality.source_file", ("quality", "source_file"), ["return.csv"]),
                                 ("gate_result", ("quality", "rule_result"), ["return.csv", "unknown.csv"])):
            found = connection.execute(f"select file_name from {table} where not coalesce({conditions[key]}, false) "
                                       "order by 1").fetchall()
            assert [name for (name,) in found] == kept
