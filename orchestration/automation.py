"""What starts a run by itself: the landing folder's sensor, the calendar's schedules, and the watch for lost runs."""

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

import dagster as dg

from orchestration import database
from orchestration.assets.due import Due, due, key_of
from orchestration.assets.graph import ASSETS
from orchestration.assets.keys import FILE_TAG, FINANCIAL_YEARS, MONTHS, PAGES, PLACEMENTS, RETURNS, WHAT_TAG
from orchestration.assets.refusals import read_new_rows, refused_files_job
from orchestration.assets.workspace import state_of, survey_once
from orchestration.faults import CarequartileError
from orchestration.home import Home
from orchestration.intake.open import KINDS
from orchestration.store import lock, room, warehouse
from orchestration.store.files import states_of_files
from orchestration.survey import LANDED, MOST_NAMED, SurveyedFile

# Dagster's own tags: the sensor that started a run, and whether a run that failed is tried again.
SENSOR_TAG = "dagster/sensor_name"
WILL_RETRY_TAG = "dagster/will_retry"
# A slow share of files is better looked at less often.
LOOK_EVERY_SECONDS = int(os.environ.get("CAREQUARTILE_LOOK_EVERY_SECONDS") or 15)
# A run holds the home once its process has imported what it needs; this allows several times as long.
IMPORTED_AFTER_SECONDS = 120
# One that had begun before this process is older than the import of the same things here.
BEGAN_BEFORE_SECONDS = 20
LOADED_AT = time.time()

# A job with partitions has them of one kind: returns are by year and snapshots by month.
refresh_job = dg.define_asset_job(
    "refresh", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(PLACEMENTS), partitions_def=FINANCIAL_YEARS,
    description="Everything from the landing folder to the published copy and its pages, for the years of a partition.")
refresh_placements_job = dg.define_asset_job(
    "refresh_placements", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(RETURNS), partitions_def=MONTHS,
    description="Everything from landed placement snapshots to the published copy and its pages, for the months of a "
                "partition.")
# What a landing starts. The pages cost as much as all the rest: the calendar's runs write them, and
# `carequartile report --all`.
LANDING = dg.AssetSelection.all() - dg.AssetSelection.assets(PAGES)


@dataclass
class _Memory:
    """What the sensor remembers from look to look: each file's size and times, and the runs started by source id."""

    state: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        kept = json.loads(cursor or "{}")
        return cls(**kept) if set(kept) == {"state", "tried"} else cls(state=kept)  # As an earlier version wrote it.

    def written(self) -> str:
        return json.dumps({"state": self.state, "tried": self.tried})

    def count(self, files: list[SurveyedFile]) -> None:
        """Counts a run that is started for each of these files."""
        for file in files:
            self.tried[file.source_id] = self.tried.get(file.source_id, 0) + 1


@dg.sensor(asset_selection=LANDING, minimum_interval_seconds=LOOK_EVERY_SECONDS,
           default_status=dg.DefaultSensorStatus.RUNNING,
           description="Starts one run, of all years and months, for all files that have newly landed; once per "
                       "content.")
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    memory = _Memory.read(context.cursor)
    found = _look(context, memory)
    if isinstance(found, dg.SkipReason):
        return found
    requests = list(_runs(found, memory))
    memory.count(found.loadable)
    context.update_cursor(memory.written())
    return dg.SensorResult(run_requests=requests) if requests else _nothing(found)


@dg.sensor(job=refused_files_job, minimum_interval_seconds=LOOK_EVERY_SECONDS,
           default_status=dg.DefaultSensorStatus.RUNNING,
           description="Notes newly landed files that cannot be used, each with its reason, in a run that touches no "
                       "table; once per content.")
def refused_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    memory = _Memory.read(context.cursor)
    found = _look(context, memory)
    if isinstance(found, dg.SkipReason) or not found.refused:
        return found if isinstance(found, dg.SkipReason) else dg.SkipReason("No new file in landing is refused.")
    request = dg.RunRequest(run_key=key_of(found.refused, memory.tried), tags={
        WHAT_TAG: f"refused: {', '.join(file.file.name for file in found.refused[:5])}"[:200]})
    memory.count(found.refused)
    context.update_cursor(memory.written())
    return dg.SensorResult(run_requests=[request])


def _look(context: dg.SensorEvaluationContext, memory: _Memory) -> Due | dg.SkipReason:
    """What is due in the landing folder, or why that is not known now; the cursor keeps what was seen."""
    home = Home.resolve()
    folder = home.landing
    if not folder.is_dir() or not any(folder.iterdir()):
        return dg.SkipReason(f"{folder.name} is empty.")
    # A file whose size or times changed since the last check may still be being written: it waits for the next check.
    # Its times at two checks are compared with each other, not with this machine's clock, which may be wrong.
    state = state_of([folder])
    unsettled = sorted(Path(path).name for path, now in state if memory.state.get(path) != now)
    memory.state = dict(state)
    context.update_cursor(memory.written())
    if unsettled:
        # What lands together is one landing: it starts one run, when all of it is there.
        return dg.SkipReason("\n".join(f"{name} may still be being written." for name in unsettled[:MOST_NAMED]))
    # A run that stops for it counts as a try, and no file is tried for ever.
    if too_full := room.why_too_full(home):
        return dg.SkipReason(too_full)
    if (holder := lock.holder(home)) is not None:
        return dg.SkipReason(f"A run holds the home{holder}; what has landed is looked at when it has ended.")
    try:
        survey = survey_once((folder,), LANDED, state)
        states = _states(home)
        found = due(survey, states, memory.tried, _has_failed(context.instance), _has_releases(home))
        read_new_rows(found.loadable, states)
        if any(file.faults for file in found.loadable):
            return due(survey, states, memory.tried, _has_failed(context.instance), _has_releases(home))
        return found
    except (CarequartileError, database.DatabaseError) as error:
        return dg.SkipReason(str(error))


