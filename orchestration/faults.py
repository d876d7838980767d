"""What can be wrong, in words that a person can act on. No file is opened here; ``cli`` shows the faults."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestration.identifiers import masked

STOPPED_BY_GATE = 1
UNUSABLE_INPUT = 2
NOTHING_RECOGNISED = 3
PUBLISHED_WITHOUT_REFUSED = 4
# A faulty column would give the same fault for every row: no more of a kind are looked for.
MOST_OF_A_KIND = 200


def column_letter(number: int) -> str:
    """Spreadsheet letters of a column counted from 1: 1 is A, 28 is AB; analysts find the cell by them."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one file, and what to do about it.

    ``rule`` is an id of ``expectations/reading.yml``; ``row`` and ``column`` count from 1 and are None where the
    fault concerns the file as a whole.
    """

    rule: str
    file: str
    found: str
    expected: str
    next_step: str
    sheet: str | None = None
    row: int | None = None
    column: int | None = None
    council: str | None = None

    @property
    def location(self) -> str:
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {masked(self.sheet)!r}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {column_letter(self.column)} ({self.column})")
        if self.council:
            parts.append(f"council {self.council}")
        return ", ".join(parts)

    def __str__(self) -> str:
        return (
            f"{self.location}\n  found:    {masked(self.found)}\n  expected: {masked(self.expected)}\n"
            f"  rule:     {self.rule}\n  next:     {self.next_step}"
        )


def in_words(faults: Sequence[Fault]) -> list[str]:
    """The faults as texts, in their order: those that differ in their row alone are one text, with how many there are.

    A column that is wrong in every row has one cause and is corrected once.
    """
    alike: dict[Fault, list[Fault]] = {}
    for fault in faults:
        alike.setdefault(replace(fault, row=None), []).append(fault)
    return [_with_count(group) for group in alike.values()]


def _with_count(group: list[Fault]) -> str:
    first, *others = str(group[0]).split("\n")
    if len(group) == 1:
        return "\n".join([first, *others])
    more = counted(len(group) - 1, "more row") + " or more" * (len(group) >= MOST_OF_A_KIND)
    return "\n".join([f"{first}, and the same in {more}", *others])


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``, ``1,200 rows``; ``noun`` is the singular of one that takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_OF_ONE = {"are": "is", "have": "has", "hold": "holds", "lack": "lacks", "give": "gives"}


def in_number(message: str) -> str:
    """A message whose number turned out to be one: ``1 cells are absent`` is ``1 cell is absent``."""
    def singular(found: re.Match[str]) -> str:
        return f"1 {found[1]}{' ' + _OF_ONE[found[2]] if found[2] else ''}"

    nouns = "line|cell|figure|council|day|row|finding|file|amount"
    return re.sub(rf"(?<![\w.,+-])1 ({nouns})s\b(?: ({'|'.join(_OF_ONE)})\b)?", singular, message)


class CarequartileError(Exception):
    """A failure that a person caused or can correct; ``exit_code`` is what the command returns."""

    exit_code = UNUSABLE_INPUT


class UnusableInput(CarequartileError):
    """Files or arguments that cannot be used; nothing was loaded."""

    def __init__(self, message: str, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.faults = faults or []


class RunStopped(CarequartileError):
    """The run could not go on; the last release is untouched."""

    exit_code = STOPPED_BY_GATE


class Damaged(RunStopped):
    """A file of the home is not what Carequartile wrote there."""


class GateStopped(RunStopped):
    """A gate found something that must not be published; the message names rule, file and cell.

    ``concerns_files_alone`` is set where the other files may be published without those that it found.
    """

    concerns_files_alone = False
