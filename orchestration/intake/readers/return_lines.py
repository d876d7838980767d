"""Whether a return holds every line that its layout and year have (``seeds/reference/expected_line.csv``).

``int_expected_line`` asks the same of what is loaded; here the answer comes before anything is stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import product, repeat
from types import MappingProxyType
from typing import NamedTuple

from orchestration.intake.layouts import Layout
from orchestration.intake.readers.result import Labels, Reading
from orchestration.reference import (
    ExpectedLine,
    coded_lines,
    compared_quantities,
    curated_lines,
    expected_lines,
    line_words,
    terms,
)

TERMS = "carequartile_term"
_DIMENSIONS = ("client_group", "age_band", "service", "provision")
_LABELS = ("financial_year", "line", "component", "data_type", *_DIMENSIONS)


# What a register says that printed words mean: by vocabulary, dimension and word the catalogue's word.
Terms = Mapping[str, Mapping[tuple[str, str], str]]


class Held(NamedTuple):
    """Of one financial year: lines the return has, lines the sheet holds, and the first it lacks, in words."""

    financial_year: str
    n_expected: int
    n_held: int
    first_absent: str


def landed_terms(readings: Iterable[Reading]) -> Terms:
    """What the registers of terms among these readings say."""
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for reading in readings:
        if reading.layout.layout == TERMS and reading.register:
            columns = (reading.register.texts[name] for name in ("term_set", "dimension", "printed", "slug"))
            for term_set, dimension, printed, slug in zip(*columns):
                found[term_set.strip()][dimension.strip(), printed.strip().lower()] = slug.strip()
    return found


def count_lines(reading: Reading, landed: Terms = MappingProxyType({})) -> list[Held]:
    """What the sheet holds of each year's lines; a line of several amounts is held if all of them are.

    Empty for layouts whose lines are not in the seed: their readers check a fixed grid, or they have none.
    """
    printed = _printed_lines(reading, landed)
    # A sheet whose title says what its amounts are has no others: these are on the next sheet.
    is_of_one_kind = any("component" in label.names for label in reading.layout.sheet_labels)
    found = []
    for year in reading.financial_years:
        quantities = {quantity for of_year, quantity, _ in printed if of_year == year} & compared_quantities()
        due: dict[ExpectedLine, set[str]] = defaultdict(set)
        for quantity, line in expected_lines(reading.layout.layout, year):
            wanted = {quantity} if quantity else quantities
            due[line] |= wanted & quantities if is_of_one_kind else wanted
        due = {line: wanted for line, wanted in due.items() if wanted}
        absent = [line for line, wanted in due.items() if any((year, one, line) not in printed for one in wanted)]
        if due:
            found.append(Held(year, len(due), len(due) - len(absent), min(map(line_words, absent), default="")))
    return found


def unknown_words(reading: Reading, landed: Terms = MappingProxyType({})) -> Counter[str]:
    """Words of a return that neither the catalogue nor ``landed`` has, with how many rows have each.

    They are written as ``service 'long term|spa'``. Lines that have a code, or that are a curated measure, need no
    words.
    """
    layout = reading.layout
    known = _known(layout, landed)
    named = {line for year in reading.financial_years for of in (coded_lines, curated_lines)
             for line in of(layout.collection or "", year)}
    found: Counter[str] = Counter()
    for labels in (reading.rows, reading.columns):
        lines = labels.texts.get("line") or [""] * len(labels.positions)
        for dimension in ("client_group", "age_band", "service", "provision", "data_type"):
            for line, text in zip(lines, labels.texts.get(dimension, ())):
                if line not in named and text.strip("|") and (dimension, text.lower()) not in known:
                    found[f"{dimension.replace('_', ' ')} {text.lower()!r}"] += 1
    return found


def _known(layout: Layout, landed: Terms) -> dict[tuple[str, str], str]:
    """The words of a layout's vocabulary; those that the catalogue has keep their meaning."""
    term_set = layout.term_set or layout.collection or ""
    return {**landed.get(term_set, {}), **terms(term_set)}


def _printed_lines(reading: Reading, landed: Terms) -> set[tuple[str, str, ExpectedLine]]:
    """Year, quantity and line of everything mandatory that the sheet prints, in the catalogue's words.

    What a row and a column say of a cell is put together; where both name it, the row is right.
    """
    layout = reading.layout
    known = _known(layout, landed)

    def slug(dimension: str, text: str) -> str | None:
        return known.get((dimension, text.lower()), None if text.strip("|") else "")

    printed = set()
    for of_row, of_column in product(_distinct(reading.rows), _distinct(reading.columns)):
        texts = {name: at_row if at_row is not None else at_column
                 for name, at_row, at_column in zip(_LABELS, of_row, of_column)}
        year, code = texts["financial_year"] or reading.sheet_year or "", texts["line"] or ""
        if slug("data_type", texts["data_type"] or "") == "voluntary":
            continue
        line = coded_lines(layout.collection or "", year).get(code)
        if line is None:
            group, age, service, provision = (slug(name, texts[name] or "") for name in _DIMENSIONS)
            line = ExpectedLine(group or "", age or "", service or "", provision or "")
        if line.provision in ("", "net"):
            line = line._replace(provision="all")
        if texts["component"] is not None:
            printed.add((year, slug("quantity", texts["component"]) or "", line))
    return printed


def _distinct(labels: Labels) -> set[tuple[str | None, ...]]:
    """What rows (or columns) say, each once; None where they say nothing of a label."""
    n = len(labels.positions)
    if not n:
        return {(None,) * len(_LABELS)}
    return set(zip(*(labels.texts[name] if name in labels.texts else repeat(None, n) for name in _LABELS)))
