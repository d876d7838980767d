"""Writes the synthetic snapshots of local records: two small ones that travel with the code, large ones to measure.

Everything here is synthetic. No row is a person, no provider exists, and no one's record was read to make it:
ages, prices, dates and providers are drawn from a fixed seed. What is not drawn are the totals the two small files are
calibrated to. They are figures that consultants printed in their published assessment of Stockton-on-Tees' learning
disability services, as at 28 February 2010: how many people live in which kind of support, how many of them cost how
much a week, what sleep-in nights and transport cost, and who came new in 2008-09. So an analysis of the files can
be compared with printed figures, although nothing in the files is real. The file of 28 February 2009 has no
printed counterpart: it holds the same people a year earlier, so that two snapshots can be compared.

    python seeds/snapshots/make.py
        writes the two small files next to this script; stops with a message where a calibrated figure does not hold.
    python seeds/snapshots/make.py --large FOLDER --rows 10000000 --councils 100 --months 12
        writes a file per month-end from 2025-04-30, for many councils and client groups; calibrated to nothing.
    python seeds/snapshots/make.py --large FOLDER --only 114 --month 2026-04-30
        writes the next month of one of those councils, to measure what adding a month costs. Give the --rows and
        --councils of the large files again: they say how many people the council has.

The same call writes the same bytes. Large files also need the same DuckDB, whose hash() may change between versions.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import duckdb

HERE = Path(__file__).resolve().parent
COUNCILS = HERE.parent / "reference" / "council.csv"

COLUMNS = (
    "person_reference", "council_code", "snapshot_date", "age", "client_group", "setting", "provider", "is_in_house",
    "is_in_area", "gross_weekly_gbp", "client_contribution_weekly_gbp", "nhs_share_weekly_gbp", "nhs_share_kind",
    "is_costed", "night_cover", "night_cover_weekly_gbp", "transport_journeys_weekly", "transport_journey_gbp",
    "has_assistive_technology", "is_interim", "home_care_hours_weekly", "move_risk", "start_date", "end_date",
    "previous_setting", "last_review_date", "is_synthetic",
)

# --- What the small files are calibrated to. Money is in pence, so that totals are exact. -----------------------------

SEED = 20100228
COUNCIL = "114"
CLIENT_GROUP = "learning_disability"
SNAPSHOT = dt.date(2010, 2, 28)
YEAR_EARLIER = dt.date(2009, 2, 28)
WEEKS = 52


def pence(pounds: float) -> int:
    """Pounds as printed, in pence, the unit of every sum."""
    return round(pounds * 100)


@dataclass(frozen=True)
class Band:
    """A number of values between two bounds that add up to a total."""

    count: int
    low: int
    high: int
    total: int


def band(count: int, low: float, high: float, total: float) -> Band:
    """A band given in pounds."""
    return Band(count, pence(low), pence(high), pence(total))


# Residents: 53 above £1,000 a week cost £4.4m a year; the 119 others cost £73,077 a week.
RESIDENTS = {
    "above_1000": band(53, 1005, 2590, 4_400_000 / WEEKS),
    "700_to_1000": band(55, 700, 995, 42_197),
    "600_to_700": band(16, 602, 698, 10_320),
    "300_to_600": band(44, 335, 598, 19_680),
    "below_300": band(4, 140, 290, 880),
}
NURSING = {"above_1000": 2, "700_to_1000": 4}
OTHERS_WEEKLY = 73_077

# Packages in the community. The 60 small ones cost £3,000 a week together; 188 cost £100 to £1,000.
PACKAGES = {
    "large": band(3, 1050, 1600, 3_840),
    "waking": band(8, 680, 990, 6_560),
    "sleep_in": band(40, 270, 930, 21_200),
    "ordinary": band(140, 104, 820, 40_600),
    "small": band(60, 6, 99, 3_000),
}
BETWEEN_100_AND_1000 = ("waking", "sleep_in", "ordinary")
UNCOSTED = 77

SLEEP_INS = band(40, 98, 115, 4_280)
WAKING_NIGHTS = (pence(350), pence(620))
WAKING_RESIDENTS = 4

JOURNEYS = Band(187, 2, 14, 1_707)
JOURNEY_PRICES = band(187, 2.50, 6.80, 187 * 4.10)
TRANSPORT_WEEKLY = pence(6_998.50)
TRANSPORT_MOST = pence(96)
# Of the 187, those whose transport is on a day care line, on another community line, on a resident's line.
TRANSPORT_LINES = {"day_care": 155, "community": 12, "residents": 20}

OUT_OF_AREA = {"above_1000": 9, "others": 9}

# New in 2008-09: where, youngest and oldest at the start, people.
ENTRANTS_FROM, ENTRANTS_TO = dt.date(2008, 4, 1), dt.date(2009, 3, 31)
ENTRANTS = (
    ("residents", 18, 21, 4), ("residents", 22, 39, 3), ("residents", 40, 59, 4),
    ("community", 18, 21, 10), ("community", 22, 39, 2), ("community", 40, 59, 10),
)

# --- What is only plausible. ------------------------------------------------------------------------------------------

NEW_IN_2009_10 = {"residents": 5, "community": 10}
MOVED_IN_THE_YEAR = {"residents": 4, "community": 6}
LEAVERS = {"residents": 8, "community": 8, "uncosted": 4}
ELDERLY = {"residents": 24, "community": 26}
YOUNGEST, OLDEST = 18, 88
LATE_LINES = 12

INTERIM_LONG, INTERIM_RECENT = 9, 3
INTERIM_LIMIT = dt.timedelta(weeks=26)
ASSISTED = {"residents": 10, "community": 20}
REVIEWS_OVERDUE, REVIEWS_UNKNOWN = 95, 6
NHS_SHARES = {"residential": 16, "nursing": 2, "supported_living": 4}
MOVE_RISKS = {"high": 60, "medium": 55, "low": 40, "shared_lives": 5}
CONTRIBUTIONS_UNKNOWN = 0.07
UNCHANGED_PRICES = 0.15
PROVIDERS_CHANGED = 14
IN_HOUSE_DAY_CARE = {"uncosted": 36, "costed": 24}

# Residential providers from the cheapest to the dearest, with the people they have. The first provider is the council.
IN_HOUSE_RESIDENTIAL, IN_HOUSE_DAY = 1, 26
RESIDENTIAL_PROVIDERS = (
    (7, 16), (3, 15), (12, 12), (5, 10), (1, 20), (9, 14), (2, 13), (14, 9), (6, 8), (11, 15), (4, 12), (10, 9), (8, 7),
    (13, 6),
)
PROVIDER_BLUR = 0.16
LEVEL_OF_CHEAPEST, LEVEL_OF_DEAREST = pence(450), pence(2_000)
OTHER_PROVIDERS = {
    "nursing": (15, 16),
    "supported_living": (17, 18, 19, 20, 21),
    "home_care": (22, 23, 24, 25),
    "day_care": (27, 28, 29),
    "shared_lives": (30,),
    "direct_payment": (),
}
HOURLY_RATES = {22: pence(11.60), 23: pence(12.90), 24: pence(14.20), 25: pence(16.80)}

# The lines that make up a package, with how often each occurs, and how a package's cost is split over them.
MIXES = {
    "large": ((("supported_living", "day_care"), 1),),
    "waking": ((("supported_living", "day_care"), 3), (("supported_living",), 1)),
    "sleep_in": (
        (("supported_living", "day_care"), 6), (("supported_living",), 3),
        (("supported_living", "home_care", "day_care"), 1),
    ),
    "ordinary": (
        (("day_care",), 22), (("home_care", "day_care"), 25), (("supported_living", "day_care"), 12),
        (("direct_payment",), 10), (("direct_payment", "day_care"), 9), (("shared_lives", "day_care"), 9),
        (("home_care",), 6), (("supported_living",), 3), (("home_care", "direct_payment", "day_care"), 4),
    ),
    "small": ((("day_care",), 13), (("home_care",), 3), (("direct_payment",), 2), (("home_care", "day_care"), 2)),
    "uncosted": (
        (("day_care",), 45), (("home_care",), 15), (("supported_living",), 8), (("shared_lives",), 5),
        (("direct_payment",), 4),
    ),
}
WEIGHTS = {"supported_living": 6, "shared_lives": 5, "direct_payment": 3, "home_care": 3, "day_care": 2}


@dataclass
class Line:
    """One service a person gets; money in pence, journeys in halves, nothing where it is not known."""

    setting: str
    gross: int | None = None
    provider: int | None = None
    in_house: bool = False
    contribution: int | None = None
    nhs: int | None = None
    nhs_kind: str = ""
    night: str = "none"
    night_cost: int | None = None
    half_journeys: int | None = None
    journey_price: int | None = None
    assisted: bool = False
    interim: bool = False
    half_hours: int | None = None
    risk: str = ""
    start: dt.date = SNAPSHOT
    end: dt.date | None = None
    previous: str = ""

    @property
    def transport(self) -> int:
        """What the journeys cost a week, rounded up to a penny."""
        return -(-(self.half_journeys or 0) * (self.journey_price or 0) // 2)

    @property
    def within(self) -> int:
        """The part of the gross cost that nights and journeys already account for."""
        return (self.night_cost or 0) + self.transport


@dataclass
class Person:
    """A person of the small files; ``kind`` is the band of the cost, ``role`` how the person came into the snapshot."""

    kind: str
    package: int | None
    lines: list[Line]
    role: str = "settled"
    number: int = 0
    age: int = 0
    in_area: bool = True
    review: dt.date | None = None

    @property
    def is_resident(self) -> bool:
        return self.kind in RESIDENTS

    @property
    def home(self) -> str:
        return "residents" if self.is_resident else "community"

    @property
    def first_start(self) -> dt.date:
        return min(line.start for line in self.lines)


# --- Drawing. ---------------------------------------------------------------------------------------------------------


def spread(rng: Random, wanted: Band, shape: float = 3.5) -> list[int]:
    """Values within the band that add up to its total to the last penny."""
    span = wanted.high - wanted.low
    middle = (wanted.total / wanted.count - wanted.low) / span
    values = [
        wanted.low + round(span * rng.betavariate(shape * middle, shape * (1 - middle))) for _ in range(wanted.count)
    ]
    while missing := wanted.total - sum(values):
        one = rng.randrange(wanted.count)
        moved = values[one] + (int(missing / wanted.count) or (1 if missing > 0 else -1))
        # A value is left where it is rather than put on a bound, where many would pile up.
        if wanted.low <= moved <= wanted.high:
            values[one] = moved
    return values


def day_between(rng: Random, first: dt.date, last: dt.date) -> dt.date:
    """A day of the span; its last day where it is empty."""
    return last - dt.timedelta(days=rng.randint(0, max(0, (last - first).days)))


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day a number of years earlier; no day used here is 29 February."""
    return day.replace(year=day.year - years)


