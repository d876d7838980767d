"""Proves that a snapshot that was replaced stays replaced while both files are in the landing folder."""

import pytest
from builders import write_csv
from year import snapshot

from orchestration import database
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.store import warehouse
from orchestration.store.files import mark_accepted, superseded_files
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing


@pytest.fixture
def home(tmp_path):
    found = Home(tmp_path / "home")
    warehouse.prepare(found.warehouse)
    found.landing.mkdir()
    return found


def load(home):
    """As a run does: what it loads, and both gates pass."""
    survey = survey_landing([home.landing]).without_superseded(superseded_files(home.warehouse))
    stored = load_placements(survey, home.warehouse, load_key(home, is_in_use=False))
    mark_accepted(home.warehouse)
    with database.connect(home.warehouse) as connection:
        (prices,) = connection.execute("select list(distinct gross_weekly_gbp::varchar) from raw.placement "
                                       "where row_number = 2").fetchone()
    return sorted(stored), prices


def land(home, name, price):
    write_csv(home.landing / f"{name}.csv", snapshot("114", "2009-04-30", gross_weekly_gbp=price))


def test_what_was_replaced_is_not_loaded_again_from_the_same_folder(home):
    land(home, "april", "700")
    assert load(home) == (["april.csv"], ["700.0000"])
    land(home, "corrected", "710")
    assert load(home) == (["corrected.csv"], ["710.0000"])
    assert load(home) == ([], ["710.0000"]), "the older file is still there"
    land(home, "corrected again", "720")
    assert load(home) == (["corrected again.csv"], ["720.0000"])
    (home.landing / "corrected.csv").unlink()
    assert load(home) == ([], ["720.0000"]), "replaced by what was replaced in its turn"


def test_the_older_one_can_be_landed_by_itself(home):
    for name, price in (("april", "700"), ("corrected", "710")):
        land(home, name, price)
        load(home)
    (home.landing / "corrected.csv").unlink()
    assert load(home) == (["april.csv"], ["700.0000"])
    land(home, "corrected", "710")
    assert load(home) == ([], ["700.0000"]), "now it is the one that was replaced"
