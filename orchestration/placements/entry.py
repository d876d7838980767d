"""Takes a snapshot's rows into the warehouse: only fields of the contract, only as codes, numbers, dates and hashes.

DuckDB reads CSV and Parquet itself, ten million rows as well as ten; a workbook comes through ``landing``. A cell that
is no code, number or date is counted and left out: whatever it says, it may be about a person.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import glob
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import duckdb
import pandas as pd

from orchestration import database
from orchestration.faults import Fault, GateStopped, UnusableInput
from orchestration.intake.find import MAPPING_SUFFIXES, printable
from orchestration.intake.open import DELIMITERS, Grid, LandedFile, as_printed, decode, open_file
from orchestration.placements.identifiers import found_at_the_door
from orchestration.placements.mapping import (
    NO,
    YES,
    ContractField,
    Frequency,
    Mapping,
    Source,
    best_of,
    columns_of,
    load_contract,
    nearest_of,
    place_of,
    places_read,
    read_mapping,
    shipped,
)
from orchestration.placements.pseudonyms import PersonKey
from orchestration.reference import Councils, load_councils

_SNIFFED_BYTES = 1 << 18
# In these the header is looked for, and what tells one release of an export from the next.
_SNIFFED_ROWS = 20
_READ_AT_ONCE_BYTES = 1 << 24
_MOST_SHOWN = 5
_MANY_LINES = 20
# Of fewer lines, many providers are no sign of anything.
_TELLING_LINES = 50
# What a file's name or an unreadable cell may well hold.
_NO_NAMES = ("a date", "a telephone number")
# Of random ten-digit numbers one in eleven has a valid check digit; a council's own numbers are not more often valid.
_CHANCE_OF_VALID = 0.25
# Rows lie in the table in the order of the file, every one of them, so their places number them. Numbering them as they
# are read would take one thread, and longer than all the rest.
_ENTERED = ("create temp view entered as select rowid + {header_row} + 1 as row_number, * exclude (is_wanted) "
            "from entered_row where is_wanted")
_TYPES = {"number": "decimal(14,4)", "whole_number": "integer", "date": "date", "yes_no": "boolean"}


@dataclass
class PlacementFile:
    """A landed file that is a snapshot: how it is read and whose columns are which. ``sheet`` is of a workbook."""

    path: Path
    name: str
    mapping: Mapping
    header: list[str]
    delimiter: str = ","
    sheet: str | None = None
    # Rows of a workbook, or of a text that DuckDB cannot decode; None where DuckDB reads the file itself.
    grid: Grid | None = None
    sha256: str = ""

    @property
    def source_id(self) -> str:
        """The content and what was made of it: another mapping makes another snapshot of the same file."""
        return hashlib.sha256(f"{self.sha256}:{self.mapping.sha256}".encode()).hexdigest()

    @property
    def dropped(self) -> list[tuple[int, str]]:
        """Number (from 1) and name of the columns that no field is read from; nothing of them is stored."""
        read = set(places_read(self.mapping, self.header).values())
        return [(number, name) for number, name in enumerate(self.header, 1) if number not in read]


@dataclass
class Entered:
    """What a snapshot file holds, counted in DuckDB: nothing of a row is in it."""

    n_rows: int
    n_left_out: int
    snapshots: list[tuple[str, dt.date, int, bool]]
    dropped: list[tuple[int, str, int]] = field(default_factory=list)
    # By field: how many rows, and the first of them.
    unmapped: dict[str, tuple[int, int]] = field(default_factory=dict)
    unreadable: dict[str, tuple[int, int]] = field(default_factory=dict)


# --- which file is a snapshot -----------------------------------------------------------------------------------------


def find_mappings(paths: list[Path]) -> tuple[list[Mapping], set[str]]:
    """The mappings landed under ``paths``, with the names of their files. Raises UnusableInput for a wrong one."""
    mappings, names = [], set()
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        for file in files:
            if file.suffix.lower() in MAPPING_SUFFIXES and file.is_file():
                if mapping := read_mapping(file):
                    mappings.append(mapping)
                    names.add(printable(file.name if file == path else file.relative_to(path).as_posix()))
                elif file == path:
                    raise UnusableInput(f"{printable(file.name)} is no snapshot mapping: it has no key "
                                        "snapshot_mapping. Next: land data as CSV, XLSX or Parquet.")
    return mappings, names


def recognise(landed: LandedFile, landed_mappings: list[Mapping]) -> PlacementFile | None:
    """The snapshot a landed CSV or Parquet file is, before it is opened; None where it is something else.

    A mapping landed beside the data goes before those shipped. A header that nearly is a mapping's is a fault.
    """
    suffix = landed.path.suffix.lower()
    try:
        if suffix == ".csv":
            found = _sniff_csv(landed)
        elif suffix == ".parquet":
            found = _parquet_start(landed.path), ",", True
        else:
            return None
    except (OSError, duckdb.Error, csv.Error):
        return None  # What is wrong with it, opening it will say.
    rows, delimiter, is_read_by_duckdb = found
    placement = _choose(landed, landed_mappings, rows, delimiter)
    if placement:
        landed.size = landed.path.stat().st_size
        landed.sha256 = placement.sha256 = _sha256(landed.path)
        if suffix == ".csv" and not (is_read_by_duckdb and _is_utf8(landed.path)):
            open_file(landed)
            placement.grid = landed.sheets.pop("", None)
    return placement


def recognise_sheets(landed: LandedFile, landed_mappings: list[Mapping]) -> PlacementFile | None:
    """The snapshot an opened workbook holds; None where no sheet is one. Of two, neither could be left out."""
    if landed.path.suffix.lower() not in (".xlsx", ".xls"):
        return None
    found = {sheet: placement for sheet, grid in landed.sheets.items()
             if (placement := _choose(landed, landed_mappings, grid[:_SNIFFED_ROWS], ","))}
    if not found:
        return None
    if len(found) > 1:
        landed.faults.append(Fault(
            rule="snapshot_known", file=landed.name, found=f"the sheets {', '.join(map(repr, found))} are snapshots",
            expected="one sheet that is", next_step="put them in one sheet, or save each as a file of its own day"))
    sheet, placement = next(iter(found.items()))
    placement.sheet, placement.grid, placement.sha256 = sheet, landed.sheets[sheet], landed.sha256
    landed.sheets = {}
    return placement


def _choose(landed: LandedFile, own: list[Mapping], rows: Grid, delimiter: str
            ) -> PlacementFile | None:
    headers = {number: [cell.strip() for cell in row] for number, row in enumerate(rows, 1)}
    for number, header in headers.items():
        rivals = [one.snapshot_mapping for one in own if one.header_row == number and not one.missing(header)
                  and not one.told_by]
        if len(rivals) > 1:
            landed.faults.append(Fault(
                rule="snapshot_columns", file=landed.name, row=number,
                found=f"the mappings {', '.join(rivals)} both read it", expected="one that does",
                next_step="land one of them alone, or have each name a column that the other export lacks"))
            return None
    for mappings in (own, list(shipped())):
        for number, header in headers.items():
            if mapping := best_of([one for one in mappings if one.header_row == number], header, rows[number:]):
                twice = sorted({name for name in columns_of(mapping) if header.count(name) > 1})
                if twice:
                    landed.faults.append(Fault(
                        rule="snapshot_columns", file=landed.name, row=number, found=f"two columns {twice[0]!r}",
                        expected="one, for the mapping reads it", next_step="rename one of them in the export"))
                    return None
                return PlacementFile(landed.path, landed.name, mapping, header, delimiter)
    for number, header in headers.items():
        near = nearest_of([one for one in (*own, *shipped()) if one.header_row == number], header)
        if near:
            missing = near.missing(header)
            landed.faults.append(Fault(
                rule="snapshot_columns", file=landed.name, row=number,
                found=f"no column {', '.join(repr(name) for name in missing[:6])}",
                expected=f"every column of the mapping {near.snapshot_mapping} ({near.title})",
                next_step="name the columns as the mapping does, or land a mapping file of your own beside it"))
            return None
    return None


def _sniff_csv(landed: LandedFile) -> tuple[Grid, str, bool]:
    """The first rows of a CSV file, its delimiter, and whether DuckDB can decode it."""
    with landed.path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    lines = start[:start.rfind(b"\n")] if b"\n" in start and len(start) == _SNIFFED_BYTES else start
    decoded = decode(lines)
    if decoded is None:
        return [], ",", False
    text, encoding = decoded
    delimiter = max(DELIMITERS, key=re.sub(r'"[^"]*"', "", text[:20_000]).count)
    rows = [row for _, row in zip(range(_SNIFFED_ROWS), csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))]
    return rows, delimiter, encoding == "utf-8-sig"


def _parquet_start(path: Path) -> Grid:
    """The header of a Parquet file and its first rows, as printed."""
    with database.scratch() as connection:
        cursor = connection.execute(f"select * from {_parquet(path)} limit {_SNIFFED_ROWS}")
        header = [column[0] for column in cursor.description]
        return [header, *([as_printed(cell) for cell in row] for row in cursor.fetchall())]


def _parquet(path: Path) -> str:
    return f"read_parquet({_quoted(glob.escape(str(path)))}, hive_partitioning = false)"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_READ_AT_ONCE_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


# --- reading the rows -------------------------------------------------------------------------------------------------


def read(connection: duckdb.DuckDBPyConnection, file: PlacementFile, key: PersonKey) -> Entered:
    """Reads the file's rows into the temporary view ``entered`` and says what is in it; ``forget`` takes it away again.

    Raises UnusableInput where the file cannot be read as its mapping says, and GateStopped where an identifier of a
    person stands in it; nothing is stored then.
    """
    councils = load_councils()
    _refuse_names(file)
    relation = _relation(connection, file)
    forget(connection)
    try:
        connection.execute(f"create temp table entered_row as {_entry_sql(file, relation, councils)}",
                           {"inner": key.inner, "outer": key.outer})
        connection.execute(_ENTERED.format(header_row=file.mapping.header_row))
        found = _count(connection, file, relation)
    except duckdb.Error as error:
        reason, row = _reason(error)
        raise UnusableInput(f"{file.name} cannot be read; nothing of it was loaded.", [_fault(
            file, "file_complete", reason, f"{len(file.header)} cells a row as in the header, every quoted cell closed",
            "export it again; a text with commas or line breaks must be in quotes", row)]) from None
    finally:
        if file.grid is not None:
            connection.unregister("placement_grid")
    _refuse_identifiers(connection, file)
    _require_snapshots(connection, file, found, councils)
    return found


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what ``read`` made."""
    connection.execute("drop view if exists entered")
    connection.execute("drop table if exists entered_row")


