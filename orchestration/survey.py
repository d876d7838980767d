"""What a landing holds: every file opened, recognised as a return, a register or a snapshot, and checked.

Nothing is stored here; ``store`` loads what a survey found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from orchestration import progress
from orchestration.faults import CarequartileError, Fault, UnusableInput, counted
from orchestration.home import project_folder
from orchestration.identifiers import find_identifier, masked
from orchestration.intake.find import FoundFile, find_files
from orchestration.intake.layouts import load_layouts
from orchestration.intake.open import KINDS, OpenedFile, open_file
from orchestration.intake.readers import Reading, read_file, say_what_is_absent
from orchestration.intake.recognise import Match, count_numbers, nearest_layout
from orchestration.placements import entry
from orchestration.placements.mapping_files import find_mappings
from orchestration.placements.recognise import PlacementFile, is_snapshot_head, nearest_landed, recognise_snapshot
from orchestration.placements.summary import SnapshotSummary
from orchestration.reference import load_councils

EMBEDDED = "embedded"
LANDED = "landing"
NOT_LOADED = "not_loaded"
LAND = ("Next: land a file as published (`carequartile check` says what a file is), or describe its layout in "
        "seeds/layouts; an export of placements needs a mapping (docs/placements.md).")
MOST_NAMED = 10
# A sheet with fewer numbers is text: a cover, notes, contents.
FEWEST_NUMBERS = 20


def embedded_paths() -> list[Path]:
    """The embedded default: unit costs of unitary authorities, and two synthetic snapshots of one of them."""
    return [project_folder() / "seeds" / name for name in ("returns", "snapshots")]


@dataclass
class SurveyedFile:
    """One file of a landing: what it holds, or why it is not loaded."""

    file: OpenedFile
    readings: list[Reading] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    # Set for a snapshot of placements: its rows are read when they are stored, not here.
    placement: PlacementFile | None = None
    duplicate_of: str | None = None
    # The text of ``nearest``, kept when the grids it is made from are no longer in memory.
    why_unknown: str | None = None
    # As ``sheets_not_read``, kept in the same way.
    sheets_left_out: list[str] | None = None
    # Which mapping landed with it comes nearest, for a file that nothing reads.
    nearest_mapping: str = ""
    is_named_by_user: bool = False

    @property
    def faults(self) -> list[Fault]:
        return self.file.faults + [fault for reading in self.readings for fault in reading.faults]

    @property
    def years(self) -> set[str]:
        return {year for reading in self.readings for year in reading.financial_years}

    @property
    def is_recognised(self) -> bool:
        return bool(self.readings) or self.placement is not None

    @property
    def source_id(self) -> str:
        """The id under which the file is stored: from its content, and for a snapshot also from its mapping."""
        return self.placement.source_id if self.placement else self.file.sha256

    @property
    def why_not_loaded(self) -> str | None:
        """Why a file in a known layout holds nothing to load: it was derived from returns."""
        return next((reading.why_not_loaded for reading in self.readings if reading.why_not_loaded), None)

    @property
    def status(self) -> str:
        if self.faults:
            return "refused"
        if not self.is_recognised:
            return "not_recognised"
        if self.why_not_loaded:
            return NOT_LOADED
        return "duplicate" if self.duplicate_of else "loaded"

    @property
    def reason(self) -> str:
        """Why the file is not loaded, in one sentence; empty where it is."""
        if self.faults:
            first = self.faults[0]
            return f"{counted(len(self.faults), 'fault')}, the first: {first.location}: {masked(first.found)}"
        if self.why_not_loaded:
            return self.why_not_loaded
        if self.duplicate_of:
            return f"the same content as {self.duplicate_of}"
        return "" if self.is_recognised else self.nearest

    @property
    def nearest(self) -> str:
        """The nearest layout and the headers that differ, for a file that no layout knows."""
        if self.why_unknown is not None:
            return self.why_unknown
        nearest = nearest_layout(self.matches, self.file.grids)
        return masked(f"{nearest}; {self.nearest_mapping}" if self.nearest_mapping else nearest)

    @property
    def sheets_not_read(self) -> list[str]:
        """The sheets with a table of numbers that no layout knows: a form, a work sheet, a table of another subject."""
        if self.sheets_left_out is None:
            read = {reading.sheet for reading in self.readings}
            self.sheets_left_out = [sheet for sheet, grid in self.file.grids.items()
                                    if self.readings and sheet not in read and count_numbers(grid) >= FEWEST_NUMBERS]
        return self.sheets_left_out

    @property
    def is_about_people(self) -> bool:
        """Whether it is a snapshot, or was refused as one: only who landed it is shown its name."""
        return self.placement is not None or any("snapshot" in fault.rule for fault in self.faults)

    def as_data(self) -> dict[str, object]:
        """What was found, for machines; a snapshot's lines are not read here."""
        return {
            "file": self.file.name, "status": self.status, "reason": self.reason, "sha256": self.file.sha256,
            "bytes": self.file.size, "encoding": self.file.encoding, "same_content_as": self.duplicate_of,
            "mapping": self.placement.mapping.snapshot_mapping if self.placement else None,
            "sheets": [{
                "sheet": reading.sheet or None, "layout": reading.layout.layout, "title": reading.layout.title,
                "kind": reading.layout.kind, "financial_years": reading.financial_years, "status": reading.status,
                "published_on": reading.published_on, "councils": len(reading.councils), "rows": reading.n_rows,
                "cells": reading.n_cells, "odd": reading.oddities, "why_not_loaded": reading.why_not_loaded,
            } for reading in self.readings],
            "sheets_not_read": self.sheets_not_read,
            "faults": [asdict(fault) for fault in self.faults],
        }

    def drop_content(self) -> None:
        """Frees the memory of the rows and readings, and keeps the results of recognising them."""
        self.why_unknown = "" if self.is_recognised else self.nearest
        self.sheets_left_out = self.sheets_not_read
        self.matches.clear()
        self.file.drop_rows()
        for reading in self.readings:
            reading.drop_content()


