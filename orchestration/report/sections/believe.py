"""How far to believe the comparisons of a year: the record, the interval and the need behind each headline figure."""

from __future__ import annotations

from orchestration.report import words
from orchestration.report.reading import Row, headlines
from orchestration.report.sections.parts import (
    Asked,
    Cell,
    Section,
    Table,
    amount,
    decimal,
    not_answered,
    nothing,
    when,
)

TITLE = "How far to believe these comparisons"
QUARTERS = {1: "lowest", 2: "second lowest", 3: "second highest", 4: "highest"}
# A quarter that a council is in with less than this chance is as likely as not another one.
EVEN_CHANCE = 50
# Every figure of a council with a place in England, and what need changes of it where a model of need is fitted.
OF_COUNCIL = (
    "from marts.mart_believability as believed left join marts.mart_need_adjusted as needs using (figure_id) "
    "where believed.council_code = ?"
)


def believe(asked: Asked) -> Section:
    """Each headline figure of the newest year that has any, in the order of the page."""
    years = asked.years(
        "select financial_year from marts.mart_believability where council_code = ?", asked.council.code)
    if not years:
        return nothing("believe", TITLE, not_answered(
            asked,
            32,
            f"How far to believe a comparison is not known{when(asked)}",
            "no headline figure of the council has a place among the councils of England",
            "all",
        ))
    rows = believed(asked, years[0])
    return Section(
        "believe",
        TITLE,
        _headline(asked, years[0], rows),
        tables=[_numbers(rows, years[0]), _sentences(rows, years[0])],
        notes=[
            "Among all councils of England that report the figure, flagged figures left out, whichever peers the page "
            "is asked for. The usual level is what the council's figures of up to five years say together; 90% of such "
            "ranges hold it. By chance a council would be in the same quarter a year later in 25 of 100 cases.",
            "Still there a year later: how many in a hundred councils of that quarter were. Ways that save: of all "
            "peers, years, bases and targets that ask the same, how many find half of the saving or more.",
            "Rank and quarter with need say where the council would be if what its residents' age and deprivation, its "
            "size and London explain were taken out. R2 is how much of the differences they explain, for councils that "
            "the model has not seen: at 0.05 or less next to nothing. A sensitivity, never a target.",
        ],
    )


def believed(asked: Asked, year: str) -> list[Row]:
    """What the marts of reliability say of the council's headline figures of a year, in the order of the page."""
    rows = asked.copy.rows(
        "select believed.*, needs.rank_with_need, needs.n_councils as n_with_need, needs.quartile_with_need, "
        f"needs.r2_left_out, needs.sentence as need_sentence {OF_COUNCIL} and believed.financial_year = ?",
        asked.council.code,
        year,
    )
    order = [one.measure_id for one in headlines()]
    return sorted(rows, key=lambda row: (order.index(row["measure_id"]), row["definition_version"]))


def sentences(asked: Asked) -> dict[str, str]:
    """What the page says beside a headline figure, by measure and year: belief, and need where it is known."""
    found = asked.copy.rows(
        "select believed.measure_id, believed.financial_year, believed.sentence, needs.sentence as need_sentence "
        f"{OF_COUNCIL} order by believed.financial_year, believed.measure_id, believed.definition_version",
        asked.council.code,
    )
    return {f"{row['measure_id']}|{row['financial_year']}": in_words(row) for row in found}


def in_words(row: Row) -> str:
    return f"{row['sentence']} {row['need_sentence']}" if row["need_sentence"] else str(row["sentence"])


def _headline(asked: Asked, year: str, rows: list[Row]) -> str:
    """How many of the quarters are the council's usual ones, as far as that can be told."""
    known = [row for row in rows if row["in_quarter_pct"] is not None]
    figures = f"{len(rows)} headline figure{'s' * (len(rows) != 1)}"
    if not known:
        return (
            f"In {year} {asked.council.name} has {figures} with a place among the councils of England; for none is it "
            "known how much of that is chance."
        )
    sure = sum(row["in_quarter_pct"] >= EVEN_CHANCE for row in known)
    moved = [row for row in rows if row["quartile_with_need"] is not None]
    other = sum(row["quartile_with_need"] != row["quartile_band"] for row in moved)
    need = f"; with need {other or 'none'} of {len(moved)} would be in another quarter" if moved else ""
    return (
        f"In {year} the quarter of England that {asked.council.name} is in is more likely than not its usual one for "
        f"{sure or 'none'} of {len(known)} headline figures{need}."
    )


def _numbers(rows: list[Row], year: str) -> Table:
    return Table(
        f"How far to believe each comparison, {year}",
        [
            "Measure",
            "Council",
            "Rank in England",
            "Quarter",
            "Years in it",
            "Still there a year later, %",
            "Usual level",
            "Rank of the usual level",
            "Chance of it, %",
            "Ways that save",
            "Rank with need",
            "Quarter with need",
            "R2 of need",
        ],
        [_line(row) for row in rows],
    )


def _line(row: Row) -> list[Cell]:
    return [
        Cell(_short(row)),
        amount(row["value"], row["unit"], row["figure_id"]),
        Cell(f"{row['rank_in_england']} of {row['n_ranked']}"),
        Cell(QUARTERS[row["quartile_band"]]),
        Cell(f"{row['n_years_in_quarter']} of {row['n_years_of_record']}"),
        decimal(row["still_there_next_year_pct"], "per cent", 0, "no year after it"),
        Cell(_between(row)),
        Cell("not known" if row["rank_low"] is None else f"{row['rank_low']} to {row['rank_high']}"),
        decimal(row["in_quarter_pct"], "per cent", 0, "not known"),
        Cell("not asked" if row["n_ways"] is None else f"{row['n_saving']} of {row['n_ways']}"),
        Cell("no model" if row["rank_with_need"] is None else f"{row['rank_with_need']} of {row['n_with_need']}"),
        Cell("no model" if row["rank_with_need"] is None else QUARTERS[row["quartile_with_need"]]),
        decimal(row["r2_left_out"], "", 2, "no model"),
    ]


def _between(row: Row) -> str:
    """The interval of the usual level, or why there is none."""
    if row["usual_low"] is None:
        return f"not known: {row['why_no_interval']}"
    return f"{words.plain(row['usual_low'], row['unit'])} to {words.plain(row['usual_high'], row['unit'])}"


def _sentences(rows: list[Row], year: str) -> Table:
    return Table(
        f"In words, {year}",
        ["Measure", "How far to believe it", "With need"],
        [
            [
                Cell(_short(row)),
                Cell(str(row["sentence"])),
                Cell(str(row["need_sentence"] or "No model of need is fitted to this measure and year.")),
            ]
            for row in rows
        ],
    )


def _short(row: Row) -> str:
    return {one.measure_id: one.short for one in headlines()}[str(row["measure_id"])]
