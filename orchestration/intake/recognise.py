"""Finds the published layout of a grid by its header alone, and how much the nearest one differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from orchestration.intake.grids import NUMBER, Grid
from orchestration.intake.layouts import Layout, normalise
from orchestration.intake.tables import is_header, share_known
from orchestration.reference import load_councils

# With less of its header in common, naming a layout would mislead: tables of other subjects share a council, a year.
NEAR = 0.3
NEAR_HEADERS = 3


@dataclass(frozen=True)
class Match:
    """How well a sheet fits a layout: ``header_row`` is an index from 0, ``score`` the share of the header known."""

    layout: Layout
    sheet: str
    header_row: int
    score: float

    @property
    def is_recognised(self) -> bool:
        return self.score >= self.layout.recognised_from


def identify(grid: Grid, sheet: str, layouts: list[Layout]) -> Match | None:
    """The layout that fits this sheet's header best, however badly; None for a sheet without text."""
    depth = max((layout.header.search_rows for layout in layouts), default=0)
    rows = [{normalise(cell) for cell in row if cell.strip()} - {""} for row in grid[:depth]]
    matches = [match for layout in layouts if (match := _best_row(rows, grid, sheet, layout))]
    return max(matches, key=lambda match: (match.is_recognised, match.score), default=None)


def _best_row(rows: list[set[str]], grid: Grid, sheet: str, layout: Layout) -> Match | None:
    if layout.sheets and sheet and not re.search(layout.sheets, sheet, re.IGNORECASE):
        return None
    best: Match | None = None
    for index, texts in enumerate(rows[: layout.header.search_rows]):
        score = (share_known(layout, grid, index) if layout.shape == "cross_table" and texts
                 else _score(texts, grid[index], layout))
        if best is None or score > best.score:
            best = Match(layout, sheet, index, score)
        if layout.shape == "cross_table" and is_header(layout, grid[index]):
            return Match(layout, sheet, index, score)
    return best


def _score(texts: set[str], row: list[str], layout: Layout) -> float:
    if layout.header.columns:
        texts = {normalise(cell) for cell in row[: layout.header.columns] if cell.strip()} - {""}
    if not texts:
        return 0.0
    known = layout.known_headers
    if layout.shape == "line_columns":
        return len(texts & known) / len(texts)
    if layout.shape == "year_columns":
        return _share(row, lambda cell: re.match(layout.financial_year.header, cell) is not None)
    if layout.shape == "area_columns" and not known:
        labels = max(int(column) for column in layout.row_labels.values())
        return _share(row[labels:], load_councils().code_of_name)
    if layout.shape == "area_columns":
        return len(texts & known) / len(known)
    names = layout.column_names
    found = {normalise(names[text]) if text in names else text for text in texts}
    optional = {normalise(text) for text in layout.optional_columns}
    return len(found & known) / len((found - optional) | known)


def _share(row: list[str], is_known: Callable[[str], object]) -> float:
    """The share of a row's texts that are known; 0 for a row of fewer than five texts, too few to judge by."""
    filled = [cell for cell in row if cell.strip()]
    return sum(1 for cell in filled if is_known(cell)) / len(filled) if len(filled) >= 5 else 0.0


def nearest_layout(matches: list[Match], grids: dict[str, Grid]) -> str:
    """Why no layout matches a file: the one nearest to the sheet with the data, and the headers that differ."""
    sheet = data_sheet(grids)
    near = max((match for match in matches if match.sheet == sheet), key=lambda match: match.score, default=None)
    of_sheet = f" (sheet {sheet!r})" if sheet else ""
    if near is None or not _is_near(near, grids[near.sheet][near.header_row]):
        return f"no layout knows it{of_sheet}, and none is near"
    return (f"no layout knows it; the nearest is {near.layout.layout}{of_sheet}, {near.score:.0%} of the header alike: "
            + describe_difference(near, grids[near.sheet][near.header_row]))


def data_sheet(grids: dict[str, Grid]) -> str:
    """The sheet with the most numbers: covers, notes and forms have few."""
    return max(grids, key=lambda name: count_numbers(grids[name]), default="")


def count_numbers(grid: Grid) -> int:
    """How many cells of a sheet are numbers."""
    return sum(1 for row in grid for cell in row if cell and NUMBER.fullmatch(cell))


def _is_near(match: Match, header: list[str]) -> bool:
    known = match.layout.known_headers | match.layout.column_names.keys()
    alike = {normalise(text) for text in header if text.strip()} & known
    return match.score >= NEAR and len(alike) >= min(NEAR_HEADERS, max(1, len(match.layout.known_headers) - 1))


def describe_difference(match: Match, header: list[str], most: int = 4) -> str:
    """Which headers the nearest layout misses, and which it does not know."""
    known = match.layout.known_headers
    names = match.layout.column_names
    unknown = [text for text in header if text.strip() and normalise(text) not in known | names.keys()
               and not match.layout.names_area(text)]
    missing = sorted(known - {normalise(text) for text in header})
    parts = []
    if missing:
        parts.append(f"missing {', '.join(repr(text[:60]) for text in missing[:most])}"
                     + (f" and {len(missing) - most} more" if len(missing) > most else ""))
    if unknown:
        parts.append(f"unknown {', '.join(repr(' '.join(text.split())[:60]) for text in unknown[:most])}"
                     + (f" and {len(unknown) - most} more" if len(unknown) > most else ""))
    return "; ".join(parts)
