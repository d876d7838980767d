"""Outcomes beside spend, and what other councils report of the same levers."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.sections.parts import Asked, Cell, Section, Table, amount, money, number, of_topic, when


def outcomes(asked: Asked) -> Section:
    """What the spend is next to: outcomes against the peers, and what others saved by the same levers."""
    title = "Spend and what people say of it"
    register = _register(asked)
    chosen = {one.measure_id: one.short for one in of_topic("outcome")}
    marks = ", ".join("?" * len(chosen))
    years = asked.years(
        f"select financial_year from marts.mart_benchmark where measure_id in ({marks}) and value is not "
        "null and peer_set = ?",
        *chosen,
        asked.peer_set,
    )
    if not years:
        why_not = (
            f"There are no outcomes{when(asked)}: the published copy has no outcomes framework (ASCOF) of this year "
            "for the council."
        )
        return Section("outcomes", title, why_not, tables=register)
    found = asked.copy.rows(
        f"select * from marts.mart_benchmark where measure_id in ({marks}) and peer_set = ? and "
        "financial_year = ? and basis = ? and value is not null",
        *chosen,
        asked.peer_set,
        years[0],
        asked.basis,
    )
    rows = sorted(found, key=lambda row: list(chosen).index(row["measure_id"]))
    compared = [row for row in rows if row["mean"] is not None]
    above = sum(row["value"] > row["mean"] for row in compared)
    headline = (
        f"In {years[0]} {asked.council.name} was above the mean of its {asked.peers} on {above or 'none'} of "
        f"{len(compared)} outcomes; spend next to an outcome does not prove that one causes the other."
    )
    subtitle = (
        f"Outcomes framework (ASCOF), per cent, {years[0]}; square: {asked.council.name}; ring: mean of the "
        f"{asked.peers}"
    )
    pairs = [pictures.Pair(chosen[row["measure_id"]], float(row["value"]), float(row["mean"])) for row in compared]
    table = Table(
        f"Outcomes, {years[0]}",
        ["Outcome", "Council", "Peers' mean", "Difference", "Rank", "Can it be trusted?"],
        [
            [
                Cell(chosen[row["measure_id"]]),
                amount(row["value"], row["unit"], row["figure_id"]),
                amount(row["mean"], row["unit"]),
                number(
                    "none"
                    if row["variance_to_mean"] is None
                    else f"{words.difference(row['variance_to_mean'], row['unit'])} "
                    f"{words.above_or_below(row['variance_to_mean'])}",
                    row["variance_to_mean"],
                    "percentage points" if row["unit"] == "per cent" else row["unit"],
                ),
                Cell(words.rank(row["rank_low"], row["n_ranked"])),
                Cell(words.verdict(row)),
            ]
            for row in rows
        ],
    )
    return Section(
        "outcomes",
        title,
        headline,
        subtitle,
        pictures.against_peers(pairs, "per cent", f"{headline} {subtitle}") if pairs else "",
        [table, *register],
    )


def _register(asked: Asked) -> list[Table]:
    rows = asked.copy.rows(
        "select * from marts.mart_programme_saving where theme in ('learning_disability', "
        "'residential_reduction', 'care_package_review') and amount_gbp is not null "
        "order by amount_gbp desc limit 25"
    )
    if not rows:
        return []
    return [
        Table(
            "What other councils report for the same levers (the 25 largest; reported by them, not checked)",
            ["Council", "Programme", "What was done", "Amount", "Period", "Achieved or planned"],
            [
                [
                    Cell(row["council"] or row["council_printed"] or "not named"),
                    Cell(row["programme"]),
                    Cell(row["description"] or ""),
                    money(row["amount_gbp"]),
                    Cell(row["period"] or ""),
                    Cell(row["status"] or ""),
                ]
                for row in rows
            ],
        )
    ]
