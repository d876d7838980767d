"""The schema of the layouts in ``seeds/layouts/*.yml``, and their loading. ``recognise`` finds the layout of a grid.

A layout is recognised by its header, never by the file's name. ``shape`` is the arrangement of the table on its sheet:

- ``line_columns``: a row per council, a column per published line and component (PSS EX1 unit costs and activity);
- ``area_columns``: a column per council, a row per line and component (ASC-FR 2014-15, PSS EX1 expenditure);
- ``year_columns``: a column per financial year, a row per line (the publisher's series of England);
- ``cross_table``: a row per area, or per line on a sheet per area; patterns read what a column is out of its header or
  code (RO3, ASCOF, PSS EX1 by council);
- ``records``: a header row, then a row per record (long layouts, registers, reference tables).

``kind`` decides how it is used: a ``return`` becomes figures; a ``register`` (rulings, peer sets) and a ``reference``
table (population, deflator) are used with them; a table that was ``derived`` from returns is not loaded.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.home import project_folder
from orchestration.intake.years import year_of

COMPONENTS = ("numerator", "denominator", "unit_cost")
# Written as the area's column where each sheet is an area.
SHEET_SUBJECT = "sheet"


class _Strict(BaseModel):
    # Otherwise a misspelt key would be ignored without a message, and the layout would read less than it should.
    model_config = ConfigDict(extra="forbid", frozen=True)


class YearLocation(_Strict):
    above_header: str | None = None
    fixed: str | None = None
    # Each column has its year in the header.
    header: str | None = None
    column: str | None = None
    row_label: str | None = None
    pattern: str | None = None


class StatusLocation(_Strict):
    above_header: dict[str, str] = {}
    column: str | None = None
    values: list[str] = []
    otherwise: str = "final"


class DateLocation(_Strict):
    anywhere: str


class Header(_Strict):
    first_cell: list[str] = [""]
    search_rows: int = 12
    # Rows above the header row whose texts describe the columns; a merged cell's text applies to each column it covers.
    stack: int = 0
    # The table ends with this column; what is to the right of it is another table.
    columns: int | None = None
    # Of a cross table: a text printed above the header of every sheet, and what a reference code looks like; the
    # row of codes may be anywhere on the sheet.
    title: str | None = None
    codes: str | None = None
    # Working columns that the publisher left to the right of the table are not part of it.
    ignore_beyond: bool = False


class BelowHeader(_Strict):
    line: str
    component: str


class BlankArea(_Strict):
    column: str
    england: str
    region: str | None = None


class Area(_Strict):
    column: int | str | None = None
    name_column: int | str | None = None
    # The column of a region's name, if it is not one of the council's columns.
    region_columns: list[str] = []
    by: Literal["code", "ons_code", "name"] = "code"
    council: str | None = None
    england: str | None = None
    region: str | None = None
    other: str | None = None
    # Columns whose text tells that a row is no council (its class), with the pattern of that text.
    other_by: dict[str, str] = {}
    blank: BlankArea | None = None
    fixed: Literal["england"] | None = None
    england_row: Literal["required", "optional"] = "optional"


class Quantity(_Strict):
    """Where a cell's component (numerator, gross current expenditure, people) is printed; looked up in term.csv."""

    column: str | list[str] | None = None
    columns: dict[str, str] = {}
    fixed: str | None = None
    sheet: dict[str, str] = {}


class Misprint(_Strict):
    line: str
    component: str
    printed: str


class Edition(_Strict):
    without: list[str] = []
    misprints: list[Misprint] = []
    texts: dict[str, str] = {}


class Line(_Strict):
    line: str
    numerator: str | None = None
    denominator: str | None = None
    unit_cost: str | None = None
    value: str | None = None

    @property
    def components(self) -> tuple[str, ...]:
        return ("value",) if self.value is not None else COMPONENTS


class Occurrence(_Strict):
    """Rows with the same labels, distinguished by order: the nth row of a service has the nth text of a dimension."""

    dimension: str
    when: dict[str, list[str]]


class Derived(_Strict):
    """The columns of a table that was derived from returns, and which of its rows are whole groups."""

    year: str
    group: str
    part: str
    value: str
    whole: str
    groups: dict[str, str]


class Unpivot(_Strict):
    """A reference table whose many columns are values of one kind: ``keep`` stay columns, each other is a row."""

    keep: list[str]


