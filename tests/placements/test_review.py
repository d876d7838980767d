"""Proves that a review list opens the right rows of an export, is restricted, and says which rows are gone."""

import csv
import datetime as dt
import json
import shutil
import stat
import subprocess
import sys
import threading
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from orchestration import database, transform
from orchestration.cli import app
from orchestration.faults import RunStopped, UnusableInput
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.review import COLUMNS, review
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

MAPPING = """snapshot_mapping: our_care_system
title: Our care system, monthly extract
columns:
  person_reference: Client No
  council_code: {value: '305'}
  snapshot_date: {file_name: '%Y-%m-%d'}
  age: Age (yrs)
  client_group: {column: Team, codes: {LD Adults: learning_disability, MH: mental_health}}
  setting: {column: Placement type, codes: {Res care: residential, SL: supported_living}}
  provider: Home
  gross_weekly_gbp: Weekly cost (£)
  start_date: {column: From, date_format: '%d/%m/%Y'}
  end_date: {column: Until, date_format: '%d/%m/%Y'}
"""
HEADER = ["Client No", "Age (yrs)", "Team", "Placement type", "Home", "Weekly cost (£)", "From", "Until", "Notes"]
NHS_NUMBER = "9434765919"
# Bury's threshold of 2022, from the parameters that are shipped.
HIGH_COST = Decimal(1800)


def pounds(amount):
    return f"£{amount:,.2f}"


def good_rows():
    """Invented: 640 lines of 640 people, from 420 to 2,870 pounds a week in care homes."""
    rows = []
    for number in range(640):
        in_home = number % 3 == 0
        cost = Decimal(420 + (number * 37) % 2450) if in_home else Decimal(60 + (number * 11) % 900)
        rows.append([f"C{number:05}", str(20 + number % 60), "MH" if number % 7 == 0 else "LD Adults",
                     "Res care" if in_home else "SL", f"Home {number % 20}", pounds(cost), "01/04/2021", "", ""])
    return rows


def export(folder):
    """The export of a council: five broken rows among 640, two NHS numbers in notes, a total at the foot.

    Returns its lines and, by row number, the weekly price of every care home placement that is to be reviewed.
    """
    rows = good_rows()
    rows[30][8] = f"NHS {NHS_NUMBER[:3]}\u2013{NHS_NUMBER[3:6]}\u2013{NHS_NUMBER[6:]}"
    rows[31][8] = f"see\xa0{NHS_NUMBER[:3]}\xa0{NHS_NUMBER[3:6]}\xa0{NHS_NUMBER[6:]}"
    like = ["X1", "44", "LD Adults", "Res care", "Home 1", pounds(2000), "01/04/2021", "", ""]
    broken = {100: [*like[:5], "-£2,000.00", *like[6:]], 200: ["X2", "17", *like[2:]],
              300: ["X3", *like[1:6], "01/04/2021", "31/03/2021", ""], 400: ["X4", *like[1:5], "ask Jo", *like[6:]],
              500: rows[3]}
    for place, row in broken.items():
        rows.insert(place, row)
    wanted = {}
    for number, row in enumerate(rows, start=2):
        cost = Decimal(row[5].strip("£").replace(",", "")) if row[5].startswith("£") else None
        if number - 2 not in broken and row[2] == "LD Adults" and row[3] == "Res care" and cost >= HIGH_COST:
            wanted[number] = cost
    lines = [";".join(row) for row in [HEADER, *rows]] + ["Total records;645"]
    folder.mkdir()
    (folder / "placements_2022-06-30.csv").write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    (folder / "our_care_system.yml").write_text(MAPPING, "utf-8")
    return lines, wanted


@pytest.fixture
def home(embedded_home, tmp_path):
    """The embedded home of its own: both synthetic snapshots of Stockton."""
    home = Home(tmp_path / "home")
    shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
    return home