def _reason(error: duckdb.Error) -> tuple[str, int | None]:
    """What DuckDB found and in which line, without a word of the row it quotes: that is a person's."""
    text = str(error)
    line = re.match(r"Invalid Input Error: CSV Error on Line: ([0-9]+)\n", text)
    cells = re.findall(r"^Expected Number of Columns: [0-9]+ Found: ([0-9]+)$", text, re.MULTILINE)
    found = (f"{cells[-1]} cells in a row" if cells
             else "a quote that is never closed" if "unterminated quote" in text
             else "a row longer than a row can be" if "Maximum line size" in text
             else f"no rows that can be read ({type(error).__name__})")
    return found, int(line[1]) if line else None


def _fault(file: PlacementFile, rule: str, found: str, expected: str, next_step: str, row: int | None = None,
           column: int | None = None) -> Fault:
    return Fault(rule=rule, file=file.name, found=found, expected=expected, next_step=next_step, sheet=file.sheet,
                 row=row, column=column)


def _relation(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> str:
    """SQL of the rows below the header in their order, empty ones too: every cell a text in c1, c2 and so on."""
    names = _names(file)
    if file.grid is not None:
        _register_grid(connection, file, names)
        return "placement_grid"
    if file.path.suffix.lower() == ".parquet":
        return f"(select {', '.join(_parquet_columns(connection, file.path))} from {_parquet(file.path)})"
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    return (f"read_csv({_quoted(glob.escape(str(file.path)))}, auto_detect = false, columns = {{{columns}}}, "
            f"header = true, skip = {file.mapping.header_row - 1}, delim = {_quoted(file.delimiter)}, "
            "quote = '\"', escape = '\"', hive_partitioning = false, max_line_size = 1000000)")


def _names(file: PlacementFile) -> list[str]:
    return [f"c{number}" for number in range(1, len(file.header) + 1)]


def _is_filled(file: PlacementFile) -> str:
    """Whether a row holds anything."""
    return f"coalesce({', '.join(_cell(name) for name in _names(file))}) is not null"


def _register_grid(connection: duckdb.DuckDBPyConnection, file: PlacementFile, names: list[str]) -> None:
    first = file.mapping.header_row + 1
    rows = file.grid[first - 1:]
    long = next((number for number, row in enumerate(rows, first) if any(row[len(names):])), None)
    if long:
        raise UnusableInput(f"{file.name} cannot be read; nothing of it was loaded.", [_fault(
            file, "file_complete", "more cells than the header has", f"{len(names)} cells a row",
            "export it again; a text with commas must be in quotes", long)])
    blank = [""] * len(names)
    frame = pd.DataFrame([(row + blank)[:len(names)] for row in rows] or None, columns=names, dtype="object")
    connection.register("placement_grid", frame)


def _parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    """Each column as text; a number with a point and nothing behind it as in a CSV, where 12.0 is 12."""
    described = connection.execute(f"describe select * from {_parquet(path)}").fetchall()
    for number, (name, kind, *_) in enumerate(described, 1):
        text = f'cast("{name.replace(chr(34), chr(34) * 2)}" as varchar)'
        yield f"{_without_point(text) if kind in ('DOUBLE', 'FLOAT') else text} as c{number}"


def _without_point(text: str) -> str:
    return f"regexp_replace({text}, '[.]0+$', '')"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _codes(contract: ContractField, source: Source, councils: Councils) -> dict[str, str]:
    if contract.kind == "council":
        known = {**{code: code for code in councils.names}, **councils.ons_codes, **councils.spellings,
                 **{name.lower(): code for code, name in councils.names.items()}}
        return {**known, **(source.codes or {})}
    if contract.kind == "code":
        return contract.known_codes if source.codes is None else source.codes
    return {}


def _entry_sql(file: PlacementFile, relation: str, councils: Councils) -> str:
    """The query that turns a row of the file into a row of the contract, in one pass and in the order of the file.

    No join, window or filter is in it: with one, DuckDB would not keep the order, or read with one thread alone.
    """
    contract, mapping = load_contract().fields, file.mapping
    position = _positions(file)
    printed = {(name, number): _printed(source, position) for name, sources in mapping.columns.items()
               for number, source in enumerate(sources)
               if source.value or {source.column, source.per.column if source.per else source.column} <= set(position)}
    sources = {key: mapping.columns[key[0]][key[1]] for key in printed}
    frequencies = {name: source.per for (name, _), source in sources.items() if source.per}

    inner = [f"{_is_filled(file)} and {_wanted(mapping, position)} as is_wanted"]
    inner += [f"{text} as {_alias(key)}" for key, text in printed.items()]
    for name, per in frequencies.items():
        inner += [f"{_cell(position[per.column])} as f_{name}",
                  f"{_cell(position[per.units]) if per.units in position else 'null'} as u_{name}"]
    values, unread, unmapped = [], [], []
    for name, contract_field in contract.items():
        keys = [key for key in printed if key[0] == name]
        if contract_field.kind in ("code", "council"):
            codes = [_code(_alias(key), _codes(contract_field, sources[key], councils)) for key in keys]
            values.append(f"{_first(codes)} as v_{name}")
            if keys:
                unmapped.append((name, ", ".join(_alias(key) for key in keys)))
            continue
        key = keys[0] if keys else None
        value = (_value(contract_field, sources[key], _alias(key), frequencies.get(name), name) if key
                 else _nothing(contract_field))
        values.append(f"{value} as v_{name}")
        if key and contract_field.kind not in ("text", "reference"):
            unread.append((name, _alias(key)))

    reference, birth = "p_person_reference_0", "v_birth_date"
    # The empty code is a word that means nothing here.
    stored = [f"nullif(v_{name}, '') as {name}" if one.kind == "code" else
              f"cast(v_{name} as {_TYPES.get(one.kind, 'varchar')}) as {name}" for name, one in contract.items()
              if one.kind not in ("reference", "birth_date", "text") and name != "age"]
    # Whom a direct payment pays, and who shares a home, are mostly persons.
    stored.append("case when v_setting not in ('direct_payment', 'shared_lives') then v_provider end as provider")
    age = f"coalesce(v_age, {_whole_years(birth, 'v_snapshot_date')})"
    at_start = (f"coalesce({_whole_years(birth, 'v_start_date')}, "
                "v_age - cast(date_sub('year', v_start_date, v_snapshot_date) as integer))")
    return f"""
        select is_wanted,
            case when {reference} is not null then substr(sha256(cast($outer as blob) || unhex(sha256(
                cast($inner as blob) || encode(concat(v_council_code, ':', {reference}))))), 1, 32) end as person_key,
            {_is_nhs_number(reference)} as is_nhs_number, {_has_ten_digits(reference)} as has_ten_digits,
            {age} as age, {at_start} as age_at_start, {", ".join(stored)},
            case when is_odd then nullif(concat_ws(',', {_flags(unmapped, "v_")}), '') end as unmapped,
            case when is_odd then nullif(concat_ws(',', {_flags(unread, "v_")}), '') end as unreadable,
            case when is_odd then nullif(concat_ws(' | ', {_leftovers([*unmapped, *unread])}), '') end as leftover
        from (
            select *, {_is_odd([*unmapped, *unread])} as is_odd
            from (
                select *, {", ".join(values)}
                from (select {", ".join(inner)} from {relation}) as printed
            ) as valued
        ) as judged"""


def _code(text: str, codes: dict[str, str]) -> str:
    """The code of a printed text. Its place among the printed ones is found as an enum's is: by a hash, without a join.
    """
    codes = {printed.strip().lower(): code for printed, code in codes.items()}
    if not codes:
        return "cast(null as varchar)"
    place = f"enum_code(try_cast(lower({text}) as enum({', '.join(map(_quoted, codes))})))"
    listed = ", ".join(_quoted(code or "") for code in codes.values())
    # As a wide number: a place is of the smallest type that holds them all, where the last and one is too many.
    return f"cast([{listed}] as varchar[])[cast({place} as integer) + 1]"


def _nothing(contract: ContractField) -> str:
    """A value that is not there, of the type it would have: functions of it must know which."""
    return f"cast(null as {'date' if contract.kind == 'birth_date' else _TYPES.get(contract.kind, 'varchar')})"


def _positions(file: PlacementFile) -> dict[str, str]:
    """What the relation calls each column that the mapping names."""
    return {name: f"c{place}" for name, place in places_read(file.mapping, file.header).items()}


def _alias(key: tuple[str, int]) -> str:
    return f"p_{key[0]}_{key[1]}"


def _cell(column: str) -> str:
    """A cell's text; a no-break space prints as a space and is one, as ``landing`` has it.

    Nearly every cell begins and ends with a mark of ASCII and has nothing else in it: it is its own text, which is told
    in a sixth of the time.
    """
    is_plain = (f"{column} >= '!' and {column} < chr(127) and strlen({column}) = length({column}) "
                f"and not ends_with({column}, ' ')")
    return f"case when {is_plain} then {column} else nullif(trim(replace({column}, '\xa0', ' ')), '') end"


def _printed(source: Source, position: dict[str, str]) -> str:
    return _quoted(source.value) if source.value is not None else _cell(position[source.column])


def _first(texts: list[str]) -> str:
    return f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0] if texts else "null"


