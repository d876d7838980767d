"""Why a snapshot file is refused: it holds an identifier of a person, or rows whose council or day is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

import duckdb

from orchestration.faults import Fault, GateStopped, UnusableInput, counted
from orchestration.identifiers import find_identifier
from orchestration.placements.recognise import PlacementFile
from orchestration.placements.summary import SnapshotSummary
from orchestration.reference import Councils

_MOST_SHOWN = 5
_MANY_LINES = 20
# With fewer lines than this, many different providers are not a sign of names of people.
_FEWEST_LINES = 50
# Of random ten-digit numbers one in eleven has a valid check digit, and of two letters, six digits and a letter one in
# twelve could be a National Insurance number; a council's own numbers are not more often valid.
_CHANCE_OF_VALID = 0.25


# The row (0 for the whole file), the location in it, and the kind of identifier found.
_Finding = tuple[int, str, str]


def refuse_names(file: PlacementFile) -> None:
    """Raises GateStopped where the name of the sheet or of a column identifies a person. (A file whose own name does
    is refused before it is opened: see ``survey``.)
    """
    for text, location in ((file.sheet or "", "the name of the sheet"),
                           *((name, "the name of a column") for name in file.header)):
        if kind := find_identifier(text, is_name=True):
            _stop(file, [(file.mapping.header_row, location, kind)])


def refuse_identifiers(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> None:
    """Raises GateStopped where a text to be stored, or one that gave no value, identifies a person."""
    if found := [*_identifiers_in_texts(connection), *_names_of_providers(connection), *_references(connection)]:
        _stop(file, found)


def _identifiers_in_texts(connection: duckdb.DuckDBPyConnection) -> Iterator[_Finding]:
    for column, location in (("leftover", "a cell that is not a code, number or date"), ("provider", "the provider")):
        # Each text once, since there are millions of rows; a text without a digit, an @ or a character that is not
        # ASCII identifies no one.
        rows = connection.execute(
            f"select * from (select min(row_number), {column} as text from entered group by all) "
            "where regexp_matches(text, '[0-9@]|[^ -~]|(?i)[^a-z]at[^a-z]')").fetchall()
        for row, text in rows:
            # A day that its mapping does not read is a day still, and is not stored.
            if (kind := find_identifier(text)) and (column == "provider" or kind != "a date"):
                yield row, location, kind


def _names_of_providers(connection: duckdb.DuckDBPyConnection) -> Iterator[_Finding]:
    n_lines, n_providers = connection.execute(
        "select count(provider), count(distinct provider) from entered").fetchone()
    if n_lines >= _FEWEST_LINES and n_providers > n_lines / 2:
        yield (0, f"the provider, of which {n_lines:,} lines have {n_providers:,} different ones,",
               "the name of a person")


def _references(connection: duckdb.DuckDBPyConnection) -> Iterator[_Finding]:
    """References that are a number of the state and not of the council, or an address."""
    for is_one, has_form, kind in (("is_nhs_number", "has_ten_digits", "an NHS number"),
                                   ("is_insurance_number", "has_insurance_form", "a National Insurance number"),
                                   ("is_email", "false", "an e-mail address")):
        n_valid, n_of_form, n_rows, first = connection.execute(
            f"select count(*) filter ({is_one}), count(*) filter ({has_form}), count(*), "
            f"min(row_number) filter ({is_one}) from entered").fetchone()
        are_own_numbers = n_of_form > n_rows / 2 and n_valid <= _CHANCE_OF_VALID * n_of_form
        if n_valid and not are_own_numbers:
            yield first, "the person reference", kind


def _stop(file: PlacementFile, found: list[_Finding]) -> NoReturn:
    listed = "\n".join(f"- {file.name}{f', row {row}' * bool(row)}: {where} looks like {kind}" for row, where, kind in
                       sorted(found)[:_MOST_SHOWN])
    raise GateStopped(
        f"The gate for snapshots stopped the run: {counted(len(found), 'identifier')} of persons "
        f"{'was' if len(found) == 1 else 'were'} found; nothing of the file was stored.\n{listed}\n"
        "    no_identifier_in_snapshot: what is stored is a keyed hash, codes, numbers, dates and a provider's name\n"
        "    because: what is never stored cannot leak.\n"
        "Next: take them out of the export (a reference of your own instead of the NHS number) and land it again; "
        "the last release stays up.")


def require_snapshots(connection: duckdb.DuckDBPyConnection, file: PlacementFile, summary: SnapshotSummary,
                      councils: Councils) -> None:
    """Raises UnusableInput where the council or the day of a row is not known, or there are no rows."""
    faults = list(_rows_without(connection, file, councils))
    if not faults and not summary.n_rows:
        faults.append(file.fault("file_complete", "no rows of placements", "at least one row",
                                 "export it again, or check `rows` in the mapping"))
    faults += _likely_mistyped(file, summary)
    faults += _councils_of_another_time(file, summary, councils)
    if faults:
        raise UnusableInput(f"{file.name} cannot be used; nothing of it was loaded.", faults)


def _rows_without(connection: duckdb.DuckDBPyConnection, file: PlacementFile, councils: Councils
                  ) -> Iterator[Fault]:
    """A fault where rows have no council, or no day."""
    for name, without, expected in (("council_code", "unmapped", "a council's code, ONS code or name"),
                                    ("snapshot_date", "unreadable", "")):
        n_rows, first = connection.execute(
            f"select count(*), min(row_number) from entered where {name} is null").fetchone()
        if not n_rows:
            continue
        # Codes come before dates in ``leftover``, and each of these two fields is the first of its kind.
        text = next((text for (text,) in connection.execute(
            f"select split_part(leftover, ' | ', 1) from entered where {name} is null and starts_with({without}, $1) "
            f"{'and unmapped is null ' * (name == 'snapshot_date')}order by row_number limit 1", [name]).fetchall()),
            None)
        source = file.mapping.columns[name][0]
        origin = f"column {source.column!r}" if source.column else f"the value {source.value!r} of the mapping"
        looks, next_step = like_a_date(text) if name == "snapshot_date" else like_a_council(text, councils)
        yield file.fault(
            "snapshot_known", f"{origin} gives no {name} in {counted(n_rows, 'row')}{looks}",
            expected or dates_read(source.date_format), next_step, first)


# By the form of a text that is no date here: what it looks like, and what to do. The text itself is not shown: the
# column may be the wrong one, and about a person.
_DATE_FORMS = (
    ("[0-9]{5}([.][0-9]+)?", "a spreadsheet's day number (45382 is 2024-03-31)",
     "export the column as dates, or write it as 2024-03-31"),
    ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", "a day written with the day first, as 31/03/2024",
     "say so in the mapping: date_format: '%d/%m/%Y'"),
    ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}", "a day with a year of two digits, as 31/03/24",
     "say so in the mapping: date_format: '%d/%m/%y'"),
    ("[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", "a day written with the day first, as 31-03-2024",
     "say so in the mapping: date_format: '%d-%m-%Y'"),
    ("[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}", "a day written with the day first, as 31.03.2024",
     "say so in the mapping: date_format: '%d.%m.%Y'"),
    ("[0-9]{8}", "a day without marks between, as 20240331", "say so in the mapping: date_format: '%Y%m%d'"),
    ("[0-9]{1,2}[ -][A-Za-z]{3}[ -][0-9]{4}", "a day with its month in letters, as 31 Mar 2024",
     "say so in the mapping: date_format: '%d %b %Y' (or '%d-%b-%Y')"),
    ("[0-9]{1,2} [A-Za-z]{4,9} [0-9]{4}", "a day with its month in letters, as 31 March 2024",
     "say so in the mapping: date_format: '%d %B %Y'"),
    ("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+.*", "a day with a time", "export the day alone"),
    ("[0-9]{4}-[0-9]{2}", "a month without a day", "give the day, or take it from the file's name: file_name: '%Y-%m'"),
)


def dates_read(date_format: str | None) -> str:
    """The formats of a date that are read, in words."""
    own = f", or the mapping's {date_format}" if date_format else ""
    return f"a date as 2024-03-31 (also with 00:00:00 behind it){own}"


def like_a_date(text: str | None) -> tuple[str, str]:
    """What a text that gave no date looks like, without the text itself, and the next step."""
    if text is None:
        return "", "correct the column, or give its date format in the mapping"
    for form, looks, next_step in _DATE_FORMS:
        if re.fullmatch(form, text.strip()):
            return f"; the first looks like {looks}", next_step
    return "", "correct the column, or give its date format in the mapping (date_format: '%d/%m/%Y' is 31/03/2024)"


def like_a_council(text: str | None, councils: Councils) -> tuple[str, str]:
    """The councils whose names are near to a text that named none, without the text itself, and the next step."""
    return (councils.nearest(text) if text else ""), "correct the column, or give its codes in the mapping"


def _likely_mistyped(file: PlacementFile, summary: SnapshotSummary) -> Iterator[Fault]:
    """A fault for a snapshot of a few rows in a file of large ones: its day or council is probably mistyped.

    Loading it would replace the snapshot of a whole month."""
    largest = max((n_rows for *_, n_rows, _ in summary.snapshots), default=0)
    for council, day, n_rows, _ in summary.snapshots:
        usual = max(others for other, _, others, _ in summary.snapshots if other == council)
        if n_rows * 10 < usual or (n_rows < 5 and largest >= _MANY_LINES * n_rows):
            yield file.fault(
                "snapshot_known", f"{n_rows} rows of council {council} on {day}, next to {max(usual, largest):,} of "
                "another day or council", "only the days and councils that the file is for",
                "correct the day or code of these rows, or land them in a separate file")


def _councils_of_another_time(file: PlacementFile, summary: SnapshotSummary, councils: Councils) -> Iterator[Fault]:
    for council, day, _, _ in summary.snapshots:
        if not any(first <= f"{day}" and (not last or last >= f"{day}") for first, last in councils.periods[council]):
            yield file.fault(
                "snapshot_known", f"{councils.names[council]} ({council}) was not a council on {day}",
                "a council of that day", "correct the code or the date")