def load(home, landing):
    survey = survey_landing([landing])
    survey.require_usable()
    load_returns(survey, home.warehouse, set())
    load_placements(survey, home.warehouse, load_key(home))
    transform.run_dbt(home, ["carequartile.staging.registers.*", "carequartile.staging.placements.*",
                             "carequartile.intermediate.placements.*", "mart_local_opportunity", "mart_case_review",
                             "dim_snapshot"],
                      ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"))


def listed(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(home, sql):
    with database.connect(home.warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_foreign_export_goes_in_with_one_mapping_and_its_review_list_opens_its_rows(home, tmp_path):
    lines, wanted = export(tmp_path / "landing")
    load(home, tmp_path / "landing")
    in_group = "client_group = 'Learning disability'"
    assert ask(home, "select count(*), count(rejected_by) from intermediate.int_placement_line") == [(645, 5)]
    assert ask(home, "select n_rows, n_rejected from marts.dim_snapshot where council = 'Bury'") == [(645, 5)]
    assert ask(home, f"select people, annual_cost_gbp from marts.mart_local_opportunity where {in_group} "
                     "and opportunity = 'high_cost' and assumption = 'review_10_pct'") == [
        (len(wanted), 52 * sum(wanted.values()))]

    made = review(home, "high_cost", "Bury", out=tmp_path / "list.csv")
    rows = [row for row in listed(made.path) if int(row["row_number"]) in wanted]
    assert made.packages == made.rows >= len(rows) == len(wanted) > 20
    for row in listed(made.path):
        opened = dict(zip(HEADER, lines[int(row["row_number"]) - 1].split(";")))
        assert row["file_name"] == "placements_2022-06-30.csv"
        assert (opened["Placement type"], opened["Weekly cost (£)"]) == ("Res care", pounds(Decimal(row["weekly_gbp"])))
        assert Decimal(row["worth_gbp_a_year"]) == Decimal(row["weekly_gbp"]) * 52 / 5
    prices = [Decimal(row["weekly_gbp"]) for row in listed(made.path)]
    assert prices == sorted(prices, reverse=True)
    # What is not a code, a number or a date stays in the export.
    stored = home.warehouse.read_bytes()
    assert NHS_NUMBER.encode() not in stored and b"see\xc2\xa0943" not in stored and b"C00030" not in stored


def test_reviews_come_back_by_the_row_that_was_listed(home, tmp_path):
    made = review(home, "high_cost", "stockton", limit=2, out=tmp_path / "list.csv")
    first, *_, last = listed(made.path)
    assert first["package"] == "1" and last["package"] == "2"
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "reviews.csv").write_text(
        "council_code,snapshot_date,file_name,row_number,issue,outcome,weekly_before_gbp,weekly_after_gbp,reviewed_on\n"
        f"114,2010-02-28,{first['file_name']},{first['row_number']},14,reduced,{first['weekly_gbp']},"
        f"{Decimal(first['weekly_gbp']) - 100},2010-06-01\n"
        f"114,2010-02-28,{last['file_name']},{last['row_number']},14,unchanged,,,2010-06-01\n", "utf-8")
    load(home, landing)
    found = ask(home, "select packages, reviewed, found, saving_gbp, to_do, unmatched_rows from marts.mart_case_review "
                      "where client_group = 'Learning disability' and opportunity = 'high_cost' and issue in (0, 14)")
    assert found == [(53, 2, 1, 5200, 51, 0), (53, 2, 1, 5200, None, 0)] or found == [
        (53, 2, 1, 5200, None, 0), (53, 2, 1, 5200, 51, 0)]


@pytest.mark.parametrize("topic, column, most", [("newest_residential", "start_date", 26),
                                                 ("newest_review", "last_review_date", 14)])
def test_a_sample_of_case_files_is_of_the_newest(home, tmp_path, topic, column, most):
    made = review(home, topic, "114", dt.date(2010, 2, 28), out=tmp_path / "list.csv")
    days = [row["reason"][-10:] for row in listed(made.path)]
    assert made.packages == most and days == sorted(days, reverse=True)
    [(newest,)] = ask(home, f"select max({column}) from intermediate.int_package where snapshot_id like '114:2010%' "
                            f"and ('{topic}' = 'newest_review' or setting_group = 'Residential and nursing')")
    assert days[0] == str(newest)


def test_a_list_is_private_and_its_run_is_logged(home, tmp_path):
    result = CliRunner().invoke(app, ["review", "overdue_review", "--council", "stockton", "--day", "2010-02-28",
                                      "--limit", "3", "--home", str(home.folder)])
    assert result.exit_code == 0, result.output
    [path] = (home.local_folder / "reviews").glob("*.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "3 packages" in result.output and "(synthetic)" in result.output and str(path) in result.output
    assert tuple(listed(path)[0]) == COLUMNS and listed(path)[0]["reason"] == "no review since 2009-02-28"
    log = home.logs / "reviews.jsonl"
    [line] = [json.loads(text) for text in log.read_text("utf-8").splitlines()]
    assert (line["topic"], line["council_code"], line["day"], line["packages"]) == (
        "overdue_review", "114", "2010-02-28", 3)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize("topic, council, day, words", [
    ("cheap", "stockton", None, "Next: name one of assistive_technology, high_cost"),
    ("high_cost", "Hartlepool", None, "It has none."),
    ("high_cost", "stockton", dt.date(2011, 1, 1), "Its snapshots are of 2010-02-28, 2009-02-28.")])
def test_what_there_is_no_list_of_is_said(home, topic, council, day, words):
    with pytest.raises(UnusableInput, match=words):
        review(home, topic, council, day)


def test_the_council_need_not_be_named_where_one_alone_has_snapshots(home, tmp_path):
    assert review(home, "high_cost", out=tmp_path / "list.csv").council.name == "Stockton-on-Tees"
    with database.connect(home.warehouse) as connection:
        connection.execute("update intermediate.int_snapshot set council_code = '305', council = 'Bury' "
                           "where snapshot_date = '2009-02-28'")
    with pytest.raises(UnusableInput, match=r"2 councils have snapshots here: Bury \(305\), Stockton-on-Tees \(114\)\. "
                                            "Next: name one with --council"):
        review(home, "high_cost", out=tmp_path / "list.csv")
    with database.connect(home.warehouse) as connection:
        connection.execute("delete from intermediate.int_snapshot")
    with pytest.raises(UnusableInput, match=r"No snapshot is loaded here\. Next: land an export\."):
        review(home, "high_cost", out=tmp_path / "list.csv")


def test_rows_past_their_retention_are_named_as_gone(home):
    with database.connect(home.warehouse) as connection:
        connection.execute("update raw.snapshot set origin = 'landing', received_at = '2001-01-01'")
    with pytest.raises(UnusableInput, match="on 2010-02-28 are gone: rows about people are kept 36 months"):
        review(home, "high_cost", "stockton")
    with database.connect(home.warehouse) as connection:
        connection.execute("update raw.source_file set status = 'expired', reason = 'dropped on 2004-01-01' "
                           "where file_name like 'synthetic%'")
        connection.execute("create or replace table intermediate.int_snapshot as "
                           "select * from intermediate.int_snapshot where false")
    with pytest.raises(UnusableInput, match=r"The rows of synthetic_stockton_2009-02-28\.csv are gone: dropped"):
        review(home, "high_cost", "stockton")


def test_a_list_waits_for_a_refresh_and_then_says_so(home, tmp_path):
    held = subprocess.Popen([sys.executable, "-c", "import sys; from filelock import FileLock; "
                             "lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); input()",
                             str(home.lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert held.stdout.readline() == "held\n"
        with pytest.raises(RunStopped, match="Another refresh holds home"):
            review(home, "high_cost", "stockton", out=tmp_path / "early.csv", wait_seconds=0.6)
        # The child releases it where its input ends.
        threading.Timer(2, held.stdin.close).start()
        made = review(home, "high_cost", "stockton", out=tmp_path / "late.csv", wait_seconds=60)
        assert made.packages == 53 and held.stdin.closed
    finally:
        held.kill()
        held.wait()
    assert not (tmp_path / "early.csv").exists()
