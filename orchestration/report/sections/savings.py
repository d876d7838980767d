"""What matching each target would save."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.reading import Headline, Row, headlines
from orchestration.report.sections.parts import (
    Asked,
    Cell,
    Section,
    Table,
    amount,
    goods,
    money,
    not_answered,
    nothing,
    number,
    when,
    with_notes,
)


def savings(asked: Asked) -> Section:
    """What matching each target would save, with both denominators and its range."""
    title = "What could be saved"
    found: dict[Headline, list[Row]] = {}
    by_measure: dict[object, list[Row]] = {}
    rows_of_all = asked.copy.rows(
        "select savings.*, figures.verdict, figures.rule_ids from marts.mart_saving as savings "
        "left join marts.fct_derived_figure as figures using (figure_id) "
        "where savings.peer_set = ? and savings.financial_year = coalesce(?, savings.financial_year) order by "
        "case target when 'mean' then 1 when 'median' then 2 when 'q1' then 3 else 4 end, denominator_rule",
        asked.peer_set,
        asked.year,
    )
    for row in with_notes(asked.copy, rows_of_all):
        by_measure.setdefault(row["measure_id"], []).append(row)
    for one in headlines():
        if one.topic != "outcome" and one.measure_id in by_measure:
            newest = max(row["financial_year"] for row in by_measure[one.measure_id])
            found[one] = [row for row in by_measure[one.measure_id] if row["financial_year"] == newest]
    if not found:
        return nothing(
            "savings",
            title,
            not_answered(
                asked,
                3,
                f"No saving can be worked out{when(asked)}",
                "the published copy has no believed figure of this council with enough peers to compare with",
            ),
        )
    main, rows = next(iter(found.items()))
    reasons = goods(asked.copy)
    headline = _saving_words(asked, main, rows)
    subtitle = (
        f"Saving if {main.words} matched each target, £ million a year, {rows[0]['financial_year']}, "
        f"{rows[0]['n_peers']} {asked.peers}; orange line: what the rounding of the printed figures allows"
    )
    spans = [
        pictures.Span(
            _target(row), *[float(row[name]) / 1e6 for name in ("saving_gbp", "saving_low_gbp", "saving_high_gbp")]
        )
        for row in rows
    ]
    return Section(
        "savings",
        title,
        headline,
        subtitle,
        pictures.spans(spans, "£ million a year", f"{headline} {subtitle}"),
        [_saving_table(one.short, rows, reasons) for one, rows in found.items()],
        [
            "Do not add these savings together: they are different views of the same money.",
            "Only figures that are not set aside are used, for this council and for its peers.",
            "A saving means matching the target at today's volume. It is no forecast, and being below a target is "
            "headroom, not a negative saving.",
        ],
    )


def _target(row: Row) -> str:
    name = words.TARGETS.get(str(row["target"]), str(row["target"])).replace(" of the peers", "").removeprefix("the ")
    return f"{name.capitalize()}" + (", total falls too" if row["denominator_rule"] == "moves" else "")


def _saving_words(asked: Asked, main: Headline, rows: list[Row]) -> str:
    offered = [row for row in rows if row["is_offered"]]
    if not offered:
        return (
            f"On {main.words} no saving can be believed for {asked.council.name} in {rows[0]['financial_year']}: "
            f"{_why_none(rows[0])}."
        )
    best = max(offered, key=lambda row: row["saving_gbp"])
    if not best["saving_gbp"]:
        return (
            f"On {main.words} {asked.council.name} was at or below every target in {best['financial_year']}, so no "
            "saving follows from matching its peers."
        )
    return (
        f"Matching {words.TARGETS[best['target']]} on {main.words} would save {asked.council.name} "
        f"{words.money(best['saving_gbp'])} a year ({words.money(best['saving_low_gbp'])} to "
        f"{words.money(best['saving_high_gbp'])}) at the volume of {best['financial_year']}."
    )


def _why_none(row: Row) -> str:
    return str(row["formula"]).removeprefix("none: ")


def _saving_table(name: str, rows: list[Row], reasons: dict[str, str]) -> Table:
    return Table(
        f"{name}, {rows[0]['financial_year']}",
        [
            "Target",
            "Council",
            "Target value",
            "The total",
            "Saving a year",
            "At least",
            "At most",
            "Least of all peer sets",
            "Most of all peer sets",
            "Can it be trusted?",
        ],
        [
            [
                Cell(_target(row).removesuffix(", total falls too")),
                amount(row["value"], row["unit"], row["figure_id"]),
                amount(row["target_value"], row["unit"]),
                Cell(words.RULES[row["denominator_rule"]]),
                _saving(row),
                *[
                    money(row[f"{name}_gbp"])
                    for name in ("saving_low", "saving_high", "lowest_saving_of_sets", "highest_saving_of_sets")
                ],
                Cell(_trusted(row, reasons)),
            ]
            for row in rows
        ],
    )


def _saving(row: Row) -> Cell:
    below = f"none ({words.money(row['headroom_gbp'])} below the target)" if row["headroom_gbp"] else "none"
    return number(words.money(row["saving_gbp"]) if row["saving_gbp"] else below, row["saving_gbp"], "GBP")


def _trusted(row: Row, reasons: dict[str, str]) -> str:
    if not row["is_offered"]:
        return f"Not offered: {_why_none(row)}"
    if row["saving_gbp"] and row["verdict"] == "warn" and not words.is_noted(row):
        return f"{words.verdict(row, reasons)}; {row['believed_because']}"
    return f"Can be trusted: {row['believed_because']}" if row["saving_gbp"] else "No saving: at or below the target"
