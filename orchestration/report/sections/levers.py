"""What other councils did about the services that cost this council more, and what became of it."""

from __future__ import annotations

from orchestration.report import pictures, words
from orchestration.report.reading import Row
from orchestration.report.sections.parts import Asked, Cell, Section, Table, amount, decimal, gap, money, nothing, when

TITLE = "Who pulled this lever elsewhere, and what it gave"
# Services of the largest gaps whose levers are looked for, and how many rows a table and a picture can carry.
MOST_GAPS = 3
MOST_ROWS = 40
MOST_BARS = 10
CAVEAT = (
    "The lists are partial, and after is not because: councils chose what to report, and what the returns show after a "
    "programme has many causes."
)
# The themes that are listed where no return says which service costs more: those of learning disability.
WITHOUT_GAPS = ("learning_disability", "residential_reduction", "care_package_review")
STATUS = {"achieved": "achieved", "planned": "planned", "target": "a target", "estimate": "an estimate",
          "cost_avoidance": "cost avoided"}
THEMES = {"inhouse_provision": "in-house provision", "housing_extra_care": "housing and extra care"}


def levers(asked: Asked) -> Section:
    """Savings that other councils report on the services of the largest gaps: peers first, else all councils."""
    year, gaps = _gaps(asked)
    if year and not gaps:
        return _with_own(asked, nothing(
            "levers",
            TITLE,
            f"In {year} {asked.council.name} spent no more a resident than its {asked.peers} on any service of "
            "learning disability that is compared, so there is no gap to look for a lever for.",
        ))
    rows = _rows(asked, gaps)
    of_peers = [row for row in rows if row["is_peer"]]
    rows = of_peers or rows
    if not rows:
        on = f" on {_and([_service(one['service']) for one in gaps])}" if gaps else ""
        return _with_own(asked, nothing(
            "levers",
            TITLE,
            f"No other council's report of a saving{on} is loaded{when(asked)}: the programmes whose documents are "
            "read name none.",
        ))
    headline = _headline(asked, year, gaps, rows, bool(of_peers))
    by_head = all(row["amount_per_head"] is not None for row in rows[:MOST_BARS])
    axis = "£ for each adult resident" if by_head else "£ million"
    subtitle = (
        f"The largest amounts, {axis}, numbered as in the table; dark: achieved; pale with a dashed edge: planned, a "
        "target or an estimate"
    )
    marks = [
        pictures.Lever(
            f"{number} {row['council']}",
            float(row["amount_per_head"] if by_head else row["amount_gbp"] / 1_000_000),
            STATUS.get(str(row["status"]), str(row["status"])),
            row["status"] == "achieved",
        )
        for number, row in enumerate(rows[:MOST_BARS], start=1)
    ]
    return _with_own(asked, Section(
        "levers",
        TITLE,
        headline,
        subtitle,
        pictures.levers(marks, axis, f"{headline} {subtitle}"),
        [_table(rows[:MOST_ROWS], "What other councils report", is_numbered=True)],
        [
            CAVEAT,
            "Reported by the councils themselves, as the document prints it; unit cost and residential share are of "
            "learning disability, from the returns of the year before the programme and the latest after it that is "
            "counted in the same way.",
            *_not_shown(rows),
        ],
    ))


def _gaps(asked: Asked) -> tuple[str | None, list[Row]]:
    """The newest year with a split of the gap, and the services that cost more than the peers', dearest first."""
    where = (
        "client_group = 'Learning disability' and age_band = '18 to 64' and peer_set = ? and gap_per_head is not null "
        "and verdict not in ('quarantine', 'unjudged')"
    )
    years = asked.years(f"select financial_year from marts.mart_spend_decomposition where {where}", asked.peer_set)
    if not years:
        return None, []
    rows = asked.copy.rows(
        f"select service, gap_per_head from marts.mart_spend_decomposition where {where} and financial_year = ? and "
        "gap_per_head >= 0.005 order by gap_per_head desc, service",
        asked.peer_set,
        years[0],
    )
    return years[0], rows


def _rows(asked: Asked, gaps: list[Row]) -> list[Row]:
    """Levers with an amount on the services of the largest gaps that any lever works on, largest gap first."""
    found = asked.copy.rows(
        "select levers.*, savings.document, savings.section, savings.as_printed, levers.council_code in (select "
        "peer_code from marts.dim_peer_set where peer_set = ?) as is_peer from marts.mart_programme_lever as levers "
        "inner join marts.mart_programme_saving as savings using (saving_id) where levers.council_code <> ? and "
        "levers.amount_gbp is not null and levers.services is not null and levers.verdict <> 'quarantine' "
        "order by levers.amount_per_head desc nulls last, levers.amount_gbp desc, levers.saving_id",
        asked.peer_set,
        asked.council.code,
    )
    if not gaps:
        return [row | {"service": None} for row in found if row["theme"] in WITHOUT_GAPS]
    worked_on = {service for row in found for service in str(row["services"]).split(", ")}
    wanted = [one["service"] for one in gaps if one["service"] in worked_on][:MOST_GAPS]
    rows = []
    for row in found:
        fits = [service for service in wanted if service in str(row["services"]).split(", ")]
        if fits:
            rows.append(row | {"service": fits[0]})
    return sorted(rows, key=lambda row: wanted.index(row["service"]))


