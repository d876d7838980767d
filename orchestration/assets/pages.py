"""The site of pages as an asset, behind publication: the calendar's refresh ends with the pages renewed."""

import logging

import dagster as dg

from orchestration import progress
from orchestration.assets.failures import as_dagster_failure
from orchestration.assets.keys import PAGES, RELEASE, owners_of
from orchestration.assets.workspace import Workspace

log = logging.getLogger("carequartile")


# They cost as much as all the rest of a run, so not after each landing: at night, for all that the day published.
NIGHTLY = (dg.AutomationCondition.any_deps_updated().since_last_handled()
           & dg.AutomationCondition.cron_tick_passed("0 3 * * *", "Europe/London")
           & ~dg.AutomationCondition.in_progress())


@dg.asset(key=PAGES, deps=[RELEASE], automation_condition=NIGHTLY, group_name="report", owners=owners_of("report"),
          kinds={"html"},
          description="The site in the home's folder reports: an index, a page for each council and England's page, "
                      "from the open copy alone. Where it fails, the release stays published.")
@as_dagster_failure
def pages(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    # Its libraries draw pictures: no other step needs them.
    from orchestration.report.site import NothingToShow, write_site

    progress.step("pages")
    try:
        site = write_site(workspace.home, workspace.home.reports)
    except NothingToShow as nothing:
        log.info("pages: none; %s", nothing)
        return dg.MaterializeResult(metadata={"councils with a page": 0, "why": str(nothing)})
    log.info("pages: %d councils", len(site.pages))
    return dg.MaterializeResult(metadata={
        "index": dg.MetadataValue.path(str(site.index)), "councils with a page": len(site.pages),
        "councils without a figure for one": len(site.without)})
