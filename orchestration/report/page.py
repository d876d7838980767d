"""A council's page: one HTML file that asks nothing of any other place.

The measures of the first section are switched in the page from data that is embedded in it, each sentence and cell
already worded here, so the script only shows them.
"""

from __future__ import annotations

import csv
import io
import json
import re

from orchestration import database
from orchestration.faults import UnusableInput
from orchestration.lineage import describe, trace_in
from orchestration.report import pictures, words
from orchestration.report.reading import Copy, Council, Row, headlines, peer_words
from orchestration.report.render import render
from orchestration.report.sections import sections
from orchestration.report.sections.believe import sentences
from orchestration.report.sections.parts import Asked, goods, with_notes

LEVELS = ("lowest_quartile_mean", "mean")
DEFAULT_PEERS = "ons_neighbours"
DEFAULT_BASIS = "excluding_flagged"
MOST_LINEAGE = 6000  # characters
OF_FIGURES = ("marts.fct_figure", "marts.fct_derived_figure")
# Tables of lineage that are the same for every council.
SHARED = ("marts.dim_measure ", "marts.dim_measure_part ", "marts.dim_release ")
_PARAMETER = re.compile(r"(\w+|concat\([^)]*\)) = \?")


def check_asked(copy: Copy, council: Council, year: str | None, peer_set: str | None) -> str:
    """The peer set to show. Refuses a year without figures and a peer set that is not there, naming what there is."""
    marks = ", ".join("?" * len(headlines()))
    ids = [one.measure_id for one in headlines()]
    found = copy.rows(
        f"select distinct financial_year, peer_set from marts.mart_benchmark where measure_id in ({marks})", *ids
    )
    years = sorted({row["financial_year"] for row in found})
    if not years:
        raise UnusableInput(
            " ".join(
                [
                    f"The published copy has no figure of {council.name} that a page shows.",
                    copy.history(council),
                    "Next: refresh with a return of this council.",
                ]
            ).replace("  ", " ")
        )
    if year and year not in years:
        raise UnusableInput(
            f"There are no figures of {council.name} for {year!r}. There are: {', '.join(years)}. "
            f"{copy.history(council)}".strip()
        )
    sets = sorted({row["peer_set"] for row in found})
    if peer_set is None:  # A council that is new or gone has no neighbours; its class it always has.
        return DEFAULT_PEERS if DEFAULT_PEERS in sets else sets[0]
    if peer_set not in sets:
        raise UnusableInput(f"There is no peer set {peer_set!r} for {council.name}. There are: {', '.join(sets)}.")
    return peer_set


