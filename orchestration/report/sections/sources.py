"""Releases, residents, method and licence."""

from __future__ import annotations

from orchestration.report.sections.parts import Asked, Cell, Section, Table, decimal


def sources(asked: Asked) -> Section:
    """Which releases, which populations, by which method, under which licence."""
    used = asked.copy.rows(
        "select distinct r.* from marts.dim_release r inner join marts.fct_figure f using (release_id) "
        "order by r.financial_year desc, r.collection, r.release_id"
    )
    people = asked.copy.rows(
        "select financial_year, age_band, people, status, source from marts.dim_population where "
        "is_current and age_band in ('18 to 64', '18-64', '18_64') order by financial_year desc"
    )
    releases = Table(
        "Releases",
        ["Return", "Year", "Status", "Published", "File"],
        [
            [
                Cell(row["title"] or row["collection"]),
                Cell(row["financial_year"]),
                Cell(row["status"]),
                Cell(f"{row['published_on']:%d %B %Y}" if row["published_on"] else "not given"),
                Cell(row["file_name"]),
            ]
            for row in used
        ],
    )
    residents = Table(
        "Residents aged 18 to 64",
        ["Year", "People", "Status", "Source"],
        [
            [Cell(row["financial_year"]), decimal(row["people"], "people", 0), Cell(row["status"]), Cell(row["source"])]
            for row in people
        ],
    )
    return Section(
        "sources",
        "Sources and method",
        f"Every figure on this page is worked out from {len(used)} published releases; each "
        "opens to the cell it was printed in.",
        "",
        "",
        [releases, *([residents] if people else [])],
        [
            "Spend for each resident: spend divided by residents of the age band at the middle of the year.",
            "A mean of the peers leaves the council itself out; a rank puts it in. Fewer than five peers: no "
            "comparison.",
            "Real terms: HM Treasury's GDP deflator. Shares differ by percentage points.",
            "Contains public sector information licensed under the Open Government Licence v3.0 (NHS England, "
            "MHCLG, ONS, "
            "HM Treasury).",
        ],
    )
