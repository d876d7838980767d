"""Plays a year in the life of a home: twelve months of landings with Dagster's daemon running, each in about a minute.

Three invented councils file monthly snapshots, one of them late, one corrected, one broken; a return is provisional,
then final, and another is restated; there is a ruling, a council that is new, codes that no one knows, a disk that is
full once, and a machine that loses its power in the middle of a run. A month is one test, in their order. After each,
`carequartile status` must say exactly what is so, and nothing is done by hand but landing files (and giving the disk
room, and switching the machine on).
"""

import os
import shutil
import subprocess
import time
from decimal import Decimal

import pytest
import trials
from year import CENTRAL_BEDFORDSHIRE, COUNCILS, HARTLEPOOL, MIDDLESBROUGH, STOCKTON, Daemon, awaited, returned, ruling
from year import snapshot as of

from orchestration import local_copy, publish
from orchestration.assets.keys import PLACEMENTS, RETURNS
from orchestration.home import Home
from orchestration.refresh import refresh
from orchestration.store import lock

pytestmark = pytest.mark.year
MEASURE = "learning_disability_residential_unit_cost"
FINAL = {"114_29_numerator": "3,150", "114_29_unit_cost": "919.4"}
RESTATED = {"111_27_numerator": "3,200", "111_27_unit_cost": "941.2"}


class Year:
    """The daemon, and what should be so by now: years by financial year, snapshots, refused files, runs."""

    def __init__(self, folder, disk):
        self.daemon, self.disk = Daemon(folder), disk
        self.home, self.runs = self.daemon.home, 0
        self.loaded, self.snapshots, self.refused, self.waiting = {}, {}, {}, []
        self.broke_in = None

    def ran(self, *expected):
        """Waits for the next runs; each is what it is for, with a minus in front where it fails."""
        found = self.daemon.ended(self.runs, len(expected))
        assert sorted(found) == sorted((what.removeprefix("-"), "FAILURE" if what.startswith("-") else "SUCCESS")
                                       for what in expected), self.daemon.tail()
        self.runs += len(expected)

    def says_what_is_so(self):
        """Holds `status` to what has been landed so far, and the daemon to no run that no one expected."""
        said = self.daemon.status()
        assert (said["exit_code"], said["holder"], said["damaged"], said["unpublished"]) == (0, None, [], [])
        assert said["published"]["run_id"] == publish.read_manifest(self.home)["run_id"]
        assert {row["financial_year"]: (row["councils"], row["releases"]) for row in said["loaded"]} == self.loaded
        assert {(row["council_code"], row["day"]): row["lines"] for row in said["snapshots"]} == self.snapshots
        assert {row["file_name"] for row in said["not_loaded"]} == set(self.refused), said["not_loaded"]
        for row in said["not_loaded"]:
            assert self.refused[row["file_name"]] in row["reason"]
        assert said["waiting"] == self.waiting
        assert len(self.daemon.runs()) == self.runs, [dict(run.tags) for run in self.daemon.runs()]
        return said

    def rows(self, sql):
        return rows_of(self.home, sql)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    folder = tmp_path_factory.mktemp("year")
    disk = folder / "disk"
    disk.mkdir()
    is_separate = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3G", "tmpfs", str(disk)], check=False, capture_output=True).returncode == 0
    playing = Year(disk, disk if is_separate else None)
    yield playing
    playing.daemon.stop()
    if is_separate:
        subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.fixture(autouse=True)
def month(year, request):
    """After a month that went wrong there is no use in the next."""
    if year.broke_in:
        pytest.skip(f"{year.broke_in} went wrong")
    year.broke_in = request.node.name
    yield


def went_well(year):
    said = year.says_what_is_so()
    year.broke_in = None
    return said


def test_april_the_first_landing(year):
    year.daemon.land(return_2008=returned("2008-09", "provisional"),
                     **{f"{code}_april": of(code, "2009-04-30") for code in COUNCILS})
    year.ran("2008-09, snapshots")
    year.loaded = {"2008-09": (3, 1)}
    year.snapshots = {(code, "2009-04-30"): 4 for code in COUNCILS}
    went_well(year)


