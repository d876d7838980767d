"""The mappings: which column of a council's export is which field of the placement contract.

The shipped ones are in ``seeds/mappings``; a council's own is a YAML file that it lands together with its export. A
mapping is chosen by the columns it names, never by the file's name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path

import yaml
from pydantic import AliasChoices, BaseModel, Field, ValidationError, field_validator, model_validator

from orchestration.faults import UnusableInput
from orchestration.home import project_folder
from orchestration.placements.contract import NAME, STRICT, load_contract

# Below this share of a mapping's columns, a file is something else; above it, it nearly is the export and misses some.
NEARLY = 0.6
# Columns that no text is read from, by what they are called.
_OF_A_PERSON = re.compile(r"\b(surname|forename|(first|last|full|client|person|service user|customer) name|address|"
                          r"post ?code|notes?|comments?|e ?mail|(tele)?phone|date of birth|dob|born|nhs (number|no))\b")


class Frequency(BaseModel):
    """How an amount becomes a weekly one: by the words in a column, else by the units planned a week.

    ``weeks`` is the factor by how the printed word begins (in lower case); the longest beginning that fits counts.
    """

    model_config = STRICT

    column: str
    weeks: dict[str, str]
    units: str | None = None

    @field_validator("weeks", mode="before")
    @classmethod
    def _as_fractions(cls, weeks: object) -> object:
        return {word: str(share) for word, share in weeks.items()} if isinstance(weeks, dict) else weeks

    @field_validator("weeks")
    @classmethod
    def _are_fractions(cls, weeks: dict[str, str]) -> dict[str, str]:
        if wrong := [share for share in weeks.values() if not re.fullmatch(r"[0-9]+(/[1-9][0-9]*)?", share)]:
            raise ValueError(f"{', '.join(wrong)} is no whole number or fraction of weeks, as 1/4 or 12/52")
        return weeks


class Source(BaseModel):
    """Where the value of a field is printed in the export: a column, or one value for the whole file."""

    model_config = STRICT

    column: str | None = None
    value: str | None = None
    # A word mapped to null means nothing here: it gives no value, and is no unknown code either.
    codes: dict[str, str | None] | None = None
    date_format: str | None = None
    optional: bool = False
    absolute: bool = False
    per: Frequency | None = None
    # What every amount of the column is multiplied by to be weekly: 12/52 where all are monthly.
    times: str | None = None

    @field_validator("times", mode="before")
    @classmethod
    def _is_fraction(cls, times: object) -> object:
        if times is not None and not re.fullmatch(r"[0-9]+(/[1-9][0-9]*)?", str(times)):
            raise ValueError(f"{times} is no whole number or fraction, as 12/52")
        return None if times is None else str(times)

    @field_validator("value", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if value is not None and not isinstance(value, str) else value

    @field_validator("codes", mode="before")
    @classmethod
    def _as_words(cls, codes: object) -> object:
        """YAML reads a bare 1 as a number and a bare yes as true; in an export both are words."""
        return {_word(printed): _word(code) for printed, code in codes.items()} if isinstance(codes, dict) else codes

    @field_validator("date_format")
    @classmethod
    def _gives_a_day(cls, date_format: str | None) -> str | None:
        day = dt.datetime(2026, 3, 31)
        try:
            if date_format and dt.datetime.strptime(day.strftime(date_format), date_format) != day:
                raise ValueError
        except ValueError:
            raise ValueError(f"date_format {date_format!r} gives no day; 31/03/2026 is %d/%m/%Y") from None
        return date_format

    @model_validator(mode="after")
    def _has_one_source(self) -> Source:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either a column or a value")
        return self

    @property
    def columns(self) -> list[str]:
        frequency = [self.per.column, self.per.units] if self.per else []
        return [name for name in (self.column, *frequency) if name]


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else value


class Mapping(BaseModel):
    """One export's columns as fields of the contract. Several sources of a code are tried in turn."""

    model_config = STRICT

    snapshot_mapping: str = Field(pattern=r"^[a-z0-9_]+$")
    contract_version: int = 1
    title: str
    header_row: int = Field(default=1, ge=1)
    columns: dict[str, list[Source]]
    # Where the export has rows of other kinds too: only these are read, the rest is left out and counted.
    rows: dict[str, list[str]] = {}
    rows_left_out: dict[str, list[str]] = {}
    # Exports with the same columns are distinguished by how these cells are printed, capitals included: the mapping
    # whose values occur most often in the first rows is taken. The key's older name, told_by, is still read, and the
    # mapping's hash is made with it: the same export read by the same mapping must stay the same snapshot.
    distinguishing_values: dict[str, list[str]] = Field(
        default={}, validation_alias=AliasChoices("distinguishing_values", "told_by"), serialization_alias="told_by")

    @field_validator("columns", mode="before")
    @classmethod
    def _as_sources(cls, columns: object) -> object:
        """A column's name alone, or one source, is read as a list of one."""
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
            field = contract.fields[name]
            known = field.codes_to_be_given
            given = {code for source in sources for code in (source.codes or {}).values() if code is not None}
            if known is None and any(source.codes is not None for source in sources):
                raise ValueError(f"{name} is no code and takes no codes")
            if wrong := sorted(given - (known or set())):
                listed = "council codes" if field.kind == "council" else ", ".join(sorted(known or ()))
                raise ValueError(f"{name} has no code {', '.join(wrong)}; it has {listed}")
            if len(sources) > 1 and field.kind != "code":
                raise ValueError(f"{name} is no code and can have one source alone")
            if any(source.date_format for source in sources) and field.kind not in ("date", "birth_date"):
                raise ValueError(f"{name} is no date and takes no date_format")
            if any(source.per or source.absolute for source in sources) and field.kind != "number":
                raise ValueError(f"{name} is no number and takes neither per nor absolute")
            if any(source.times for source in sources) and (field.kind != "number" or any(one.per for one in sources)):
                raise ValueError(f"{name} takes times only as a number, and not together with per")
            if field.kind == "birth_date" and any("%y" in (source.date_format or "") for source in sources):
                raise ValueError(f"{name} needs a year of four digits: 45 may be 1945 or 2045")
            if field.kind == "text" and (wrong := [one for source in sources for one in source.columns
                                                   if _OF_A_PERSON.search(_plain(one))]):
                raise ValueError(f"{name} is stored as it is, and {wrong[0]!r} is of a person by its name")
            if field.required and all(source.optional for source in sources):
                raise ValueError(f"{name} cannot be optional: the contract requires it")
            if field.kind == "reference" and any(source.value for source in sources):
                raise ValueError(f"{name} must be a column: one value would make everyone the same person")
        columns = {name: {one for source in sources for one in source.columns}
                   for name, sources in self.columns.items()}
        for name, read in columns.items():
            if contract.fields[name].kind in ("reference", "birth_date"):
                for other, also in columns.items():
                    if other != name and read & also and contract.fields[other].kind == "text":
                        raise ValueError(f"{other} is stored as it is and cannot be the column of {name}")
        return self

    @property
    def required_columns(self) -> list[str]:
        """The columns an export must have to be this one."""
        named = [name for sources in self.columns.values() for source in sources if not source.optional
                 for name in source.columns]
        return list(dict.fromkeys([*named, *self.rows, *self.rows_left_out, *self.distinguishing_values]))

    def missing_columns(self, header: list[str]) -> list[str]:
        """The required columns that a header does not have."""
        return [name for name in self.required_columns if column_number(name, header) is None]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    def share_present(self, header: list[str]) -> float:
        """The share of the required columns that a header has."""
        return 1 - len(self.missing_columns(header)) / max(len(self.required_columns), 1)

    def n_distinguishing(self, header: list[str], rows: list[list[str]]) -> int:
        """How many cells of ``rows`` are printed as this export alone prints them."""
        columns = {column_number(name, header): values for name, values in self.distinguishing_values.items()}
        return sum(row[number - 1].strip() in values for row in rows for number, values in columns.items()
                   if number and number <= len(row))