def _flags(fields: list[tuple[str, str]], prefix: str) -> str:
    """The names of the fields that have a text and no value."""
    return ", ".join(f"case when coalesce({texts}) is not null and {prefix}{name} is null then '{name}' end"
                     for name, texts in fields) or "null"


def _is_odd(fields: list[tuple[str, str]]) -> str:
    """Whether any field has a text and no value: few rows do, and only of these it is said which."""
    return " or ".join(f"(v_{name} is null and coalesce({texts}) is not null)" for name, texts in fields) or "false"


def _leftovers(fields: list[tuple[str, str]]) -> str:
    """The texts that became no value: looked through for identifiers and never stored."""
    return ", ".join(f"case when v_{name} is null then nullif(concat_ws(' | ', {texts}), '') end"
                     for name, texts in fields) or "null"


def _value(contract: ContractField, source: Source, text: str, frequency: Frequency | None, name: str) -> str:
    if contract.kind == "yes_no":
        yes, no = YES, NO
        if source.codes is not None:
            yes, no = ([printed.strip().lower() for printed, code in source.codes.items() if code == wanted]
                       for wanted in ("yes", "no"))
        return f"case when {_one_of(text, yes)} then true when {_one_of(text, no)} then false end"
    if contract.kind in ("date", "birth_date"):
        return _date(text, source.date_format)
    if contract.kind == "whole_number":
        is_whole = f"regexp_full_match({text}, '[0-9]{{1,4}}([.]0+)?')"
        return (f"case when regexp_full_match({text}, '[0-9]{{1,4}}') then cast({text} as integer) "
                f"when {is_whole} then cast({_without_point(text)} as integer) end")
    if contract.kind == "number":
        amount = _weekly(_number(text), frequency, name) if frequency else _number(text)
        if source.times:
            amount = f"cast({amount} * {_fraction(source.times)} as decimal(14,4))"
        return f"abs({amount})" if source.absolute else amount
    return text


