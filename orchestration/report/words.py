"""Figures and findings in words a director and an accountant read: units, verdicts, one sentence a finding. Pure."""

from __future__ import annotations

VERDICTS = {
    "pass": "Can be trusted: no check found anything",
    "warn": "Use with care: a check noted something",
    "quarantine": "Set aside: too doubtful to compare until someone has checked it",
    "missing": "No figure",
    "unjudged": "Not judged: no check could look at it, so it is not compared",
}
# A figure with verdict warn of which a part alone is noted: mart_figure_note.is_material is false.
NOTED = "Can be trusted as a whole: a check noted a part of it that moves the total by less than a tenth"
# Verdicts on figures that have a value and are left out of comparisons all the same.
SET_ASIDE = ("quarantine", "unjudged")
BASES = {"excluding_flagged": "without doubtful figures", "as_returned": "as returned"}
REASONS = {
    "blank": "the cell is blank",
    "suppressed": "the publisher hides it",
    "not_applicable": "it does not apply",
    "not_available": "the publisher marks it as not available",
    "part_missing": "a part of it is missing",
    "parts_not_comparable": "its weeks come from client-level data, by which the publisher does not divide spending",
    "part_of_return": "the files loaded hold only a part of the return",
    "population_unknown": "the number of residents is not loaded",
    "zero_denominator": "no one was supported, so there is nothing to divide by",
    "negative_denominator": "what it would be divided by is below zero",
    "quarantined_denominator": "what it would be a share of is set aside as doubtful",
}
# Why a year has no index: mart_trend.index_missing_reason.
NO_INDEX = {
    "base_quarantined": "none: every year is set aside",
    "base_zero": "none: it starts from nothing",
    "base_negative": "none: it starts below zero",
    "base_small": "none: it starts from next to nothing",
    "value_negative": "none: below zero",
}
TARGETS = {
    "mean": "the mean of the peers",
    "median": "the median of the peers",
    "q1": "the lower quartile",
    "lowest_quartile_mean": "the mean of the lowest quarter",
    "given": "a target given by the council",
}
MOST_PARTS = 2
RULES = {"held": "the total stays", "moves": "the total falls too"}
_PER = {
    "GBP per resident": " a resident",
    "GBP per person per week": " a person a week",
    "GBP per client per week": " a client a week",
    "GBP per person per year": " a person a year",
    "GBP per hour": " an hour",
    "GBP per session": " a session",
}


def amount(value: object, unit: str) -> str:
    """A figure with its unit, rounded for reading: £146 a resident, 41.1%, 1.36 people per 1000 residents."""
    if value is None:
        return "no figure"
    number = float(value)
    if unit == "per cent":
        return f"{number:,.1f}%"
    if unit == "GBP":
        return money(number)
    if unit.startswith("GBP"):
        return f"{'-' * (number < 0)}£{abs(number):,.2f}{_PER.get(unit, unit.removeprefix('GBP'))}"
    return f"{number:,.2f} {unit}"


def places(unit: str) -> int:
    """How many digits behind the point a table shows."""
    return 1 if unit == "per cent" else 0 if unit == "GBP" else 2


def plain(value: object, unit: str) -> str:
    """A figure without its unit, for a table that has a column of units."""
    return "no figure" if value is None else f"{value:z,.{places(unit)}f}"


def money(value: object) -> str:
    """Pounds in millions or thousands, as a budget book writes them."""
    if value is None:
        return "no figure"
    number = float(value)
    sign, size = "-" * (number < 0), abs(number)
    if size >= 999_500:
        return f"{sign}£{size / 1e6:,.2f} million"
    return f"{sign}£{size / 1e3:,.0f} thousand" if size >= 9_950 else f"{sign}£{size:,.0f}"


def difference(value: object, unit: str) -> str:
    """How far apart two figures are; shares differ by percentage points."""
    number = abs(float(value))
    if unit == "per cent":
        return f"{number:,.1f} percentage points"
    return amount(number, unit).split(" a ")[0] if unit.startswith("GBP per") else amount(number, unit)


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def rank(place: int | None, of: int | None) -> str:
    """A rank counted from the lowest, or from the highest if that is nearer."""
    if not place or not of:
        return "no rank"
    if place == 1:
        return f"the lowest of {of}"
    if place == of:
        return f"the highest of {of}"
    return (
        f"the {ordinal(place)} lowest of {of}"
        if place <= (of + 1) / 2
        else f"the {ordinal(of + 1 - place)} highest of {of}"
    )


