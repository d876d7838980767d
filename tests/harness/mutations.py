"""Whole files of every layout, spoiled at random: each must be refused in words, or read as it is printed.

``spoil`` draws one spoiled file; ``judge`` reads it as a landing would be read and says how it ended. What must never
happen is an exception, a fault without its next step, or a value under labels that the file does not print it under.
"""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import builders

from orchestration.faults import CarequartileError
from orchestration.intake.grids import Grid
from orchestration.placements import entry
from orchestration.survey import SurveyedFile, embedded_paths, survey_landing

TEXTS = (
    "", " ", "0", "-1", "-0", "1e309", "1e5", "NaN", "inf", "1,234.5.6", "1,234", "£", "£12", "=1+1", "null", "None",
    "=cmd|' /C calc'!A0", "'; drop table raw.cell; --", '" or ""=""', "../../../etc/passwd", "C:\\con.csv", "TRUE",
    "\u202e12", "😀", "\u22125", "１２", "٣", "1 000", "(12)", "12%", "1.000.000", "x" * 40_000, 'a "quoted" text',
    "two\nlines", "'12", "#REF!", "#N/A", "N/A", "n/a", ".", "..", "-", "*", "[x]", "{{ var('x') }}", "{% raw %}",
    "$(id)", "`id`", "%s%n", "\t", "31/12/2010", "2010-13-45", "114", "Stockton-on-Tees",
    "Robert'); DROP TABLE councils;--", "0" * 30, "9" * 40, "1" + "0" * 20,
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "cp037", "mac-roman")
NAMES = ("a;b", "'; drop table raw.cell; --", "..", "-rf", "$(id)", "`id`", "é£", "a b", "a'b\"c", "a\nb",
         "%2e%2e", "x" * 120, "[brackets]", "*", "?", "{x}", "year=2012", "\\back", "tab\tname", "nul")


@dataclass
class Spoiled:
    """A spoiled file: what was done to which builder's file, and the grids it still prints (None where unknown)."""

    of: str
    how: str
    path: Path
    original: Grid | None = None
    grid: Grid | None = None
    # The file means the same as before: it must be read as before, or refused.
    is_same: bool = False


Mutation = Callable[[random.Random, Grid], str]


# --- what is done to a grid -------------------------------------------------------------------------------------------


def _row(drawn: random.Random, grid: Grid) -> int:
    """Any row, the first six as often as all others: headers are there."""
    return drawn.randrange(min(6, len(grid))) if drawn.random() < 0.5 else drawn.randrange(len(grid))


def _place(drawn: random.Random, grid: Grid) -> tuple[int, int]:
    row = _row(drawn, grid)
    while not grid[row]:
        row = _row(drawn, grid)
    return row, drawn.randrange(len(grid[row]))


def set_cell(drawn: random.Random, grid: Grid) -> str:
    row, column = _place(drawn, grid)
    grid[row][column] = drawn.choice(TEXTS)
    return f"cell {row + 1}:{column + 1} set to {grid[row][column][:40]!r}"


def bend_cell(drawn: random.Random, grid: Grid) -> str:
    row, column = _place(drawn, grid)
    text = grid[row][column] or "x"
    at = drawn.randrange(len(text))
    grid[row][column] = drawn.choice([text[:at] + text[at + 1:], text[:at] + drawn.choice("xX0 .,-£") + text[at:],
                                      text.upper(), text + " ", text * 2, text[::-1]])
    return f"cell {row + 1}:{column + 1} {text[:30]!r} bent to {grid[row][column][:30]!r}"


def swap_cells(drawn: random.Random, grid: Grid) -> str:
    (row, column), (other, place) = _place(drawn, grid), _place(drawn, grid)
    grid[row][column], grid[other][place] = grid[other][place], grid[row][column]
    return f"cells {row + 1}:{column + 1} and {other + 1}:{place + 1} swapped"


def delete_row(drawn: random.Random, grid: Grid) -> str:
    row = _row(drawn, grid)
    del grid[row]
    return f"row {row + 1} deleted"


