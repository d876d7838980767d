"""Proves that eight attacks, which gave back a person's number or price from the first release, give nothing now.

Each is shown to succeed on tables as the first release made them. Then the same people are landed for eight councils
that publish all they can, and the attacks are tried on the open copy that the project makes of them.
"""

import shutil

import all_councils
import attacks
import first_release
import pytest
from first_release import Tables, table_of

from orchestration import database, local_copy, open_figures, publish, transform
from orchestration.home import Home
from orchestration.placements.pseudonyms import load_key
from orchestration.store.returns import load_returns
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

BEFORE, DAY = "2010-01-31", "2010-02-28"
HEADER = "person_reference,council_code,snapshot_date,age,client_group,setting,provider,gross_weekly_gbp,is_costed\n"
KNOWN = HEADER + "P1,117,2010-02-28,40,learning_disability,residential,Home,{:.2f},yes\n"
GUESSES = [pence / 100 for pence in range(70_001)]


def lines(council, prices, day=DAY, group="learning_disability", first=0):
    return "".join(
        f"P{group[0]}{number:04},{council},{day},40,{group},residential,Home,"
        f"{'' if price is None else f'{price:.2f}'},{'no' if price is None else 'yes'}\n"
        for number, price in enumerate(prices, first))


# By council: the files that are landed of it.
LANDED = {
    "111": {DAY: lines("111", [500] * 12), BEFORE: lines("111", [500] * 13, BEFORE)},
    "117": {DAY: KNOWN.removeprefix(HEADER).format(612.34)},
    "112": {DAY: lines("112", [1923] * 6) + lines("112", [900], group="mental_health")},
    "113": {BEFORE: lines("113", [995] * 6 + [700], BEFORE), DAY: lines("113", [700], first=6)},
    "116": {DAY: lines("116", [1923] * 4 + [None] * 2)},
    "114": {DAY: lines("114", [1921] * 52)},
    "102": {BEFORE: lines("102", [1000.5] + [1200] * 17, BEFORE), DAY: lines("102", [1000.5] + [1200] * 17)},
    "104": {DAY: lines("104", [812.5] * 14 + [500] * 20)},
}
OWN = {
    "thresholds.csv": "parameter,council_code,client_group,from_date,number,because\n"
                      "high_cost_from,102,*,2010-02-01,1001,our own\n",
    "bands.csv": "council_code,setting_group,from_date,band_order,band,low_gbp,high_gbp\n" + "".join(
        f"104,Residential and nursing,2010-01-01,{order},{band},{low},{high}\n" for order, band, low, high in (
            (0, "uncosted", "", ""), (1, "under 812", 0, 812), (2, "812 to 813", 812, 813), (3, "above", 813, ""))),
    "publish.csv": "council_code,tables,from_date,by,why\n" + "".join(
        f"{council},{tables},2000-01-01,A. Director,scrutiny\n" for council in LANDED
        for tables in ("setting", "band", "opportunity")),
}
LOCAL = ("mart_placement_setting", "mart_placement_band", "mart_local_opportunity", "mart_placement_drift",
         "mart_placement_provider", "mart_placement_subset", "mart_new_entrant", "mart_move_risk",
         "mart_provider_concentration", "mart_reconciliation", "dim_snapshot", "dim_snapshot_column")


def bands_of(**bands):
    return Tables(bands=bands, could_be=first_release.certain)


def sized(*files):
    return Tables(files=[table_of(file).files[0] for file in files], could_be=first_release.certain)


# Attack, what the first release published of the same people, what it gives back, and how the open copy is read.
DESIGNS = {
    "D1 file size": (
        lambda tables: attacks.file_size(tables, HEADER),
        lambda: sized(HEADER + LANDED["111"][DAY], HEADER + LANDED["111"][BEFORE]), 12, "111"),
    "D2 file hash": (
        lambda tables: attacks.file_hash(tables, KNOWN, GUESSES),
        lambda: table_of(KNOWN.format(612.34)), 612.34, "117"),
    "D3 another group": (
        attacks.few_of_another_group,
        lambda: table_of(large=[1923] * 6, small=[900], rows=[None] * 7), 1, "112"),
    "D4 who stayed": (
        attacks.who_stayed,
        lambda: table_of(weeks=1, before=[995] * 6 + [700], leaver=[995] * 6, unchanged=[700]), 1, "113"),
    "D5 priced people": (attacks.priced_people, lambda: table_of(provider=[1923] * 4 + [None] * 2), 4, "116"),
    "D6 dearest": (attacks.dearest_price, lambda: table_of(whole=[1921] * 52),
                   pytest.approx((1921 * 52, 1921 * 52), rel=0.02), "114"),
    "D7 two thresholds": (
        lambda tables: attacks.between_two_thresholds(tables, tables),
        lambda: table_of(**{"from 1000": [1000.5] + [1200] * 7, "from 1001": [1200] * 7}), True, "102"),
    "D8 narrow band": (attacks.narrow_band, lambda: bands_of(**{"812 to 813": (812, 813)}), (812, 813), "104"),
}


