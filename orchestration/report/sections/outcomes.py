"""Outcomes against those of the peers."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.sections.parts import Asked, Cell, Section, Table, amount, nothing, number, of_topic, when


def outcomes(asked: Asked) -> Section:
    """What people who use support say of it, and how they live, against the peers."""
    title = "What people say of their support"
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
        return nothing("outcomes", title, why_not)
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
        f"{len(compared)} outcomes."
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
        [table],
    )
