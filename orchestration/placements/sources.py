"""Where an export prints the value of a field, and whether the contract allows that field to be read from there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

from pydantic import BaseModel, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from orchestration.placements.contract import STRICT, ContractField

# The keys that a later Carequartile added to a source. Where they are not used a mapping's hash is as it was before:
# the same export read by the same mapping stays the same snapshot.
_ADDED = ("percent_of", "file_name")
# What a date format's directives match in the name of a file.
_DIRECTIVES = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%b": "[A-Za-z]{3}",
               "%B": "[A-Za-z]{3,9}", "%%": "%"}

# Names of columns from which no text is ever read.
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
            raise ValueError(f"{', '.join(wrong)} is not a whole number or fraction of weeks such as 1/4 or 12/52")
        return weeks


class Source(BaseModel):
    """Where the value of a field is printed in the export: a column, one value for the whole file, or its name."""

    model_config = STRICT

    column: str | None = None
    value: str | None = None
    # A word mapped to null means nothing here: it gives no value, and does not count as an unknown code.
    codes: dict[str, str | None] | None = None
    date_format: str | None = None
    optional: bool = False
    absolute: bool = False
    per: Frequency | None = None
    # What every amount of the column is multiplied by to be weekly: 12/52 where all are monthly.
    times: str | None = None
    # The field of the contract of which the column is a percentage (50, 50% or 12.5): a share in place of pounds.
    percent_of: str | None = None
    # How the day is written in the file's name: %Y-%m-%d, or a month (%B %Y), which stands for its last day.
    file_name: str | None = None

    @model_serializer(mode="wrap")
    def _as_before(self, serialised: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {key: value for key, value in serialised(self).items() if key not in _ADDED or value is not None}

    @field_validator("times", mode="before")
    @classmethod
    def _is_fraction(cls, times: object) -> object:
        if times is not None and not re.fullmatch(r"[0-9]+(/[1-9][0-9]*)?", str(times)):
            raise ValueError(f"{times} is not a whole number or fraction such as 12/52")
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

    @field_validator("file_name")
    @classmethod
    def _gives_a_day_or_month(cls, file_name: str | None) -> str | None:
        if file_name and {dt.date(2026, 3, 31)} != days_in_name(dt.date(2026, 3, 31).strftime(file_name), file_name):
            raise ValueError(f"file_name {file_name!r} gives no day; placements_2026-03-31.csv is %Y-%m-%d and "
                             "'March 2026.csv' is %B %Y")
        return file_name

    @model_validator(mode="after")
    def _has_one_source(self) -> Source:
        if sum(one is not None for one in (self.column, self.value, self.file_name)) != 1:
            raise ValueError("give either a column or a value"
                             + " or the file_name's day" * (self.file_name is not None))
        return self

    @property
    def columns(self) -> list[str]:
        frequency = [self.per.column, self.per.units] if self.per else []
        return [name for name in (self.column, *frequency) if name]


def days_in_name(name: str, date_format: str) -> set[dt.date]:
    """The days that a file's name holds in a format; a format without a day means the last day of the month."""
    pattern = "".join(_DIRECTIVES.get(part, re.escape(part)) for part in re.findall("%.|[^%]+|%", date_format))
    days = set()
    for found in re.finditer(f"(?<![0-9])(?={pattern})({pattern})(?![0-9])", name):
        try:
            day = dt.datetime.strptime(found[1], date_format).date()
        except ValueError:
            continue
        has_day = re.search("%[dj]", date_format)
        days.add(day if has_day else (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1))
    return days


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else value


@lru_cache(maxsize=65_536)
def plain_name(name: str) -> str:
    """A column's name without capitals and punctuation."""
    return re.sub(r"[\s_().:,;/?'-]+", " ", name.lower()).strip()


def check_sources(name: str, field: ContractField, sources: list[Source]) -> None:
    """Raises ValueError with the first reason why a field cannot have these sources."""
    problem = next((problem for problems in (_wrong_codes, _wrong_options, _wrong_text, _wrong_presence)
                    for problem in problems(field, sources)), None)
    if problem:
        raise ValueError(f"{name} {problem}")


def _wrong_codes(field: ContractField, sources: list[Source]) -> Iterator[str]:
    known = field.codes_to_be_given
    given = {code for source in sources for code in (source.codes or {}).values() if code is not None}
    if known is None and any(source.codes is not None for source in sources):
        yield "is not a code and takes no codes"
    if wrong := sorted(given - (known or set())):
        listed = "council codes" if field.kind == "council" else ", ".join(sorted(known or ()))
        yield f"has no code {', '.join(wrong)}; it has {listed}"
    if len(sources) > 1 and field.kind != "code":
        yield "is not a code and can have only one source"


def _wrong_options(field: ContractField, sources: list[Source]) -> Iterator[str]:
    if any(source.file_name for source in sources) and field.kind != "date":
        yield "is not a date and is not in the file's name"
    if any(source.date_format for source in sources) and field.kind not in ("date", "birth_date"):
        yield "is not a date and takes no date_format"
    if any(source.per or source.absolute for source in sources) and field.kind != "number":
        yield "is not a number and takes neither per nor absolute"
    if any(source.times for source in sources) and (field.kind != "number" or any(one.per for one in sources)):
        yield "takes times only if it is a number, and not together with per"
    if any(source.percent_of and (field.kind != "number" or source.per) for source in sources):
        yield "takes percent_of only if it is a number, and not together with per"
    if field.kind == "birth_date" and any("%y" in (source.date_format or "") for source in sources):
        yield "needs a year of four digits: 45 may be 1945 or 2045"


def _wrong_text(field: ContractField, sources: list[Source]) -> Iterator[str]:
    for column in (column for source in sources for column in source.columns):
        if field.kind == "text" and _OF_A_PERSON.search(plain_name(column)):
            yield f"is stored as printed, and the name {column!r} is that of a column about a person"


def _wrong_presence(field: ContractField, sources: list[Source]) -> Iterator[str]:
    if field.required and all(source.optional for source in sources):
        yield "cannot be optional: the contract requires it"
    if field.kind == "reference" and any(source.value for source in sources):
        yield "must be a column: one value would make everyone the same person"
