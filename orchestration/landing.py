"""Finds landed files and opens each as grids of printed text, one per sheet. What the text means is not known here.

CSV, XLS, XLSX and Parquet come out alike: a list of rows, each a list of the cells as printed. A file that cannot be
read becomes a fault, never an exception, so that one bad file does not hide what is wrong with the next.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.faults import Fault, UnusableInput

READABLE = {".csv", ".xls", ".xlsx", ".parquet"}
DELIMITERS = (",", ";", "\t", "|")
# A published return is a few MB; anything far above is not one, and is refused before it fills the memory.
LARGEST_FILE_BYTES = 512 * 1024 * 1024

Grid = list[list[str]]


@dataclass
class LandedFile:
    """A file as it lies: ``name`` is its path under the landing folder, ``sheets`` its grids by sheet name."""

    path: Path
    name: str
    sha256: str = ""
    size: int = 0
    encoding: str | None = None
    sheets: dict[str, Grid] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    is_named_by_user: bool = False


def find_files(paths: list[Path]) -> tuple[list[LandedFile], list[str]]:
    """The readable files under ``paths``, in the order of their names, and the names of files passed over.

    Raises UnusableInput where a path does not exist or may not be read.
    """
    found: list[LandedFile] = []
    passed_over: list[str] = []
    for path in paths:
        if not path.exists():
            raise UnusableInput(f"{path} does not exist. Next: give a file or a folder that does.")
        if path.is_file():
            found.append(LandedFile(path, path.name, is_named_by_user=True))
            continue
        for member in sorted(_walk(path)):
            name = member.relative_to(path).as_posix()
            if member.suffix.lower() in READABLE:
                found.append(LandedFile(member, name))
            else:
                passed_over.append(name)
    return found, passed_over


def _walk(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise UnusableInput(
            f"{error.filename} may not be read ({error.strerror}). Next: give this user read permission on the "
            "folder, or name another one."
        )

    members: list[Path] = []
    for directory, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        members += [Path(directory, name) for name in files if not name.startswith((".", "~$"))]
    return members


def open_file(landed: LandedFile) -> LandedFile:
    """Fills in sha256, size and sheets of a landed file, or the faults that kept it shut."""
    try:
        content = landed.path.read_bytes()
    except OSError as error:
        landed.faults.append(_fault(landed, "file_readable", str(error.strerror), "a file this user may read",
                                    "give read permission on the file or take it out of the landing folder"))
        return landed
    landed.size = len(content)
    landed.sha256 = hashlib.sha256(content).hexdigest()
    if not content.strip():
        landed.faults.append(_fault(landed, "file_readable", "an empty file", "a published return with rows in it",
                                    "download the file again; the copy here has no content"))
    elif landed.size > LARGEST_FILE_BYTES:
        landed.faults.append(_fault(landed, "file_readable", f"{landed.size:,} bytes",
                                    f"a return of at most {LARGEST_FILE_BYTES:,} bytes", "check what this file is"))
    else:
        _OPENERS[landed.path.suffix.lower()](landed, content)
    return landed


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
    delimiter = max(DELIMITERS, key=text[:20_000].count)
    csv.field_size_limit(10_000_000)
    rows: Grid = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            landed.sheets[name] = [[printed(cell) for cell in row] for row in rows]
    except (CalamineError, ValueError, OSError) as error:
        landed.faults.append(_fault(
            landed, "file_readable", f"no workbook can be opened ({str(error).splitlines()[0]})",
            "an XLS or XLSX workbook, whole and without a password",
            "open it in a spreadsheet and save it again, or download it again"))


def _open_parquet(landed: LandedFile, content: bytes) -> None:
    from orchestration import warehouse

    try:
        landed.sheets[""] = [[printed(cell) for cell in row] for row in warehouse.parquet_rows(landed.path)]
    except warehouse.DatabaseError as error:
        landed.faults.append(_fault(
            landed, "file_readable", f"no Parquet can be read ({str(error).splitlines()[0]})", "a Parquet file",
            "write the file again"))


def printed(cell: object) -> str:
    """A workbook cell as a CSV of the same sheet would print it: 12.0 is 12, None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


_OPENERS = {".csv": _open_csv, ".xls": _open_workbook, ".xlsx": _open_workbook, ".parquet": _open_parquet}
