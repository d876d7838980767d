"""Whether what should be here by today is: the return that November brings, and each council's monthly snapshot.

Dagster's own checks of freshness ask when an asset was last made. A run of the calendar makes the year that is due
whether or not anyone has landed it, so these ask what is stored.
"""

import datetime as dt

import dagster as dg

from orchestration.assets.keys import PLACEMENTS, RETURNS
from orchestration.assets.workspace import Workspace
from orchestration.reference import load_councils
from orchestration.store import newest

# Once a day, also where no run was started for weeks: that is when something is missing.
DAILY = dg.AutomationCondition.cron_tick_passed("0 7 * * *", "Europe/London") & ~dg.AutomationCondition.in_progress()


@dg.asset_check(asset=RETURNS, automation_condition=DAILY,
                description="The return of the year that ended in March is here by 30 November.")
def return_is_here_when_due(workspace: Workspace) -> dg.AssetCheckResult:
    due, found = newest.year_due(dt.date.today()), newest.newest_landed_year(workspace.home.warehouse)
    words = "" if not found or found >= due else (
        f"The newest return that is stored is of {found}; that of {due} should be here by 30 November. Next: land it.")
    return _result(not words, {"newest financial year": found or "none is landed", "due": due, "what": words})


@dg.asset_check(asset=PLACEMENTS, automation_condition=DAILY,
                description="Every council that files monthly snapshots has filed the month that ended by the 10th.")
def snapshots_are_here_when_due(workspace: Workspace) -> dg.AssetCheckResult:
    today, names = dt.date.today(), load_councils().names
    days = newest.days_by_council(workspace.home.warehouse)
    late = newest.late(days, today)
    words = "; ".join(f"{names[council]} ({council}): the newest is of {day}" for council, day in sorted(late.items()))
    return _result(not late, {"councils with snapshots": len(days), "due": newest.month_due(today), "what": words})


def _result(passed: bool, metadata: dict[str, object]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=passed, severity=dg.AssetCheckSeverity.WARN,
                               metadata={name: value for name, value in metadata.items() if value != ""})


CHECKS = (return_is_here_when_due, snapshots_are_here_when_due)
