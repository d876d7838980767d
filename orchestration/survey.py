"""What a landing holds: every file opened, recognised as a return, a register or a snapshot, and checked. Nothing is
stored here; ``store`` takes the survey.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from orchestration.faults import Fault, UnusableInput
from orchestration.home import project_folder
from orchestration.intake import files as intake
from orchestration.intake.layouts import Match, load_layouts, normalise
from orchestration.intake.readers import Reading, read_file
from orchestration.placements import entry
from orchestration.reference import load_councils

EMBEDDED = "embedded"
LANDED = "landing"
# Below this share of a header alike, the nearest layout only misleads: many tables have a column or two in common.
NEAR = 0.15
NOT_LOADED = "not_loaded"


def embedded_paths() -> list[Path]:
    """The embedded default: unit costs of unitary authorities, and two synthetic snapshots of one of them."""
    return [project_folder() / "seeds" / name for name in ("returns", "snapshots")]


@dataclass
class SurveyedFile:
    """One file of a landing: what it is, or why it is not loaded."""

    file: intake.LandedFile
    readings: list[Reading] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    # Where it is a snapshot of placements: its rows are read when they are stored, not here.
    placement: entry.PlacementFile | None = None
    duplicate_of: str | None = None
    # What ``nearest`` said, where the grids it looks at are gone.
    why_unknown: str | None = None

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
        """What the file is stored as: its content, and for a snapshot what its mapping makes of it."""
        return self.placement.source_id if self.placement else self.file.sha256

    @property
    def why_not_loaded(self) -> str | None:
        """Why a file that a layout knows holds nothing to load: somebody derived it from returns."""
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
            return f"{len(self.faults)} faults, the first: {self.faults[0].location}: {self.faults[0].found}"
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
        near = max(self.matches, key=lambda match: match.score, default=None)
        if near is None or near.score < NEAR:
            return "no layout knows it, and none is near"
        grid = self.file.sheets[near.sheet]
        sheet = f" (sheet {near.sheet!r})" if near.sheet else ""
        alike = f"{near.layout.layout}{sheet}, {near.score:.0%} of the header alike"
        return (f"no layout knows it; the nearest is {alike}: "
                + describe_difference(near, grid[near.header_row]))


def describe_difference(match: Match, header: list[str], most: int = 4) -> str:
    """Which headers the nearest layout misses, and which it does not know."""
    known = match.layout.known_headers
    names = match.layout.column_names
    unknown = [text for text in header if text.strip() and normalise(text) not in known | names.keys()
               and not match.layout.names_area(text)]
    missing = sorted(known - {normalise(text) for text in header})
    parts = []
    if missing:
        parts.append(f"missing {', '.join(repr(text[:60]) for text in missing[:most])}"
                     + (f" and {len(missing) - most} more" if len(missing) > most else ""))
    if unknown:
        parts.append(f"unknown {', '.join(repr(' '.join(text.split())[:60]) for text in unknown[:most])}"
                     + (f" and {len(unknown) - most} more" if len(unknown) > most else ""))
    return "; ".join(parts)


@dataclass
class Survey:
    """Everything found under the landing paths, read and checked; nothing is stored yet."""

    files: list[SurveyedFile]
    passed_over: list[str]
    origin: str = LANDED
    # The file its sheets were written to, where they are no longer in memory.
    staged: Path | None = None

    @property
    def financial_years(self) -> list[str]:
        return sorted({year for file in self.files if file.status == "loaded" for year in file.years})

    @property
    def placements(self) -> list[entry.PlacementFile]:
        """The snapshots to be stored."""
        return [file.placement for file in self.files if file.placement and file.status == "loaded"]

    @property
    def faults(self) -> list[Fault]:
        return [fault for file in self.files for fault in file.faults]

    def concerning(self, years: set[str], sha256: str | None = None) -> Survey:
        """What a run for these years answers for: their files, or the one file it was started for.

        A faulty file of another year is that year's business; it must not keep this year's return waiting.
        """
        files = [file for file in self.files if (file.source_id == sha256 if sha256 else file.years & years)]
        return Survey(files, self.passed_over, self.origin, self.staged)

    def leaving_out(self, sha256s: set[str]) -> Survey:
        """The survey without these files."""
        files = [file for file in self.files if file.source_id not in sha256s]
        return Survey(files, self.passed_over, self.origin, self.staged)

    def require_faultless(self) -> None:
        """Raises UnusableInput with every fault of these files."""
        if bad := [file for file in self.files if file.faults]:
            raise UnusableInput(f"{', '.join(file.file.name for file in bad[:5])} cannot be used; nothing of it was "
                                "loaded.", self.faults)

    def require_usable(self) -> None:
        """Raises UnusableInput where the landing must not be loaded: a fault, an unknown file named, or nothing known.

        A folder may hold files of other kinds; those are passed over and said. A file that nearly is a known layout
        is never passed over in silence: a year would be missing.
        """
        if self.faults:
            bad = [file for file in self.files if file.faults]
            raise UnusableInput(f"{len(bad)} of {len(self.files)} files cannot be used; nothing was loaded.",
                                self.faults)
        unknown = [file for file in self.files if not file.is_recognised or file.why_not_loaded]
        named = [file for file in unknown if file.file.is_named_by_user]
        if named or len(unknown) == len(self.files):
            listed = "\n".join(f"{file.file.name}: {file.reason}" for file in (named or unknown)[:10])
            names = ", ".join(sorted(layout.layout for layout in load_layouts()))
            if not self.files:
                listed = "No CSV, XLS, XLSX or Parquet file was found" + (
                    f" (passed over: {', '.join(self.passed_over[:5])})" if self.passed_over else "") + "."
            raise UnusableInput(
                f"{listed}\nexpected: a file in one of the layouts {names}.\n"
                "next: land a file as published, or describe its layout in seeds/layouts. An export of placements "
                "needs the columns of seeds/mappings/contract.yml, or a mapping file landed beside it (README, Load "
                "your own placements).")


def survey_landing(paths: list[Path], origin: str = LANDED, unsettled: frozenset[Path] = frozenset()) -> Survey:
    """Opens, recognises and reads every file under ``paths`` but the ``unsettled``, which are still being written.

    Raises UnusableInput where a path cannot be entered.
    """
    found, passed_over = intake.find_files(paths)
    found = [landed for landed in found if landed.path not in unsettled]
    mappings, names = entry.find_mappings(paths)
    passed_over = [name for name in passed_over if name not in names]
    layouts, councils = load_layouts(), load_councils()
    files: list[SurveyedFile] = []
    first_names: dict[str, str] = {}
    for landed in found:
        file = SurveyedFile(landed, placement=entry.recognise(landed, mappings))
        if not file.placement and not landed.faults:
            intake.open_file(landed)
            file.placement = entry.recognise_sheets(landed, mappings)
        if not landed.faults:
            file.duplicate_of = first_names.get(landed.sha256)
            if not file.placement:
                file.readings, file.matches = read_file(landed, layouts, councils)
            first_names.setdefault(landed.sha256, landed.name)
        files.append(file)
    return Survey(files, passed_over, origin)
