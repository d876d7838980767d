"""The rules of quality as ``expectations/*.yml`` states them. How they are judged is ``gates``'."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.home import project_folder

Severity = Literal["critical", "warning", "info"]


class MovedThreshold(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    on: str
    was: str
    because: str


class Rule(BaseModel):
    """One rule: what good looks like of one column of a check frame, how hard, and why.

    ``id`` is ASCII letters, digits and underscores, as Dagster's check names ask. Bounds are inclusive unless strict.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    severity: Severity
    good: str
    because: str
    frame: str | None = None
    column: str | None = None
    min: float | None = None
    max: float | None = None
    strict_min: bool = False
    strict_max: bool = False
    where: str | None = None
    applies: str | None = None
    message: str = ""
    from_year: str | None = None
    to_year: str | None = None
    history: list[MovedThreshold] = []

    def is_due(self, year: str | None) -> bool:
        return not isinstance(year, str) or ((self.from_year or "") <= year <= (self.to_year or "9999"))


class RuleBook(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    gate: Literal["reading", "a", "b"]
    rules: list[Rule]


@lru_cache(maxsize=8)
def load_rules(gate: str, folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules of one gate: ``reading``, ``a`` or ``b``."""
    name = "reading.yml" if gate == "reading" else f"gate_{gate}.yml"
    path = (folder or project_folder() / "expectations") / name
    return tuple(RuleBook.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).rules)
