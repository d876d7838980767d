"""Why spend differs from the peers: the gap split into amount, price, mix, and what cannot be explained."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.reading import Row
from orchestration.report.sections.parts import Asked, Cell, Section, Table, decimal, not_answered, nothing, when

# Pounds a resident, in the order of the table's columns.
AMOUNTS = (
    "spend_per_head",
    "peer_spend_per_head",
    "gap_per_head",
    "volume_effect",
    "price_effect",
    "mix_effect",
    "residual",
)


def why(asked: Asked) -> Section:
    """The gap in spend per head, split into more support, dearer support, mix, and what cannot be explained."""
    title = "Why we spend more or less"
    where = (
        "client_group = 'Learning disability' and age_band = '18 to 64' and peer_set = ? and gap_per_head is not null"
    )
    years = asked.years(f"select financial_year from marts.mart_spend_decomposition where {where}", asked.peer_set)
    if not years:
        return nothing(
            "why",
            title,
            _nearest(asked, where)
            or not_answered(
                asked,
                21,
                f"Why spend differs cannot be shown{when(asked)}",
                "the published copy has no return with both spend and weeks of support for this council and its peers",
            ),
        )
    rows = asked.copy.rows(
        f"select * from marts.mart_spend_decomposition where {where} and financial_year = ? order by service",
        asked.peer_set,
        years[0],
    )
    shown = [row for row in rows if row["verdict"] not in words.SET_ASIDE] or rows
    total = {
        name: sum(float(row[name] or 0) for row in shown)
        for name in AMOUNTS
    }
    subtitle = (
        f"Spend on learning disability services, £ for each resident aged 18 to 64, "
        f"{years[0]}, against the mean of {shown[0]['n_peers']} {asked.peers}"
    )
    headline = _why_words(asked.council.name, years[0], asked.peers, total)
    steps = [
        pictures.Step("Peers' mean", total["peer_spend_per_head"], True),
        pictures.Step("Amount of support", total["volume_effect"]),
        pictures.Step("Price of support", total["price_effect"]),
        pictures.Step("Mix, own or bought", total["mix_effect"]),
        pictures.Step("Not explained", total["residual"]),
        pictures.Step(asked.council.name, total["spend_per_head"], True),
    ]
    return Section(
        "why",
        title,
        headline,
        subtitle,
        pictures.waterfall(steps, "£ a resident aged 18 to 64", f"{headline} {subtitle}"),
        [_why_table(rows, years[0])],
        [
            "The parts add exactly to the gap. Where no weeks of support are returned for a service, its whole gap "
            "counts as not explained.",
            *_how_far(rows[0]),
        ],
    )


def _nearest(asked: Asked, where: str) -> str:
    """The nearest year that has the parts of the gap, where the year asked for has none; nothing where no year has."""
    found = asked.copy.rows(
        f"select distinct financial_year from marts.mart_spend_decomposition where {where} order by 1 desc",
        asked.peer_set,
    )
    if not (asked.year and found):
        return ""
    nearest = min((str(row["financial_year"]) for row in found), key=lambda year: words.years_away(year, asked.year))
    return (
        f"Why spend differs cannot be shown for {asked.year}: no return of that year has both spend and weeks of "
        f"support for this council and its peers. The nearest year that has is {nearest}."
    )


def _how_far(row: Row) -> list[str]:
    """How much of the gap is explained, how much of that rests on imputed volumes, and which spend is covered."""
    found = []
    if row["gap_explained_pct"] is not None:
        text = f"Amount, price and mix explain {row['gap_explained_pct']:,.0f}% of the services' gaps"
        if row["gap_imputed_pct"]:
            text += f"; {row['gap_imputed_pct']:,.0f}% rests on volumes that no one returned, worked out from a price"
        found.append(f"{text}.")
    if row["services_covered"]:
        share = "" if row["spend_covered_pct"] is None else (
            f", {row['spend_covered_pct']:,.0f}% of the client group's spend by the {row['spend_covered_of']}")
        found.append(f"Services compared: {str(row['services_covered']).replace('_', ' ')}{share}.")
    return found


def _why_words(council: str, year: str, peers: str, total: dict[str, float]) -> str:
    gap = total["gap_per_head"]
    parts = {
        "the amount of support": total["volume_effect"],
        "the price of support": total["price_effect"],
        "the mix of own and bought provision": total["mix_effect"],
        "what cannot be explained": total["residual"],
    }
    main = max(parts, key=lambda name: abs(parts[name]))
    effect = parts[main]
    side = words.above_or_below(gap)
    start = f"In {year} {council} spent £{abs(gap):,.2f} a resident {side} its {peers} on these services"
    if main == "what cannot be explained":
        return (
            f"{start}; most of it (£{abs(effect):,.2f}) cannot be explained, because weeks of support are not returned "
            "for every service."
        )
    return f"{start}; the largest reason is {main}, which {'adds' if effect > 0 else 'takes off'} £{abs(effect):,.2f}."


def _why_table(rows: list[Row], year: str) -> Table:
    return Table(
        f"The gap by service, £ a resident aged 18 to 64, {year}",
        ["Service", "Council", "Peers", "Gap", "Amount", "Price", "Mix", "Not explained", "Can it be trusted?"],
        [
            [
                Cell(str(row["service"]).replace("_", " ").capitalize()),
                *[decimal(row[name]) for name in AMOUNTS],
                Cell(words.verdict(row)),
            ]
            for row in rows
        ],
    )
