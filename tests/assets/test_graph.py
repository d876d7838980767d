"""Proves that the Dagster graph is the reviewed one, and that partitions, schedule and sensor start the right runs."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pandas as pd
import pytest
from embedded_years import EMBEDDED, lines_of

from orchestration import automation, database, definitions, progress, publish, refresh, transform
from orchestration.assets import graph as steps
from orchestration.assets import keys, metadata
from orchestration.assets.due import Due, due
from orchestration.assets.instance import instance_of_one_run, record_in_lasting_instance
from orchestration.assets.workspace import OpenHome
from orchestration.faults import RunStopped
from orchestration.gates import GateResult
from orchestration.home import Home, project_folder
from orchestration.report import site as sites
from orchestration.rules import load_rules, load_suites
from orchestration.status import status
from orchestration.store import opening, warehouse
from orchestration.store.files import mark_accepted, reject_files
from orchestration.store.registers import register_layouts
from orchestration.survey import EMBEDDED as EMBEDDED_DEFAULT
from orchestration.survey import embedded_paths, survey_landing

SNAPSHOT = Path(__file__).parent / "snapshots" / "asset_graph.json"
RULINGS = ("measure_id,council_code,financial_year,ruling,corrected_value,by,on,reason\n"
           "learning_disability_nursing_unit_cost,114,2008-09,accept,,A,2026-11-02,checked\n")
PLACEMENTS = project_folder() / "seeds" / "snapshots" / "synthetic_stockton_2010-02-28.csv"


@pytest.fixture(scope="module")
def graph():
    return definitions.defs.resolve_asset_graph()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREQUARTILE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAREQUARTILE_LANDING", raising=False)
    (tmp_path / "home" / "landing").mkdir(parents=True)
    return Home.resolve()


def land(home, name, content):
    file = home.landing / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def looks(between=(lambda: None,), sensor=None):
    """What a sensor reports about the landing folder at successive checks, with something done between them."""
    reported = []
    with dg.DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance=instance) as context:
        for act in (lambda: None, *between):
            act()
            result = (sensor or definitions.landing_sensor)(context)
            reported.append(result.skip_message if isinstance(result, dg.SkipReason) else result.run_requests)
    return reported


def what(requests):
    """What the requested runs are for."""
    return [request.tags[keys.WHAT_TAG] for request in requests]


def look():
    """What it reports once it has seen the files twice: its run requests, or the reason why it starts none."""
    return looks()[-1]


def run_raw(home, landing=(), **options):
    """Materialises the raw step alone, as the interface would."""
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [steps.raw_returns, steps.raw_registers], raise_on_error=False, instance=instance, **options,
            resources={"workspace": definitions.WorkspaceResource(
                home=str(home.folder), landing=[str(path) for path in landing])})


def why(result):
    return "\n".join(event.step_failure_data.user_failure_data.description for event in result.all_events
                     if event.is_step_failure)


def stored(home):
    with database.connect(home.warehouse) as connection:
        return connection.execute("select financial_year from raw.release order by 1").fetchall()


# --- the graph --------------------------------------------------------------------------------------------------------


def test_the_graph_is_as_reviewed(graph):
    """A renamed asset loses its history and breaks what relies on its key, so the change must show in review."""
    found = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        found[key.to_user_string()] = {
            "group": node.group_name,
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "partitions": None if node.partitions_def is None else (
                f"{node.partitions_def.get_first_partition_key()}..{node.partitions_def.get_last_partition_key()}"),
            "checks": {check.name: "blocking" if graph.get_check_spec(check).blocking else "shown"
                       for check in sorted(node.check_keys, key=lambda check: check.name)},
        }
    text = json.dumps(found, indent=1) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == found, (
        "the asset graph changed; if that is meant, run `make snapshots` and have the difference reviewed")


def test_every_model_and_seed_is_an_asset(graph):
    names = {key.to_user_string() for key in graph.get_all_asset_keys()}
    for node in transform.manifest_dict()["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            assert f"{node['schema']}/{node['name']}" in names
    assert {key.path[0] for key in graph.get_all_asset_keys()} == {
        "raw", "reference", "staging", "intermediate", "gate", "comparison", "marts", "quality", "published", "report"}
    (behind_gate_a,) = [definition.keys for definition in graph.assets_defs if definition.op.name == "marts"]
    assert not behind_gate_a & graph.get_ancestor_asset_keys(keys.GATE_A)
    for key in graph.get_all_asset_keys():
        # Each gate is a group by itself: as one, it would be before and behind the marts in the collapsed graph.
        gate = {keys.GATE_A: "gate_a", keys.GATE_B: "gate_b"}.get(key)
        is_fact = key.path[0] == "intermediate" and key in behind_gate_a
        assert graph.get(key).group_name == (gate or ("facts" if is_fact else key.path[0]))
        assert graph.get(key).is_materializable, key


def test_the_pages_are_behind_publication_and_of_the_calendar_alone(graph, tmp_path):
    assert graph.get(keys.PAGES).parent_keys == {keys.RELEASE}
    for job in ("refresh", "refresh_placements"):
        assert keys.PAGES in definitions.defs.resolve_job_def(job).asset_layer.selected_asset_keys
    assert keys.PAGES not in refresh._selection(None, Home(tmp_path)).resolve(graph)
    assert keys.RELEASE in refresh._selection(None, Home(tmp_path)).resolve(graph)


def test_the_asset_of_pages_writes_the_site_of_its_home(embedded_home, tmp_path, monkeypatch):
    rows, folder = sites.england_rows, tmp_path / "reports"
    monkeypatch.setattr(sites, "england_rows", lambda copy: [row for row in rows(copy) if row["council_code"] == "114"])
    monkeypatch.setattr(Home, "reports", property(lambda home: folder))
    result = dg.materialize([steps.pages], resources={"workspace": OpenHome(embedded_home, lambda: None)})
    (made,) = result.asset_materializations_for_node("report__site")
    assert made.metadata["councils with a page"].value == 1
    assert (folder / "index.html").is_file() and (folder / "councils" / "stockton-on-tees-114.html").is_file()


def test_a_home_without_figures_for_a_page_fails_no_run(embedded_home, monkeypatch):
    monkeypatch.setattr(sites, "england_rows", lambda copy: [])
    result = dg.materialize([steps.pages], resources={"workspace": OpenHome(embedded_home, lambda: None)})
    (made,) = result.asset_materializations_for_node("report__site")
    assert result.success and made.metadata["councils with a page"].value == 0
    assert "no figure that a page shows" in made.metadata["why"].value


def test_every_asset_is_described_owned_and_grouped(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_executable:
            assert node.description and node.owners and node.group_name and node.kinds, key


def test_every_step_and_model_names_the_file_it_is_written_in(graph):
    for key in graph.get_all_asset_keys():
        references = graph.get(key).metadata["dagster/code_references"].code_references
        assert references and all(Path(one.file_path).is_file() for one in references), key
    (model, *_) = graph.get(dg.AssetKey(["marts", "fct_figure"])).metadata["dagster/code_references"].code_references
    assert Path(model.file_path).name == "fct_figure.sql"
    # The file of the step, not that of the decorator around it.
    (gate, *_) = graph.get(keys.GATE_A).metadata["dagster/code_references"].code_references
    assert Path(gate.file_path).name == "gates.py" and gate.line_number > 1


def gate_result(*findings):
    """What a gate found in two releases, by rule: how many each judged and how many of these it found wrong."""
    rows = [{"rule_id": rule, "severity": severity, "status": "fail" if wrong else "pass", "release_id": release,
             "n_checked": n, **dict.fromkeys(metadata.FINDING)}
            for rule, severity, release, n, wrong in findings for _ in range(max(wrong, 1))]
    rules = {rule.id: rule for rule in load_rules("a")}
    return GateResult("a", "run", pd.DataFrame(rows), tuple(rules[name] for name in dict.fromkeys(
        row["rule_id"] for row in rows)))


def test_a_check_counts_what_was_judged_once_and_a_note_is_no_failure():
    result = gate_result(("few_people", "info", "r", 100, 3), ("few_people", "info", "s", 50, 0),
                         ("peer_and_sibling", "warning", "r", 100, 2), ("unit_cost_positive", "critical", "r", 100, 0))
    checks = {check.check_name: check for check in metadata.check_results(result, keys.GATE_A)}
    assert checks["few_people"].passed and not checks["peer_and_sibling"].passed
    assert checks["unit_cost_positive"].passed
    assert {name: (check.metadata["judged"].value, check.metadata["findings"].value) for name, check in checks.items()
            } == {"few_people": (150, 3), "peer_and_sibling": (100, 2), "unit_cost_positive": (100, 0)}
    found = metadata.gate_metadata(result)
    assert (found["rules"], found["rules with findings"]) == (3, 2)
    assert (found["findings, blocking"], found["findings, quarantined"], found["findings, noted"]) == (0, 2, 3)


def test_every_rule_is_a_check_that_blocks_if_it_is_critical(graph):
    for gate, key in (("a", keys.GATE_A), ("b", keys.GATE_B)):
        specs = {check.name: graph.get_check_spec(check) for check in graph.get(key).check_keys}
        rules = {rule.id: rule for rule in load_rules(gate)}
        assert set(specs) == set(rules)
        for name, spec in specs.items():
            assert spec.blocking == (rules[name].severity == "critical")
            assert rules[name].good in spec.description and rules[name].because in spec.description


def test_the_gates_are_between_the_steps(graph):
    """Whatever is published comes after gate B, every mart after gate A, every check frame before it."""
    ancestors = graph.get_ancestor_asset_keys
    assert keys.GATE_B in ancestors(dg.AssetKey(["published", "release"]))
    for schema, table in publish.published_tables():
        if (schema, table) not in publish.GATE_TABLES:
            assert dg.AssetKey([schema, table]) in ancestors(keys.GATE_B)
    assert keys.GATE_A in ancestors(dg.AssetKey(["marts", "fct_figure"]))
    assert {keys.RETURNS, dg.AssetKey(["raw", "carequartile_ruling"])} <= ancestors(keys.GATE_B)
    for name in [suite.frame for suite in load_suites("a")]:
        assert dg.AssetKey(["intermediate", f"int_check_{name}"]) in ancestors(keys.GATE_A)
    # One step each: the gate can only be between steps, never inside one.
    assert [definition.op.name for definition in graph.assets_defs if "marts" in definition.op.name] == ["marts"]


def test_definitions_load_and_validate():
    dg.Definitions.validate_loadable(definitions.defs)
    assert definitions.defs.resolve_job_def("refresh").partitions_def == keys.FINANCIAL_YEARS


# --- what a refresh selects of it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("files", "idle"), [
    (None, {"raw/returns", "raw/placements", *(f"raw/{layout.layout}" for layout in register_layouts())}),
    ((EMBEDDED,), {"raw/placements"}),
    ((PLACEMENTS,), {"raw/returns"}),
    ((EMBEDDED, PLACEMENTS), set()),
], ids=["nothing landed", "returns", "snapshots", "both"])
def test_a_refresh_takes_every_asset_the_landing_has_something_for(graph, home, files, idle):
    warehouse.prepare(home.warehouse)
    survey = None if files is None else survey_landing(list(files))
    left_out = graph.get_all_asset_keys() - refresh._selection(survey, home).resolve(graph)
    assert {key.to_user_string() for key in left_out} == idle | {"report/site"}  # Pages are asked for.


def test_one_bad_snapshot_keeps_the_returns_of_its_landing_from_being_stored(home):
    land(home, "return.csv", lines_of("2008-09"))
    land(home, "placements.csv", PLACEMENTS.read_text(encoding="utf-8").replace("2010-02-28", "28 Feb"))
    with pytest.raises(RunStopped, match=r"placements\.csv"):
        refresh.refresh([home.landing], home)
    assert stored(home) == []


# --- partitions -------------------------------------------------------------------------------------------------------


def test_one_year(home):
    land(home, "a.csv", lines_of("2008-09"))
    land(home, "b.csv", lines_of("2009-10"))
    assert run_raw(home, partition_key="2009-10").success
    assert stored(home) == [("2009-10",)]
    assert run_raw(home, partition_key="2008-09").success
    assert run_raw(home, partition_key="2008-09").success
    assert stored(home) == [("2008-09",), ("2009-10",)]


def test_one_register_can_be_materialised_alone(home):
    land(home, "rulings.csv", RULINGS)
    land(home, "peers.csv", "peer_set,version,council_code,peer_code,peer_rank\nours,1,114,111,1\n")
    asked = dg.AssetKey(["raw", "carequartile_ruling"])
    result = run_raw(home, [home.landing], selection=[asked])
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [asked]
    with database.connect(home.warehouse) as connection:
        assert connection.execute("select file_name from raw.source_file").fetchall() == [("rulings.csv",)]
        assert connection.execute("select count(*) from raw.carequartile_ruling").fetchone() == (1,)


def test_a_range_of_years_is_one_run(home):
    files = [land(home, f"{year}.csv", lines_of(year)) for year in ("2008-09", "2009-10", "2010-11")]
    result = run_raw(home, files, tags=dict(zip(keys.RANGE_TAGS, ("2009-10", "2010-11"))))
    assert result.success
    assert stored(home) == [("2009-10",), ("2010-11",)]
    materialised = {event.partition for event in result.get_asset_materialization_events()
                    if event.asset_key == keys.RETURNS}
    assert materialised == {"2009-10", "2010-11"}


@pytest.mark.parametrize("name", ["refresh", "refresh_placements"])
def test_a_backfill_of_all_is_one_run(name):
    """With a run for each year, everything would be built and published once per year."""
    assert definitions.defs.resolve_job_def(name).backfill_policy == dg.BackfillPolicy.single_run()


def test_a_file_of_many_years_is_stored_whole_and_once(home):
    shutil.copy(EMBEDDED, home.landing / "all.csv")
    for year in ("2010-11", "2008-09"):
        assert run_raw(home, partition_key=year).success
        assert stored(home) == [("2008-09",), ("2009-10",), ("2010-11",)]


def test_a_year_that_was_not_landed_is_reported(home):
    land(home, "a.csv", lines_of("2008-09"))
    result = run_raw(home, partition_key="2013-14")
    assert not result.success
    assert "No return is stored in this home yet" in why(result) and "2008-09" in why(result)


def test_an_empty_landing_means_the_embedded_default_or_what_is_stored(home):
    assert run_raw(home, partition_key="2008-09").success
    assert stored(home) == [("2008-09",), ("2009-10",), ("2010-11",)]
    with database.connect(home.warehouse) as connection:
        assert connection.execute("select distinct origin from raw.release").fetchall() == [("embedded",)]
    file = land(home, "a.csv", lines_of("2008-09"))
    assert run_raw(home, partition_key="2008-09").success
    assert stored(home) == [("2008-09",)], "the embedded default is dropped for a landed return"
    file.unlink()
    assert run_raw(home, partition_key="2008-09").success
    assert stored(home) == [("2008-09",)]


# --- the calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "year"), [((2026, 11, 1), "2025-26"), ((2009, 11, 1), "2008-09"),
                                           ((2024, 11, 1), "2023-24"), ((2040, 11, 1), "2039-40")])
def test_the_schedule_asks_for_the_year_that_ended_in_march(day, year):
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(*day, 6, tzinfo=dt.UTC))
    request = definitions.yearly_return(context)
    assert (request.partition_key, request.run_key) == (year, year)
    assert year in keys.FINANCIAL_YEARS.get_partition_keys()


def test_the_schedule_runs_every_first_of_november():
    schedule = definitions.yearly_return
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 1 11 *", "Europe/London")
    assert schedule.job_name == definitions.refresh_job.name


@pytest.mark.parametrize(("day", "month"), [((2026, 12, 5), "2026-11"), ((2027, 1, 5), "2026-12"),
                                            ((2028, 3, 5), "2028-02")])
def test_the_schedule_of_snapshots_asks_for_the_month_that_ended(day, month):
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(*day, 6, tzinfo=dt.UTC))
    request = definitions.monthly_snapshots(context)
    assert (request.partition_key, request.run_key) == (month, month)
    assert definitions.monthly_snapshots.job_name == definitions.refresh_placements_job.name


def test_schedules_and_sensors_run_without_being_switched_on():
    assert {schedule.default_status for schedule in (definitions.yearly_return, definitions.monthly_snapshots)} == {
        dg.DefaultScheduleStatus.RUNNING}
    assert definitions.landing_sensor.default_status == dg.DefaultSensorStatus.RUNNING


# --- the landing folder -----------------------------------------------------------------------------------------------


def test_a_landed_file_starts_a_run_of_its_year(home):
    land(home, "return.csv", lines_of("2008-09"))
    (request,) = look()
    assert request.tags == {keys.WHAT_TAG: "2008-09"} and request.partition_key is None
    assert keys.RETURNS in request.asset_selection and keys.RELEASE in request.asset_selection
    assert not {keys.PLACEMENTS, keys.PAGES} & set(request.asset_selection)


def test_the_same_content_never_starts_a_second_run(home):
    file = land(home, "return.csv", lines_of("2008-09"))
    (first,) = look()
    assert [request.run_key for request in look()] == [first.run_key]
    file.rename(home.landing / "renamed.csv")
    assert [request.run_key for request in look()] == [first.run_key]
    land(home, "again/copy.csv", lines_of("2008-09"))
    assert [request.run_key for request in look()] == [first.run_key]
    land(home, "renamed.csv", lines_of("2008-09", **{"114_2.38_numerator": "641"}))
    assert len({request.run_key for request in look()} - {first.run_key}) == 1


def test_a_look_after_a_run_was_asked_for_asks_for_none(home):
    land(home, "return.csv", lines_of("2008-09"))
    asked, again = looks([tuple, tuple])[1:]
    assert len(asked) == 1 and "already loaded, and since replaced" in again


def test_a_landing_of_many_files_and_years_starts_one_run(home):
    shutil.copy(EMBEDDED, home.landing / "all.csv")
    land(home, "one.csv", lines_of("2009-10", **{"114_2.38_numerator": "641"}))
    shutil.copy(PLACEMENTS, home.landing)
    land(home, "rulings.csv", RULINGS)
    (request,) = look()
    assert what([request]) == ["2008-09, 2009-10, 2010-11, snapshots"]
    assert {keys.RETURNS, keys.PLACEMENTS, keys.RELEASE} <= set(request.asset_selection)


def test_what_the_home_holds_by_content_starts_nothing(home):
    """As where the command has loaded it before the daemon was started."""
    file = land(home, "return.csv", lines_of("2008-09"))
    assert run_raw(home, [file]).success
    assert what(look()) == ["2008-09"], "stored by a run that has not ended well"
    mark_accepted(home.warehouse)
    assert look() == "return.csv: already loaded"
    land(home, "new.csv", lines_of("2009-10"))
    assert what(look()) == ["2009-10"]


def test_nothing_starts_while_a_run_holds_the_home(home):
    land(home, "return.csv", lines_of("2008-09"))
    holder = subprocess.Popen([sys.executable, "-c", (
        "import sys; from filelock import FileLock\nwith FileLock(sys.argv[1], mode=0o600):\n"
        "    print('held', flush=True); sys.stdin.read()"), str(home.lock)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        assert "A run holds the home" in look()
    finally:
        holder.communicate()
    assert len(look()) == 1


def test_a_landed_snapshot_starts_a_run_without_returns(home):
    text = PLACEMENTS.read_text(encoding="utf-8")
    land(home, "placements.csv", text)
    (request,) = look()
    assert what([request]) == ["snapshots"] and keys.RETURNS not in request.asset_selection


FILE = namedtuple("FILE", "source_id years placement faults duplicate_of is_recognised why_not_loaded reason file")


def file_of(source_id, years=("2008-09",), **changes):
    return FILE(**{"source_id": source_id, "years": set(years), "placement": None, "faults": [], "duplicate_of": None,
                   "is_recognised": True, "why_not_loaded": None, "reason": "", "file": SimpleNamespace(
                       name=f"{source_id}.csv")} | changes)


@pytest.mark.parametrize(("state", "tries", "has_failed", "is_due", "words"), [
    (None, 0, False, True, ""), (None, 1, True, True, ""),
    (None, 2, True, False, "failed twice"), (None, 1, False, False, "since replaced"),
    ("stored", 0, False, True, ""), ("stored", 1, True, True, ""),
    ("stored", 1, False, False, "stored, and not published"),
    ("stored", 2, True, False, "stored, and not published"),
    ("loaded", 0, False, False, "already loaded"), ("stopped_by_gate", 1, True, False, "already stopped by gate"),
    ("expired", 0, False, False, "already expired")])
def test_which_files_are_due(state, tries, has_failed, is_due, words):
    survey = SimpleNamespace(files=[file_of("a")])
    found = due(survey, {"a": state} if state else {}, {"a": tries}, has_failed, True)
    assert [file.source_id for file in found.loadable] == ["a"] * is_due
    assert is_due or words in found.waiting[0]


def test_a_file_that_is_tried_again_is_tried_alone(home):
    """One file of a landing may be why none of it was loaded."""
    found = Due(loadable=[file_of("a"), file_of("b"), file_of("c")])
    requests = list(automation._runs(found, automation._Memory(tried={"a": 1, "b": 1})))
    assert len({request.run_key for request in requests}) == 3
    # What was stored before a gate stopped another file of the landing needs one run more, all of it together.
    found = Due(loadable=[file_of("a"), file_of("b"), file_of("c")], stored={"a", "b"})
    (request,) = automation._runs(found, automation._Memory(tried={"a": 1, "b": 1}))
    assert what([request]) == ["2008-09"]


def test_a_register_waits_for_something_to_act_on(home):
    land(home, "rulings.csv", RULINGS)
    assert look() == "rulings.csv: waits for the first return or snapshot of this home"
    assert run_raw(home, [EMBEDDED], partition_key="2008-09").success
    (request,) = look()
    assert what([request]) == ["registers"] and not {keys.RETURNS, keys.PLACEMENTS} & set(request.asset_selection)


def test_a_month_of_snapshots_is_stored_once(home):
    land(home, "a.csv", PLACEMENTS.read_text(encoding="utf-8"))
    shutil.copy(PLACEMENTS.with_name("synthetic_stockton_2009-02-28.csv"), home.landing / "b.csv")
    for month in ("2010-02", "2010-02", "2009-02"):
        with dg.DagsterInstance.ephemeral() as instance:
            assert dg.materialize([steps.raw_placements], partition_key=month, instance=instance, resources={
                "workspace": definitions.WorkspaceResource(home=str(home.folder))}).success
        with database.connect(home.warehouse) as connection:
            months = [f"{day:%Y-%m}" for (day,) in connection.execute(
                "select snapshot_date from raw.snapshot order by 1").fetchall()]
        assert months == (["2010-02"] if month == "2010-02" else ["2009-02", "2010-02"])


def test_what_the_command_made_is_shown_in_a_lasting_instance(home, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "carequartile")
    survey = survey_landing(embedded_paths(), EMBEDDED_DEFAULT)
    lock_free = OpenHome(home, lambda: survey)
    opening.make_ready(home)
    with instance_of_one_run() as instance:
        results = [dg.materialize([asset], instance=instance, resources={"workspace": lock_free})
                   for asset in (steps.raw_returns, steps.raw_placements)]
        assert all(one.success and len(instance.all_logs(one.run_id)) > 9 for one in results)
    events = [event for one in results for event in one.all_events]
    record_in_lasting_instance(events, survey)  # There is none: nothing happens.
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
    record_in_lasting_instance(events, survey)
    assert "this run is not shown in its pages" in caplog.text
    (tmp_path / "dagster").mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    record_in_lasting_instance(events, survey)
    with dg.DagsterInstance.get() as instance:
        assert instance.get_materialized_partitions(keys.RETURNS) == {"2008-09", "2009-10", "2010-11"}
        assert instance.get_materialized_partitions(keys.PLACEMENTS) == {"2009-02", "2010-02"}


def test_a_run_that_skips_publication_is_no_success(home, monkeypatch):
    monkeypatch.setattr(refresh, "_selection", lambda survey, home: dg.AssetSelection.assets(keys.RETURNS))
    with pytest.raises(RunStopped, match="ended after raw returns and published nothing; the last release stays up"):
        refresh.refresh([], home)


def test_a_file_still_being_written_waits(home):
    whole = lines_of("2008-09")
    file = land(home, "return.csv", whole[:5000])

    def write_on():
        file.write_text(whole, encoding="utf-8")

    def replace_by_as_long_a_file():
        times = file.stat().st_atime, file.stat().st_mtime
        file.write_text(whole.replace("Hartlepool", "HARTLEPOOL"), encoding="utf-8")
        os.utime(file, times)

    nothing = tuple
    reported = looks([write_on, replace_by_as_long_a_file, nothing, nothing])
    assert reported[:3] == ["return.csv may still be being written."] * 3
    assert what(reported[3]) == ["2008-09"] and "already loaded" in reported[4]


def test_a_landing_waits_until_all_of_it_is_there(home):
    """What is copied in one go starts one run, and not one for each file that happens to be there first."""
    land(home, "return.csv", lines_of("2008-09"))
    reported = looks([lambda: land(home, "large.csv", lines_of("2009-10")), tuple])
    assert reported[1] == "large.csv may still be being written."
    assert what(reported[2]) == ["2008-09, 2009-10"]


@pytest.mark.parametrize("days", [-4000, 4000], ids=["behind", "ahead"])
def test_a_wrong_clock_does_not_hold_up_files(home, days):
    file = land(home, "return.csv", lines_of("2008-09"))
    then = dt.datetime.now().timestamp() + days * 86400
    os.utime(file, (then, then))
    assert len(look()) == 1


def test_a_wrong_mapping_is_reported_by_the_sensor(home):
    land(home, "ours.yml", "snapshot_mapping: ours\ncolumns: [no]\n")
    land(home, "return.csv", lines_of("2008-09"))
    assert "ours.yml" in look()


def test_nothing_landed_starts_nothing(home):
    assert look() == "landing is empty."
    home.landing.rmdir()
    assert look() == "landing is empty."


def test_unknown_files_start_nothing_and_are_named(home):
    land(home, "minutes.csv", "who,what\nchair,opened the meeting\n")
    land(home, "readme.txt", "hello")
    assert "minutes.csv: no layout knows it" in look()
    (home.landing / "minutes.csv").unlink()
    assert look() == "No CSV, ODS, XLS, XLSX, Parquet or ZIP file is in landing."
    land(home, "return.csv", lines_of("2008-09"))
    assert len(look()) == 1


def test_another_landing_folder_can_be_watched(home, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("CAREQUARTILE_LANDING", str(tmp_path / "elsewhere"))
    assert look() == "elsewhere is empty."
    land(Home.resolve(), "return.csv", lines_of("2008-09"))
    assert len(look()) == 1


def broken(year):
    """A return whose 40th line holds text where a number should be."""
    lines = lines_of(year).splitlines()
    cells = lines[39].split(",")
    return "\n".join([*lines[:39], ",".join([*cells[:6], "about 12", *cells[-3:]]), *lines[40:]]) + "\n"


def test_a_faulty_file_is_noted_by_a_run_that_touches_no_table(home):
    land(home, "broken.csv", broken("2008-09"))
    land(home, "empty.csv", "\n")
    land(home, "good.csv", lines_of("2009-10"))
    assert what(look()) == ["2009-10"]
    reported = looks([tuple, tuple], definitions.refused_files_sensor)
    (request,) = reported[1]
    assert request.tags[keys.WHAT_TAG] == "refused: broken.csv, empty.csv"
    assert reported[2] == "No new file in landing is refused."
    job = definitions.defs.resolve_job_def("refused_files_job")
    assert not job.asset_layer.executable_asset_keys
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(tags=request.tags, instance=instance, raise_on_error=False)
        noted = instance.fetch_observations(keys.RETURNS, limit=9).records
        assert not instance.get_latest_materialization_event(keys.RETURNS)
    assert not result.success and {record.asset_observation.metadata["file"].value for record in noted} == {
        "broken.csv", "empty.csv"}
    for words in ("broken.csv, row 40", "cell_is_number_or_marker", "about 12", "next:", "last release"):
        assert words in why(result)
    assert stored(home) == []
    with database.connect(home.warehouse) as connection:
        refused = dict(connection.execute("select file_name, reason from raw.source_file where status = 'refused'"
                                          ).fetchall())
    assert set(refused) == {"broken.csv", "empty.csv"} and "row 40" in refused["broken.csv"]
    # `status` says why it waits, and the same files are noted once, whatever the sensor remembers.
    assert any("row 40" in row["reason"] for row in status(home).not_loaded)
    assert looks(sensor=definitions.refused_files_sensor)[1] == "No new file in landing is refused."


def test_a_snapshot_whose_rows_cannot_be_read_is_refused_and_stops_no_other(home):
    """Its header is as it should be: only its rows show that it cannot be used."""
    text = PLACEMENTS.read_text(encoding="utf-8")
    land(home, "good.csv", text)
    land(home, "spoiled.csv", text.replace("2010-02-28", "28 Feb"))
    (request,) = look()
    assert what([request]) == ["snapshots"]
    (refused,) = looks(sensor=definitions.refused_files_sensor)[1]
    assert refused.tags[keys.WHAT_TAG] == "refused: spoiled.csv"
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.defs.resolve_job_def("refused_files_job")
        noted = job.execute_in_process(tags=refused.tags, instance=instance, raise_on_error=False)
        run = dg.materialize([steps.raw_placements], instance=instance, tags=request.tags, raise_on_error=False,
                             resources={"workspace": definitions.WorkspaceResource(home=str(home.folder))})
        (record,) = instance.fetch_observations(keys.PLACEMENTS, limit=9).records
    assert "snapshot_date" in why(noted) and record.asset_observation.metadata["file"].value == "spoiled.csv"
    assert run.success
    made = [event for event in run.asset_materializations_for_node("raw__placements") if not event.partition]
    assert made[0].metadata["files rejected"].value == 1
    with database.connect(home.warehouse) as connection:
        assert connection.execute("select file_name from raw.source_file").fetchall() == [("good.csv",)]


@pytest.mark.parametrize(("ago", "before_this_process", "is_lost"), [
    (10, True, False), (30, True, True), (30, False, False), (130, False, True)])
def test_a_run_of_a_daemon_that_is_gone_is_lost_sooner(monkeypatch, ago, before_this_process, is_lost):
    """After a restart of the machine no one waits until a healthy run would have imported everything."""
    began = time.time() - ago
    monkeypatch.setattr(automation, "LOADED_AT", began + 1 if before_this_process else began - 1)
    assert automation._is_lost(began) == is_lost


def test_a_run_is_never_silent_for_long(home, monkeypatch):
    monkeypatch.setattr(progress, "Lines", partial(progress.Lines, silence=0.1))

    @dg.asset
    def slow(workspace: dg.ResourceParam[OpenHome]) -> None:
        progress.step("slow")
        progress.reached(3, 7, "tables")
        time.sleep(0.5)

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([slow], instance=instance, resources={
            "workspace": definitions.WorkspaceResource(home=str(home.folder))})
        logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any(text.startswith("slow: 3 of 7 tables, 0 s so far") for text in logged)


@pytest.mark.full
def test_a_run_of_a_landing_leaves_out_what_is_faulty_or_was_stopped(home):
    land(home, "broken.csv", broken("2010-11"))
    land(home, "return.csv", lines_of("2008-09", **{"114_2.9_numerator": "9,300"}))
    (request,) = look()
    result = run_raw(home, tags=request.tags)
    assert result.success and stored(home) == [("2008-09",)]
    assert {event.partition for event in result.get_asset_materialization_events()
            if event.asset_key == keys.RETURNS} == {None, "2008-09"}
    with database.connect(home.warehouse) as connection:
        (release,) = connection.execute("select release_id from raw.release").fetchone()
    assert reject_files(home.warehouse, {release: "gate A: parts_add_up"}) == ["return.csv"]
    land(home, "return corrected.csv", lines_of("2008-09"))
    (corrected,) = look()
    assert run_raw(home, tags=corrected.tags).success
    assert stored(home) == [("2008-09",)]
    # In a run started by hand the stopped file is tried again: a rule or its threshold may have changed since.
    assert run_raw(home, partition_key="2008-09").success
    assert stored(home) == [("2008-09",), ("2008-09",)]
    # Such a run is for the whole year, not for one file: a fault in the year stops it.
    assert "broken.csv" in why(run_raw(home, partition_key="2010-11"))


@pytest.mark.full
def test_the_whole_job_of_placements_publishes(home):
    land(home, "placements.csv", PLACEMENTS.read_text(encoding="utf-8"))
    (request,) = look()
    job = definitions.defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(asset_selection=request.asset_selection, tags=request.tags, instance=instance,
                                        raise_on_error=False)
        assert result.success, why(result)
        assert instance.get_materialized_partitions(keys.PLACEMENTS) == {"2010-02"}
    assert [snapshot["date"] for snapshot in publish.read_local_manifest(home)["snapshots"]] == ["2010-02-28"]


@pytest.mark.full
def test_the_whole_job_publishes(home):
    """As the sensor starts it: returns and everything after them, in one run."""
    land(home, "return.csv", lines_of("2008-09"))
    (request,) = look()
    job = definitions.defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(asset_selection=request.asset_selection, tags=request.tags, instance=instance,
                                        raise_on_error=False)
        assert result.success
        assert instance.get_materialized_partitions(keys.RETURNS) == {"2008-09"}
        checks = result.get_asset_check_evaluations()
    assert {check.check_name for check in checks} >= {rule.id for gate in "ab" for rule in load_rules(gate)}
    failed = {check.check_name: check.severity for check in checks if not check.passed}
    assert failed["peer_and_sibling"] is dg.AssetCheckSeverity.WARN
    assert [release["financial_year"] for release in publish.read_manifest(home)["releases"]] == ["2008-09"]
