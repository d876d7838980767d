"""The sections of a council's page: each one sentence that states the finding, one picture, and the table behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.report import pictures, words
from orchestration.report.reading import PEER_SETS, Copy, Council, Headline, Row, headlines, rule_words

MOST_QUARANTINED = 400


@dataclass(frozen=True)
class Cell:
    """A cell of a table; with ``figure_id`` it opens to where the figure comes from."""

    text: str
    figure_id: str | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    caption: str
    columns: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Section:
    """``subtitle`` says what is measured: unit, year, peers. Without data ``headline`` says why; the rest is empty."""

    name: str
    title: str
    headline: str
    subtitle: str = ""
    picture: str = ""
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What a page is asked for, and the council's rows."""

    copy: Copy
    council: Council
    year: str | None
    peer_set: str
    basis: str = "excluding_flagged"

    @property
    def peers(self) -> str:
        return PEER_SETS.get(self.peer_set, f"councils of the peer set {self.peer_set}")

    def years(self, sql: str, *values: object) -> list[str]:
        """Years of a query of ``financial_year``, newest first; the year asked for alone, where one is."""
        found = sorted({row["financial_year"] for row in self.copy.rows(sql, *values)}, reverse=True)
        return [year for year in found if self.year in (None, year)]


def goods(copy: Copy) -> dict[str, str]:
    """What each rule finds, in words; a rule without words for the page is described by what it expects."""
    expected = copy.rows("select rule_id, good from quality.rule")
    return {row["rule_id"]: f"expected but not so: {row['good']}" for row in expected} | rule_words()


def sections(asked: Asked) -> list[Section]:
    """All sections in the order a cabinet asks: where, why, how, what it costs, what could be saved, what it gives."""
    return [
        why(asked),
        balance(asked),
        unit_costs(asked),
        savings(asked),
        outcomes(asked),
        placements(asked),
        doubts(asked),
        sources(asked),
    ]


def number(text: str, figure_id: object = None) -> Cell:
    return Cell(text, str(figure_id) if figure_id else None, is_number=True)


def nothing(name: str, title: str, why_not: str) -> Section:
    return Section(name, title, why_not)


def _of(topic: str) -> list[Headline]:
    return [one for one in headlines() if one.topic == topic]