def verdict(row: dict[str, object], reasons: dict[str, str] | None = None) -> str:
    """What a verdict means, and what the checks behind it found; ``reasons`` words each rule."""
    found = str(row.get("verdict"))
    text = VERDICTS.get(found, "Not judged")
    rules = [rule for rule in str(row.get("rule_ids") or "").split(", ") if rule]
    if rules and reasons and found in ("warn", "quarantine"):
        start = "Use with care" if found == "warn" else "Set aside"
        text = f"{start}: {'; '.join(reasons.get(rule, rule) for rule in rules)}"
    if is_noted(row):
        text = f"Can be trusted as a whole; a check noted {row['note']}" if row.get("note") else NOTED
    elif found == "warn" and row.get("note"):
        text += f"; it is about {row['note']}"
    if found == "missing" and row.get("missing_reason"):
        text += f": {REASONS.get(str(row['missing_reason']), row['missing_reason'])}"
    return text


def years_away(one: str, other: str) -> int:
    """How many years there are between two financial years such as 2008-09."""
    return abs(int(one[:4]) - int(other[:4]))


def is_noted(row: dict[str, object]) -> bool:
    """Whether the checks noted parts of a total that do not move it; ``is_material`` is that of mart_figure_note."""
    return row.get("verdict") == "warn" and row.get("is_material") is False


def note(parts: list[dict[str, object]]) -> str:
    """The doubted parts of a figure, the furthest from England's median first, and how far they move the total.

    ``parts`` are rows of mart_figure_note of one figure. Empty where only the total itself is doubted.
    """
    own = [part for part in parts if part["part_of_total_pct"] not in (None, 100)]  # A printed total is its own.
    if not own:
        return ""
    shares: dict[str, str] = {}
    for part in sorted(own, key=lambda part: (part["side"] == "denominator", -abs(part["excess_gbp"]))):
        whole = "the whole it is a share of" if part["side"] == "denominator" else "the total"
        shares.setdefault(_part(part), f"{part['part_of_total_pct']:z,.0f}% of {whole}")
    named = [f"{name} ({share})" for name, share in list(shares.items())[:MOST_PARTS]]
    more = f" and {len(shares) - MOST_PARTS} more" if len(shares) > MOST_PARTS else ""
    moves = max(abs(part["total_excess_pct"]) for part in own)
    return f"{', '.join(named)}{more}; at England's median they would move it by {moves:,.0f}%"


def _part(part: dict[str, object]) -> str:
    """A part by what is bought and for whom, without the kind of spending, which is that of the total."""
    label = str(part["part_label"] or part["part_measure_id"]).split(":")[0]
    return label[:1].lower() + label[1:]


def standing(council: str, words: str, row: dict[str, object], peers: str) -> str:
    """One finding: the figure, its distance from the mean of the peers, its rank, and whether it may be believed."""
    start = f"{council}, {row['financial_year']}: {words}"
    if row["value"] is None:
        if row["verdict"] == "quarantine":
            return f"{start} is set aside as too doubtful to compare."
        if row["verdict"] == "unjudged":
            return f"{start} is not compared, since no check could judge it."
        return f"{start} has no figure."
    text = f"{start} was {amount(row['value'], str(row['unit']))}"
    if row["mean"] is None:
        return f"{text}; no comparison, since {row['why_no_statistic'] or 'too few peers report it'}."
    gap, unit = float(row["variance_to_mean"]), str(row["unit"])
    apart = "the same as" if abs(gap) < 0.005 else f"{difference(gap, unit)} {'above' if gap > 0 else 'below'}"
    text += f", {apart} the mean of {row['n_peers']} {peers}, and {rank(row['rank_low'], row['n_ranked'])}"
    return (
        text
        + {"warn": "" if is_noted(row) else " (use with care)",
            "quarantine": " (doubtful: do not rely on it)",
            "unjudged": " (not judged by any check)"}.get(str(row["verdict"]), "")
        + "."
    )


def above_or_below(value: object) -> str:
    return "above" if float(value) > 0 else "below"