def whole_years(start: dt.date, end: dt.date) -> int:
    """Whole years from one day to another."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def of_setting(people: Iterable[Person], *settings: str) -> list[tuple[Person, Line]]:
    """The lines of these settings, each with its person."""
    return [(person, line) for person in people for line in person.lines if line.setting in settings]


# --- The people of 2010. ----------------------------------------------------------------------------------------------


def residents(rng: Random) -> list[Person]:
    """Everyone in residential or nursing care, with one line each."""
    made = []
    for kind, wanted in RESIDENTS.items():
        for place, gross in enumerate(spread(rng, wanted)):
            setting = "nursing" if place < NURSING.get(kind, 0) else "residential"
            made.append(Person(kind, gross, [Line(setting, gross)]))
    return made


def community(rng: Random) -> list[Person]:
    """Everyone with a package in the community; its cost is split over its lines later."""
    made = [
        Person(kind, package, mix(rng, kind)) for kind, wanted in PACKAGES.items() for package in spread(rng, wanted)
    ]
    return made + [Person("uncosted", None, mix(rng, "uncosted")) for _ in range(UNCOSTED)]


def mix(rng: Random, kind: str) -> list[Line]:
    """The lines of a package of this kind."""
    mixes, weights = zip(*MIXES[kind])
    return [Line(setting) for setting in rng.choices(mixes, weights)[0]]


def give_nights(rng: Random, people: list[Person]) -> None:
    """Night cover: sleep-ins for packages of that kind, waking nights also for some residents."""
    sleepers = [person for person in people if person.kind == "sleep_in"]
    for person, cost in zip(sleepers, spread(rng, SLEEP_INS)):
        person.lines[0].night, person.lines[0].night_cost = "sleep_in", cost
    dear = [person for person in people if person.kind == "above_1000"]
    awake = [person for person in people if person.kind == "waking"]
    awake += [person for person in people if person.kind == "large"][:2] + rng.sample(dear, WAKING_RESIDENTS)
    for person in awake:
        most = min(WAKING_NIGHTS[1], person.package * 6 // 10)
        person.lines[0].night, person.lines[0].night_cost = "waking", rng.randint(WAKING_NIGHTS[0], most)


def journeys_and_prices(rng: Random) -> list[tuple[int, int]]:
    """Half journeys and the price of a journey, per person: both totals are exact, and their product is near enough."""
    halves = [2 * count for count in spread(rng, JOURNEYS)]
    for one, other in zip(range(0, 24, 2), range(1, 24, 2)):
        if halves[one] < 2 * JOURNEYS.high and halves[other] > 2 * JOURNEYS.low:
            halves[one], halves[other] = halves[one] + 1, halves[other] - 1
    prices = spread(rng, JOURNEY_PRICES, shape=8)

    def off(chosen: list[int]) -> float:
        return abs(sum(half * price for half, price in zip(halves, chosen)) / 2 - TRANSPORT_WEEKLY)

    while off(prices) > 25:
        one, other = rng.sample(range(len(prices)), 2)
        swapped = list(prices)
        swapped[one], swapped[other] = prices[other], prices[one]
        if off(swapped) < off(prices):
            prices = swapped
    return list(zip(halves, prices))


def give_transport(rng: Random, people: list[Person]) -> None:
    """Journeys on one line of a person whose package costs enough for them; the dearest are assigned first."""
    day_care = [pair for pair in of_setting(people, "day_care") if pair[0].package]
    has_day_care = {id(person) for person, _ in day_care}
    elsewhere = [
        (person, person.lines[0]) for person in people
        if person.kind in BETWEEN_100_AND_1000 and id(person) not in has_day_care
    ]
    pools = {"day_care": day_care, "community": elsewhere, "residents": of_setting(people, "residential")}
    journeys = journeys_and_prices(rng)
    for name, count in TRANSPORT_LINES.items():
        taken, journeys = journeys[:count], journeys[count:]
        place_journeys(rng, taken, pools[name])


def place_journeys(rng: Random, journeys: list[tuple[int, int]], pool: list[tuple[Person, Line]]) -> None:
    """Assigns each journey to a separate line whose package costs enough for it in addition to the night."""
    free = list(pool)
    for halves, price in sorted(journeys, key=lambda pair: -pair[0] * pair[1]):
        able = [
            place for place, (person, line) in enumerate(free)
            if halves * price / 2 <= 0.8 * (person.package - sum(each.night_cost or 0 for each in person.lines))
        ]
        line = free.pop(rng.choice(able))[1]
        line.half_journeys, line.journey_price = halves, price


def split_packages(rng: Random, people: list[Person]) -> None:
    """Splits a package's cost over its lines: nights and journeys where they occur, the rest by the kind of service."""
    for person in people:
        if person.is_resident or person.package is None:
            continue
        weights = [WEIGHTS[line.setting] * rng.uniform(0.7, 1.3) for line in person.lines]
        rest = person.package - sum(line.within for line in person.lines)
        for line, weight in zip(person.lines, weights):
            line.gross = line.within + int(rest * weight / sum(weights))
        person.lines[0].gross += person.package - sum(line.gross for line in person.lines)