class TextLabel(_Strict):
    """What a text of a cross table says. The groups of ``pattern`` are named line, component, client_group, age_band,
    service, provision or area, or start and end (or ending) of a financial year; ``labels`` are the same, fixed.

    ``of`` is where the text is: ``text`` the header over a column, ``code`` its reference code, ``name`` the name of
    the sheet, ``title`` a text above the header. Notes such as [note 3] are taken out before, and dashes are hyphens.
    """

    pattern: str
    of: Literal["text", "code", "name", "title"] = "text"
    labels: dict[str, str] = {}

    @property
    def names(self) -> set[str]:
        groups = set(re.compile(self.pattern).groupindex)
        years = {"start", "end", "ending"}
        return self.labels.keys() | (groups - years) | ({"financial_year"} if groups & years else set())

    def matches(self, text: str, code: str) -> dict[str, str]:
        """What the text says, by label; empty where the pattern does not match, or names no financial year."""
        found = re.search(self.pattern, code if self.of == "code" else without_notes(text), re.IGNORECASE)
        if found is None:
            return {}
        groups = found.groupdict()
        labels = {name: " ".join(part.split()) for name, part in groups.items()
                  if part and name not in ("start", "end", "ending")}
        if {"start", "ending"} & groups.keys():
            if (year := year_of(found)) is None:
                return {}
            labels["financial_year"] = year
        return labels | self.labels or {"line": found[0]}


