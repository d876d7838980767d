"""Why a snapshot file is refused: it holds an identifier of a person, or rows whose council or day is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import duckdb

from orchestration.faults import Fault, GateStopped, UnusableInput
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
        f"The gate for snapshots stopped the run: {len(found)} identifiers of persons were found; nothing of the file "
        f"was stored.\n{listed}\n"
        "    no_identifier_in_snapshot: what is stored is a keyed hash, codes, numbers, dates and a provider's name\n"
        "    because: what is never stored cannot leak.\n"
        "Next: take them out of the export (a reference of your own instead of the NHS number) and land it again; "
        "the last release stays up.")


def require_snapshots(connection: duckdb.DuckDBPyConnection, file: PlacementFile, summary: SnapshotSummary,
                      councils: Councils) -> None:
    """Raises UnusableInput where the council or the day of a row is not known, or there are no rows."""
    faults = list(_rows_without(connection, file))
    if not faults and not summary.n_rows:
        faults.append(file.fault("file_complete", "no rows of placements", "at least one row",
                                 "export it again, or check `rows` in the mapping"))
    faults += _likely_mistyped(file, summary)
    faults += _councils_of_another_time(file, summary, councils)
    if faults:
        raise UnusableInput(f"{file.name} cannot be used; nothing of it was loaded.", faults)


def _rows_without(connection: duckdb.DuckDBPyConnection, file: PlacementFile) -> Iterator[Fault]:
    """A fault where rows have no council, or no day."""
    for name, expected in (("council_code", "a council's code, ONS code or name"), ("snapshot_date", "a date")):
        n_rows, first = connection.execute(
            f"select count(*), min(row_number) from entered where {name} is null").fetchone()
        if n_rows:
            source = file.mapping.columns[name][0]
            origin = f"column {source.column!r}" if source.column else f"the value {source.value!r} of the mapping"
            yield file.fault(
                "snapshot_known", f"{origin} gives no {name} in {n_rows:,} rows", expected,
                "correct the column, or give its codes or date format in the mapping", first)


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
