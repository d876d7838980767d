"""Finds the opened files that are snapshots of placements, and the mapping that reads each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.faults import Fault, UnusableInput
from orchestration.intake.find import MAPPING_SUFFIXES, printable
from orchestration.intake.grids import Grid
from orchestration.intake.open import OpenedFile
from orchestration.placements.mapping import (
    Mapping,
    best_mapping,
    columns_named,
    columns_read,
    nearest_mapping,
    read_mapping,
    shipped_mappings,
)


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


def find_mappings(paths: list[Path]) -> tuple[list[Mapping], set[str]]:
    """The mappings landed under ``paths``, and the names of their files. Raises UnusableInput for a faulty one."""
    mappings, names = [], set()
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        for file in files:
            if file.suffix.lower() in MAPPING_SUFFIXES and file.is_file():
                if mapping := read_mapping(file):
                    mappings.append(mapping)
                    names.add(printable(file.name if file == path else file.relative_to(path).as_posix()))
                elif file == path:
                    raise UnusableInput(f"{printable(file.name)} is not a snapshot mapping: it has no key "
                                        "snapshot_mapping. Next: land data as CSV, XLSX or Parquet.")
    return mappings, names


def is_snapshot_head(head: Grid, landed_mappings: Sequence[Mapping]) -> bool:
    """Whether a file that begins with these rows is a snapshot, or too much like one to be read as a return."""
    return _recognise_head(head, "", landed_mappings) is not None


def recognise_snapshot(opened: OpenedFile, landed_mappings: Sequence[Mapping]) -> PlacementFile | None:
    """The snapshot in an opened file, which takes over the file's rows; None where it is something else.

    A mapping landed with the data is tried before the shipped ones. A header that nearly fits a mapping is a
    fault of the file. So are two snapshots in one workbook, since neither could be left out.
    """
    found: dict[str, _Recognised] = {}
    for sheet, head in opened.heads.items():
        result = _recognise_head(head, opened.name, landed_mappings)
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


def _recognise_head(head: Grid, name: str, landed: Sequence[Mapping]) -> _Recognised | Fault | None:
    """What the first rows of a sheet are: read by a mapping, nearly so (a fault), or something else."""
    headers = {number: [cell.strip() for cell in row] for number, row in enumerate(head, 1)}
    if fault := next(_ambiguous(headers, name, landed), None):
        return fault
    for mappings in (landed, shipped_mappings()):
        for number, header in headers.items():
            if mapping := best_mapping(_of_row(mappings, number), header, head[number:]):
                return _repeated_column(mapping, header, number, name) or _Recognised(mapping, header)
    return next(_nearly(headers, name, landed), None)


def _of_row(mappings: Sequence[Mapping], number: int) -> list[Mapping]:
    """The mappings whose header is in this row."""
    return [mapping for mapping in mappings if mapping.header_row == number]


def _ambiguous(headers: dict[int, list[str]], name: str, landed: Sequence[Mapping]) -> Iterator[Fault]:
    """A fault where two landed mappings read the same header and neither is more likely."""
    for number, header in headers.items():
        rivals = [one.snapshot_mapping for one in _of_row(landed, number)
                  if not one.missing_columns(header) and not one.distinguishing_values]
        if len(rivals) > 1:
            yield Fault(
                rule="snapshot_columns", file=name, row=number,
                found=f"the mappings {', '.join(rivals)} both read it", expected="one mapping that does",
                next_step="land one of them alone, or have each name a column that the other export lacks")


def _repeated_column(mapping: Mapping, header: list[str], number: int, name: str) -> Fault | None:
    twice = sorted({column for column in columns_named(mapping) if header.count(column) > 1})
    return Fault(rule="snapshot_columns", file=name, row=number, found=f"two columns {twice[0]!r}",
                 expected="one such column: the mapping reads it", next_step="rename one of them in the export"
                 ) if twice else None


def _nearly(headers: dict[int, list[str]], name: str, landed: Sequence[Mapping]) -> Iterator[Fault]:
    """A fault where a header has most of a mapping's columns, naming those that it lacks."""
    for number, header in headers.items():
        if near := nearest_mapping(_of_row([*landed, *shipped_mappings()], number), header):
            missing = near.missing_columns(header)
            yield Fault(
                rule="snapshot_columns", file=name, row=number,
                found=f"no column {', '.join(repr(column) for column in missing[:6])}",
                expected=f"every column of the mapping {near.snapshot_mapping} ({near.title})",
                next_step="name the columns as the mapping does, or land a mapping file of your own with it")
