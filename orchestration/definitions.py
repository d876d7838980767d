"""The Dagster graph in the order of the data: raw, conform, gate A, marts, gate B, published, pages.

This module only assembles. The assets are in ``assets``, what starts a run is in ``automation``.
"""

import dagster as dg

from orchestration.assets.freshness import CHECKS
from orchestration.assets.graph import ASSETS
from orchestration.assets.refusals import refused_files_job
from orchestration.assets.workspace import OpenHome, WorkspaceResource
from orchestration.automation import (
    daily_sensor,
    landing_sensor,
    lost_runs_sensor,
    monthly_snapshots,
    refresh_job,
    refresh_placements_job,
    refused_files_sensor,
    yearly_return,
)


def build_definitions(workspace: WorkspaceResource | OpenHome | None = None) -> dg.Definitions:
    """The whole graph. ``refresh`` passes the home that it already holds; otherwise each run opens the home itself."""
    return dg.Definitions(
        # The pages name the file and line that each step is written in.
        assets=dg.with_source_code_references(ASSETS),
        asset_checks=CHECKS,
        resources={"workspace": workspace or WorkspaceResource()},
        jobs=[refresh_job, refresh_placements_job, refused_files_job],
        schedules=[yearly_return, monthly_snapshots],
        sensors=[landing_sensor, refused_files_sensor, lost_runs_sensor, daily_sensor],
        # One process: a second would import everything again, and DuckDB lets only one write.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
