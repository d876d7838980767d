"""What a section of a page is made of: cells, tables, and what is asked of the copy."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.report import words
from orchestration.report.reading import PEER_SETS, Copy, Council, Headline, Row, headlines, rule_words


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its words, and for a number the unrounded value with its unit, which a workbook stores.

    With ``figure_id`` it opens to where the figure comes from.
    """

    text: str
    figure_id: str | None = None
    is_number: bool = False
    value: object = None
    unit: str = ""


@dataclass(frozen=True)
class Table:
    caption: str
    columns: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Section:
    """``subtitle`` says what is measured: unit, year, peers. Without data ``headline`` says why; the rest is empty."""

    name: str
    title: str
    headline: str
    subtitle: str = ""
    picture: str = ""
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What a page is asked for, and the council's rows."""

    copy: Copy
    council: Council
    year: str | None
    peer_set: str
    basis: str = "excluding_flagged"

    @property
    def peers(self) -> str:
        return PEER_SETS.get(self.peer_set, f"councils of the peer set {self.peer_set}")

    def years(self, sql: str, *values: object) -> list[str]:
        """Years of a query of ``financial_year``, newest first; the year asked for alone, where one is."""
        found = sorted({row["financial_year"] for row in self.copy.rows(sql, *values)}, reverse=True)
        return [year for year in found if self.year in (None, year)]


def goods(copy: Copy) -> dict[str, str]:
    """What each rule finds, in words; a rule without words for the page is described by what it expects."""
    expected = copy.rows("select rule_id, good from quality.rule")
    return {row["rule_id"]: f"expected but not so: {row['good']}" for row in expected} | rule_words()


def with_notes(copy: Copy, rows: list[Row]) -> list[Row]:
    """The same rows, by ``figure_id``, with what is noted of their parts in words, and whether it is material."""
    parts: dict[object, list[Row]] = {}
    for part in copy.rows("select * from marts.mart_figure_note"):
        parts.setdefault(part["figure_id"], []).append(part)
    wanted = {row["figure_id"] for row in rows}
    notes = {
        figure_id: {"note": words.note(of_figure), "is_material": of_figure[0]["is_material"]}
        for figure_id, of_figure in parts.items()
        if figure_id in wanted
    }
    for row in rows:
        row |= notes.get(row["figure_id"], {})
    return rows


def number(text: str, value: object, unit: str = "", figure_id: object = None) -> Cell:
    return Cell(text, str(figure_id) if figure_id else None, True, value, unit)


def amount(value: object, unit: str, figure_id: object = None) -> Cell:
    """With its unit: £146.00 a resident."""
    return number(words.amount(value, unit), value, unit, figure_id)


def money(value: object, figure_id: object = None, without: str = "no figure") -> Cell:
    """Pounds in thousands or millions; ``without`` is shown where there is no value."""
    return number(without if value is None else words.money(value), value, "GBP", figure_id)


def decimal(
    value: object, unit: str = "GBP", places: int = 2, without: str = "no figure", figure_id: object = None
) -> Cell:
    """A number in a column whose heading gives the unit."""
    return number(without if value is None else f"{value:z,.{places}f}", value, unit, figure_id)


def gap(value: object, unit: str = "GBP", places: int = 2) -> Cell:
    """A difference with its sign."""
    sign = "%" if unit == "per cent" else ""
    return number("none" if value is None else f"{value:+z,.{places}f}{sign}", value, unit)


def nothing(name: str, title: str, why_not: str) -> Section:
    return Section(name, title, why_not)


def not_answered(
    asked: Asked, question: int, start: str, otherwise: str, family: str = "learning_disability%"
) -> str:
    """``start``, and why one of the questions has no answer, in the words of ``marts.mart_coverage``.

    The reason is that of the year asked for, or of the newest, with the nearest year that has an answer.
    ``otherwise`` is given where there is no reason: the table answers for default peers, and a page may ask for others.
    """
    found = asked.copy.rows(
        "select financial_year, reason, nearest_year from marts.mart_coverage where question_number = ? "
        "and measure_family like ? and not is_answered "
        "and financial_year = coalesce(?, financial_year) order by financial_year desc, measure_family limit 1",
        question,
        family,
        asked.year,
    )
    if not found:
        return f"{start}: {otherwise}."
    year, reason, nearest = (found[0][name] for name in ("financial_year", "reason", "nearest_year"))
    of_year = "" if asked.year else f"{year}: "  # A page of one year has said it.
    text = f"{start}. {of_year}{str(reason).rstrip('.')}."
    return f"{text} The nearest year that has an answer is {nearest}." if nearest not in (None, year) else text


def of_topic(topic: str) -> list[Headline]:
    return [one for one in headlines() if one.topic == topic]


def when(asked: Asked) -> str:
    return f" for {asked.year}" if asked.year else ""