class Made:
    """A page of one council, ready to be written."""

    def __init__(
        self, copy: Copy, council: Council, year: str | None, peer_set: str, is_local: bool = False
    ) -> None:
        self.copy, self.council, self.is_local = copy, council, is_local
        self._read: dict[str, dict[tuple[object, ...], list[Row]]] = {}
        self.history = copy.history(council)
        self.asked = Asked(copy, council, year, peer_set)
        self.measures = {one.measure_id: one for one in headlines()}
        self.benchmarks = self._benchmarks()
        self.expected = goods(copy)
        self.start = self._start()
        self.sections = sections(self.asked)

    def _benchmarks(self) -> list[Row]:
        marks = ", ".join("?" * len(self.measures))
        found = self.copy.rows(
            "select b.*, d.rule_ids from marts.mart_benchmark b left join (select figure_id, rule_ids from "
            "marts.fct_figure "
            "union all select figure_id, rule_ids from marts.fct_derived_figure) d using (figure_id) "
            f"where b.measure_id in ({marks}) order by b.financial_year desc, b.definition_version, b.measure_id, "
            "b.peer_set, b.basis",
            *self.measures,
        )
        return with_notes(self.copy, found)

    def _start(self) -> Row:
        """What the first section shows before anything is switched: the first measure that has a figure."""
        fits = [
            row
            for row in self.benchmarks
            if row["peer_set"] == self.asked.peer_set
            and row["basis"] == DEFAULT_BASIS
            and self.asked.year in (None, row["financial_year"])
        ]
        order = list(self.measures)
        return min(
            fits,
            key=lambda row: (row["value"] is None, order.index(row["measure_id"]), -int(row["financial_year"][:4])),
        )

    def data(self) -> dict[str, object]:
        """What the page embeds: worded rows by measure, year, peers and basis; values of all; who is whose peer."""
        names = {council.code: council.name for council in self.copy.councils()}
        return {
            "council": self.council.code,
            "names": names,
            "peerWords": self.peer_words(),
            "measures": {one.measure_id: {"short": one.short, "words": one.words} for one in self.measures.values()},
            "rows": {key(row): self._worded(row) for row in self.benchmarks},
            "peers": self._peers(),
            "believed": sentences(self.asked),
            "start": {
                "measure": self.start["measure_id"],
                "year": self.start["financial_year"],
                "peers": self.start["peer_set"],
                "basis": self.start["basis"],
            },
            "savings": self._sandbox(),
            "colours": pictures.colours(),
        }

    def peer_words(self) -> dict[str, str]:
        return {name: peer_words(name) for name in sorted({row["peer_set"] for row in self.benchmarks})}

    def _worded(self, row: Row) -> dict[str, object]:
        unit = str(row["unit"])
        peers = peer_words(row["peer_set"])
        shown = {
            name: words.plain(row[name], unit)
            for name in ("value", "mean", "weighted_mean", "median", "lowest_quartile_mean")
        }
        gap = "none" if row["variance_to_mean"] is None else f"{row['variance_to_mean']:+z,.{words.places(unit)}f}"
        return shown | {
            "sentence": words.standing(self.council.name, self.measures[row["measure_id"]].words, row, peers),
            "gap": gap,
            "rank": words.rank(row["rank_low"], row["n_ranked"]),
            "verdict": words.verdict(row, self.expected),
            "unit": axis_words(unit),
            "n": row["n_peers"],
            "figure": row["figure_id"],
            "levels": tuple(None if row[name] is None else float(row[name]) for name in LEVELS),
        }

    def values(self) -> str:
        """The figures of every council for what this page shows, as JSON: councils by measure and year."""
        shown = {(row["measure_id"], row["financial_year"]) for row in self.benchmarks}
        found = self.copy.values_of_all(list(self.measures))
        return "{" + ",".join(f'"{one}|{year}":{found[one, year]}' for one, year in sorted(shown & set(found))) + "}"

    def _peers(self) -> dict[str, list[str]]:
        """Who is whose peer, by peer set and year."""
        years = sorted({row["financial_year"] for row in self.benchmarks})
        found: dict[str, list[str]] = {}
        for name, first, last, codes in self.copy.read(
            "select peer_set, counts_from, counts_to, list(peer_code) from marts.dim_peer_set group by all order by all"
        )[1]:
            for year in years:
                if first <= year <= last:
                    found.setdefault(f"{name}|{year}", []).extend(codes)
        return found

    def _sandbox(self) -> list[dict[str, object]]:
        """What the reader may move: the value, the volume and the mart's own target of each headline saving."""
        marks = ", ".join("?" * len(self.measures))
        rows = self.copy.rows(
            f"select * from marts.mart_saving where measure_id in ({marks}) and peer_set = ? and target = 'mean' "
            "order by financial_year desc",
            *self.measures,
            self.asked.peer_set,
        )
        newest = {}
        for row in rows:
            if self.asked.year in (None, row["financial_year"]):
                newest.setdefault(row["measure_id"], row["financial_year"])
        order = list(self.measures)
        rows.sort(key=lambda row: (order.index(row["measure_id"]), row["denominator_rule"]))
        return [
            {
                "name": f"{self.measures[row['measure_id']].short}, {row['financial_year']}"
                + (", the total falls too" if row["denominator_rule"] == "moves" else ""),
                "value": float(row["value"]),
                "target": float(row["target_value"]),
                "volume": float(row["volume"]),
                "scale": 100 if row["unit"] == "per cent" else 1,
                "moves": row["denominator_rule"] == "moves",
                "unit": axis_words(str(row["unit"])),
                "volumeUnit": row["volume_unit"],
                "formula": row["formula"],
                "saving": float(row["saving_gbp"]),
            }
            for row in rows
            if newest.get(row["measure_id"]) == row["financial_year"]
        ]

    def bars(self, data: dict[str, object]) -> list[pictures.Bar]:
        """The bars the page opens with; the script draws the same ones from the same data."""
        at = data["start"]
        peers = {*data["peers"].get(f"{at['peers']}|{at['year']}", []), self.council.code}
        found = self.copy.values_of_all(list(self.measures)).get((at["measure"], at["year"]), "[]")
        return [
            pictures.Bar(
                data["names"][code], value if aside or ruled is None else ruled, code == self.council.code, bool(aside)
            )
            for code, value, ruled, aside in json.loads(found)
            if code in peers
        ]

    def standing_picture(self, data: dict[str, object]) -> str:
        row = data["rows"][key(self.start)]
        levels = [
            pictures.Level(f"{name} {pictures.short(value)}", value)
            for name, value in zip(("lowest quarter's mean", "peers' mean"), row["levels"])
            if value is not None
        ]
        bars = self.bars(data)
        return pictures.ranked_bars(bars, levels, row["unit"], row["sentence"]) if bars else ""

    def lineages(self) -> dict[str, str]:
        """Where each figure that is shown comes from, as `carequartile lineage` prints it."""
        shown = {row["figure_id"] for row in self.benchmarks if row["figure_id"]}
        shown |= {
            cell.figure_id
            for section in self.sections
            if section.name != "doubts"
            for table in section.tables
            for line in table.rows
            for cell in line
            if cell.figure_id
        }
        self._want(shown)
        found = {}
        for figure_id in sorted(shown):
            lineage = trace_in(self._remembered, figure_id)
            if lineage:
                found[figure_id] = shortened(describe(lineage), figure_id)
        return found

    def _want(self, figure_ids: set[str]) -> None:
        """Notes which figures lineage will read: those that are shown, their parts, and the parts of these."""
        ids = ", ".join(database.quoted(one) for one in sorted(figure_ids)) or "null"
        figures = " union all ".join(
            f"select financial_year, measure_id, definition_version from {table} where figure_id in ({ids})"
            for table in OF_FIGURES
        )
        self.copy.read(
            f"create or replace table wanted as with recursive wanted as ({figures} union select "
            "parts.financial_year, part_measure_id, part_definition_version from marts.dim_measure_part as parts "
            "inner join wanted using (financial_year, measure_id, definition_version)) from wanted"
        )

    def _remembered(self, sql: str, *values: object) -> list[Row]:
        """Answers a query of lineage from the council's rows, each table read once however many figures ask.

        A total of all services is made of hundreds of cells, and a query for each would take seconds. Comparisons are
        left out: the page shows them itself.
        """
        if "mart_benchmark" in sql or "mart_unit_cost_variance" in sql:
            return []
        if sql not in self._read:
            self._read[sql] = (
                self.copy.once(sql, lambda: self._by_what_is_asked(sql))
                if any(table in sql for table in SHARED)
                else self._by_what_is_asked(sql)
            )
        return self._read[sql].get(values, [])

    def _by_what_is_asked(self, sql: str) -> dict[tuple[object, ...], list[Row]]:
        """The rows of a query for every value of its parameters, by these values."""
        asked = _PARAMETER.findall(sql)
        whole = _PARAMETER.sub("true", sql).replace("select ", f"select {', '.join(asked)}, ", 1)
        if any(f"{table} " in sql for table in OF_FIGURES):
            whole += " and (financial_year, measure_id, definition_version) in (from wanted)"
        names, rows = self.copy.read(whole)
        names = names[len(asked) :]
        found: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            found.setdefault(row[: len(asked)], []).append(dict(zip(names, row[len(asked) :])))
        return found

    def html(self) -> str:
        data = self.data()
        return render(
            "page.html",
            "page.js",
            interned(data) | {"lineage": self.lineages()},
            values=self.values(),
            made=self,
            data=data,
            row=data["rows"][key(self.start)],
            picture=self.standing_picture(data),
            verdicts=words.VERDICTS | {"warn, with is_material false in mart_figure_note": words.NOTED},
            bases=words.BASES,
        )

    def csv(self) -> str:
        """The headline figures of every year, peer set and basis, one row each."""
        columns = [name for name in self.benchmarks[0] if name not in ("rule_ids", "note", "is_material")]
        lines = [[*columns, "in_words", "can_it_be_trusted"]]
        for row in self.benchmarks:
            said = words.standing(
                self.council.name, self.measures[row["measure_id"]].words, row, peer_words(row["peer_set"])
            )
            lines.append([*(row[name] for name in columns), said, words.verdict(row, self.expected)])
        return as_csv(lines)

    def more_csv(self) -> dict[str, str]:
        """The tables of belief, of what is beside the spending and of the levers, by the end of their file's name."""
        return {
            f"{section.name}{f'-{at}' if at > 1 else ''}": as_csv([table.columns, *([
                cell.value if cell.is_number else cell.text for cell in line] for line in table.rows)])
            for section in self.sections
            if section.name in ("believe", "beside", "levers")
            for at, table in enumerate(section.tables, start=1)
        }


