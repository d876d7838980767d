"""dbt's models as assets, in two steps with gate A between them: conform, then marts.

All models of one ``@dbt_assets`` are one step, and a blocking check only stops later steps: if one step built all the
models, gate A could not stop the marts.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration import database, progress, transform
from orchestration.assets.failures import failures_of_events
from orchestration.assets.keys import GATE_A, PLACEMENTS, RETURNS, owners_of
from orchestration.assets.workspace import Workspace

log = logging.getLogger("carequartile")


# The asset that fills each source, if one asset fills all tables of the source; each register has a separate asset.
# Prices are estimated by the step that reads them, of what the files of placements hold.
FILLED_BY = {"gate": GATE_A, "placements": PLACEMENTS, "estimates": PLACEMENTS, "raw": RETURNS}


class Translator(DagsterDbtTranslator):
    """Layer is schema, key prefix and, but for facts, group; sources are the assets that fill them."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            filled_by = FILLED_BY.get(dbt_resource_props["source_name"])
            return filled_by or dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        # What is made of what gate A judged is a group by itself: else the collapsed graph has one box on both sides of
        # the gate.
        is_judged = dbt_resource_props["schema"] == "intermediate" and "marts" in dbt_resource_props["tags"]
        return "facts" if is_judged else dbt_resource_props["schema"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return owners_of(dbt_resource_props["schema"], "placements" in dbt_resource_props["fqn"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        file = transform.project_file(dbt_resource_props)
        written_in = dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=str(file), label=file.name)])
        return {**super().get_metadata(dbt_resource_props), "dagster/code_references": written_in}


TRANSLATOR = Translator(settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


def _report(context: dg.AssetExecutionContext, workspace: Workspace, layer: str,
            build: Callable[[transform.Told], list[transform.NodeResult]]) -> Iterator[Any]:
    """Runs dbt and reports each model as materialised, with its rows, and each of its tests as a check.

    That comes when all are ready; on the way Dagster's log and the command hear of each as it ends.
    """
    def told(name: str, done: int, of: int, what: str) -> None:
        progress.reached(done, of, what)
        if what == "tables":
            context.log.info("%s: %s is ready, %d of %d", layer, name, done, of)

    started = time.perf_counter()
    progress.step(layer)
    results = build(told)
    log.info("%s: %d tables and tests in %.1f s", layer, len(results), time.perf_counter() - started)
    nodes = transform.manifest_dict()["nodes"]
    rows = database.row_counts(workspace.home.warehouse)
    checks = {key.name: key for key in context.selected_asset_check_keys}
    for result in results:
        node = nodes[result.unique_id]
        if node["resource_type"] in ("model", "seed"):
            # Exact counts of people stay in the warehouse; other users than its owner may see Dagster's pages.
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
    yield from failures_of_events(_report(context, workspace, "conform", lambda told: workspace.conform(
        workspace.home, workspace.as_known_on, told)))


@dbt_assets(manifest=transform.manifest_dict(), select=transform.MARTS, name="marts",
            dagster_dbt_translator=TRANSLATOR)
def marts(context: dg.AssetExecutionContext, workspace: Workspace):
    yield from failures_of_events(_report(context, workspace, "marts", lambda told: workspace.marts(
        workspace.home, workspace.as_known_on, told)))
