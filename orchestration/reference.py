"""Councils, measures, lines and control totals for the readers: which there are, and when, from the seeds."""

from __future__ import annotations

import csv
import difflib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from orchestration.home import project_folder


def _rows(name: str, path: Path | None = None) -> Iterator[dict[str, str]]:
    path = path or project_folder() / "seeds" / "reference" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def plain_name(text: str) -> str:
    """A council's name without what varies from file to file: case, punctuation, ``&``, a trailing UA or City of."""
    text = re.sub(r"[^a-z0-9 ]+", " ", text.lower().replace("&", " and ").replace("'", ""))
    text = " ".join(text.split())
    return text.removesuffix(" ua").removesuffix(" city of").strip()


# The kind of authority, before a council's name or behind it: London Borough of Barnet, Leeds City Council.
_KIND_BEFORE = re.compile("(the )?((london|royal|metropolitan) )?(borough|city|county)( council)? of |the |lb ")
_KIND_BEHIND = re.compile("( (city|county|borough|district|metropolitan( (borough|district))?|london borough"
                          "|county borough|unitary authority|city and county))? (council|corporation|authority)"
                          "|( (london|royal|metropolitan))? borough| (mbc|lbc|lb|mdc|cc|bc|ua)"
                          "|,? ((royal|london) borough|city|county) of")


_FORMS = ("{} council", "{} city council", "{} county council", "{} borough council", "{} metropolitan borough council",
          "{} city", "{}, city of", "{}, county of", "city of {}", "the {}", "borough of {}", "london borough of {}",
          "lb {}", "{} lb", "royal borough of {}", "{} ua", "{} mbc", "{} metropolitan district council",
          "council of the {}", "{} unitary authority")


def bare_name(name: str) -> str:
    """A council's name, as ``plain_name`` gives it, without the kind of authority."""
    before = _KIND_BEFORE.match(name)
    name = name[before.end():] if before else name
    behind = re.search(f"(?:{_KIND_BEHIND.pattern})$", name)
    return name[:behind.start()] if behind else name


def _last_day(year: str) -> str:
    return f"{int(year[:4]) + 1}-03-31"


def _covers(periods: list[tuple[str, str]], day: str) -> bool:
    return any(first <= day and (not last or last >= day) for first, last in periods)


@dataclass
class Councils:
    """Periods of validity (first and last day; last is empty if the council still exists) and names by council code."""

    periods: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    ons_codes: dict[str, str] = field(default_factory=dict)
    # A council that became a unitary authority, or whose boundary moved, has a new code from that day.
    ons_periods: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    spellings: dict[str, str] = field(default_factory=dict)

    def is_known(self, code: str) -> bool:
        return code in self.periods

    def code_of_name(self, text: str) -> str | None:
        """The code of the council with this name, in any published spelling; None where no council has it."""
        name = plain_name(text)
        # A footnote's letter, an article, a kind of place: (e), The Medway Towns, Derby City, City of Nottingham.
        bare = re.sub(r"^(the )?(city of )?|( city)?( [a-z])?$", "", name)
        return next(filter(None, map(self.spellings.get, (name, re.sub(r"^the ", "", name), bare, bare_name(name)))),
                    None)

    def written(self) -> dict[str, str]:
        """The code by each usual way to write a council's name with its kind, in lower case: leeds city council."""
        return {form.format(name.lower()): code for code, name in self.names.items() for form in _FORMS}

    def why_not(self, code: str, year: str, printed: str = "") -> str | None:
        """Why ``code`` was not a council on the last day of financial ``year``, or None where it was one.

        ``printed`` is the code with the council's name, if the file has it: the name finds the nearest better.
        """
        if code not in self.periods:
            return f"no council has the code {code!r}{self.nearest(printed.replace(code, '', 1).strip(' -') or code)}"
        if _covers(self.periods[code], last_day := _last_day(year)):
            return None
        spans = "; ".join(f"{first} to {last or 'now'}" for first, last in self.periods[code])
        return f"{self.names[code]} ({code}) was a council {spans}, not on {last_day}"

    def had_ons_code(self, ons_code: str, year: str) -> bool:
        """Whether a council had this code of the statistics office on the last day of financial ``year``."""
        return _covers(self.ons_periods[ons_code], _last_day(year)) if ons_code in self.ons_periods else False

    def nearest(self, text: str) -> str:
        """``, nearest: ...`` for an unknown code or name, or an empty string where nothing is near."""
        named = {**{code: code for code in self.names}, **{name.lower(): code for code, name in self.names.items()}}
        # Without the kind of authority: else every borough is near to every other.
        asked = bare_name(plain_name(text[:100])) or text[:100].lower()
        near = difflib.get_close_matches(asked, named, n=3, cutoff=0.6)
        close = dict.fromkeys(named[match] for match in near)
        return f", nearest: {', '.join(f'{code} {self.names[code]}' for code in close)}" if close else ""


