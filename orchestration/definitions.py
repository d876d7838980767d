"""The Dagster graph, top to bottom the way of the data: raw, conform, gate A, marts, gate B, published.

Assets are thin: each calls the module of its step. All models of one ``@dbt_assets`` are one step, so the gate stands
between two of them; a blocking check on the gate's asset keeps the marts from being built at all.
"""

import datetime as dt
import functools
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from pydantic import Field

from orchestration import gates, lock, publish, raw, retention, transform, warehouse
from orchestration.faults import CarequartileError, UnusableInput
from orchestration.home import Home
from orchestration.placements import entry
from orchestration.placements.people import load_key
from orchestration.reading.headings import FIRST_YEAR, LAST_YEAR
from orchestration.rules import Rule, load_rules

# Nothing here can be done about which of Dagster's own parameters are in beta; it would be said at every start.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

log = logging.getLogger("carequartile")

FINANCIAL_YEARS = dg.StaticPartitionsDefinition(
    [f"{year}-{(year + 1) % 100:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1)])
# On a run that the sensor starts: the sha256 of the file it is for.
FILE_TAG = "carequartile/file"
RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
# Snapshots are of a day; the month is what a council files them by.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2005-01", fmt="%Y-%m", end_offset=1)
RETURNS = dg.AssetKey(["raw", "returns"])
PLACEMENTS = dg.AssetKey(["raw", "placements"])
REGISTERS = dg.AssetKey(["raw", "registers"])
GATE_A = dg.AssetKey(["gate", "submissions"])
GATE_B = dg.AssetKey(["gate", "release"])
OWNERS = ["team:data-engineering"]
# From a run's start until it holds the home: the time its process takes to import what it needs, and plenty more.
IMPORTED_AFTER_SECONDS = 120
# Another run may hold the home; runs started by the sensor wait for it rather than fail.
WAIT_FOR_HOME_SECONDS = 1800


class Workspace(dg.ConfigurableResource):
    """Where a run reads and writes. The home is held for the whole run, so two runs never write at once."""

    home: str = ""
    landing: list[str] = Field(default_factory=list)
    origin: str = raw.LANDED
    as_known_on: str = Field(default="", description="Leave out what was published after this day (2012-03-31).")

    is_rebuild: bool = Field(default=False, description="All that an earlier Carequartile had loaded is landed again.")

    @property
    def place(self) -> Home:
        return Home.resolve(Path(self.home) if self.home else None)

    def survey(self) -> raw.Survey:
        """What lies in the landing; in a home that never had a return landed, the embedded default."""
        if given := _given.get((tuple(self.landing), self.origin)):
            return given
        paths, origin = [Path(path) for path in self.landing], self.origin
        if not paths:
            paths = [folder for folder in [self.place.landing] if folder.is_dir()]
            if not _state(paths) and not raw.has_landed(self.place.warehouse):
                paths, origin = raw.embedded_paths(), raw.EMBEDDED
        return survey_once(tuple(paths), origin, _state(paths))

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workspace"]:
        with lock.hold(self.place, WAIT_FOR_HOME_SECONDS):
            warehouse.prepare(self.place.warehouse, self.is_rebuild)
            retention.expire(self.place.warehouse)
            # Held open for the run: each closing of the last connection would write a checkpoint, two dozen in all.
            with warehouse.connect(self.place.warehouse):
                yield self


# Surveys a caller has already read, by what they were read from.
_given: dict[tuple[tuple[str, ...], str], raw.Survey] = {}


def use_survey(workspace: Workspace, survey: raw.Survey) -> None:
    """Lets a run of this process use a survey that is already read: `refresh` must read it before it may start."""
    _given[(tuple(workspace.landing), workspace.origin)] = survey


State = tuple[tuple[str, str], ...]


@functools.lru_cache(maxsize=4)
def survey_once(paths: tuple[Path, ...], origin: str, state: State, unsettled: frozenset[Path] = frozenset()
                ) -> raw.Survey:
    """The survey of these paths, read once per state of their files: several assets of a run ask for it."""
    return raw.survey(list(paths), origin, unsettled)


def _state(paths: list[Path]) -> State:
    """Path, and sizes and times as a text, of each file: whether anything moved."""
    files = sorted(file for path in paths if path.exists() for file in ([path] if path.is_file() else path.rglob("*")))
    return tuple((str(file), _size_and_times(file)) for file in files if file.is_file())


def _size_and_times(file: Path) -> str:
    """The time of change is in it too: a copy that keeps the older file's time and size is another file."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return "gone"
    return f"{status.st_size}:{status.st_ctime_ns}:{status.st_mtime_ns}"


def say_failures_plainly(step: Callable[..., Any]) -> Callable[..., Any]:
    """Turns our own errors into Dagster failures that show the message alone; anything else keeps its traceback."""

    @functools.wraps(step)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return step(*args, **kwargs)
        except CarequartileError as error:
            faults = [str(fault) for fault in getattr(error, "faults", [])]
            raise dg.Failure("\n".join([str(error), *faults]), allow_retries=False) from None

    return wrapped


# --- raw --------------------------------------------------------------------------------------------------------------


@dg.asset(key=RETURNS, partitions_def=FINANCIAL_YEARS, backfill_policy=dg.BackfillPolicy.single_run(),
          group_name="raw", owners=OWNERS, kinds={"duckdb", "csv"},
          description="Published returns as printed, cell by cell with their labels; one partition per financial year.")
@say_failures_plainly
def raw_returns(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    survey, asked = workspace.survey(), set(context.partition_keys)
    file = context.run.tags.get(FILE_TAG)
    survey.concerning(asked, file).require_faultless()
    if file:
        # A file that a gate stopped may still lie there; it stops its own run, not that of the one that mends it.
        survey = survey.leaving_out(raw.stopped(workspace.place.warehouse) - {file})
    stored = raw.load(survey, workspace.place.warehouse, asked)
    log.info("raw: %s", ", ".join(f"{name} ({cells:,} cells)" for name, cells in stored.items()) or "nothing new")
    if not raw.loaded_years(workspace.place.warehouse) and not raw.has_landed(workspace.place.warehouse):
        raise UnusableInput("No return is stored in this home yet, and none of the years asked for lies in landing. "
                            f"Next: land one, or take a year that is there ({', '.join(survey.financial_years)}).")
    years = [year for year in survey.financial_years if year in asked]
    return dg.MaterializeResult(metadata={
        "financial years": ", ".join(years) or "none in landing", "cells stored": sum(stored.values()),
        **_files_metadata(survey.files)})


def _files_metadata(files: list[raw.SurveyedFile]) -> dict[str, Any]:
    """What a landing holds, file by file: its content's hash, how much of it is read, why it is not."""
    records = [dg.TableRecord({
        "file": file.file.name, "sha256": file.file.sha256, "status": file.status,
        "financial years": ", ".join(sorted(file.years)), "rows": sum(reading.n_rows for reading in file.readings),
        "cells": sum(reading.n_cells for reading in file.readings), "reason": file.reason}) for file in files]
    return {"files": len(files), "files rejected": sum(file.status != "loaded" for file in files),
            "rows": sum(record.data["rows"] for record in records),
            **({"file by file": dg.MetadataValue.table(records)} if records else {})}


@dg.asset(key=REGISTERS, group_name="raw", owners=OWNERS, kinds={"duckdb", "csv"},
          description="Registers the user keeps: rulings and peer sets. The newest file replaces the one before.")
@say_failures_plainly
def raw_registers(workspace: Workspace) -> dg.MaterializeResult:
    survey = workspace.survey()
    stored = raw.load(survey, workspace.place.warehouse, set())
    if stored:
        log.info("raw: %s", ", ".join(stored))
    registers = [file for file in survey.files if not file.years and not file.placement]
    return dg.MaterializeResult(metadata={"files stored": len(stored), **_files_metadata(registers)})


@dg.asset(key=PLACEMENTS, partitions_def=MONTHS, backfill_policy=dg.BackfillPolicy.single_run(), group_name="raw",
          owners=OWNERS, kinds={"duckdb", "csv"},
          description="Snapshots of local placement records: persons hashed, fields of the contract alone; one "
                      "partition per month. Restricted.")
@say_failures_plainly
def raw_placements(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    place, survey = workspace.place, workspace.survey()
    if file := context.run.tags.get(FILE_TAG):
        survey = survey.concerning(set(), file)
        survey.require_faultless()
    survey = survey.leaving_out(raw.expired(place.warehouse, retention.cutoff()))
    months = set(context.partition_keys) if context.has_partition_key or context.has_partition_key_range else None
    stored = {}
    if survey.placements:
        key = load_key(place, is_in_use=raw.has_snapshots(place.warehouse))
        stored = raw.load_placements(survey, place.warehouse, key, months)
    log.info("raw: %s", ", ".join(f"{name} ({rows:,} placements)" for name, rows in stored.items()) or "nothing new")
    return dg.MaterializeResult(metadata={
        "files stored": len(stored), "months": ", ".join(sorted(months)) if months else "all in landing",
        **_snapshots_metadata(place.warehouse, [file for file in survey.files if file.placement])})


def _snapshots_metadata(warehouse_path: Path, files: list[raw.SurveyedFile]) -> dict[str, Any]:
    """Which snapshots a landing holds and how many are stored. Rows are not counted: whoever sees these pages need not
    be who may open the warehouse.
    """
    records = [dg.TableRecord({"file": file.file.name, "sha256": file.file.sha256, "status": file.status,
                               "read by": file.placement.mapping.snapshot_mapping, "reason": file.reason})
               for file in files]
    return {"files": len(files), "files rejected": sum(file.status != "loaded" for file in files),
            "snapshots in the warehouse": raw.count_snapshots(warehouse_path),
            **({"file by file": dg.MetadataValue.table(records)} if records else {})}


# --- dbt --------------------------------------------------------------------------------------------------------------


# Raw tables that the asset of placements fills; returns fill the others.
PLACEMENT_TABLES = ("snapshot", "snapshot_column", "placement")


class Translator(DagsterDbtTranslator):
    """Layer is schema, key prefix and group; sources are the assets that fill them."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            if dbt_resource_props["source_name"] == "gate":
                return GATE_A
            return PLACEMENTS if dbt_resource_props["name"] in PLACEMENT_TABLES else RETURNS
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """Registers lie in the same raw tables as returns; models that read them wait for the asset that lands them."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        is_register = "register" in manifest["nodes"].get(unique_id, {}).get("fqn", ())
        return spec.replace_attributes(deps=[REGISTERS]) if is_register else spec

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


TRANSLATOR = Translator(settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


def _report(context: dg.AssetExecutionContext, workspace: Workspace, layer: str,
            build: Callable[[], list[transform.NodeResult]]) -> Iterator[Any]:
    """Runs dbt and reports each model as materialised, with its rows, and each of its tests as a check."""
    started = time.perf_counter()
    results = build()
    log.info("%s: %d tables and tests in %.1f s", layer, len(results), time.perf_counter() - started)
    nodes = transform.manifest_dict()["nodes"]
    rows = warehouse.row_counts(workspace.place.warehouse)
    checks = {key.name: key for key in context.selected_asset_check_keys}
    for result in results:
        node = nodes[result.unique_id]
        if node["resource_type"] in ("model", "seed"):
            # Exact counts of people are the warehouse's alone; these pages may be seen by more than its owner.
            is_restricted = "placements" in node["fqn"]
            counted = None if is_restricted else rows.get((node["schema"], node["name"]))
            yield dg.MaterializeResult(asset_key=TRANSLATOR.get_asset_key(node),
                                       metadata={} if counted is None else {"dagster/row_count": counted})
        elif key := checks.get(node["name"]):
            yield dg.AssetCheckResult(asset_key=key.asset_key, check_name=key.name, passed=result.status == "pass",
                                      metadata={"failures": result.failures or 0})


@dbt_assets(manifest=transform.manifest_dict(), select=transform.CONFORM, name="conform",
            dagster_dbt_translator=TRANSLATOR)
def conform(context: dg.AssetExecutionContext, workspace: Workspace):
    yield from _plainly(_report(context, workspace, "conform", lambda: transform.conform(
        workspace.place, workspace.as_known_on)))


@dbt_assets(manifest=transform.manifest_dict(), select=transform.MARTS, name="marts",
            dagster_dbt_translator=TRANSLATOR)
def marts(context: dg.AssetExecutionContext, workspace: Workspace):
    yield from _plainly(_report(context, workspace, "marts", lambda: transform.run_dbt(
        workspace.place, transform.MARTS.split(), as_known_on=workspace.as_known_on)))


def _plainly(events: Iterator[Any]) -> Iterator[Any]:
    """As say_failures_plainly, for what only runs when it is drawn from."""
    try:
        yield from events
    except CarequartileError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


# --- gates ------------------------------------------------------------------------------------------------------------


def _check_specs(gate: str, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(rule.id, asset=key, description=f"{rule.good} Because: {rule.because}",
                          blocking=rule.severity == "critical", metadata={"severity": rule.severity})
        for rule in load_rules(gate)
    ]


# What a person needs of a finding to act on it; the rest of it is in quality.rule_result.
FINDING = ("file_name", "row_number", "column_number", "council_code", "financial_year", "figure_id", "observed", "low",
           "high", "message")
MOST_FINDINGS = 50


def _check_results(result: gates.GateResult, key: dg.AssetKey) -> list[dg.AssetCheckResult]:
    return [_check_result(rule, result, key) for rule in result.rules]


def _check_result(rule: Rule, result: gates.GateResult, key: dg.AssetKey) -> dg.AssetCheckResult:
    failing = result.failures(rule.id)
    shown = failing.head(MOST_FINDINGS)[list(FINDING)].astype(object)
    records = [dg.TableRecord({name: _plain(value) for name, value in row.items()})
               for row in shown.to_dict("records")]
    return dg.AssetCheckResult(
        asset_key=key, check_name=rule.id, passed=failing.empty,
        severity=dg.AssetCheckSeverity.ERROR if rule.severity == "critical" else dg.AssetCheckSeverity.WARN,
        metadata={"findings": len(failing), "judged": int(result.rows.loc[result.rows["rule_id"] == rule.id,
                                                                          "n_checked"].sum()),
                  **({"failing cells": dg.MetadataValue.table(records)} if records else {})})


def _plain(value: object) -> str | int | float | None:
    """A cell of a frame as Dagster's tables take it: decimals as printed, what is missing as nothing."""
    if value is None or value != value:
        return None
    return value if isinstance(value, str | int | float) else str(value)


def _judged(result: gates.GateResult) -> str:
    failed = result.rows[result.rows["status"] == "fail"]
    counts = failed.groupby("severity").size()
    words = (("critical", "blocking"), ("warning", "quarantined"), ("info", "noted"))
    listed = ", ".join(f"{counts.get(severity, 0):,} {word}" for severity, word in words)
    return f"{listed} findings of {len(result.rules)} rules"


@dg.asset(key=GATE_A, deps=[dg.AssetKey(["intermediate", f"int_check_{frame}"]) for frame in
                            gates.CHECKED_BY_GATE_A],
          check_specs=_check_specs("a", GATE_A), group_name="gate", owners=OWNERS, kinds={"greatexpectations"},
          description="Gate A: is each submission fit to use? A critical finding keeps the marts unbuilt.")
@say_failures_plainly
def gate_a(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    place = workspace.place
    result = gates.run_gate("a", place.warehouse, context.run_id)
    log.info("gate A: %s", _judged(result))
    raw.set_aside(place.warehouse, result.stopped_releases())
    return dg.MaterializeResult(check_results=_check_results(result, GATE_A))


@dg.asset(key=GATE_B, deps=[dg.AssetKey(key) for key in publish.published_tables() if key not in publish.GATE_TABLES],
          check_specs=_check_specs("b", GATE_B), group_name="gate", owners=OWNERS, kinds={"greatexpectations"},
          description="Gate B: is the result believable enough to publish? A critical finding publishes nothing.")
@say_failures_plainly
def gate_b(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    place = workspace.place
    frames = {"mart": gates.mart_frame(place.warehouse, publish.last_figures(place)),
              "published_column": gates.identifier_frame(place.warehouse, publish.published_tables())}
    result = gates.run_gate("b", place.warehouse, context.run_id, frames)
    log.info("gate B: %s", _judged(result))
    if len(result.blocking):
        raw.set_aside(place.warehouse, result.stopped_releases())
        if "no_identifier" in set(result.blocking["rule_id"]):
            raw.forget(place.warehouse, gates.files_with_identifiers(place.warehouse))
    else:
        raw.accept(place.warehouse)
    return dg.MaterializeResult(check_results=_check_results(result, GATE_B))


# --- published --------------------------------------------------------------------------------------------------------


@dg.asset(key=["published", "release"], deps=[GATE_B], group_name="published", owners=OWNERS,
          kinds={"duckdb", "parquet"},
          description="The published copy: built aside, flushed, switched in by one rename. Tables only, no person.")
@say_failures_plainly
def published(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    manifest = publish.publish(workspace.place, f"{stamp}-{context.run_id[:8]}", workspace.as_known_on)
    log.info("published: %d tables, %s rows", len(manifest["tables"]), f"{sum(manifest['tables'].values()):,}")
    return dg.MaterializeResult(metadata={
        "release": manifest["run_id"], "sha256": manifest["sha256"]["carequartile.duckdb"],
        "dagster/row_count": sum(manifest["tables"].values()),
        "figures quarantined": sum(release["n_quarantine"] for release in manifest["releases"]),
        "financial years": ", ".join(sorted({release["financial_year"] for release in manifest["releases"]})),
        "tables": dg.MetadataValue.json(manifest["tables"])})


# --- what starts a run ------------------------------------------------------------------------------------------------

# A job has partitions of one kind: returns are by year and snapshots by month.
refresh_job = dg.define_asset_job(
    "refresh", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(PLACEMENTS), partitions_def=FINANCIAL_YEARS,
    description="The whole way, from the landing folder to the published copy, for the years of a partition.")
refresh_placements_job = dg.define_asset_job(
    "refresh_placements", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(RETURNS), partitions_def=MONTHS,
    description="The whole way of local placement snapshots, for the months of a partition.")


@dg.sensor(jobs=[refresh_job, refresh_placements_job], minimum_interval_seconds=15,
           default_status=dg.DefaultSensorStatus.RUNNING,
           description="Starts a refresh of the years (or months) a newly landed file belongs to, once per content.")
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    folder = Home.resolve().landing
    if not folder.is_dir() or not any(folder.iterdir()):
        return dg.SkipReason(f"Nothing lies in {folder.name}.")
    # A file whose size or times moved since the last look may still be being written: it waits for the next one. Two
    # looks are compared, never the file's time with this machine's, so that a clock set wrong keeps no file waiting.
    state, before = _state([folder]), dict(json.loads(context.cursor or "{}"))
    unsettled = frozenset(Path(path) for path, now in state if before.get(path) != now)
    context.update_cursor(json.dumps(dict(state)))
    try:
        survey = survey_once((folder,), raw.LANDED, state, unsettled)
    except CarequartileError as error:
        return dg.SkipReason(str(error))
    requests = [request for file in survey.files if not file.duplicate_of for request in _requests(file)]
    if requests:
        return dg.SensorResult(run_requests=requests)
    waiting = [f"{path.name} may still be being written." for path in sorted(unsettled)[:10]]
    passed = [f"{file.file.name}: {file.reason}" for file in survey.files[:10]]
    return dg.SkipReason("\n".join(waiting + passed) or f"No CSV, XLS, XLSX or Parquet file lies in {folder.name}.")


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING,
           description="Ends, as failed, a run whose process is gone (killed, or the machine was restarted); otherwise "
                       "it would count as running and every later one would wait for it.")
def lost_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    place = Home.resolve()
    if lock.holder(place) is not None:
        return dg.SkipReason("A run holds the home.")
    started = context.instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    # Until it has imported what it needs, a run that goes well does not hold the home either.
    lost = [record.dagster_run for record in started if record.start_time < time.time() - IMPORTED_AFTER_SECONDS]
    for run in lost:
        context.instance.report_run_failed(run, "The process of this run is gone; it published nothing by halves. "
                                                "Next: nothing, it is tried again; or launch it again here.")
    return dg.SkipReason(f"Runs whose process is gone: {', '.join(run.run_id for run in lost) or 'none'}.")


def _requests(file: raw.SurveyedFile) -> list[dg.RunRequest]:
    """A run per financial year of a return or month of a snapshot. The key holds the content, so the same file never
    starts a second one.
    """
    if file.placement and not file.faults:
        # A day to come, or none that can be read, has no partition; the run of the last one says what is wrong.
        months = [month for month in sorted(entry.months(file.placement)) if MONTHS.has_partition_key(month)]
        return [_request(refresh_placements_job, file, month) for month in months or [MONTHS.get_last_partition_key()]]
    years = sorted(file.years)
    if not years and not file.readings and not file.faults:
        return []
    # A register or a file with faults has no year of its own; the run that takes it, or says why not, needs one.
    return [_request(refresh_job, file, year) for year in years or [FINANCIAL_YEARS.get_first_partition_key()]]


def _request(job: Any, file: raw.SurveyedFile, partition: str) -> dg.RunRequest:
    return dg.RunRequest(run_key=f"{file.source_id}:{partition}", partition_key=partition, job_name=job.name,
                         tags={FILE_TAG: file.source_id})


@dg.schedule(job=refresh_job, cron_schedule="0 6 1 11 *", execution_timezone="Europe/London",
             default_status=dg.DefaultScheduleStatus.RUNNING,
             description="Every 1 November, when the return is published: refresh the year that ended in March.")
def yearly_return(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    ended = context.scheduled_execution_time.year - 1
    year = f"{ended}-{(ended + 1) % 100:02d}"
    return dg.RunRequest(run_key=year, partition_key=year)


@dg.schedule(job=refresh_placements_job, cron_schedule="0 6 5 * *", execution_timezone="Europe/London",
             default_status=dg.DefaultScheduleStatus.RUNNING,
             description="Every 5th, when councils have filed: refresh the snapshots of the month that ended, and drop "
                         "rows about people whose time is over.")
def monthly_snapshots(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    month = f"{context.scheduled_execution_time.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    return dg.RunRequest(run_key=month, partition_key=month)


def build_definitions(workspace: Workspace | None = None) -> dg.Definitions:
    """The whole graph; tests and ``refresh`` swap the workspace without patching anything."""
    return dg.Definitions(
        assets=[raw_returns, raw_registers, raw_placements, conform, gate_a, marts, gate_b, published],
        resources={"workspace": workspace or Workspace()},
        jobs=[refresh_job, refresh_placements_job],
        schedules=[yearly_return, monthly_snapshots],
        sensors=[landing_sensor, lost_runs_sensor],
        # One process: another would import everything again, and DuckDB lets only one write.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
