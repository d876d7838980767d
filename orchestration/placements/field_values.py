"""The SQL of one field's value: a code, number, date, or yes or no from a printed text; null where it is neither."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.database import quoted
from orchestration.placements.contract import NO, YES, ContractField
from orchestration.placements.source_rows import without_point
from orchestration.placements.sources import Frequency, Source
from orchestration.reference import Councils

TYPES = {"number": "decimal(14,4)", "whole_number": "integer", "date": "date", "yes_no": "boolean"}


def _known_codes(field: ContractField, source: Source, councils: Councils) -> dict[str, str]:
    if field.kind == "council":
        known = {**councils.written(), **{code: code for code in councils.names}, **councils.ons_codes,
                 **councils.spellings, **{name.lower(): code for code, name in councils.names.items()}}
        return {**known, **(source.codes or {})}
    if field.kind == "code":
        return field.known_codes if source.codes is None else source.codes
    return {}


def code_sql(field: ContractField, source: Source, text: str, councils: Councils) -> str:
    """The code for a printed text, looked up as an enum's number among the known texts, which needs no join."""
    known = _known_codes(field, source, councils)
    codes = {printed.strip().lower(): code for printed, code in known.items()}
    if not codes:
        return "cast(null as varchar)"
    number = f"enum_code(try_cast(lower({text}) as enum({', '.join(map(quoted, codes))})))"
    listed = ", ".join(quoted(code or "") for code in codes.values())
    # Cast first: DuckDB gives the number the smallest type that fits, in which the last number plus one overflows.
    return f"cast([{listed}] as varchar[])[cast({number} as integer) + 1]"


def null_of(field: ContractField) -> str:
    """A null of the field's type: functions that take it must know the type."""
    return f"cast(null as {'date' if field.kind == 'birth_date' else TYPES.get(field.kind, 'varchar')})"


def value_sql(field: ContractField, source: Source, text: str, name: str) -> str:
    """The value of a field that is not a code; ``name`` identifies the columns of its frequency, if it has one."""
    if field.kind == "yes_no":
        return _yes_no(source, text)
    if field.kind in ("date", "birth_date"):
        return date_sql(text, source.date_format)
    if field.kind == "whole_number":
        return _whole_number(text)
    if field.kind == "number":
        return _amount(source, text, name)
    return f"case when not coalesce({is_formula_sql(text)}, false) then {text} end" if field.kind == "text" else text


def is_formula_sql(text: str) -> str:
    """Whether a text would be run by the spreadsheet that opens it: what is published must not be."""
    return (f"({text} < 'A' or {text} >= '\uff0b') and regexp_matches({text}, "
            "'^[=\uff1d]|^[-+@\uff0b\uff0d\uff20][^ ]*[(|!]|^[-+\uff0b\uff0d][0-9]')")


def _yes_no(source: Source, text: str) -> str:
    yes, no = YES, NO
    if source.codes is not None:
        yes, no = ([printed.strip().lower() for printed, code in source.codes.items() if code == wanted]
                   for wanted in ("yes", "no"))
    return f"case when {_one_of(text, yes)} then true when {_one_of(text, no)} then false end"


def _whole_number(text: str) -> str:
    is_whole = f"regexp_full_match({text}, '[0-9]{{1,4}}([.]0+)?')"
    return (f"case when regexp_full_match({text}, '[0-9]{{1,4}}') then cast({text} as integer) "
            f"when {is_whole} then cast({without_point(text)} as integer) end")


def _amount(source: Source, text: str, name: str) -> str:
    amount = _weekly_sql(number_sql(text), source.per, name) if source.per else number_sql(text)
    if source.percent_of:
        share = number_sql(f"rtrim(rtrim({text}, '%'))")
        possible = f"case when {share} between 0 and 100 then {share} end"
        amount = f"cast(v_{source.percent_of} * {possible} * 0.01 as decimal(14,4))"
    if source.times:
        amount = f"cast({amount} * {_fraction(source.times)} as decimal(14,4))"
    return f"abs({amount})" if source.absolute else amount


def _one_of(text: str, words: Iterable[str]) -> str:
    listed = ", ".join(quoted(word) for word in words)
    return f"lower({text}) in ({listed})" if listed else "false"


def whole_years(first: str, last: str) -> str:
    """Years completed between two days. Outside leap years, a person born on 29 February completes one on 1 March."""
    day_of_year = "(100 * month({0}) + day({0}))"
    return (f"cast(year({last}) - year({first}) "
            f"- cast({day_of_year.format(last)} < {day_of_year.format(first)} as integer) as integer)")


def date_sql(text: str, date_format: str | None) -> str:
    """An ISO date (spreadsheets add midnight as a time), else a date in the mapping's format."""
    # Printing the date again and comparing it with the text is faster than matching a pattern.
    iso = (f"case when strlen({text}) = 10 then case when {text} >= '1' and {text} < '3' "
           f"and cast(try_cast({text} as date) as varchar) = {text} then try_cast({text} as date) end "
           f"when regexp_full_match({text}, '[12][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}[ T]00:00:00(.0+)?') "
           f"then try_cast(left({text}, 10) as date) end")
    if not date_format:
        return iso
    # A format with a four-digit year would read a two-digit year as one of the first century.
    own = f"cast(try_strptime({text}, {quoted(date_format)}) as date)"
    return f"coalesce({iso}, case when year({own}) >= 1000 then {own} end)"


def number_sql(text: str) -> str:
    """A number as printed, with or without a pound sign and commas between thousands; ``1,5`` is not a number."""
    # At most nine digits: a number of ten is an NHS number in the wrong column, not a weekly amount.
    printed = "(-?£ ?|£ ?-|[-+])?([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})?([.][0-9]+)?"
    return (f"case when regexp_full_match({text}, '-?[0-9]{{1,9}}([.][0-9]+)?') "
            f"then try_cast({text} as decimal(14,4)) when regexp_full_match({text}, '{printed}') "
            f"then try_cast(translate({text}, '£, ', '') as decimal(14,4)) end")


def _weekly_sql(amount: str, frequency: Frequency, name: str) -> str:
    beginnings = sorted(frequency.weeks.items(), key=lambda item: -len(item[0]))
    cases = " ".join(f"when starts_with(lower(f_{name}), {quoted(begins.lower())}) then {amount} * {_fraction(weeks)}"
                     for begins, weeks in beginnings)
    # As doubles: two decimals whose product overflows would fail the whole file, and the error would print them.
    units = f"cast({number_sql(f'u_{name}')} as double)"
    return f"try_cast(case {cases} else {amount} * {units} end as decimal(14,4))"


def _fraction(text: str) -> str:
    above, _, below = text.partition("/")
    return f"{int(above)} / {int(below or 1)}"
