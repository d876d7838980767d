"""The query that turns the rows of a snapshot file into rows of the placement contract.

It has four levels: the printed texts of a row, the value of each field, whether any text gave no value, and the columns
to be stored. It has no join, window or filter: with one, DuckDB would not keep the order of the file, or would read it
with a single thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.identifiers import (
    has_insurance_form_sql,
    has_ten_digits_sql,
    is_insurance_number_sql,
    is_nhs_number_sql,
)
from orchestration.placements.contract import ContractField, load_contract
from orchestration.placements.field_values import TYPES, code_sql, null_of, value_sql, whole_years
from orchestration.placements.pseudonyms import hash_sql
from orchestration.placements.recognise import PlacementFile
from orchestration.placements.source_rows import cell, is_filled, is_total, is_wanted, printed, sql_columns
from orchestration.placements.sources import Source
from orchestration.reference import Councils

_REFERENCE = "p_person_reference_0"


@dataclass(frozen=True)
class _Text:
    """A printed text of a field: the first, second and so on of its sources that the file has."""

    field: str
    number: int
    source: Source

    @property
    def alias(self) -> str:
        return f"p_{self.field}_{self.number}"


def entry_sql(file: PlacementFile, relation: str, councils: Councils) -> str:
    """The query over ``relation``, in one pass and in the order of the file; its parameters are the key's pads."""
    fields, columns = load_contract().fields, sql_columns(file)
    texts = {name: _texts(name, sources, columns) for name, sources in file.mapping.columns.items()}
    # A percentage is of a value that must be named before it.
    in_order = sorted(fields.items(), key=lambda item: any(one.source.percent_of for one in texts.get(item[0], [])))
    values = [f"{_value(one, name, texts.get(name, []), councils)} as v_{name}" for name, one in in_order]
    # By field, the texts that must give a value: those of codes, and of everything else that is not a reference.
    coded = {name: _listed(texts[name]) for name, one in fields.items()
             if texts.get(name) and one.kind in ("code", "council")}
    typed = {name: _must_give(texts[name][0]) for name, one in fields.items()
             if texts.get(name) and one.kind not in ("code", "council", "reference")}
    return f"""
        select is_wanted, is_total, {", ".join(_stored(fields))},
            case when is_odd then nullif(concat_ws(',', {_names_without_value(coded)}), '') end as unmapped,
            case when is_odd then nullif(concat_ws(',', {_names_without_value(typed)}), '') end as unreadable,
            case when is_odd then nullif(concat_ws(' | ', {_texts_without_value(coded | typed)}), '') end as leftover
        from (
            select *, {_is_any_without_value(coded | typed)} as is_odd
            from (
                select *, {", ".join(values)}
                from (select {", ".join(_printed_texts(file, texts, columns))} from {relation}) as printed
            ) as valued
        ) as judged"""


def _texts(name: str, sources: list[Source], columns: dict[str, str]) -> list[_Text]:
    """The sources of a field that this file has: a fixed value, or one whose columns are in the header."""
    return [_Text(name, number, source) for number, source in enumerate(sources)
            if source.value or {source.column, source.per.column if source.per else source.column} <= set(columns)]


def _printed_texts(file: PlacementFile, texts: dict[str, list[_Text]], columns: dict[str, str]) -> list[str]:
    """The innermost level: whether the row is read, and every text from which a field is made."""
    selected = [f"{is_filled(file)} and {is_wanted(file.mapping, columns)} as is_wanted",
                f"{is_total(file)} as is_total"]
    for text in (text for of_field in texts.values() for text in of_field):
        selected.append(f"{printed(text.source, columns)} as {text.alias}")
        if per := text.source.per:
            units = cell(columns[per.units]) if per.units in columns else "null"
            selected += [f"{cell(columns[per.column])} as f_{text.field}", f"{units} as u_{text.field}"]
    return selected


def _value(field: ContractField, name: str, texts: list[_Text], councils: Councils) -> str:
    if field.kind in ("code", "council"):
        codes = [code_sql(field, text.source, text.alias, councils) for text in texts]
        return f"coalesce({', '.join(codes)})" if len(codes) > 1 else codes[0] if codes else "null"
    return value_sql(field, texts[0].source, texts[0].alias, name) if texts else null_of(field)


def _stored(fields: dict[str, ContractField]) -> list[str]:
    """The columns to be stored: no reference, no birth date, and the provider as the only text."""
    age = f"coalesce(v_age, {whole_years('v_birth_date', 'v_snapshot_date')})"
    at_start = (f"coalesce({whole_years('v_birth_date', 'v_start_date')}, "
                "v_age - cast(date_sub('year', v_start_date, v_snapshot_date) as integer))")
    person_key = hash_sql(f"concat(v_council_code, ':', {_REFERENCE})")
    return [
        f"case when {_REFERENCE} is not null then {person_key} end as person_key",
        f"{is_nhs_number_sql(_REFERENCE)} as is_nhs_number", f"{has_ten_digits_sql(_REFERENCE)} as has_ten_digits",
        f"{is_insurance_number_sql(_REFERENCE)} as is_insurance_number",
        f"{has_insurance_form_sql(_REFERENCE)} as has_insurance_form",
        f"coalesce(regexp_matches({_REFERENCE}, '.[@\uff20\ufe6b].+[.]'), false) as is_email",
        f"{age} as age", f"{at_start} as age_at_start",
        # An empty code comes from a word that the mapping maps to null.
        *(f"nullif(v_{name}, '') as {name}" if one.kind == "code" else
          f"cast(v_{name} as {TYPES.get(one.kind, 'varchar')}) as {name}" for name, one in fields.items()
          if one.kind not in ("reference", "birth_date", "text") and name != "age"),
        # The provider of a direct payment or of shared lives is usually a private person.
        "case when v_setting not in ('direct_payment', 'shared_lives') then v_provider end as provider"]


def _listed(texts: list[_Text]) -> str:
    return ", ".join(text.alias for text in texts)


def _must_give(text: _Text) -> str:
    """The text that must give a value; a percentage gives none where there is no amount to take it of."""
    whole = text.source.percent_of
    return f"case when v_{whole} is not null then {text.alias} end" if whole else text.alias


def _is_any_without_value(texts: dict[str, str]) -> str:
    """Whether any field has a text and no value. Few rows have one, and only for these is it worked out which."""
    return " or ".join(f"(v_{name} is null and coalesce({listed}) is not null)"
                       for name, listed in texts.items()) or "false"


def _names_without_value(texts: dict[str, str]) -> str:
    """The names of the fields that have a text and no value."""
    return ", ".join(f"case when coalesce({listed}) is not null and v_{name} is null then '{name}' end"
                     for name, listed in texts.items()) or "null"


def _texts_without_value(texts: dict[str, str]) -> str:
    """The texts that gave no value: searched for identifiers and never stored."""
    return ", ".join(f"case when v_{name} is null then nullif(concat_ws(' | ', {listed}), '') end"
                     for name, listed in texts.items()) or "null"
