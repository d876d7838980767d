"""Finds measures by the words of whoever asks: misspelt, in the plural, with synonyms and abbreviations."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass

from orchestration import local_copy
from orchestration.faults import UnusableInput
from orchestration.home import Home
from orchestration.intake.find import printable
from orchestration.reference import abbreviations, search_words, spending_ranks
from orchestration.report.reading import Copy

MOST_FOUND = 5
# Words that say nothing of a measure.
_EMPTY = frozenset(["a", "an", "and", "by", "for", "from", "how", "i", "in", "is", "much", "of", "on", "our", "the",
                    "to", "we", "what", "with", "do", "does", "each", "people"])
# Words of ages and of the usual account of spending make a measure no less plain.
_AGES = frozenset(["aged", "18", "64", "65", "74", "75", "84", "85", "over", "current"])
# How near a misspelt word must come to one of the catalogue's, as difflib measures it.
_NEAR = 0.78


@dataclass(frozen=True)
class Measure:
    """A measure of the catalogue as the search reads it."""

    measure_id: str
    label: str
    search_text: str
    quantity: str = ""
    has_figures: bool = True


@dataclass(frozen=True)
class Found:
    """A measure that was found: years by definition version, the table that holds its figures, and a query."""

    measure_id: str
    label: str
    unit: str
    years: list[tuple[str, str]]
    sql: str


@dataclass(frozen=True)
class Search:
    """The answer: the nearest measures, how the words were read, and those that no measure has."""

    found: list[Found]
    read_as: str
    unknown: list[str]


def stem(word: str) -> str:
    """A word without its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def words_of(text: str) -> list[str]:
    """The words of a text in the singular, without those that say nothing."""
    return [stem(word) for word in re.findall(r"[a-z]+|\d+", text.lower()) if word not in _EMPTY]


def as_meant(text: str, vocabulary: frozenset[str]) -> list[str]:
    """The asked words as the catalogue has them: phrases and synonyms first, then the nearest spelling."""
    meant = {" ".join(words_of(asked)): words_of(meaning) for asked, meaning in _synonyms().items()}
    known = vocabulary | {word for phrase in meant for word in phrase.split()}
    words = [_spelt(word, known) for word in words_of(text)]
    found: list[str] = []
    while words:
        for length in range(min(4, len(words)), 0, -1):
            if (phrase := " ".join(words[:length])) in meant:
                found += meant[phrase]
                words = words[length:]
                break
        else:
            found.append(words.pop(0))
    return list(dict.fromkeys(found))


def _synonyms() -> dict[str, str]:
    return {short.lower(): meaning for short, meaning in abbreviations().items()} | search_words()


def _spelt(word: str, known: frozenset[str]) -> str:
    if word in known or word.isdigit() or len(word) < 4:
        return word
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=_NEAR)
    return near[0] if near else word


def nearest(measures: list[Measure], asked: str, most: int = MOST_FOUND) -> tuple[list[Measure], list[str]]:
    """The measures that have most of the asked words, the plainest first, and the words as they were read.

    A word counts for more the fewer measures have it. Measures without figures come last, unless those with figures
    have less than half of the words. Of measures with the same words the one with fewer others comes first, and of
    those the quantity that is meant where none is named (``spending_word.csv``).
    """
    texts = {measure: frozenset(words_of(measure.search_text)) for measure in measures}
    n_with = Counter(word for words in texts.values() for word in words)
    wanted = as_meant(asked, frozenset(n_with))
    weight = {word: math.log(1 + len(measures) / n_with[word]) for word in wanted if n_with[word]}
    ranks = spending_ranks()

    scores = {measure: sum(weight[word] for word in wanted if word in weight and word in texts[measure])
              for measure in measures if texts[measure] & set(weight)}
    half = max(scores.values(), default=0) / 2

    def place(measure: Measure) -> tuple[bool, float, bool, int, int, int, str]:
        others = len(set(words_of(measure.label)) - set(wanted) - _AGES)
        # What has no figures answers no one: it comes after what has half of the words and some.
        return (not (measure.has_figures and scores[measure] >= half), -round(scores[measure], 6),
                not measure.has_figures, others, ranks.get(measure.quantity, 5),
                # An id is shortest for the age that the client group is of by definition.
                measure.measure_id.count("_"), measure.measure_id)

    return sorted(scores, key=place)[:most], wanted


