"""Proves that a home is closed to other users, and that a run that cannot go on says why and what to do next."""

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration import cli, database
from orchestration.cli import app
from orchestration.faults import Damaged, Fault, RunStopped, UnusableInput
from orchestration.home import Home
from orchestration.placements.mapping_files import shipped_mappings
from orchestration.placements.pseudonyms import PseudonymisationKey
from orchestration.refresh import _require_memory
from orchestration.store import lock, snapshots, warehouse
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

HEADER = "person_reference,council_code,snapshot_date,age,client_group,setting,provider,gross_weekly_gbp\n"
ROW = "P1,212,2026-03-31,44,learning_disability,residential,Oak House,1500\n"
ROOT = Path(cli.__file__).parents[1]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    output = result.stdout + result.stderr
    assert "Traceback" not in output and "Carequartile failed" not in output
    return result.exit_code, output


# --- who may enter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, 0o777, 0o755, 0o2770, 0o700])
def test_a_home_may_be_gone_through_and_its_lock_not_held_by_others(tmp_path, before):
    home = Home(tmp_path / "home")
    if before is not None:
        home.folder.mkdir()
        home.folder.chmod(before)
        home.lock.touch()
        home.lock.chmod(0o666)
    mask = os.umask(0)
    try:
        with lock.hold(home):
            assert mode(home.lock) == 0o600
    finally:
        os.umask(mask)
    assert mode(home.folder) & 0o777 == (0o711 if before is None else before & 0o711)


# --- what is read is what is hashed -----------------------------------------------------------------------------------


@pytest.fixture
def placed(tmp_path):
    landing, path = tmp_path / "landing", tmp_path / "home" / "warehouse.duckdb"
    landing.mkdir()
    (landing / "a.csv").write_text(HEADER + ROW)
    warehouse.prepare(path)
    return landing, path


def test_a_file_that_is_swapped_after_the_survey_is_refused(placed):
    landing, path = placed
    survey = survey_landing([landing])
    (landing / "a.csv").write_text(HEADER + ROW.replace("1500", "2500"))
    with pytest.raises(UnusableInput) as error:
        load_placements(survey, path, PseudonymisationKey.of("x" * 40))
    assert "another content than when it was first read" in str(error.value.faults[0])
    with database.connect(path) as connection:
        assert connection.execute("select count(*) from raw.source_file").fetchone() == (0,)


def test_a_file_that_is_swapped_while_it_is_read_is_read_as_it_was(placed, monkeypatch):
    landing, path = placed
    survey, read = survey_landing([landing]), snapshots.entry.read

    def swapped(connection, file, key):
        assert mode(file.path) == 0o600 and file.path.parent == path.parent
        (landing / "a.csv").write_text(HEADER + ROW.replace("1500", "2500"))
        return read(connection, file, key)

    monkeypatch.setattr(snapshots.entry, "read", swapped)
    assert load_placements(survey, path, PseudonymisationKey.of("x" * 40)) == {"a.csv": 1}
    with database.connect(path) as connection:
        assert connection.execute("select gross_weekly_gbp from raw.placement").fetchall() == [(1500,)]
    assert sorted(file.name for file in path.parent.iterdir()) == ["warehouse.duckdb"]


# --- files that are not what they seem --------------------------------------------------------------------------------


@pytest.mark.parametrize("planted", ["\0", "\x1b[31m", "\x07"])
def test_a_csv_with_control_characters_far_below_is_refused(tmp_path, planted):
    (tmp_path / "a.csv").write_text(HEADER + ROW * 6000 + ROW.replace("Oak", planted) + ROW)
    assert (tmp_path / "a.csv").stat().st_size > 1 << 18
    [fault] = survey_landing([tmp_path]).faults
    assert "bytes that are not text" in fault.found


@pytest.mark.parametrize("kind", sampled(["csv", "parquet"], 1))
def test_a_snapshot_of_thousands_of_columns_is_refused_at_once(tmp_path, kind):
    names = HEADER.strip().split(",") + [f"n{number}" for number in range(5000)]
    cells = ROW.strip().split(",") + ["x"] * 5000
    (tmp_path / "a.csv").write_text(",".join(names) + "\n" + ",".join(cells) + "\n")
    shipped_mappings()
    if kind == "parquet":
        with duckdb.connect() as connection:
            connection.execute(f"copy (select * from read_csv('{tmp_path}/a.csv', all_varchar = true)) "
                               f"to '{tmp_path}/b.parquet'")
        (tmp_path / "a.csv").unlink()
    started = time.process_time()
    [fault] = survey_landing([tmp_path]).faults
    assert "5,008 columns" in fault.found and "at most 500" in fault.expected
    assert time.process_time() - started < 10