@lru_cache(maxsize=2)
def load_councils(path: Path | None = None) -> Councils:
    """Reads ``seeds/reference/council.csv`` and the spellings of ``council_name.csv``."""
    councils = Councils()
    for row in _rows("council", path):
        councils.periods[row["council_code"]].append((row["valid_from"], row["valid_to"]))
        councils.names[row["council_code"]] = row["council"]
        councils.ons_codes[row["ons_code"]] = row["council_code"]
        councils.ons_periods[row["ons_code"]].append((row["valid_from"], row["valid_to"]))
        councils.spellings[plain_name(row["council"])] = row["council_code"]
    councils.spellings |= {row["printed"]: row["council_code"] for row in _rows("council_name")}
    return councils


@lru_cache(maxsize=64)
def councils_due(layout: str, year: str) -> int | None:
    """How many councils a return for all England should have, less reviewed absences; None where that is not known."""
    counts = [int(row["n_councils"]) for row in _rows("council_control") if row["from_year"] <= year <= row["to_year"]]
    absent = [row for row in _rows("known_absence") if (row["layout"], row["financial_year"]) == (layout, year)]
    return counts[0] - len(absent) if counts else None


@lru_cache(maxsize=1)
def _measure_words() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Curated measure ids; and for composed ids: client groups with ages, services with provisions, quantities."""
    ages = {row["age_band"]: row["slug"] for row in _rows("age_band")}
    groups = {"_".join(filter(None, [row["client_group"], "" if age == row["own_age_band"] else slug]))
              for row in _rows("client_group") for age, slug in [("", ""), *ages.items()]}
    services = {"_".join(filter(None, parts)) for parts in product(
        ["", *(row["service"] for row in _rows("service"))], ("", "own", "others"))}
    return (frozenset(row["measure_id"] for row in _rows("measure")), frozenset(groups), frozenset(services),
            frozenset(row["quantity"] for row in _rows("quantity")))


def is_measure(text: str) -> bool:
    """Whether a ruling may be about it: a measure of ``measure.csv``, or one composed of the catalogue's words.

    A composed id is client group, age, service, provision and quantity with underscores between; the age is left out
    where the group implies it. ``int_measure`` composes the same ids from the lines of the files. There are millions,
    so an id is split into its parts and not looked up.
    """
    curated, groups, services, quantities = _measure_words()
    words = text.split("_")
    return text in curated or any(
        "_".join(words[:start]) in groups and "_".join(words[end:]) in quantities
        and "_".join(words[start:end]) in services
        for start in range(1, len(words)) for end in range(start, len(words)))


def is_derived_measure(text: str, with_saving: bool = False) -> bool:
    """Whether it is a derived ratio: a measure's id followed by an ending from ``derivation.csv``.

    ``with_saving`` limits this to ratios for which matching a target saves money.
    """
    return any(text.endswith(row["suffix"]) and (is_measure(base := text.removesuffix(row["suffix"]))
                                                 or is_measure(f"{base}_unit_cost"))
               for row in _rows("derivation")
               if row["suffix"] and (row["has_saving"] == "true" or not with_saving))


def may_have_target(text: str) -> bool:
    """Whether matching a target for it can save money: a unit cost, spend per resident or a share of spend."""
    return (text.endswith("_unit_cost") and is_measure(text)) or is_derived_measure(text, with_saving=True)


def nearest_measures(text: str) -> list[str]:
    """Curated measures with nearly this id."""
    return difflib.get_close_matches(text[:200], _measure_words()[0], n=2)


@lru_cache(maxsize=1)
def control_totals() -> dict[tuple[str, str, str], Decimal]:
    """England's published gross current expenditure in GBP million, by collection, financial year and scope."""
    return {(row["collection"], row["financial_year"], row["scope"]): Decimal(row["amount_gbp_million"])
            for row in _rows("control_total")}