@dataclass
class Survey:
    """Everything found under the landing paths, read and checked; nothing is stored yet."""

    files: list[SurveyedFile]
    # Names of files of kinds that cannot be read.
    skipped: list[str]
    origin: str = LANDED
    # The file to which its sheets were written, when they are no longer in memory.
    staged: Path | None = None
    # Whether a refused file stops the others too.
    is_strict: bool = True
    # Source ids of files that gate A stopped, and without which the others are published.
    left_out: frozenset[str] = frozenset()

    @property
    def financial_years(self) -> list[str]:
        return sorted({year for file in self.files if file.status == "loaded" for year in file.years})

    @property
    def placements(self) -> list[PlacementFile]:
        """The snapshots to be stored."""
        return [file.placement for file in self.files if file.placement and file.status == "loaded"]

    @property
    def faults(self) -> list[Fault]:
        return [fault for file in self.files for fault in file.faults]

    def limited_to(self, years: set[str], source_id: str | None = None) -> Survey:
        """The survey of the files of these years, or of the one file for which a run was started.

        A faulty file of another year must not hold up this year's return.
        """
        files = [file for file in self.files if (file.source_id == source_id if source_id else file.years & years)]
        return replace(self, files=files)

    def without(self, source_ids: set[str]) -> Survey:
        """The survey without these files."""
        return replace(self, files=[file for file in self.files if file.source_id not in source_ids])

    def without_superseded(self, replaced_by: Mapping[str, str]) -> Survey:
        """The survey without the snapshots that were replaced by one that is here too, given by their source ids. One
        that is landed without the other replaces it in turn.
        """
        here = {file.source_id for file in self.files}

        def is_replaced(source_id: str) -> bool:
            newer = replaced_by.get(source_id)
            return newer is not None and (newer in here or is_replaced(newer))

        return self.without({source_id for source_id in here if is_replaced(source_id)})

    def without_stopped(self, source_ids: set[str]) -> Survey:
        """The survey without the files that gate A stopped; ``left_out`` names those that are in this landing."""
        found = frozenset(file.source_id for file in self.files if file.source_id in source_ids)
        return replace(self.without(source_ids), left_out=found)

    @property
    def refused(self) -> list[SurveyedFile]:
        return [file for file in self.files if file.status == "refused"]

    def require_faultless(self) -> None:
        """Raises UnusableInput with every fault of these files, unless the others are loaded without them."""
        if not self.is_strict:
            return
        if bad := [file for file in self.files if file.faults]:
            raise UnusableInput(f"{', '.join(file.file.name for file in bad[:5])} cannot be used; nothing of it was "
                                "loaded.", self.faults)

    def require_usable(self) -> None:
        """Raises UnusableInput where the landing must not be loaded: a fault, an unknown file named, or nothing known.

        Where the survey is not strict, a file with a fault is left out while there is another one to load; one that
        names a person stops all. A folder may hold files of other kinds; those are skipped, and named.
        """
        names_person = any(fault.rule.startswith("no_identifier") for fault in self.faults)
        if self.refused and (self.is_strict or names_person
                             or not any(file.status == "loaded" for file in self.files)):
            raise UnusableInput(f"{len(self.refused)} of {counted(len(self.files), 'file')} cannot be used; nothing "
                                "was loaded.",
                                self.faults)
        self.require_no_stranger()

    def require_no_stranger(self) -> None:
        """Raises UnusableInput where a file that is not loaded was named, or nothing in the landing is known."""
        unknown = [file for file in self.files if not file.faults and (not file.is_recognised or file.why_not_loaded)]
        named = [file for file in unknown if file.is_named_by_user]
        if not self.files:
            raise UnusableInput(f"No {KINDS} file was found"
                                + (f" (skipped: {', '.join(self.skipped[:5])})" if self.skipped else "") + f". {LAND}")
        if named or len(unknown) == len(self.files):
            listed = [f"{file.file.name}: {file.reason}" for file in (named or unknown)]
            more = [f"and {len(listed) - MOST_NAMED} more files"] if len(listed) > MOST_NAMED else []
            raise UnusableInput("\n".join([*listed[:MOST_NAMED], *more]) + f". {LAND}")


