"""The mappings: which column of a council's export is which field of the placement contract.

The shipped ones are in ``seeds/mappings``; a council's own is a YAML file that it lands together with its export
(``mapping_files`` reads both). A mapping is chosen by the columns it names; the file's name decides only between
several that fit: ``march.yml`` is for ``march.csv``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, PrivateAttr, field_validator, model_validator

from orchestration.intake.find import shown_name
from orchestration.intake.open import HEAD_ROWS
from orchestration.placements.contract import STRICT, Contract, load_contract
from orchestration.placements.sources import Source, check_sources, plain_name

# With a smaller share of a mapping's columns a file is something else; with a larger one it is the export, incomplete.
NEARLY = 0.6


class Mapping(BaseModel):
    """Which columns of one export are which fields of the contract. Several sources of a code are tried in turn."""

    model_config = STRICT

    snapshot_mapping: str = Field(pattern=r"^[a-z0-9_]+$")
    contract_version: int = 1
    title: str
    header_row: int = Field(default=1, ge=1)
    columns: dict[str, list[Source]]
    # For an export that also has rows of other kinds: only these are read; the others are left out and counted.
    rows: dict[str, list[str]] = {}
    rows_left_out: dict[str, list[str]] = {}
    # Exports with the same columns are distinguished by how these cells are printed, capitals included: the mapping
    # whose values occur most often in the first rows is taken. The key's older name, told_by, is still read, and is
    # still used in the mapping's hash: the same export read by the same mapping must stay the same snapshot.
    distinguishing_values: dict[str, list[str]] = Field(
        default={}, validation_alias=AliasChoices("distinguishing_values", "told_by"), serialization_alias="told_by")
    # The file it was read from; None for the placement contract's own.
    _path: Path | None = PrivateAttr(default=None)

    @field_validator("columns", mode="before")
    @classmethod
    def _as_sources(cls, columns: object) -> object:
        """A single column name or source is read as a list of one."""
        if not isinstance(columns, dict):
            return columns
        lists = {name: value if isinstance(value, list) else [value] for name, value in columns.items()}
        return {name: [{"column": one} if isinstance(one, str) else one for one in sources]
                for name, sources in lists.items()}

    @model_validator(mode="after")
    def _fits_contract(self) -> Mapping:
        contract = load_contract()
        if self.contract_version != contract.contract_version:
            raise ValueError(f"contract_version is {self.contract_version}, this Carequartile reads "
                             f"{contract.contract_version}")
        if unknown := sorted(self.columns.keys() - contract.fields.keys()):
            raise ValueError(f"the contract has no field {', '.join(unknown)}; it has {', '.join(contract.fields)}")
        missing = [name for name, field in contract.fields.items() if field.required and name not in self.columns]
        if missing or not {"age", "birth_date"} & self.columns.keys():
            raise ValueError(f"no column is given for {', '.join(missing or ['age or birth_date'])}")
        for name, sources in self.columns.items():
            check_sources(name, contract.fields[name], sources)
        self._check_persons_columns(contract)
        self._check_percentages(contract)
        return self

    def _check_persons_columns(self, contract: Contract) -> None:
        """Raises ValueError where a column with a person's reference or birth date is also read as a text."""
        columns = {name: {one for source in sources for one in source.columns}
                   for name, sources in self.columns.items()}
        persons = [name for name in columns if contract.fields[name].kind in ("reference", "birth_date")]
        for name in persons:
            for other, also in columns.items():
                if other != name and columns[name] & also and contract.fields[other].kind == "text":
                    raise ValueError(f"{other} is stored as printed and cannot be the column of {name}")

    def _check_percentages(self, contract: Contract) -> None:
        """Raises ValueError where a percentage is of what no column gives as an amount."""
        for name, sources in self.columns.items():
            whole = next((source.percent_of for source in sources if source.percent_of), None)
            if whole and (whole not in self.columns or contract.fields[whole].kind != "number"
                          or any(source.percent_of for source in self.columns[whole])):
                raise ValueError(f"{name} is a percentage of {whole}, which must be a field of this mapping with a "
                                 "column of amounts")

    def at(self, path: Path) -> Mapping:
        """This mapping, read from the file ``path``."""
        self._path = path
        return self

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def label(self) -> str:
        """Its name and, where it was landed, that of its file, for messages."""
        return f"{self.snapshot_mapping} ({shown_name(self._path.name)})" if self._path else self.snapshot_mapping

    @property
    def may_be_in_row(self) -> range:
        """The rows in which its header may be: the one it names, or any of the first where it names none."""
        named = "header_row" in self.model_fields_set
        return range(self.header_row, self.header_row + 1) if named else range(1, HEAD_ROWS + 1)

    @property
    def required_columns(self) -> list[str]:
        """The columns that an export must have to be read by this mapping."""
        named = [name for sources in self.columns.values() for source in sources if not source.optional
                 for name in source.columns]
        return list(dict.fromkeys([*named, *self.rows, *self.rows_left_out, *self.distinguishing_values]))

    def missing_columns(self, header: list[str]) -> list[str]:
        """The required columns that a header does not have."""
        return [name for name in self.required_columns if column_number(name, header) is None]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    @cached_property
    def _plain_columns(self) -> frozenset[str]:
        return frozenset(map(plain_name, self.required_columns))

    def may_fit(self, plain_header: frozenset[str]) -> bool:
        """Whether a header, given as its plain names, can have most of the required columns: a quick answer, since
        every row that may be a header is held against every mapping.
        """
        return len(self._plain_columns & plain_header) >= NEARLY * len(self._plain_columns)

    def changed(self, **fields: object) -> Mapping:
        """A copy with other fields, which is another mapping by its hash."""
        copy = self.model_copy(update=fields)
        for name in ("sha256", "_plain_columns"):
            copy.__dict__.pop(name, None)
        return copy

    def share_present(self, header: list[str]) -> float:
        """The share of the required columns that a header has."""
        return 1 - len(self.missing_columns(header)) / max(len(self.required_columns), 1)

    def n_distinguishing(self, header: list[str], rows: list[list[str]]) -> int:
        """How many cells of ``rows`` hold a value that distinguishes this export from others with the same columns."""
        columns = {column_number(name, header): values for name, values in self.distinguishing_values.items()}
        return sum(row[number - 1].strip() in values for row in rows for number, values in columns.items()
                   if number and number <= len(row))


