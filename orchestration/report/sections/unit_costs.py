"""The ten unit costs with their variance, and why any of them is doubted."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.reading import Row
from orchestration.report.sections.parts import (
    Asked,
    Cell,
    Section,
    Table,
    decimal,
    gap,
    goods,
    not_answered,
    nothing,
    number,
    of_topic,
    when,
)


def unit_costs(asked: Asked) -> Section:
    """The ten unit costs with their variance, and why any of them is doubted."""
    title = "What a week of support costs"
    chosen = {one.measure_id: one.short for one in of_topic("unit_cost")}
    marks = ", ".join("?" * len(chosen))
    years = asked.years(
        f"select financial_year from marts.mart_unit_cost_variance where measure_id in ({marks}) and "
        "value is not null and peer_set = ?",
        *chosen,
        asked.peer_set,
    )
    if not years:
        return nothing(
            "unit-costs",
            title,
            not_answered(
                asked,
                12,
                f"There are no unit costs of learning disability{when(asked)}",
                "the returns in the published copy print none for this council",
            ),
        )
    found = asked.copy.rows(
        f"select * from marts.mart_unit_cost_variance where measure_id in ({marks}) and "
        "peer_set = ? and financial_year = ?",
        *chosen,
        asked.peer_set,
        years[0],
    )
    rows = sorted(found, key=lambda row: list(chosen).index(row["measure_id"]))
    quartiles = {
        row["measure_id"]: row
        for row in asked.copy.rows(
            f"select * from marts.mart_benchmark where measure_id in ({marks}) and peer_set = ? and financial_year = ? "
            "and basis = 'as_returned'",
            *chosen,
            asked.peer_set,
            years[0],
        )
    }
    headline = _unit_cost_words(asked, years[0], rows, chosen)
    subtitle = (
        f"Unit costs of learning disability support, {years[0]}, as per cent above or below the mean of the "
        f"{asked.peers}; pale bar: lowest to highest peer; dark bar: the middle half; diamond: {asked.council.name}"
    )
    return Section(
        "unit-costs",
        title,
        headline,
        subtitle,
        pictures.spine(_spines(rows, quartiles, chosen), f"{headline} {subtitle}"),
        [_unit_cost_table(rows, chosen, years[0], goods(asked.copy))],
        [
            "A unit cost is spend divided by weeks of support. Where a check doubts one, the last column gives the "
            "reason; on a page an asterisk marks it."
        ],
    )


def _unit_cost_words(asked: Asked, year: str, rows: list[Row], chosen: dict[str, str]) -> str:
    trusted = [row for row in rows if row["verdict"] not in words.SET_ASIDE and row["variance"] is not None]
    above = sum(row["variance"] > 0 for row in trusted)
    text = (
        f"In {year} {above or 'none'} of {len(trusted)} usable unit costs of {asked.council.name} were above "
        "the mean of "
        f"its {asked.peers}"
    )
    aside = [chosen[row["measure_id"]].lower() for row in rows if row["verdict"] in words.SET_ASIDE]
    return text + (f"; do not rely on {' or '.join(aside)}." if aside else ".")


def _spines(rows: list[Row], quartiles: dict[str, Row], chosen: dict[str, str]) -> list[pictures.Spine]:
    found = []
    for row in rows:
        middle, quartile = row["comparator_mean"], quartiles.get(row["measure_id"])
        if not middle or not quartile or quartile["q1"] is None:
            continue
        scaled = [
            float(100 * (value - middle) / middle)
            for value in (row["lowest_peer"], row["highest_peer"], quartile["q1"], quartile["q3"])
        ]
        own = None if row["value"] is None else float(100 * (row["value"] - middle) / middle)
        found.append(pictures.Spine(chosen[row["measure_id"]], own, *scaled, row["verdict"] in words.SET_ASIDE))
    return found


def _unit_cost_table(rows: list[Row], chosen: dict[str, str], year: str, expected: dict[str, str]) -> Table:
    return Table(
        f"Unit costs of learning disability, £, {year}",
        [
            "Support",
            "Unit",
            "Council",
            "Peers' mean",
            "Peers' weighted mean",
            "Peers' median",
            "Above or below the mean",
            "Per cent",
            "Peers",
            "Can it be trusted?",
        ],
        [
            [
                Cell(chosen[row["measure_id"]]),
                Cell(str(row["unit"]).removeprefix("GBP ")),
                _own(row),
                *[decimal(row[f"comparator_{name}"]) for name in ("mean", "weighted", "median")],
                gap(row["variance"]),
                gap(row["variance_pct"], "per cent", 0),
                number(str(row["n_peers"]), row["n_peers"]),
                Cell(words.verdict(row, expected)),
            ]
            for row in rows
        ],
    )


def _own(row: Row) -> Cell:
    """The council's unit cost, with an asterisk where it is set aside."""
    mark = "*" * (row["verdict"] in words.SET_ASIDE)
    text = "no figure" if row["value"] is None else f"{row['value']:,.2f}{mark}"
    return number(text, row["value"], "GBP", row["figure_id"])