def double_row(drawn: random.Random, grid: Grid) -> str:
    row = _row(drawn, grid)
    grid.insert(drawn.randrange(len(grid)), list(grid[row]))
    return f"row {row + 1} doubled"


def swap_rows(drawn: random.Random, grid: Grid) -> str:
    row, other = _row(drawn, grid), _row(drawn, grid)
    grid[row], grid[other] = grid[other], grid[row]
    return f"rows {row + 1} and {other + 1} swapped"


def blank_row(drawn: random.Random, grid: Grid) -> str:
    row = drawn.randrange(len(grid) + 1)
    grid.insert(row, [""] * drawn.choice([0, 1, len(grid[0])]))
    return f"a blank row before {row + 1}"


def strange_row(drawn: random.Random, grid: Grid) -> str:
    row = drawn.randrange(len(grid) + 1)
    grid.insert(row, [drawn.choice(TEXTS) for _ in range(drawn.randrange(1, len(grid[0]) + 2))])
    return f"a strange row before {row + 1}"


def shift_row(drawn: random.Random, grid: Grid) -> str:
    row, column = _place(drawn, grid)
    if drawn.random() < 0.5:
        grid[row].insert(column, drawn.choice(["", "1", "x"]))
        return f"a cell put into row {row + 1} at {column + 1}"
    del grid[row][column]
    return f"cell {row + 1}:{column + 1} taken out of its row"


def cut_rows(drawn: random.Random, grid: Grid) -> str:
    row = drawn.randrange(1, len(grid) + 1)
    del grid[row:]
    return f"cut after row {row}"


def column_of(drawn: random.Random, grid: Grid) -> str:
    width = max(map(len, grid))
    column, what = drawn.randrange(width), drawn.choice(["deleted", "doubled", "blanked", "put last"])
    for row in grid:
        row += [""] * (width - len(row))
        cell = row[column]
        if what == "deleted":
            del row[column]
        elif what == "doubled":
            row.insert(column, cell)
        elif what == "blanked":
            row[column] = ""
        else:
            row.append(row.pop(column))
    return f"column {column + 1} {what}"


GRID_MUTATIONS: tuple[Mutation, ...] = (
    set_cell, set_cell, set_cell, bend_cell, bend_cell, swap_cells, delete_row, double_row, swap_rows, blank_row,
    strange_row, shift_row, cut_rows, column_of, column_of)
BOOK_KINDS = ("grid", "archive", "sheet")
# Every kind of spoiling once: each change to a grid as CSV, one of them as a workbook and as Parquet, and the rest.
KINDS: tuple[tuple[str, tuple[Mutation, ...]], ...] = (
    *(("grid", (change,)) for change in dict.fromkeys(GRID_MUTATIONS)), ("two of grid", (set_cell, delete_row)),
    ("xlsx", (bend_cell,)), ("parquet", (set_cell,)), ("bytes", ()), ("bytes", ()), ("encoding", ()), ("encoding", ()),
    ("hand", ()), ("hand", ()))


# --- what is done to a file -------------------------------------------------------------------------------------------


def _bytes(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    """A few bytes flipped, cut, doubled or inserted."""
    at, data = drawn.randrange(len(content)), bytearray(content)
    kind = drawn.choice(["flipped", "cut", "doubled", "put in", "quote", "nul"])
    if kind == "flipped":
        for _ in range(drawn.randrange(1, 6)):
            data[drawn.randrange(len(data))] = drawn.randrange(256)
    elif kind == "cut":
        del data[at:]
    elif kind == "doubled":
        data[at:at] = data[at:at + drawn.randrange(1, 4000)]
    elif kind == "put in":
        data[at:at] = drawn.randbytes(drawn.randrange(1, 40))
    else:
        data[at:at] = b'"' if kind == "quote" else b"\0"
    return bytes(data), f"bytes {kind} at {at}"


def _csv_text(drawn: random.Random, grid: Grid) -> tuple[str, str]:
    """The same table written differently: delimiter, quotes, ends of lines."""
    delimiter = drawn.choice(",;\t|^~ ")
    quoting = drawn.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    ending = drawn.choice(["\r\n", "\n", "\r", "\n\r"])
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending).writerows(grid)
    return text.getvalue(), f"delimiter {delimiter!r}, quoting {quoting}, lines end {ending!r}"


