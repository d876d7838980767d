"""Opens a landed file, once, as grids of printed text, one per sheet. The meaning of the text is not decided here.

CSV, workbooks (XLS, XLSX, ODS) and Parquet come out alike: a list of rows, each a list of the cells as printed. A file
that cannot be read becomes a fault, never an exception, so that one bad file does not hide what is wrong with the next.
A workbook is read in another process (``workbook_process``); a file inside a ZIP is read from there (``archives``).

``open_file`` reads nothing but the file, and what it is given and returns can be pickled: another process may call it.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from orchestration import database
from orchestration.faults import Fault
from orchestration.intake import archives
from orchestration.intake.archives import UnusableArchive
from orchestration.intake.grids import Grid, as_printed, plain_spaces
from orchestration.intake.workbook_process import UnreadableWorkbook, WorkbookTooLarge, read_workbook

READABLE = {".csv", ".ods", ".parquet", ".xls", ".xlsx", ".zip"}
KINDS = "CSV, ODS, XLS, XLSX, Parquet or ZIP"
# The rows and bytes in which the header is looked for, and the values that distinguish exports with the same columns.
HEAD_ROWS = 20
_HEAD_BYTES = 1 << 18
_CHUNK_BYTES = 1 << 24
_OF_TEXT = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\r\n\x0b\x0c")
DELIMITERS = (",", ";", "\t", "|")
# A published return is a few MB; anything far larger is not one, and is refused before it fills the memory.
LARGEST_FILE_BYTES = 512 * 1024 * 1024
# A sheet is read as a full rectangle: one stray cell in the last row and column would take hundreds of gigabytes.
LARGEST_SHEET_CELLS = 20_000_000

@dataclass
class OpenedFile:
    """What was read from a file: ``name`` is its path under the landing folder, printable. ``path`` is where it is, or
    the archive that holds it; its name then begins with the archive's.

    ``heads`` has the first rows of each sheet (a CSV or Parquet file is one sheet without a name), ``grids`` all its
    rows. A CSV or Parquet file that is read row by row when it is stored has a head and no grid.
    """

    path: Path
    name: str
    sha256: str = ""
    size: int = 0
    encoding: str | None = None
    delimiter: str = ","
    heads: dict[str, Grid] = field(default_factory=dict)
    grids: dict[str, Grid] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def drop_rows(self) -> None:
        """Frees the memory of the rows; name, size and hash stay."""
        self.heads.clear()
        self.grids.clear()

    def fault(self, rule: str, found: str, expected: str, next_step: str, row: int | None = None) -> None:
        self.faults.append(Fault(rule=rule, file=self.name, found=found, expected=expected, next_step=next_step,
                                 row=row))


def _never(head: Grid) -> bool:
    return False


def open_file(path: Path, name: str, is_read_by_row: Callable[[Grid], bool] = _never, member: str = "") -> OpenedFile:
    """Opens a file and returns its hash, size, first rows and grids, or the faults that prevented it.

    ``is_read_by_row`` is asked with the first rows of a CSV or Parquet file. Where it answers yes, no grid is made and
    the size has no limit: ten million rows would not fit into memory, and DuckDB reads them from the file later.
    ``member`` is the file to open inside the archive at ``path``; it is always read into a grid.
    """
    opened = OpenedFile(path, name)
    suffix = archives.Member(member or path.name, 0).suffix
    opener = _OPENERS.get(suffix)
    if opener is None:
        opened.fault("file_readable", f"a file whose name ends in {suffix!r}",
                     f"a name that ends in {', '.join(sorted(READABLE))}",
                     "name the file by what it is, or save it as one of these")
        return opened
    try:
        with _binary(path, member) as (file, opened.size):
            opener(opened, file, _never if member else is_read_by_row)
    except OSError as error:
        opened.fault("file_readable", why(error), "a file this user may read",
                     "give read permission on the file or take it out of the landing folder")
    except UnusableArchive as error:
        opened.fault("file_readable", str(error), "a file inside an archive without a password, whole",
                     "unpack the archive and land the file itself, or download the archive again")
    for sheet, grid in opened.grids.items():
        opened.heads[sheet] = grid[:HEAD_ROWS]
    return opened


@contextmanager
def _binary(path: Path, member: str) -> Iterator[tuple[BinaryIO, int]]:
    """The bytes of a file, or of a member of the archive at ``path``, and how many there are."""
    if member:
        with archives.open_member(path, member) as (file, size):
            yield file, size
    else:
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size


def _read_all(opened: OpenedFile, file: BinaryIO, start: bytes = b"") -> bytes | None:
    """The file's content, ``start`` being what was read before; None where it is too large or empty."""
    content = start + file.read() if opened.size <= LARGEST_FILE_BYTES else b""
    opened.sha256 = hashlib.sha256(content).hexdigest()
    if opened.size > LARGEST_FILE_BYTES:
        _too_large(opened, f"{opened.size:,} bytes")
    elif not content.strip():
        opened.fault("file_readable", "an empty file", "a published return with rows in it",
                     "download the file again; the copy here has no content")
    else:
        return content
    return None


