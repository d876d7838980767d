"""What a sheet holds: value cells, the labels of their rows and columns, notes, and what is wrong.

Nothing is converted here: a number is recognised as one and kept as text; staging gives it a type. A return has up to
half a million cells, so cells and labels are kept column by column and read one by one only on request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from orchestration.faults import Fault
from orchestration.intake.grids import NUMBER
from orchestration.intake.layouts import Layout
from orchestration.intake.open import OpenedFile

_AROUND_NUMBERS = str.maketrans("", "", ",£$* ")
# The next step for a header that a layout does not know: the layout may be behind the publisher, or the file wrong.
AS_PUBLISHED = "if this is how it was published, add its wording to the layout in seeds/layouts; else restore it"
# What follows a number in brackets: the figure by an earlier rule, or a colon where there was none.
_IN_BRACKETS = re.compile(r" \((?:[0-9][0-9,]*(?:\.[0-9]+)?|:)\) *$")
# A cell may hold megabytes; a message shows its beginning.
MOST_SHOWN_OF_CELL = 300
_KINDS_OF_YEAR = ("financial_year", "mid_year")


class Cell(NamedTuple):
    """A value cell: row and column count from 1, text is as printed."""

    row: int
    column: int
    text: str


class Label(NamedTuple):
    """What describes the cells of a row, of a column or of the sheet; printed at ``row`` and ``column``, if at all."""

    axis: str
    position: int
    dimension: str
    text: str
    row: int | None = None
    column: int | None = None


class Note(NamedTuple):
    """A text of the sheet that does not describe a single cell: its year, a footnote."""

    kind: str
    text: str
    row: int | None
    column: int | None


@dataclass
class Cells:
    """Value cells, column by column."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Cell]:
        return map(Cell, self.rows, self.columns, self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, rows: list[int], columns: list[int], texts: list[str]) -> None:
        self.rows += rows
        self.columns += columns
        self.texts += texts


@dataclass
class Labels:
    """The labels of one axis: for each position a text per dimension.

    ``printed_in`` is, by dimension, the column (for labels of rows) or the row (for labels of columns) that holds them.
    """

    positions: list[int] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    printed_in: dict[str, int | None] = field(default_factory=dict)

    def add(self, position: int, texts: dict[str, str], printed_in: dict[str, int | None]) -> None:
        """One position's labels. Every position of an axis has the same dimensions."""
        self.positions.append(position)
        for dimension, text in texts.items():
            self.texts.setdefault(dimension, []).append(text)
        self.printed_in = printed_in | self.printed_in

    def set(self, positions: list[int], texts: dict[str, list[str]], printed_in: dict[str, int | None]) -> None:
        self.positions, self.texts, self.printed_in = positions, texts, printed_in

    def by_dimension(self, axis: str) -> Iterator[Label]:
        for dimension, texts in self.texts.items():
            across = self.printed_in.get(dimension)
            for position, text in zip(self.positions, texts):
                row, column = (position, across) if axis == "row" else (across, position)
                yield Label(axis, position, dimension, text, row, column)


@dataclass
class RegisterRows:
    """The rows of a register or reference table: ``texts`` is each column's cells as printed, row by row.

    ``rows`` are the rows' numbers on the sheet and ``positions`` the columns' numbers, both from 1.
    """

    rows: list[int]
    positions: dict[str, int]
    texts: dict[str, list[str]]


@dataclass
class Reading:
    """What one sheet of one file holds."""

    file: OpenedFile
    layout: Layout
    sheet: str
    sheet_number: int = 0
    sheet_component: str | None = None
    # What name and title say of the whole sheet: a workbook may hold a sheet for each council, or for each measure.
    sheet_part: str = ""
    financial_years: list[str] = field(default_factory=list)
    status: str = "final"
    published_on: str | None = None
    councils: list[str] = field(default_factory=list)
    cells: Cells = field(default_factory=Cells)
    # A register or reference table has rows instead of cells and labels.
    register: RegisterRows | None = None
    rows: Labels = field(default_factory=Labels)
    columns: Labels = field(default_factory=Labels)
    notes: list[Note] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    # The numbers of rows and cells, kept when the content was written to a file and dropped.
    counts: tuple[int, int] | None = None
    why_not_loaded: str | None = None

    @property
    def labels(self) -> Iterator[Label]:
        """Every label one by one, the sheet's notes included: for inspection, not for storing."""
        yield from self.rows.by_dimension("row")
        yield from self.columns.by_dimension("column")
        for header, column in self.register.positions.items() if self.register else ():
            yield Label("column", column, "field", header, None, column)
        for note in self.notes:
            yield Label("sheet", 0, note.kind, note.text, note.row, note.column)

    @property
    def printed(self) -> Iterator[Cell]:
        """Every cell that would be stored, one by one, of a return or a register: for inspection, not for storing."""
        yield from self.cells
        if self.register:
            for header, texts in self.register.texts.items():
                for row, text in zip(self.register.rows, texts):
                    yield Cell(row, self.register.positions[header], text)

    @property
    def n_rows(self) -> int:
        if self.counts:
            return self.counts[0]
        return len(self.register.rows) if self.register else len(set(self.cells.rows))

    @property
    def n_cells(self) -> int:
        if self.counts:
            return self.counts[1]
        return len(self.register.rows) * len(self.register.positions) if self.register else len(self.cells)

    def drop_content(self) -> None:
        """Frees the memory of cells, labels and notes, keeping only how many there were and the sheet's year."""
        self.counts = self.n_rows, self.n_cells
        # The sheet's year is stored later, with its releases.
        self.notes = [note for note in self.notes if note.kind in _KINDS_OF_YEAR][:1]
        self.cells, self.rows, self.columns = Cells(), Labels(), Labels()
        self.register = None

    @property
    def sheet_id(self) -> str:
        """Twelve characters: databases store so short a text inline, and a million cells are joined by it."""
        return f"{self.file.sha256[:8]}:{self.sheet_number:03d}"

    @property
    def sheet_year(self) -> str | None:
        """The financial year of the whole sheet, where its rows and columns do not each have one."""
        return next((note.text for note in self.notes if note.kind in _KINDS_OF_YEAR), None)

    def is_value(self, text: str) -> bool:
        """Whether a printed cell is a number in this layout, which may print the figure by an earlier rule with it."""
        if self.layout.number_in_brackets == "superseded":
            text = _IN_BRACKETS.sub("", text)
        return is_number(text)

    def note(self, kind: str, text: str, row: int | None = None, column: int | None = None) -> None:
        self.notes.append(Note(kind, text, row, column))

    def fault(self, rule: str, found: str, expected: str, next_step: str, row: int | None = None,
              column: int | None = None, council: str | None = None) -> None:
        if len(found) > MOST_SHOWN_OF_CELL:
            found = f"{found[:MOST_SHOWN_OF_CELL]}... ({len(found):,} characters)"
        self.faults.append(Fault(rule, self.file.name, found, expected, next_step, self.sheet or None, row, column,
                                 council))


def is_number(text: str) -> bool:
    """Whether a printed cell is a number: ``1,234.5``, ``-128``, ``$0.00``, ``588*``, ``2.3E-14``; not ``1,23``."""
    return NUMBER.fullmatch(text) is not None


def number_of(text: str) -> Decimal:
    """What a printed number means. Raises InvalidOperation where ``is_number`` is false."""
    return Decimal(text.partition("[")[0].translate(_AROUND_NUMBERS))


def short(text: str, most: int = 110) -> str:
    """A text on one line, shortened, in quotes: for messages."""
    text = " ".join(text.split())
    return repr(text if len(text) <= most else f"{text[:most]}...")