def spoil(drawn: random.Random, folder: Path) -> Spoiled:
    """One spoiled file: builder, kind of change and location are drawn at random."""
    of = drawn.choice([*builders.EVERY, *builders.BOOKS, *SNAPSHOTS])
    name = drawn.choice(NAMES) if drawn.random() < 0.1 else "spoiled"
    if of in builders.BOOKS:
        return _spoil_book(drawn, of, folder / f"{name}.xlsx", drawn.choice(BOOK_KINDS))
    kind = drawn.choice(["grid"] * 6 + ["two of grid", "bytes", "encoding", "hand", "xlsx", "parquet"])
    return spoil_as(drawn, folder / name, of, kind,
                    [drawn.choice(GRID_MUTATIONS) for _ in range(2 if kind == "two of grid" else 1)])


def spoil_as(drawn: random.Random, path: Path, of: str, kind: str, changes: Sequence[Mutation]) -> Spoiled:
    """A builder's file spoiled in one kind of way; ``changes`` are made to its grid where the kind changes the grid."""
    folder, name = path.parent, path.name
    if of in SNAPSHOTS:
        grid, sheet = builders.copied(_snapshot(of)), ""
    else:
        grid, sheet = builders.copied(_grid(of)), builders.SHEET_OF.get(of, "Sheet1")
    original = builders.copied(grid)
    if kind in ("grid", "two of grid", "xlsx", "parquet"):
        how = "; ".join(change(drawn, grid) for change in changes)
    if kind == "xlsx" and grid:
        path = builders.write_xlsx(folder / f"{name}.xlsx", {sheet or "Sheet1": _xml_safe(grid)}, False)
        return Spoiled(of, f"{how}; as XLSX", path, original, None if _has_unprintable(grid) else grid)
    if kind == "parquet" and _is_table(grid):
        path = builders.write_parquet(folder / f"{name}.parquet", _escaped(grid))
        return Spoiled(of, f"{how}; as Parquet", path, original, grid)
    path = folder / f"{name}.csv"
    if kind == "bytes":
        content, how = _bytes(drawn, builders.csv_bytes(grid, "utf-8"))
        path.write_bytes(content)
        return Spoiled(of, how, path)
    if kind == "encoding":
        encoding = drawn.choice(ENCODINGS)
        path.write_bytes(builders.csv_bytes(grid, "utf-8").decode().encode(encoding, errors="replace"))
        return Spoiled(of, f"in {encoding}", path, original, original, is_same=True)
    if kind == "hand":
        text, how = _csv_text(drawn, grid)
        path.write_bytes(text.encode())
        return Spoiled(of, how, path, original, original, is_same=True)
    path.write_bytes(builders.csv_bytes(grid, "utf-8"))
    return Spoiled(of, how, path, original, grid)


def _spoil_book(drawn: random.Random, of: str, path: Path, how: str) -> Spoiled:
    """A workbook of several sheets: a cell of one spoiled, or its archive."""
    sheets = {name: builders.copied(grid) for name, grid in builders.BOOKS[of][1]().items()}
    done = "as it is"
    if how == "grid":
        done = drawn.choice(GRID_MUTATIONS)(drawn, sheets[drawn.choice(list(sheets))])
    elif how == "sheet":
        name = drawn.choice(list(sheets))
        done = f"sheet {name!r} renamed"
        sheets = {("Sheet of 'ours'; --" if each == name else each): grid for each, grid in sheets.items()}
    builders.write_xlsx(path, {name: _xml_safe(grid) for name, grid in sheets.items()}, drawn.random() < 0.5)
    if how == "archive":
        content, done = _bytes(drawn, path.read_bytes())
        path.write_bytes(content)
    return Spoiled(of, done, path)


