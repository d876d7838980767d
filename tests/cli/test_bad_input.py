"""Proves that what people land by mistake ends the command with a message that names it, and publishes nothing."""

import errno
import json
import os
import random
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import builders
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration import cli, database, faults, publish
from orchestration.home import Home, project_folder

GOOD = ("good.csv", lambda: builders.csv_bytes(builders.pssex1("2010-11")))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in a separate folder and returns its exit code and everything it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAREQUARTILE_HOME", raising=False)

    def invoke(*arguments):
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        output = result.stdout + result.stderr
        assert "Traceback" not in output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Carequartile failed" not in output
        return result.exit_code, output

    return invoke


@pytest.fixture
def landing(tmp_path):
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


def bent(build, bend):
    grid = builders.copied(build())
    bend(grid)
    return builders.csv_bytes(grid, "utf-8-sig")


def ex1(year="2012-13"):
    return builders.pssex1(year)


def cut(grid, share):
    content = builders.csv_bytes(grid)
    return content[:int(len(content) * share)]


def cut_at_a_row(grid):
    return b"".join(builders.csv_bytes(grid).splitlines(keepends=True)[:9])


def cut_inside_a_quote(grid):
    content = builders.csv_bytes(grid)
    return content[:content.index(b'"1,', len(content) // 2) + 3]


def set_cell(row, column, text):
    return lambda grid: grid[row - 1].__setitem__(column - 1, text)


# Name of the file, its bytes, and what the message must hold in addition to the name.
REFUSED = {
    "cut in a row": ("cut.csv", lambda: cut(ex1(), 0.93), ["file_complete", "cut short"]),
    "cut at a row": ("cut.csv", lambda: cut_at_a_row(ex1()), ["file_complete", "no row for England"]),
    "cut inside a quote": ("cut.csv", lambda: cut_inside_a_quote(ex1()), ["file_complete", "a quote is never closed"]),
    "cut in the references": ("cut.csv", lambda: cut(ex1(), 0.7), ["row 5, column", "the row ends at column"]),
    "cut in the header": ("cut.csv", lambda: builders.csv_bytes(ex1())[:9000], ["cut.csv"]),
    "column renamed": ("r.csv", lambda: bent(ex1, set_cell(3, 37, "Cost")), ["column AK (37)", "'Cost'",
                       "2.10 unit_cost", "Average gross weekly expenditure"]),
    "column missing": ("m.csv", lambda: bent(ex1, lambda grid: [row.pop(36) for row in grid]),
                       ["row 3, column AK (37)", "a column is missing", "2.10 unit_cost"]),
    "column added": ("a.csv", lambda: bent(ex1, lambda grid: [row.insert(36, "9" if 5 < number < 13 else "")
                                                              for number, row in enumerate(grid, 1)]),
                     ["row 3, column AK (37)"]),
    "text for a number": ("t.csv", lambda: bent(ex1, set_cell(8, 37, "see note")),
                          ["row 8, column AK (37), council 114", "'see note'", "cell_is_number_or_marker"]),
    "council twice": ("d.csv", lambda: bent(ex1, lambda grid: grid.insert(8, list(grid[7]))),
                      ["council 114 appears 2 times"]),
    "unknown council": ("u.csv", lambda: bent(ex1, set_cell(8, 1, "141 - Stocktn on Tees")), ["nearest: 114 Stockton"]),
    "council of another year": ("y.csv", lambda: bent(ex1, set_cell(8, 1, "610 - Bedfordshire")),
                                ["2000-04-01 to 2009-03-31", "not on 2013-03-31"]),
    "SQL for a council": ("s.csv", lambda: bent(ex1, set_cell(8, 1, "114'; drop table raw.cell; --")), ["drop table"]),
    "a formula": ("f.csv", lambda: bent(ex1, set_cell(8, 37, "=HYPERLINK(\"x\")")), ["=HYPERLINK"]),
    "a huge cell": ("h.csv", lambda: bent(ex1, set_cell(8, 37, "x" * 2_000_000)), ["2,000,002 characters"]),
    "a cell beyond all measure": ("h.csv", lambda: bent(ex1, set_cell(8, 37, "x" * 11_000_000)), ["file_complete"]),
    "no year in the title": ("n.csv", lambda: bent(ex1, set_cell(1, 1, "Unit costs")), ["financial_year_printed"]),
    "another year in the title": ("n.csv", lambda: bent(ex1, set_cell(1, 1, "Unit costs 2011-12")),
                                  ["31 March 2013", "31 March 2012, the end of 2011-12"]),
    "header only": ("o.csv", lambda: builders.csv_bytes(ex1()[:5]), ["no row for England and no council"]),
    "wide, header only": ("o.csv", lambda: builders.csv_bytes(builders.ascfr()[:2]), ["line_complete", "0 lines"]),
    "register, header only": ("o.csv", lambda: builders.csv_bytes(builders.peer_set()[:1]), ["a header without rows"]),
    "empty": ("e.csv", lambda: b"", ["an empty file"]),
    "whitespace": ("e.csv", lambda: b" \n\n\t ", ["an empty file"]),
    "a picture": ("p.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), ["bytes that are not text"]),
    "an archive": ("z.csv", lambda: b"PK\x03\x04" + bytes(64), ["bytes that are not text"]),
    "garbage called xlsx": ("g.xlsx", lambda: b"PK\x03\x04" + random.Random(4).randbytes(900),
                            ["cannot be opened as a workbook"]),
    "garbage called xls": ("g.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900),
                           ["cannot be opened as a workbook"]),
    "garbage called parquet": ("g.parquet", lambda: b"PAR1" + bytes(99) + b"PAR1", ["cannot be read as Parquet"]),
    "another kind": ("g.pdf", lambda: b"%PDF-1.7", ["'.pdf'"]),
}
UNKNOWN = {
    "another table": ("k.csv", lambda: b"ward,population\nA,10\n", ["no layout knows it"]),
    "another delimiter": ("w.csv", lambda: builders.csv_bytes(builders.peer_set(), delimiter="^"), ["no layout knows"]),
    "commas alone": ("c.csv", lambda: b",,,\n,,\n", ["no layout knows it, and none is near"]),
    "prose": ("t.csv", lambda: b"Dear all,\nthe return follows, see 2012-13.", ["no layout knows it"]),
}


@pytest.mark.parametrize("command", ["check", "refresh"])
@pytest.mark.parametrize("name", sampled(REFUSED, 8))
def test_unusable_input_exits_2_and_publishes_nothing(run, tmp_path, landing, name, command):
    called, content, expected = REFUSED[name]
    (landing / called).write_bytes(content())
    path = landing / called
    code, output = run("check", path) if command == "check" else run("refresh", "--landing", path, "--home", "home")
    assert code == 2, output
    assert called in output
    for text in expected:
        assert text in output
    assert len(output) < 100_000
    assert not Home(tmp_path / "home").published_folder.exists()
    if command == "check":
        assert [path.name for path in tmp_path.iterdir()] == ["landing"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_file_that_no_layout_knows_prints_one_line(run, tmp_path, landing, name):
    called, content, expected = UNKNOWN[name]
    (landing / called).write_bytes(content())
    code, output = run("check", landing / called)
    assert code == 3 and len(output.splitlines()) == 1 and output.startswith(f"{called}: ")
    assert all(text in output for text in expected)
    code, output = run("refresh", "--landing", landing / called, "--home", "home")
    assert code == 2 and called in output and "Next:" in output and "pssex1_unit_costs" not in output
    assert not Home(tmp_path / "home").published_folder.exists()


def test_nothing_of_a_landing_with_one_bad_file_is_loaded_where_the_user_is_strict(run, tmp_path, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (landing / "bad.csv").write_bytes(cut(ex1(), 0.7))
    code, output = run("refresh", "--landing", landing, "--home", "home", "--strict")
    assert code == 2
    assert "1 of 2 files cannot be used; nothing was loaded" in output
    assert not (tmp_path / "home" / "warehouse.duckdb").exists()


def test_in_a_folder_unknown_files_are_named_and_skipped(run, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (landing / "wards.csv").write_bytes(b"ward,population\nA,10\n")
    (landing / "notes.docx").write_bytes(b"PK")
    (landing / "deep" / "er").mkdir(parents=True)
    (landing / "deep" / "er" / "peers.csv").write_bytes(builders.csv_bytes(builders.peer_set()))
    (landing / ".hidden.csv").write_bytes(b"rubbish")
    (landing / ".git").mkdir()
    (landing / ".git" / "x.csv").write_bytes(b"rubbish")
    (landing / "~$good.xlsx").write_bytes(b"rubbish")
    code, output = run("check", landing)
    assert code == 0, output
    lines = [line for line in output.splitlines() if not line.startswith("  odd: ")]
    assert len(lines) == 4
    assert lines[0].startswith("deep/er/peers.csv: carequartile_peer_set")
    assert lines[1].startswith("good.csv: pssex1_unit_costs (PSS EX1 unit costs by council), 2010-11, final, "
                               "6 councils, 7 rows, 1,260 cells")
    assert lines[2].startswith("wards.csv: no layout knows it")
    assert lines[3].startswith("notes.docx: skipped")


def test_a_folder_of_unknown_files_alone_exits_3(run, landing):
    (landing / "wards.csv").write_bytes(b"ward,population\nA,10\n")
    code, output = run("check", landing)
    assert code == 3
    assert output.splitlines() == ["wards.csv: no layout knows it, and none is near"]


def test_check_as_json_says_what_the_text_says(run, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (landing / "wards.csv").write_bytes(b"ward,population\nA,10\n")
    (landing / "notes.docx").write_bytes(b"PK")
    code, output = run("check", "--json", landing)
    found = json.loads(output)
    good, wards = found["files"]
    assert code == 0 and found["skipped"] == ["notes.docx"]
    assert (good["file"], good["status"], good["faults"]) == ("good.csv", "loaded", [])
    [sheet] = good["sheets"]
    assert (sheet["layout"], sheet["financial_years"], sheet["councils"], sheet["cells"]) == (
        "pssex1_unit_costs", ["2010-11"], 6, 1_260)
    assert wards["status"] == "not_recognised" and wards["reason"] == "no layout knows it, and none is near"
    (landing / "bad.csv").write_bytes(cut(ex1(), 0.7))
    code, output = run("check", "--json", landing / "bad.csv")
    [bad] = json.loads(output[:output.rindex("}") + 1])["files"]
    assert code == 2 and bad["status"] == "refused" and bad["faults"][0]["rule"] and bad["faults"][0]["next_step"]


def test_no_file_at_all_to_check(run, landing):
    assert run("check", landing)[0] == 3
    (landing / "readme.txt").write_text("x")
    code, output = run("check", landing)
    assert code == 3 and "readme.txt: skipped" in output and "nothing to check" in output


def test_no_file_at_all(run, landing):
    command = ["refresh", "--home", "home", "--landing"]
    assert run(*command, landing)[0] == 2
    (landing / "readme.txt").write_text("x")
    code, output = run(*command, landing)
    assert code == 2
    assert "No CSV, ODS, XLS, XLSX, Parquet or ZIP file was found (skipped: readme.txt)" in output


@pytest.mark.parametrize("path", ["nowhere.csv", "nowhere/at/all", "x" * 5000, "good.csv/inside"])
def test_a_missing_path(run, tmp_path, path):
    (tmp_path / "good.csv").write_bytes(b"x")
    code, output = run("check", path)
    assert code == 2
    assert path in output and "Next:" in output
    assert run("refresh", "--landing", path)[0] == 2


def test_no_argument_at_all(run):
    assert run("check")[0] == 2
    assert run("refresh", "--landing")[0] == 2
    assert run("refreshh")[0] == 2


def test_the_same_file_under_two_names_loads_once_and_is_reported(run, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (landing / "copy of good.csv").write_bytes(GOOD[1]())
    code, output = run("check", landing)
    assert code == 0
    assert "good.csv: pssex1_unit_costs" in output and "the same content as copy of good.csv" in output


def test_a_workbook_with_the_wrong_sheet_alone(run, landing):
    builders.write_xlsx(landing / "x.xlsx", {"Contents": [["Contents"], ["Unit costs"]], "Chart": [["1", "2"]]})
    code, output = run("check", landing / "x.xlsx")
    assert code == 3
    assert "x.xlsx: no layout knows it" in output


def test_a_utf_16_file_is_read(run, landing):
    (landing / "x.csv").write_bytes(builders.csv_bytes(builders.pssex1("2012-13"), "utf-16"))
    assert run("check", landing)[0] == 0


NAMES = ["it's.csv", 'a "b".csv', "[bold]x[red].csv", "[].csv", "a[1].csv", "x:warning:.csv", "new\nline.csv",
         "esc\x1b[31m.csv", "tab\t.csv", "£ & ü.csv", "*.csv", "-rf.csv", "a\\.csv", "{x}.csv", "%s.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is_and_never_interpreted(run, landing, name):
    shown = name.replace("\n", "\\n").replace("\x1b", "\\x1b").replace("\t", "\\t")
    (landing / name).write_bytes(builders.csv_bytes(builders.peer_set()))
    code, output = run("check", landing)
    assert (code, output.startswith(f"{shown}: carequartile_peer_set")) == (0, True), output
    (landing / name).write_bytes(b"")
    code, output = run("check", landing)
    assert code == 2
    assert f"{shown}: unusable" in output and f"\n{shown}\n" in output


def test_a_name_that_is_not_text_is_shown_escaped(run, landing):
    try:
        Path(os.fsdecode(bytes(landing) + b"/caf\xe9.csv")).write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes no such name")
    code, output = run("check", landing)
    assert code == 2
    assert "caf\\udce9.csv" in output


def test_markup_in_a_cell_is_shown_as_it_is(run, landing):
    (landing / "x.csv").write_bytes(bent(ex1, set_cell(8, 37, "[red]12[/red] :smile: \x1b[31m")))
    code, output = run("check", landing)
    assert code == 2 and "bytes that are not text" in output
    (landing / "x.csv").write_bytes(bent(ex1, set_cell(8, 37, "[red]12[/red] :smile:")))
    assert "'[red]12[/red] :smile:'" in run("check", landing)[1]


def test_a_folder_that_may_not_be_read(run, landing, monkeypatch):
    closed = landing / "closed"
    closed.mkdir()
    real = os.scandir

    def scandir(path):
        if str(path) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    code, output = run("check", landing)
    assert code == 2
    assert f"{closed} may not be read (Permission denied). Next:" in output


def test_a_file_that_may_not_be_read(run, landing, monkeypatch):
    (landing / GOOD[0]).write_bytes(GOOD[1]())

    real = Path.open

    def refuse(path, mode="r", **options):
        if path.name == GOOD[0]:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, mode, **options)

    monkeypatch.setattr(Path, "open", refuse)
    code, output = run("check", landing)
    assert code == 2
    assert "good.csv" in output and "Permission denied" in output and "file_readable" in output


def test_links_and_pipes(run, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (landing / "lost.csv").symlink_to("nowhere.csv")
    code, output = run("check", landing)
    assert code == 2 and "lost.csv" in output and "No such file" in output
    (landing / "lost.csv").unlink()
    (landing / "round").symlink_to(landing)
    (landing / "linked.csv").symlink_to(GOOD[0])
    os.mkfifo(landing / "pipe.csv")
    code, output = run("check", landing)
    assert code == 0, output
    assert "pipe.csv: skipped" in output and "round: skipped" in output
    assert run("check", landing / "pipe.csv")[0] == 2


def test_check_writes_nothing(run, tmp_path, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    assert run("check", landing)[0] == 0
    assert run("check", landing / "nothing.csv")[0] == 2
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_check_shows_every_fault_and_refresh_the_first(run, landing):
    def spoil(grid):
        for column in range(1, 41):
            grid[7][column] = "x"

    (landing / "x.csv").write_bytes(bent(ex1, spoil))
    assert run("check", landing)[1].count("cell_is_number_or_marker") == 40
    output = run("refresh", "--landing", landing, "--home", "home")[1]
    assert output.count("cell_is_number_or_marker") == cli.MOST_SHOWN
    assert "and 20 more; `carequartile check` shows every one" in output


def test_a_home_that_is_a_file(run, tmp_path, landing):
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    (tmp_path / "home").write_text("x")
    code, output = run("refresh", "--landing", landing, "--home", "home")
    assert code == 1
    assert "home" in output and "Next:" in output


# --- a disk that is full ----------------------------------------------------------------------------------------------


@pytest.fixture
def own_home(embedded_home, tmp_path):
    """A home with a release in it, for a test to damage."""
    shutil.copytree(embedded_home.folder, tmp_path / "own", symlinks=True)
    return Home(tmp_path / "own")


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def full_database(*_):
    import duckdb

    raise duckdb.IOException('Could not write all bytes to file "x": No space left on device')


def released(home):
    with database.connect(home.published, read_only=True) as connection:
        figures = connection.execute("select count(*) from marts.fct_figure").fetchone()
    return figures, publish.read_manifest(home)["run_id"], sorted(path.name for path in home.published_folder.iterdir())


@pytest.mark.parametrize(("step", "fail"), sampled([("_copy_tables", full_disk), ("_copy_tables", full_database),
                                                    ("_flush", full_disk), ("_switch", full_disk)], 1))
def test_a_full_disk_leaves_the_last_release_up(own_home, monkeypatch, step, fail):
    before = released(own_home)
    monkeypatch.setattr(publish, step, fail)
    with pytest.raises(publish.RunStopped, match=r"could not be written .*No space left on device.*last release stays"):
        publish.publish(own_home, "20990101T000000")
    assert released(own_home) == before
    assert not list((own_home.published_folder / "releases").glob(".building-*"))


@pytest.mark.full
def test_a_full_disk_through_the_command(run, own_home, monkeypatch):
    before = released(own_home)
    monkeypatch.setattr(publish, "_copy_tables", full_disk)
    code, output = run("refresh", "--home", own_home.folder, "--force")
    assert code == 1
    assert "No space left on device" in output and "the last release stays up" in output
    assert released(own_home) == before


def test_a_disk_too_full_to_store_the_cells(run, own_home, landing, monkeypatch):
    before = released(own_home)
    (landing / GOOD[0]).write_bytes(GOOD[1]())
    monkeypatch.setattr("orchestration.store.returns._store_readings", full_database)
    code, output = run("refresh", "--home", own_home.folder, "--landing", landing)
    assert code == 1
    assert re.search(r"No space left on device", output)
    assert released(own_home) == before


# --- one bad file among others ----------------------------------------------------------------------------------------


@pytest.mark.full
def test_one_bad_file_is_refused_and_the_others_are_published(run, tmp_path, landing):
    """The embedded return, the same cut short in an archive, and a snapshot with a renamed column."""
    file = next((project_folder() / "seeds" / "returns").glob("*.csv"))
    shutil.copy(file, landing)
    content = file.read_bytes()
    builders.write_zip(landing / "a.zip", {"cut.csv": content[: len(content) // 2] + b'"'})
    snapshot = next((project_folder() / "seeds" / "snapshots").glob("*.csv")).read_text("utf-8")
    (landing / "people.csv").write_text(snapshot.replace("person_reference", "who", 1), "utf-8")
    code, output = run("refresh", "--landing", landing, "--home", "home")
    assert code == 4, output
    assert "refused: a.zip/cut.csv: " in output and "refused: people.csv: " in output and "without 2 refused" in output
    manifest = publish.read_manifest(Home(tmp_path / "home"))
    [refused] = manifest["refused"]
    assert refused["file_name"] == "a.zip/cut.csv" and "fault" in refused["reason"] and manifest["releases"]
    # A file about people is named to who landed it, and nowhere in what is published.
    assert "people.csv" not in json.dumps(manifest)
    assert "not loaded: a.zip/cut.csv: refused: " in run("status", "--home", "home")[1]
    code, output = run("refresh", "--landing", landing, "--home", "home")
    assert code == 4 and "nothing new" in output


# --- small things that cost an afternoon ------------------------------------------------------------------------------


def test_a_path_without_its_option_is_told_the_option(run, tmp_path):
    code, output = run("refresh", tmp_path / "my files")
    assert code == 2 and f"carequartile refresh --landing '{tmp_path / 'my files'}'" in output
    assert not (tmp_path / ".carequartile").exists()


def test_a_day_that_no_return_was_known_on_ends_before_the_work(run, tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.refresh._materialize", lambda *_: pytest.fail("the work began"))
    code, output = run("refresh", "--as-known-on", "1990-01-01", "--home", "home")
    assert code == 2 and "its financial year ended, on 20" in output
    code, output = run("refresh", "--as-known-on", "2999-01-01", "--home", "other")
    assert code == 2 and "is in the future" in output and not (tmp_path / "other").exists()


@pytest.mark.parametrize("build", [
    lambda: builders.register("target", [["learning_disability_nursing_unit_cost", "*", "2012-13", "900", "a target"]]),
    lambda: builders.reference("population_bands")], ids=["a register", "a population"])
def test_nothing_but_a_register_in_a_new_home_says_what_is_missing(run, landing, build):
    builders.write_csv(landing / "alone.csv", build(), "utf-8-sig")
    code, output = run("refresh", "--landing", landing, "--home", "home")
    assert code == 2 and "No return or snapshot is in this landing or in this home" in output
    assert "run `carequartile refresh` without --landing first" in output


@pytest.mark.parametrize("command", [
    ["refresh", "--landing", ""], ["refresh", "--home", " "], ["report", "stockton", "--out", ""],
    ["rules", "--html", "--out", ""], ["review", "high_cost", "--council", "stockton", "--out", ""]], ids=" ".join)
def test_an_empty_path_is_not_taken_for_this_folder(run, tmp_path, command):
    code, output = run(*command)
    assert code == 2 and "it is empty, and would mean this folder" in " ".join(output.split())
    assert not list(tmp_path.iterdir())


def test_faults_that_differ_in_their_row_alone_are_one_with_a_count(run, landing):
    rows = [["999", "2009-02-28", "2010-02-28"]] * 150
    builders.write_csv(landing / "pairs.csv", builders.register("snapshot_pair", rows), "utf-8-sig")
    for command in (["check", landing], ["refresh", "--landing", landing, "--home", "home"]):
        code, output = run(*command)
        assert code == 2 and "pairs.csv, row 2, column A (1), and the same in 149 more rows" in output
        assert output.count("council_code is '999'") == 1


@pytest.mark.parametrize(("number", "words"), [
    (1, "1 cell is absent"), (2, "2 cells are absent"), (11, "11 cells are absent")])
def test_a_message_about_one_speaks_of_one(number, words):
    assert faults.in_number(f"{number} cells are absent") == words
    assert faults.counted(number, "file") == f"{number} file{'s' * (number > 1)}"


def test_rows_of_a_snapshot_that_were_rejected_are_named(capsys):
    snapshot = {"council": "Bury", "date": "2022-06-30", "lines": 645, "rejected": 5, "is_synthetic": False,
                "file_name": "march.csv"}
    of_no_return = SimpleNamespace(survey=None, is_new=True, findings=[], notes=[], manifest={
        "releases": [], "snapshots": [snapshot, snapshot | {"rejected": 0, "is_synthetic": True}]})
    cli._print_published(of_no_return)
    assert capsys.readouterr().out.splitlines() == [
        "snapshot of Bury, 2022-06-30: 645 lines, of which 5 rejected (march.csv)",
        "snapshot of Bury, 2022-06-30: 645 lines (synthetic) (march.csv)"]
