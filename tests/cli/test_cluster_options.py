"""What can be wrong with a cluster before any work is done, in words. The cluster itself: tests/cluster."""

import importlib.util
import socket

import pytest
from typer.testing import CliRunner

from orchestration import cli, cluster
from orchestration.faults import RunStopped
from orchestration.home import Home

ADDRESS = "spark://127.0.0.1:7077"


@pytest.fixture
def run(tmp_path):
    return lambda *more: CliRunner().invoke(cli.app, ["refresh", "--home", str(tmp_path / "home"), *more])


@pytest.fixture
def with_extra(monkeypatch, tmp_path):
    """As if the extra and a Java were installed: nothing of them is used."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))


@pytest.mark.parametrize(("options", "said"), [
    (["--master", ADDRESS], "--master and --shared are for --engine spark"),
    (["--shared", "folder"], "--master and --shared are for --engine spark"),
    (["--engine", "spark"], "--master spark://HOST:PORT"),
    *((["--engine", "spark", "--master", address], "is no address of a standalone Spark master") for address in (
        "127.0.0.1:7077", "spark://127.0.0.1", "local[2]", "yarn", "spark://a:1,", "spark://user@host:7077"))])
def test_options_that_do_not_go_together_exit_2(run, tmp_path, options, said):
    result = run(*options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "home").exists()


def test_without_the_extra_the_user_reads_how_to_install_it(run, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = run("--engine", "spark", "--master", ADDRESS)
    assert result.exit_code == 1
    assert "pip install 'carequartile[spark]'" in result.stderr


def test_without_java_the_user_reads_what_to_install(run, with_extra, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("--engine", "spark", "--master", ADDRESS)
    assert result.exit_code == 1
    assert "Spark needs Java 17" in result.stderr and "Next: install a Java runtime" in result.stderr


def test_a_master_that_does_not_answer_ends_the_run_before_the_work(run, with_extra, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # Taken, but no one listens there.
        result = run("--engine", "spark", "--master", f"spark://127.0.0.1:{unused.getsockname()[1]}")
    assert result.exit_code == 1
    assert "The Spark master does not answer" in result.stderr and "Next: start the master" in result.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("address", ["spark://no-such-host.invalid:7077", "spark://127.0.0.1:99999"])
def test_an_address_that_leads_nowhere_is_as_one_that_does_not_answer(run, with_extra, address):
    result = run("--engine", "spark", "--master", address)
    assert result.exit_code == 1
    assert "The Spark master does not answer" in result.stderr


def test_of_several_masters_one_must_answer(with_extra, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as master:
        address = f"spark://no-such-host.invalid:7077,127.0.0.1:{master.getsockname()[1]}"
        cluster.Cluster(address, Home(tmp_path)).require()


def test_a_shared_folder_must_be_there(run, with_extra, tmp_path):
    result = run("--engine", "spark", "--master", ADDRESS, "--shared", str(tmp_path / "not-mounted"))
    assert result.exit_code == 2
    assert "is no folder that this user may write to" in result.stderr
    assert not (tmp_path / "not-mounted").exists()


@pytest.mark.parametrize("trace", [
    "\n\tat org.apache.spark.Some.thing(Some.scala:1)", "\n\nJVM stacktrace:\norg.apache.spark.SparkException",
    "\n\nDriver stacktrace:\n", "\nCaused by: java.io.IOException", "\nNext: if you changed a model"])
def test_of_what_spark_says_the_user_reads_the_words(trace, monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "_version", lambda: "4.3.0")
    of = cluster.Cluster(ADDRESS, Home(tmp_path))
    with pytest.raises(RunStopped) as stopped, of._in_words("could not build the tables"):
        raise RunStopped(f"- model int_line: Job aborted{trace}")
    assert "could not build the tables: - model int_line: Job aborted\nNothing was published" in str(stopped.value)
    assert "spark.log" in str(stopped.value) and str(stopped.value).count("Next: ") == 1


def test_a_file_that_a_worker_does_not_see_names_the_folder(tmp_path):
    of = cluster.Cluster(ADDRESS, Home(tmp_path))
    with pytest.raises(RunStopped, match="does not see a file") as stopped, of._in_words("could not build the tables"):
        raise OSError("[FAILED_READ_FILE.FILE_NOT_EXIST] Error while reading file")
    assert str(of.folder) in str(stopped.value) and "--shared" in str(stopped.value)


def test_homes_that_share_a_folder_do_not_meet_there(tmp_path):
    folders = {cluster.Cluster(ADDRESS, Home(tmp_path / name), tmp_path / "shared").folder for name in "ab"}
    assert len(folders) == 2 and {folder.parent for folder in folders} == {tmp_path / "shared"}
