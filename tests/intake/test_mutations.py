"""Proves that a spoiled file is refused in words or read as it is printed, whatever was done to it.

Whole files of every layout are spoiled in every way, some workbooks are malicious, and some texts are SQL. A
sample is tried here, 150 files at random in `make test-full` and thousands in `make test-faults`.
"""

from collections import Counter

import builders
import mutations
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.home import Home
from orchestration.refresh import refresh
from orchestration.survey import survey_landing

SAMPLE = mutations.sample()


@pytest.mark.parametrize("number", sampled(range(len(SAMPLE)), 10), ids=lambda number: f"{SAMPLE[number][0]}-{number}")
def test_a_spoiled_file_is_refused_in_words_or_read_as_printed(tmp_path, number):
    (tmp_path / "spoiled").mkdir()
    spoiled = mutations.spoil_of_sample(number, tmp_path / "spoiled")
    how, why = mutations.judge(spoiled)
    assert how != "traceback" and not why, f"{spoiled.of}: {spoiled.how}: {how}: {why}"


def test_the_sample_has_every_layout_and_every_kind_of_spoiling():
    assert {of for of, _, _ in SAMPLE} == {*builders.EVERY, *builders.BOOKS, *mutations.SNAPSHOTS}
    books = {(of, kind) for of, kind, _ in SAMPLE if of in builders.BOOKS}
    assert books == {(of, kind) for of in builders.BOOKS for kind in mutations.BOOK_KINDS}
    assert {(kind, changes) for of, kind, changes in SAMPLE if of not in builders.BOOKS} == set(mutations.KINDS)


@pytest.mark.full
def test_files_spoiled_at_random_are_refused_in_words_or_read_as_printed(tmp_path):
    ended, wrong = Counter(), []
    for spoiled, how, why in mutations.run(150, tmp_path, seed=7):
        ended[how] += 1
        if why:
            wrong.append(f"{spoiled.of}: {spoiled.how}: {how}: {why}")
    assert not wrong, "\n".join(wrong)
    assert ended["refused"] > 30 and ended["read as printed"] > 30 and not ended["traceback"]


# What each must say; a workbook that is read must be read as its sheet prints it.
SAID = {
    "a billion laughs in the sheet": "cannot be opened as a workbook", "a zip bomb": "bytes once unpacked",
    "a sheet that unpacks to a gigabyte": "bytes once unpacked",
    "a cell in the last corner": "a sheet of 1,048,576 rows",
    "no sheet inside": "cannot be opened as a workbook", "half an archive": "cannot be opened as a workbook",
    "a formula without its result": "'=1+1'", "an error where a number should be": "'#REF!'",
}


# Half a gigabyte is written and packed for these: the bomb is the sample of both.
LARGE = "a sheet that unpacks to a gigabyte"


@pytest.mark.parametrize("name", [
    *sampled([name for name in mutations.HARMFUL if name != LARGE], 4), pytest.param(LARGE, marks=pytest.mark.full)])
def test_a_malicious_workbook(tmp_path, name):
    spoiled = mutations.harmful(name, tmp_path)
    (file,) = survey_landing([tmp_path]).files
    if name in SAID:
        assert file.faults and SAID[name] in str(file.faults[0])
    else:
        file_of = builders.write_csv(tmp_path / "clean" / "c.csv", builders.EVERY[spoiled.of]())
        clean = survey_landing([file_of]).files[0]
        assert [row[0] for row in mutations.items(file)] == [row[0] for row in mutations.items(clean)]
        everything = str(file.file.grids)
        assert "lollol" not in everything and "root:" not in everything
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_record_above_the_header_is_not_ignored(tmp_path):
    grid = builders.EVERY["descriptions_2019-20"]()
    grid[0], grid[4] = grid[4], grid[0]
    (file,) = survey_landing([builders.write_csv(tmp_path / "swapped.csv", grid)]).files
    assert "above the header, which is row 5" in str(file.faults[0])


@pytest.mark.parametrize(("name", "header", "row"), [
    ("ruling", 1, 2), ("placement_band", 1, 2), ("pssex1_2010-11", 3, 5)])
def test_values_above_the_header_are_not_ignored(tmp_path, name, header, row):
    grid = builders.copied(builders.EVERY[name]())
    grid[header - 1], grid[row - 1] = grid[row - 1], grid[header - 1]
    (file,) = survey_landing([builders.write_csv(tmp_path / "swapped.csv", grid)]).files
    assert any(f"above the header, which is row {row}" in str(fault) for fault in file.faults)


def test_a_header_among_the_records_is_not_a_record(tmp_path):
    grid = builders.EVERY["lower_tier_history"]()
    (file,) = survey_landing([builders.write_csv(tmp_path / "joined.csv", [*grid, *grid])]).files
    assert (file.faults[0].row, file.faults[0].found) == (len(grid) + 1, "the header again")


NASTY = ["'; drop table marts.fct_figure; --", "\" or 1=1 --", "%", "../../../etc/passwd", "x" * 100_000, "\u202e",
         "{{ 1 }}", "a\nb", "-1", "[bold]", "$(id)", "\ud83d"]


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:12]))
def test_sql_and_worse_as_a_parameter(embedded_home, text, monkeypatch):
    for arguments in (["lineage", "--home", str(embedded_home.folder), "--", text],
                      ["refresh", "--home", str(embedded_home.folder), f"--as-known-on={text}"],
                      ["check", "--", text], ["status", f"--home={text}/none"]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2, (arguments[0], result.output[:500])
        assert "Traceback" not in result.output


@pytest.mark.faults
def test_a_home_and_a_landing_of_any_name(tmp_path):
    home = Home(tmp_path / "o'brien; drop table raw.cell; -- \"home\" %s {{x}}")
    landing = tmp_path / "landing '); --"
    landing.mkdir()
    builders.write_csv(landing / "a'b;c.csv", builders.EVERY["long"]())
    assert refresh([landing], home).is_new
    assert refresh([landing], home, is_forced=True).manifest["releases"][0]["file_name"] == "a'b;c.csv"
