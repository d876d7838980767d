"""Raw assets: what is landed, stored as printed."""

import logging
from collections.abc import Iterator
from functools import partial

import dagster as dg

from orchestration import progress
from orchestration.assets.failures import as_dagster_failure, failures_of_events
from orchestration.assets.keys import (
    FILE_TAG,
    FINANCIAL_YEARS,
    MONTHS,
    PLACEMENTS,
    RETURNS,
    WHAT_TAG,
    asked_partitions,
    owners_of,
)
from orchestration.assets.metadata import files_metadata, snapshots_metadata
from orchestration.assets.workspace import Workspace
from orchestration.faults import CarequartileError, UnusableInput
from orchestration.intake.layouts import Layout
from orchestration.placements import entry
from orchestration.placements.pseudonyms import load_key
from orchestration.placements.recognise import PlacementFile
from orchestration.store import retention
from orchestration.store.files import (
    expired_files,
    has_landed,
    has_snapshots,
    loaded_years,
    stopped_files,
    superseded_files,
)
from orchestration.store.registers import register_layouts
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import Survey, SurveyedFile

log = logging.getLogger("carequartile")


@dg.asset(key=RETURNS, partitions_def=FINANCIAL_YEARS, backfill_policy=dg.BackfillPolicy.single_run(),
          group_name="raw", owners=owners_of("raw"), kinds={"duckdb", "csv"},
          description="Published returns as printed, cell by cell with their labels; one partition per financial year.")
@as_dagster_failure
def raw_returns(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    progress.step("raw")
    survey = workspace.survey()
    partitions = asked_partitions(context)
    asked = partitions or set(survey.financial_years)
    if partitions is None and WHAT_TAG in context.run.tags:
        # A file that a gate stopped may still be in the folder; it must not stop the run of its corrected version. Nor
        # may one with faults: another run notes it (``refusals``).
        survey = survey.without({*stopped_files(workspace.home.warehouse),
                                 *(file.source_id for file in survey.refused)})
    survey.limited_to(asked).require_faultless()
    stored = load_returns(survey, workspace.home.warehouse, asked)
    log.info("raw: %s", ", ".join(f"{name} ({cells:,} cells)" for name, cells in stored.items()) or "nothing new")
    if not loaded_years(workspace.home.warehouse) and not has_landed(workspace.home.warehouse):
        landed = ", ".join(survey.financial_years)
        raise UnusableInput("No return is stored in this home yet, and none of the years asked for is in landing. "
                            f"Next: land a return{f', or ask for a year that is landed ({landed})' * bool(landed)}.")
    years = [year for year in survey.financial_years if year in asked]
    if partitions is None:
        _report_partitions(context, RETURNS, years, FINANCIAL_YEARS)
    return dg.MaterializeResult(metadata={
        "financial years": ", ".join(years) or "none in landing", "cells stored": sum(stored.values()),
        **files_metadata([file for file in survey.files if not file.is_about_people])})


def _report_partitions(context: dg.AssetExecutionContext, key: dg.AssetKey, names: list[str],
                       known: dg.PartitionsDefinition) -> None:
    """Reports the partitions of a run that has none of its own: else the pages would show them as missing."""
    for name in names:
        if known.has_partition_key(name):
            context.log_event(dg.AssetMaterialization(key, partition=name))


def _register_key(layout: Layout) -> dg.AssetKey:
    return dg.AssetKey(["raw", layout.layout])


def _register_spec(layout: Layout) -> dg.AssetSpec:
    what = "A register the user keeps" if layout.kind == "register" else "A reference table"
    return dg.AssetSpec(
        _register_key(layout), group_name="raw", owners=owners_of("raw"), kinds={"duckdb", "csv"},
        description=f"{what}: {layout.title}, as printed. The newest file of a name replaces the one before.")


@dg.multi_asset(name="raw_registers", specs=[_register_spec(layout) for layout in register_layouts()], can_subset=True)
def raw_registers(context: dg.AssetExecutionContext, workspace: Workspace):
    asked = [layout for layout in register_layouts() if _register_key(layout) in context.selected_asset_keys]
    yield from failures_of_events(_load_registers(asked, workspace))


def _load_registers(asked: list[Layout], workspace: Workspace) -> Iterator[dg.MaterializeResult]:
    """Stores the registers asked for in one pass: a file is stored once, even if it is for several assets."""
    survey = workspace.survey()
    not_asked = {layout.layout for layout in register_layouts() if layout not in asked}
    others = {file.source_id for file in survey.files if file.readings and _layouts(file) <= not_asked}
    stored = load_returns(survey.without(others), workspace.home.warehouse, set())
    if stored:
        log.info("raw: %s", ", ".join(stored))
    for layout in asked:
        yield _register_result(layout, survey.files, stored)


def _layouts(file: SurveyedFile) -> set[str]:
    return {reading.layout.layout for reading in file.readings}


def _register_result(layout: Layout, files: list[SurveyedFile], stored: dict[str, int]) -> dg.MaterializeResult:
    own = [file for file in files if layout.layout in _layouts(file)]
    return dg.MaterializeResult(
        asset_key=_register_key(layout),
        metadata={"files stored": sum(file.file.name in stored for file in own), **files_metadata(own)})


def _leave_out(survey: Survey, placement: PlacementFile, error: CarequartileError) -> None:
    """Why the file is not loaded, for what the pages show of the landing."""
    log.warning("%s is left out: %s", placement.name, error)
    for file in survey.files:
        if file.placement is placement:
            file.file.faults += entry.faults_of(placement, error)


@dg.asset(key=PLACEMENTS, partitions_def=MONTHS, backfill_policy=dg.BackfillPolicy.single_run(), group_name="raw",
          owners=owners_of("placements"), kinds={"duckdb", "csv"},
          description="Snapshots of local placement records: persons hashed, fields of the contract alone; one "
                      "partition per month. Restricted.")
@as_dagster_failure
def raw_placements(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    progress.step("raw")
    home, survey = workspace.home, workspace.survey()
    leave_out = {}
    if file := context.run.tags.get(FILE_TAG):
        survey = survey.limited_to(set(), file)
        survey.require_faultless()
    elif WHAT_TAG in context.run.tags:
        survey = survey.without(set(stopped_files(home.warehouse)))
        # As with returns: another run notes it. Here it is only kept from stopping the others.
        leave_out = {"refused": partial(_leave_out, survey)}
    survey = survey.without(expired_files(home.warehouse, retention.cutoff())).without_superseded(
        superseded_files(home.warehouse))
    months = asked_partitions(context)
    stored = {}
    if survey.placements:
        key = load_key(home, is_in_use=has_snapshots(home.warehouse))
        stored = load_placements(survey, home.warehouse, key, months, **leave_out)
    log.info("raw: %s", ", ".join(f"{name} ({rows:,} placements)" for name, rows in stored.items()) or "nothing new")
    if months is None:
        named = {month for file in survey.placements for month in entry.months(file)}
        _report_partitions(context, PLACEMENTS, sorted(named), MONTHS)
    return dg.MaterializeResult(metadata={
        "files stored": len(stored), "months": ", ".join(sorted(months)) if months else "all in landing",
        **snapshots_metadata(home.warehouse, [file for file in survey.files if file.placement])})