class Layout(_Strict):
    """One published layout; the YAML files explain each key where they use it."""

    layout: str
    title: str
    # The share of known headers from which a sheet counts as this layout with changes; below it the sheet is something
    # else. Layouts that have their first columns in common with similar files ask for more.
    recognised_from: float = 0.5
    recognised_by: Literal["text", "line"] = "text"
    sheets: str | None = None
    kind: Literal["return", "register", "reference", "derived"]
    shape: Literal["line_columns", "area_columns", "year_columns", "cross_table", "records"]
    collection: str | None = None
    coverage: Literal["england", "partial"] = "partial"
    precedence: int = 1
    encodings: list[str] = ["utf-8-sig", "cp1252"]
    financial_year: YearLocation = YearLocation()
    status: StatusLocation = StatusLocation()
    published_on: DateLocation | None = None
    header: Header = Header()
    below_header: BelowHeader | None = None
    area: Area | None = None
    markers: dict[str, str] = {}
    # Of a figure that is followed by one by an earlier rule in brackets, `7.7 (7.6)`: the one in brackets is not read.
    number_in_brackets: Literal["refused", "superseded"] = "refused"
    editions: dict[str, Edition] = {}
    lines: list[Line] = []
    # Name of a label to its header, or to its column where the headers over the labels differ by year.
    row_labels: dict[str, str | int] = {}
    # Of a cross table: what columns and sheets say, which labels a column must have to be read, which columns are of
    # other services, and how a line's code looks.
    column_labels: list[TextLabel] = []
    column_needs: list[str] = ["component"]
    set_apart: list[TextLabel] = []
    # Whether columns that no pattern knows are of other services too, or added or renamed ones that stop the file.
    other_columns: Literal["refused", "set_apart"] = "refused"
    sheet_labels: list[TextLabel] = []
    line_pattern: str | None = None
    dimensions: dict[str, list[str]] = {}
    # The vocabulary in which its texts are looked up, if it differs from the collection's.
    term_set: str | None = None
    line: list[str] = []
    # How many lines the publisher printed. If the table has no closing row, only this number shows that lines are gone.
    line_count: int | None = None
    # A line may be printed twice with the same numbers; it is read once.
    repeats: bool = False
    occurrence: Occurrence | None = None
    # Rows that hold answers (Yes, No) and no numbers, by a label's texts; and rows that repeat others.
    text_rows: dict[str, list[str]] = {}
    skip_rows: dict[str, list[str]] = {}
    quantity: Quantity = Quantity()
    component: str | None = None
    components: dict[str, str] = {}
    columns: list[str] = []
    optional_columns: list[str] = []
    aliases: dict[str, list[str]] = {}
    required: list[str] = []
    value: str | None = None
    # A second column of the value that holds its marker where the first is blank.
    marker_column: str | None = None
    councils: list[str] = []
    ons_codes: list[str] = []
    measures: list[str] = []
    target_measures: list[str] = []
    any_council: str | None = None
    years: list[str] = []
    dates: list[str] = []
    numbers: list[str] = []
    positive_numbers: list[str] = []
    shares: list[str] = []
    whole_numbers: list[str] = []
    one_of: dict[str, list[str]] = {}
    unique: list[str] = []
    differ: list[str] = []
    in_order: list[str] = []
    reserved: dict[str, list[str]] = {}
    required_when: dict[str, dict[str, str]] = {}
    # A column of words of the catalogue, and the column that says of which dimension.
    catalogue_words: dict[str, str] = {}
    # A reference table of one year: the year is printed above the header, or known from its England total.
    mid_year: YearLocation | None = None
    # Which row ends a reference table, and which rows are not part of it.
    row_filter: dict[str, str] = {}
    derived: Derived | None = None
    # Why a known table, that is no return and not derived from one, is not loaded.
    not_loaded: str | None = None
    # The column of ``raw.<layout>`` for a header whose own words do not make a column name.
    column_names_in_raw: dict[str, str] = {}
    unpivot: Unpivot | None = None

    @property
    def is_register(self) -> bool:
        """Whether it is stored in a separate table: the registers a user keeps, and reference tables."""
        return self.kind in ("register", "reference")

    def name_in_raw(self, header: str) -> str:
        """The column of ``raw.<layout>`` that holds this header's cells."""
        return self.column_names_in_raw.get(header) or re.sub("[^a-z0-9]+", "_", header.lower()).strip("_")

    @property
    def columns_in_raw(self) -> list[str]:
        """The columns of ``raw.<layout>``, without those that every such table has."""
        if self.unpivot:
            return [*map(self.name_in_raw, self.unpivot.keep), "field", "column_number", "printed_text"]
        return [self.name_in_raw(header) for header in (*self.columns, *self.optional_columns)]

    @cached_property
    def known_headers(self) -> frozenset[str]:
        """The header texts that mark this layout, normalised."""
        if self.shape == "line_columns":
            texts = ([line.line for line in self.lines] if self.recognised_by == "line"
                     else [getattr(line, part) for line in self.lines for part in line.components])
        elif self.shape in ("area_columns", "year_columns"):
            texts = [text for text in self.row_labels.values() if isinstance(text, str)]
        else:
            texts = self.columns
        return frozenset(normalise(text) for text in texts)

    @cached_property
    def column_names(self) -> dict[str, str]:
        """Normalised header to the layout's own name of the column, aliases and optional columns included."""
        names = {normalise(text): text for text in [*self.columns, *self.optional_columns]}
        return names | {normalise(other): name for name, others in self.aliases.items() for other in others}

    def names_area(self, text: str) -> bool:
        """Whether a header names a council, a region or England."""
        patterns = (self.area.council, self.area.england, self.area.region) if self.area else ()
        return any(re.match(pattern, text, re.IGNORECASE) for pattern in patterns if pattern)


_NOTE = re.compile(r"\s*\[(?:note \d+(?:, ?\d+)*|[a-z]{1,4})\]", re.IGNORECASE)
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")


def without_notes(text: str) -> str:
    """A text without the publisher's references to notes ([note 3], [x]), spaces and dashes made alike."""
    return " ".join(_NOTE.sub(" ", text).translate(_DASHES).split())


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """A header without what varies from year to year: case, punctuation, spaces, ordinals, notes and the year."""
    text = _NOTE.sub(" ", text)
    text = re.sub(r"\b(31|30)st\b", r"\1", text.lower().replace("_", " "))
    text = re.sub(r"\b(19|20)\d\d(?!\d)", " ", text)
    return " ".join(re.findall(r"[a-z0-9£]+", text))


def load_layouts(folder: Path | None = None) -> list[Layout]:
    """Every layout of ``seeds/layouts``, in the order of their file names."""
    return list(_load_layouts(folder or project_folder() / "seeds" / "layouts"))


@lru_cache(maxsize=4)
def _load_layouts(folder: Path) -> tuple[Layout, ...]:
    # libyaml's loader, where it is built in, is ten times as fast as the one in Python.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(
        Layout.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
        for path in sorted(folder.glob("*.yml"))
    )
