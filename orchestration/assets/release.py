"""The published copy as an asset, behind gate B."""

import datetime as dt
import logging

import dagster as dg

from orchestration import progress, publish
from orchestration.assets.failures import as_dagster_failure
from orchestration.assets.keys import GATE_B, RELEASE, owners_of
from orchestration.assets.workspace import Workspace

log = logging.getLogger("carequartile")


@dg.asset(key=RELEASE, deps=[GATE_B], group_name="published", owners=owners_of("published"),
          kinds={"duckdb", "parquet"},
          description="The published copy: built apart, flushed, switched in by one rename. No row about a person.")
@as_dagster_failure
def published(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    progress.step("publication")
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    survey = workspace.survey()
    manifest = publish.publish(workspace.home, f"{stamp}-{context.run_id[:8]}", workspace.as_known_on,
                               survey.left_out if survey else frozenset())
    log.info("published: %d tables, %s rows", len(manifest["tables"]), f"{sum(manifest['tables'].values()):,}")
    return dg.MaterializeResult(metadata={
        "release": manifest["run_id"], "sha256": manifest["sha256"]["carequartile.duckdb"],
        "dagster/row_count": sum(manifest["tables"].values()),
        "figures quarantined": sum(release["n_quarantine"] for release in manifest["releases"]),
        "financial years": ", ".join(sorted({release["financial_year"] for release in manifest["releases"]})),
        "tables": dg.MetadataValue.json(manifest["tables"])})
