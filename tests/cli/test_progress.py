"""Proves that who waits is told: step, count, time left, no long silence; and nothing where that is asked for."""

import io
import shutil
import time

import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration import progress, transform
from orchestration.cli import app
from orchestration.home import Home


class Heard:
    def __init__(self):
        self.told = []

    def step(self, name):
        self.told.append(name)

    def reached(self, done, of, what):
        self.told.append((done, of, what))

    def line(self, text):
        self.told.append(text)


def run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_a_place_in_words_has_count_time_so_far_and_time_left():
    at = progress.Standing(step="marts", done=30, of=120, what="tables", began=100.0)
    assert at.in_words(110.0) == "marts: 30 of 120 tables, 10 s so far, about 30 s left"
    assert progress.Standing(step="gate A", began=100.0).in_words(104.0) == "gate A: 4 s so far"
    assert progress.Standing(("raw", "marts"), "marts").place == "2/2 "


def test_silence_ends_with_where_the_command_stands():
    written = []
    lines = progress.Lines(written.append, silence=0.1)
    with lines.watched(), progress.heard_by(lines):
        progress.step("marts")
        progress.reached(3, 9, "tables")
        lines.line("marts have begun")
        time.sleep(0.5)
    assert written[0] == "marts have begun" and written[1].startswith("marts: 3 of 9 tables, 0 s so far")
    n = len(written)
    time.sleep(0.2)
    assert len(written) == n, "nothing is written after the end"


def test_lines_that_come_leave_no_silence_to_fill():
    written = []
    lines = progress.Lines(written.append, silence=5)
    with lines.watched():
        for number in range(3):
            lines.line(str(number))
            time.sleep(0.02)
    assert written == ["0", "1", "2"]


def test_the_bar_of_a_terminal_has_step_and_count_and_keeps_lines_above():
    file = io.StringIO()
    bar = progress.Bar(Console(file=file, force_terminal=True, width=100), ("raw", "conform"))
    with bar.progress, progress.heard_by(bar):
        progress.step("conform")
        progress.reached(40, 88, "tables")
        bar.line("[b] is no markup of ours: :smile:")
        bar.progress.refresh()
    assert "2/2 conform" in file.getvalue() and "40 of 88 tables" in file.getvalue()


def test_no_one_hears_what_is_told_after_the_block():
    heard = Heard()
    with progress.heard_by(heard):
        progress.step("raw")
    progress.step("conform")
    assert heard.told == ["raw"]


@pytest.fixture
def copied_home(embedded_home, tmp_path):
    shutil.copytree(embedded_home.folder, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


def test_dbt_tells_of_each_table_and_each_test_as_it_ends(copied_home):
    heard = []
    results = transform.run_dbt(copied_home, ["dim_measure", "dim_council"],
                                told=lambda name, done, of, what: heard.append((name, done, of, what)))
    tables = [one for one in heard if one[3] == "tables"]
    tests = [one for one in heard if one[3] == "tests"]
    assert {name for name, *_ in tables} == {"dim_measure", "dim_council"}
    assert [(done, of) for _, done, of, _ in tables] == [(1, 2), (2, 2)]
    assert [done for _, done, _, _ in tests] == list(range(1, len(tests) + 1)) and tests
    assert len(results) == len(tables) + len(tests)


def test_a_quiet_refresh_of_what_is_published_says_nothing(embedded_home):
    assert run("refresh", "--quiet", "--home", embedded_home.folder) == (0, "")
    assert "nothing new" in run("refresh", "--home", embedded_home.folder)[1]


def test_a_quiet_refresh_still_says_what_is_wrong(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    code, text = run("refresh", "--quiet", "--home", tmp_path / "home", "--landing", tmp_path / "x.csv")
    assert code == 2 and "x.csv" in text


def test_a_quiet_report_writes_the_page_and_says_nothing(embedded_home, tmp_path):
    assert run("report", "stockton", "--quiet", "--home", embedded_home.folder, "--out", tmp_path) == (0, "")
    assert (tmp_path / "stockton-on-tees-114.html").is_file()


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert run("--version") == (0, f"carequartile {version('carequartile')}\n")
