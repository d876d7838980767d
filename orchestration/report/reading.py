"""Reads what a page shows out of the published copy: one council's rows, taken into memory, and its peers' values."""

from __future__ import annotations

import csv
import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from orchestration import database, local_copy
from orchestration.faults import UnusableInput
from orchestration.home import Home, project_folder
from orchestration.intake.find import printable
from orchestration.reference import bare_name, load_councils, plain_name
from orchestration.report.words import SET_ASIDE

Row = dict[str, object]
PEER_SETS = {
    "ons_neighbours": "nearest neighbours",
    "class": "class peers",
    "region": "regional peers",
    "england": "peers across England",
}
# A name that is less like what was asked is no help: 0 is another word altogether, 1 the same.
FEWEST_LIKENESS = 0.6
# Tables of which a page needs the council's rows alone; the others are small or needed whole.
_OF_COUNCIL = (
    "marts.fct_figure",
    "marts.fct_derived_figure",
    "marts.mart_figure_note",
    "marts.mart_benchmark",
    "marts.mart_unit_cost_variance",
    "marts.mart_saving",
    "marts.mart_spend_decomposition",
    "marts.mart_trend",
    "marts.mart_believability",
    "marts.mart_need_adjusted",
    "marts.mart_coverage",
    "marts.mart_placement_band",
    "marts.mart_local_opportunity",
    "marts.mart_placement_drift",
    "marts.mart_new_entrant",
    "marts.dim_population",
    "marts.dim_peer_set",
    "quality.rule_result",
    "quality.ruling",
    "marts.dim_snapshot",
)
# Of these the page shows some rows alone, and the copy has fifty times as many.
_HEADLINES_ALONE = ("marts.mart_benchmark", "marts.mart_saving", "marts.mart_figure_note")
_ALONE = {
    "marts.mart_trend": "measure_id in ('learning_disability_residential_nursing_total_expenditure', "
    "'learning_disability_community_total_expenditure')",
    "marts.mart_spend_decomposition": "client_group = 'Learning disability' and age_band = '18 to 64'",
    "marts.mart_coverage": "(measure_family like 'learning_disability%' or question_number = 32)",
}
_WHOLE = (
    "marts.dim_measure",
    "marts.dim_measure_part",
    "marts.dim_release",
    "marts.dim_definition",
    "marts.mart_programme_saving",
    "marts.mart_programme_lever",
    "marts.mart_spend_outcome",
    "quality.rule",
    "quality.source_file",
)


def put_into(sql: str, values: Sequence[object]) -> str:
    """The query with each question mark replaced by a value: a text, a number, or None. Raises ValueError where there
    are more of the one than of the other.
    """
    first, *rest = sql.split("?")
    if len(rest) != len(values):
        raise ValueError(f"the query has {len(rest)} places, and {len(values)} values were given")
    literals = ["null" if value is None else str(value) if isinstance(value, int) else database.quoted(value)
                for value in values]
    return first + "".join(literal + part for literal, part in zip(literals, rest))


def peer_words(peer_set: object) -> str:
    """A peer set in words; one that a council landed keeps its name."""
    return PEER_SETS.get(str(peer_set), str(peer_set))


@dataclass(frozen=True)
class Headline:
    """A measure that a page shows: its place, its id, its words in a sentence and in a table."""

    topic: str
    measure_id: str
    words: str
    short: str
    kind: str


@dataclass(frozen=True)
class Council:
    code: str
    name: str
    council_class: str
    region: str