def test_may_one_is_late_and_one_is_broken(year):
    year.daemon.land(stockton_may=of(STOCKTON, "2009-05-31"),
                     middlesbrough_may=of(MIDDLESBROUGH, "2009-05-31", snapshot_date="31 May"))
    year.ran("snapshots", "-refused: middlesbrough_may.csv")
    year.snapshots |= {(STOCKTON, "2009-05-31"): 4}
    # What is refused as a snapshot is named nowhere that others read: it waits, and the run that failed says why.
    year.waiting = ["middlesbrough_may.csv"]
    went_well(year)


def test_june_the_late_and_the_corrected(year):
    year.daemon.land(hartlepool_may=of(HARTLEPOOL, "2009-05-31"), middlesbrough_may=of(MIDDLESBROUGH, "2009-05-31"),
                     stockton_april_again=of(STOCKTON, "2009-04-30", gross_weekly_gbp="705.50"),
                     **{f"{code}_june": of(code, "2009-06-30") for code in COUNCILS})
    year.ran("snapshots")
    year.snapshots |= {(code, day): 4 for code in COUNCILS for day in ("2009-05-31", "2009-06-30")}
    year.waiting = []
    went_well(year)


def test_july_brings_what_is_there_already(year):
    since = time.time()
    year.daemon.land(**{f"{code}_june_once_more": of(code, "2009-06-30") for code in COUNCILS})
    year.daemon.looked("111_june_once_more.csv: the same content as 111_june.csv", since)
    went_well(year)


def test_august_a_council_no_one_knows(year):
    year.daemon.land(return_2009=returned("2009-10", codes=(*COUNCILS, "999")))
    year.ran("-refused: return_2009.csv")
    year.refused = {"return_2009.csv": "999"}
    went_well(year)


def test_september_a_code_no_one_knows_stops_its_own_file_alone(year):
    year.daemon.land(middlesbrough_september=of(MIDDLESBROUGH, "2009-09-30", setting="chalet"),
                     **{f"{code}_september": of(code, "2009-09-30") for code in (STOCKTON, HARTLEPOOL)})
    year.ran("-snapshots", "snapshots")
    year.snapshots |= {(code, "2009-09-30"): 4 for code in (STOCKTON, HARTLEPOOL)}
    year.refused |= {"middlesbrough_september.csv": "25.0% of the lines"}
    went_well(year)


def test_october_a_new_council(year):
    year.daemon.land(return_2009=returned("2009-10", codes=(*COUNCILS, CENTRAL_BEDFORDSHIRE)),
                     bedfordshire_october=of(CENTRAL_BEDFORDSHIRE, "2009-10-31"),
                     middlesbrough_september=of(MIDDLESBROUGH, "2009-09-30"))
    year.ran("2009-10, snapshots")
    year.loaded |= {"2009-10": (4, 1)}
    year.snapshots |= {(CENTRAL_BEDFORDSHIRE, "2009-10-31"): 4, (MIDDLESBROUGH, "2009-09-30"): 4}
    year.refused = {}
    went_well(year)


def test_november_the_final_return(year):
    year.daemon.land(return_2008_final=returned("2008-09", **FINAL))
    year.ran("2008-09")
    year.loaded["2008-09"] = (3, 2)
    went_well(year)


def test_december_a_ruling(year):
    year.daemon.land(rulings=ruling(MEASURE, STOCKTON, "2008-09", "910.5"))
    year.ran("registers")
    went_well(year)


