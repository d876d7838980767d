"""What not to believe: figures that are set aside, unjudged or missing."""

from __future__ import annotations

from orchestration.report import words
from orchestration.report.reading import Row
from orchestration.report.sections.parts import Asked, Cell, Section, Table, amount, goods, nothing, when

MOST_QUARANTINED = 400


def doubts(asked: Asked) -> Section:
    """Every figure of the council that is set aside, unjudged or missing, why, and what a ruling would change."""
    title = "What not to believe"
    sql = (
        "select figure_id, financial_year, measure_id, definition_version, value, unit, verdict, rule_ids, "
        "missing_reason from marts.{table} where {current} and verdict in ('quarantine', 'unjudged', 'missing')"
    )
    rows = [
        row
        for table, current in (("fct_figure", "is_current"), ("fct_derived_figure", "true"))
        for row in asked.copy.rows(sql.format(table=table, current=current))
        if asked.year in (None, row["financial_year"])
    ]
    labels = {
        (row["measure_id"], row["definition_version"]): row["label"]
        for row in asked.copy.rows("select measure_id, definition_version, label from marts.dim_measure")
    }
    aside = sorted(
        (row for row in rows if row["verdict"] in words.SET_ASIDE),
        key=lambda row: (row["financial_year"], row["measure_id"]),
        reverse=True,
    )
    missing = [row for row in rows if row["verdict"] == "missing"]
    if not rows:
        return nothing("doubts", title, f"No figure of {asked.council.name} is set aside or missing{when(asked)}.")
    is_one = len(aside) == 1
    headline = (
        f"{len(aside):,} figure{'' if is_one else 's'} of {asked.council.name} {'is' if is_one else 'are'} set "
        f"aside{when(asked)}, as too doubtful to compare or because no check could judge {'it' if is_one else 'them'}"
        + (f"; {len(missing):,} more {'has' if len(missing) == 1 else 'have'} no value" if missing else "")
        + "; none of that counts in any comparison on this page unless it is shown as returned."
    )
    return Section(
        "doubts",
        title,
        headline,
        "",
        "",
        [_aside_table(asked, aside, labels), _missing_table(missing, labels)],
        [
            "A ruling is a council's decision on its own figure (accept, exclude or correct, with who, when and why). "
            "It is read at the next refresh."
        ],
    )


def _aside_table(asked: Asked, aside: list[Row], labels: dict[tuple[object, object], str]) -> Table:
    expected = goods(asked.copy)
    variances = {
        row["figure_id"]: row
        for row in asked.copy.rows("select * from marts.mart_unit_cost_variance where peer_set = ?", asked.peer_set)
    }
    return Table(
        "Set aside",
        ["Figure", "Year", "As returned", "Why", "What a ruling would change"],
        [
            [
                Cell(labels.get((row["measure_id"], row["definition_version"]), row["measure_id"])),
                Cell(row["financial_year"]),
                amount(row["value"], row["unit"], row["figure_id"]),
                Cell(words.verdict(row, expected)),
                Cell(_ruling_words(row, variances.get(row["figure_id"]), asked.peers)),
            ]
            for row in aside[:MOST_QUARANTINED]
        ],
    )


def _ruling_words(row: Row, variance: Row | None, peers: str) -> str:
    if variance and variance["variance"] is not None:
        return (
            f"Accepted, it would count as {words.difference(variance['variance'], row['unit'])} "
            f"{words.above_or_below(variance['variance'])} the mean of the {peers}; excluded or corrected, this "
            "doubt ends."
        )
    return "Accepted, it would enter ranks, means and savings; excluded, it stays out; corrected, the new value counts."


def _missing_table(missing: list[Row], labels: dict[tuple[object, object], str]) -> Table:
    years: dict[tuple[str, str], list[str]] = {}
    for row in missing:
        label = str(labels.get((row["measure_id"], row["definition_version"]), row["measure_id"]))
        years.setdefault((label, words.REASONS.get(str(row["missing_reason"]), "no reason is given")), []).append(
            row["financial_year"]
        )
    return Table(
        "No value",
        ["Figure", "Years", "Why"],
        [
            [Cell(label), Cell(", ".join(sorted(set(found), reverse=True))), Cell(reason)]
            for (label, reason), found in sorted(years.items())
        ],
    )