@functools.cache
def headlines() -> tuple[Headline, ...]:
    with (project_folder() / "seeds" / "report" / "headline_measure.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Headline(**row) for row in csv.DictReader(file))


@functools.cache
def rule_words() -> dict[str, str]:
    """What a rule found, in the words of a page."""
    with (project_folder() / "seeds" / "report" / "rule_words.csv").open(encoding="utf-8", newline="") as file:
        return {row["rule_id"]: row["words"] for row in csv.DictReader(file)}


class Copy:
    """Rows of the published copy by column name."""

    def __init__(self, connection: object) -> None:
        self._connection, self._has_taken = connection, False
        self._group: set[str] = set()
        self._made: dict[str, object] = {}

    def rows(self, sql: str, *values: object) -> list[Row]:
        names, rows = self.read(sql, *values)
        return [dict(zip(names, row)) for row in rows]

    def read(self, sql: str, *values: object) -> tuple[list[str], list[tuple[object, ...]]]:
        """The names of the columns, and the rows; ``values`` take the places of the question marks.

        They are written into the query: given as parameters, DuckDB's client would import pandas to look at their
        types, which takes a tenth of the time of a page.
        """
        # A query without values may have question marks in its comments.
        cursor = self._connection.execute(put_into(sql, values) if values else sql)
        return [column[0] for column in cursor.description], cursor.fetchall()

    def councils(self) -> list[Council]:
        """Every council there is or was, by the name it had last."""
        sql = (
            "select council_code, arg_max(council, valid_from) as council, arg_max(class, valid_from) as class, "
            "arg_max(region, valid_from) as region from published.marts.dim_council group by 1 order by 2, 1"
        )
        return self.once(sql, lambda: [Council(*row) for row in self.read(sql)[1]])

    def history(self, council: Council) -> str:
        """A sentence about a council that is new or gone, naming whose area it was or is; else nothing."""
        changes = self.rows(
            "select * from published.marts.dim_council_change where old_council_code <> new_council_code and "
            "(old_council_code = ? or new_council_code = ?) order by effective_on, old_council, new_council",
            council.code,
            council.code,
        )
        (ended,) = self.rows(
            "select arg_max(valid_to, valid_from) as on_day from published.marts.dim_council where council_code = ?",
            council.code,
        )
        after = [row["new_council"] for row in changes if row["old_council_code"] == council.code]
        before = [row for row in changes if row["new_council_code"] == council.code]
        found = []
        if before:
            began = f"{before[0]['effective_on'].day} {before[0]['effective_on']:%B %Y}"
            found.append(f"{council.name} began on {began}; before that: {_and(row['old_council'] for row in before)}.")
        if ended["on_day"]:
            now = f"; since then: {_and(after)}" if after else ""
            found.append(f"{council.name} ended on {ended['on_day'].day} {ended['on_day']:%B %Y}{now}.")
        return " ".join(found)

    def take_group(self, councils: Sequence[Council]) -> None:
        """The rows of some councils into memory, from which ``take`` then has them. Each table of the copy is read
        once for all of them: reading it for one council takes nearly as long.
        """
        self._connection.execute("create schema if not exists grouped")
        codes = ", ".join(database.quoted(council.code) for council in councils)
        for table, where in _of_councils(f"in ({codes})"):
            self._take(f"grouped.{_plain_name(table)}", f"published.{table}", where)
        self._group = {council.code for council in councils}

    def take(self, council: Council) -> None:
        """The council's own rows into memory: a page asks some hundred questions of them. For many pages one council
        is taken after the other; what all share is taken once.
        """
        if not self._has_taken:
            self._connection.execute("create schema marts; create schema quality")
            for table in _WHOLE:
                self._connection.execute(f"create table {table} as select * from published.{table}")
            self._has_taken = True
        is_grouped = council.code in self._group
        for table, where in _of_councils(f"= {database.quoted(council.code)}"):
            self._take(table, f"grouped.{_plain_name(table)}" if is_grouped else f"published.{table}", where)

    def _take(self, table: str, source: str, where: str) -> None:
        self._connection.execute(f"create or replace table {table} as select * from {source} where {where}")

    def once(self, sql: str, make: Callable[[], object]) -> object:
        """What is the same for every council, made once for all pages of this copy."""
        if sql not in self._made:
            self._made[sql] = make()
        return self._made[sql]

    def values_of_all(self, measures: list[str]) -> dict[tuple[str, str], str]:
        """The figures of every council by measure and year, as JSON: code, value as returned, value as it counts once
        doubts are heeded (null where it counts in nothing), and 1 where it is set aside.
        """
        marks = ", ".join(database.quoted(one) for one in measures)
        aside = ", ".join(database.quoted(one) for one in SET_ASIDE)
        sql = f"""
            select measure_id, financial_year,
                '[' || string_agg(concat(
                    '["', council_code, '",', round(value, 2)::double, ',',
                    coalesce(round(ruled_value, 2)::double::varchar, 'null'), ',',
                    (verdict in ({aside}))::integer, ']'), ',' order by council_code) || ']'
            from (
                select council_code, financial_year, measure_id, value, ruled_value, verdict
                from published.marts.fct_derived_figure where measure_id in ({marks})
                union all select council_code, financial_year, measure_id, value, ruled_value, verdict
                from published.marts.fct_figure where is_current and measure_id in ({marks}))
            where value is not null group by all"""
        return self.once(sql, lambda: {(measure, year): text for measure, year, text in self.read(sql)[1]})


def _of_councils(which: str) -> Iterator[tuple[str, str]]:
    """Each table of which a page needs the rows of councils, with the condition that finds them."""
    headline = ", ".join(database.quoted(one.measure_id) for one in headlines())
    for table in _OF_COUNCIL:
        only = f"measure_id in ({headline})" if table in _HEADLINES_ALONE else _ALONE.get(table)
        yield table, f"council_code {which}{f' and {only}' if only else ''}"
    yield "marts.fct_figure_cell", f"split_part(figure_id, ':', 1) {which}"


def _plain_name(table: str) -> str:
    return table.replace(".", "_")


@contextmanager
def opened(home: Home, is_local: bool = False) -> Iterator[Copy]:
    """The open copy, or the local one, read only."""
    try:
        with database.in_memory() as connection:
            local_copy.attach(connection, home, is_local, "published")
            yield Copy(connection)
    except database.DatabaseError as error:
        raise local_copy.unreadable(error) from error


def find_council(councils: list[Council], asked: str) -> Council:
    """The council of this code or name, with or without its kind (Leeds City Council, Bristol, City of); part of a name
    is enough where it fits one alone.
    """
    plain, bare, known = _plain(asked), _plain(bare_name(plain_name(asked))), load_councils()
    printed = _plain(known.names.get(known.code_of_name(asked) or "", ""))
    for fits in (
        lambda one: one.code == asked.strip(),
        lambda one: _plain(one.name) == plain,
        lambda one: plain and _plain(one.name).startswith(plain),
        lambda one: plain and plain in _plain(one.name),
        lambda one: printed and _plain(one.name) == printed,
        lambda one: _plain(one.name) == bare,
        lambda one: bare and _plain(one.name).startswith(bare),
    ):
        found = [council for council in councils if fits(council)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnusableInput(
                f"{printable(asked)!r} fits {len(found)} councils: {_listed(found)}. Next: give the whole "
                "name or the code."
            )
    likely = {council: _likeness(bare or plain, _plain(council.name)) for council in councils}
    nearest = sorted((one for one in councils if likely[one] >= FEWEST_LIKENESS), key=lambda one: -likely[one])[:3]
    if nearest:
        raise UnusableInput(f"No council is called {printable(asked)!r}. The nearest: {_listed(nearest)}.")
    raise UnusableInput(f"No council is called {printable(asked)!r} or has that code, and no name is near to it. Next: "
                        "give a name or code of the published table marts.dim_council.")


def _likeness(asked: str, name: str) -> float:
    """How like a name is, whole or by its nearest word: stokton is nearer to Stockton-on-Tees than to Sutton."""
    return max(difflib.SequenceMatcher(None, asked, one).ratio() for one in (name, *name.split()))


def _plain(name: str) -> str:
    return " ".join(
        "".join(
            letter if letter.isalnum() else " " for letter in name.casefold().replace("&", " and ").replace("'", "")
        ).split()
    )


def _and(names: Iterable[object]) -> str:
    """Whole names, each once: Cheshire East, Cheshire West and Chester."""
    return ", ".join(dict.fromkeys(map(str, names)))


def _listed(councils: list[Council]) -> str:
    return ", ".join(f"{council.name} ({council.code})" for council in councils[:8])