def _one_of(text: str, words: Iterable[str]) -> str:
    listed = ", ".join(_quoted(word) for word in words)
    return f"lower({text}) in ({listed})" if listed else "false"


def _whole_years(first: str, last: str) -> str:
    """Years completed between two days. Who was born on 29 February completes one on 1 March where there is no 29."""
    day_of_year = "(100 * month({0}) + day({0}))"
    return (f"cast(year({last}) - year({first}) "
            f"- cast({day_of_year.format(last)} < {day_of_year.format(first)} as integer) as integer)")


def _date(text: str, date_format: str | None) -> str:
    """An ISO date (a midnight behind it is a spreadsheet's), else one in the mapping's own format."""
    # A date that prints as the text it was read from is one: that is seen faster than a pattern.
    iso = (f"case when strlen({text}) = 10 then case when {text} >= '1' and {text} < '3' "
           f"and cast(try_cast({text} as date) as varchar) = {text} then try_cast({text} as date) end "
           f"when regexp_full_match({text}, '[12][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}[ T]00:00:00(.0+)?') "
           f"then try_cast(left({text}, 10) as date) end")
    if not date_format:
        return iso
    # A year of two digits would be one of the first century.
    own = f"cast(try_strptime({text}, {_quoted(date_format)}) as date)"
    return f"coalesce({iso}, case when year({own}) >= 1000 then {own} end)"


