"""Where a cross table is on its sheet, and what its columns are, by the patterns of a layout."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from orchestration.intake.grids import NUMBER, Grid, find_above
from orchestration.intake.layouts import Layout, normalise


@dataclass
class Column:
    """A value column: its number, its header and code as printed, and what they say."""

    number: int
    text: str
    code: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    is_set_apart: bool = False

    @property
    def is_known(self) -> bool:
        return self.is_set_apart or bool(self.labels)


@dataclass(frozen=True)
class Table:
    """Where the parts of a table are on its sheet; rows are indices from 0, columns numbers from 1."""

    header_row: int
    code_row: int | None
    names: dict[str, int]
    columns: list[Column]


def share_known(layout: Layout, grid: Grid, header_row: int) -> float:
    """How well a row fits as the header of this layout: the share of its value columns that the patterns know.

    Less than a half where a column of names or the title is missing, so that it is named as the nearest and not read.
    """
    if not is_header(layout, grid[header_row]):
        names = _name_columns(layout, grid[header_row])
        return 0.45 * len([name for name in layout.columns if name in names]) / max(len(layout.columns), 1)
    columns = find_table(layout, grid, header_row).columns
    known = sum(column.is_known for column in columns) / len(columns) if any(
        column.labels for column in columns) else 0.0
    has_title = layout.header.title is None or find_above(grid, header_row, layout.header.title)
    return known if has_title else 0.45 * known


def is_header(layout: Layout, row: list[str]) -> bool:
    """Whether a row has every column of names, or the first cell, that the header of this layout has.

    The first such row is the header: some publishers print it again over the totals of classes.
    """
    if layout.columns:
        names = _name_columns(layout, row)
        return all(name in names for name in layout.columns)
    return bool(row) and row[0].strip().lower() in layout.header.first_cell


def find_table(layout: Layout, grid: Grid, header_row: int) -> Table:
    """The table under this header."""
    names = _name_columns(layout, grid[header_row])
    taken = {*names.values(), *(column for column in layout.row_labels.values() if isinstance(column, int))}
    code_row = _code_row(layout, grid, max(taken, default=0))
    texts = header_texts(layout, grid, header_row, taken, code_row)
    codes = grid[code_row] if code_row is not None else []
    columns = []
    for number, text in sorted(texts.items()):
        column = Column(number, text, codes[number - 1].strip() if number <= len(codes) else "")
        column.is_set_apart = any(label.matches(column.text, column.code) for label in layout.set_apart)
        for label in () if column.is_set_apart else layout.column_labels:
            column.labels = label.matches(column.text, column.code) | column.labels
        if column.labels and not set(layout.column_needs) <= column.labels.keys():
            column.labels = {}
        column.is_set_apart = column.is_set_apart or (not column.labels and layout.other_columns == "set_apart")
        columns.append(column)
    return Table(header_row, code_row, names, columns)


def _name_columns(layout: Layout, header: list[str]) -> dict[str, int]:
    """The columns of names, codes and classes to the left of the values, by the layout's name of each."""
    found: dict[str, int] = {}
    for number, text in enumerate(header, start=1):
        if (name := layout.column_names.get(normalise(text))) and name not in found:
            found[name] = number
    return found


def _code_row(layout: Layout, grid: Grid, last_name: int) -> int | None:
    """The row of reference codes, above the header or below the table; None where the layout or the sheet has none."""
    if layout.header.codes is None:
        return None
    pattern = re.compile(layout.header.codes)
    for index, row in enumerate(grid):
        filled = [cell.strip() for cell in row[last_name:] if cell.strip()]
        if len(filled) > 1 and sum(1 for cell in filled if pattern.fullmatch(cell)) > len(filled) / 2:
            return index
    return None


def header_texts(layout: Layout, grid: Grid, header_row: int, taken: set[int], code_row: int | None) -> dict[int, str]:
    """The text over every value column: its header cell, after the texts of the header's rows above it.

    A merged cell fills its first cell alone: it is carried right, to the next one in its row or in a row above it. A
    title above the table fills one cell, and is no row of the header. The last row may be blank over a column that has
    texts of its own above.
    """
    last = max(taken, default=0)
    stack = [row for index, row in enumerate(grid[max(header_row - layout.header.stack, 0):header_row],
                                             start=max(header_row - layout.header.stack, 0))
             if index != code_row and _is_header_row(row[last:])]
    columns = max(map(len, [*stack, grid[header_row]]))
    texts: dict[int, list[str]] = defaultdict(list)
    starts = [False] * columns
    for row in stack:
        carried = ""
        for index in range(last, columns):
            cell = " ".join(row[index].split()) if index < len(row) else ""
            carried = cell or ("" if starts[index] else carried)
            starts[index] = starts[index] or bool(cell)
            if carried:
                texts[index + 1].append(carried)
    own = [" ".join(cell.split()) for cell in grid[header_row]]
    own += [""] * (columns - len(own))
    return {number: " - ".join(filter(None, [*texts[number], text])) for number, text in enumerate(own, start=1)
            if number not in taken and number > last * bool(layout.columns) and (text or starts[number - 1])
            and (layout.header.columns is None or number <= layout.header.columns)}


def _is_header_row(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and sum(1 for cell in filled if NUMBER.fullmatch(cell)) < len(filled) / 2
