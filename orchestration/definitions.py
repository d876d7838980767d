"""The Dagster graph in the order of the data: raw, conform, gate A, marts, gate B, published, pages.

This module only assembles. The assets are in ``assets``, what starts a run is in ``automation``.
"""

import dagster as dg

from orchestration.assets.gates import gate_a, gate_b
from orchestration.assets.models import conform, marts
from orchestration.assets.pages import pages
from orchestration.assets.raw import raw_placements, raw_registers, raw_returns
from orchestration.assets.release import published
from orchestration.assets.workspace import OpenHome, WorkspaceResource
from orchestration.automation import (
    landing_sensor,
    lost_runs_sensor,
    monthly_snapshots,
    refresh_job,
    refresh_placements_job,
    yearly_return,
)


def build_definitions(workspace: WorkspaceResource | OpenHome | None = None) -> dg.Definitions:
    """The whole graph. ``refresh`` passes the home that it already holds; otherwise each run opens the home itself."""
    return dg.Definitions(
        assets=[raw_returns, raw_registers, raw_placements, conform, gate_a, marts, gate_b, published, pages],
        resources={"workspace": workspace or WorkspaceResource()},
        jobs=[refresh_job, refresh_placements_job],
        schedules=[yearly_return, monthly_snapshots],
        sensors=[landing_sensor, lost_runs_sensor],
        # One process: a second would import everything again, and DuckDB lets only one write.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
