"""Finds the opened files that are snapshots of placements, and the mapping that reads each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.faults import Fault
from orchestration.intake.grids import Grid
from orchestration.intake.layouts import load_layouts, normalise
from orchestration.intake.open import OpenedFile
from orchestration.placements.mapping import NEARLY, Mapping, best_mapping, columns_named, columns_read
from orchestration.placements.mapping_files import shipped_mappings
from orchestration.placements.sources import days_in_name, plain_name

# Client Level Data have 46. Every column costs time in every row, so that thousands would take minutes.
MOST_COLUMNS = 500


@dataclass
class PlacementFile:
    """A landed file that is a snapshot: how it is read, and which mapping reads it. ``sheet`` is set for a workbook."""

    path: Path
    name: str
    mapping: Mapping
    header: list[str]
    delimiter: str = ","
    sheet: str | None = None
    # The rows of a workbook, or of a text that DuckDB cannot decode; None where DuckDB reads the file itself.
    grid: Grid | None = None
    sha256: str = ""
    size: int = 0

    @property
    def source_id(self) -> str:
        """Made from the content and the mapping: read by another mapping, the same file is another snapshot."""
        return hashlib.sha256(f"{self.sha256}:{self.mapping.sha256}".encode()).hexdigest()

    @property
    def dropped(self) -> list[tuple[int, str]]:
        """Number (from 1) and name of the columns from which no field is read; nothing in them is stored."""
        read = set(columns_read(self.mapping, self.header).values())
        return [(number, name) for number, name in enumerate(self.header, 1) if number not in read]

    def fault(self, rule: str, found: str, expected: str, next_step: str, row: int | None = None) -> Fault:
        return Fault(rule=rule, file=self.name, found=found, expected=expected, next_step=next_step, sheet=self.sheet,
                     row=row)


@dataclass(frozen=True)
class _Recognised:
    """A mapping and the header that it reads."""

    mapping: Mapping
    header: list[str]


def is_snapshot_head(head: Grid, landed_mappings: Sequence[Mapping]) -> bool:
    """Whether a file that begins with these rows is a snapshot, or too much like one to be read as a return."""
    return _recognise_head(head, None, landed_mappings) is not None


def recognise_snapshot(opened: OpenedFile, landed_mappings: Sequence[Mapping]) -> PlacementFile | None:
    """The snapshot in an opened file, which takes over the file's rows; None where it is something else.

    A mapping landed with the data is tried before the shipped ones. A header that nearly fits a mapping is a
    fault of the file. So are two snapshots in one workbook, since neither could be left out.
    """
    found: dict[str, _Recognised] = {}
    for sheet, head in opened.heads.items():
        result = _recognise_head(head, opened, landed_mappings)
        if isinstance(result, Fault):
            opened.faults.append(result)
        elif result:
            found[sheet] = result
    if not found:
        return None
    if len(found) > 1:
        opened.fault("snapshot_known", f"the sheets {', '.join(map(repr, found))} are snapshots", "one snapshot",
                     "put them in one sheet, or save each day as a separate file")
    sheet, recognised = next(iter(found.items()))
    grid = opened.grids.get(sheet)
    opened.drop_rows()
    return PlacementFile(opened.path, opened.name, recognised.mapping, recognised.header, opened.delimiter,
                         sheet or None, grid, opened.sha256, opened.size)


def nearest_landed(opened: OpenedFile, landed_mappings: Sequence[Mapping]) -> str:
    """Which landed mapping comes nearest to a file that none of them reads, and which of its columns the file lacks.

    Empty where no mapping is landed, or none shares a column with the file.
    """
    found = [(mapping.share_present(header), number, mapping, mapping.missing_columns(header))
             for head in opened.heads.values() for number, header in _headers(head).items()
             for mapping in landed_mappings]
    share, number, near, missing = max(found, default=(0, 0, None, []), key=lambda one: one[0])
    if not share:
        return ""
    if not missing:
        return f"the mapping {near.label} fits row {number}, and its header_row is {near.header_row}"
    return (f"the mapping {near.label} asks for {_listed(missing)}, which row {number} does not have (it has "
            f"{len(near.required_columns) - len(missing)} of its {len(near.required_columns)} columns)")


def _listed(columns: Sequence[str], most: int = 6) -> str:
    listed = ", ".join(repr(column) for column in columns[:most])
    return listed + f" and {len(columns) - most} more" * (len(columns) > most)


def _headers(head: Grid) -> dict[int, list[str]]:
    return {number: [cell.strip() for cell in row] for number, row in enumerate(head, 1)}


def _recognise_head(head: Grid, opened: OpenedFile | None, landed: Sequence[Mapping]) -> _Recognised | Fault | None:
    """What the first rows of a sheet are: read by a mapping, nearly so (a fault), or something else.

    Without ``opened`` the name of the file is not looked at.
    """
    headers, name = _headers(head), opened.name if opened else ""
    for mappings in (landed, shipped_mappings()):
        for number, header in headers.items():
            fitting = [mapping for mapping in _likely(mappings, number, header) if not mapping.missing_columns(header)]
            if mappings is landed and len(fitting) > 1 and opened:
                fitting = _of_this_file(fitting, opened)
                if fault := _ambiguous(fitting, number, name):
                    return fault
            if mapping := best_mapping(fitting, header, head[number:]):
                fault = _too_many_columns(header, number, name) or _repeated_column(mapping, header, number, name)
                return fault or _on_day(_in_row(mapping, number), header, opened)
    return _nearly(headers, name, landed)


def _likely(mappings: Sequence[Mapping], number: int, header: list[str]) -> list[Mapping]:
    """The mappings whose header may be in this row, by its number and most of its names."""
    plain = frozenset(map(plain_name, header))
    return [mapping for mapping in mappings if number in mapping.may_be_in_row and mapping.may_fit(plain)]


def _in_row(mapping: Mapping, number: int) -> Mapping:
    """The mapping with the row in which its header was found, as if it had named it."""
    return mapping if mapping.header_row == number else mapping.changed(header_row=number)


def _of_this_file(fitting: list[Mapping], opened: OpenedFile) -> list[Mapping]:
    """Of several landed mappings that fit: those called like the file, else those in its folder, else all."""
    for is_of_file in (lambda path: path.with_suffix("") == opened.path.with_suffix(""),
                       lambda path: path.stem.lower() == opened.path.stem.lower(),
                       lambda path: path.parent == opened.path.parent):
        if own := [mapping for mapping in fitting if mapping.path and is_of_file(mapping.path)]:
            return own
    return fitting


def _ambiguous(fitting: list[Mapping], number: int, name: str) -> Fault | None:
    """A fault where landed mappings read the same header in different ways and none is more likely."""
    rivals = [one for one in fitting if not one.distinguishing_values]
    if len({one.sha256 for one in rivals}) <= 1:
        return None
    return Fault(
        rule="snapshot_columns", file=name, row=number,
        found=f"the mappings {' and '.join(sorted(one.label for one in rivals))} both read it",
        expected="one mapping that does, or one that is called like the file",
        next_step="call each mapping like its export (march.yml for march.csv), or land one of them alone")


def _too_many_columns(header: list[str], number: int, name: str) -> Fault | None:
    return Fault(rule="snapshot_columns", file=name, row=number, found=f"{len(header):,} columns",
                 expected=f"at most {MOST_COLUMNS:,}: what a snapshot may say takes a tenth of that",
                 next_step="leave out of the export the columns that no field is read from, or see why it is so wide"
                 ) if len(header) > MOST_COLUMNS else None


def _repeated_column(mapping: Mapping, header: list[str], number: int, name: str) -> Fault | None:
    twice = sorted({column for column in columns_named(mapping) if header.count(column) > 1})
    return Fault(rule="snapshot_columns", file=name, row=number, found=f"two columns {twice[0]!r}",
                 expected="one such column: the mapping reads it", next_step="rename one of them in the export"
                 ) if twice else None


def _on_day(mapping: Mapping, header: list[str], opened: OpenedFile | None) -> _Recognised | Fault:
    """The mapping with each day that it finds in the file's name, as if the mapping had given it as a value."""
    columns = dict(mapping.columns)
    for field, sources in mapping.columns.items():
        if not opened or not (date_format := sources[0].file_name):
            continue
        days = days_in_name(opened.path.stem, date_format)
        if len(days) != 1:
            return Fault(rule="snapshot_known", file=opened.name,
                         found=f"{'several days' if days else 'no day'} of the form {date_format} in the file's name",
                         expected=f"one day: the mapping {mapping.label} takes {field} from there",
                         next_step="put the day of the records into the file's name, or give it in the mapping")
        columns[field] = [sources[0].model_copy(update={"file_name": None, "value": f"{days.pop()}"})]
    return _Recognised(mapping.changed(columns=columns) if columns != mapping.columns else mapping, header)


def _share_of_register(header: list[str]) -> float:
    """How much of a register's columns are here, at most: a ledger is by council, client group and setting, as a
    snapshot is.
    """
    names = {normalise(name) for name in header}
    return max(len(layout.known_headers & names) / len(layout.known_headers) for layout in load_layouts()
               if layout.kind == "register")


def _nearly(headers: dict[int, list[str]], name: str, landed: Sequence[Mapping]) -> Fault | None:
    """A fault where a header has most of a mapping's columns, naming those that it lacks."""
    found = [(mapping.share_present(header), number, mapping) for number, header in headers.items()
             for mapping in _likely([*landed, *shipped_mappings()], number, header)]
    share, number, near = max(found, default=(0, 0, None), key=lambda one: one[0])
    if share < NEARLY or _share_of_register(headers[number]) > share:
        return None
    return Fault(
        rule="snapshot_columns", file=name, row=number,
        found=f"no column {_listed(near.missing_columns(headers[number]))}",
        expected=f"every column of the mapping {near.label} ({near.title})",
        next_step="name the columns as the mapping does, or land a mapping file of your own with it")