def test_the_name_of_a_column_does_not_reach_the_terminal_as_a_code(tmp_path, placed):
    landing, path = placed
    (landing / "a.csv").unlink()
    with duckdb.connect() as connection:
        named = zip(HEADER.strip().split(","), ROW.strip().split(","))
        columns = ", ".join(f"'{cell}' as {name}" for name, cell in named)
        connection.execute(f"copy (select {columns}, 'x' as \"\x1b[2J\x1b]0;gone\x07\") "
                           f"to '{landing}/a.parquet' (format parquet)")
    code, output = run("check", landing)
    assert code == 0 and "\x1b" not in output and "\\x1b[2J" in output
    load_placements(survey_landing([landing]), path, PseudonymisationKey.of("x" * 40))
    with database.connect(path) as connection:
        assert connection.execute("select column_name from raw.snapshot_column where field is null").fetchall() == [
            ("\\x1b[2J\\x1b]0;gone\\x07",)]


def test_nothing_that_is_printed_is_read_by_the_terminal(capsys):
    for console in (cli.out, cli.err):
        console.file = None
        console.print("a\x1b[31mred \u202egnp.exe [bold]£1\xa0000[/bold]\nnext\tcell")
    shown = capsys.readouterr()
    for text in shown:
        assert "a\\x1b[31mred \\u202egnp.exe [bold]£1\xa0000[/bold]\nnext" in text


@pytest.mark.parametrize("content", [HEADER.encode() + ROW.encode(), b""])
def test_a_name_that_is_not_utf_8_is_named_and_refused(tmp_path, content):
    try:
        Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.csv")).write_bytes(content)
    except OSError:
        pytest.skip("this file system takes no such name")
    code, output = run("check", tmp_path)
    assert code == 2 and "caf\\udce9.csv" in output and "a name that is not UTF-8" in output


# --- a damaged home ---------------------------------------------------------------------------------------------------


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    home = Home(tmp_path / "home")
    home.staged.mkdir(parents=True)
    (home.staged / "x").write_text("x")
    code, output = run("refresh", "--home", home.folder)
    assert code == 1 and "incoming.duckdb in the home is in the way" in output and "move it away" in output
    assert "incoming.duckdb is a folder" in run("status", "--home", home.folder)[1]
    assert (home.staged / "x").read_text() == "x"


@pytest.mark.parametrize("damage", ["text", "a folder", "zeros", "cut"])
def test_a_damaged_warehouse_is_called_damaged(tmp_path, damage):
    home = Home(tmp_path / "home")
    warehouse.prepare(home.warehouse)
    content = home.warehouse.read_bytes()
    home.warehouse.unlink()
    if damage == "a folder":
        home.warehouse.mkdir()
    else:
        home.warehouse.write_bytes({"text": b"not a database" * 1000, "cut": content[:9000],
                                    "zeros": content[:4096] + bytes(len(content) - 4096)}[damage])
    with (pytest.raises(Damaged, match=r"warehouse\.duckdb is (damaged|a folder) .*Next: move it away"),
          database.connect(home.warehouse) as connection):
        connection.execute("select * from raw.source_file").fetchall()
    assert "damaged: warehouse.duckdb is" in run("status", "--home", home.folder)[1]


@pytest.mark.parametrize("content", ["{", "[]", '{"sha256": []}', "null"])
def test_a_damaged_manifest_is_called_damaged(tmp_path, content):
    home = Home(tmp_path / "home")
    (home.published_folder / "releases" / "r1").mkdir(parents=True)
    home.manifest.write_text(content)
    home.published.write_bytes(b"x")
    code, output = run("status", "--home", home.folder)
    assert code == 1 and "no complete release" in output
    assert "damaged: manifest.json is damaged" in output and "refresh --force" in output


# --- how a run ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_a_run_in_words(tmp_path, name):
    waiting = ("import time; from orchestration import cli\n"
               "def work(): print('begun', flush=True); time.sleep(60)\n"
               "cli.app.command('wait')(lambda: cli._guarded(work, None)); cli.app(['wait'])")
    with subprocess.Popen([sys.executable, "-c", waiting], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == (f"Stopped by {'hand' if name == 'SIGINT' else name}. Nothing was published; the last release stays "
                    "up.\n")


def test_too_few_addresses_are_said_before_the_run(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1 << 30, 1 << 30))
    with pytest.raises(RunStopped, match=r"Memory is short: this process may address 1\.1 GB.*ulimit -v"):
        _require_memory()
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)
    _require_memory()


def test_memory_that_runs_out_is_said(capsys):
    import typer

    def work():
        raise MemoryError

    with pytest.raises(typer.Exit):
        cli._guarded(work, None)
    assert "Memory is short" in capsys.readouterr().err


def test_a_fault_keeps_what_identifies_no_one():
    assert "2026-03-31" in str(Fault("a", "b", "3 rows on 2026-03-31", "c", "d"))
