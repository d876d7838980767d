"""The eight attacks that gave back a person's number or price from what the first release published (D1 to D8).

Each reads tables as a reader has them (``first_release.Tables``) and returns what it is certain of, or None.
"""

import hashlib

from first_release import INFINITE

DEAREST_IS_KNOWN = 1.1  # A price is recovered where it must be in an interval no wider than a tenth.


def file_size(tables, header):
    """D1: two releases that differ by one line give the length of a line, and so the lines of the file."""
    sizes = [file["bytes"] for file in tables.files]
    if len(sizes) < 2:
        return None
    length = abs(sizes[1] - sizes[0])
    return (sizes[0] - len(header.encode())) / length


def file_hash(tables, known, guesses):
    """D2: the hash of a file confirms a guess of the one price in it that is not known."""
    hashes = {file["sha256"] for file in tables.files}
    return next((guess for guess in guesses
                 if hashlib.sha256(known.format(guess).encode()).hexdigest() in hashes), None)


def few_of_another_group(tables):
    """D3: people of two groups are the rows; what the larger one costs, over the dearest, is more than it may have."""
    return _only([small for large in _counts(tables, "large") for small in _counts(tables, "small")
                  if tables.range("rows")[0] <= large + small <= tables.range("rows")[1]])


def who_stayed(tables):
    """D4: who was there either left or stayed."""
    return _only([stayed for left in _counts(tables, "leaver") for stayed in _counts(tables, "unchanged")
                  if tables.range("before")[0] <= left + stayed <= tables.range("before")[1]])


def priced_people(tables):
    """D5: no mean says fewer than 5 with a price; the cost says more than 3."""
    least, _ = tables.cost_range("provider")
    dearest = tables.step.get("provider", INFINITE)
    return _only([people for people in range(1, 5) if least <= people * dearest]) if least else None


def dearest_price(tables):
    """D6: pounds are rounded to a step that is just above the dearest, and the mean is just below it."""
    least, most_people = tables.cost_range("whole")[0], tables.range("whole")[1]
    low, high = least / most_people, tables.step.get("whole", INFINITE)
    return (low, high) if low and high / low < DEAREST_IS_KNOWN else None


def between_two_thresholds(at_1000, at_1001):
    """D7: one person more from 1,000 than from 1,001 is a price of 1,000 and some pence."""
    if "from 1001" not in at_1001.people:
        return None
    return at_1000.people["from 1000"] != at_1001.people["from 1001"] or None


def narrow_band(tables):
    """D8: whoever is in a band from 812 to 813 costs 812 and some pence."""
    return next(((low, high) for low, high in tables.bands.values()
                 if low and high and high / low < DEAREST_IS_KNOWN), None)


def _counts(tables, cell):
    """The counts that people and pounds shown allow: no one costs more than the step."""
    fewest, most = tables.range(cell)
    least, dearest = tables.cost_range(cell)[0], tables.step.get(cell, INFINITE)
    return [people for people in range(int(fewest), int(min(most, 100)) + 1) if least <= people * dearest]


def _only(counts):
    return counts[0] if len(set(counts)) == 1 else None
