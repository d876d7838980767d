"""Finds landed files and opens each as grids of printed text, one per sheet. What the text means is not known here.

CSV, XLS, XLSX and Parquet come out alike: a list of rows, each a list of the cells as printed. A file that cannot be
read becomes a fault, never an exception, so that one bad file does not hide what is wrong with the next.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import html
import io
import math
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from orchestration.faults import Fault

READABLE = {".csv", ".xls", ".xlsx", ".parquet"}
DELIMITERS = (",", ";", "\t", "|")
# A published return is a few MB; anything far above is not one, and is refused before it fills the memory.
LARGEST_FILE_BYTES = 512 * 1024 * 1024
# A workbook is read as a whole rectangle: one stray cell in its last corner would take hundreds of gigabytes.
LARGEST_SHEET_CELLS = 20_000_000
# A formula whose result was never saved, and an error: a reader of values is given nothing for either.
_WITHOUT_VALUE = re.compile(rb'<c ([^>]*)>\s*<f(?:[^>]*/>|[^>]*>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_ERROR = re.compile(rb'<c ([^>]*\bt="e"[^>]*)>.*?<v>([^<]*)</v>\s*</c>', re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_CELL_PLACE = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')

Grid = list[list[str]]


@dataclass
class LandedFile:
    """A file as it lies: ``name`` is its path under the landing folder, printable; ``sheets`` its grids by name."""

    path: Path
    name: str
    sha256: str = ""
    size: int = 0
    encoding: str | None = None
    sheets: dict[str, Grid] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    is_named_by_user: bool = False


def open_file(landed: LandedFile) -> LandedFile:
    """Fills in sha256, size and sheets of a landed file, or the faults that kept it shut."""
    opener = _OPENERS.get(landed.path.suffix.lower())
    if opener is None:
        landed.faults.append(_fault(landed, "file_readable", f"a file whose name ends in {landed.path.suffix!r}",
                                    f"a name that ends in {', '.join(sorted(READABLE))}",
                                    "name the file by what it is, or save it as one of these"))
        return landed
    try:
        landed.size = landed.path.stat().st_size
        content = landed.path.read_bytes() if landed.size <= LARGEST_FILE_BYTES else b""
    except OSError as error:
        landed.faults.append(_fault(landed, "file_readable", why(error), "a file this user may read",
                                    "give read permission on the file or take it out of the landing folder"))
        return landed
    landed.sha256 = hashlib.sha256(content).hexdigest()
    if landed.size > LARGEST_FILE_BYTES:
        landed.faults.append(_too_large(landed, f"{landed.size:,} bytes"))
    elif not content.strip():
        landed.faults.append(_fault(landed, "file_readable", "an empty file", "a published return with rows in it",
                                    "download the file again; the copy here has no content"))
    else:
        opener(landed, content)
    return landed


def _too_large(landed: LandedFile, found: str) -> Fault:
    return _fault(landed, "file_readable", found, f"a return of at most {LARGEST_FILE_BYTES:,} bytes and "
                  f"{LARGEST_SHEET_CELLS:,} cells a sheet", "check what this file is; a stray cell far below or right "
                  "of the table makes a sheet as large")


def why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _fault(landed: LandedFile, rule: str, found: str, expected: str, next_step: str, row: int | None = None) -> Fault:
    return Fault(rule=rule, file=landed.name, found=found, expected=expected, next_step=next_step, row=row)


def decode(content: bytes) -> tuple[str, str] | None:
    """The text of a CSV file and its encoding, or None where the bytes are no text.

    Publishers of this field use UTF-8 with a BOM or Windows-1252 (the pound sign is 0xA3); some office exports are
    UTF-16. Control characters that no printed table holds mean that the bytes are something else.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    elif b"\x00" in content:
        return None
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(character) < 32 and character not in "\t\r\n\x0b\x0c" for character in set(text)):
            return None
        return text, encoding
    return None