def _number(text: str) -> str:
    """A number as printed, with or without a pound sign and commas between thousands; ``1,5`` is none."""
    # At most nine digits: ten are a person's number in the wrong column, and no amount of a week.
    printed = "(-?£ ?|£ ?-|[-+])?([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})?([.][0-9]+)?"
    return (f"case when regexp_full_match({text}, '-?[0-9]{{1,9}}([.][0-9]+)?') "
            f"then try_cast({text} as decimal(14,4)) when regexp_full_match({text}, '{printed}') "
            f"then try_cast(translate({text}, '£, ', '') as decimal(14,4)) end")


def _weekly(amount: str, frequency: Frequency, name: str) -> str:
    beginnings = sorted(frequency.weeks.items(), key=lambda item: -len(item[0]))
    cases = " ".join(f"when starts_with(lower(f_{name}), {_quoted(begins.lower())}) then {amount} * {_fraction(weeks)}"
                     for begins, weeks in beginnings)
    # As doubles: a product of two decimals that overflows would end the whole file, and say the numbers.
    units = f"cast({_number(f'u_{name}')} as double)"
    return f"try_cast(case {cases} else {amount} * {units} end as decimal(14,4))"


def _fraction(text: str) -> str:
    above, _, below = text.partition("/")
    return f"{int(above)} / {int(below or 1)}"


def _wanted(mapping: Mapping, position: dict[str, str]) -> str:
    """Which rows are read: of the kinds asked for, and of none of those left out. A blank is of no kind."""
    conditions = [f"coalesce(lower({_cell(position[column])}), '') {word} "
                  f"({', '.join(_quoted(text.strip().lower()) for text in texts)})"
                  for kinds, word in ((mapping.rows, "in"), (mapping.rows_left_out, "not in"))
                  for column, texts in kinds.items()]
    return " and ".join(conditions) or "true"