def _nothing(found: Due) -> dg.SkipReason:
    """Why nothing is started, file by file."""
    refused = [f"{file.file.name}: refused: {file.reason}" for file in found.refused]
    # What is loaded is most of an old folder: the others are named first.
    waiting = sorted(found.waiting, key=lambda words: words.endswith("already loaded"))
    return dg.SkipReason("\n".join([*refused, *waiting][:MOST_NAMED])
                         or f"No {KINDS} file is in {Home.resolve().landing.name}.")


def _states(home: Home) -> dict[str, str]:
    return states_of_files(home.warehouse, read_only=True) if home.warehouse.is_file() else {}


def _has_releases(home: Home) -> bool:
    return home.warehouse.is_file() and warehouse.holds_releases(home.warehouse, read_only=True)


def _has_failed(instance: dg.DagsterInstance) -> bool:
    """Whether the last run that a landing started has failed, and is not tried again by Dagster itself."""
    last = instance.get_runs(dg.RunsFilter(tags={SENSOR_TAG: landing_sensor.name}), limit=1)
    return (bool(last) and last[0].status == dg.DagsterRunStatus.FAILURE
            and last[0].tags.get(WILL_RETRY_TAG) != "true")


def _runs(found: Due, memory: _Memory) -> Iterator[dg.RunRequest]:
    """One run for all that can be loaded, or is already. Those that a run was to load and did not, each by itself: one
    of them may be the reason why the others were not loaded.
    """
    first = [file for file in found.loadable
             if not memory.tried.get(file.source_id) or file.source_id in found.stored]
    again = [[file] for file in found.loadable if file not in first]
    for group in (first, *again) if first else again:
        of_group = Due(loadable=group)
        idle = [key for key, is_due in ((RETURNS, of_group.years), (PLACEMENTS, of_group.has_snapshots)) if not is_due]
        what = [*of_group.years, *(["snapshots"] if of_group.has_snapshots else [])] or ["registers"]
        alone = {FILE_TAG: group[0].source_id} if group is not first and group[0].placement else {}
        yield dg.RunRequest(run_key=key_of(group, memory.tried), asset_selection=_all_but(idle),
                            tags={WHAT_TAG: ", ".join(what), **alone})


@lru_cache(maxsize=1)
def _landing_assets() -> frozenset[dg.AssetKey]:
    return frozenset(LANDING.resolve(ASSETS))


def _all_but(idle: list[dg.AssetKey]) -> list[dg.AssetKey]:
    """The assets of a landing's run, without those that it has nothing for."""
    return sorted(_landing_assets() - set(idle))


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING,
           description="Marks as failed a run whose process is gone (killed, or the machine was restarted); otherwise "
                       "it would count as running and every later run would wait for it.")
def lost_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    home = Home.resolve()
    if lock.holder(home) is not None:
        return dg.SkipReason("A run holds the home.")
    started = context.instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    lost = [record.dagster_run for record in started if _is_lost(record.start_time)]
    for run in lost:
        context.instance.report_run_failed(run, "The process of this run is gone; nothing was half-published. "
                                                "Next: wait, it is tried again; or launch it again here.")
    return dg.SkipReason(f"Runs whose process is gone: {', '.join(run.run_id for run in lost) or 'none'}.")


def _is_lost(began: float) -> bool:
    """Whether a run that does not hold the home should by now: a healthy one first imports what it needs. One that
    began before this process ran under a daemon that is gone: after a restart of the machine no run waits long for it.
    """
    seconds = BEGAN_BEFORE_SECONDS if began < LOADED_AT else IMPORTED_AFTER_SECONDS
    return began < time.time() - seconds


# What the conditions of assets and checks ask for: the pages by night, the checks of freshness each morning.
daily_sensor = dg.AutomationConditionSensorDefinition(
    "daily_sensor", target=dg.AssetSelection.assets(PAGES) | dg.AssetSelection.checks_for_assets(RETURNS, PLACEMENTS),
    default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=60,
    description="Each night the pages, where a release was published since they were written; each morning, whether "
                "the return and the snapshots that are due are here.")


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
                         "rows about people that have been kept long enough.")
def monthly_snapshots(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    month = f"{context.scheduled_execution_time.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    return dg.RunRequest(run_key=month, partition_key=month)
