"""Proves what is kept and for how long, and that a warehouse of another Carequartile is never misread or lost."""

import datetime as dt

import duckdb
import pytest
from embedded_years import lines_of
from sampling import sampled

from orchestration import database
from orchestration.faults import RunStopped, UnusableInput
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.refresh import refresh
from orchestration.store import retention, warehouse
from orchestration.store.files import expired_files, has_landed
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import EMBEDDED, embedded_paths, survey_landing

SNAPSHOTS = embedded_paths()[1]


def at(year, month, day, hour=12):
    return dt.datetime(year, month, day, hour, tzinfo=dt.UTC)


# --- the time of rows about people ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "months", "before"), [
    (at(2026, 11, 27), "36", dt.datetime(2023, 11, 27, 12)), (at(2027, 1, 31), "1", dt.datetime(2026, 12, 31, 12)),
    (at(2027, 3, 31), "1", dt.datetime(2027, 2, 28, 12)), (at(2028, 2, 29), "12", dt.datetime(2027, 2, 28, 12)),
    (at(2026, 1, 1), "1200", dt.datetime(1926, 1, 1, 12))])
def test_the_moment_before_which_rows_go(monkeypatch, now, months, before):
    monkeypatch.setenv("CAREQUARTILE_PLACEMENT_MONTHS_KEPT", months)
    assert retention.cutoff(now) == before


@pytest.mark.parametrize("name", ["CAREQUARTILE_PLACEMENT_MONTHS_KEPT", "CAREQUARTILE_RELEASES_KEPT"])
@pytest.mark.parametrize("text", sampled(["0", "-1", "three", "1.5", "٣", "99999"], 2))
def test_an_invalid_setting_is_reported_before_the_run(tmp_path, monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(UnusableInput, match=rf"{name} is '{text}'. Expected: a whole number .* Next: correct it"):
        refresh([SNAPSHOTS], Home(tmp_path / "home"))


@pytest.fixture
def stored(tmp_path):
    """A warehouse with the two synthetic snapshots landed today, each row with a different key."""
    home = Home(tmp_path / "home")
    warehouse.prepare(home.warehouse)
    load_placements(survey_landing([SNAPSHOTS]), home.warehouse, load_key(home, is_in_use=False))
    return home


def keys(home):
    with database.connect(home.warehouse) as connection:
        return [key for (key,) in connection.execute("select distinct person_key from raw.placement").fetchall()]


def test_rows_about_people_are_dropped_when_their_time_is_over_and_no_byte_of_them_is_left(stored):
    people = keys(stored)
    assert people and people[0].encode() in stored.warehouse.read_bytes()
    assert retention.expire(stored.warehouse) == [] and keys(stored)
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=3 * 366)
    assert len(retention.expire(stored.warehouse, ahead)) == 2
    assert keys(stored) == []
    content = stored.warehouse.read_bytes()
    assert not [key for key in people if key.encode() in content]
    assert stored.warehouse.stat().st_mode & 0o777 == 0o600
    with database.connect(stored.warehouse) as connection:
        assert connection.execute("select status, reason from raw.source_file").fetchall() == [
            ("expired", f"rows about people are kept 36 months; dropped on {ahead.date()}")] * 2
        assert connection.execute("select count(*) from raw.snapshot").fetchone() == (0,)
        assert connection.execute("select count(*) from raw.person_key_check").fetchone() == (1,)
    assert retention.expire(stored.warehouse, ahead) == []


def test_what_has_expired_is_not_loaded_again_from_the_landing_folder(stored, monkeypatch):
    """Once a clock that was ahead is corrected, it is loaded again: no row had expired."""
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=3 * 366)
    retention.expire(stored.warehouse, ahead)
    sources = {file.source_id for file in survey_landing([SNAPSHOTS]).files}
    assert expired_files(stored.warehouse, retention.cutoff(ahead)) == sources
    assert expired_files(stored.warehouse, retention.cutoff()) == set()
    assert has_landed(stored.warehouse), "the embedded default must not take its place"
    load_placements(survey_landing([SNAPSHOTS]), stored.warehouse, load_key(stored, is_in_use=True))
    assert len(keys(stored)) > 100


def test_the_synthetic_default_does_not_expire(tmp_path):
    home = Home(tmp_path / "home")
    warehouse.prepare(home.warehouse)
    load_placements(survey_landing([SNAPSHOTS], EMBEDDED), home.warehouse, load_key(home, is_in_use=False))
    assert retention.expire(home.warehouse, at(2099, 1, 1)) == [] and keys(home)


@pytest.mark.parametrize("step", ["attach", "connect"])
def test_a_warehouse_whose_rewriting_is_interrupted_is_unchanged(stored, monkeypatch, step):
    people = len(keys(stored))
    real, calls = getattr(warehouse, step), []

    def breaks(*arguments, **options):
        calls.append(arguments)
        if step == "attach" or len(calls) == 2:
            raise RuntimeError("killed")
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(warehouse, step, breaks)
        with pytest.raises(RuntimeError):
            warehouse.rewrite(stored.warehouse)
    assert len(keys(stored)) == people
    warehouse.rewrite(stored.warehouse)
    assert len(keys(stored)) == people and not list(stored.folder.glob(".warehouse*"))


# --- a warehouse that another Carequartile made -----------------------------------------------------------------------


@pytest.fixture
def old(tmp_path):
    """A home whose warehouse has an earlier layout, with one landed return and one snapshot in it."""
    home, landing = Home(tmp_path / "home"), tmp_path / "landing"
    landing.mkdir()
    (landing / "y2008.csv").write_text(lines_of("2008-09"), encoding="utf-8")
    warehouse.prepare(home.warehouse)
    load_returns(survey_landing([landing]), home.warehouse)
    set_version(home, 1)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("alter table raw.cell drop column printed_text")
    return home, landing


def set_version(home, version):
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update raw.schema_version set version = ?", [version])


def test_an_older_warehouse_is_never_read_and_never_lost(old):
    home, landing = old
    before = home.warehouse.read_bytes()
    with pytest.raises(RunStopped, match=r"earlier Carequartile \(layout 1.*refresh --landing PATH"):
        refresh([], home)
    (landing / "y2009.csv").write_text(lines_of("2009-10"), encoding="utf-8")
    with pytest.raises(RunStopped, match=r"had loaded 1 files, and 1 of them are not landed now: y2008.csv"):
        refresh([landing / "y2009.csv"], home)
    assert home.warehouse.read_bytes() == before and not warehouse.older(home.warehouse).exists()


@pytest.mark.full
def test_an_older_warehouse_is_built_anew_from_its_landing(old):
    home, landing = old
    (landing / "y2009.csv").write_text(lines_of("2009-10"), encoding="utf-8")
    outcome = refresh([landing], home)
    assert [release["financial_year"] for release in outcome.manifest["releases"]] == ["2008-09", "2009-10"]
    assert not warehouse.older(home.warehouse).exists()


def test_an_interrupted_rebuild_resumes_from_the_older_warehouse(old):
    home, _ = old
    warehouse.move_to_older(home.warehouse)
    assert warehouse.older(home.warehouse).stat().st_mode & 0o777 == 0o600
    with pytest.raises(RunStopped, match="not yet rebuilt from what an earlier Carequartile had loaded"):
        refresh([], home)
    assert not home.published.exists(), "the embedded default must not take its place"


def test_a_later_warehouse_is_left_alone(old):
    home, landing = old
    set_version(home, 99)
    with pytest.raises(RunStopped, match=r"made by a later Carequartile.*use that version, or another --home"):
        refresh([landing], home)