def survey_landing(paths: list[Path], origin: str = LANDED, unsettled: frozenset[Path] = frozenset()) -> Survey:
    """Opens, recognises and reads every file under ``paths`` except the ``unsettled``, which are still being written.

    Raises UnusableInput where a path cannot be entered.
    """
    found, skipped = find_files(paths)
    mappings, mapping_names = find_mappings(paths)
    layouts, councils = load_layouts(), load_councils()
    is_read_by_row = partial(is_snapshot_head, landed_mappings=mappings)
    files: list[SurveyedFile] = []
    first_names: dict[str, str] = {}
    for done, landed in enumerate(found, start=1):
        progress.reached(done, len(found), "files")
        if landed.path in unsettled:
            continue
        opened = _refused_for_name(landed) or open_file(landed.path, landed.name, is_read_by_row, landed.member)
        file = SurveyedFile(opened, placement=recognise_snapshot(opened, mappings),
                            is_named_by_user=landed.is_named_by_user)
        if not opened.faults:
            file.duplicate_of = first_names.get(file.source_id)
            if not file.placement:
                file.readings, file.matches = read_file(opened, layouts, councils)
            if not file.is_recognised:
                file.nearest_mapping = nearest_landed(opened, mappings)
            first_names.setdefault(file.source_id, opened.name)
        files.append(file)
    say_what_is_absent([reading for file in files if not file.duplicate_of for reading in file.readings])
    return Survey(files, [name for name in skipped if name not in mapping_names], origin)


def _refused_for_name(landed: FoundFile) -> OpenedFile | None:
    """The file, not opened, with a fault where its name is no text or identifies a person; else None.

    The name is stored and published with the file, and DuckDB opens files by names in UTF-8 alone.
    """
    opened = OpenedFile(landed.path, landed.name)
    names = [landed.path.stem, *([Path(landed.member).stem] if landed.member else [])]
    if kind := next(filter(None, (find_identifier(name, is_name=True) for name in names)), None):
        opened.fault("no_identifier_in_name", f"its name looks like {kind}", "a name that is about no person",
                     "give it another name; it was not opened")
    elif any("\udc80" <= character <= "\udcff" for character in str(landed.path)):
        opened.fault("file_readable", "a name that is not UTF-8", "a file, in a folder, whose name is text in UTF-8",
                     "give it another name; it was not opened")
    return opened if opened.faults else None


def read_rows(file: SurveyedFile) -> SnapshotSummary | None:
    """Reads a snapshot's rows and keeps none of them; what is wrong with them becomes a fault of the file."""
    try:
        return entry.preview(file.placement)
    except CarequartileError as error:
        file.file.faults += entry.faults_of(file.placement, error)
        return None
