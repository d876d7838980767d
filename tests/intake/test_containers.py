"""Workbooks of every kind and archives: they are read alike, and nothing they do ends more than their own file.

The malicious files are made here; the limits are those of the product except where a test lowers one to reach it.
"""

import os
import time

import builders
import pytest

from orchestration.intake import workbook_process
from orchestration.intake.find import find_files
from orchestration.intake.open import LARGEST_FILE_BYTES, open_file
from orchestration.survey import survey_landing

GRID = builders.pssex1("2012-13")
CSV = builders.csv_bytes(GRID)
OTHER = builders.csv_bytes(builders.pssex1("2010-11"))
ROW, CELL = "<table:table-row>{}</table:table-row>", '<table:table-cell office:value-type="float" office:value="1"{}/>'


def statuses(*paths):
    return {file.file.name: file.status for file in survey_landing(list(paths)).files}


def fault_of(path, member=""):
    [fault] = open_file(path, path.name, member=member).faults
    assert fault.rule == "file_readable" and fault.next_step and path.name in str(fault)
    return fault.found


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_an_ods_gives_the_cells_of_the_xlsx(tmp_path):
    sheets = {"Notes & so on": [["A title"], ["[note 1]", "two\nlines"]], "Data": GRID}
    xlsx = open_file(builders.write_xlsx(tmp_path / "a.xlsx", sheets), "a.xlsx")
    ods = open_file(builders.write_ods(tmp_path / "a.ods", sheets), "a.ods")
    assert not ods.faults and list(ods.grids) == list(sheets)
    for name, grid in ods.grids.items():
        width = max(map(len, grid))
        padded = [[*row, *[""] * (width - len(row))] for row in xlsx.grids[name]]
        assert grid[:len(padded)] == [row[:width] for row in padded]
    assert statuses(tmp_path / "a.ods") == {"a.ods": "loaded"}


def test_a_merged_cell_of_an_ods_fills_its_first_cell_alone(tmp_path):
    merged = ('<table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>over both</text:p>'
              "</table:table-cell><table:covered-table-cell/>")
    (tmp_path / "a.ods").write_bytes(builders.ods_bytes({"A": ROW.format(merged) + ROW.format(CELL.format("") * 2)}))
    assert open_file(tmp_path / "a.ods", "a.ods").grids["A"] == [["over both", ""], ["1", "1"]]


def test_errors_and_formulas_without_a_result_are_not_blank_in_an_ods(tmp_path):
    error = ('<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
             'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>')
    formula = '<table:table-cell table:formula="of:=A1+1"/>'
    repeated = '<table:table-row table:number-rows-repeated="2">{}</table:table-row>'
    rows = (repeated.format(CELL.format(' table:number-columns-repeated="3"')) + ROW.format(
        CELL.format(' table:number-columns-repeated="2"') + error) + ROW.format(formula + CELL.format("")))
    (tmp_path / "a.ods").write_bytes(builders.ods_bytes({"Before": ROW.format(CELL.format("")), "A": rows}))
    grids = open_file(tmp_path / "a.ods", "a.ods").grids
    assert grids["A"] == [["1"] * 3, ["1"] * 3, ["1", "1", "#DIV/0!"], ["=A1+1", "1", ""]]
    assert grids["Before"] == [["1"]]


def repeated(rows, columns, cell=CELL):
    return (f'<table:table-row table:number-rows-repeated="{rows}">'
            + cell.format(f' table:number-columns-repeated="{columns}"') + "</table:table-row>")


