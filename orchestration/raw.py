"""Stores readings in the warehouse's raw schema, as printed. A file is stored whole or not at all, and once.

A file is its content: the same sha256 under another name changes nothing. A return of a year already stored becomes a
release beside the old one; a register (rulings, peer sets) of the same name replaces its predecessor.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from orchestration import landing, warehouse
from orchestration.faults import Fault, UnusableInput
from orchestration.home import project_folder
from orchestration.layouts import Layout, Match, load_layouts, normalise
from orchestration.placements import entry
from orchestration.placements.people import PersonKey
from orchestration.reading import Reading, read_file
from orchestration.reference import load_councils

EMBEDDED = "embedded"
LANDED = "landing"
STOPPED = "stopped_by_gate"
EXPIRED = "expired"
# Below this share of a header alike, the nearest layout only misleads: many tables have a column or two in common.
NEAR = 0.15
NOT_LOADED = "not_loaded"
# What is kept of a sheet, by sheet_id.
_SHEET_TABLES = ("cell", "row_label", "column_label", "label_place", "sheet_note")


def embedded_paths() -> list[Path]:
    """The embedded default: unit costs of unitary authorities, and two synthetic snapshots of one of them."""
    return [project_folder() / "seeds" / name for name in ("returns", "snapshots")]


@dataclass
class SurveyedFile:
    """One file of a landing: what it is, or why it is not loaded."""

    file: landing.LandedFile
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
            return f"{len(self.faults)} faults, the first: {self.faults[0].place}: {self.faults[0].found}"
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


def survey(paths: list[Path], origin: str = LANDED, unsettled: frozenset[Path] = frozenset()) -> Survey:
    """Opens, recognises and reads every file under ``paths`` but the ``unsettled``, which are still being written.

    Raises UnusableInput where a path cannot be entered.
    """
    found, passed_over = landing.find_files(paths)
    found = [landed for landed in found if landed.path not in unsettled]
    mappings, names = entry.find_mappings(paths)
    passed_over = [name for name in passed_over if name not in names]
    layouts, councils = load_layouts(), load_councils()
    files: list[SurveyedFile] = []
    first_names: dict[str, str] = {}
    for landed in found:
        file = SurveyedFile(landed, placement=entry.recognise(landed, mappings))
        if not file.placement and not landed.faults:
            landing.open_file(landed)
            file.placement = entry.recognise_sheets(landed, mappings)
        if not landed.faults:
            file.duplicate_of = first_names.get(landed.sha256)
            if not file.placement:
                file.readings, file.matches = read_file(landed, layouts, councils)
            first_names.setdefault(landed.sha256, landed.name)
        files.append(file)
    return Survey(files, passed_over, origin)


def survey_aside(paths: list[Path], staged: Path) -> Survey:
    """As ``survey``, its sheets written to the private DuckDB file ``staged`` instead of kept in memory.

    What comes back is small, so that a large landing can be read in a process of its own; ``load`` copies the sheets.
    """
    found = survey(paths)
    warehouse.prepare(staged)
    with warehouse.connect(staged) as connection, warehouse.whole(connection):
        for file in found.files:
            for reading in file.readings if file.status == "loaded" else ():
                _store_sheet(connection, reading)
            _let_go(file)
    found.staged = staged
    return found


def _let_go(file: SurveyedFile) -> None:
    file.why_unknown = "" if file.is_recognised else file.nearest
    file.matches.clear()
    file.file.sheets.clear()
    for reading in file.readings:
        reading.forget_content()


def release_id(reading: Reading, year: str) -> str:
    """A release's id: collection, layout, year and the content it came with, so that a changed file is another one."""
    return f"{reading.layout.layout}:{year}:{reading.file.sha256[:8]}"


