"""What `carequartile refresh` does: reads the landing, then runs the Dagster graph's own assets in this process."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import resource
import uuid
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import database, local_copy, progress, publish
from orchestration.faults import GateStopped, RunStopped, UnusableInput, counted
from orchestration.home import Home
from orchestration.intake.find import printable
from orchestration.rule_book import unused_rows
from orchestration.store import lock, opening, retention, warehouse
from orchestration.store.files import STOPPED, expired_files, has_landed, stopped_files, superseded_files
from orchestration.store.returns import survey_to_file
from orchestration.survey import EMBEDDED, Survey, SurveyedFile, embedded_paths, survey_landing

if TYPE_CHECKING:
    import dagster as dg

    from orchestration.cluster import Cluster

log = logging.getLogger("carequartile")
# A smaller landing is read faster than a second process can start.
WORTH_A_PROCESS_BYTES = 8_000_000
# Addresses, not memory: the embedded default takes 1.9 GB of them on two cores, and DuckDB may use 0.8 GB more.
FEWEST_ADDRESSES_BYTES = 3_000_000_000


@dataclass
class Outcome:
    """What a refresh did. ``is_new`` is False where nothing had changed and the last release is still current."""

    home: Home
    survey: Survey | None
    manifest: dict[str, object]
    is_new: bool
    findings: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # Files that gate A took out while the others were published: name and reason.
    stopped: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> list[SurveyedFile]:
        """The files of the landing that were refused while they were read, and the others were published."""
        return self.survey.refused if self.survey else []


def refresh(landing: list[Path], home: Home, is_forced: bool = False, as_known_on: str = "",
            is_strict: bool = False, cluster: Cluster | None = None) -> Outcome:
    """Loads the landing (or the embedded default), derives, judges and publishes.

    ``as_known_on`` (2012-03-31) publishes what was known on that day: later releases stay loaded but are left out.
    A file that cannot be used is refused and the others are published; ``is_strict`` publishes nothing then. With
    ``cluster`` the tables are built there.

    Raises UnusableInput (exit 2) for files or arguments that cannot be used, GateStopped or RunStopped (exit 1) where
    the run was stopped; the last release stays readable in every case.
    """
    progress.step("landing")
    if cluster:
        cluster.require()
    with lock.hold(home):
        _require_memory()
        _clear_staged(home)
        try:
            survey = _landed(landing, home, is_strict)
            expired = opening.make_ready(home, {file.file.sha256 for file in survey.files} if survey else None)
            survey = _without_old(survey, home) if survey else _default(home)
            _require_content(survey, home)
            _require_known(survey, home, as_known_on)
            if not is_forced and (manifest := _unchanged(survey, home, as_known_on)):
                warehouse.older(home.warehouse).unlink(missing_ok=True)
                return Outcome(home, survey, manifest, is_new=False, stopped=_stopped(survey, home))
            with cluster or nullcontext():
                _materialize_what_passes(survey, home, as_known_on, cluster)
        finally:
            home.clear_staged()
        manifest = publish.read_manifest(home, is_read_whole=False)
        if manifest is None:
            raise RunStopped("The run ended without a published file. Next: run again with --force.")
        warehouse.older(home.warehouse).unlink(missing_ok=True)
        return Outcome(home, survey, manifest | _snapshots(home), is_new=True, findings=_quarantined(home),
                       notes=[*_dropped_for_age(expired), *_notes(home)], stopped=_stopped(survey, home))


def _snapshots(home: Home) -> dict[str, object]:
    """The snapshots that the local copy holds: the open one does not name them."""
    return {"snapshots": publish.read_local_manifest(home)["snapshots"]}


def _require_memory() -> None:
    """Raises RunStopped where the system grants this process less than a run takes: it would end by a fault of memory,
    without a word.
    """
    granted = resource.getrlimit(resource.RLIMIT_AS)[0]
    if granted != resource.RLIM_INFINITY and granted < FEWEST_ADDRESSES_BYTES:
        raise RunStopped(f"Memory is short: this process may address {granted / 1e9:.1f} GB, and a run takes "
                         f"{FEWEST_ADDRESSES_BYTES / 1e9:.0f} GB of addresses (and 1 to 2 GB of memory). Next: raise "
                         "the limit (ulimit -v, LimitAS, or the container's) and run again; the last release stays up.")


def _clear_staged(home: Home) -> None:
    try:
        home.clear_staged()
    except OSError as error:
        raise RunStopped(f"{printable(Path(error.filename or home.staged).name)} in the home is in the way and "
                         f"cannot be deleted ({error.strerror}): it is no file of Carequartile's. Next: move it "
                         "away and run again; the last release stays up.") from error


def _landed(landing: list[Path], home: Home, is_strict: bool) -> Survey | None:
    """The survey of the landing, if one is given. Raises UnusableInput for files that cannot be used."""
    if not landing:
        return None
    survey = _read(landing, home)
    survey.is_strict = is_strict
    survey.require_usable()
    return survey


def _without_old(survey: Survey, home: Home) -> Survey:
    """The survey without snapshots that have been kept long enough, or that newer ones have replaced."""
    return survey.without(expired_files(home.warehouse, retention.cutoff())).without_superseded(
        superseded_files(home.warehouse))


def _require_content(survey: Survey | None, home: Home) -> None:
    """Raises UnusableInput for a landing of registers and reference tables alone where there is nothing to use them."""
    if survey is None or survey.financial_years or survey.placements or warehouse.holds_releases(home.warehouse):
        return
    kinds = ", ".join(sorted({reading.layout.layout for file in survey.files for reading in file.readings
                              if file.status == "loaded"}))
    raise UnusableInput(f"No return or snapshot is in this landing or in this home; what was landed ({kinds}) is only "
                        "used together with one. Nothing was loaded. Next: land it beside a return, or run "
                        "`carequartile refresh` without --landing first, for the embedded default.")


def _require_known(survey: Survey | None, home: Home, as_known_on: str) -> None:
    """Raises UnusableInput where nothing of the home or its landing was known on a day: the run would publish nothing.

    Without a return nothing is published as of a day, snapshots or not. The day of a return is that of its publication,
    where it is printed, else its year's end. A register of releases gives other days and is read in the run; with one
    nothing is decided here.
    """
    if not as_known_on:
        return
    days, has_register = warehouse.days_known(home.warehouse)
    for file in survey.files if survey else ():
        has_register |= any(reading.layout.layout == "carequartile_release" for reading in file.readings)
        days += [reading.published_on or f"{int(year[:4]) + 1}-03-31" for reading in file.readings
                 for year in reading.financial_years if file.status == "loaded"]
    if days and not has_register and min(days) > as_known_on:
        raise UnusableInput(f"No return in this home was known on {as_known_on}: the first of them was published, or "
                            f"its financial year ended, on {min(days)}. Nothing was done; the last release stays up. "
                            "Next: give a later day.")


def _dropped_for_age(names: list[str]) -> list[str]:
    months = retention.placement_months_kept()
    return [f"{name}: rows about people were dropped after {months} months" for name in names]


def _default(home: Home) -> Survey | None:
    """Without a landing: the embedded default, or None where something was landed in this home before."""
    if has_landed(home.warehouse):
        log.info("landing: none given; refreshing from the returns already in this home")
        return None
    log.info("landing: none given; using the embedded default (learning disability, unitary authorities, and two "
             "synthetic snapshots of placements)")
    survey = survey_landing(embedded_paths(), EMBEDDED)
    survey.require_usable()
    return survey


def _read(landing: list[Path], home: Home) -> Survey:
    """The survey of a landing. A large one is read in a second process while this one imports what the run will need;
    each takes some seconds.
    """
    if _size(landing) < WORTH_A_PROCESS_BYTES:
        return survey_landing(landing)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as second:
        reading = second.submit(survey_to_file, landing, home.staged)
        _import_for_run()
        try:
            return reading.result()
        except KeyboardInterrupt:
            # Ctrl-C reaches both processes, a signal to this one alone only this one.
            for process in list((second._processes or {}).values()):
                process.terminate()
            raise
        except BrokenProcessPool as error:
            raise RunStopped("The process that read the landing was stopped from outside, most likely for want of "
                             "memory. Nothing was stored. Next: free 2 GB and run again, or land a few files at a "
                             "time.") from error


def _size(landing: list[Path]) -> int:
    """Bytes under these paths; 0 where they cannot be read, which the survey then reports in full."""
    try:
        return sum(file.stat().st_size for path in landing for file in ([path] if path.is_file() else path.rglob("*"))
                   if file.is_file())
    except (OSError, ValueError):
        return 0


def _import_for_run() -> None:
    # By default Python searches for garbage every 700 new objects. Imports and dbt's manifest make millions of objects
    # that stay in use, and the searches took a fifth of a small refresh (3 of 16 s).
    gc.set_threshold(200_000, 50, 100)
    from orchestration import definitions, gates, transform  # noqa: F401

    gates.load_judge()
    transform.load_manifest()


def _unchanged(survey: Survey | None, home: Home, as_known_on: str) -> dict[str, object] | None:
    """The published manifest, if this version of the project already published all of this; else None."""
    # A file that the gate stopped is judged again unless the release was made in the run that judged it.
    stopped = stopped_files(home.warehouse) if survey and not survey.is_strict else {}
    landed = {f"{file.source_id}:{STOPPED if file.source_id in stopped else file.status}"
              for file in (survey.files if survey else ())
              if file.status != "duplicate" and not (file.status == "refused" and file.is_about_people)}
    name = "inputs_and_stopped" if any(one.endswith(f":{STOPPED}") for one in landed) else "inputs"
    manifest, local = publish.read_manifest(home), publish.read_local_manifest(home)
    if not manifest or not local or local["run_id"] != manifest["run_id"]:
        return None
    return manifest | {"snapshots": local["snapshots"]} if local.get(name) == publish.inputs(
        home, landed, as_known_on) else None


def _stopped(survey: Survey | None, home: Home) -> dict[str, str]:
    """The name of each file of this landing that the gate took out, with its reason."""
    stopped = stopped_files(home.warehouse)
    return {file.file.name: stopped[file.source_id] for file in (survey.files if survey else ())
            if file.source_id in stopped}


def _materialize_what_passes(survey: Survey | None, home: Home, as_known_on: str, cluster: Cluster | None) -> None:
    """Runs the assets; where gate A stops files and nothing but them, once more without these.

    Raises as ``_materialize`` does: where the survey is strict, or no file of the landing would be left.
    """
    try:
        _materialize(survey, home, as_known_on, cluster)
    except GateStopped as error:
        stopped = stopped_files(home.warehouse)
        left = survey.without_stopped(set(stopped)) if survey else None
        if (left is None or survey.is_strict or not error.concerns_files_alone or len(left.files) == len(survey.files)
                or not any(file.status == "loaded" and (file.years or file.is_about_people) for file in left.files)):
            raise
        log.info("gate A: %s left out", counted(len(survey.files) - len(left.files), "file"))
        _materialize(left, home, as_known_on, cluster)


def _materialize(survey: Survey | None, home: Home, as_known_on: str, cluster: Cluster | None) -> None:
    """Runs the graph's own assets in this process. Raises RunStopped or UnusableInput for the first failed step.

    The run has no partition: its assets take everything that is landed, returns by year and snapshots by month.
    """
    # What it imports takes seconds: counted to the landing, they would look like its files.
    progress.step("raw")
    _import_for_run()
    from orchestration import definitions
    from orchestration.assets.instance import instance_of_one_run, record_in_lasting_instance, seconds_by_step
    from orchestration.assets.workspace import OpenHome

    gc.freeze()
    run_id = str(uuid.uuid4())
    built_by = {"conform": cluster.conform, "marts": cluster.marts} if cluster else {}
    defs = definitions.build_definitions(OpenHome(home, lambda: survey, as_known_on, **built_by))
    keys = _selection(survey, home).resolve(defs.resolve_asset_graph())
    with instance_of_one_run() as instance, database.connect(home.warehouse):
        try:
            # The first failed step ends the run: with one bad snapshot in a landing, no return is stored either.
            result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
                asset_selection=sorted(keys), instance=instance, run_id=run_id, raise_on_error=True,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}})
        except Exception as error:
            raise _why_stopped(error, instance, run_id, home) from error
    taken = seconds_by_step(result.all_events)
    if "published release" not in taken:
        # Dagster skips a step, without an error, whose table the step before did not report.
        raise RunStopped(f"The run ended after {', '.join(taken)} and published nothing; the last release stays up. "
                         "Next: this is a fault of Carequartile, not of a return; report it with this message.")
    log.info("took: %s", ", ".join(f"{step} {seconds:.1f} s" for step, seconds in taken.items()))
    record_in_lasting_instance(result.all_events, survey)


def _selection(survey: Survey | None, home: Home) -> dg.AssetSelection:
    """All assets but those of the group ``raw`` that this landing has nothing for, and the pages: the command writes
    them when it is asked to, also where nothing is new.
    """
    import dagster as dg

    from orchestration.assets.keys import PAGES, PLACEMENTS, RETURNS

    everything = dg.AssetSelection.all() - dg.AssetSelection.assets(PAGES)
    if survey is None:
        return everything - dg.AssetSelection.groups("raw")
    idle = [] if survey.placements else [PLACEMENTS]
    # A home with snapshots only has no year of a return; a register landed there is meant for the snapshots.
    if not survey.financial_years and (survey.placements or has_landed(home.warehouse)):
        idle.append(RETURNS)
    return everything - dg.AssetSelection.assets(*idle)


def _why_stopped(error: Exception, instance: dg.DagsterInstance, run_id: str, home: Home) -> RunStopped:
    """The first failed step, as the project's own error."""
    from orchestration import gates

    failed = [event.dagster_event for event in instance.all_logs(run_id) if event.dagster_event
              and event.dagster_event.is_step_failure]
    if not failed:
        return RunStopped(f"The run failed before its first step: {error}\nNext: nothing was published; run again.")
    step, failure = failed[0].step_key, failed[0].step_failure_data
    if gate := {"gate__submissions": "a", "gate__release": "b"}.get(step):
        found = gates.load_result(gate, home.warehouse)
        if found.run_id == run_id and len(found.blocking):
            stopped = GateStopped(found.why_stopped())
            stopped.concerns_files_alone = gate == "a" and found.concerns_files_alone
            return stopped
    if failure.user_failure_data:
        return RunStopped(failure.user_failure_data.description)
    reason = failure.error.cause or failure.error
    return RunStopped(f"The step {step} failed: {reason.message.strip()}\n"
                      f"Next: nothing was published. {home.keep_report(failure.error.to_string())}")