def give_providers(rng: Random, people: list[Person]) -> None:
    """Residential homes by price level; other providers at random, with an hourly rate for home care."""
    lines = [line for _, line in of_setting(people, "residential")]
    # A stay below £300 is a part of a week somewhere: its price says nothing about the home's level.
    rng.shuffle(lines)
    lines.sort(key=lambda line: rng.uniform(40_000, 80_000) if line.gross < RESIDENTS["below_300"].high + 1
               else line.gross * rng.lognormvariate(0, PROVIDER_BLUR))
    homes = [number for number, count in RESIDENTIAL_PROVIDERS for _ in range(count)]
    for line, number in zip(lines, homes, strict=True):
        line.provider, line.in_house = number, number == IN_HOUSE_RESIDENTIAL
    for setting, numbers in OTHER_PROVIDERS.items():
        for _, line in of_setting(people, setting):
            line.provider = rng.choice(numbers) if numbers else None
            if line.provider in HOURLY_RATES and line.gross is not None:
                line.half_hours = max(1, round(2 * (line.gross - line.within) / HOURLY_RATES[line.provider]))
    for cost, count in IN_HOUSE_DAY_CARE.items():
        day_care = [line for _, line in of_setting(people, "day_care") if (line.gross is None) == (cost == "uncosted")]
        for line in rng.sample(day_care, count):
            line.provider, line.in_house = IN_HOUSE_DAY, True


# --- When they came, and how old they are. ----------------------------------------------------------------------------


def give_starts(rng: Random, people: list[Person]) -> None:
    """Who was new in which year, who moved during the year and who has been there for long, with ages to match."""
    pools = {}
    for home in ("residents", "community"):
        pools[home] = [person for person in people if person.home == home]
        rng.shuffle(pools[home])
        pools[home].sort(key=lambda person: person.lines[0].setting != "nursing")
        for person in take(pools[home], ELDERLY[home], lambda each: each.kind != "uncosted"):
            settle(rng, person, rng.randint(65, OLDEST - 1))
    for home, youngest, oldest, count in ENTRANTS:
        for person in take(pools[home], count):
            start = day_between(rng, ENTRANTS_FROM, ENTRANTS_TO)
            arrive(rng, person, "entrant", start, rng.randint(youngest, oldest))
    for home, count in NEW_IN_2009_10.items():
        for place, person in enumerate(take(pools[home], count)):
            first = dt.date(2009, 10, 1) if home == "residents" and place < INTERIM_RECENT else dt.date(2009, 4, 1)
            youngest = home == "community" and not place
            start = day_between(rng, first, dt.date(2010, 2, 19))
            arrive(rng, person, "new", start, YOUNGEST if youngest else rng.randint(YOUNGEST, 58))
    for home, count in MOVED_IN_THE_YEAR.items():
        for person in take(pools[home], count, lambda each: each.kind not in ("small", "uncosted", "large")):
            move(rng, person)
    for home, pool in pools.items():
        for person in pool:
            settle(rng, person, round(rng.triangular(22, 64, 48 if home == "residents" else 34)))
    next(person for person in people if person.age >= 65).age = OLDEST


def take(pool: list[Person], count: int, wanted: Callable[[Person], bool] = lambda person: True) -> list[Person]:
    """Takes the first people that are wanted out of the pool."""
    taken = [person for person in pool if wanted(person)][:count]
    pool[:] = [person for person in pool if not any(person is one for one in taken)]
    return taken


def arrive(rng: Random, person: Person, role: str, start: dt.date, age_at_start: int) -> None:
    """All lines of a new person begin on one day."""
    person.role, person.age = role, age_at_start + whole_years(start, SNAPSHOT)
    before = rng.choice(("childrens_services", "family_home") if age_at_start <= 21 else
                        ("family_home", "family_home", "hospital"))
    for line in person.lines:
        line.start, line.previous = start, before


def move(rng: Random, person: Person) -> None:
    """A person who was in the other group of settings a year earlier: the lines of today began with the move."""
    person.role, person.age = "moved", rng.randint(26, 58)
    day = day_between(rng, dt.date(2009, 5, 1), dt.date(2010, 1, 15))
    for line in person.lines:
        line.start, line.previous = day, "supported_living" if person.is_resident else "residential"


def settle(rng: Random, person: Person, age: int) -> None:
    """A person who was there before 2008-09, and was 18 or older when it began."""
    person.age = age
    begin = early_start(rng, age, 24 if person.is_resident else 16)
    came_young = age - whole_years(begin, SNAPSHOT) <= 21
    elsewhere = ("family_home", "family_home", "hospital", "residential" if person.is_resident else "family_home", "")
    before = "childrens_services" if came_young else rng.choice(elsewhere)
    for line in person.lines:
        line.start, line.previous = begin, before


def early_start(rng: Random, age: int, most_years: int) -> dt.date:
    """A day before April 2008, more often a late one; ``age`` is the age on 28 February 2010."""
    last = ENTRANTS_FROM - dt.timedelta(days=1)
    first = years_before(SNAPSHOT, min(most_years, age - 18))
    return last - dt.timedelta(days=int((last - first).days * rng.random() ** 1.6))


def add_late_lines(rng: Random, people: list[Person]) -> None:
    """For some, one service of several began within the last year: it is not in the earlier file."""
    several = [person for person in people if person.role == "settled" and len(person.lines) > 1]
    for person in rng.sample(several, LATE_LINES):
        person.lines[-1].start = day_between(rng, dt.date(2009, 5, 1), dt.date(2009, 12, 31))


# --- What else is known of them. --------------------------------------------------------------------------------------


def give_reviews(rng: Random, people: list[Person]) -> None:
    """The last review: more than a year ago for some, unknown for a few, never before the latest line began."""
    steady = [person for person in people if max(line.start for line in person.lines) < ENTRANTS_FROM]
    late = rng.sample(steady, REVIEWS_OVERDUE)
    for person in people:
        latest = max(line.start for line in person.lines)
        person.review = day_between(rng, max(latest, dt.date(2009, 3, 2)), dt.date(2010, 2, 26))
    for person in late:
        person.review = day_between(rng, max(person.first_start, dt.date(2007, 3, 1)), dt.date(2009, 2, 20))
    for person in rng.sample([one for one in people if not any(one is other for other in late)], REVIEWS_UNKNOWN):
        person.review = None


def give_nhs_shares(rng: Random, people: list[Person]) -> None:
    """The NHS share of expensive placements: aftercare (section 117) for some, continuing healthcare for others."""
    for setting, count in NHS_SHARES.items():
        pool = [line for person, line in of_setting(people, setting)
                if person.kind in ("above_1000", "large", "waking")]
        for line in rng.sample(pool, count):
            line.nhs = round(line.gross * rng.uniform(0.15, 0.6))
            line.nhs_kind = "s117" if setting != "nursing" and rng.random() < 0.4 else "chc"


