"""Knows every layout (``seeds/layouts/*.yml``) and says which one a grid is. Taking the cells out is ``reading``'s.

A layout is recognised by its header, never by the file's name. ``shape`` says how a table lies on its sheet:

- ``line_columns``: a row per council, a column per published line and component (PSS EX1 unit costs);
- ``area_columns``: a column per council, a row per line and component (ASC-FR 2014-15);
- ``records``: a header row, then a row per record (long layouts, registers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.home import project_folder
from orchestration.landing import Grid

COMPONENTS = ("numerator", "denominator", "unit_cost")


class _Strict(BaseModel):
    # A misspelt key in a layout would be ignored in silence otherwise, and the layout would read less than it says.
    model_config = ConfigDict(extra="forbid", frozen=True)


class YearPlace(_Strict):
    above_header: str | None = None
    fixed: str | None = None
    column: str | None = None
    pattern: str | None = None


class StatusPlace(_Strict):
    above_header: dict[str, str] = {}
    column: str | None = None
    values: list[str] = []
    otherwise: str = "final"


class Header(_Strict):
    first_cell: list[str] = [""]
    search_rows: int = 12


class BelowHeader(_Strict):
    line: str
    component: str


class Area(_Strict):
    column: int | str | None = None
    council: str
    england: str | None = None
    region: str | None = None
    england_row: Literal["required", "optional"] = "optional"


class Misprint(_Strict):
    line: str
    component: str
    printed: str


class Edition(_Strict):
    without: list[str] = []
    misprints: list[Misprint] = []


class Line(_Strict):
    line: str
    numerator: str
    denominator: str
    unit_cost: str


class Layout(_Strict):
    """One published layout; the YAML files explain each key where they use it."""

    layout: str
    title: str
    # The share of the header that makes a sheet this layout, but changed; below it the sheet is something else. Layouts
    # that share their first columns with sister files ask for more.
    recognised_from: float = 0.5
    kind: Literal["return", "register"]
    shape: Literal["line_columns", "area_columns", "records"]
    collection: str | None = None
    coverage: Literal["england", "partial"] = "partial"
    encodings: list[str]
    financial_year: YearPlace = YearPlace()
    status: StatusPlace = StatusPlace()
    header: Header = Header()
    below_header: BelowHeader | None = None
    area: Area | None = None
    markers: dict[str, str] = {}
    editions: dict[str, Edition] = {}
    lines: list[Line] = []
    row_labels: dict[str, str] = {}
    line: list[str] = []
    # How many lines the publisher printed: where nothing closes the table, a cut between two lines shows only here.
    line_count: int | None = None
    component: str | None = None
    components: dict[str, str] = {}
    columns: list[str] = []
    required: list[str] = []
    value: str | None = None
    councils: list[str] = []
    measures: list[str] = []
    any_council: str | None = None
    years: list[str] = []
    dates: list[str] = []
    numbers: list[str] = []
    whole_numbers: list[str] = []
    one_of: dict[str, list[str]] = {}
    unique: list[str] = []
    differ: list[str] = []
    reserved: dict[str, list[str]] = {}
    required_when: dict[str, dict[str, str]] = {}

    def known_headers(self) -> set[str]:
        """The header texts that mark this layout, normalised."""
        if self.shape == "line_columns":
            return {normalise(getattr(line, part)) for line in self.lines for part in COMPONENTS}
        if self.shape == "area_columns":
            return {normalise(text) for text in self.row_labels.values()}
        return {normalise(text) for text in self.columns}


    def is_area(self, text: str) -> bool:
        """Whether a header names a council, a region or England."""
        patterns = (self.area.council, self.area.england, self.area.region) if self.area else ()
        return any(re.match(pattern, text, re.IGNORECASE) for pattern in patterns if pattern)


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


@lru_cache(maxsize=16_384)
def normalise(text: str) -> str:
    """A header without what differs from year to year: case, punctuation, spaces, ordinals and the year itself."""
    text = re.sub(r"\b(31|30)st\b", r"\1", text.lower().replace("_", " "))
    text = re.sub(r"\b(19|20)\d\d(?!\d)", " ", text)
    return " ".join(re.findall(r"[a-z0-9£]+", text))


def load_layouts(folder: Path | None = None) -> list[Layout]:
    """Every layout of ``seeds/layouts``, in the order of their file names."""
    return list(_load_layouts(folder or project_folder() / "seeds" / "layouts"))


@lru_cache(maxsize=4)
def _load_layouts(folder: Path) -> tuple[Layout, ...]:
    return tuple(
        Layout.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.yml"))
    )


def identify(grid: Grid, sheet: str, layouts: list[Layout]) -> Match | None:
    """The layout whose header this sheet holds best, however badly; None for a sheet without text."""
    matches = [match for layout in layouts if (match := _best_row(grid, sheet, layout))]
    return max(matches, key=lambda match: match.score, default=None)


def _best_row(grid: Grid, sheet: str, layout: Layout) -> Match | None:
    known = layout.known_headers()
    best: Match | None = None
    for index, row in enumerate(grid[: layout.header.search_rows]):
        score = _score(row, known, layout)
        if best is None or score > best.score:
            best = Match(layout, sheet, index, score)
    return best


def _score(row: list[str], known: set[str], layout: Layout) -> float:
    texts = {normalise(cell) for cell in row if cell.strip()} - {""}
    if not texts:
        return 0.0
    if layout.shape == "line_columns":
        return len(texts & known) / len(texts)
    if layout.shape == "area_columns":
        return len(texts & known) / len(known)
    return len(texts & known) / len(texts | known)