def find(home: Home, asked: str) -> Search:
    """The measures of the published copy that come nearest to ``asked``.

    Raises UnusableInput where no measure has any of the words, and what ``connect`` raises where nothing is published.
    """
    with local_copy.connect(home, is_local=False) as connection:
        copy = Copy(connection)
        years = _years(copy)
        by_id: dict[str, dict[str, object]] = {}
        for row in copy.rows("""
                select measures.measure_id, measures.label, measures.search_text, measures.unit,
                    measures.definition_version, coalesce(numerators.quantity, measures.quantity) as quantity
                from marts.dim_measure as measures
                left join marts.dim_measure as numerators
                    on measures.derivation <> 'sum' and measures.definition_version = numerators.definition_version
                    and measures.measure_id = concat(numerators.measure_id, '_', measures.derivation)
                order by measures.measure_id, measures.comparable_to desc"""):
            # The newest version that has figures names the measure; without any, the newest.
            if row["measure_id"] not in by_id or (
                    not _is_of(by_id[row["measure_id"]], years) and _is_of(row, years)):
                by_id[row["measure_id"]] = row
    measures = [Measure(measure_id, row["label"], row["search_text"], row["quantity"] or "", measure_id in years)
                for measure_id, row in by_id.items()]
    found, wanted = nearest(measures, asked)
    known = {word for measure in measures for word in words_of(measure.search_text)}
    unknown = [word for word in wanted if word not in known]
    if not found:
        raise UnusableInput(f"No measure has any of the words {printable(asked)[:80]!r}. Next: use the words of a "
                            "return, such as carequartile find \"residential care cost per week\".")
    return Search([_found(measure, by_id[measure.measure_id]["unit"], years.get(measure.measure_id))
                   for measure in found], " ".join(wanted), unknown)


def _years(copy: Copy) -> dict[str, dict[str, object]]:
    """By measure the table of its figures, and its years by definition version."""
    found: dict[str, dict[str, object]] = {}
    for table in ("fct_figure", "fct_derived_figure"):
        where = "where is_current" if table == "fct_figure" else ""
        for row in copy.rows(f"""
                select measure_id, definition_version, min(financial_year) as first, max(financial_year) as last
                from marts.{table} {where} group by 1, 2 order by 1, 3"""):
            of = found.setdefault(row["measure_id"], {"table": table, "years": []})
            of["years"].append((row["definition_version"],
                                row["first"] if row["first"] == row["last"] else f"{row['first']} to {row['last']}"))
    return found


def _is_of(row: dict[str, object], years: dict[str, dict[str, object]]) -> bool:
    """Whether there are figures of this measure in this definition version."""
    found = years.get(row["measure_id"], {"years": []})["years"]
    return row["definition_version"] in {version for version, _ in found}


def _found(measure: Measure, unit: str, years: dict[str, object] | None) -> Found:
    table = years["table"] if years else "fct_figure"
    current = " and is_current" if table == "fct_figure" else ""
    sql = (f"select council_code, financial_year, value, unit, verdict from marts.{table} "
           f"where measure_id = '{measure.measure_id}'{current} order by financial_year, council_code")
    return Found(measure.measure_id, measure.label, unit, years["years"] if years else [], sql)


def described(search: Search) -> str:
    """The answer in lines: each measure with its id, unit, years and query."""
    lines = [f"read as: {search.read_as}"]
    if search.unknown:
        lines.append(f"no measure has: {', '.join(printable(word)[:40] for word in search.unknown)}")
    for number, one in enumerate(search.found, 1):
        years = "; ".join(f"{span} ({version})" for version, span in one.years) or "no figures in what is published"
        lines += ["", f"{number}. {one.label}", f"   {one.measure_id}", f"   {one.unit}; {years}", f"   {one.sql}"]
    if any(len(one.years) > 1 for one in search.found):
        lines += ["", "Years in brackets of another name are counted in another way and do not compare."]
    return "\n".join(lines)