def load(survey: Survey, warehouse_path: Path, years: set[str] | None = None) -> dict[str, int]:
    """Stores the survey's files, each whole or not at all, and returns cells stored by file name.

    ``years`` limits this to the returns that touch one of these years (a file is stored whole all the same), an empty
    set to files without a year: registers, and files no layout knows, which leave a row that says so.
    Files already stored change nothing. The embedded default steps aside for the first landed return.
    """
    stored: dict[str, int] = {}
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    files = [file for file in survey.files if not file.placement and (years is None or _touches(file, years))]
    with warehouse.connect(warehouse_path) as connection:
        if survey.staged:
            warehouse.attach(connection, survey.staged, "staged")
        _store_markers(connection, load_layouts())
        if survey.origin == LANDED and survey.financial_years:
            _drop_origin(connection, EMBEDDED)
        # What was written aside is copied all at once, which is much faster: then the landing is one transaction.
        with warehouse.whole(connection) if survey.staged else nullcontext():
            sheet_ids: list[str] = []
            for file in files:
                with nullcontext() if survey.staged else warehouse.whole(connection):
                    if cells := _store_file(connection, file, survey.origin, now):
                        stored[file.file.name] = cells
                        sheet_ids += [reading.sheet_id for reading in file.readings]
            if survey.staged:
                _copy_staged(connection, sheet_ids)
        if survey.staged:
            connection.execute("detach staged")
    return stored


def _copy_staged(connection: duckdb.DuckDBPyConnection, sheet_ids: list[str]) -> None:
    for table in _SHEET_TABLES:
        connection.execute(f"insert into raw.{table} select * from staged.raw.{table} "
                           "where sheet_id in (select unnest(?::varchar[]))", [sheet_ids])


def accept(warehouse_path: Path) -> None:
    """Marks every loaded file as accepted: both gates let it through."""
    with warehouse.connect(warehouse_path) as connection:
        connection.execute("update raw.source_file set is_accepted = true where status = 'loaded'")
        connection.execute("update raw.snapshot set is_accepted = true where not is_accepted")
        entry.drop_superseded(connection)


def set_aside(warehouse_path: Path, reasons: Mapping[str, str]) -> list[str]:
    """Takes out the files of these releases that were never accepted, keeping a row that says why; returns their names.

    Otherwise a file that a gate stopped would stop every later run too, also after it was corrected and landed again.
    ``reasons`` is by release id; files that came with a stopped one stay.
    """
    with warehouse.connect(warehouse_path) as connection:
        stopped = {}
        # A snapshot may be stopped for what a new one of the same council did to its neighbour in time.
        councils = {release.split(":")[0]: reason for release, reason in reasons.items()
                    if re.match(r"[0-9]{3}:[0-9]{4}-[0-9]{2}-[0-9]{2}:", release)}
        for source_id, name, release in _waiting(connection):
            if reason := reasons.get(release) or councils.get(release.split(":")[0]):
                stopped.setdefault(source_id, (name, reason))
        for source_id, (_, reason) in stopped.items():
            _drop_content(connection, source_id)
            connection.execute("update raw.source_file set status = ?, reason = ? where source_id = ?",
                               [STOPPED, reason, source_id])
    return [name for name, _ in stopped.values()]


def forget(warehouse_path: Path, source_ids: set[str]) -> list[str]:
    """Takes out those of these returns that were never accepted, without a trace; returns their names.

    A row about a file that names a person would carry the person into what is published.
    """
    with warehouse.connect(warehouse_path) as connection:
        forgotten = {source_id: name for source_id, name, _ in _waiting(connection) if source_id in source_ids}
        for source_id in forgotten:
            _drop_source(connection, source_id)
    return list(forgotten.values())


