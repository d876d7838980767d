"""The council's own placements, where the copy that is read shows any."""

from __future__ import annotations

from orchestration.report import pictures
from orchestration.report.reading import Row
from orchestration.report.sections.parts import Asked, Cell, Section, Table, decimal, money, nothing, number

TRUST = "Can it be trusted?"


def placements(asked: Asked) -> Section:
    """The council's own placements as the open copy shows them, where it shows any."""
    title = "Our own placements"
    rows = asked.copy.rows(
        "select * from marts.mart_placement_band where snapshot_date = (select max(snapshot_date) from "
        "marts.mart_placement_band) order by setting desc, band_order"
    )
    if not rows:
        return nothing(
            "placements",
            title,
            "No placement records of this council are in this copy. Exact figures of them are in the local copy, for "
            "those who may read it: carequartile report --local.",
        )
    dearest = [
        row for row in rows if row["setting"].startswith("Residential") and row["high_gbp"] is None and row["people"]
    ]
    made = " The records are synthetic: they show the method and are no real people." if rows[0]["is_synthetic"] else ""
    about = "" if rows[0]["rounded_to_gbp"] is None else "About "
    headline = (
        f"{about}{dearest[0]['people']} people are in residential or nursing placements of "
        f"£{dearest[0]['low_gbp']:,.0f} a week and more.{made}"
        if dearest
        else f"No one is shown in the dearest band.{made}"
    )
    subtitle = (
        f"People by weekly price, {rows[0]['client_group'].lower()}, on {rows[0]['snapshot_date']:%d %B %Y}"
        f"{', with noise' * bool(about)}"
    )
    bands = [pictures.Band(row["setting"], row["band"], row["people"]) for row in rows]
    return Section(
        "placements",
        title,
        headline,
        subtitle,
        pictures.bands(bands, f"{headline} {subtitle}"),
        [_band_table(rows), *_placement_tables(asked, rows[0]["snapshot_date"])],
        [
            "Numbers have noise in them and small ones are not shown, so that no one can be recognised."
            if about
            else "These numbers are exact and for the council's own people: do not publish this page."
        ],
    )


def _trusted(row: Row) -> Cell:
    """Records of people are judged as whole snapshots by gate A; a row says what was done to it before it was shown."""
    if row["is_suppressed"]:
        return Cell("Not shown: too few people")
    if row["is_synthetic"]:
        return Cell("Synthetic records: no real people")
    return Cell("As the council recorded it")


def _people(row: Row) -> Cell:
    return decimal(row["people"], "people", 0, "not shown")


def _band_table(rows: list[Row]) -> Table:
    return Table(
        "People by weekly price",
        ["Setting", "Weekly price, £", "People", "Cost a year", TRUST],
        [
            [
                Cell(row["setting"]),
                Cell(row["band"]),
                _people(row),
                money(row["annual_cost_gbp"], without="not shown"),
                _trusted(row),
            ]
            for row in rows
        ],
    )


def _placement_tables(asked: Asked, day: object) -> list[Table]:
    drift = asked.copy.rows("select * from marts.mart_placement_drift where to_date = ? order by change", day)
    new = asked.copy.rows(
        "select * from marts.mart_new_entrant where snapshot_date = ? order by financial_year, setting, age_band", day
    )
    ideas = asked.copy.rows(
        "select * from marts.mart_local_opportunity where snapshot_date = ? order by label, assumption", day
    )
    return [
        Table(
            "What changed since the records before",
            ["Change", "People", "Change in weekly cost", TRUST],
            [
                [
                    Cell(row["change"].replace("_", " ")),
                    _people(row),
                    number(
                        "not shown"
                        if row["weekly_cost_change_gbp"] is None
                        else f"{row['weekly_cost_change_gbp']:+,.0f} £ a week",
                        row["weekly_cost_change_gbp"],
                        "GBP per week",
                    ),
                    _trusted(row),
                ]
                for row in drift
            ],
        ),
        Table(
            "New people",
            ["Year", "Setting", "Age", "People", TRUST],
            [
                [Cell(row["financial_year"]), Cell(row["setting"]), Cell(row["age_band"]), _people(row), _trusted(row)]
                for row in new
            ],
        ),
        Table(
            "What could be reviewed",
            ["Packages", "If", "People", "Cost a year", "Saving a year", TRUST],
            [
                [
                    Cell(row["label"]),
                    Cell(row["assumes"]),
                    _people(row),
                    money(row["annual_cost_gbp"], without="not shown"),
                    money(row["saving_gbp"], without="not shown"),
                    _trusted(row),
                ]
                for row in ideas
            ],
        ),
    ]
