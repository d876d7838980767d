"""Which councils are nearest, and which stay so under other weights. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, pstdev

# As far apart as two councils are on average on a standardised indicator, squared.
OTHER_CLASS = 2.0
DRAWS = 1000
Indicators = dict[str, float | str]


@dataclass(frozen=True)
class Pool:
    """The councils that may be neighbours: their numbers by indicator (a text for a class), all of them known."""

    year: str
    values: dict[str, Indicators]
    left_out: dict[str, str]


@dataclass(frozen=True)
class Neighbour:
    """``kept_pct``: in how many of the draws of other weights it is among the nearest as well."""

    code: str
    distance: float
    kept_pct: float | None = None


def distances(values: dict[str, Indicators], weights: dict[str, float]) -> Callable[[str], dict[str, float]]:
    """A function that gives the distance of a council to each other one: the root of the weighted mean square."""
    scaled = {name: _standardised({code: row[name] for code, row in values.items()}) for name in weights}
    total = sum(weights.values())

    def square(name: str, one: str, other: str) -> float:
        if name == "class":
            return OTHER_CLASS * (scaled[name][one] != scaled[name][other])
        return (scaled[name][one] - scaled[name][other]) ** 2

    def from_council(one: str) -> dict[str, float]:
        return {
            other: math.sqrt(sum(weight * square(name, one, other) for name, weight in weights.items()) / total)
            for other in values
            if other != one
        }

    return from_council


def _standardised(values: Indicators) -> Indicators:
    """Distance from the mean in standard deviations; texts as they are, and nothing where all are equal."""
    if any(isinstance(value, str) for value in values.values()):
        return values
    middle, spread = fmean(values.values()), pstdev(values.values())
    return {code: (value - middle) / spread if spread else 0.0 for code, value in values.items()}


def nearest(found: dict[str, float], number: int) -> list[Neighbour]:
    """The nearest first; of two as near the lower code."""
    ranked = sorted(found.items(), key=lambda one: (round(one[1], 12), one[0]))
    return [Neighbour(code, distance) for code, distance in ranked[:number]]


def other_weights(weights: dict[str, float]) -> dict[str, dict[str, float]]:
    """Each indicator left out and each counted twice, by what was changed."""
    counting = [name for name, weight in weights.items() if weight]
    changed = {f"{name} counted twice": weights | {name: 2 * weights[name]} for name in counting if len(counting) > 1}
    return changed | {
        f"without {name}": {other: weight for other, weight in weights.items() if other != name}
        for name in counting
        if len(counting) > 1
    }


def remaining(
    pool: Pool, weights: dict[str, float], found: dict[str, list[Neighbour]], number: int
) -> tuple[int, int]:
    distance = distances(pool.values, weights)
    kept = sum(
        len({one.code for one in of_council} & {one.code for one in nearest(distance(code), number)})
        for code, of_council in found.items()
    )
    return kept, sum(map(len, found.values()))


def drawn(
    pool: Pool, weights: dict[str, float], code: str, found: list[Neighbour], number: int
) -> list[Neighbour]:
    """The same neighbours with how often each is among the nearest where every weight is between half and double."""
    chance = random.Random(1)  # The same draws for everyone.
    parts = {name: distances(pool.values, {name: 1.0})(code) for name in weights}
    kept = dict.fromkeys((one.code for one in found), 0)
    for _ in range(DRAWS):
        drawn_weights = {name: weight * 2 ** chance.uniform(-1, 1) for name, weight in weights.items()}
        squares = {
            other: sum(weight * parts[name][other] ** 2 for name, weight in drawn_weights.items())
            for other in pool.values
            if other != code
        }
        for one in nearest(squares, number):
            if one.code in kept:
                kept[one.code] += 1
    return [Neighbour(one.code, one.distance, 100 * kept[one.code] / DRAWS) for one in found]

