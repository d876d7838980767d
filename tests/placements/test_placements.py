"""Proves what is published of placement snapshots: figures, faults, replacements, and nothing of a person."""

import csv
import datetime as dt
import io
import shutil
import stat
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from orchestration import database, gates, local_copy, publish, transform
from orchestration import home as home_module
from orchestration.cli import app
from orchestration.faults import UnusableInput
from orchestration.home import Home, project_folder
from orchestration.placements.pseudonyms import VARIABLE, load_key
from orchestration.refresh import refresh
from orchestration.rules import load_rules
from orchestration.store.files import STOPPED, has_landed, mark_accepted
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

SNAPSHOTS = project_folder() / "seeds" / "snapshots"
LATER = SNAPSHOTS / "synthetic_stockton_2010-02-28.csv"
EARLIER = SNAPSHOTS / "synthetic_stockton_2009-02-28.csv"
WEEKS = 52
MARTS = ("dim_snapshot", "dim_snapshot_column", "mart_placement_setting", "mart_placement_band",
         "mart_placement_subset", "mart_placement_drift", "mart_placement_provider", "mart_provider_concentration",
         "mart_local_opportunity", "mart_new_entrant", "mart_move_risk", "mart_reconciliation")


def ask(path, sql, *values):
    with database.connect(path, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def ask_local(home, sql, *values):
    with local_copy.connect(home, is_local=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def records(path=LATER):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def land(folder, name, rows):
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / name).write_text(text.getvalue(), encoding="utf-8")
    return folder / name


def exact(home, table, columns, where="true"):
    return ask(home.warehouse, f"select {columns} from intermediate.{table} where {where} order by all")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def stockton(embedded_home):
    """The embedded home: both synthetic snapshots of Stockton with the returns."""
    return embedded_home


@pytest.fixture
def prepared(stockton, tmp_path):
    """A home with the embedded returns conformed and no snapshot in it: what `build` needs to be quick."""
    home = Home(tmp_path / "prepared")
    home.folder.mkdir()
    shutil.copy(stockton.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        for table in ("placement", "snapshot", "snapshot_column", "person_key_check"):
            connection.execute(f"delete from raw.{table}")
        connection.execute("delete from raw.source_file where layout = 'carequartile_placement'")
    return home


def build(home, folder):
    """Lands a folder and builds the models of placements alone: a refresh builds two hundred others around them."""
    survey = survey_landing([folder])
    survey.require_usable()
    load_returns(survey, home.warehouse, set())
    load_placements(survey, home.warehouse, load_key(home))
    transform.run_dbt(home, ["carequartile.staging.registers.*", "carequartile.staging.placements.*",
                             "carequartile.intermediate.placements.*", "int_check_snapshot", *MARTS],
                      ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"))


def judge(home):
    """What gate A finds in snapshots."""
    return gates.run_gate("a", home.warehouse, "run", rules=tuple(
        rule for rule in load_rules("a") if rule.frame == "snapshot"))


# --- the printed figures of the assessment ----------------------------------------------------------------------------


def case(home, opportunity):
    return exact(home, "int_package_case", "people, weekly_gbp",
                 f"snapshot_id like '114:2010-02-28:%' and opportunity = '{opportunity}'")[0]


def opportunity(home, name, assumption):
    return ask_local(home, "select people, annual_cost_gbp, saving_gbp, formula from marts.mart_local_opportunity "
               "where snapshot_date = '2010-02-28' and opportunity = ? and assumption = ?", name, assumption)[0]


def test_residents_and_their_bands(stockton):
    """A64, A65, A67: 172 residents, 60 at 300 to 700, 53 above 1,000 costing about 4.4m, 54% of all they cost."""
    [(people, weekly)] = exact(stockton, "int_package_group", "people, weekly_gbp",
                               "snapshot_id like '114:2010%' and setting_group = 'Residential and nursing'")
    assert people == 172
    assert case(stockton, "step_down")[0] == 60
    dear, dear_weekly = case(stockton, "high_cost")
    assert dear == 53 and Decimal(4_350_000) < dear_weekly * WEEKS < Decimal(4_450_000)
    assert round(100 * dear_weekly / weekly) == 54
    assert round((weekly - dear_weekly) / (people - dear)) == 614
    assert ask_local(stockton, "select band, people, round(annual_cost_gbp) from marts.mart_placement_band where "
                     "snapshot_date = '2010-02-28' and setting = 'Residential and nursing' order by band_order") == [
        ("under 300", 4, 45_760), ("300 to 699", 60, 1_560_000), ("700 to 999", 55, 2_194_244),
        ("1,000 and over", 53, 4_400_000)]


def test_no_one_between_300_and_600_beyond_those_between_300_and_700(stockton):
    """A63 printed 38 to 68 of 60; in a record that cannot be."""
    between = "select count(*) from intermediate.int_package where snapshot_id like '114:2010%' and setting_group = " \
              "'Residential and nursing' and weekly_gbp >= 300 and weekly_gbp < {}"
    [(below_600,)], [(below_700,)] = (ask(stockton.warehouse, between.format(top)) for top in (600, 700))
    assert 38 <= below_600 <= below_700 == 60


def test_step_down(stockton):
    """A61, A62: 12,000 a person, 150, 300, 450 and 600 thousand for a quarter to all of 50."""
    assert [opportunity(stockton, "step_down", f"move_{share}_pct_of_50_at_12000")[2] for share in (25, 50, 75, 100)
            ] == [150_000, 300_000, 450_000, 600_000]
    assert opportunity(stockton, "step_down", "move_25_pct")[3] == (
        "25% of 60 people x 200.40 a week more than a community package x 52")


def test_high_cost_reviews(stockton):
    """A66: 440 and 880 thousand."""
    assert [round(opportunity(stockton, "high_cost", f"review_{share}_pct")[2]) for share in (10, 20)] == [
        440_000, 880_000]


def test_low_cost_and_uncosted(stockton):
    """A68 to A70: 60 and 77, 356k with an assumed 50 pounds on the uncosted and 156k without, a tenth and a fifth."""
    assert case(stockton, "low_cost") == (60, 3000)
    people, weekly = case(stockton, "low_cost_with_uncosted")
    assert (people, weekly * WEEKS) == (137, 356_200)
    assert opportunity(stockton, "low_cost", "review_10_pct")[:2] == (60, 156_000)
    assert opportunity(stockton, "low_cost_with_uncosted", "review_10_pct")[:3] == (137, 356_200, 35_620)
    assert opportunity(stockton, "low_cost_with_uncosted", "review_20_pct")[2] == 71_240


def test_transport(stockton):
    """A71 to A73: 187 people, 9.13 journeys at 4.10, 37.43 a week, 364k a year, 36.4k and 72.8k."""
    people, weekly = case(stockton, "transport")
    [(journeys, price)] = ask(
        stockton.warehouse, "select avg(transport_journeys_weekly), avg(transport_journey_gbp) from raw.placement "
        "where snapshot_id like '114:2010%' and transport_journeys_weekly > 0")
    assert (people, round(journeys, 2), round(price, 2)) == (187, 9.13, 4.10)
    assert round(weekly / people, 2) in (Decimal("37.42"), Decimal("37.43"))
    assert round(weekly * WEEKS / 1000) == 364
    assert [round(opportunity(stockton, "transport", f"travel_{share}_pct")[2], -2) for share in (10, 20)] == [
        36_400, 72_800]
    assert ask_local(stockton, "select distinct people, round(mean_journeys_weekly, 2), round(mean_journey_gbp, 2) "
                     "from marts.mart_local_opportunity where opportunity = 'transport' and "
                     "snapshot_date = '2010-02-28'") == [(187, Decimal("9.13"), Decimal("4.10"))]


def test_sleep_in(stockton):
    """A74, A75: 40 at 107 are 222.6k; a tenth and a fifth of it."""
    people, weekly = case(stockton, "sleep_in")
    assert (people, weekly / people, weekly * WEEKS) == (40, 107, 222_560)
    assert opportunity(stockton, "sleep_in", "technology_10_pct")[:3] == (40, 222_560, 22_256)
    assert opportunity(stockton, "sleep_in", "technology_20_pct")[2] == 44_512


def test_new_entrants(stockton):
    """A76 to A80: 33 new people, 11 of them residents (a third), 4 and 4 of these young and in mid-life, 14 and 14 of
    all (42%).
    """
    found = exact(stockton, "int_new_entrant", "setting_group, age_band, people",
                  "snapshot_id like '114:2010%' and financial_year = '2008-09'")
    by_setting, by_age = {}, {}
    for setting, age, people in found:
        by_setting[setting] = by_setting.get(setting, 0) + people
        by_age[age] = by_age.get(age, 0) + people
    residents = {age: people for setting, age, people in found if setting == "Residential and nursing"}
    assert by_setting == {"Residential and nursing": 11, "Community": 22}
    assert (residents["18 to 21"], residents["40 to 59"]) == (4, 4)
    assert (by_age["18 to 21"], by_age["40 to 59"], sum(by_age.values())) == (14, 14, 33)
    assert ask_local(stockton, "select sum(people) from marts.mart_new_entrant where snapshot_date = '2010-02-28' and "
                     "financial_year = '2008-09' and age_band = 'All ages'") == [(33,)]
    assert round(100 * 11 / 33) == 33 and round(100 * 14 / 33) == 42 and round(100 * 4 / 11, 1) == 36.4


def test_synthetic_is_shown_wherever_its_figures_are(stockton):
    snapshots = publish.read_local_manifest(stockton)["snapshots"]
    assert snapshots and all(snapshot["is_synthetic"] for snapshot in snapshots)
    tables = ask_local(stockton, "select table_name from information_schema.columns where table_schema = 'marts' "
                       "and table_catalog <> 'open_copy' and column_name in ('snapshot_id', 'from_snapshot_id') "
                       "group by all")
    # No review of a package has been landed here, so its table is empty.
    assert len(tables) >= 12 and ("mart_case_review",) in tables
    for (table,) in set(tables) - {("mart_case_review",)}:
        [(rows, synthetic)] = ask_local(
            stockton, f"select count(*), count(*) filter (is_synthetic) from marts.{table}")
        assert rows == synthetic > 0, table


def test_snapshot_against_return(stockton):
    found = {(year, item): (float(returned), float(said), verdict) for year, item, returned, said, verdict in ask_local(
        stockton, "select financial_year, item, return_value, snapshot_value, verdict "
        "from marts.mart_reconciliation")}
    assert found["2009-10", "residential_nursing_weeks"] == (7120, 172 * WEEKS, "warn")
    assert found["2009-10", "residential_nursing_spend"] == (7_489_000, 8_200_003.76, "pass")
    assert found["2008-09", "residential_nursing_people"][1:] == (176, "pass")


# --- between two snapshots --------------------------------------------------------------------------------------------


def test_drift_adds_exactly_to_the_change(stockton):
    totals = {snapshot[:14]: (people, weekly) for snapshot, people, weekly in exact(
        stockton, "int_package", "snapshot_id, count(distinct person_key), sum(weekly_gbp)",
        "true group by snapshot_id")}
    drift = exact(stockton, "int_placement_drift", "change, people, weekly_change_gbp")
    people = {change: count for change, count, _ in drift}
    (before, cost_before), (after, cost_after) = totals["114:2009-02-28"], totals["114:2010-02-28"]
    assert people["starter"] - people["leaver"] == after - before
    assert sum(people.values()) - people["starter"] == before
    assert sum(change for *_, change in drift) == cost_after - cost_before
    # The script that made the snapshots let 20 leave, moved ten and gave 14 residents and others another provider.
    assert (people["leaver"], people["moved"]) == (20, 10)


@pytest.mark.full
def test_any_two_snapshots_can_be_compared(prepared, tmp_path):
    folder = tmp_path / "landing"
    rows = records()
    for month in ("2025-04-30", "2025-05-31", "2025-06-30"):
        land(folder, f"{month}.csv", [row | {"snapshot_date": month, "end_date": ""} for row in rows[:200]])
    land(folder, "pairs.csv", [{"council_code": "114", "from_date": "2025-04-30", "to_date": "2025-06-30"}])
    build(prepared, folder)
    [(everyone,)] = ask(prepared.warehouse, "select count(distinct person_key) from intermediate.int_package where "
                        "snapshot_id like '114:2025-04-30:%'")
    assert ask(prepared.warehouse, "select from_date, to_date, sum(people) from marts.mart_placement_drift "
               "where change = 'unchanged' group by all order by all") == [
        (dt.date(2025, 4, 30), dt.date(2025, 5, 31), everyone), (dt.date(2025, 4, 30), dt.date(2025, 6, 30), everyone),
        (dt.date(2025, 5, 31), dt.date(2025, 6, 30), everyone)]


# --- a council's own export -------------------------------------------------------------------------------------------


@pytest.mark.full
def test_a_foreign_export_needs_a_mapping_alone(home, tmp_path, stockton):
    """The same records in another system's words, with names and dates of birth in them, give the same figures."""
    settings = {"residential": "Res care", "nursing": "Nursing home", "supported_living": "SL", "home_care": "Dom care",
                "day_care": "Day opps", "direct_payment": "DP", "shared_lives": "Adult placement"}
    rows = [{
        "Client No": row["person_reference"].replace("SYN", "LAS"), "Client Name": "A. Person",
        "Extract": "28/02/2010", "Team": "LD Adults", "Type": settings[row["setting"]], "Home": row["provider"],
        "Born": f"01/01/{2010 - int(row['age'])}", "Cost": f"£{float(row['gross_weekly_gbp']):,.2f}"
        if row["gross_weekly_gbp"] else "", "Begun": "/".join(reversed(row["start_date"].split("-"))),
        "Night": {"sleep_in": "S", "waking": "W"}.get(row["night_cover"], "N"),
        "Night cost": row["night_cover_weekly_gbp"],
    } for row in records()]
    folder = tmp_path / "landing"
    land(folder, "export.csv", rows)
    (folder / "export.yml").write_text("""
snapshot_mapping: another_system
title: Another system's monthly export
columns:
  person_reference: Client No
  council_code: {value: Stockton on Tees}
  snapshot_date: {column: Extract, date_format: '%d/%m/%Y'}
  birth_date: {column: Born, date_format: '%d/%m/%Y'}
  client_group: {column: Team, codes: {LD Adults: learning_disability}}
  setting:
    column: Type
    codes: {Res care: residential, Nursing home: nursing, SL: supported_living, Dom care: home_care, Day opps: day_care,
            DP: direct_payment, Adult placement: shared_lives}
  provider: Home
  gross_weekly_gbp: Cost
  night_cover: {column: Night, codes: {S: sleep_in, W: waking, N: none}}
  night_cover_weekly_gbp: Night cost
  start_date: {column: Begun, date_format: '%d/%m/%Y'}
""")
    outcome = refresh([folder], home)
    assert outcome.notes == ["export.csv: dropped and never stored: Client Name"]
    for name in ("high_cost", "low_cost_with_uncosted", "step_down", "sleep_in", "waking_night"):
        assert case(home, name) == case(stockton, name), name
    assert not [snapshot for snapshot in outcome.manifest["snapshots"] if snapshot["is_synthetic"]]
    assert ask_local(home, "select column_name, field from marts.dim_snapshot_column where is_dropped") == [
        ("Client Name", None)]


@pytest.mark.full
def test_thresholds_and_bands_of_your_own(prepared, tmp_path):
    folder = tmp_path / "landing"
    land(folder, "placements.csv", records())
    land(folder, "parameters.csv", [{
        "parameter": "high_cost_from", "council_code": "114", "client_group": "learning_disability",
        "from_date": "2010-01-01", "number": "1500", "because": "our panel reviews from here on"}])
    land(folder, "bands.csv", [
        {"council_code": "114", "setting_group": "Residential and nursing", "from_date": "2010-01-01",
         "band_order": order, "band": band, "low_gbp": low, "high_gbp": high}
        for order, band, low, high in ((1, "under 1,500", 0, 1500), (2, "1,500 and over", 1500, ""))])
    build(prepared, folder)
    dear = sum(float(row["gross_weekly_gbp"] or 0) >= 1500 for row in records()
               if row["setting"] in ("residential", "nursing"))
    assert case(prepared, "high_cost")[0] == dear
    assert exact(prepared, "int_package_band", "band, people", "setting_group = 'Residential and nursing'") == [
        ("1,500 and over", dear), ("under 1,500", 172 - dear)]
    assert ask(prepared.warehouse, "select distinct threshold from marts.mart_local_opportunity "
               "where opportunity = 'high_cost'") == [("from 1500 a week",)]


@pytest.mark.full
def test_thresholds_and_bands_landed_later_are_as_if_landed_at_once(prepared, tmp_path):
    folder, whole = tmp_path / "landing", Home(tmp_path / "whole")
    whole.folder.mkdir()
    shutil.copy(prepared.warehouse, whole.warehouse)
    land(folder, "placements.csv", records())
    build(prepared, folder)
    land(folder, "parameters.csv", [
        {"parameter": name, "council_code": "114", "client_group": "*", "from_date": "2010-01-01", "number": number,
         "because": "ours"} for name, number in (
            ("high_cost_from", "1500"), ("low_cost_below", "200"), ("older_from_age", "60"), ("review_months", "6"))])
    land(folder, "bands.csv", [
        {"council_code": "114", "setting_group": "Residential and nursing", "from_date": "2010-01-01",
         "band_order": order, "band": band, "low_gbp": low, "high_gbp": high}
        for order, band, low, high in ((1, "under 1,500", 0, 1500), (2, "1,500 and over", 1500, ""))])
    land(folder, "tiers.csv", [{"move_risk": "low", "label": "Low risk", "council_code": "114",
                                "from_date": "2010-01-01", "share_of_people": "0.5", "because": "ours"}])
    build(prepared, folder)
    build(whole, folder)
    for table in MARTS:
        sql = f"select * from marts.{table} order by all"
        assert ask(prepared.warehouse, sql) == ask(whole.warehouse, sql), table
    assert ask(prepared.warehouse, "select distinct threshold from marts.mart_local_opportunity "
               "where opportunity = 'high_cost'") == [("from 1500 a week",)]


@pytest.mark.full
def test_bury_has_its_own_thresholds(prepared, tmp_path):
    rows = [row | {"council_code": "305", "snapshot_date": "2022-06-30", "end_date": ""} for row in records()]
    land(tmp_path / "landing", "bury.csv", rows)
    build(prepared, tmp_path / "landing")
    assert ask(prepared.warehouse, "select distinct threshold from marts.mart_local_opportunity "
               "where opportunity in ('high_cost', 'low_cost') order by 1") == [
        ("below 200 a week",), ("from 1800 a week",)]


# --- what is loaded stays, what is landed again replaces --------------------------------------------------------------


@pytest.mark.full
def test_month_by_month_is_as_all_at_once(prepared, tmp_path):
    rows = records()
    folder, whole = tmp_path / "landing", Home(tmp_path / "whole")
    whole.folder.mkdir()
    shutil.copy(prepared.warehouse, whole.warehouse)
    for number, month in enumerate(("2025-04-30", "2025-05-31")):
        land(folder, f"{month}.csv", [row | {"snapshot_date": month, "end_date": ""} for row in rows[number * 5:]])
        build(prepared, folder)
    build(whole, folder)
    for table in MARTS:
        sql = f"select * from marts.{table} order by all"
        assert ask(prepared.warehouse, sql) == ask(whole.warehouse, sql), table


@pytest.mark.full
def test_the_same_council_and_day_replaces_the_older(prepared, tmp_path):
    folder, rows = tmp_path / "landing", records()
    land(folder, "placements.csv", rows)
    build(prepared, folder)
    mark_accepted(prepared.warehouse)
    land(folder, "corrected.csv", rows[:-30])
    (folder / "placements.csv").unlink()
    build(prepared, folder)
    assert len(ask(prepared.warehouse, "select * from marts.dim_snapshot")) == 1
    assert ask(prepared.warehouse, "select count(*) from intermediate.int_placement_line") == [(len(rows) - 30,)]
    mark_accepted(prepared.warehouse)
    assert ask(prepared.warehouse, "select count(*) from raw.placement") == [(len(rows) - 30,)]
    assert ask(prepared.warehouse, "select file_name, status from raw.source_file where origin = 'landing' order by all"
               ) == [("corrected.csv", "loaded"), ("placements.csv", "superseded")]


@pytest.mark.full
def test_another_mapping_reads_the_file_again(prepared, tmp_path):
    folder = tmp_path / "landing"
    land(folder, "placements.csv", records())
    build(prepared, folder)
    mapping = """
snapshot_mapping: ours
title: The contract, with another provider column
columns: {person_reference: person_reference, council_code: council_code, snapshot_date: snapshot_date, age: age,
          client_group: client_group, setting: setting, gross_weekly_gbp: gross_weekly_gbp, provider: move_risk}
"""
    (folder / "mapping.yml").write_text(mapping)
    build(prepared, folder)
    assert ask(prepared.warehouse, "select distinct mapping from marts.dim_snapshot") == [("ours",)]


@pytest.mark.full
def test_your_own_files_replace_the_synthetic(stockton, tmp_path):
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    for file in (stockton.warehouse, stockton.person_key):
        shutil.copy(file, home.folder)
    land(tmp_path / "landing", "placements.csv", [row | {"is_synthetic": ""} for row in records()])
    build(home, tmp_path / "landing")
    assert ask(home.warehouse, "select is_synthetic from marts.dim_snapshot") == [(False,)]
    assert has_landed(home.warehouse), "without a landing nothing synthetic comes back"


def test_what_was_known_on_a_day(stockton, tmp_path):
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    shutil.copy(stockton.warehouse, home.warehouse)
    transform.run_dbt(home, ["stg_placement__snapshots", "int_snapshot", "int_snapshot_pair", "dim_snapshot",
                             "mart_placement_drift"], ("build",), as_known_on="2009-12-31")
    assert [row[0] for row in ask(home.warehouse, "select snapshot_date from marts.dim_snapshot")] == [
        dt.date(2009, 2, 28)]
    assert ask(home.warehouse, "select count(*) from marts.mart_placement_drift") == [(0,)]


# --- faults -----------------------------------------------------------------------------------------------------------

FAULTS = {
    "placement_readable": {"gross_weekly_gbp": "ask Jo"},
    "person_reference_present": {"person_reference": ""},
    "placement_code_known": {"setting": "family_home"},
    "placement_age_possible": {"age": "17"},
    "placement_not_negative": {"client_contribution_weekly_gbp": "-1"},
    "placement_price_weekly": {"gross_weekly_gbp": "52000", "setting": "residential", "home_care_hours_weekly": ""},
    "placement_dates_in_order": {"start_date": "2009-05-01", "end_date": "2009-04-30"},
    "placement_consistent": {"setting": "residential", "home_care_hours_weekly": "14"},
}


@pytest.mark.full
def test_a_line_that_starts_years_after_the_snapshot_is_rejected_and_one_of_next_month_is_planned(prepared, tmp_path):
    rows = records()
    rows[10] |= {"start_date": "2031-03-01", "end_date": ""}
    rows[11] |= {"start_date": "2010-03-28", "end_date": ""}
    rows[12] |= {"nhs_share_kind": "chc", "nhs_share_weekly_gbp": "", "end_date": "", "setting": "residential",
                 "gross_weekly_gbp": "2000", "is_costed": "yes", "home_care_hours_weekly": ""}
    land(tmp_path / "landing", "placements.csv", rows)
    build(prepared, tmp_path / "landing")
    assert exact(prepared, "int_placement_line", "row_number, rejected_by", "rejected_by is not null") == [
        (12, "placement_dates_in_order")]
    assert exact(prepared, "int_placement_line", "row_number", "not is_current and row_number in (12, 13)") == [
        (12,), (13,)]
    # For someone whom the NHS pays a part of, as the export says without pounds, the share is unknown, not nothing.
    assert exact(prepared, "int_package", "has_nhs_share, nhs_share_weekly_gbp is null",
                 "has_nhs_share = 1 and nhs_share_weekly_gbp is null") == [(1, True)]
    [message] = judge(prepared).failures("nhs_share_in_pounds")["message"]
    assert "1 of the lines of Stockton-on-Tees on 2010-02-28 say as what the NHS pays a share" in message


def test_every_fault_of_a_line_rejects_it_with_its_rule(prepared, tmp_path):
    rows = records()
    # One line each among 645 is below a share that would stop the run.
    for number, change in enumerate(FAULTS.values()):
        rows[10 + number] |= change
    rows.append(rows[40])
    land(tmp_path / "landing", "placements.csv", rows)
    build(prepared, tmp_path / "landing")
    rejected = exact(prepared, "int_placement_line", "row_number, rejected_by", "rejected_by is not null")
    assert rejected == [(12 + number, rule) for number, rule in enumerate(FAULTS)] + [
        (len(rows) + 1, "placement_once")]
    kept = ask(prepared.warehouse, "select count(*) from intermediate.int_package")
    assert kept[0][0] <= 500
    found = judge(prepared).rows
    assert set(found[found["status"] == "fail"]["rule_id"]) == {*FAULTS, "placement_once"}
    messages = list(found["message"].dropna())
    assert len(messages) == 9
    assert all(message.startswith("1 of the lines of Stockton-on-Tees") for message in messages)


def stopped(folder, home):
    result = CliRunner().invoke(app, ["refresh", "--landing", str(folder), "--home", str(home.folder)])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.full
def test_a_snapshot_that_jumps_stops_the_run_and_the_older_one_comes_back(home, tmp_path):
    folder, rows = tmp_path / "landing", records()
    for month in ("2025-04-30", "2025-05-31"):
        land(folder, f"{month}.csv", [row | {"snapshot_date": month, "end_date": ""} for row in rows])
    refresh([folder], home)
    before = home.published.read_bytes()
    # May again, cut short: the whole May must not be lost with it.
    cut = land(tmp_path / "again", "cut.csv", [
        row | {"snapshot_date": "2025-05-31", "end_date": ""} for row in rows[:450]])
    output = stopped(cut, home)
    assert "snapshot_people_continue" in output and "cut.csv" in output and "2025-04-30" in output
    assert home.published.read_bytes() == before
    assert ask(home.warehouse, "select status from raw.source_file where file_name = 'cut.csv'") == [(STOPPED,)]
    # A register landed alone is taken, in a home that has never had a return: with its reason the cut month passes.
    register = land(tmp_path / "why", "why.csv", [{
        "parameter": "change_pct", "council_code": "114", "client_group": "*", "from_date": "2025-05-31",
        "number": "40", "because": "day care went to the health service"}])
    refresh([register], home)
    people = "select sum(people) from marts.mart_placement_setting where snapshot_date = '2025-05-31' and " \
             "setting = 'All settings'"
    assert ask_local(home, people) == ask(home.warehouse, people)
    assert 490 <= ask_local(home, people)[0][0] <= 510
    refresh([cut], home)
    assert ask_local(home, people)[0][0] < 400


@pytest.mark.full
def test_a_council_made_since_2021_goes_every_step_of_the_way(home, tmp_path):
    """Its code is of five letters and digits: a file of it that a gate stopped does not stop the next run."""
    folder, rows = tmp_path / "landing", [
        row | {"council_code": "H6X4G", "end_date": "", "previous_setting": ""} for row in records()]
    land(folder, "may.csv", [row | {"snapshot_date": "2025-05-31"} for row in rows])
    refresh([folder], home)
    cut = land(tmp_path / "cut", "june.csv", [row | {"snapshot_date": "2025-06-30"} for row in rows[:450]])
    assert "snapshot_people_continue" in stopped(cut, home)
    assert ask(home.warehouse, "select file_name, status from raw.source_file where layout like 'carequartile%' "
               "order by all") == [("june.csv", STOPPED), ("may.csv", "loaded")]
    mended = land(tmp_path / "mended", "june.csv", [row | {"snapshot_date": "2025-06-30"} for row in rows])
    outcome = refresh([mended], home)
    assert [(one["council"], one["date"]) for one in outcome.manifest["snapshots"]] == [
        ("Cumberland", "2025-05-31"), ("Cumberland", "2025-06-30")]
    assert ask(home.warehouse, "select distinct council_code from intermediate.int_snapshot") == [("H6X4G",)]
    lines = CliRunner().invoke(app, ["status", "--home", str(home.folder)]).output
    assert lines.count("snapshot of Cumberland") == 2 and lines.count("kept until") == 2
    [(snapshot,)] = ask(home.local, "select max(snapshot_id) from marts.dim_snapshot")
    found = CliRunner().invoke(app, ["lineage", snapshot, "--home", str(home.folder), "--local"])
    assert found.exit_code == 0 and "Cumberland" in found.output, found.output


@pytest.mark.full
def test_references_written_in_another_way_block(prepared, tmp_path):
    folder, rows = tmp_path / "landing", records()
    land(folder, "a.csv", [row | {"snapshot_date": "2025-04-30", "end_date": ""} for row in rows])
    land(folder, "b.csv", [row | {"snapshot_date": "2025-05-31", "end_date": "",
                                  "person_reference": row["person_reference"].lower()} for row in rows])
    build(prepared, folder)
    assert set(judge(prepared).blocking["rule_id"]) == {"snapshot_persons_continue"}


@pytest.mark.full
def test_a_snapshot_of_three_is_published_and_shows_no_one(home, tmp_path):
    result = CliRunner().invoke(app, ["refresh", "--home", str(home.folder), "--landing", str(
        land(tmp_path / "landing", "few.csv", records()[:3]))])
    assert result.exit_code == 0, result.output
    assert "3 lines" in result.output
    assert ask(home.published, "select count(*) from marts.mart_placement_setting") == [(0,)]
    assert ask_local(home, "select count(*) from marts.mart_placement_setting")[0][0] > 0


@pytest.mark.full
def test_no_one_counts_twice_among_providers_of_few_people(prepared, tmp_path):
    rows = [row | {"end_date": ""} for row in records() if row["setting"] == "home_care" and row["gross_weekly_gbp"]]
    few = [row | {"provider": provider, "setting": setting} for row in rows[:3]
           for provider, setting in (("Small One", "home_care"), ("Small Two", "day_care"))]
    for row in few:
        row["home_care_hours_weekly"] = ""
    many = [row | {"provider": "Large", "gross_weekly_gbp": price} for row, price in zip(rows[3:23], ["100", ""] * 10)]
    for row in many:
        row["is_costed"] = "yes" if row["gross_weekly_gbp"] else "no"
        row["nhs_share_weekly_gbp"] = row["client_contribution_weekly_gbp"] = ""
    land(tmp_path / "landing", "placements.csv", [*few, *many])
    build(prepared, tmp_path / "landing")
    found = {provider: (people, mean) for provider, people, mean in ask(
        prepared.warehouse, "select provider, people, mean_weekly_gbp from marts.mart_placement_provider")}
    # Three people, twice each, are not six; and a mean is of those who have a price.
    assert found["providers of few people"][0] == 3
    assert found["Large"] == (20, 100)


@pytest.mark.full
@pytest.mark.parametrize(("change", "rule"), [
    ({"snapshot_date": "2095-01-31", "end_date": ""}, "snapshot_not_of_the_future"),
    ({"end_date": "2009-12-31"}, "snapshot_has_people"),
    ({"age": "170"}, "snapshot_rejected_share"),
    ({"previous_setting": "a caravan"}, "snapshot_codes_mapped"),
])
def test_a_fault_of_the_whole_file_blocks(prepared, tmp_path, change, rule):
    land(tmp_path / "landing", "placements.csv", [row | change for row in records()[:60]])
    build(prepared, tmp_path / "landing")
    found = judge(prepared).blocking
    assert rule in set(found["rule_id"]) and set(found["file_name"]) == {"placements.csv"}


# --- no one is identifiable -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planted", [
    {"provider": "Home of 943 476 5919"},
    pytest.param({"previous_setting": "9434765919"}, marks=pytest.mark.full),
    pytest.param({"person_reference": "943-476-5919"}, marks=pytest.mark.full),
], ids=["provider", "coded column", "reference"])
def test_a_planted_nhs_number_stops_the_run(stockton, home, tmp_path, planted):
    shutil.copytree(stockton.folder, home.folder, symlinks=True)
    folder, rows = tmp_path / "landing", records()
    before = home.published.read_bytes()
    land(folder, "placements.csv", [*rows[:-1], rows[-1] | planted])
    output = stopped(folder, home)
    assert "no_identifier_in_snapshot" in output and f"placements.csv, row {len(rows) + 1}" in output
    assert "943" not in output.replace(str(tmp_path), "")
    assert home.published.read_bytes() == before
    for file in home.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"9434765919" not in content and b"943 476 5919" not in content and b"943-476" not in content, file


def test_no_reference_or_key_is_stored_outside_the_key_file(stockton, caplog):
    references = {row["person_reference"].encode() for path in (EARLIER, LATER) for row in records(path)}
    key = stockton.person_key.read_bytes().strip()
    files = [file for file in stockton.folder.rglob("*") if file.is_file() and file != stockton.person_key]
    assert stockton.published.resolve() in {file.resolve() for file in files}
    for file in files:
        content = file.read_bytes()
        assert b"SYN-" not in content and key not in content, file
    assert len(references) > 500
    assert not [record for record in caplog.records if "SYN-" in record.getMessage()]


def test_files_with_rows_about_people_are_readable_by_their_owner_only(stockton):
    for file in (stockton.warehouse, stockton.person_key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    # What is published may be read by all, even if files were private while it was made.
    assert stat.S_IMODE(stockton.published.stat().st_mode) == 0o666 & ~home_module._USUAL_MASK


def test_no_published_table_is_of_persons(stockton):
    columns = {row[0] for row in ask(stockton.published, "select distinct column_name from information_schema.columns")}
    assert not columns & {"person_key", "person_reference", "birth_date", "age", "start_date", "last_review_date"}


def test_another_key_is_noticed(prepared, tmp_path, monkeypatch):
    folder, rows = tmp_path / "landing", records()[:20]
    land(folder, "a.csv", [row | {"snapshot_date": "2025-04-30", "end_date": ""} for row in rows])
    load_placements(survey_landing([folder]), prepared.warehouse, load_key(prepared))
    monkeypatch.setenv(VARIABLE, "another key that is long enough to be one")
    land(folder, "b.csv", [row | {"snapshot_date": "2025-05-31", "end_date": ""} for row in rows])
    with pytest.raises(UnusableInput, match="not the one the stored snapshots were pseudonymised with"):
        load_placements(survey_landing([folder]), prepared.warehouse, load_key(prepared))
