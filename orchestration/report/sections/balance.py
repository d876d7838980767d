"""How spend divides between residential and community support, over the years."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.reading import Row
from orchestration.report.sections.parts import (
    Asked,
    Cell,
    Section,
    Table,
    amount,
    decimal,
    goods,
    money,
    not_answered,
    nothing,
    with_notes,
)


def balance(asked: Asked) -> Section:
    """How spend divides between residential and community support, over the years, in cash and in real terms."""
    title = "Balance of care over the years"
    names = {
        "learning_disability_residential_nursing_total_expenditure": "Residential and nursing",
        "learning_disability_community_total_expenditure": "Community and other",
    }
    marks = ", ".join("?" * len(names))
    upto = asked.year or "9999"
    rows = asked.copy.rows(
        f"select * from marts.mart_trend where measure_id in ({marks}) and financial_year <= ? and value_cash "
        "is not null "
        "and verdict not in ('quarantine', 'unjudged') order by measure_id desc, financial_year",
        *names,
        upto,
    )
    share = asked.copy.rows(
        "select * from marts.fct_derived_figure where measure_id in (?, ?) and value is not null and "
        "financial_year <= ? "
        "order by financial_year desc, measure_id",
        "learning_disability_residential_nursing_gross_current_expenditure_share_of_client_group",
        "learning_disability_residential_nursing_total_expenditure_share_of_client_group",
        upto,
    )
    with_notes(asked.copy, share)
    if not rows or not share:
        return nothing(
            "balance",
            title,
            not_answered(
                asked,
                8,
                "The balance of care cannot be shown",
                "the published copy has no return of spend by setting for this council",
            ),
        )
    points = [
        pictures.Point(
            f"{names[row['measure_id']]}, {kind}", row["financial_year"], float(row[column]), row["definition_version"]
        )
        for kind, column in (("cash", "index_cash"), ("real terms", "index_real"))
        for row in rows
        if row[column] is not None and (kind == "cash" or row["measure_id"].startswith("learning_disability_resid"))
    ]
    headline = _balance_words(asked.council.name, share)
    subtitle = "Total spend on learning disability by setting, index, first year of each definition = 100"
    return Section(
        "balance",
        title,
        headline,
        subtitle,
        pictures.indexed_lines(points, "index, first year = 100", f"{headline} {subtitle}"),
        [_share_table(share, goods(asked.copy)), _trend_table(rows, names)],
        ["No line and no growth crosses a change of definition; the index starts again after it."],
    )


def _balance_words(council: str, share: list[Row]) -> str:
    newest = share[0]
    oldest = [
        row
        for row in share
        if row["measure_id"] == newest["measure_id"] and row["definition_version"] == newest["definition_version"]
    ][-1]
    text = (
        f"Residential and nursing care took {newest['value']:,.1f}% of what {council} spent on learning disability in "
        f"{newest['financial_year']}"
    )
    if oldest is newest:
        return f"{text}."
    return (
        f"{text}, against {oldest['value']:,.1f}% in {oldest['financial_year']}, the first year that is counted in the "
        "same way."
    )


def _share_table(share: list[Row], expected: dict[str, str]) -> Table:
    return Table(
        "Share of residential and nursing care in learning disability spend",
        ["Year", "Share of", "Share", "Can it be trusted?"],
        [
            [
                Cell(row["financial_year"]),
                Cell("total spend" if "total_exp" in row["measure_id"] else "gross current spend"),
                amount(row["value"], "per cent", row["figure_id"]),
                Cell(words.verdict(row, expected)),
            ]
            for row in share
        ],
    )


def _trend_table(rows: list[Row], names: dict[str, str]) -> Table:
    return Table(
        "Spend by setting, cash and real terms",
        ["Setting", "Year", "Cash", "Real terms", "Index, cash", "Index, real", "Comparable with the year before?"],
        [
            [
                Cell(names[row["measure_id"]]),
                Cell(row["financial_year"]),
                money(row["value_cash"], row["figure_id"]),
                money(row["value_real"]),
                *[
                    decimal(row[name], "index", 0, words.NO_INDEX.get(str(row["index_missing_reason"]), "no figure"))
                    for name in ("index_cash", "index_real")
                ],
                Cell(
                    "no: the definition changed"
                    if row["break_before"]
                    else "no: a year is missing between"
                    if row["gap_before"]
                    else "yes"
                ),
            ]
            for row in rows
        ],
    )