@pytest.fixture(scope="module")
def home(embedded_home, tmp_path_factory):
    """A home with the people of the designs alone, of councils that publish everything they may."""
    home = Home(tmp_path_factory.mktemp("attacked"))
    shutil.copy(embedded_home.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        for table in ("placement", "snapshot", "snapshot_column", "person_key_check"):
            connection.execute(f"delete from raw.{table}")
        connection.execute("delete from raw.source_file where layout = 'carequartile_placement'")
    landing = tmp_path_factory.mktemp("designs")
    for name, text in OWN.items():
        (landing / name).write_text(text)
    for council, files in LANDED.items():
        for day, text in files.items():
            (landing / f"{council}_{day}.csv").write_text(HEADER + text)
    survey = survey_landing([landing])
    survey.require_usable()
    load_returns(survey, home.warehouse, set())
    load_placements(survey, home.warehouse, load_key(home))
    transform.run_dbt(home, ["carequartile.staging.registers.*", "carequartile.staging.placements.*",
                             "carequartile.intermediate.placements.*", *LOCAL, "source_file"],
                      ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"))
    few = {key: source for key, source in publish.published_tables().items()
           if key[1] in (*LOCAL, "source_file", "release_summary", "rule_result")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "published_tables", lambda: few)
        publish.publish(home, "attacked")
    return home


def opened(home, council):
    """What a reader has of a council in the open copy, by the names of the attacks."""
    found = Tables(could_be=first_release.anything)
    with local_copy.connect(home, is_local=False) as connection:
        def ask(sql):
            return connection.execute(sql).fetchall()

        found.files = [{"bytes": size, "sha256": sha256} for size, sha256 in ask(
            "select bytes, sha256 from quality.source_file where layout = 'carequartile_placement'")]
        names = {"Learning disability": ("large", "whole"), "Mental health": ("small",)}
        cells = [(name, people, cost, step) for group, people, cost, step in ask(
            "select client_group, people, annual_cost_gbp, rounded_to_gbp from marts.mart_placement_setting where "
            f"council_code = '{council}' and setting = 'All settings'") for name in names[group]]
        cells += ask("select change, people, weekly_cost_change_gbp, rounded_to_gbp from marts.mart_placement_drift "
                     f"where council_code = '{council}'")
        cells += ask("select 'provider', people, annual_cost_gbp, rounded_to_gbp from marts.mart_placement_provider "
                     f"where council_code = '{council}'")
        cells += ask("select distinct regexp_extract(threshold, 'from [0-9]+'), people, annual_cost_gbp, "
                     "rounded_to_gbp from marts.mart_local_opportunity where opportunity = 'high_cost' and "
                     f"council_code = '{council}'")
        cells += ask(f"select 'rows', n_rows, null, null from marts.dim_snapshot where council_code = '{council}'")
        found.bands = {name: (low, high) for name, low, high in ask(
            f"select band, low_gbp, high_gbp from marts.mart_placement_band where council_code = '{council}'")}
    for name, people, cost, step in cells:
        found.people[name], found.cost[name] = people, None if cost is None else float(cost)
        if step is not None:
            found.step[name] = first_release.INFINITE  # It is not what the dearest costs: no one's price bounds it.
    return found


@pytest.mark.parametrize("design", DESIGNS)
def test_the_attack_succeeds_on_the_first_release(design):
    attack, made, recovered, _ = DESIGNS[design]
    assert attack(made()) == recovered


@pytest.mark.parametrize("design", DESIGNS)
def test_the_attack_gives_nothing_back_from_the_open_copy(home, design):
    attack, _, _, council = DESIGNS[design]
    assert attack(opened(home, council)) is None


def test_what_may_be_published_is_and_nothing_else(home):
    with local_copy.connect(home, is_local=False) as connection:
        def ask(sql):
            return connection.execute(sql).fetchall()

        shown = ask("select people, annual_cost_gbp, rounded_to_gbp, snapshot_id from marts.mart_placement_setting "
                    "where council_code = '114' and setting = 'All settings'")
        assert len(shown) == 1 and abs(shown[0][0] - 52) <= 8 and shown[0][3] == f"114:{DAY}"
        assert shown[0][1] % shown[0][2] == 0 and shown[0][2] == 52 * 100
        assert ask("select distinct band from marts.mart_placement_band where council_code = '114'") == [
            ("1,000 and over",)]
        assert ask("select count(*) from marts.mart_local_opportunity where council_code = '114' and "
                   "opportunity = 'high_cost'")[0][0] >= 2
        # Bands and thresholds of one's own are not published, nor are fewer than ten.
        assert ask("select * from marts.mart_placement_band where council_code = '104'") == []
        assert ask("select distinct snapshot_id from marts.mart_local_opportunity where council_code = '102'") == [
            (f"102:{BEFORE}",)]
        for table in ("setting", "band"):
            assert ask(f"select min(people) from marts.mart_placement_{table}")[0][0] >= 10
        for table in LOCAL[3:10] + LOCAL[11:]:
            assert ask(f"select count(*) from marts.{table}") == [(0,)], table
        assert ask("select count(file_name), count(n_rows), count(n_rows_rounded), count(mapping) from "
                   "marts.dim_snapshot") == [(0, 0, 0, 0)]
    with local_copy.connect(home, is_local=True) as connection:
        assert connection.execute("select people from marts.mart_placement_setting where council_code = '114' and "
                                  "setting = 'All settings'").fetchall() == [(52,)]


def test_the_same_people_have_the_same_number_in_every_table(home):
    with local_copy.connect(home, is_local=False) as connection:
        found = connection.execute(
            "select people from marts.mart_placement_setting where council_code = '114' union select people from "
            "marts.mart_placement_band where council_code = '114' union select people from "
            "marts.mart_local_opportunity where council_code = '114' and opportunity in ('high_cost', 'nhs_share')"
        ).fetchall()
    assert len(found) == 1


# --- every council ----------------------------------------------------------------------------------------------------


def test_the_reader_of_all_tables_breaks_a_weak_method():
    """Otherwise that it finds nothing would prove nothing."""
    method, off, hidden = all_councils.METHODS["exact, none below 5"]
    tally = all_councils.attack(20, method, off, hidden)
    assert tally.certain > 50 and tally.right_of_bold == tally.certain
    assert tally.prices > 0


@pytest.mark.parametrize("count", [12, pytest.param(500, marks=pytest.mark.full)])
def test_the_reader_of_all_tables_recovers_nothing(count):
    tally = all_councils.attack(count, *all_councils.METHODS["cell key, noise of any size"])
    assert (tally.councils, tally.certain, tally.prices) == (count, 0, 0)
    if count == 500:
        assert tally.published_share >= 0.95
        assert tally.error / tally.published < 1


def test_noise_is_as_documented():
    """46 cells of a hundred have none, and it is 0.85 on average; the same key always gives the same."""
    drawn = [open_figures.noise(key, "people") for key in range(20_000)]
    assert drawn == [open_figures.noise(key, "people") for key in range(20_000)]
    assert abs(sum(not number for number in drawn) / len(drawn) - 0.46) < 0.02
    assert abs(sum(map(abs, drawn)) / len(drawn) - 0.85) < 0.05
    assert abs(sum(drawn)) / len(drawn) < 0.05


def test_one_person_more_has_fresh_noise():
    """The noise with and without a person is alike no more often than any two numbers are."""
    keys = [hash(("person", number)) % 2**32 for number in range(5_000)]
    alike = sum(open_figures.noise(key, "people") == open_figures.noise(key + 12_345, "people") for key in keys)
    assert abs(alike / len(keys) - 0.28) < 0.04


def test_pounds_do_not_tell_the_dearest():
    """D6: with one dear person more or fewer the step stays as it is, and pounds are off by half of the dearest."""
    for key in range(200):
        cell = open_figures.Cell(40, 40, 40 * 500.0 + 4_500, 5_000.0, key, key)
        if published := open_figures.shown(cell, 5_200):
            assert published.rounded_to_gbp == 5_200
            if published.annual_cost_gbp is not None:
                off = abs(published.annual_cost_gbp - 52 * cell.weekly_gbp)
                assert 52 * 2_500 - 2_600 <= off <= 52 * 5_000 + 2_600


def test_steps_divide_every_limit_of_the_bands():
    assert open_figures.steps([("a", 300), ("a", 700), ("a", 1000), ("b", 500), ("b", 1000)]) == {
        "a": 5_200, "b": 26_000, "any": 5_200}