def _open_csv(landed: LandedFile, content: bytes) -> None:
    decoded = decode(content)
    if decoded is None:
        landed.faults.append(_fault(
            landed, "file_readable", "bytes that are no text (a workbook, archive or picture named .csv?)",
            "comma-separated text in UTF-8, UTF-16 or Windows-1252",
            "rename the file to what it is (.xls, .xlsx) or download the CSV again"))
        return
    text, landed.encoding = decoded
    unquoted = re.sub(r'"[^"]*"', "", text[:200_000])
    delimiter = max(DELIMITERS, key=unquoted.count)
    csv.field_size_limit(10_000_000)
    rows: Grid = []
    reader = csv.reader(io.StringIO(_plain_spaces(text), newline=""), delimiter=delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error as error:
        landed.faults.append(_fault(
            landed, "file_complete", f"after this row the text breaks off or a quote is never closed ({error})",
            "every quoted cell closed before the end of the file",
            "the file is cut short or damaged: download it again and compare its size", row=len(rows) + 1))
        return
    landed.sheets[""] = rows


def _open_workbook(landed: LandedFile, content: bytes) -> None:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if found := _why_too_large(content):
            landed.faults.append(_too_large(landed, found))
            return
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            landed.sheets[name] = [[as_printed(cell) for cell in row] for row in rows]
        for name, cells in _without_value(content).items():
            _put(landed.sheets.get(name, []), cells)
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error,
            EOFError) as error:
        landed.sheets.clear()
        landed.faults.append(_fault(
            landed, "file_readable", f"no workbook can be opened ({_first_line(error)})",
            "an XLS or XLSX workbook, whole and without a password",
            "open it in a spreadsheet and save it again, or download it again"))


def _why_too_large(content: bytes) -> str | None:
    """What of an XLSX is larger than any return, before it is unpacked; None where nothing is, as in any XLS."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_FILE_BYTES:
            return f"{unpacked:,} bytes once unpacked"
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                places = {place.groups() for place in _CELL_PLACE.finditer(archive.read(name))}
                rows = max((int(row) for _, row in places), default=0)
                columns = max((_column_number(letters) for letters, _ in places), default=0)
                if rows * columns > LARGEST_SHEET_CELLS:
                    return f"a sheet of {rows:,} rows and {columns:,} columns"
    return None


def _without_value(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """By sheet and cell (from 0): the formula that has no saved result, or the error. Taken for blank they would be
    figures that vanish; as their text they are refused where a number should be, and change nothing elsewhere.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, member in _sheet_members(archive).items():
            sheet = archive.read(member)
            for pattern, before in ((_WITHOUT_VALUE, "="), (_ERROR, "")):
                for attributes, text in pattern.findall(sheet):
                    if place := _REFERENCE.search(attributes):
                        cell = int(place[2]) - 1, _column_number(place[1]) - 1
                        found.setdefault(name, {})[cell] = before + html.unescape(text.decode(errors="replace"))
    return found


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
    """Puts texts into cells a workbook reader left blank; it leaves off what is blank at the end, too."""
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


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _open_parquet(landed: LandedFile, content: bytes) -> None:
    from orchestration import database

    try:
        landed.sheets[""] = [[as_printed(cell) for cell in row] for row in database.parquet_rows(landed.path)]
    except database.DatabaseError as error:
        landed.faults.append(_fault(
            landed, "file_readable", f"no Parquet can be read ({_first_line(error)})", "a Parquet file",
            "write the file again"))


def as_printed(cell: object) -> str:
    """A workbook cell as a CSV of the same sheet would print it: 12.0 is 12, a midnight its day, None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, float) and math.isfinite(cell):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, Decimal) and cell.is_finite():
        return format(cell, "f")
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return _plain_spaces(str(cell))


def _plain_spaces(text: str) -> str:
    """No-break spaces as spaces: they print alike, but no database trims them from a number."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


_OPENERS = {".csv": _open_csv, ".xls": _open_workbook, ".xlsx": _open_workbook, ".parquet": _open_parquet}
