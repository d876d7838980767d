"""The rules of quality as ``expectations/`` states them: suites of Great Expectations, one file per gate and frame.

A rule is one expectation of a suite with its severity, its reason and the message a finding shows. The rules of
``reading`` are tested while a file is read and are no expectations. How the others are judged is in ``gates``.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from orchestration.home import project_folder

Severity = Literal["critical", "warning", "info"]
Gate = Literal["reading", "a", "b"]
# What becomes of a finding, by the severity of its rule.
CONSEQUENCE = {"critical": "stops the run", "warning": "quarantines the figure", "info": "is noted with the figure"}


# The frames whose rows are those of registers: a finding is about a row that the user wrote.
REGISTERS = ("register", "local_register")


class _Strict(BaseModel):
    # A misspelt key would be ignored otherwise, and the rule would ask less than its file says.
    model_config = ConfigDict(extra="forbid", frozen=True)


class MovedThreshold(_Strict):
    """A threshold that was changed: on which day, what it was before, and why.

    YAML takes a bare ``on`` for ``true``: the key is written in quotes.
    """

    on: str
    was: str
    because: str


class Rule(_Strict):
    """One rule: an expectation on a check frame, how serious a finding is, and why it is asked.

    ``id`` is ASCII letters, digits and underscores, as Dagster's check names ask. ``type`` and ``kwargs`` are Great
    Expectations' own. ``observed`` is the column whose number a finding shows, ``low`` and ``high`` the bounds it shows
    where the kwargs have none; rows without an observed number are not judged. ``row_condition`` chooses the rows that
    are judged. ``applies`` is stated where more rows than these count as checked: a release without any such row is
    ``not_applicable``, one with such rows and none to judge passes.
    """

    id: str
    severity: Severity
    # What a critical finding stops: its file, and the others are published without it; or the run, where the fault may
    # be in another file, or a person is named.
    stops: Literal["file", "run"] = "run"
    good: str
    because: str
    gate: Gate = "reading"
    frame: str | None = None
    type: str | None = None
    kwargs: dict[str, Any] = {}
    observed: str | None = None
    low: float | None = None
    high: float | None = None
    row_condition: str | None = None
    applies: str | None = None
    message: str = ""
    from_year: str | None = None
    to_year: str | None = None
    history: list[MovedThreshold] = []

    @property
    def column(self) -> str:
        """The column of the frame whose number is judged and shown."""
        return self.observed or self.kwargs["column"]

    @property
    def columns(self) -> list[str]:
        """Every column of the frame that the expectation itself reads."""
        return [self.kwargs[name] for name in ("column", "column_A", "column_B") if name in self.kwargs]

    @property
    def reads_numbers(self) -> bool:
        """Whether the expectation compares numbers; else it reads text, or asks only whether there is a value."""
        values = self.kwargs.get("value_set", [])
        return self.type != "expect_column_values_to_not_be_null" and not any(isinstance(one, str) for one in values)

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The lowest and highest number that pass, in the unit of the column; None where there is no such bound."""
        return self.kwargs.get("min_value", self.low), self.kwargs.get("max_value", self.high)

    @property
    def condition(self) -> str | None:
        """The rows the expectation is asked of, as Great Expectations' ``row_condition``: those of the years it is for
        that have an observed number.
        """
        parts = [*(f"({stated})" for stated in (self.row_condition, self.applies) if stated),
                 f"financial_year >= '{self.from_year}'" if self.from_year else None,
                 f"financial_year <= '{self.to_year}'" if self.to_year else None,
                 f"{self.observed}.notna()" if self.observed else None]
        return " and ".join(part for part in parts if part) or None

    def is_due(self, year: str | None) -> bool:
        """Whether the rule is asked of a financial year (2008-09)."""
        return not isinstance(year, str) or ((self.from_year or "") <= year <= (self.to_year or "9999"))


class Suite(_Strict):
    """The rules of one frame. ``model`` is the table that holds it; without one, ``gates`` makes it in Python.

    ``subjects`` says for whom a rule answers: for every release of the gate, also those without a row in the frame, or
    for the frame's own rows, where these are no releases (snapshots, published columns).
    """

    gate: Literal["a", "b"]
    frame: str
    model: str | None = None
    subjects: Literal["releases", "rows"] = "releases"
    rules: list[Rule] = Field(alias="expectations")


class ReadingRules(_Strict):
    """What a file must be before anything of it is stored."""

    gate: Literal["reading"]
    rules: list[Rule]


@lru_cache(maxsize=8)
def load_suites(gate: str, folder: Path | None = None) -> tuple[Suite, ...]:
    """The suites of gate ``a`` or ``b``, in the order of their file names.

    Raises ValueError where a file has a key that no rule knows, or its name is not its frame's.
    """
    files = sorted(((folder or project_folder() / "expectations") / f"gate_{gate}").glob("*.yml"))
    return tuple(_load_suite(file, gate) for file in files)


def _load_suite(file: Path, gate: str) -> Suite:
    stated = yaml.safe_load(file.read_text(encoding="utf-8"))
    if (stated["gate"], stated["frame"]) != (gate, file.stem):
        raise ValueError(f"{file.parent.name}/{file.name} states gate {stated['gate']} and frame {stated['frame']}")
    stated["expectations"] = [rule | {"gate": gate, "frame": file.stem} for rule in stated["expectations"]]
    return Suite.model_validate(stated)


@lru_cache(maxsize=8)
def load_rules(gate: str, folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules of one gate: ``reading``, ``a`` or ``b``."""
    if gate != "reading":
        return tuple(rule for suite in load_suites(gate, folder) for rule in suite.rules)
    path = (folder or project_folder() / "expectations") / "reading.yml"
    return tuple(ReadingRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).rules)


def all_rules() -> tuple[Rule, ...]:
    """Every rule there is, in the order a file meets them."""
    return tuple(rule for gate in ("reading", "a", "b") for rule in load_rules(gate))


def find_rule(rule_id: str) -> Rule | None:
    """The rule of this id; None where there is none."""
    return next((rule for rule in all_rules() if rule.id == rule_id), None)


def nearest_rules(text: str) -> list[str]:
    """Ids nearly spelt like a text, the nearest first."""
    wanted = re.sub("[^a-z0-9]+", "_", text.lower())[:100]
    ids = [rule.id for rule in all_rules()]
    return difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5) or [one for one in ids if wanted in one][:3]


def in_words(rule: Rule) -> str:
    """What a rule asks of its column, in one line: the expectation and its bounds."""
    if rule.type is None:
        return "tested cell by cell while a file is read"
    low, high = rule.bounds
    if rule.type == "expect_column_pair_values_to_be_equal":
        return f"{rule.kwargs['column_A']} equals {rule.kwargs['column_B']}"
    if rule.type == "expect_column_values_to_be_in_set":
        return f"{rule.kwargs['column']} is {' or '.join(map(str, rule.kwargs['value_set']))}"
    if rule.type == "expect_column_values_to_not_be_null":
        return f"{rule.kwargs['column']} has a value"
    parts = [f"{'above' if rule.kwargs.get('strict_min') else 'at least'} {low:g}" if low is not None else None,
             f"{'below' if rule.kwargs.get('strict_max') else 'at most'} {high:g}" if high is not None else None]
    return f"{rule.column} is {' and '.join(part for part in parts if part)}"
