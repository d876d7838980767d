"""The reader who has every table of every release, tried on many invented councils.

A council has 1 to 80 people in residential and nursing care, on two days between which one person leaves or is
corrected. What is published of it (whole, settings, bands and the opportunities that are unions of bands) becomes a
linear programme over the exact counts: parts add up to their whole, and a number that is shown is at most so far off.
A count of 1 to 9 is recovered where the least and the most that it may be are the same number.

``python tests/harness/all_councils.py`` prints the table of docs/placements.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from first_release import WEEKS
from first_release import shown as rounded_to_five
from scipy.optimize import linprog

from orchestration.open_figures import Cell, shown

EDGES = (0, 300, 700, 1000)
SETTINGS = ("Residential care", "Nursing care")
PARTS = {"high_cost": ("band 3",), "step_down": ("band 1",)}
STEP = 100 * WEEKS
DEAREST = 10_000  # A week; gate A rejects what is dearer (seeds/reference/placement_setting.csv).
RECOVERED_WITHIN = 1.1


@dataclass(frozen=True)
class Person:
    record_key: int
    setting: str
    weekly_gbp: float

    @property
    def band(self) -> str:
        return f"band {sum(self.weekly_gbp >= edge for edge in EDGES) - 1}"


def invent(rng: random.Random, n_people: int) -> list[Person]:
    return [Person(rng.getrandbits(32), rng.choices(SETTINGS, (4, 1))[0],
                   round(min(rng.lognormvariate(6.6, 0.5), 6000), 2)) for _ in range(n_people)]


def councils(count: int, seed: int = 15) -> Iterator[tuple[list[Person], list[Person]]]:
    """The people of each council before and after one of them has left, or has had a price corrected."""
    rng = random.Random(seed)
    for number in range(count):
        before = invent(rng, 1 + number % 80)
        gone = rng.randrange(len(before))
        after = before[:gone] + before[gone + 1:]
        if number % 2:
            after.append(Person(before[gone].record_key, before[gone].setting, before[gone].weekly_gbp + 1))
        yield before, after


def cells(people: list[Person]) -> dict[str, list[Person]]:
    found = {"whole": people}
    for person in people:
        found.setdefault(person.setting, []).append(person)
        found.setdefault(person.band, []).append(person)
    for opportunity, bands in PARTS.items():
        if members := [person for person in people if person.band in bands]:
            found[opportunity] = members
    return {name: members for name, members in found.items() if members}


Published = dict[str, tuple[int, int | None]]  # People and cost a year by cell; a cell without a row is not in it.


def by_cell_key(people: list[Person]) -> Published:
    """As orchestration/open_figures.py publishes it."""
    found = {}
    for name, members in cells(people).items():
        key, prices = sum(person.record_key for person in members), [person.weekly_gbp for person in members]
        if row := shown(Cell(len(members), len(members), sum(prices), max(prices), key, key), STEP):
            found[name] = row.people, row.annual_cost_gbp
    return found


def hiding_few(people: list[Person]) -> Published:
    """A weak method, for the reader to break: exact counts, and none below 5."""
    return {name: (len(members), round(WEEKS * sum(person.weekly_gbp for person in members)))
            for name, members in cells(people).items() if len(members) >= 5}


def rounding_to_five(people: list[Person]) -> Published:
    """Another: to the nearest 5 and none below 5, without hiding a second cell."""
    return {name: (rounded_to_five(len(members)), None) for name, members in cells(people).items()
            if len(members) >= 5}


def recovered(published: Published, off: float, hidden_at_most: float) -> dict[str, int]:
    """The counts of 1 to 9 that follow: a shown number is at most ``off`` from the truth, a hidden one at most so much.

    In the method of the project a number may be off by anything; ``off`` of 6 is a reader who gives up certainty for
    odds of 999 in 1,000 for each number.
    """
    names = ["whole", *SETTINGS, *(f"band {band}" for band in range(len(EDGES)))]
    bounds = {name: (max(0.0, published[name][0] - off), published[name][0] + off) if name in published
              else (0.0, hidden_at_most) for name in names}
    for opportunity, (band,) in PARTS.items():
        if opportunity in published:
            low, high = bounds[band]
            bounds[band] = (max(low, published[opportunity][0] - off), min(high, published[opportunity][0] + off))
    parts = [[-1.0 if name == "whole" else float(name in of) for name in names]
             for of in (SETTINGS, names[1 + len(SETTINGS):])]
    limits = [(low, None if high == float("inf") else high) for low, high in bounds.values()]
    found = {}
    for place, name in enumerate(names):
        ends = []
        for sign in (1, -1):
            goal = [0.0] * len(names)
            goal[place] = sign
            solved = linprog(goal, A_eq=parts, b_eq=[0, 0], bounds=limits)
            ends.append(sign * solved.fun if solved.status == 0 else float("inf"))
        low, high = -(-ends[0] // 1), ends[1] // 1
        if low == high and 1 <= low <= 9:
            found[name] = int(low)
    return found


def price_of_one(before: Published, after: Published, is_exact: bool) -> tuple[float, float] | None:
    """Between which weekly prices the person is who left, if the whole is shown on both days."""
    if "whole" not in before or "whole" not in after or None in (before["whole"][1], after["whole"][1]):
        return None
    difference = (before["whole"][1] - after["whole"][1]) / WEEKS
    if is_exact:
        return difference - 1, difference + 1
    # The noise on either day is half to all of what the dearest costs, who is at least in the dearest band shown.
    bands = [int(name[-1]) for name in before if name.startswith("band")]
    at_least = EDGES[max(bands)] if bands else 0
    widest = 2 * DEAREST + STEP / WEEKS
    return max(0.0, difference - widest), min(DEAREST, max(at_least, difference + widest))


@dataclass
class Tally:
    councils: int = 0
    certain: int = 0
    right_of_bold: int = 0
    prices: int = 0
    large: int = 0
    published: int = 0
    error: int = 0

    @property
    def published_share(self) -> Fraction:
        return Fraction(self.published, self.large)


def attack(count: int, method: Callable[[list[Person]], Published], off: float, hidden_at_most: float) -> Tally:
    """What the reader recovers of so many councils, with the truth next to it."""
    tally = Tally()
    for before, after in councils(count):
        tally.councils += 1
        tables = [method(before), method(after)]
        for people, published in zip((before, after), tables):
            exact = {name: len(members) for name, members in cells(people).items()}
            for name, number in recovered(published, off, hidden_at_most).items():
                tally.certain += 1
                tally.right_of_bold += exact.get(name, 0) == number
            for name, number in exact.items():
                if number >= 10:
                    tally.large += 1
                    if name in published:
                        tally.published += 1
                        tally.error += abs(published[name][0] - number)
        gone = {person.record_key for person in before} - {person.record_key for person in after}
        if gone and (interval := price_of_one(*tables, is_exact=off == 0)):
            low, high = interval
            tally.prices += low > 0 and high / low < RECOVERED_WITHIN
    return tally


METHODS = {
    "exact, none below 5": (hiding_few, 0, 4),
    "to the nearest 5, none below 5": (rounding_to_five, 2, 4),
    "cell key, noise of any size": (by_cell_key, float("inf"), float("inf")),
    "cell key, a reader who trusts it to be 6 at most": (by_cell_key, 6, 15),
}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("| method | councils | counts of 1 to 9 that follow | of them right | prices | cells of 10 or more published "
          "| mean error |\n| --- | --- | --- | --- | --- | --- | --- |")
    for words, (method, off, hidden) in METHODS.items():
        t = attack(count, method, off, hidden)
        print(f"| {words} | {t.councils} | {t.certain} | {t.right_of_bold} | {t.prices} | "
              f"{float(100 * t.published_share):.1f}% | {t.error / max(1, t.published):.2f} |")