@lru_cache(maxsize=1)
def england_populations() -> dict[str, str]:
    """The mid-year for each number that is England's published population of all ages."""
    return {row["all_ages"]: row["mid_year"] for row in _rows("england_population")}


class ExpectedLine(NamedTuple):
    """A line of a return in the catalogue's words; empty where it is not divided by that."""

    client_group: str
    age_band: str
    service: str
    provision: str


@lru_cache(maxsize=64)
def expected_lines(layout: str, year: str) -> tuple[tuple[str, ExpectedLine], ...]:
    """Quantity and line of every mandatory line the return has; quantity is empty for every compared one it prints."""
    return tuple((row["quantity"], ExpectedLine(row["client_group"], row["age_band"], row["service"], row["provision"]))
                 for row in _rows("expected_line")
                 if row["layout"] == layout and row["from_year"] <= year <= row["to_year"])


@lru_cache(maxsize=64)
def coded_lines(collection: str, year: str) -> dict[str, ExpectedLine]:
    """The line of each code that the collection prints in that year."""
    return {row["line"]: ExpectedLine(row["client_group"], row["age_band"], row["service"], row["provision"])
            for row in _rows("coded_line")
            if row["collection"] == collection and row["from_year"] <= year <= row["to_year"]}


@lru_cache(maxsize=64)
def curated_lines(collection: str, year: str) -> frozenset[str]:
    """The lines of the collection that are a curated measure in that year (``measure_line.csv``)."""
    return frozenset(row["line"] for row in _rows("measure_line")
                     if row["collection"] == collection and row["from_year"] <= year <= row["to_year"])


@lru_cache(maxsize=16)
def terms(term_set: str) -> dict[tuple[str, str], str]:
    """The catalogue's word for each printed word of a vocabulary, by dimension; printed words are in lower case."""
    return {(row["dimension"], row["printed"]): row["slug"] for row in _rows("term") if row["collection"] == term_set}


@lru_cache(maxsize=1)
def _catalogue_words() -> frozenset[tuple[str, str]]:
    lists = ("client_group", "age_band", "service", "quantity")
    return frozenset([*((row["dimension"], row["slug"]) for row in _rows("term")),
                      *((name, row[name]) for name in lists for row in _rows(name))])


def is_catalogue_word(dimension: str, word: str) -> bool:
    """Whether the catalogue has this word for a dimension; a blank one narrows nothing."""
    return not word or (dimension, word) in _catalogue_words()


@lru_cache(maxsize=1)
def compared_quantities() -> frozenset[str]:
    """The quantities that councils are compared by."""
    return frozenset(row["quantity"] for row in _rows("quantity") if row["is_compared"] == "true")


@lru_cache(maxsize=1)
def _labels() -> dict[tuple[str, str], str]:
    return {(name, row[name]): row["label"] for name in ("client_group", "service") for row in _rows(name)}


def line_words(line: ExpectedLine) -> str:
    """A line for a message: ``Learning disability, 18 to 64, home care``."""
    labels = _labels()
    service = labels.get(("service", line.service), line.service)
    provision = {"own": "own provision", "others": "provision by others"}.get(line.provision, "")
    return ", ".join(filter(None, [labels.get(("client_group", line.client_group), line.client_group), line.age_band,
                                   service[:1].lower() + service[1:], provision]))


@lru_cache(maxsize=1)
def abbreviations() -> dict[str, str]:
    """Capitals that stand for a term of the field, such as LD, and the term (``abbreviation.csv`` of the seeds)."""
    return {row["abbreviation"]: row["meaning"] for row in _rows("abbreviation")}


@lru_cache(maxsize=1)
def search_words() -> dict[str, str]:
    """What people write, and the words of the catalogue that they mean by it (``search_word.csv``)."""
    return {row["asked"]: row["meant"] for row in _rows("search_word")}


@lru_cache(maxsize=1)
def spending_ranks() -> dict[str, int]:
    """By quantity, which is meant first where a search names none (``spending_word.csv``)."""
    return {row["quantity"]: int(row["rank"]) for row in _rows("spending_word")}