def test_january_the_disk_is_full_once(year):
    if year.disk is None:
        year.broke_in = None
        pytest.skip("only root may mount a separate file system; the year goes on without a full disk")
    before = publish.read_manifest(year.home)["run_id"]
    year.daemon.land(**{f"{code}_january": of(code, "2010-01-31") for code in COUNCILS})
    year.daemon.holder()
    resize(year.disk, shutil.disk_usage(year.disk).used + 3_000_000)
    awaited(lambda: lock.holder(year.home) is None, "end of that run")
    said = year.daemon.status()
    assert (said["published"]["run_id"], said["damaged"]) == (before, [])
    assert said["waiting"] or said["unpublished"]
    assert "MB free, and a run needs about" in said["too_full"]
    resize(year.disk, 3_000_000_000)
    year.ran("-snapshots", "snapshots")
    assert year.daemon.status()["too_full"] is None
    year.snapshots |= {(code, "2010-01-31"): 4 for code in COUNCILS}
    went_well(year)


def resize(disk, size):
    trials._mount("-o", f"remount,size={size}", str(disk))


def test_february_the_machine_loses_its_power(year):
    before = publish.read_manifest(year.home)["run_id"]
    year.daemon.land(**{f"{code}_february": of(code, "2010-02-28") for code in COUNCILS})
    year.daemon.holder()
    assert year.daemon.status()["holder"]
    year.daemon.kill()
    said = year.daemon.status()
    assert (said["published"]["run_id"], said["holder"], said["damaged"]) == (before, None, [])
    year.daemon.start()
    year.ran("-snapshots", "snapshots")
    year.snapshots |= {(code, "2010-02-28"): 4 for code in COUNCILS}
    went_well(year)


def test_march_a_restatement(year):
    year.daemon.land(return_2009_restated=returned("2009-10", codes=(*COUNCILS, CENTRAL_BEDFORDSHIRE),
                                                   **RESTATED),
                     bedfordshire_march=of(CENTRAL_BEDFORDSHIRE, "2010-03-31"))
    year.ran("2009-10, snapshots")
    year.loaded["2009-10"] = (4, 2)
    year.snapshots |= {(CENTRAL_BEDFORDSHIRE, "2010-03-31"): 4}
    went_well(year)


TABLES = ("marts.fct_figure", "marts.mart_restatement", "marts.mart_unit_cost_variance", "marts.mart_placement_setting",
          "marts.mart_placement_drift", "marts.dim_snapshot", "quality.ruling")


def test_at_the_end_every_release_is_as_it_should_be(year, tmp_path):
    """A home that is given all good files at once holds the same: what was refused, superseded, stopped, cut off by a
    full disk or by the loss of power has left nothing behind, and nothing of the others is missing.
    """
    left_out = {"114_april.csv", *(f"{code}_june_once_more.csv" for code in COUNCILS)}
    good = tmp_path / "good"
    shutil.copytree(year.home.landing, good, ignore=lambda _, names: left_out.intersection(names))
    fresh = Home(tmp_path / "fresh")
    refresh([good], fresh)
    for table in TABLES:
        columns = "* exclude (received_at)" if "received_at" in columns_of(year.home, table) else "*"
        found = [rows_of(home, f"select {columns} from {table} order by all") for home in (year.home, fresh)]
        assert found[0] and found[0] == found[1], table
    restated = year.rows("select distinct financial_year, council_code from marts.mart_restatement order by all")
    assert restated == [("2008-09", STOCKTON), ("2009-10", HARTLEPOOL)]
    assert year.rows(f"select distinct value from marts.mart_unit_cost_variance where measure_id = '{MEASURE}' and "
                     "council_code = '114' and financial_year = '2008-09'") == [(Decimal("910.5"),)]
    assert year.daemon.instance.get_materialized_partitions(RETURNS) == {"2008-09", "2009-10"}
    assert year.daemon.instance.get_materialized_partitions(PLACEMENTS) == {day[:7] for _, day in year.snapshots}
    went_well(year)


def rows_of(home, sql):
    with local_copy.connect(home, is_local=True) as connection:
        return connection.execute(sql).fetchall()


def columns_of(home, table):
    return [row[0] for row in rows_of(home, f"describe {table}")]
