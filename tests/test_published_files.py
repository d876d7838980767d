"""The published files as they are: those a layout describes read whole, and no other is taken for one of them."""

import pytest

from orchestration import raw

pytestmark = pytest.mark.published

KNOWN = {
    "pssex1/2008-09/pers-soc-serv-exp-unit-cost-eng-2008-09-units (1).csv": ("2008-09", 150, 28_992, "utf-8-sig"),
    "pssex1/2009-10/Final_Council Level_DetailedUnitcosts_200910.csv": ("2009-10", 152, 19_737, "cp1252"),
    "pssex1/2010-11/Final_Council_Level_Unit_Costs_Data_2010-11.csv": ("2010-11", 152, 27_540, "cp1252"),
    "pssex1/2012-13/Annex_Fin_CASSR_Level_Unit_Costs_2012_13.csv": ("2012-13", 152, 27_540, "cp1252"),
    "pssex1/2013-14/Annex_Final_CASSR_Level_Unit_Costs_2013_14.csv": ("2013-14", 152, 27_540, "cp1252"),
    "ascfr/2014-15/pss-exp-eng-14-15-fin-coun-lev-unit-cost.csv": ("2014-15", 152, 34_992, "cp1252"),
}


@pytest.fixture(scope="module")
def surveyed(published_returns):
    return {file.file.name: file for file in raw.survey([published_returns]).files}


@pytest.mark.parametrize("name", KNOWN)
def test_a_published_file_reads_whole(surveyed, name):
    year, councils, cells, encoding = KNOWN[name]
    file = surveyed[name]
    assert [str(fault) for fault in file.faults] == []
    [reading] = file.readings
    assert (reading.financial_years, reading.status) == ([year], "final")
    assert (len(reading.councils), len(reading.cells), file.file.encoding) == (councils, cells, encoding)
    grid = file.file.sheets[""]
    assert all(cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.cells)


def test_no_other_published_file_is_taken_for_a_known_one(surveyed):
    others = {name: file for name, file in surveyed.items() if name not in KNOWN}
    assert len(others) > 15
    assert {name: file.status for name, file in others.items() if file.status != "not_recognised"} == {}


def test_every_published_file_is_opened(surveyed):
    assert all(file.file.sheets for file in surveyed.values())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", KNOWN)
def test_a_published_file_cut_short_is_never_loaded(published_returns, tmp_path, name, share):
    lines = (published_returns / name).read_bytes().splitlines(keepends=True)
    table = [number for number, line in enumerate(lines) if line.count(b",") > 50]
    england = max(number for number in table if lines[number].strip(b",\r\n"))
    at_a_row = b"".join(lines[:int(england * share)])
    in_a_row = b"".join(lines[:england])[:int(len(b"".join(lines[:england])) * share)]
    for content in (at_a_row, in_a_row):
        (tmp_path / "cut.csv").write_bytes(content)
        [file] = raw.survey([tmp_path / "cut.csv"]).files
        assert file.faults or file.status == "not_recognised"
