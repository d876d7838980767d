"""Proves that prices are compared with those of like need: effects and spread are found under outliers, a dear provider
and packages of many hours stand out, few packages give no estimate, and nothing about one person is published.
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from orchestration import database, local_copy, prices
from orchestration.home import Home
from orchestration.review import review

COLUMNS = ["snapshot_id", "person_key", "client_group", "setting_group", "setting", "age", "night_cover", "area",
           "weekly_gbp", "hours_weekly", "one_to_one_hours_weekly"]


def invented(n=400, seed=1):
    """Packages at known prices: waking nights cost half as much again, out of area a fifth more; noise of 5%."""
    drawn = np.random.default_rng(seed)
    waking, far = drawn.random(n) < 0.3, drawn.random(n) < 0.25
    price = 800 * np.where(waking, 1.5, 1) * np.where(far, 1.2, 1) * np.exp(drawn.normal(0, 0.05, n))
    return pd.DataFrame({
        "snapshot_id": "a", "person_key": [f"p{number}" for number in range(n)], "client_group": "Learning disability",
        "setting_group": "Residential and nursing", "setting": "Residential care",
        "age": drawn.integers(25, 45, n), "night_cover": np.where(waking, "waking night", "none"),
        "area": np.where(far, "out of area", "in the area"), "weekly_gbp": price, "hours_weekly": np.nan,
        "one_to_one_hours_weekly": np.nan})[COLUMNS]


def effect(effects, level):
    return effects.set_index("level").loc[level, "effect_pct"]


def test_a_line_is_found_under_outliers():
    drawn = np.random.default_rng(3)
    x = drawn.uniform(0, 10, 200)
    y = 3 + 0.3 * x + drawn.normal(0, 0.1, 200)
    y[:30] += 8  # fifteen in a hundred are far off
    design = np.column_stack([np.ones(200), x])
    coefficients, spread = prices.huber(y, design)
    assert coefficients == pytest.approx([3, 0.3], abs=0.05) and spread == pytest.approx(0.1, abs=0.04)
    assert abs(np.linalg.lstsq(design, y, rcond=None)[0][0] - 3) > 0.5, "least squares would not have found it"


def test_what_need_costs_is_found_and_a_dear_provider_does_not_move_it():
    packages = invented()
    dear = packages.index[:40]
    packages.loc[dear, "weekly_gbp"] *= 1.6
    found, effects = prices.expected_prices(packages)
    assert effect(effects, "waking night") == pytest.approx(50, abs=4)
    assert effect(effects, "out of area") == pytest.approx(20, abs=4)
    assert effect(effects, "none") == 0 and set(effects["compared_with"]) == {
        "none", "in the area", "Residential care", "25 to 44"}
    ratio = found["weekly_gbp"] / found["expected_weekly_gbp"]
    assert ratio[dear].median() == pytest.approx(1.6, abs=0.07) and ratio[40:].median() == pytest.approx(1, abs=0.03)
    assert found["spread"].iloc[0] < 0.1 and found["expected_for_hours_gbp"].isna().all()


def test_many_hours_are_told_from_a_dear_price():
    packages, drawn = invented(), np.random.default_rng(5)
    hours = drawn.uniform(20, 40, len(packages))
    hours[:20] = 90.0
    packages["hours_weekly"] = hours
    packages["weekly_gbp"] = 18 * hours * np.exp(drawn.normal(0, 0.03, len(packages)))
    packages.loc[packages.index[20:40], "weekly_gbp"] *= 1.5
    found, _ = prices.expected_prices(packages)
    of_hours, of_need = found["expected_for_hours_gbp"], found["expected_weekly_gbp"]
    assert (of_hours[:20] / of_need[:20]).min() > 2, "many hours are more than like need has"
    assert (found["weekly_gbp"] / of_hours)[:20].median() == pytest.approx(1, abs=0.05), "and are not dear"
    assert (found["weekly_gbp"] / of_hours)[20:40].median() == pytest.approx(1.5, abs=0.07)


def test_fewer_than_thirty_packages_are_no_basis():
    found, effects = prices.expected_prices(invented(prices.FEWEST - 1))
    assert found.empty and effects.empty
    found, effects = prices.expected_prices(invented(prices.FEWEST))
    assert len(found) == prices.FEWEST


def test_a_rare_level_has_no_effect_of_its_own():
    packages = invented()
    packages.loc[packages.index[:prices.FEWEST_OF_A_LEVEL - 1], "setting"] = "Nursing care"
    found, effects = prices.expected_prices(packages)
    assert "Nursing care" not in set(effects["level"]) and found["expected_weekly_gbp"].notna().all()


@pytest.fixture
def home(embedded_home, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
    return home


def rows(home, sql):
    with database.connect(home.warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_snapshot_is_estimated_once_and_forgotten_with_its_packages(home):
    assert prices.estimate(home.warehouse) == 0
    before = rows(home, "select * from estimate.package_price order by all")
    assert prices.estimate(home.warehouse, is_rebuild=True) == 2
    assert rows(home, "select * from estimate.package_price order by all") == before
    with database.connect(home.warehouse) as connection:
        connection.execute("delete from intermediate.int_snapshot where snapshot_date < '2010-01-01'")
    assert prices.estimate(home.warehouse) == 0
    assert rows(home, "select distinct split_part(snapshot_id, ':', 2) from estimate.package_price") == [
        ("2010-02-28",)]


def test_the_local_copy_has_sums_and_the_open_one_nothing(embedded_home):
    with local_copy.connect(embedded_home, is_local=True) as connection:
        found = connection.execute(
            "select factor, min(packages), count(*) from marts.mart_price_need group by 1 order by 1").fetchall()
        everyone = connection.execute(
            "select packages, packages_with_hours, over_serviced_packages from marts.mart_price_need where factor = "
            "'all' and setting = 'Community' and snapshot_date = '2010-02-28'").fetchone()
    assert {factor for factor, _, _ in found} == {"all", "setting", "age_band", "night_cover", "area", "provider"}
    assert min(fewest for _, fewest, _ in found) >= 5
    # Hours are recorded of home care alone.
    assert everyone[0] > everyone[1] >= 30 and everyone[2] > 0
    with local_copy.connect(embedded_home, is_local=False) as connection:
        assert connection.execute("select count(*) from marts.mart_price_need").fetchone() == (0,)


@pytest.mark.parametrize("topic, words", [("over_priced", "where packages of like need"),
                                          ("over_serviced", "hours a week cost GBP")])
def test_a_review_list_of_gaps(home, tmp_path, topic, words):
    made = review(home, topic, "stockton", limit=10, out=tmp_path / "list.csv")
    listed = pd.read_csv(made.path)
    assert made.packages == 10 and listed["reason"].str.contains(words).all()
    assert listed.drop_duplicates("package")["worth_gbp_a_year"].is_monotonic_decreasing
    if topic == "over_priced":
        assert (listed["worth_gbp_a_year"] < 52 * listed["weekly_gbp"]).all()
