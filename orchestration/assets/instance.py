"""The Dagster instance of a command-line run, and what such a run leaves for Dagster's pages.

Dagster's own instances write every event as JSON into tables of SQL and read them back for every asset, a tenth of a
small refresh. No one watches a run of the command, so its events stay in memory as they are; where there is a
lasting instance (``$DAGSTER_HOME``), what the run made is recorded there at its end.
"""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import dagster as dg
from dagster._core.instance.types import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.event_log.base import EventLogConnection
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage

from orchestration.assets.keys import FINANCIAL_YEARS, MONTHS, PLACEMENTS, RETURNS
from orchestration.placements import entry
from orchestration.survey import Survey

log = logging.getLogger("carequartile")
FROM_THE_COMMAND = {"carequartile/started-by": "command-line"}


class EventsOfOneRun(InMemoryEventLogStorage):
    """The events of one run, in a list. It answers what a run asks of it; nothing was made before this run."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[dg.EventLogEntry] = []

    def store_event(self, event: dg.EventLogEntry) -> None:
        self._events.append(event)

    def get_records_for_run(self, run_id: str, cursor: str | None = None,
                            of_type: dg.DagsterEventType | set[dg.DagsterEventType] | None = None,
                            limit: int | None = None, ascending: bool = True) -> EventLogConnection:
        kinds = {of_type} if isinstance(of_type, dg.DagsterEventType) else of_type
        found = [dg.EventLogRecord(storage_id=place, event_log_entry=event)
                 for place, event in enumerate(self._events, 1)
                 if event.run_id == run_id and (not kinds or event.dagster_event_type in kinds)]
        return EventLogConnection(records=found if ascending else found[::-1], cursor="", has_more=False)

    def get_asset_records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> list[object]:
        return []

    @property
    def asset_records_have_last_observation(self) -> bool:
        return True


def instance_of_one_run() -> AbstractContextManager[dg.DagsterInstance]:
    """An instance that is gone when the run is over."""
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL, local_artifact_storage=TemporaryLocalArtifactStorage(),
        run_storage=InMemoryRunStorage(), event_storage=EventsOfOneRun(), compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(), run_launcher=SyncInMemoryRunLauncher())


def seconds_by_step(events: Iterable[dg.DagsterEvent]) -> dict[str, float]:
    """Each step of a run that made a table or file, and the seconds it took, in their order; steps that only check
    are left out.
    """
    events = list(events)
    made = {event.step_key for event in events if event.is_step_materialization}
    return {event.step_key.replace("__", " "): event.step_success_data.duration_ms / 1000 for event in events
            if event.is_step_success and event.step_key in made}


def record_in_lasting_instance(events: Iterable[dg.DagsterEvent], survey: Survey | None) -> None:
    """Records what a run made in the instance of ``$DAGSTER_HOME``, if there is one: its assets, its checks, and the
    partitions it loaded, so that the pages do not show them as missing.

    The release is published by then: where the instance cannot be reached, the run ends all the same, with a message.
    """
    if not os.environ.get("DAGSTER_HOME"):
        return
    try:
        with dg.DagsterInstance.get() as instance:
            partitions = _partitions(survey)
            for event in events:
                _record(event, partitions, instance.report_runless_asset_event)
    except Exception as error:  # noqa: BLE001 - the pages are behind; what was published is not
        log.info("Dagster: this run is not shown in its pages (%s)", next(iter(str(error).splitlines()), ""))


def _partitions(survey: Survey | None) -> dict[dg.AssetKey, list[str]]:
    years = survey.financial_years if survey else []
    months = {month for file in (survey.placements if survey else ()) for month in entry.months(file)}
    return {RETURNS: [year for year in years if FINANCIAL_YEARS.has_partition_key(year)],
            PLACEMENTS: [month for month in sorted(months) if MONTHS.has_partition_key(month)]}


def _record(event: dg.DagsterEvent, partitions: dict[dg.AssetKey, list[str]], report: Callable[[object], None]) -> None:
    if event.is_step_materialization:
        made = event.step_materialization_data.materialization
        if made.partition:
            return  # Reported below with what the run says of all of them.
        for partition in partitions.get(made.asset_key, [None]):
            report(dg.AssetMaterialization(made.asset_key, metadata=made.metadata, partition=partition,
                                           tags=FROM_THE_COMMAND))
    elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        report(event.asset_check_evaluation_data)