def _xml_safe(grid: Grid) -> Grid:
    """A spreadsheet holds no control characters, and no more than 32,767 characters in a cell."""
    return [[re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)[:32_000] for text in row] for row in grid]


def _has_unprintable(grid: Grid) -> bool:
    return grid != _xml_safe(grid)


def _is_table(grid: Grid) -> bool:
    """Parquet has one header of names that differ, and rows of its width."""
    return len(grid) > 1 and len({text.lower() for text in grid[0]}) == len(grid[0]) and all(grid[0]) and all(
        len(row) == len(grid[0]) for row in grid)


def _escaped(grid: Grid) -> Grid:
    return [[name.replace('"', '""') for name in grid[0]], *grid[1:]]


@cache
def _grid(of: str) -> Grid:
    return builders.EVERY[of]()


SNAPSHOTS = ("snapshot_2009", "snapshot_2010")


@cache
def _snapshot(of: str) -> Grid:
    (file,) = Path(embedded_paths()[1]).glob(f"*{of[-4:]}-02-28.csv")
    return list(csv.reader(file.read_text(encoding="utf-8").splitlines()))[:60]


# --- malicious workbooks ----------------------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


def _with_member(path: Path, changes: dict[str, Callable[[bytes], bytes]], extra: dict[str, bytes] | None = None
                 ) -> None:
    """Writes the archive again with members changed or added."""
    rewritten = path.with_suffix(".new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, changes[member](content) if member in changes else content)
        for member, content in (extra or {}).items():
            new.writestr(member, content)
    rewritten.replace(path)


def _entities(content: bytes) -> bytes:
    """A billion laughs: ten entities, each ten of the one before."""
    lines = ['<!ENTITY a0 "lol">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    head, _, rest = content.partition(b"?>") if content.startswith(b"<?xml") else (b'<?xml version="1.0"', b"", content)
    return head + b"?><!DOCTYPE x [" + "".join(lines).encode() + b"]>" + rest.replace(b"<v>", b"<v>&a9;", 1).replace(
        b"<t>", b"<t>&a9;", 1)


def _external(content: bytes) -> bytes:
    head, _, rest = content.partition(b"?>") if content.startswith(b"<?xml") else (b'<?xml version="1.0"', b"", content)
    return head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest.replace(b"<t>", b"<t>&e;", 1)


def _far_cell(content: bytes) -> bytes:
    return content.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def _formula_without_result(content: bytes) -> bytes:
    """As written by a program that does not calculate: the formula without its result."""
    return re.sub(rb'(<c r="[A-Z]+\d+"(?: s="\d+")?(?: t="n")?>)<v>[^<]*</v></c>', rb"\1<f>1+1</f><v></v></c>", content,
                  count=1)


def _error_for_a_number(content: bytes) -> bytes:
    return re.sub(rb'<c r="([A-Z]+\d+)"(?: s="\d+")?(?: t="n")?><v>[^<]*</v></c>', rb'<c r="\1" t="e"><v>#REF!</v></c>',
                  content, count=1)


HARMFUL: dict[str, Callable[[Path], None]] = {
    "a billion laughs in the sheet": lambda path: _with_member(path, {SHEET: _entities}),
    "a billion laughs in the texts": lambda path: _with_member(path, {"xl/sharedStrings.xml": _entities}),
    "a file of this machine as an entity": lambda path: _with_member(path, {"xl/sharedStrings.xml": _external}),
    "a zip bomb": lambda path: _with_member(path, {}, {"xl/media/bomb.bin": bytes(600 * 1024 * 1024)}),
    "a sheet that unpacks to a gigabyte": lambda path: _with_member(path, {SHEET: lambda content: content.replace(
        b"</sheetData>", b" " * (600 * 1024 * 1024) + b"</sheetData>")}),
    "a cell in the last corner": lambda path: _with_member(path, {SHEET: _far_cell}),
    "member names that climb": lambda path: _with_member(path, {}, {"../../../evil.csv": b"1", "/etc/evil": b"1"}),
    "no sheet inside": lambda path: _with_member(path, {SHEET: lambda _: b""}),
    "half an archive": lambda path: path.write_bytes(path.read_bytes()[:-200]) and None,
    "an error where a number should be": lambda path: _with_member(path, {SHEET: _error_for_a_number}),
    "a formula without its result": lambda path: _with_member(path, {SHEET: _formula_without_result}),
}


def harmful(name: str, folder: Path) -> Spoiled:
    """A workbook of a return that is malicious, or that a program wrote badly."""
    path = builders.write_xlsx(folder / "harmful.xlsx", {"Sheet1": _grid("ascfr_2014_15")})
    HARMFUL[name](path)
    return Spoiled("ascfr_2014_15", name, path)


# --- how it ended -----------------------------------------------------------------------------------------------------


def judge(spoiled: Spoiled) -> tuple[str, str]:
    """How reading it ended ("refused", "not known", "read as printed"), and what is wrong with that, if anything."""
    try:
        found = survey_landing([spoiled.path.parent])
        if not found.files:
            return "skipped", "" if found.skipped or spoiled.path.name.startswith(".") else "not even named"
        file = found.files[0]
        if file.placement and not file.faults:
            return _judge_snapshot(spoiled, file)
        words = [str(fault) for fault in file.faults]
        reason = file.reason
    except CarequartileError as error:
        words, reason, file = [str(error)], str(error), None
    except Exception:  # noqa: BLE001 - that none gets this far is what is tried
        return "traceback", traceback.format_exc()
    if "Traceback" in reason:
        return "traceback", reason
    if words:
        mute = [text for text in words if "next" not in text.lower()]
        return "refused", f"no next step in {mute[0]}" if mute else ""
    if file.status != "loaded":
        return "not known", "" if reason else "not loaded, and no reason is given"
    return "read as printed", "" if spoiled.grid is None else _difference(spoiled, file)


def _judge_snapshot(spoiled: Spoiled, file: SurveyedFile) -> tuple[str, str]:
    try:
        found = entry.preview(file.placement)
    except CarequartileError as error:
        words = "\n".join([str(error), *map(str, getattr(error, "faults", []))])
        return "refused", "" if "next" in words.lower() else f"no next step in {error}"
    filled = None if spoiled.grid is None else sum(any(cell.strip() for cell in row) for row in spoiled.grid[1:])
    wrong = filled is not None and found.n_rows + found.n_left_out != filled
    return "read as printed", f"{found.n_rows} lines of {filled}" if wrong else ""


Item = tuple[tuple[tuple[str, str], ...], str | None, str]


def items(file: SurveyedFile) -> list[tuple[int, Item]]:
    """Every value of a file with its row and the labels of its row and of its column."""
    found = []
    for reading in file.readings:
        rows, columns = (_by_position(labels) for labels in (reading.rows, reading.columns))
        for cell in reading.printed:
            labels = sorted([*rows.get(cell.row, ()), *columns.get(cell.column, ())])
            found.append((cell.row, (tuple(labels), reading.sheet_component, cell.text.strip())))
    return found


def _by_position(labels: object) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for dimension, texts in labels.texts.items():
        for position, text in zip(labels.positions, texts):
            if text and dimension not in ("source_row", "source_column", "header"):
                found.setdefault(position, []).append((dimension, text.strip()))
    return found


@cache
def _items_of(of: str, folder: Path) -> list[tuple[int, Item]]:
    path = builders.write_csv(folder / f"{of}.csv", _grid(of), "utf-8")
    return items(survey_landing([path]).files[0])


def _difference(spoiled: Spoiled, file: SurveyedFile) -> str:
    """Values that were read but are not printed so in the file, or that are printed but were not read."""
    for reading in () if spoiled.is_same else file.readings:
        for cell in reading.printed:
            printed = _printed(spoiled.grid, cell.row, cell.column)
            in_row = {_plain(text) for text in spoiled.grid[cell.row - 1]}
            # A missing value's marker may be in a separate column.
            if cell.text.strip() != printed and (printed or cell.text.strip() not in in_row):
                return f"row {cell.row}, column {cell.column}: {cell.text!r} is read and {printed!r} printed"
    before, now = _items_of(spoiled.of, spoiled.path.parent.parent / "clean"), items(file)
    old, new = (Counter(item for _, item in each) for each in (before, now))
    if spoiled.is_same:
        return f"the same table is read otherwise: {next(iter((new - old) or (old - new)))}" if new != old else ""
    return _unexplained(spoiled, before, now, old, new)


def _unexplained(spoiled: Spoiled, before: list, now: list, old: Counter, new: Counter) -> str:
    """A value of an unchanged row that is read under other labels than before, or no longer read."""
    rows, original = ([tuple(map(_plain, row)) for row in grid] for grid in (spoiled.grid, spoiled.original))
    touched = {text for row in {*rows} ^ {*original} for text in row if text}
    is_new = new - old
    if spoiled.of == "ascfr_voluntary":  # Some of its lines are distinguished by their order alone.
        lines = {item[0] for item in old}
        is_new = Counter({item: count for item, count in is_new.items() if item[0] not in lines})
    for row, item in now:
        if is_new[item] and item[2] and rows[row - 1] in original and not _says(item, touched):
            return f"row {row} is as it was and read otherwise: {item}"
    is_gone, header = old - new, original[:min(row for row, _ in before) - 1]
    if [row for row in rows if row in header] == list(header):
        for row, item in before:
            if is_gone[item] and item[2] and original[row - 1] in rows and not _says(item, touched):
                return f"original row {row} is still there and no longer read: {item}"
    return ""


def _says(item: Item, touched: set[str]) -> bool:
    labels, _, text = item
    words = {text.strip(), *(part for _, label in labels for part in (label, *label.split("|")))}
    return bool(words & touched) or any(text in label for text in touched if len(text) > 3 for _, label in labels)


def _printed(grid: Grid, row: int, column: int) -> str:
    return _plain(grid[row - 1][column - 1]) if row <= len(grid) and column <= len(grid[row - 1]) else ""


def _plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ").strip()


def sample() -> list[tuple[str, str, tuple[Mutation, ...]]]:
    """Every layout at least once and every kind of spoiling at least twice: what is spoiled, the kind, its changes."""
    flat = [*builders.EVERY, *SNAPSHOTS]
    n = -(-max(len(flat), 2 * len(KINDS)) // len(KINDS)) * len(KINDS)
    return [*((flat[number % len(flat)], *KINDS[number % len(KINDS)]) for number in range(n)),
            *((of, kind, ()) for of in builders.BOOKS for kind in BOOK_KINDS)]


def spoil_of_sample(number: int, folder: Path) -> Spoiled:
    """The file at one position in ``sample``, the same on every machine."""
    of, kind, changes = sample()[number]
    drawn = random.Random(number)
    if of in builders.BOOKS:
        return _spoil_book(drawn, of, folder / "spoiled.xlsx", kind)
    return spoil_as(drawn, folder / "spoiled", of, kind, changes)


def run(n: int, folder: Path, seed: int = 1) -> Iterator[tuple[Spoiled, str, str]]:
    """Spoils and judges n files, and every malicious workbook: what was done, how it ended, what is wrong."""
    drawn = random.Random(seed)
    for _ in range(n):
        place = folder / "spoiled"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            spoiled = spoil(drawn, place)
        except OSError:
            continue  # A name that this file system does not accept.
        yield spoiled, *judge(spoiled)
    for name in HARMFUL:
        shutil.rmtree(folder / "spoiled", ignore_errors=True)
        (folder / "spoiled").mkdir(parents=True)
        spoiled = harmful(name, folder / "spoiled")
        yield spoiled, *judge(spoiled)