@lru_cache(maxsize=1)
def shipped_mappings() -> tuple[Mapping, ...]:
    """The contract's own column names, and the mappings in ``seeds/mappings``."""
    fields = load_contract().fields
    own = Mapping(snapshot_mapping=NAME, title="The placement contract",
                  columns={name: {"column": name, "optional": not field.required} for name, field in fields.items()})
    folder = project_folder() / "seeds" / "mappings"
    others = [read_mapping(path) for path in sorted(folder.glob("*.yml")) if path.name != "contract.yml"]
    return (own, *[mapping for mapping in others if mapping])


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key may be written only once: YAML itself would read the last of two and ignore the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path) -> Mapping | None:
    """The mapping in a YAML file; None where the file is of another kind.

    Raises UnusableInput where it is a mapping with something in it that the contract does not know.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "snapshot_mapping" not in text:
        return None
    try:
        content = yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        raise UnusableInput(f"{path.name} is a snapshot mapping that is no YAML: {' '.join(str(error).split())}\n"
                            "Next: correct it; a text with a colon, a question mark or a comma needs quotes."
                            ) from error
    if not isinstance(content, dict) or "snapshot_mapping" not in content:
        return None
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        found = "\n".join(f"  {'.'.join(str(part) for part in one['loc']) or 'mapping'}: "
                          f"{one['msg'].removeprefix('Value error, ')}" for one in error.errors()[:10])
        raise UnusableInput(f"{path.name} is a snapshot mapping that cannot be used:\n{found}\n"
                            "Next: correct it; seeds/mappings/contract.yml has every field and its codes.") from error


def best_mapping(mappings: list[Mapping], header: list[str], rows: list[list[str]]) -> Mapping | None:
    """The mapping whose required columns a header has, all of them.

    Of several it is the one whose distinguishing values are most often in the first rows, else the one that reads most
    of the columns, else the last by name, as a later release is.
    """
    fitting = [mapping for mapping in mappings if not mapping.missing_columns(header)]
    return max(fitting, default=None, key=lambda mapping: (
        mapping.n_distinguishing(header, rows), len(columns_read(mapping, header)), mapping.snapshot_mapping))


def nearest_mapping(mappings: list[Mapping], header: list[str]) -> Mapping | None:
    """The mapping that a header nearly fits, where there is one."""
    near = max(mappings, key=lambda mapping: mapping.share_present(header), default=None)
    return near if near and near.share_present(header) >= NEARLY else None


def column_number(name: str, header: list[str]) -> int | None:
    """The number (from 1) of the column with this name; None where no column has it, or it is not certain which one.

    Where none has it letter for letter, capitals, spaces and punctuation do not count: the same collection is delivered
    with ``Unit Cost`` and with ``Unit_Cost``.
    """
    if name in header:
        return header.index(name) + 1
    alike = [number for number, printed in enumerate(header, 1) if _plain(printed) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


@lru_cache(maxsize=65_536)
def _plain(name: str) -> str:
    return re.sub(r"[\s_().:,;/?'-]+", " ", name.lower()).strip()


def columns_read(mapping: Mapping, header: list[str]) -> dict[str, int]:
    """The columns that a mapping names, required or not, with their numbers in a header that has them."""
    return {name: number for name in columns_named(mapping) if (number := column_number(name, header))}


def columns_named(mapping: Mapping) -> Iterator[str]:
    """Every column a mapping names, required or not."""
    for sources in mapping.columns.values():
        for source in sources:
            yield from source.columns
    yield from (*mapping.rows, *mapping.rows_left_out, *mapping.distinguishing_values)