def _has_ten_digits(text: str) -> str:
    return (f"case when length({text}) between 10 and 12 "
            f"then regexp_full_match({text}, '[0-9]{{3}}[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}') else false end")


def _is_nhs_number(text: str) -> str:
    """Whether a text is an NHS number by its check digit (modulus 11), as ``identifiers`` has it."""
    digits = f"regexp_replace({text}, '[ -]', '', 'g')"
    total = " + ".join(f"{11 - place} * cast(substr({digits}, {place}, 1) as integer)" for place in range(1, 11))
    # Weighted sum of the nine digits plus the check digit (weight 1) is a multiple of eleven.
    return (f"case when {_has_ten_digits(text)} "
            f"then ({total}) % 11 = 0 and {digits} <> repeat(left({digits}, 1), 10) else false end")


# --- what is wrong with a file ----------------------------------------------------------------------------------------


def _count(connection: duckdb.DuckDBPyConnection, file: PlacementFile, relation: str) -> Entered:
    snapshots = connection.execute(
        "select council_code, snapshot_date, count(*), bool_or(coalesce(is_synthetic, false)) from entered "
        "where council_code is not null and snapshot_date is not null group by all order by all").fetchall()
    entered = Entered(sum(row[2] for row in snapshots), 0, snapshots)
    for kind in ("unmapped", "unreadable"):
        setattr(entered, kind, {name: (n_rows, first) for name, n_rows, first in connection.execute(
            "select name, count(*), min(row_number) "
            f"from (select row_number, unnest(string_split({kind}, ',')) as name from entered "
            f"where {kind} is not null) group by name order by name").fetchall()})
    if file.dropped or file.mapping.rows or file.mapping.rows_left_out:
        counts = ", ".join(["count(*)", *(f"count({_cell(f'c{number}')})" for number, _ in file.dropped)])
        total, *values = connection.execute(
            f"select {counts} from {relation} where {_is_filled(file)}").fetchone()
        entered.n_left_out = total - connection.execute("select count(*) from entered").fetchone()[0]
        entered.dropped = [(number, name, count) for (number, name), count in zip(file.dropped, values)]
    return entered


def _refuse_names(file: PlacementFile) -> None:
    """Raises GateStopped where the name of the file or of a column identifies a person: both are published."""
    for text, place in ((file.name, "the file's name"), *((name, "the name of a column") for name in file.header)):
        # A file may well be named by its day.
        if (kind := found_at_the_door(text)) and kind not in _NO_NAMES:
            _stop(file, [(file.mapping.header_row, place, kind)])