def _notes(home: Home) -> list[str]:
    """What a reader of the summary must know although it quarantines no figure: restatements, totals for which
    there is no published total to check against, and shares of the NHS without pounds.
    """
    with local_copy.connect(home, is_local=True) as connection:
        notes = [message for (message,) in connection.execute(
            "select distinct message from quality.rule_result where rule_id in ('control_total_known', "
            "'nhs_share_in_pounds') and status = 'fail' order by message").fetchall()]
        restated = connection.execute("select count(*) from marts.mart_restatement").fetchone()[0]
    if restated:
        notes.append(f"{restated:,} figures differ from one release to another: select * from marts.mart_restatement")
    return notes + _dropped(home) + _unused(home)


def _dropped(home: Home) -> list[str]:
    """The columns of snapshots from which no field is read, for a user who expects one of them in a figure."""
    with local_copy.connect(home, is_local=True) as connection:
        files = connection.execute(
            "select file_name, string_agg(column_name, ', ' order by column_number) from marts.dim_snapshot_column "
            "where is_dropped group by all order by all limit 5").fetchall()
    return [f"{name}: dropped and never stored: {columns}" for name, columns in files]


def _unused(home: Home) -> list[str]:
    """What the user landed without any effect: rows of registers that nothing uses, and peer sets too small for a
    statistic.
    """
    with local_copy.connect(home, is_local=True) as connection:
        rows = unused_rows(connection)
    with database.connect(home.warehouse, read_only=True) as connection:
        small = connection.execute("""
            select peer_set, council_code, count(*), cast(number as integer) from marts.dim_peer_set
            inner join reference.parameter on parameter = 'fewest_peers'
            where peer_set in (select peer_set from staging.stg_register__peer_sets)
            group by all having count(*) < number order by all limit 5""").fetchall()
    return rows + [f"peer set {name} of {council} has {counted(count, 'peer')}; fewer than {fewest} give no statistic"
                   for name, council, count, fewest in small]


def _quarantined(home: Home) -> list[dict[str, object]]:
    """Quarantined figures by rule, for the closing summary."""
    with local_copy.connect(home, is_local=True) as connection:
        cursor = connection.execute(
            "select rule_id, count(*) as findings, max(severity) as severity from quality.rule_result "
            "where status = 'fail' and severity in ('critical', 'warning') group by rule_id order by 2 desc, 1")
        return [dict(zip(("rule_id", "findings", "severity"), row)) for row in cursor.fetchall()]