def test_a_million_repeated_columns_are_no_table(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.intake.open.LARGEST_SHEET_CELLS", 1_000_000)
    (tmp_path / "a.ods").write_bytes(builders.ods_bytes({"A": repeated(100, 1_000_000)}))
    assert fault_of(tmp_path / "a.ods") == "a sheet of 100 rows and 16,384 columns"


def test_empty_cells_up_to_the_edge_are_not_counted(tmp_path):
    """A spreadsheet pads its sheets to a million rows and 16,384 columns."""
    padding = '<table:table-row table:number-rows-repeated="1048575">' \
              '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    rows = ROW.format(CELL.format("") + '<table:table-cell table:number-columns-repeated="16383"/>') + padding
    (tmp_path / "a.ods").write_bytes(builders.ods_bytes({"A": rows}))
    assert open_file(tmp_path / "a.ods", "a.ods").grids["A"] == [["1"]]


# --- the process ------------------------------------------------------------------------------------------------------


@pytest.fixture
def good(tmp_path):
    return builders.write_xlsx(tmp_path / "good.xlsx", {"Data": GRID})


def test_one_process_reads_all_workbooks(good):
    open_file(good, "good.xlsx")
    first = workbook_process._current[0].process.pid
    open_file(good, "good.xlsx")
    assert workbook_process._current[0].process.pid == first != os.getpid()


def test_memory_asked_for_without_bound_ends_the_process_and_not_the_landing(good, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_process, "MOST_MEMORY_BYTES", 400 * 1024 ** 2)
    (tmp_path / "bad.ods").write_bytes(builders.ods_bytes({"A": repeated(1_200, 16_384)}))
    assert "memory" in fault_of(tmp_path / "bad.ods")
    assert statuses(tmp_path) == {"bad.ods": "refused", "good.xlsx": "loaded"}


def test_a_workbook_that_takes_too_long_is_given_up(good, tmp_path, monkeypatch):
    text = "x" * 100_000
    long_text = '<table:table-cell office:value-type="string"{}><text:p>' + text + "</text:p></table:table-cell>"
    (tmp_path / "bad.ods").write_bytes(builders.ods_bytes({"A": repeated(20_000, 1, long_text)}))
    monkeypatch.setattr(workbook_process, "MOST_SECONDS", 0.3)
    started = time.monotonic()
    assert "takes more than 0 s" in fault_of(tmp_path / "bad.ods") and time.monotonic() - started < 5
    monkeypatch.undo()
    assert not open_file(good, "good.xlsx").faults


def test_a_reader_that_dies_is_a_fault_of_its_file(good, monkeypatch):
    """As when the operating system ends it for want of memory: the next file has a new one."""
    open_file(good, "good.xlsx")
    monkeypatch.setattr(workbook_process, "_send", lambda pipe, content: workbook_process._current[0].process.kill())
    assert fault_of(good) == "the workbook reader ended over it"
    monkeypatch.undo()
    assert not open_file(good, "good.xlsx").faults


def test_a_panic_is_a_fault(monkeypatch):
    """A panic of the reader arrives as an exception that is not an Exception."""
    from orchestration.intake import workbooks

    class Panic(BaseException):
        pass

    def panics(*_):
        raise Panic

    monkeypatch.setattr(workbooks, "read_sheets", panics)
    assert workbook_process._answer(b"", 1, 1) == ("failed", "the workbook reader failed on it")


# --- archives ---------------------------------------------------------------------------------------------------------


def test_each_member_is_a_file_of_its_own(good, tmp_path):
    ods = builders.write_ods(tmp_path / "b.ods", {"Data": builders.pssex1("2011-12")}).read_bytes()
    builders.write_zip(tmp_path / "a.zip", {
        "2012/a.csv": CSV, "b.ods": ods, "readme.txt": b"see the notes", "__MACOSX/._a.csv": b"x", ".hidden.csv": b"x"})
    found = survey_landing([tmp_path / "a.zip"])
    assert {file.file.name: (file.status, file.years) for file in found.files} == {
        "a.zip/2012/a.csv": ("loaded", {"2012-13"}), "a.zip/b.ods": ("loaded", {"2011-12"})}
    assert found.skipped == ["a.zip/readme.txt"]
    alone = builders.write_csv(tmp_path / "a.csv", GRID)
    assert found.files[0].file.sha256 == open_file(alone, "a.csv").sha256


def test_a_member_that_is_landed_beside_the_archive_too_is_a_duplicate(tmp_path):
    builders.write_csv(tmp_path / "a.csv", GRID)
    builders.write_zip(tmp_path / "b.zip", {"a.csv": CSV})
    assert statuses(tmp_path) == {"a.csv": "loaded", "b.zip/a.csv": "duplicate"}


def test_no_name_of_a_member_is_followed(tmp_path):
    names = ["../../x.csv", "/etc/x.csv", "C:\\x.csv", "..\\x.csv"]
    builders.write_zip(tmp_path / "a.zip", {**dict.fromkeys(names, OTHER), "good.csv": CSV})
    found = {file.file.name: file for file in survey_landing([tmp_path / "a.zip"]).files}
    assert found.pop("a.zip/good.csv").status == "loaded" and len(found) == 4
    assert {file.faults[0].found for file in found.values()} == {"a name that leads out of the archive"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = builders.write_zip(tmp_path / "inner.zip", {"a.csv": CSV}).read_bytes()
    builders.write_zip(tmp_path / "a.zip", {"inner.zip": inner, "good.csv": OTHER})
    assert statuses(tmp_path / "a.zip") == {"a.zip/good.csv": "loaded", "a.zip/inner.zip": "refused"}
    assert fault_of(tmp_path / "a.zip", "inner.zip") == "an archive inside an archive"


def _protected(content):
    """The flag of encryption set in both of a member's headers."""
    content = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


def _lying_size(content):
    """A directory that says the member unpacks to ten bytes."""
    content = bytearray(content)
    at = content.index(b"PK\x01\x02") + 24
    content[at:at + 4] = (10).to_bytes(4, "little")
    return bytes(content)


SPOILED = {
    "no archive": (lambda content: CSV, "cannot be opened as a ZIP"),
    "cut short": (lambda content: content[:-30], "cannot be opened as a ZIP"),
    "empty": (lambda content: b"", "an empty file"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_archive_is_refused_and_the_rest_goes_on(tmp_path, name):
    spoil, words = SPOILED[name]
    path = builders.write_zip(tmp_path / "a.zip", {"a.csv": CSV})
    path.write_bytes(spoil(path.read_bytes()))
    builders.write_csv(tmp_path / "b.csv", GRID)
    assert words in fault_of(path)
    assert statuses(tmp_path) == {"a.zip": "refused", "b.csv": "loaded"}


SPOILED_MEMBERS = {
    "a password": (_protected, "protected by a password"),
    "a size that lies": (_lying_size, "cannot be unpacked"),
    "a damaged member": (lambda content: content[:60] + bytes(40) + content[100:], "cannot be unpacked"),
}


@pytest.mark.parametrize("name", SPOILED_MEMBERS)
def test_a_spoiled_member_is_refused(tmp_path, name):
    spoil, words = SPOILED_MEMBERS[name]
    path = builders.write_zip(tmp_path / "a.zip", {"a.csv": CSV})
    path.write_bytes(spoil(path.read_bytes()))
    assert words in fault_of(path, "a.csv")


@pytest.mark.full
def test_an_archive_that_unpacks_to_more_than_a_publication_is_refused(tmp_path):
    path = builders.write_zip(tmp_path / "a.zip", {f"{n}.csv": bytes(LARGEST_FILE_BYTES // 2) for n in range(5)})
    assert path.stat().st_size < 3_000_000 and "bytes once unpacked" in fault_of(path)


def test_an_archive_of_more_files_than_a_publication_is_refused(tmp_path):
    many = builders.write_zip(tmp_path / "b.zip", {f"{n}.csv": b"a" for n in range(1_001)})
    assert fault_of(many) == "an archive of 1,001 files"


def test_find_files_lists_members_with_their_size(tmp_path):
    builders.write_zip(tmp_path / "a.zip", {"a.csv": CSV})
    [file], _ = find_files([tmp_path])
    assert (file.name, file.size, file.is_named_by_user) == ("a.zip/a.csv", len(CSV), False)