def as_csv(lines: list[list[object]]) -> str:
    """Lines of cells as CSV; what has no value is left empty."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(
        ["" if cell is None else cell for cell in line] for line in lines)
    return file.getvalue()


def shortened(text: str, figure_id: str) -> str:
    """A total of all services is made of hundreds of cells; the page shows the first, the command shows all."""
    if len(text) <= MOST_LINEAGE:
        return text
    kept = text[:MOST_LINEAGE].rsplit("\n", 1)[0]
    return f"{kept}\n\nand {text[len(kept) :].count(chr(10))} more lines: carequartile lineage {figure_id}"


def interned(data: dict[str, object]) -> dict[str, object]:
    """The same with every text of the rows written once: a verdict is the same for hundreds of them."""
    texts: dict[object, int] = {}
    fields = list(next(iter(data["rows"].values())))
    rows = {name: [texts.setdefault(row[one], len(texts)) for one in fields] for name, row in data["rows"].items()}
    return data | {"rows": rows, "fields": fields, "texts": list(texts)}


def key(row: Row) -> str:
    return f"{row['measure_id']}|{row['financial_year']}|{row['peer_set']}|{row['basis']}"


def axis_words(unit: str) -> str:
    """A unit as an axis and a column carry it: £ a resident, £ a person a week, per cent."""
    return unit.replace("GBP", "£").replace(" per ", " a ").replace(" a hour", " an hour") if "GBP" in unit else unit