def _waiting(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Source id, file name and release id of every loaded return, or snapshot, that was never accepted."""
    return connection.execute(
        "select distinct files.source_id, files.file_name, releases.release_id from raw.source_file as files "
        "inner join (select source_id, release_id from raw.release "
        "            union all select source_id, snapshot_id from raw.snapshot) as releases using (source_id) "
        "where files.status = 'loaded' and not files.is_accepted order by all").fetchall()


def stopped(warehouse_path: Path) -> set[str]:
    """The source id of every file that a gate stopped."""
    with warehouse.connect(warehouse_path) as connection:
        return {row[0] for row in connection.execute(
            "select source_id from raw.source_file where status = ?", [STOPPED]).fetchall()}


def load_placements(survey: Survey, warehouse_path: Path, key: PersonKey, months: set[str] | None = None
                    ) -> dict[str, int]:
    """Stores the survey's snapshots and returns rows stored by file name; ``months`` as ``entry.load`` has it.

    The embedded synthetic snapshots step aside for the first file the user lands.
    """
    if survey.origin == LANDED and survey.placements:
        with warehouse.connect(warehouse_path) as connection, warehouse.whole(connection):
            _drop_embedded_snapshots(connection)
    return entry.load(survey.placements, warehouse_path, key, survey.origin, months)


def _drop_embedded_snapshots(connection: duckdb.DuckDBPyConnection) -> None:
    for (source_id,) in connection.execute("select distinct source_id from raw.snapshot where origin = ?",
                                           [EMBEDDED]).fetchall():
        _drop_source(connection, source_id)


def expire_snapshots(warehouse_path: Path, before: dt.datetime, reason: str) -> list[str]:
    """Takes out the landed snapshots that came before a moment, keeping a row that says so; returns their files."""
    with warehouse.connect(warehouse_path) as connection, warehouse.whole(connection):
        old = connection.execute(
            "select distinct files.source_id, files.file_name from raw.source_file as files "
            "inner join raw.snapshot as snapshots using (source_id) "
            "where files.origin = ? and files.status = 'loaded' and files.received_at < ? order by all",
            [LANDED, before]).fetchall()
        for source_id, _ in old:
            _drop_content(connection, source_id)
            connection.execute("update raw.source_file set status = ?, reason = ? where source_id = ?",
                               [EXPIRED, reason, source_id])
    return [name for _, name in old]


def expired(warehouse_path: Path, before: dt.datetime) -> set[str]:
    """The source id of every snapshot file that was dropped for its age, and is as old still.

    After a clock that ran ahead is set right, or the time is made longer, its file can be landed again.
    """
    with warehouse.connect(warehouse_path) as connection:
        return {row[0] for row in connection.execute(
            "select source_id from raw.source_file where status = ? and received_at < ?", [EXPIRED, before]).fetchall()}


def loaded_years(warehouse_path: Path) -> list[str]:
    """The financial years of which a return is stored."""
    with warehouse.connect(warehouse_path) as connection:
        return [row[0] for row in connection.execute(
            "select distinct financial_year from raw.release order by 1").fetchall()]


def has_landed(warehouse_path: Path) -> bool:
    """Whether anything of the user's own is stored, or was until its time was over (the embedded default is not)."""
    with warehouse.connect(warehouse_path) as connection:
        return connection.execute(
            "select count(*) from (select origin from raw.release union all select origin from raw.snapshot "
            "union all select origin from raw.source_file where status = ?) where origin = ?",
            [EXPIRED, LANDED]).fetchone()[0] > 0


def count_snapshots(warehouse_path: Path) -> int:
    """How many snapshots of placements are stored."""
    with warehouse.connect(warehouse_path) as connection:
        return connection.execute("select count(*) from raw.snapshot").fetchone()[0]


def has_snapshots(warehouse_path: Path) -> bool:
    """Whether placements were ever stored, hidden with the key of this home."""
    with warehouse.connect(warehouse_path) as connection:
        return connection.execute("select count(*) from raw.person_key_check").fetchone()[0] > 0


def _touches(file: SurveyedFile, years: set[str]) -> bool:
    return bool(file.years & years) if years else not file.years


def _store_markers(connection: duckdb.DuckDBPyConnection, layouts: list[Layout]) -> None:
    rows = [(layout.layout, marker, reason) for layout in layouts for marker, reason in layout.markers.items()]
    connection.execute("delete from raw.layout_marker")
    connection.executemany("insert into raw.layout_marker values (?, ?, ?)", rows)


def _drop_origin(connection: duckdb.DuckDBPyConnection, origin: str) -> None:
    sources = [row[0] for row in connection.execute(
        "select distinct source_id from raw.source_file where origin = ?", [origin]).fetchall()]
    for source_id in sources:
        _drop_source(connection, source_id)


def _drop_source(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    _drop_content(connection, source_id)
    connection.execute("delete from raw.source_file where source_id = ?", [source_id])


def _drop_content(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    """Takes out all that a file holds, and leaves the row that says it was here."""
    entry.drop_content(connection, source_id)
    sheets = "(select sheet_id from raw.source_sheet where source_id = ?)"
    for table in _SHEET_TABLES:
        connection.execute(f"delete from raw.{table} where sheet_id in {sheets}", [source_id])
    for table in ("source_sheet", "release"):
        connection.execute(f"delete from raw.{table} where source_id = ?", [source_id])


def _store_file(connection: duckdb.DuckDBPyConnection, file: SurveyedFile, origin: str, now: dt.datetime) -> int:
    source_id, name = file.file.sha256, file.file.name
    known = dict(connection.execute("select file_name, status from raw.source_file where source_id = ?",
                                    [source_id]).fetchall())
    loaded_as = [other for other, status in known.items() if status == "loaded"]
    status, reason = file.status, file.reason
    if loaded_as and status == "loaded":
        status, reason = "duplicate", f"the same content as {loaded_as[0]}"
    if known.get(name) == "loaded" or known.get(name) == status == "duplicate":
        return 0
    # What was turned away before is asked again: its layout may be known by now.
    connection.execute("delete from raw.source_file where source_id = ? and file_name = ?", [source_id, name])
    if status == "loaded":
        _replace_registers(connection, file)
        _store_readings(connection, file, origin, now)
    cells, rows = (sum(getattr(reading, count) for reading in file.readings) if status == "loaded" else 0
                   for count in ("n_cells", "n_rows"))
    layout = ", ".join(sorted({reading.layout.layout for reading in file.readings})) or None
    connection.execute(
        "insert into raw.source_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false)",
        [source_id, name, source_id, file.file.size, file.file.encoding, layout, status, reason or None, origin, cells,
         rows, now])
    return cells


def _replace_registers(connection: duckdb.DuckDBPyConnection, file: SurveyedFile) -> None:
    if any(reading.layout.kind in ("register", "reference") for reading in file.readings):
        older = connection.execute(
            "select distinct source_id from raw.source_file inner join raw.source_sheet using (source_id) "
            "where source_file.file_name = ? and source_file.status = 'loaded' "
            "and source_sheet.kind in ('register', 'reference')",
            [file.file.name]).fetchall()
        for (source_id,) in older:
            _drop_source(connection, source_id)


def _store_readings(connection: duckdb.DuckDBPyConnection, file: SurveyedFile, origin: str, now: dt.datetime) -> None:
    source_id = file.file.sha256
    releases = {}
    for reading in file.readings:
        layout = reading.layout
        has_parts = "unit_cost" in layout.components.values() or any(line.unit_cost for line in layout.lines)
        connection.execute("insert into raw.source_sheet values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           [reading.sheet_id, source_id, reading.sheet, layout.layout, layout.kind, layout.collection,
                            layout.coverage, layout.precedence, layout.term_set or layout.collection, reading.status,
                            layout.title, has_parts, reading.sheet_year])
        for year in reading.financial_years:
            releases[release_id(reading, year)] = [
                source_id, layout.layout, layout.collection, year, reading.status, layout.coverage, layout.precedence,
                layout.title, reading.published_on, origin, now]
        if reading.counts is None:
            _store_sheet(connection, reading)
    for release, facts in releases.items():
        connection.execute("insert into raw.release values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [release, *facts])


def _store_sheet(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    cells = reading.cells
    _insert(connection, "cell", reading.sheet_id, {
        "row_number": cells.rows, "column_number": cells.columns, "printed_text": cells.texts})
    for table, number, labels in (("row_label", "row_number", reading.rows),
                                  ("column_label", "column_number", reading.columns)):
        _insert(connection, table, reading.sheet_id, {number: labels.positions, **labels.texts})
        axis = table.removesuffix("_label")
        if labels.places:
            connection.executemany("insert into raw.label_place values (?, ?, ?, ?)", [
                (reading.sheet_id, axis, dimension, place) for dimension, place in labels.places.items()])
    if reading.notes:
        connection.executemany("insert into raw.sheet_note values (?, ?, ?, ?, ?)",
                               [(reading.sheet_id, *note) for note in reading.notes])


def _insert(connection: duckdb.DuckDBPyConnection, table: str, sheet_id: str, columns: dict[str, list]) -> None:
    """Inserts columns of equal length into a raw table, beside the sheet they are of."""
    if not next(iter(columns.values())):
        return
    frame = pd.DataFrame({name: pd.Series(values, dtype="int32" if name.endswith("_number") else "object")
                          for name, values in columns.items()})
    frame.insert(0, "sheet_id", sheet_id)
    connection.register("rows_frame", frame)
    connection.execute(f"insert into raw.{table} by name select * from rows_frame")
    connection.unregister("rows_frame")
