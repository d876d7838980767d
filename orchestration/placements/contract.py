"""The placement contract (``seeds/mappings/contract.yml``): the fields a snapshot may have and what each may hold."""

from __future__ import annotations

import csv
from functools import cached_property, lru_cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.home import project_folder
from orchestration.reference import load_councils

NAME = "carequartile_placement"
YES, NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


# Otherwise a misspelt key would be ignored without a message, and the column it meant would never be read.
STRICT = ConfigDict(extra="forbid", frozen=True)


class ContractField(BaseModel):
    """What the cells of one field of the contract may hold."""

    model_config = STRICT

    kind: Literal["reference", "council", "code", "text", "number", "whole_number", "date", "birth_date", "yes_no"]
    means: str
    required: bool = False
    codes: dict[str, str] = {}
    codes_of: str | None = None

    @cached_property
    def known_codes(self) -> dict[str, str]:
        """Code by the text that may be printed for it, in lower case: the code itself or its label."""
        labels = self.codes
        if self.codes_of:
            path = project_folder() / "seeds" / "reference" / f"{self.codes_of}.csv"
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file)
                labels = {row[rows.fieldnames[0]]: row["label"] for row in rows}
        return {text.lower(): code for code, label in labels.items() for text in (code, label)}

    @cached_property
    def codes_to_be_given(self) -> set[str] | None:
        """The codes to which a mapping may translate printed words; None where this kind of field takes no codes."""
        if self.kind == "council":
            return set(load_councils().names)
        return {"code": set(self.known_codes.values()), "yes_no": {"yes", "no"}}.get(self.kind)


class Contract(BaseModel):
    model_config = STRICT

    contract_version: int
    fields: dict[str, ContractField]


@lru_cache(maxsize=1)
def load_contract() -> Contract:
    path = project_folder() / "seeds" / "mappings" / "contract.yml"
    return Contract.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
