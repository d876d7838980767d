"""The two gates as assets whose checks are the rules of ``expectations/``."""

import logging

import dagster as dg

from orchestration import gates, progress, publish
from orchestration.assets.failures import as_dagster_failure
from orchestration.assets.keys import GATE_A, GATE_B, owners_of
from orchestration.assets.metadata import check_results, gate_metadata, judged
from orchestration.assets.workspace import Workspace
from orchestration.rules import load_rules, load_suites
from orchestration.store.files import mark_accepted, purge_files, reject_files

log = logging.getLogger("carequartile")


def _check_specs(gate: str, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(rule.id, asset=key, description=f"{rule.good} Because: {rule.because}",
                          blocking=rule.severity == "critical", metadata={"severity": rule.severity})
        for rule in load_rules(gate)
    ]


def _frames(gate: str) -> list[dg.AssetKey]:
    """The tables that hold the frames of a gate."""
    return [dg.AssetKey(suite.model.split(".")) for suite in load_suites(gate) if suite.model]


@dg.asset(key=GATE_A, deps=_frames("a"),
          check_specs=_check_specs("a", GATE_A), group_name="gate_a", owners=owners_of("gate"),
          kinds={"greatexpectations"},
          description="Gate A: is each submission fit to use? A critical finding keeps the marts unbuilt.")
@as_dagster_failure
def gate_a(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    home = workspace.home
    progress.step("gate A")
    result = gates.run_gate("a", home.warehouse, context.run_id)
    log.info("gate A: %s", judged(result))
    reject_files(home.warehouse, result.stopped_releases())
    return dg.MaterializeResult(check_results=check_results(result, GATE_A), metadata=gate_metadata(result))


@dg.asset(key=GATE_B, deps=[dg.AssetKey(key) for key in publish.published_tables() if key not in publish.GATE_TABLES],
          check_specs=_check_specs("b", GATE_B), group_name="gate_b", owners=owners_of("gate"),
          kinds={"greatexpectations"},
          description="Gate B: is the result believable enough to publish? A critical finding publishes nothing.")
@as_dagster_failure
def gate_b(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    home = workspace.home
    progress.step("gate B")
    frames = {"mart": gates.mart_frame(home.warehouse, publish.last_figures(home)),
              "published_column": gates.identifier_frame(home.warehouse, publish.stored_tables())}
    result = gates.run_gate("b", home.warehouse, context.run_id, frames)
    log.info("gate B: %s", judged(result))
    if len(result.blocking):
        reject_files(home.warehouse, result.stopped_releases())
        if gates.PERSONAL_RULES & set(result.blocking["rule_id"]):
            purge_files(home.warehouse, gates.files_with_identifiers(home.warehouse))
    else:
        mark_accepted(home.warehouse)
    return dg.MaterializeResult(check_results=check_results(result, GATE_B), metadata=gate_metadata(result))