def _hash_if_utf8(opened: OpenedFile, file: BinaryIO, start: bytes) -> bool:
    """Hashes the file chunk by chunk; False where it is not UTF-8 to its end, which is all that DuckDB reads."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    chunk = start
    try:
        while chunk:
            if chunk.translate(None, _OF_TEXT):
                return False  # Bytes that no printed table holds, as ``decode`` says of a whole file.
            digest.update(chunk)
            decoder.decode(chunk)
            chunk = file.read(_CHUNK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    opened.sha256 = digest.hexdigest()
    return True


def _too_large(opened: OpenedFile, found: str) -> None:
    opened.fault("file_readable", found, f"a return of at most {LARGEST_FILE_BYTES:,} bytes and "
                 f"{LARGEST_SHEET_CELLS:,} cells a sheet", "check what this file is; a stray cell far below or right "
                 "of the table makes a sheet as large")


def why(error: Exception) -> str:
    """The reason the operating system gives, without the path that Python adds."""
    return getattr(error, "strerror", None) or str(error)


def decode(content: bytes) -> tuple[str, str] | None:
    """The text of a CSV file and its encoding, or None where the bytes are not text.

    Publishers of this field use UTF-8 with a BOM or Windows-1252 (the pound sign is 0xA3); some office exports are
    UTF-16. Control characters that a printed table never holds mean that the bytes are something else.
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


def _open_csv(opened: OpenedFile, file: BinaryIO, is_read_by_row: Callable[[Grid], bool]) -> None:
    start = file.read(_HEAD_BYTES)
    head, opened.encoding = _read_head(opened, start)
    opened.heads[""] = head
    if is_read_by_row(head) and opened.encoding == "utf-8-sig":
        if _hash_if_utf8(opened, file, start):
            return
        file.seek(len(start))
    content = _read_all(opened, file, start)
    if content is not None:
        _read_csv(opened, content)


def _read_head(opened: OpenedFile, start: bytes) -> tuple[Grid, str | None]:
    """The first rows of a CSV file and its encoding as far as they tell; the delimiter is set in ``opened``."""
    is_cut = len(start) == _HEAD_BYTES and b"\n" in start
    decoded = decode(start[:start.rfind(b"\n")] if is_cut else start)
    if decoded is None:
        return [], None
    text, encoding = decoded
    opened.delimiter = _delimiter(text)
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=opened.delimiter), HEAD_ROWS)), encoding
    except csv.Error:
        return [], encoding  # What is wrong with it is found when all of it is read.


def _delimiter(text: str) -> str:
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", text[:200_000]).count)


def _read_csv(opened: OpenedFile, content: bytes) -> None:
    decoded = decode(content)
    if decoded is None:
        opened.encoding = None
        opened.fault(
            "file_readable", "bytes that are not text (a workbook, archive or picture named .csv?)",
            "comma-separated text in UTF-8, UTF-16 or Windows-1252",
            "rename the file to what it is (.xls, .xlsx) or download the CSV again")
        return
    text, opened.encoding = decoded
    opened.delimiter = _delimiter(text)
    csv.field_size_limit(10_000_000)
    rows: Grid = []
    reader = csv.reader(io.StringIO(plain_spaces(text), newline=""), delimiter=opened.delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error as error:
        opened.fault(
            "file_complete", f"after this row the text ends early or a quote is never closed ({error})",
            "every quoted cell closed before the end of the file",
            "the file is cut short or damaged: download it again and compare its size", row=len(rows) + 1)
        return
    opened.grids[""] = rows


def _open_workbook(opened: OpenedFile, file: BinaryIO, is_read_by_row: Callable[[Grid], bool]) -> None:
    content = _read_all(opened, file)
    if content is None:
        return
    try:
        opened.grids = read_workbook(content, LARGEST_FILE_BYTES, LARGEST_SHEET_CELLS)
    except WorkbookTooLarge as error:
        _too_large(opened, str(error))
    except UnreadableWorkbook as error:
        opened.fault("file_readable", str(error), "an XLS, XLSX or ODS workbook, whole and without a password",
                     "open it in a spreadsheet and save it again, or download it again")


def _refuse_archive(opened: OpenedFile, file: BinaryIO, is_read_by_row: Callable[[Grid], bool]) -> None:
    """An archive that comes here could not be listed, or is inside another one."""
    if file.read(1) == b"":
        opened.fault("file_readable", "an empty file", "a ZIP archive of published files", "download the file again; "
                     "the copy here has no content")
        return
    found = "an archive inside an archive"
    if not isinstance(file, zipfile.ZipExtFile):
        try:
            archives.list_members(opened.path)
        except UnusableArchive as error:
            found = str(error)
    opened.fault("file_readable", found, f"a ZIP archive, whole, of at most {archives.MOST_MEMBERS:,} files and "
                 f"{archives.LARGEST_UNPACKED_BYTES:,} bytes", "unpack it and land the files themselves")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _open_parquet(opened: OpenedFile, file: BinaryIO, is_read_by_row: Callable[[Grid], bool]) -> None:
    try:
        head = _parquet_grid(opened.path, HEAD_ROWS - 1)
    except database.DatabaseError:
        head = []  # An empty file is not Parquet either; it is reported as empty.
    opened.heads[""] = head
    if is_read_by_row(head):
        opened.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return
    if _read_all(opened, file) is None:
        return
    try:
        opened.grids[""] = _parquet_grid(opened.path)
    except database.DatabaseError as error:
        opened.fault("file_readable", f"it cannot be read as Parquet ({_first_line(error)})", "a Parquet file",
                     "write the file again")


def _parquet_grid(path: Path, most: int | None = None) -> Grid:
    """The header of a Parquet file and its rows, or the first of them."""
    return [[as_printed(cell) for cell in row] for row in database.parquet_rows(path, most)]


_OPENERS = {".csv": _open_csv, ".ods": _open_workbook, ".parquet": _open_parquet, ".xls": _open_workbook,
            ".xlsx": _open_workbook, ".zip": _refuse_archive}