def _when(asked: Asked) -> str:
    return f" for {asked.year}" if asked.year else ""


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
            f"Why spend differs cannot be shown{_when(asked)}: the published copy has no return "
            "with both spend and weeks of support for this council and its peers.",
        )
    rows = asked.copy.rows(
        f"select * from marts.mart_spend_decomposition where {where} and financial_year = ? order by service",
        asked.peer_set,
        years[0],
    )
    shown = [row for row in rows if row["verdict"] not in words.SET_ASIDE] or rows
    total = {
        name: sum(float(row[name] or 0) for row in shown)
        for name in (
            "spend_per_head",
            "peer_spend_per_head",
            "gap_per_head",
            "volume_effect",
            "price_effect",
            "mix_effect",
            "residual",
        )
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
            "The parts add exactly to the gap. Where no weeks of support are returned for a service, its whole "
            "gap counts as "
            "not explained.",
        ],
    )


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
    names = (
        "spend_per_head",
        "peer_spend_per_head",
        "gap_per_head",
        "volume_effect",
        "price_effect",
        "mix_effect",
        "residual",
    )
    return Table(
        f"The gap by service, £ a resident aged 18 to 64, {year}",
        ["Service", "Council", "Peers", "Gap", "Amount", "Price", "Mix", "Not explained", "Can it be trusted?"],
        [
            [
                Cell(str(row["service"]).replace("_", " ").capitalize()),
                *[number("no figure" if row[name] is None else f"{row[name]:,.2f}") for name in names],
                Cell(words.verdict(row)),
            ]
            for row in rows
        ],
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
    if not rows or not share:
        return nothing(
            "balance",
            title,
            "The balance of care cannot be shown: the published copy has no return of spend by "
            "setting for this council.",
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
                number(f"{row['value']:,.1f}%", row["figure_id"]),
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
                number(words.money(row["value_cash"]), row["figure_id"]),
                number(words.money(row["value_real"])),
                *[
                    number("no figure" if row[name] is None else f"{row[name]:,.0f}")
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


def unit_costs(asked: Asked) -> Section:
    """The ten unit costs with their variance, and why any of them is doubted."""
    title = "What a week of support costs"
    chosen = {one.measure_id: one.short for one in _of("unit_cost")}
    marks = ", ".join("?" * len(chosen))
    years = asked.years(
        f"select financial_year from marts.mart_unit_cost_variance where measure_id in ({marks}) and "
        "value is not null and peer_set = ?",
        *chosen,
        asked.peer_set,
    )
    if not years:
        return nothing(
            "unit-costs",
            title,
            f"There are no unit costs of learning disability{_when(asked)}: the returns in "
            "the published copy print none for this council.",
        )
    found = asked.copy.rows(
        f"select * from marts.mart_unit_cost_variance where measure_id in ({marks}) and "
        "peer_set = ? and financial_year = ?",
        *chosen,
        asked.peer_set,
        years[0],
    )
    rows = sorted(found, key=lambda row: list(chosen).index(row["measure_id"]))
    quartiles = {
        row["measure_id"]: row
        for row in asked.copy.rows(
            f"select * from marts.mart_benchmark where measure_id in ({marks}) and peer_set = ? and financial_year = ? "
            "and basis = 'as_returned'",
            *chosen,
            asked.peer_set,
            years[0],
        )
    }
    headline = _unit_cost_words(asked, years[0], rows, chosen)
    subtitle = (
        f"Unit costs of learning disability support, {years[0]}, as per cent above or below the mean of the "
        f"{asked.peers}; pale bar: lowest to highest peer; dark bar: the middle half; diamond: {asked.council.name}"
    )
    return Section(
        "unit-costs",
        title,
        headline,
        subtitle,
        pictures.spine(_spines(rows, quartiles, chosen), f"{headline} {subtitle}"),
        [_unit_cost_table(rows, chosen, years[0], goods(asked.copy))],
        [
            "A unit cost is spend divided by weeks of support. An asterisk marks a figure that a check doubts; the "
            "last column gives the reason."
        ],
    )


def _unit_cost_words(asked: Asked, year: str, rows: list[Row], chosen: dict[str, str]) -> str:
    trusted = [row for row in rows if row["verdict"] not in words.SET_ASIDE and row["variance"] is not None]
    above = sum(row["variance"] > 0 for row in trusted)
    text = (
        f"In {year} {above or 'none'} of {len(trusted)} usable unit costs of {asked.council.name} were above "
        "the mean of "
        f"its {asked.peers}"
    )
    aside = [chosen[row["measure_id"]].lower() for row in rows if row["verdict"] in words.SET_ASIDE]
    return text + (f"; do not rely on {' or '.join(aside)}." if aside else ".")


def _spines(rows: list[Row], quartiles: dict[str, Row], chosen: dict[str, str]) -> list[pictures.Spine]:
    found = []
    for row in rows:
        middle, quartile = row["comparator_mean"], quartiles.get(row["measure_id"])
        if not middle or not quartile or quartile["q1"] is None:
            continue
        scaled = [
            float(100 * (value - middle) / middle)
            for value in (row["lowest_peer"], row["highest_peer"], quartile["q1"], quartile["q3"])
        ]
        own = None if row["value"] is None else float(100 * (row["value"] - middle) / middle)
        found.append(pictures.Spine(chosen[row["measure_id"]], own, *scaled, row["verdict"] in words.SET_ASIDE))
    return found


def _unit_cost_table(rows: list[Row], chosen: dict[str, str], year: str, expected: dict[str, str]) -> Table:
    def shown(value: object) -> Cell:
        return number("no figure" if value is None else f"{value:,.2f}")

    return Table(
        f"Unit costs of learning disability, £, {year}",
        [
            "Support",
            "Unit",
            "Council",
            "Peers' mean",
            "Peers' weighted mean",
            "Peers' median",
            "Above or below the mean",
            "Per cent",
            "Peers",
            "Can it be trusted?",
        ],
        [
            [
                Cell(chosen[row["measure_id"]]),
                Cell(str(row["unit"]).removeprefix("GBP ")),
                number(
                    "no figure"
                    if row["value"] is None
                    else f"{row['value']:,.2f}{'*' * (row['verdict'] in words.SET_ASIDE)}",
                    row["figure_id"],
                ),
                shown(row["comparator_mean"]),
                shown(row["comparator_weighted"]),
                shown(row["comparator_median"]),
                number("none" if row["variance"] is None else f"{row['variance']:+,.2f}"),
                number("none" if row["variance_pct"] is None else f"{row['variance_pct']:+,.0f}%"),
                number(str(row["n_peers"])),
                Cell(words.verdict(row, expected)),
            ]
            for row in rows
        ],
    )


def savings(asked: Asked) -> Section:
    """What matching each target would save, with both denominators and its range."""
    title = "What could be saved"
    found = {}
    for one in headlines():
        if one.topic == "outcome":
            continue
        years = asked.years(
            "select financial_year from marts.mart_saving where measure_id = ? and peer_set = ?",
            one.measure_id,
            asked.peer_set,
        )
        if years:
            found[one] = asked.copy.rows(
                "select * from marts.mart_saving where measure_id = ? and peer_set = ? and financial_year = ? order "
                "by case "
                "target when 'mean' then 1 when 'median' then 2 when 'q1' then 3 else 4 end, denominator_rule",
                one.measure_id,
                asked.peer_set,
                years[0],
            )
    if not found:
        return nothing(
            "savings",
            title,
            f"No saving can be worked out{_when(asked)}: the published copy has no believed "
            "figure of this council with enough peers to compare with.",
        )
    main, rows = next(iter(found.items()))
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
        [_saving_table(one.short, rows) for one, rows in found.items()],
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
    best = max(rows, key=lambda row: row["saving_gbp"])
    if not best["saving_gbp"]:
        return (
            f"On {main.words} {asked.council.name} was at or below every target in {best['financial_year']}, so "
            "no saving "
            "follows from matching its peers."
        )
    return (
        f"Matching {words.TARGETS[best['target']]} on {main.words} would save {asked.council.name} "
        f"{words.money(best['saving_gbp'])} a year ({words.money(best['saving_low_gbp'])} to "
        f"{words.money(best['saving_high_gbp'])}) at the volume of {best['financial_year']}."
    )


def _saving_table(name: str, rows: list[Row]) -> Table:
    return Table(
        f"{name}, {rows[0]['financial_year']}",
        ["Target", "Council", "Target value", "The total", "Saving a year", "Within", "Under other peer sets"],
        [
            [
                Cell(_target(row).removesuffix(", total falls too")),
                number(words.amount(row["value"], row["unit"]), row["figure_id"]),
                number(words.amount(row["target_value"], row["unit"])),
                Cell(words.RULES[row["denominator_rule"]]),
                number(
                    words.money(row["saving_gbp"])
                    if row["saving_gbp"]
                    else f"none ({words.money(row['headroom_gbp'])} below the target)"
                    if row["headroom_gbp"]
                    else "none"
                ),
                number(f"{words.money(row['saving_low_gbp'])} to {words.money(row['saving_high_gbp'])}"),
                number(
                    f"{words.money(row['lowest_saving_of_sets_gbp'])} to "
                    f"{words.money(row['highest_saving_of_sets_gbp'])}"
                ),
            ]
            for row in rows
        ],
    )


def outcomes(asked: Asked) -> Section:
    """What the spend is next to: outcomes against the peers, and what others saved by the same levers."""
    title = "Spend and what people say of it"
    register = _register(asked)
    chosen = {one.measure_id: one.short for one in _of("outcome")}
    marks = ", ".join("?" * len(chosen))
    years = asked.years(
        f"select financial_year from marts.mart_benchmark where measure_id in ({marks}) and value is not "
        "null and peer_set = ?",
        *chosen,
        asked.peer_set,
    )
    if not years:
        why_not = (
            f"There are no outcomes{_when(asked)}: the published copy has no outcomes framework (ASCOF) of this year "
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
                number(words.amount(row["value"], row["unit"]), row["figure_id"]),
                number(words.amount(row["mean"], row["unit"])),
                number(
                    "none"
                    if row["variance_to_mean"] is None
                    else f"{words.difference(row['variance_to_mean'], row['unit'])} "
                    f"{words.above_or_below(row['variance_to_mean'])}"
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
                    number(words.money(row["amount_gbp"])),
                    Cell(row["period"] or ""),
                    Cell(row["status"] or ""),
                ]
                for row in rows
            ],
        )
    ]


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


def _people(row: Row) -> Cell:
    return number("not shown" if row["people"] is None else f"{row['people']:,}")


def _band_table(rows: list[Row]) -> Table:
    return Table(
        "People by weekly price",
        ["Setting", "Weekly price, £", "People", "Cost a year"],
        [
            [
                Cell(row["setting"]),
                Cell(row["band"]),
                _people(row),
                number("not shown" if row["annual_cost_gbp"] is None else words.money(row["annual_cost_gbp"])),
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
            ["Change", "People", "Change in weekly cost"],
            [
                [
                    Cell(row["change"].replace("_", " ")),
                    _people(row),
                    number(
                        "not shown"
                        if row["weekly_cost_change_gbp"] is None
                        else f"{row['weekly_cost_change_gbp']:+,.0f} £ a week"
                    ),
                ]
                for row in drift
            ],
        ),
        Table(
            "New people",
            ["Year", "Setting", "Age", "People"],
            [[Cell(row["financial_year"]), Cell(row["setting"]), Cell(row["age_band"]), _people(row)] for row in new],
        ),
        Table(
            "What could be reviewed",
            ["Packages", "If", "People", "Cost a year", "Saving a year"],
            [
                [
                    Cell(row["label"]),
                    Cell(row["assumes"]),
                    _people(row),
                    number("not shown" if row["annual_cost_gbp"] is None else words.money(row["annual_cost_gbp"])),
                    number("not shown" if row["saving_gbp"] is None else words.money(row["saving_gbp"])),
                ]
                for row in ideas
            ],
        ),
    ]


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
        return nothing("doubts", title, f"No figure of {asked.council.name} is set aside or missing{_when(asked)}.")
    headline = (
        f"{len(aside)} figures of {asked.council.name} are set aside as too doubtful to compare, or because no check "
        f"could judge them{_when(asked)}, and "
        f"{len(missing):,} have no value; none of them counts in any comparison on this page unless it is shown as "
        "returned."
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
                number(words.amount(row["value"], row["unit"]), row["figure_id"]),
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


def sources(asked: Asked) -> Section:
    """Which releases, which populations, by which method, under which licence."""
    used = asked.copy.rows(
        "select distinct r.* from marts.dim_release r inner join marts.fct_figure f using (release_id) "
        "order by r.financial_year desc, r.collection"
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
            [Cell(row["financial_year"]), number(f"{row['people']:,}"), Cell(row["status"]), Cell(row["source"])]
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
