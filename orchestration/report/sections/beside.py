"""Spending beside an outcome: on which side of the peers' medians the council is, on both."""

from __future__ import annotations

from orchestration.report import pictures
from orchestration.report.reading import Row, headlines
from orchestration.report.sections.parts import Asked, Cell, Section, Table, amount, decimal, nothing, when

TITLE = "Spend beside outcome"
QUADRANTS = {
    "spends_more_outcome_better": "spends more, outcome better",
    "spends_more_outcome_worse": "spends more, outcome worse",
    "spends_less_outcome_better": "spends less, outcome better",
    "spends_less_outcome_worse": "spends less, outcome worse",
    "at_the_median": "at the median",
}


def beside(asked: Asked) -> Section:
    """Each pair of spending and outcome of the newest year, against the medians of the peers."""
    of_council = "from marts.mart_spend_outcome where council_code = ? and peer_set = ?"
    key = (asked.council.code, asked.peer_set)
    years = asked.years(f"select financial_year {of_council}", *key)
    if not years:
        return nothing(
            "beside",
            TITLE,
            f"No spending can be put beside an outcome{when(asked)}: the published copy has no year with both spending "
            f"per resident and outcomes (ASCOF) of {asked.council.name} and its {asked.peers}.",
        )
    rows = asked.copy.rows(f"select * {of_council} and financial_year = ?", *key, years[0])
    rows.sort(key=lambda row: (row["quadrant"] is None, _place(row), row["spend_measure"], row["outcome_measure"]))
    main = rows[0]
    headline = _headline(asked, years[0], rows)
    subtitle = (
        f"{_outcome(main)}, {main['outcome_unit']}, beside {_spend(main)}, £, {years[0]}; ring: one of the "
        f"{asked.peers}; diamond: {asked.council.name}; dashed: the peers' medians"
    )
    return Section(
        "beside",
        TITLE,
        headline,
        subtitle if main["quadrant"] else "",
        _picture(asked, main, f"{headline} {subtitle}") if main["quadrant"] else "",
        [_table(rows, years[0])],
        [str(main["warning"])],
    )


def _place(row: Row) -> int:
    """Learning disability first, as everywhere on the page; spending that is no headline measure last."""
    order = [one.measure_id for one in headlines()]
    return order.index(row["spend_measure"]) if row["spend_measure"] in order else len(order)


def _headline(asked: Asked, year: str, rows: list[Row]) -> str:
    main = rows[0]
    if main["quadrant"] is None:
        return f"In {year} spending and outcome of {asked.council.name} cannot be put side by side. " + str(
            main["why_no_quadrant"]
        )
    text = f"In {year} {asked.council.name} {_side(asked, main)} ({_outcome(main).lower()})"
    others = [row for row in rows[1:] if row["quadrant"]]
    alike = sum(row["quadrant"] == main["quadrant"] for row in others)
    if len(others) == 1:
        text += f"; the other comparison says {'the same' if alike else 'otherwise'}"
    elif others:
        text += f"; {alike or 'none'} of {len(others)} other comparisons say{'s' * (alike == 1)} the same"
    return f"{text}. Neither causes the other."


def _side(asked: Asked, row: Row) -> str:
    """Where the council is, in words: spent less than the median of its peers, with a worse outcome."""
    on = _short(row).split(":")[0]
    on = on[:1].lower() + on[1:]
    if row["quadrant"] == "at_the_median":
        return f"was at the median of its {asked.peers} on {on} or on the outcome beside it"
    more = "more" if "more" in row["quadrant"] else "less"
    better = "better" if "better" in row["quadrant"] else "worse"
    return f"spent {more} a resident on {on} than the median of its {asked.peers}, and its outcome was {better}"


def _spend(row: Row) -> str:
    """The spending in words, without who it is divided by where that is known from the page."""
    known = {one.measure_id: one.words for one in headlines()}
    return known.get(str(row["spend_measure"]), str(row["spend_measure"]).replace("_", " "))


def _outcome(row: Row) -> str:
    return str(row["outcome_label"])


def _picture(asked: Asked, main: Row, label: str) -> str:
    """The council among its peers; the peers' figures are those of the rows that compare them with all of England."""
    found = asked.copy.rows(
        "select council_code, council, spend_per_head, outcome from marts.mart_spend_outcome where peer_set = "
        "'england' and financial_year = ? and spend_measure = ? and outcome_measure = ? and "
        "outcome_definition_version = ? and spend_per_head is not null and outcome is not null and (council_code = ? "
        "or council_code in (select peer_code from marts.dim_peer_set where peer_set = ? and ? between counts_from and "
        "counts_to)) order by council_code",
        main["financial_year"],
        main["spend_measure"],
        main["outcome_measure"],
        main["outcome_definition_version"],
        asked.council.code,
        asked.peer_set,
        main["financial_year"],
    )
    places = [
        pictures.Place(
            row["council"], float(row["spend_per_head"]), float(row["outcome"]),
            row["council_code"] == asked.council.code,
        )
        for row in found
    ]
    return pictures.quadrants(
        places,
        (float(main["spend_median"]), float(main["outcome_median"])),
        ("£ a resident", str(main["outcome_unit"])),
        label,
        lower_is_better=main["outcome_polarity"] == "lower_is_better",
    )


def _table(rows: list[Row], year: str) -> Table:
    return Table(
        f"Spending and outcome, {year}, {rows[0]['n_spend_peers']} peers",
        [
            "Spending",
            "Council, £",
            "Peers' median, £",
            "Outcome",
            "Council",
            "Peers' median",
            "Side by side",
        ],
        [
            [
                Cell(_short(row)),
                decimal(row["spend_per_head"], "GBP per resident", figure_id=row["spend_figure_id"]),
                decimal(row["spend_median"], "GBP per resident"),
                Cell(_outcome(row)),
                amount(row["outcome"], row["outcome_unit"], row["outcome_figure_id"]),
                amount(row["outcome_median"], row["outcome_unit"]),
                Cell(QUADRANTS[row["quadrant"]] if row["quadrant"] else str(row["why_no_quadrant"])),
            ]
            for row in rows
        ],
    )


def _short(row: Row) -> str:
    known = {one.measure_id: one.short for one in headlines()}
    return known.get(str(row["spend_measure"]), str(row["spend_measure"]).replace("_", " ").capitalize())
