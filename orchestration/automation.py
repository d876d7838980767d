"""What starts a run by itself: the landing folder's sensor, the calendar's schedules, and the watch for lost runs."""

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.assets.keys import FILE_TAG, FINANCIAL_YEARS, MONTHS, PLACEMENTS, RETURNS
from orchestration.assets.workspace import state_of, survey_once
from orchestration.faults import CarequartileError
from orchestration.home import Home
from orchestration.placements import entry
from orchestration.store import lock
from orchestration.survey import LANDED, SurveyedFile

# A run holds the home once its process has imported what it needs; this allows several times as long.
IMPORTED_AFTER_SECONDS = 120

# A job has partitions of one kind: returns are by year and snapshots by month.
refresh_job = dg.define_asset_job(
    "refresh", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(PLACEMENTS), partitions_def=FINANCIAL_YEARS,
    description="Everything from the landing folder to the published copy, for the years of a partition.")
refresh_placements_job = dg.define_asset_job(
    "refresh_placements", selection=dg.AssetSelection.all() - dg.AssetSelection.assets(RETURNS), partitions_def=MONTHS,
    description="Everything from landed placement snapshots to the published copy, for the months of a partition.")


@dg.sensor(jobs=[refresh_job, refresh_placements_job], minimum_interval_seconds=15,
           default_status=dg.DefaultSensorStatus.RUNNING,
           description="Starts a refresh of the years (or months) a newly landed file belongs to, once per content.")
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    folder = Home.resolve().landing
    if not folder.is_dir() or not any(folder.iterdir()):
        return dg.SkipReason(f"{folder.name} is empty.")
    # A file whose size or times changed since the last check may still be being written: it waits for the next check.
    # Its times at two checks are compared with each other, not with this machine's clock, which may be wrong.
    state, before = state_of([folder]), dict(json.loads(context.cursor or "{}"))
    unsettled = frozenset(Path(path) for path, now in state if before.get(path) != now)
    context.update_cursor(json.dumps(dict(state)))
    try:
        survey = survey_once((folder,), LANDED, state, unsettled)
    except CarequartileError as error:
        return dg.SkipReason(str(error))
    requests = [request for file in survey.files if not file.duplicate_of for request in _requests(file)]
    if requests:
        return dg.SensorResult(run_requests=requests)
    waiting = [f"{path.name} may still be being written." for path in sorted(unsettled)[:10]]
    passed = [f"{file.file.name}: {file.reason}" for file in survey.files[:10]]
    return dg.SkipReason("\n".join(waiting + passed) or f"No CSV, XLS, XLSX or Parquet file is in {folder.name}.")


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING,
           description="Marks as failed a run whose process is gone (killed, or the machine was restarted); otherwise "
                       "it would count as running and every later run would wait for it.")
def lost_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    home = Home.resolve()
    if lock.holder(home) is not None:
        return dg.SkipReason("A run holds the home.")
    started = context.instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    # A healthy run does not hold the home yet either, until it has imported what it needs.
    lost = [record.dagster_run for record in started if record.start_time < time.time() - IMPORTED_AFTER_SECONDS]
    for run in lost:
        context.instance.report_run_failed(run, "The process of this run is gone; nothing was half-published. "
                                                "Next: wait, it is tried again; or launch it again here.")
    return dg.SkipReason(f"Runs whose process is gone: {', '.join(run.run_id for run in lost) or 'none'}.")


def _requests(file: SurveyedFile) -> list[dg.RunRequest]:
    """A run per financial year of a return or month of a snapshot. The key holds the content, so the same file never
    starts a second one.
    """
    if file.placement and not file.faults:
        # A future or unreadable date has no partition; a run for the last month reports what is wrong.
        months = [month for month in sorted(entry.months(file.placement)) if MONTHS.has_partition_key(month)]
        return [_request(refresh_placements_job, file, month) for month in months or [MONTHS.get_last_partition_key()]]
    years = sorted(file.years)
    if not years and not file.readings and not file.faults:
        return []
    # A register or a file with faults has no year, but the run that loads it, or reports why not, needs one.
    return [_request(refresh_job, file, year) for year in years or [FINANCIAL_YEARS.get_first_partition_key()]]


def _request(job: Any, file: SurveyedFile, partition: str) -> dg.RunRequest:
    return dg.RunRequest(run_key=f"{file.source_id}:{partition}", partition_key=partition, job_name=job.name,
                         tags={FILE_TAG: file.source_id})


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
