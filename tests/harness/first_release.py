"""What the first release published of placements, as far as an attack needs it, in small: counts to the nearest 5, none
below 5, pounds to a step of at least what the dearest person costs, and every file's size and hash.

The attacks of tests/placements/attacks.py are shown to succeed on these tables before they are tried on the open copy.
"""

import hashlib
import math
from dataclasses import dataclass, field

WEEKS = 52
INFINITE = float("inf")


@dataclass
class Tables:
    """What a reader sees of one council: files, and people and pounds by name of a cell; with what each may mean."""

    files: list = field(default_factory=list)
    people: dict = field(default_factory=dict)
    cost: dict = field(default_factory=dict)
    step: dict = field(default_factory=dict)
    bands: dict = field(default_factory=dict)
    # The fewest and most people that a shown number (None: not shown) may stand for, for certain.
    could_be: object = None

    def range(self, cell):
        return self.could_be(self.people.get(cell))

    def cost_range(self, cell):
        cost = self.cost.get(cell)
        if cost is None:
            return 0, INFINITE
        half = self.step[cell] / 2 if self.could_be is certain else INFINITE
        return max(0, cost - half), cost + half


def certain(number):
    """In the first release a number stood for five counts at most, and no number for 1 to 4."""
    return (1, 4) if number is None else (max(5, number - 2), number + 2)


def anything(number):
    """In the open copy noise may be of any size, and a cell may have no row for any reason."""
    return 0, INFINITE


def shown(people):
    return people + 2 - (people + 2) % 5 if people >= 5 else None


def step_of(largest):
    power = 10 ** math.floor(math.log10(largest))
    return next((step for step in (1, 2, 3, 5, 7) if largest <= step * power), 10) * power


def table_of(file="", weeks=WEEKS, **cells):
    """The first release's tables of a file (its text) and of cells: weekly prices of their people, None for uncosted.

    Pounds are of a year; of changes between two days they are of a week (``weeks`` 1).
    """
    content = file.encode()
    found = Tables(files=[{"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}], could_be=certain)
    for name, prices in cells.items():
        found.people[name] = shown(len(prices))
        costed = [price * weeks for price in prices if price is not None]
        if found.people[name] is not None and costed:
            found.step[name] = step_of(max(costed))
            found.cost[name] = math.floor(sum(costed) / found.step[name] + 0.5) * found.step[name]
    return found
