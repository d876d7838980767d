"""Reads XLS, XLSX and ODS: every sheet as a grid, formulas without a saved result and errors among its texts.

Called in the process of ``workbook_process`` alone: what a file does to its reader ends there.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from orchestration.intake.grids import Grid, as_printed

# A formula whose result was never saved, and an error: reading values gives nothing for either.
_WITHOUT_VALUE = re.compile(rb'<c ([^>]*)>\s*<f(?:[^>]*/>|[^>]*>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_ERROR = re.compile(rb'<c ([^>]*\bt="e"[^>]*)>.*?<v>([^<]*)</v>\s*</c>', re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_CELL_REFERENCE = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
# The same in an ODS, which gives no reference: only where one occurs are its cells counted.
_FORMULA_OR_ERROR = re.compile(rb'<table:table-cell(?=[^>]*calcext:value-type="error")[^>]*>'
                               rb'|<table:table-cell(?=[^>]*table:formula=)(?![^>]*office:value-type=)[^>]*>')
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

class SheetTooLarge(Exception):
    """A sheet is larger than any return; the message says how large."""


def read_sheets(content: bytes, most_cells: int) -> dict[str, Grid]:
    """Every sheet of a workbook by its name.

    Raises SheetTooLarge where one has more than ``most_cells``, one of ``errors()`` where it cannot be read.
    """
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets: dict[str, Grid] = {}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        rows, columns = (last + 1 for last in sheet.end or (-1, -1))
        if rows * columns > most_cells:
            raise SheetTooLarge(f"a sheet of {rows:,} rows and {columns:,} columns")
        sheets[name] = [[as_printed(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for name, cells in _without_value(content).items():
        _put(sheets.get(name, []), cells)
    return sheets


def errors() -> tuple[type[Exception], ...]:
    """What a damaged workbook, or one behind a password, raises."""
    from python_calamine import CalamineError

    return (CalamineError, ValueError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error,
            EOFError)


def why_too_large(content: bytes, most_bytes: int, most_cells: int) -> str | None:
    """Why an XLSX or ODS is larger than any return, before it is unpacked; None where it is not, and for an XLS."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > most_bytes:
            return f"{unpacked:,} bytes once unpacked"
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                cells = {reference.groups() for reference in _CELL_REFERENCE.finditer(archive.read(name))}
                rows = max((int(row) for _, row in cells), default=0)
                columns = max((_column_number(letters) for letters, _ in cells), default=0)
                if rows * columns > most_cells:
                    return f"a sheet of {rows:,} rows and {columns:,} columns"
    return None


def _without_value(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet and cell (from 0): the formula that has no saved result, or the error.

    Read as blank, figures would vanish. Read as text, they are refused where a number is expected and change nothing
    elsewhere.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" in archive.namelist():
            return _without_value_in_ods(archive.read("content.xml"))
        return {name: found for name, member in _sheet_members(archive).items()
                if (found := dict(_without_value_in_xlsx(archive.read(member))))}


def _without_value_in_xlsx(sheet: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for pattern, before in ((_WITHOUT_VALUE, "="), (_ERROR, "")):
        for attributes, text in pattern.findall(sheet):
            if reference := _REFERENCE.search(attributes):
                cell = int(reference[2]) - 1, _column_number(reference[1]) - 1
                yield cell, before + html.unescape(text.decode(errors="replace"))


def _without_value_in_ods(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    if not _FORMULA_OR_ERROR.search(content):
        return {}
    found: dict[str, dict[tuple[int, int], str]] = {}
    sheet, row, column = "", -1, 0
    for event, element in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):
        if element.tag == f"{_TABLE}table" and event == "start":
            sheet, row = element.get(f"{_TABLE}name", ""), 0
        elif element.tag == f"{_TABLE}table-row" and event == "end":
            row, column = row + int(element.get(f"{_TABLE}number-rows-repeated", 1)), 0
            element.clear()
        elif element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell") and event == "end":
            if text := _text_without_value(element):
                found.setdefault(sheet, {})[row, column] = text
            column += int(element.get(f"{_TABLE}number-columns-repeated", 1))
    return found


def _text_without_value(cell: ElementTree.Element) -> str:
    """What an ODS cell without a value shows, or its formula; empty for a cell with a value, and for an empty one."""
    formula = cell.get(f"{_TABLE}formula", "")
    if cell.get(f"{_CALC}value-type") != "error" and (not formula or cell.get(f"{_OFFICE}value-type")):
        return ""
    shown = " ".join("".join(part.itertext()) for part in cell.findall(f"{_TEXT}p"))
    return shown or f"={formula.removeprefix('of:=')}"


def _sheet_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """The member of an XLSX that holds each sheet, by the sheet's name."""
    members = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= members:
        return {}
    book, links = (archive.read(name).decode(errors="replace") for name in
                   ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    targets = {_attribute(link, "Id"): _attribute(link, "Target").removeprefix("/xl/")
               for link in re.findall(r"<Relationship [^>]*>", links)}
    named = {html.unescape(_attribute(sheet, "name")): f"xl/{targets.get(_attribute(sheet, 'r:id'))}"
             for sheet in re.findall(r"<sheet [^>]*>", book)}
    return {name: member for name, member in named.items() if member in members}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _put(grid: Grid, cells: dict[tuple[int, int], str]) -> None:
    """Puts texts into cells that the workbook reader left blank, also beyond the end of a row that it cut short."""
    width = max([*map(len, grid[:1]), *(column + 1 for _, column in cells)])
    height = max([len(grid), *(row + 1 for row, _ in cells)])
    grid += [[] for _ in range(height - len(grid))]
    for row in grid:
        row += [""] * (width - len(row))
    for (row, column), text in cells.items():
        grid[row][column] = grid[row][column] or text


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