def give_contributions(rng: Random, people: list[Person]) -> None:
    """What people pay: residents from their benefits, others a little on their most expensive line, or nothing."""
    for person in people:
        if person.package is None or rng.random() < CONTRIBUTIONS_UNKNOWN:
            continue
        for line in person.lines:
            line.contribution = 0
        dearest = max(person.lines, key=lambda line: line.gross)
        if person.is_resident:
            dearest.contribution = min(rng.randint(6_500, 12_800), (dearest.gross - (dearest.nhs or 0)) // 2)
        elif rng.random() < 0.4:
            dearest.contribution = min(rng.randint(500, 4_500), dearest.gross // 5)


def give_risks(rng: Random, people: list[Person]) -> None:
    """How risky a move is judged to be: higher for expensive placements and older people; a few are not judged."""
    rated = of_setting(people, "residential")
    unjudged = len(rated) - sum(MOVE_RISKS.values())
    cheap = take_pairs(
        rng, rated, MOVE_RISKS["shared_lives"], lambda pair: pair[1].gross < 70_000 and pair[0].age < 60)
    for _, line in cheap:
        line.risk = "shared_lives"
    take_pairs(rng, rated, unjudged)
    rated.sort(key=lambda one: one[1].gross * rng.uniform(0.6, 1.4) + (30_000 if one[0].age >= 65 else 0), reverse=True)
    risks = [risk for risk in ("high", "medium", "low") for _ in range(MOVE_RISKS[risk])]
    for (_, line), risk in zip(rated, risks, strict=True):
        line.risk = risk


def take_pairs(
    rng: Random, pairs: list[tuple[Person, Line]], count: int,
    wanted: Callable[[tuple[Person, Line]], bool] = lambda pair: True,
) -> list[tuple[Person, Line]]:
    """Takes some pairs out of the list at random."""
    taken = rng.sample([pair for pair in pairs if wanted(pair)], count)
    pairs[:] = [pair for pair in pairs if not any(pair[1] is line for _, line in taken)]
    return taken


def mark_interim(rng: Random, people: list[Person]) -> None:
    """Placements meant to be temporary: most have lasted longer than planned, the recent ones have a planned end."""
    pairs = of_setting(people, "residential", "supported_living")
    recent = [line for person, line in pairs if person.role == "new" and line.start > SNAPSHOT - INTERIM_LIMIT]
    drifted = [line for person, line in pairs
               if person.role in ("settled", "entrant") and line.start >= dt.date(2006, 4, 1)]
    for line in rng.sample(recent, INTERIM_RECENT):
        line.interim, line.end = True, day_between(rng, dt.date(2010, 4, 1), dt.date(2010, 7, 31))
    for line in rng.sample(drifted, INTERIM_LONG):
        line.interim = True


def mark_others(rng: Random, people: list[Person]) -> None:
    """Who is out of the area, and who has technology in place; on one line of a person."""
    dear = [person for person in people if person.kind == "above_1000" and not person.lines[0].in_house]
    cheap = [person for person in people
             if person.is_resident and person.kind != "above_1000" and not person.lines[0].in_house]
    for person in rng.sample(dear, OUT_OF_AREA["above_1000"]) + rng.sample(cheap, OUT_OF_AREA["others"]):
        person.in_area = False
    for home, count in ASSISTED.items():
        able = [(person, line) for person, line in of_setting(people, "residential", "supported_living", "home_care")
                if person.home == home and line is person.lines[0]]
        for _, line in rng.sample(able, count):
            line.assisted = True


def people_of_2010(rng: Random) -> list[Person]:
    """Everyone in the calibrated file, one property after another."""
    people = residents(rng) + community(rng)
    give_nights(rng, people)
    give_transport(rng, people)
    split_packages(rng, people)
    give_providers(rng, people)
    give_starts(rng, people)
    add_late_lines(rng, people)
    give_reviews(rng, people)
    give_nhs_shares(rng, people)
    give_contributions(rng, people)
    give_risks(rng, people)
    mark_interim(rng, people)
    mark_others(rng, people)
    return people


# --- The same people a year earlier. ----------------------------------------------------------------------------------


def people_of_2009(rng: Random, people: list[Person]) -> list[Person]:
    """Those who were already there, as they were then, and those who have left since."""
    earlier = [as_before_the_move(rng, person) if person.role == "moved" else deepcopy(person) for person in people]
    for person in earlier:
        person.lines = [line for line in person.lines if line.start <= YEAR_EARLIER]
    earlier = [person for person in earlier if person.lines]
    for person in earlier:
        person.age -= 1
        for line in person.lines:
            line.end = None
        person.review = review_before(rng, person)
    change_prices(rng, earlier)
    change_providers(rng, earlier)
    return earlier + leavers(rng)


def as_before_the_move(rng: Random, person: Person) -> Person:
    """The lines before a move: what today's residents had at home, and where the others lived."""
    before = deepcopy(person)
    start = early_start(rng, person.age, 10)
    if person.is_resident:
        before.kind, before.in_area = "ordinary", True
        before.lines = [
            Line("supported_living", rng.randint(30_000, 60_000)), Line("day_care", rng.randint(5_000, 12_000)),
        ]
        for line in before.lines:
            line.provider = rng.choice(OTHER_PROVIDERS[line.setting])
    else:
        before.kind = "700_to_1000"
        before.lines = [
            Line("residential", *price_and_home(rng, 10), contribution=rng.randint(6_500, 12_000), risk="low"),
        ]
    for line in before.lines:
        line.start, line.previous = start, "family_home"
    return before


def price_and_home(rng: Random, homes: int) -> tuple[int, int]:
    """A price, and an outside home with about that price level, among the ``homes`` cheapest."""
    place = rng.choice([place for place, (number, _) in enumerate(RESIDENTIAL_PROVIDERS[:homes])
                        if number != IN_HOUSE_RESIDENTIAL])
    level = LEVEL_OF_CHEAPEST * (LEVEL_OF_DEAREST / LEVEL_OF_CHEAPEST) ** (place / (len(RESIDENTIAL_PROVIDERS) - 1))
    return round(level * rng.uniform(0.9, 1.1)), RESIDENTIAL_PROVIDERS[place][0]


def other_provider(rng: Random, setting: str, provider: int) -> int:
    """Another outside provider of the setting; for homes, one with a similar price level."""
    numbers = OTHER_PROVIDERS.get(setting, ())
    if setting == "residential":
        homes = [number for number, _ in RESIDENTIAL_PROVIDERS]
        place = homes.index(provider)
        numbers = homes[max(0, place - 2):place + 3]
    return rng.choice([number for number in numbers if number not in (provider, IN_HOUSE_RESIDENTIAL)])


def review_before(rng: Random, person: Person) -> dt.date | None:
    """The latest review at that time: today's latest if it is old enough, else an earlier one."""
    if person.review is None or person.review <= YEAR_EARLIER:
        return person.review
    latest = max(line.start for line in person.lines)
    return day_between(rng, max(latest, dt.date(2007, 10, 1)), dt.date(2009, 2, 26))


def change_prices(rng: Random, people: list[Person]) -> None:
    """Most prices were 2 to 3% lower; the parts of a price go with it."""
    for person in people:
        if rng.random() >= UNCHANGED_PRICES:
            scale(person.lines, 1 / rng.uniform(1.02, 1.03))


def scale(lines: list[Line], factor: float) -> None:
    """All money of these lines times a factor; parts are rounded down, so that they stay parts."""
    for line in lines:
        line.gross = None if line.gross is None else round(line.gross * factor)
        for part in ("contribution", "nhs", "night_cost", "journey_price"):
            if getattr(line, part) is not None:
                setattr(line, part, int(getattr(line, part) * factor))


def change_providers(rng: Random, people: list[Person]) -> None:
    """Services that have since passed to another provider: the same start, a different price."""
    able = [
        (person, line) for person, line in of_setting(people, "residential", "supported_living", "home_care")
        if person.role == "settled" and line is person.lines[0] and line.gross and not line.in_house
    ]
    for _, line in rng.sample(able, PROVIDERS_CHANGED):
        line.provider = other_provider(rng, line.setting, line.provider)
        scale([line], rng.uniform(0.92, 1.08))


def leavers(rng: Random) -> list[Person]:
    """People of the earlier file only; for some an end was planned already."""
    made = []
    for _ in range(LEAVERS["residents"]):
        line = Line("residential", *price_and_home(rng, len(RESIDENTIAL_PROVIDERS)))
        line.contribution, line.risk = rng.randint(6_500, 12_000), rng.choice(("high", "medium"))
        made.append(Person("700_to_1000", line.gross, [line]))
    for kind in ("community", "uncosted"):
        for _ in range(LEAVERS[kind]):
            line = Line(rng.choice(("day_care", "supported_living")))
            line.gross = rng.randint(6_000, 42_000) if kind == "community" else None
            line.provider = rng.choice(OTHER_PROVIDERS[line.setting])
            made.append(Person("uncosted" if line.gross is None else "ordinary", line.gross, [line]))
    for place, person in enumerate(made):
        settle(rng, person, rng.randint(28, 84))
        person.age -= 1
        person.review = day_between(rng, max(person.first_start, dt.date(2007, 10, 1)), dt.date(2009, 2, 26))
        if place % 6 == 0:
            person.lines[0].end = day_between(rng, dt.date(2009, 4, 1), dt.date(2009, 9, 30))
    return made


# --- Writing. ---------------------------------------------------------------------------------------------------------


def money(amount: int | None) -> str:
    """Pence as pounds with two decimals; empty where not known."""
    return "" if amount is None else f"{amount // 100}.{amount % 100:02d}"


def half(count: int | None) -> str:
    """Halves as a number with one decimal at most."""
    return "" if count is None else f"{count / 2:g}"


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def day(value: dt.date | None) -> str:
    return value.isoformat() if value else ""


def row_of(person: Person, line: Line, snapshot: dt.date) -> tuple[str, ...]:
    """A line in the order of COLUMNS."""
    return (
        f"SYN-{person.number:06d}", COUNCIL, day(snapshot), str(person.age), CLIENT_GROUP, line.setting,
        f"Synthetic Provider {line.provider:02d}" if line.provider else "", yes_no(line.in_house),
        yes_no(person.in_area), money(line.gross), money(line.contribution), money(line.nhs), line.nhs_kind,
        yes_no(line.gross is not None),
        line.night, money(line.night_cost), half(line.half_journeys), money(line.journey_price), yes_no(line.assisted),
        yes_no(line.interim), half(line.half_hours), line.risk, day(line.start), day(line.end), line.previous,
        day(person.review), "yes",
    )


def file_of(snapshot: dt.date) -> Path:
    return HERE / f"synthetic_stockton_{snapshot.isoformat()}.csv"


def write(people: list[Person], snapshot: dt.date) -> None:
    """Writes a small file, sorted by reference, so that the order shows nothing about how a person was made."""
    with file_of(snapshot).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for person in sorted(people, key=lambda each: each.number):
            writer.writerows(row_of(person, line, snapshot) for line in person.lines)


def make_small() -> None:
    """Both small files, and the check of what was written."""
    rng = Random(SEED)
    people = people_of_2010(rng)
    numbers = rng.sample(range(1, 1000), len(people) + sum(LEAVERS.values()))
    for person in people:
        person.number = numbers.pop()
    earlier = people_of_2009(rng, people)
    for person in earlier:
        person.number = person.number or numbers.pop()
    write(people, SNAPSHOT)
    write(earlier, YEAR_EARLIER)
    check()


# --- Checking what was written. ---------------------------------------------------------------------------------------


@dataclass
class Snapshot:
    """A file read back: its rows, and what the checks ask of a person."""

    rows: list[dict[str, str]]
    date: str
    lines: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row in self.rows:
            self.lines[row["person_reference"]].append(row)

    def people(self, wanted: Callable[[dict[str, str]], bool]) -> set[str]:
        """People with a line that is wanted."""
        return {row["person_reference"] for row in self.rows if wanted(row)}

    def cost(self, reference: str) -> int:
        return sum(in_pence(row["gross_weekly_gbp"]) for row in self.lines[reference])

    @property
    def residents(self) -> set[str]:
        return self.people(lambda row: row["setting"] in ("residential", "nursing"))


def read(snapshot: dt.date) -> Snapshot:
    with file_of(snapshot).open(encoding="utf-8", newline="") as stream:
        return Snapshot(list(csv.DictReader(stream)), snapshot.isoformat())


def in_pence(cell: str) -> int:
    return round(float(cell or 0) * 100)


def check() -> None:
    """Stops with the checks that fail: the calibrated figures of 2010, and what is true of any valid snapshot."""
    now, before = read(SNAPSHOT), read(YEAR_EARLIER)
    checks = [
        *check_residents(now), *check_packages(now), *check_nights(now), *check_transport(now), *check_starts(now),
        *check_marks(now), *check_valid(now), *check_valid(before), *check_pair(now, before),
    ]
    wrong = [message for message, holds in checks if not holds]
    if wrong:
        raise SystemExit("Does not hold of what was written:\n" + "\n".join(f"- {message}" for message in wrong))
    print(f"{len(now.rows)} rows of {now.date}, {len(before.rows)} of {before.date}: {len(checks)} checks hold.")


Checks = list[tuple[str, bool]]


def check_residents(now: Snapshot) -> Checks:
    """How many people live in homes, in which bands of cost."""
    costs = [now.cost(one) for one in now.residents]
    dear = [cost for cost in costs if cost > 100_000]
    others = [cost for cost in costs if cost <= 100_000]
    middle = [cost for cost in costs if 30_000 <= cost < 70_000]
    return [
        ("500 people", len(now.lines) == 500),
        ("172 residents with one line each",
         len(costs) == 172 and all(len(now.lines[one]) == 1 for one in now.residents)),
        ("166 in residential care", len(now.people(lambda row: row["setting"] == "residential")) == 166),
        ("53 above £1,000, none at it", len(dear) == 53 and 100_000 not in costs),
        ("they cost £4.4m a year", abs(sum(dear) * WEEKS - pence(4_400_000)) <= pence(5_000)),
        ("no one at £2,600", max(costs) < pence(2_600)),
        ("60 from £300 to £700, near £500", len(middle) == 60 and abs(sum(middle) / 60 - 50_000) < 1_000),
        ("44 of them below £600", sum(cost < 60_000 for cost in middle) == 44),
        ("55 from £700 to £1,000", sum(70_000 <= cost < 100_000 for cost in costs) == 55),
        ("4 from £100 to £300", sum(10_000 <= cost < 30_000 for cost in costs) == 4),
        ("119 others cost £73,077 a week", len(others) == 119 and abs(sum(others) - pence(OTHERS_WEEKLY)) <= pence(50)),
    ]


def check_packages(now: Snapshot) -> Checks:
    """How many people have packages, in which bands of cost, and what is not costed."""
    people = set(now.lines) - now.residents
    uncosted = now.people(lambda row: row["is_costed"] == "no")
    costs = [now.cost(one) for one in people - uncosted]
    small = [cost for cost in costs if cost <= pence(99)]
    return [
        ("328 people in the community", len(people) == 328),
        ("60 packages of £1 to £99, £3,000 together",
         len(small) == 60 and min(small) >= 100 and sum(small) == pence(3_000)),
        ("77 uncosted, with one line", len(uncosted) == UNCOSTED and all(len(now.lines[one]) == 1 for one in uncosted)),
        ("uncosted without a price",
         all((row["is_costed"] == "no") == (not row["gross_weekly_gbp"]) for row in now.rows)),
        ("3 above £1,000", sum(cost > 100_000 for cost in costs) == 3),
        ("188 between", sum(10_000 <= cost < 100_000 for cost in costs) == 188),
        ("up to three lines, in different settings", all(
            len(lines) <= 3 and len({row["setting"] for row in lines}) == len(lines) for lines in now.lines.values())),
    ]


def check_nights(now: Snapshot) -> Checks:
    """Sleep-ins and waking nights."""
    asleep = [row for row in now.rows if row["night_cover"] == "sleep_in"]
    awake = [row for row in now.rows if row["night_cover"] == "waking"]
    costs = [in_pence(row["night_cover_weekly_gbp"]) for row in asleep]
    return [
        ("40 people with a sleep-in", len(asleep) == len({row["person_reference"] for row in asleep}) == 40),
        ("in supported living", all(row["setting"] == "supported_living" for row in asleep)),
        ("sleep-ins cost £4,280, £115 at most", sum(costs) == pence(4_280) and max(costs) <= pence(115)),
        ("waking nights £350 to £620", len(awake) == 14 and all(
            WAKING_NIGHTS[0] <= in_pence(row["night_cover_weekly_gbp"]) <= WAKING_NIGHTS[1] for row in awake)),
    ]


def check_transport(now: Snapshot) -> Checks:
    """Journeys and their prices."""
    rows = [row for row in now.rows if row["transport_journeys_weekly"]]
    journeys = [float(row["transport_journeys_weekly"]) for row in rows]
    prices = [float(row["transport_journey_gbp"]) for row in rows]
    costs = [count * price for count, price in zip(journeys, prices)]
    return [
        ("187 people with transport, on one line", len(rows) == len({row["person_reference"] for row in rows}) == 187),
        ("1,707 journeys, 2 to 14 each", sum(journeys) == 1_707 and min(journeys) >= 2 and max(journeys) <= 14),
        ("a mean of 9.13", round(sum(journeys) / 187, 2) == 9.13),
        ("at £4.10 on average", round(sum(prices) / 187, 2) == 4.10),
        ("£6,998.50 a week", abs(sum(costs) - 6_998.50) <= 1 and max(costs) * 100 <= TRANSPORT_MOST),
        ("mostly on day care lines", sum(row["setting"] == "day_care" for row in rows) > 140),
        ("none where nothing is costed", all(row["is_costed"] == "yes" for row in rows)),
    ]


def check_starts(now: Snapshot) -> Checks:
    """Who came new in 2008-09, where and how old."""
    counted: Counter[tuple[str, str]] = Counter()
    recent = 0
    spans = {(low, high, f"{low}-{high}") for _, low, high, _ in ENTRANTS}
    for reference, lines in now.lines.items():
        first = dt.date.fromisoformat(min(row["start_date"] for row in lines))
        recent += first > ENTRANTS_TO
        if ENTRANTS_FROM <= first <= ENTRANTS_TO:
            age = int(lines[0]["age"]) - whole_years(first, SNAPSHOT)
            of_age = next((span for low, high, span in spans if low <= age <= high), "of no span")
            home = "residents" if reference in now.residents else "community"
            counted[home, of_age] += 1
            if max(row["start_date"] for row in lines) > ENTRANTS_TO.isoformat():
                counted["with a later line", of_age] += 1
    wanted: Counter[tuple[str, str]] = Counter()
    for home, youngest, oldest, count in ENTRANTS:
        wanted[home, f"{youngest}-{oldest}"] += count
    return [
        (f"33 new people in 2008-09 by home and age, not {dict(counted)}", counted == wanted and counted.total() == 33),
        ("about 25 since", 22 <= recent <= 28),
    ]


def check_marks(now: Snapshot) -> Checks:
    """Area, risk, reviews, interim, NHS, age and providers."""
    outside = now.people(lambda row: row["is_in_area"] == "no")
    risks = Counter(row["move_risk"] for row in now.rows if row["setting"] == "residential")
    overdue = now.people(lambda row: "" < row["last_review_date"] < YEAR_EARLIER.isoformat())
    interim = [row for row in now.rows if row["is_interim"] == "yes"]
    shares = now.people(lambda row: row["nhs_share_weekly_gbp"] != "")
    long = [row for row in interim if dt.date.fromisoformat(row["start_date"]) < SNAPSHOT - INTERIM_LIMIT]
    homes: dict[str, list[int]] = defaultdict(list)
    for row in now.rows:
        if row["setting"] == "residential":
            homes[row["provider"]].append(in_pence(row["gross_weekly_gbp"]))
    levels = sorted(sum(costs) / len(costs) for costs in homes.values())
    in_house = Counter(row["setting"] for row in now.rows if row["is_in_house"] == "yes")
    ages = [int(lines[0]["age"]) for lines in now.lines.values()]
    return [
        ("18 residents out of area", len(outside) == 18 and outside <= now.residents),
        ("9 of them above £1,000", sum(now.cost(one) > 100_000 for one in outside) == 9),
        ("risks of a move", dict(risks) == {**MOVE_RISKS, "": 166 - sum(MOVE_RISKS.values())}),
        ("reviews overdue", len(overdue) == REVIEWS_OVERDUE),
        ("interim placements", len(interim) == 12 and len(long) == INTERIM_LONG),
        ("NHS shares", len(shares) == 22),
        ("30 with technology", len(now.people(lambda row: row["has_assistive_technology"] == "yes")) == 30),
        ("24 residents of 65 and over", sum(int(now.lines[one][0]["age"]) >= 65 for one in now.residents) == 24),
        ("aged 18 to 88", min(ages) == YOUNGEST and max(ages) == OLDEST),
        ("14 homes, at least six of five or more",
         len(homes) == 14 and sum(len(costs) >= 5 for costs in homes.values()) >= 6),
        (f"homes at different levels, not {levels}", levels[0] < 50_000 and levels[-1] > 180_000),
        ("30 providers", len({row["provider"] for row in now.rows} - {""}) == 30),
        ("20 residential and 60 day care lines in-house", in_house == {"residential": 20, "day_care": 60}),
    ]


def check_valid(one: Snapshot) -> Checks:
    """What a snapshot must never hold: dates in the wrong order, parts above their whole, identifiers."""
    text = file_of(dt.date.fromisoformat(one.date)).read_text(encoding="utf-8")
    by_person = [{row["setting"] in ("residential", "nursing") for row in lines} for lines in one.lines.values()]
    return [
        (f"{one.date}: {message}", holds) for message, holds in (
            ("the columns of the contract", text.split("\n", 1)[0] == ",".join(COLUMNS)),
            ("no start after the snapshot", all("" < row["start_date"] <= one.date for row in one.rows)),
            ("no end before it", all(not row["end_date"] or row["end_date"] > one.date for row in one.rows)),
            ("no review after it", all(row["last_review_date"] <= one.date for row in one.rows)),
            ("no review before the start",
             all(not row["last_review_date"] or row["last_review_date"] >= row["start_date"] for row in one.rows)),
            ("no one under 18, now or at the start", all(
                int(row["age"]) - whole_years(dt.date.fromisoformat(row["start_date"]), dt.date.fromisoformat(one.date))
                >= 18 for row in one.rows)),
            ("no one both resident and not", all(len(kinds) == 1 for kinds in by_person)),
            ("nights and journeys within the cost", all(parts_of(row) <= in_pence(row["gross_weekly_gbp"])
                                                        for row in one.rows)),
            ("contribution and NHS share within the cost", all(
                in_pence(row["client_contribution_weekly_gbp"]) + in_pence(row["nhs_share_weekly_gbp"])
                <= in_pence(row["gross_weekly_gbp"]) for row in one.rows)),
            ("hours on home care only",
             all(not row["home_care_hours_weekly"] or row["setting"] == "home_care" for row in one.rows)),
            ("a risk for residential only",
             all(not row["move_risk"] or row["setting"] == "residential" for row in one.rows)),
            ("everything synthetic", all(row["is_synthetic"] == "yes" for row in one.rows)),
            ("no ten-digit number", not re.search(r"\d{10}", text)),
            ("no postcode", not re.search(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", text, re.IGNORECASE)),
        )
    ]


def parts_of(row: dict[str, str]) -> float:
    """Night cover and journeys of a row, in pence."""
    return in_pence(row["night_cover_weekly_gbp"]) + (
        float(row["transport_journeys_weekly"] or 0) * in_pence(row["transport_journey_gbp"]))


def check_pair(now: Snapshot, before: Snapshot) -> Checks:
    """What links the two files."""
    both = set(now.lines) & set(before.lines)
    moved = {one for one in both if (one in now.residents) != (one in before.residents)}
    total_now, total_before = (sum(in_pence(row["gross_weekly_gbp"]) for row in each.rows) for each in (now, before))
    passed = {one for one in both - moved for row in now.lines[one] for old in before.lines[one]
              if row["setting"] == old["setting"] and row["provider"] != old["provider"]}
    same = {one for one in both - moved if now.cost(one) and now.cost(one) == before.cost(one)}
    costed = {one for one in both - moved if now.cost(one)}
    return [
        ("about as many people", abs(len(before.lines) / len(now.lines) - 1) < 0.2),
        ("about the same cost", abs(total_before / total_now - 1) < 0.2),
        ("20 have left", len(set(before.lines) - both) == 20),
        ("six residents moved out", len(moved - now.residents) == 6),
        ("four moved in", len(moved & now.residents) == 4),
        ("a year younger", all(int(now.lines[one][0]["age"]) - int(before.lines[one][0]["age"]) == 1 for one in both)),
        ("14 with another provider", len(passed) == PROVIDERS_CHANGED),
        (f"about 15% at the same price, not {len(same)} of {len(costed)}", 0.1 <= len(same) / len(costed) <= 0.2),
    ]


# --- Large files. -----------------------------------------------------------------------------------------------------

FIRST_MONTH = dt.date(2025, 4, 30)
SECOND_LINES = 0.4
LEAVING, REPRICED = 0.01, 0.03
# Somewhat more than the 0.5% and 0.3% wanted: the value drawn may be the old one.
PROVIDER_CHANGED, SETTING_CHANGED = 0.0062, 0.0038
MEMORY = "1200MB"

# For each group: its share of all people, and how they are distributed over settings.
GROUPS = {"learning_disability": 0.20, "mental_health": 0.15, "physical_support": 0.45, "memory_and_cognition": 0.20}
AGES = {
    "learning_disability": "18 + 57 * share", "mental_health": "18 + 62 * share",
    "physical_support": "18 + 77 * sqrt(share)", "memory_and_cognition": "62 + 33 * share",
}
SETTINGS = {
    "learning_disability": {"residential": 0.20, "nursing": 0.02, "supported_living": 0.32, "home_care": 0.10,
                            "day_care": 0.14, "direct_payment": 0.17, "shared_lives": 0.05},
    "mental_health": {"residential": 0.17, "nursing": 0.05, "supported_living": 0.33, "home_care": 0.20,
                      "day_care": 0.07, "direct_payment": 0.16, "shared_lives": 0.02},
    "physical_support": {"residential": 0.20, "nursing": 0.13, "supported_living": 0.05, "home_care": 0.41,
                         "day_care": 0.04, "direct_payment": 0.16, "shared_lives": 0.01},
    "memory_and_cognition": {"residential": 0.40, "nursing": 0.24, "supported_living": 0.03, "home_care": 0.22,
                             "day_care": 0.05, "direct_payment": 0.05, "shared_lives": 0.01},
}
COSTS = {"residential": (600, 2500), "nursing": (700, 1600), "supported_living": (300, 2000), "home_care": (50, 600),
         "day_care": (40, 300), "direct_payment": (60, 500), "shared_lives": (250, 500)}
# A second line is day care, and a direct payment next to day care: never the setting of the first.
SECOND = "CASE setting WHEN 'day_care' THEN 'direct_payment' ELSE 'day_care' END"
# A council's providers have consecutive numbers; the first of each setting is the council itself.
PROVIDERS = {"residential": (1, 20), "nursing": (21, 8), "supported_living": (29, 12), "home_care": (41, 10),
             "day_care": (51, 8), "shared_lives": (59, 2)}
IN_HOUSE = ("residential", "supported_living", "day_care", "shared_lives")
NURSING_CONTRIBUTION = 254.06


def by_share(share: str, parts: dict[str, float]) -> str:
    """SQL that picks a name by a share between 0 and 1."""
    bound, whens = 0.0, []
    for name, part in parts.items():
        bound += part
        whens.append(f"WHEN {share} < {bound:.6f} THEN '{name}'")
    return f"CASE {' '.join(whens[:-1])} ELSE '{list(parts)[-1]}' END"


def by_name(column: str, choices: dict[str, object]) -> str:
    """SQL that picks an expression by a name; nothing where the name is not there."""
    return f"CASE {column} {' '.join(f'WHEN {name!r} THEN {choice}' for name, choice in choices.items())} END"


def macros() -> list[str]:
    """Macros for a share between 0 and 1 from a key and a purpose, and for what is picked by it."""
    settings = by_name("client_group", {group: by_share("share", parts) for group, parts in SETTINGS.items()})
    return [
        "CREATE MACRO drawn(key, purpose) AS (hash(xor(key, purpose::UBIGINT)) % 1000003) / 1000003.0",
        f"CREATE MACRO group_by_share(share) AS {by_share('share', GROUPS)}",
        f"CREATE MACRO setting_by_share(client_group, share) AS {settings}",
        f"CREATE MACRO age_by_share(client_group, share) AS floor({by_name('client_group', AGES)})::INT",
    ]


def councils_of(count: int) -> list[str]:
    """The first councils by code that exist in 2025-26."""
    with COUNCILS.open(encoding="utf-8", newline="") as stream:
        codes = {row["council_code"] for row in csv.DictReader(stream)
                 if not row["valid_to"] or row["valid_to"] > "2025-04-01"}
    if not 0 < count <= len(codes):
        raise SystemExit(f"There are {len(codes)} councils in {COUNCILS.name}, not {count}.")
    return sorted(codes)[:count]


def sizes(codes: list[str], lines: float) -> dict[str, int]:
    """People per council for about this many lines a month; councils differ by their position in the list."""
    weights = {code: 0.5 + (place * 37 % 101) / 100 for place, code in enumerate(codes)}
    people = lines / (1 + SECOND_LINES)
    return {code: max(1, round(people * weight / sum(weights.values()))) for code, weight in weights.items()}


def month_end(number: int) -> dt.date:
    """The end of a month, counted from the first."""
    year, month = divmod(FIRST_MONTH.year * 12 + FIRST_MONTH.month - 1 + number, 12)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def number_of(month: dt.date) -> int:
    """The month a month-end is, counted from the first."""
    number = (month.year - FIRST_MONTH.year) * 12 + month.month - FIRST_MONTH.month
    if number < 0 or month_end(number) != month:
        raise SystemExit(f"{month} is not a month-end from {FIRST_MONTH} on.")
    return number


# A person of the first month. A place is always taken: a person who leaves is followed by a new one with another key.
FIRST_PEOPLE = """
CREATE TABLE people AS
WITH places AS (SELECT council_code, unnest(range(people)) AS place FROM councils),
keyed AS (
    SELECT *, 0 AS follower, hash(council_code, place) AS place_key, hash(council_code, place, 0) AS key FROM places
),
grouped AS (SELECT *, group_by_share(drawn(key, 1)) AS client_group FROM keyed),
aged AS (SELECT *, age_by_share(client_group, drawn(key, 2)) AS first_age FROM grouped)
SELECT
    *, 0 AS entered, setting_by_share(client_group, drawn(key, 3)) AS setting,
    DATE '{month}' - least(floor(3650 * pow(drawn(key, 4), 2))::INT, (first_age - 18) * 365) AS start_date,
    [NULL, 'family_home', 'hospital'][1 + floor(3 * drawn(key, 5))::INT] AS previous_setting,
    1.0::DOUBLE AS price_factor, 0 AS provider_changes
FROM aged
"""

# A month later. Purposes are counted on from the month, so that each month draws anew.
NEXT_PEOPLE = """
CREATE OR REPLACE TABLE people AS
WITH turned AS (
    SELECT * REPLACE (follower + left_now::INT AS follower,
                      CASE WHEN left_now THEN hash(council_code, place, follower + 1) ELSE key END AS key)
    FROM (SELECT *, drawn(place_key, {salt}) < {leaving} AS left_now FROM people)
),
grouped AS (
    SELECT * REPLACE (CASE WHEN left_now THEN group_by_share(drawn(key, 1)) ELSE client_group END AS client_group)
    FROM turned
),
chosen AS (
    SELECT *, CASE
        WHEN left_now THEN setting_by_share(client_group, drawn(key, 3))
        WHEN drawn(key, {salt} + 1) < {setting_changed} THEN setting_by_share(client_group, drawn(key, {salt} + 2))
        ELSE setting END AS new_setting
    FROM grouped
),
marked AS (SELECT *, left_now OR new_setting <> setting AS begins FROM chosen)
SELECT
    council_code, place, follower, place_key, key, client_group,
    CASE WHEN left_now THEN age_by_share(client_group, drawn(key, 2)) ELSE first_age END AS first_age,
    CASE WHEN left_now THEN {number} ELSE entered END AS entered,
    new_setting AS setting,
    CASE WHEN begins THEN DATE '{month}' - floor(28 * drawn(key, {salt} + 3))::INT ELSE start_date END AS start_date,
    CASE WHEN left_now THEN ['family_home', 'hospital'][1 + floor(2 * drawn(key, 5))::INT]
         WHEN begins THEN setting ELSE previous_setting END AS previous_setting,
    CASE WHEN left_now THEN 1.0
         WHEN drawn(key, {salt} + 4) < {repriced} THEN price_factor * (1.01 + 0.04 * drawn(key, {salt} + 5))
         ELSE price_factor END AS price_factor,
    CASE WHEN left_now THEN 0
         ELSE provider_changes + (drawn(key, {salt} + 6) < {provider_changed})::INT END AS provider_changes
FROM marked
"""

# The lines of a month: placed in a setting, given to a provider, priced, and written as the contract has them.
LINES = """
WITH lines AS (
    SELECT *, unnest(range(1 + (drawn(key, 6) < {second_lines})::INT)) AS line,
        first_age + (floor(12 * drawn(key, 7))::INT + {number} - entered) // 12 AS age
    FROM people
),
placed AS (SELECT * REPLACE (CASE line WHEN 0 THEN setting ELSE {second} END AS setting) FROM lines),
keyed AS (SELECT *, hash(key, setting) AS line_key FROM placed),
given AS (
    SELECT *, {first_provider} + floor({providers} * drawn(hash(line_key, provider_changes), 1))::INT AS provider,
        drawn(line_key, 2) >= 0.02 AS is_costed,
        {low} AS low, {high} AS high
    FROM keyed
),
levelled AS (
    SELECT *, 0.8 + 0.4 * drawn(hash(council_code, provider), 3) AS level,
        setting IN ('residential', 'nursing') AS is_resident
    FROM given
),
priced AS (
    SELECT *, CASE WHEN is_costed THEN round(greatest(low, least(high,
        (low + (high - low) * pow(drawn(line_key, 4), 1.8)) * coalesce(level, 1) * price_factor)), 2) END AS gross
    FROM levelled
),
covered AS (
    SELECT *,
        CASE WHEN gross >= 900 AND setting IN ('supported_living', 'residential') AND drawn(line_key, 5) < 0.08
             THEN 'waking'
             WHEN gross IS NOT NULL AND setting = 'supported_living' AND drawn(line_key, 5) < 0.25 THEN 'sleep_in'
             ELSE 'none' END AS night_cover,
        CASE WHEN gross IS NOT NULL AND setting = 'day_care' AND drawn(line_key, 6) < 0.5
             THEN 2 + floor(9 * drawn(line_key, 7))::INT END AS journeys,
        CASE WHEN gross IS NULL THEN NULL
             WHEN setting = 'nursing' AND drawn(line_key, 8) < 0.6 THEN 'other'
             WHEN (is_resident OR setting = 'supported_living') AND drawn(line_key, 8) > 0.96 THEN 'chc'
             WHEN client_group = 'mental_health' AND drawn(line_key, 8) > 0.85 THEN 's117' END AS nhs_kind,
        is_resident AND drawn(line_key, 9) < 0.05 AS is_interim,
        CASE WHEN drawn(key, 8) < 0.25 THEN 730 ELSE 365 END AS review_days
    FROM priced
),
shared AS (
    SELECT *,
        CASE nhs_kind WHEN 'other' THEN {nursing_contribution}
            ELSE round(gross * (0.2 + 0.4 * drawn(line_key, 10)), 2) END AS nhs_share,
        DATE '{month}' - ((floor(review_days * drawn(key, 9))::INT + {days}) % review_days) AS review
    FROM covered
)
SELECT
    format('SYN-{{}}-{{:06d}}', council_code, follower * {places} + place) AS person_reference,
    council_code, DATE '{month}' AS snapshot_date, least(95, age) AS age, client_group, setting,
    format('Synthetic Provider {{}}-{{:02d}}', council_code, provider) AS provider,
    CASE WHEN setting IN {in_house} AND provider = {first_provider} THEN 'yes' ELSE 'no' END AS is_in_house,
    CASE WHEN is_resident AND drawn(line_key, 11) < 0.12 THEN 'no' ELSE 'yes' END AS is_in_area,
    gross::DECIMAL(9, 2) AS gross_weekly_gbp,
    CASE WHEN gross IS NOT NULL AND drawn(line_key, 12) < 0.95 THEN round((gross - CASE WHEN nhs_kind IS NULL THEN 0
        ELSE nhs_share END) * CASE WHEN is_resident THEN 0.1 + 0.3 * drawn(line_key, 13)
        ELSE greatest(0, 0.3 * drawn(line_key, 13) - 0.15) END, 2)::DECIMAL(9, 2) END AS client_contribution_weekly_gbp,
    CASE WHEN nhs_kind IS NOT NULL THEN nhs_share::DECIMAL(9, 2) END AS nhs_share_weekly_gbp,
    nhs_kind AS nhs_share_kind,
    CASE WHEN is_costed THEN 'yes' ELSE 'no' END AS is_costed,
    night_cover,
    CASE night_cover WHEN 'sleep_in' THEN (90 + 30 * drawn(line_key, 14))::DECIMAL(9, 2)
        WHEN 'waking' THEN (350 + 270 * drawn(line_key, 14))::DECIMAL(9, 2) END AS night_cover_weekly_gbp,
    journeys AS transport_journeys_weekly,
    CASE WHEN journeys IS NOT NULL THEN
        least(3.5 + 4 * drawn(line_key, 15), 0.7 * gross / journeys)::DECIMAL(9, 2) END AS transport_journey_gbp,
    CASE WHEN drawn(line_key, 16) < 0.08 THEN 'yes' ELSE 'no' END AS has_assistive_technology,
    CASE WHEN is_interim THEN 'yes' ELSE 'no' END AS is_interim,
    CASE WHEN setting = 'home_care' THEN (round(2 * gross / (20 + 6 * drawn(line_key, 17))) / 2)::DECIMAL(6, 1) END
        AS home_care_hours_weekly,
    CASE WHEN setting = 'residential' THEN
        ['high', 'high', 'medium', 'medium', 'low', NULL][1 + floor(6 * drawn(line_key, 18))::INT] END AS move_risk,
    start_date,
    CASE WHEN is_interim AND start_date + 182 > DATE '{month}' THEN start_date + 182 END AS end_date,
    previous_setting,
    CASE WHEN review >= start_date THEN review END AS last_review_date,
    'yes' AS is_synthetic
FROM shared
"""


def lines_sql(number: int, places: int) -> str:
    """The SELECT of a month's lines."""
    month = month_end(number)
    return LINES.format(
        number=number, month=month, days=(month - FIRST_MONTH).days, places=places, second=SECOND,
        second_lines=SECOND_LINES, in_house=IN_HOUSE, nursing_contribution=NURSING_CONTRIBUTION,
        first_provider=by_name("setting", {name: first for name, (first, _) in PROVIDERS.items()}),
        providers=by_name("setting", {name: count for name, (_, count) in PROVIDERS.items()}),
        low=by_name("setting", {name: low for name, (low, _) in COSTS.items()}),
        high=by_name("setting", {name: high for name, (_, high) in COSTS.items()}),
    )


def next_sql(number: int) -> str:
    """The statement that takes everyone from one month to the next."""
    return NEXT_PEOPLE.format(
        number=number, month=month_end(number), salt=1000 + 10 * number, leaving=LEAVING, repriced=REPRICED,
        provider_changed=PROVIDER_CHANGED, setting_changed=SETTING_CHANGED,
    )


def begin(people: dict[str, int]) -> duckdb.DuckDBPyConnection:
    """A database in memory with everyone as of the first month."""
    database = duckdb.connect(config={"memory_limit": MEMORY})
    for macro in macros():
        database.execute(macro)
    database.execute("CREATE TABLE councils (council_code VARCHAR, people BIGINT)")
    database.executemany("INSERT INTO councils VALUES (?, ?)", list(people.items()))
    database.execute(FIRST_PEOPLE.format(month=FIRST_MONTH))
    return database


def copy_month(database: duckdb.DuckDBPyConnection, number: int, places: int, path: Path) -> None:
    """One month's file, in the order of the places."""
    target = str(path).replace("'", "''")
    rows = database.execute(f"COPY ({lines_sql(number, places)}) TO '{target}' (FORMAT csv, HEADER)").fetchone()[0]
    print(f"{path}: {rows} rows")


def make_large(folder: Path, rows: int, councils: int, months: int) -> None:
    """A file per month-end, for all councils."""
    folder.mkdir(parents=True, exist_ok=True)
    people = sizes(councils_of(councils), rows / months)
    database = begin(people)
    for number in range(months):
        if number:
            database.execute(next_sql(number))
        copy_month(database, number, max(people.values()), folder / f"synthetic_councils_{month_end(number)}.csv")


def make_one(folder: Path, lines: float, councils: int, council: str, month: dt.date) -> None:
    """One council's month, as the file of all councils would have it."""
    folder.mkdir(parents=True, exist_ok=True)
    people = sizes(councils_of(councils), lines)
    if council not in people:
        raise SystemExit(f"{council} is not among the first {councils} councils: {', '.join(people)}.")
    number = number_of(month)
    database = begin({council: people[council]})
    for each in range(1, number + 1):
        database.execute(next_sql(each))
    copy_month(database, number, max(people.values()), folder / f"synthetic_council_{council}_{month}.csv")


def main() -> None:
    """Small files without arguments, large ones into a folder."""
    parser = argparse.ArgumentParser(description="Synthetic snapshots of local records.")
    parser.add_argument("--large", type=Path, metavar="FOLDER", help="write large files here instead of the small ones")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of all months together, about")
    parser.add_argument("--councils", type=int, default=100, help="the first so many by code")
    parser.add_argument("--months", type=int, default=12, help=f"month-ends from {FIRST_MONTH}")
    parser.add_argument("--only", metavar="COUNCIL", help="with --month: one council's file of one month")
    parser.add_argument("--month", type=dt.date.fromisoformat, help="the month-end of that file")
    given = parser.parse_args()
    if bool(given.only) != bool(given.month) or (given.only and not given.large):
        parser.error("--only and --month go together, with --large.")
    if min(given.rows, given.councils, given.months) < 1:
        parser.error("--rows, --councils and --months are at least 1.")
    if given.only:
        make_one(given.large, given.rows / given.months, given.councils, given.only, given.month)
    elif given.large:
        make_large(given.large, given.rows, given.councils, given.months)
    else:
        make_small()


if __name__ == "__main__":
    main()
