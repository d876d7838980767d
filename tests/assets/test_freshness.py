"""Proves that what is due and missing is named, once a day; that the pages are written by night after a release."""

import datetime as dt

import dagster as dg
import pytest
from builders import write_csv
from year import returned, snapshot

from orchestration import definitions
from orchestration.assets import freshness, keys
from orchestration.assets.workspace import OpenHome
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.store import newest, warehouse
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

DAY = dt.date.fromisoformat


@pytest.mark.parametrize(("day", "year"), [("2026-11-30", "2024-25"), ("2026-12-01", "2025-26"),
                                           ("2027-03-31", "2025-26"), ("2001-01-01", "1999-00")])
def test_a_return_is_due_from_the_end_of_november(day, year):
    assert newest.year_due(DAY(day)) == year


@pytest.mark.parametrize(("day", "month"), [("2026-11-10", "2026-09"), ("2026-11-11", "2026-10"),
                                            ("2027-01-11", "2026-12"), ("2027-01-01", "2026-11")])
def test_a_month_is_due_from_the_tenth(day, month):
    assert newest.month_due(DAY(day)) == month


def test_who_files_once_a_year_is_never_late():
    days = {"114": [DAY("2026-07-31"), DAY("2026-08-31")], "111": [DAY("2025-03-31"), DAY("2026-03-31")],
            "112": [DAY("2026-09-30"), DAY("2026-10-31")], "305": [DAY("2024-01-31")]}
    assert newest.late(days, DAY("2026-11-29")) == {"114": DAY("2026-08-31")}


@pytest.fixture
def home(tmp_path):
    """A home with a return of 2009-10 and the snapshots of two months, stored and not judged."""
    found = Home(tmp_path / "home")
    warehouse.prepare(found.warehouse)
    landing = tmp_path / "landing"
    landing.mkdir()
    write_csv(landing / "return.csv", returned("2009-10"))
    for day in ("2010-01-31", "2010-02-28"):
        write_csv(landing / f"{day}.csv", snapshot("114", day))
    survey = survey_landing([landing])
    load_returns(survey, found.warehouse)
    load_placements(survey, found.warehouse, load_key(found, is_in_use=False))
    return found


def judged(home, day, monkeypatch):
    """What both checks say on a day."""
    class Clock(dt.date):
        @classmethod
        def today(cls):
            return DAY(day)

    monkeypatch.setattr(freshness.dt, "date", Clock)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(list(freshness.CHECKS), instance=instance,
                                selection=dg.AssetSelection.all_asset_checks(),
                                resources={"workspace": OpenHome(home, lambda: None)})
    return {check.check_name: (check.passed, check.metadata["what"].value if "what" in check.metadata else "")
            for check in result.get_asset_check_evaluations()}


def test_what_is_missing_is_named(home, monkeypatch):
    assert judged(home, "2010-03-10", monkeypatch) == {
        "return_is_here_when_due": (True, ""), "snapshots_are_here_when_due": (True, "")}
    found = judged(home, "2011-12-01", monkeypatch)
    passed, words = found["return_is_here_when_due"]
    assert not passed and words == ("The newest return that is stored is of 2009-10; that of 2010-11 should be here by "
                                    "30 November. Next: land it.")
    assert found["snapshots_are_here_when_due"] == (False, "Stockton-on-Tees (114): the newest is of 2010-02-28")


def test_an_embedded_default_is_never_late(tmp_path, monkeypatch):
    empty = Home(tmp_path / "empty")
    warehouse.prepare(empty.warehouse)
    assert all(passed for passed, _ in judged(empty, "2026-12-01", monkeypatch).values())


CHECKS = {spec.key for checks in freshness.CHECKS for spec in checks.check_specs}


def test_pages_are_written_by_night_after_a_release_and_checks_each_morning():
    """From one evaluation to the next as the daemon makes them; each time, what it would start."""
    cursor = None

    def asked(day, hour, minute):
        nonlocal cursor
        result = dg.evaluate_automation_conditions(
            definitions.defs, instance, definitions.daily_sensor.asset_selection, cursor=cursor,
            evaluation_time=dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC))
        cursor = result.cursor
        return {found.key for found in result.results if found.true_subset.size}

    with dg.DagsterInstance.ephemeral() as instance:
        assert asked(3, 1, 0) == set()
        assert asked(3, 3, 1) == set(), "no release since the pages were written"
        instance.report_runless_asset_event(dg.AssetMaterialization(keys.RELEASE))
        assert asked(3, 6, 0) == set()
        assert asked(3, 7, 1) == CHECKS
        assert asked(3, 8, 0) == set()
        assert asked(4, 3, 1) == {keys.PAGES}
        assert asked(4, 7, 1) == CHECKS