def best_mapping(mappings: list[Mapping], header: list[str], rows: list[list[str]]) -> Mapping | None:
    """The mapping whose required columns a header has, all of them.

    Of several, the one whose distinguishing values occur most often in the first rows; else the one that reads the most
    columns; else the last by name, which is the later release.
    """
    fitting = [mapping for mapping in mappings if not mapping.missing_columns(header)]
    return max(fitting, default=None, key=lambda mapping: (
        mapping.n_distinguishing(header, rows), len(columns_read(mapping, header)), mapping.snapshot_mapping))


def column_number(name: str, header: list[str]) -> int | None:
    """The number (from 1) of the column with this name; None where no column has it, or several might.

    If none has it letter for letter, capitals, spaces and punctuation are ignored: the same collection is delivered
    with ``Unit Cost`` and with ``Unit_Cost``.
    """
    if name in header:
        return header.index(name) + 1
    alike = [number for number, printed in enumerate(header, 1) if plain_name(printed) == plain_name(name)]
    return alike[0] if len(alike) == 1 else None


def columns_read(mapping: Mapping, header: list[str]) -> dict[str, int]:
    """The columns that a mapping names, required or not, with their numbers in a header that has them."""
    return {name: number for name in columns_named(mapping) if (number := column_number(name, header))}


def columns_named(mapping: Mapping) -> Iterator[str]:
    """Every column a mapping names, required or not."""
    for sources in mapping.columns.values():
        for source in sources:
            yield from source.columns
    yield from (*mapping.rows, *mapping.rows_left_out, *mapping.distinguishing_values)