def _refuse_identifiers(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> None:
    """Raises GateStopped where a text to be stored, or one that became no value, identifies a person."""
    found = [(row, place, kind)
             for place, column in (("a cell that is no code, number or date", "leftover"), ("the provider", "provider"))
             # Each text once, for there are millions of rows; without a digit or an @ it identifies nobody here.
             for row, text in connection.execute(
                 f"select * from (select min(row_number), {column} as text from entered group by all) "
                 "where regexp_matches(text, '[0-9@]|[(\\[] *(at|AT)')").fetchall()
             if (kind := found_at_the_door(text)) and (column == "provider" or kind not in _NO_NAMES)]
    n_lines, n_providers = connection.execute(
        "select count(provider), count(distinct provider) from entered").fetchone()
    if n_lines >= _TELLING_LINES and n_providers > n_lines / 2:
        found.append((0, f"the provider, of which {n_lines:,} lines have {n_providers:,} different ones,",
                      "the name of a person"))
    n_valid, n_ten_digits, n_rows, first = connection.execute(
        "select count(*) filter (is_nhs_number), count(*) filter (has_ten_digits), count(*), "
        "min(row_number) filter (is_nhs_number) from entered").fetchone()
    are_own_numbers = n_ten_digits > n_rows / 2 and n_valid <= _CHANCE_OF_VALID * n_ten_digits
    if n_valid and not are_own_numbers:
        found.append((first, "the person reference", "an NHS number"))
    if found:
        _stop(file, found)


def _stop(file: PlacementFile, found: list[tuple[int, str, str]]) -> NoReturn:
    listed = "\n".join(f"- {file.name}{f', row {row}' * bool(row)}: {place} looks like {kind}" for row, place, kind in
                       sorted(found)[:_MOST_SHOWN])
    raise GateStopped(
        f"The gate at the door stopped the run: {len(found)} identifiers of persons stand where a snapshot has none; "
        f"nothing of it was stored.\n{listed}\n"
        "    no_identifier_in_snapshot: what is stored is a keyed hash, codes, numbers, dates and a provider's name\n"
        "    because: what never enters cannot leak.\n"
        "Next: take them out of the export (a reference of your own instead of the NHS number) and land it again; "
        "the last release stays up.")


def _require_snapshots(connection: duckdb.DuckDBPyConnection, file: PlacementFile, entered: Entered,
                       councils: Councils) -> None:
    """Raises UnusableInput where rows cannot be told which council's and which day's they are, or there are none."""
    faults = []
    for name, expected in (("council_code", "a council's code, ONS code or name"), ("snapshot_date", "a date")):
        missing = connection.execute(
            f"select count(*), min(row_number) from entered where {name} is null").fetchone()
        if missing[0]:
            source = file.mapping.columns[name][0]
            place = f"column {source.column!r}" if source.column else f"the value {source.value!r} of the mapping"
            faults.append(_fault(
                file, "snapshot_known", f"{place} gives no {name} in {missing[0]:,} rows", expected,
                "correct the column, or say in the mapping which codes or date format it has", missing[1]))
    if not faults and not entered.n_rows:
        faults.append(_fault(file, "file_complete", "no row of a placement", "at least one",
                             "export it again, or look at `rows` of the mapping"))
    faults += [_fault(file, "snapshot_known", what, "the days and councils it is of, and no other",
                      "correct the day or code of these rows, or land them in a file of their own")
               for what in _strays(entered)]
    for council, day, _, _ in entered.snapshots:
        if not any(first <= f"{day}" and (not last or last >= f"{day}") for first, last in councils.periods[council]):
            faults.append(_fault(
                file, "snapshot_known", f"{councils.names[council]} ({council}) was no council on {day}",
                "a council of that day", "correct the code or the date"))
    if faults:
        raise UnusableInput(f"{file.name} cannot be used; nothing of it was loaded.", faults)


def _strays(entered: Entered) -> Iterator[str]:
    """Snapshots of a few rows beside large ones in a file: mistyped days and codes, which would replace a month."""
    largest = max((n_rows for *_, n_rows, _ in entered.snapshots), default=0)
    for council, day, n_rows, _ in entered.snapshots:
        usual = max(others for other, _, others, _ in entered.snapshots if other == council)
        if n_rows * 10 < usual or (n_rows < 5 and largest >= _MANY_LINES * n_rows):
            yield (f"{n_rows} rows of council {council} on {day} beside {max(usual, largest):,} of another day or "
                   "council")


# --- storing ----------------------------------------------------------------------------------------------------------


def look(file: PlacementFile) -> Entered:
    """What is in a file and what is wrong with it, without storing anything (the key is thrown away)."""
    with database.scratch() as connection:
        return read(connection, file, PersonKey.of("not a key: nothing is kept"))


def as_fault(file: PlacementFile, error: Exception) -> Fault:
    """What stopped the reading of a file, as a fault of it."""
    found, *rest = str(error).splitlines()
    places = " ".join(line for line in rest if line.startswith("- "))
    return _fault(file, "no_identifier_in_snapshot", f"{found} {places}",
                  "codes, numbers, dates, a provider's name and a reference of the council's own",
                  "take them out of the export")


def months(file: PlacementFile) -> set[str]:
    """The months (2026-03) of a file's snapshots: those it is a partition of.

    Rows without a date are left to ``read``.
    """
    source = file.mapping.columns["snapshot_date"][0]
    position = _positions(file)
    with database.scratch() as connection:
        try:
            days = connection.execute(
                f"select distinct {_date(_printed(source, position), source.date_format)} from "
                f"{_relation(connection, file)} where {_is_filled(file)} and {_wanted(file.mapping, position)}"
            ).fetchall()
        except (duckdb.Error, UnusableInput):
            return set()
    return {f"{day:%Y-%m}" for (day,) in days if day}


def load(files: list[PlacementFile], warehouse_path: Path, key: PersonKey, origin: str,
         months: set[str] | None = None) -> dict[str, int]:
    """Stores snapshots, all of these files or none, and returns the rows stored by file name.

    A snapshot of the same council and day goes before the older one, which is kept until gate B has let the new one
    through. ``months`` (2026-03) limits this to the files that hold a snapshot of one of them. Raises what ``read``
    raises, and UnusableInput where the key is another one or two files hold the same council and day.
    """
    stored: dict[str, int] = {}
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    with database.connect(warehouse_path) as connection:
        _require_same_key(connection, key)
        holders = _waiting(connection, {file.name for file in files})
        new: list[tuple[str]] = []
        try:
            for file in files:
                if _is_stored(connection, file):
                    continue
                entered = read(connection, file, key)
                if months is None or any(f"{day:%Y-%m}" in months for _, day, _, _ in entered.snapshots):
                    _refuse_rivals(file, entered, holders)
                    new += _store(connection, file, entered, origin, now)
                    stored[file.name] = entered.n_rows
                forget(connection)
        except BaseException:
            forget(connection)
            with database.whole(connection):
                drop_snapshots(connection, new)
            raise
    return stored


def _waiting(connection: duckdb.DuckDBPyConnection, names: set[str]) -> dict[tuple[str, dt.date], str]:
    """Which of these files holds a council and day that no gate has let through yet: a run was killed in between."""
    rows = connection.execute(
        "select council_code, snapshot_date, file_name from raw.snapshot inner join raw.source_file using (source_id) "
        "where not snapshot.is_accepted").fetchall()
    return {(council, day): name for council, day, name in rows if name in names}


def _refuse_rivals(file: PlacementFile, entered: Entered, holders: dict[tuple[str, dt.date], str]) -> None:
    faults = [_fault(file, "snapshot_known", f"council {council} on {day}, which {other} holds too",
                     "one file for a council and day: of two the one would displace the other",
                     "put their rows in one file, or land only one of them")
              for council, day, _, _ in entered.snapshots
              if (other := holders.setdefault((council, day), file.name)) != file.name]
    if faults:
        raise UnusableInput(f"{file.name} cannot be used; nothing was loaded.", faults)


def _require_same_key(connection: duckdb.DuckDBPyConnection, key: PersonKey) -> None:
    checks = [row[0] for row in connection.execute("select key_check from raw.person_key_check").fetchall()]
    if not checks:
        connection.execute("insert into raw.person_key_check values (?)", [key.check])
    elif key.check not in checks:
        raise UnusableInput("The key that hides people is not the one the stored snapshots were hidden with: everybody "
                            "would be new. Next: put the old key back (CAREQUARTILE_PERSON_KEY or person.key), or move "
                            "the warehouse away and land all snapshots again.")


def _is_stored(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> bool:
    return connection.execute("select count(*) from raw.source_file where source_id = ? and status = 'loaded'",
                              [file.source_id]).fetchone()[0] > 0


def _store(connection: duckdb.DuckDBPyConnection, file: PlacementFile, entered: Entered, origin: str,
           now: dt.datetime) -> list[tuple[str]]:
    """Stores one file and returns the ids of its snapshots."""
    source_id = file.source_id
    ids = {(council, day): f"{council}:{day}:{source_id[:8]}" for council, day, _, _ in entered.snapshots}
    with database.whole(connection):
        connection.execute("delete from raw.source_file where source_id = ? or file_name = ? and status <> 'loaded'",
                           [source_id, file.name])
        order = connection.execute("select coalesce(max(load_order), 0) + 1 from raw.snapshot").fetchone()[0]
        columns = [row[0] for row in connection.execute("describe raw.placement").fetchall()]
        taken = ", ".join("concat(council_code, ':', snapshot_date, ':', $source)" if name == "snapshot_id" else name
                          for name in columns)
        connection.execute(f"insert into raw.placement select {taken} from entered", {"source": source_id[:8]})
        connection.executemany(
            "insert into raw.snapshot values (?, ?, ?, ?, ?, ?, ?, ?, ?, false, ?)",
            [(ids[council, day], source_id, council, day, file.mapping.snapshot_mapping, n_rows, is_synthetic, origin,
              now, order) for council, day, n_rows, is_synthetic in entered.snapshots])
        connection.executemany("insert into raw.snapshot_column values (?, ?, ?, ?, ?)",
                               list(_columns(file, source_id, entered)))
        connection.execute(
            "insert into raw.source_file values (?, ?, ?, ?, ?, ?, 'loaded', null, ?, 0, ?, ?, false)",
            [source_id, file.name, file.sha256, file.path.stat().st_size, None, file.mapping.snapshot_mapping, origin,
             entered.n_rows, now])
    return [(snapshot_id,) for snapshot_id in ids.values()]


def _columns(file: PlacementFile, source_id: str, entered: Entered) -> Iterator[tuple[object, ...]]:
    """Which column each field came from, and which columns were dropped with how many values."""
    for name, sources in file.mapping.columns.items():
        for source in sources:
            for column in source.columns:
                if place := place_of(column, file.header):
                    yield source_id, name, file.header[place - 1], place, None
    for number, name, n_values in entered.dropped:
        yield source_id, None, name, number, n_values


def drop_snapshots(connection: duckdb.DuckDBPyConnection, ids: list[tuple[str]]) -> None:
    """Takes out snapshots with their rows, and the files of which none is left."""
    for (snapshot_id,) in ids:
        for table in ("placement", "snapshot"):
            connection.execute(f"delete from raw.{table} where snapshot_id = ?", [snapshot_id])
    empty = connection.execute("select distinct source_id from raw.snapshot_column "
                               "where source_id not in (select source_id from raw.snapshot)").fetchall()
    for (source_id,) in empty:
        for table in ("snapshot_column", "source_file"):
            connection.execute(f"delete from raw.{table} where source_id = ?", [source_id])


def drop_superseded(connection: duckdb.DuckDBPyConnection) -> None:
    """Takes out every snapshot that a newer one of the same council and day stands before."""
    drop_snapshots(connection, connection.execute(
        "select snapshot_id from raw.snapshot as older where exists (select 1 from raw.snapshot as newer "
        "where newer.council_code = older.council_code and newer.snapshot_date = older.snapshot_date "
        "and newer.load_order > older.load_order)").fetchall())


def drop_content(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    """Takes out all snapshots of a file, and leaves the row that says it was here."""
    snapshots = "(select snapshot_id from raw.snapshot where source_id = ?)"
    connection.execute(f"delete from raw.placement where snapshot_id in {snapshots}", [source_id])
    for table in ("snapshot_column", "snapshot"):
        connection.execute(f"delete from raw.{table} where source_id = ?", [source_id])