def _headline(asked: Asked, year: str | None, gaps: list[Row], rows: list[Row], are_peers: bool) -> str:
    councils = len({row["council_code"] for row in rows})
    who = f"{councils} of its {asked.peers}" if are_peers else (
        f"none of its {asked.peers}, but {councils} other council{'s' * (councils > 1)}")
    achieved = sum(row["status"] == "achieved" for row in rows)
    reports = (
        f"{who} report{'s' * (councils == 1)} {len(rows)} saving{'s' * (len(rows) > 1)} by such levers, "
        f"{achieved or 'none'} of them achieved"
    )
    if not year:
        return (
            f"Which service costs {asked.council.name} more than its peers is not known{when(asked)}; on learning "
            f"disability {reports}."
        )
    services = list(dict.fromkeys(str(row["service"]) for row in rows))
    sizes = {str(one["service"]): one["gap_per_head"] for one in gaps}
    named = _and([f"{_service(one)} (by £{sizes[one]:,.2f} a resident)" for one in services])
    return f"In {year} {asked.council.name} spent more than its {asked.peers} on {named}; {reports}."


def _table(rows: list[Row], caption: str, is_numbered: bool) -> Table:
    return Table(
        f"{caption}, {len(rows)} saving{'s' * (len(rows) != 1)}",
        [
            *(["No."] if is_numbered else []),
            "Council",
            *(["Our gap"] if is_numbered else []),
            "Lever",
            "What was done",
            "Amount",
            "Achieved or planned",
            "Period",
            "An adult resident",
            "Of a year's spend",
            "Unit cost after",
            "Residential share after",
            "Years compared",
            "Document and section",
        ],
        [_line(number, row, is_numbered) for number, row in enumerate(rows, start=1)],
    )


def _line(number: int, row: Row, is_numbered: bool) -> list[Cell]:
    share = row["residential_share_change"]
    return [
        *([Cell(str(number))] if is_numbered else []),
        Cell(str(row["council"])),
        *([Cell(_service(row["service"]) if row["service"] else "not known")] if is_numbered else []),
        Cell(theme(str(row["theme"])).capitalize()),
        Cell(str(row["description"] or "not said")),
        money(row["amount_gbp"]) if row["amount_gbp"] is not None else Cell(_range(row)),
        Cell(STATUS.get(str(row["status"]), str(row["status"])).capitalize()),
        Cell(str(row["period"] or "not stated")),
        decimal(row["amount_per_head"], without="no residents"),
        amount(row["share_of_spend_pct"], "per cent"),
        gap(row["unit_cost_change_pct"], "per cent", 1),
        gap(share, "percentage points", 1),
        Cell(_years(row)),
        Cell(f"{row['document']}, {row['section']}"),
    ]


def _range(row: Row) -> str:
    return f"{words.money(row['low_gbp'])} to {words.money(row['high_gbp'])}" if row["low_gbp"] is not None else "none"


def _years(row: Row) -> str:
    after = [str(row[name]) for name in ("unit_cost_year_after", "residential_share_year_after") if row[name]]
    return f"{row['year_before']} and {_and(sorted(set(after)))}" if after else "no later return alike"


def _not_shown(rows: list[Row]) -> list[str]:
    left = len(rows) - MOST_ROWS
    return [f"{left} more are in the published table mart_programme_lever."] if left > 0 else []


def _with_own(asked: Asked, section: Section) -> Section:
    """The same section with what the council itself reported, where it is in a document."""
    own = asked.copy.rows(
        "select levers.*, null as service, savings.document, savings.section from marts.mart_programme_lever as levers "
        "inner join marts.mart_programme_saving as savings using (saving_id) where levers.council_code = ? "
        "order by levers.status, levers.amount_gbp desc nulls last, levers.saving_id",
        asked.council.code,
    )
    if own:
        caption = f"What {asked.council.name} itself reported"
        section.tables.append(_table(own, caption, is_numbered=False))
    return section


def theme(name: str) -> str:
    return THEMES.get(name, name.replace("_", " "))


def _service(name: object) -> str:
    return str(name).replace("_", " ")


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
