"""Proves what is recast for a reorganisation on the published files: bounds by hand, and how often such bounds hold."""

from itertools import combinations

import numpy as np
import pytest

from orchestration import database
from orchestration.home import Home

ADULT_SOCIAL_CARE = "adult_social_care_ro3_net_current_expenditure"


def rows(home: Home, sql: str, *values: object) -> list[tuple]:
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def bounds(spend: float, part: float, rest: float, low: float, high: float) -> tuple[float, float]:
    """Of what a part with ``part`` residents can have cost, where rates are ``low`` to ``high`` of the whole's."""
    rate = spend / (part + rest)
    return (max(part * rate * low, spend - rest * rate * high), min(part * rate * high, spend - rest * rate * low))


@pytest.mark.published
def test_the_two_councils_of_cumbria_by_hand(england_home):
    """Spending of 2022-23 by residents of mid-2021, the nearest known; rates of all councils by numpy."""
    spending = rows(england_home, """
        select figures.council_code, figures.ruled_value, arg_min(people.people, abs(people.mid_year - 2022))
        from (
            select council_code, ruled_value from marts.fct_figure
            where measure_id = ? and financial_year = '2022-23' and is_current
            union all
            select council_code, ruled_value from marts.fct_derived_figure
            where measure_id = ? and financial_year = '2022-23') as figures
        inner join marts.dim_population as people on figures.council_code = people.council_code
            and people.age_band = '18 and over' and people.is_current and people.mid_year <> 2023
        where figures.ruled_value is not null group by all""", ADULT_SOCIAL_CARE, ADULT_SOCIAL_CARE)
    of_council = {code: (float(spend), people) for code, spend, people in spending}
    spend, residents = of_council["102"]
    assert (spend, residents) == (180_941_000, 410_445)
    low, middle, high = np.quantile([spend / people for spend, people in of_council.values()], [0.05, 0.5, 0.95])
    found = rows(england_home, """
        select new_council, spend_low_gbp, spend_high_gbp, residents, is_exact, is_recast, basis from marts.mart_recast
        where footprint = 'Cumbria 2023' and financial_year = '2022-23' and measure_id = ? order by 1""",
        ADULT_SOCIAL_CARE)
    assert [row[0] for row in found] == ["Cumberland", "Westmorland and Furness"]
    for share, (_, least, most, people, is_exact, is_recast, basis) in zip((0.548201, 0.451799), found):
        assert float(people) == pytest.approx(share * residents, abs=0.01)
        assert (float(least), float(most)) == pytest.approx(
            bounds(spend, share * residents, (1 - share) * residents, low / middle, high / middle), rel=0.002)
        assert not is_exact and is_recast and basis.startswith("Recast: bounds, because of Cumbria only a part goes to")
    # What one has at the least the other has at the most, to the pound.
    assert float(found[0][1] + found[1][2]) == pytest.approx(spend, abs=1)
    # Two years later Westmorland and Furness reported £608.10 a resident, 1.10 times England's median of that year.
    later, england = rows(england_home, """
        select max(ruled_value) filter (council_code = 'W8X1Q'), median(ruled_value) from marts.fct_derived_figure
        where measure_id = ? and financial_year = '2024-25'""", f"{ADULT_SOCIAL_CARE}_per_head")[0]
    least, most = (float(amount) / (0.451799 * residents) / middle for amount in found[1][1:3])
    assert least < float(later) / float(england) < most


@pytest.mark.published
def test_splits_of_the_past_have_bounds_and_no_points(england_home):
    found = rows(england_home, """
        select footprint, count(*) > 100, count(*) filter (not is_exact), count(*),
            count(*) filter (spend_low_gbp >= spend_high_gbp), max(financial_year),
            count(*) filter (spend_low_gbp is null and not starts_with(basis, 'No amount of '))
        from marts.mart_recast group by 1 order by 1""")
    assert [(row[0], row[1], row[2] == row[3], row[4], row[5], row[6]) for row in found] == [
        ("Cumbria 2023", True, True, 0, "2022-23", 0), ("Dorset 2019", True, True, 0, "2017-18", 0),
        ("Northamptonshire 2021", True, True, 0, "2017-18", 0)]


@pytest.mark.published
@pytest.mark.parametrize(("measure", "year"), [
    ("adult_social_care_gross_current_expenditure_per_head", "2017-18"),
    ("learning_disability_gross_current_expenditure_per_head", "2016-17"),
    ("mental_health_gross_current_expenditure_per_head", "2017-18"),
    ("physical_support_65_over_gross_current_expenditure_per_head", "2017-18"),
    ("learning_disability_ro3_net_current_expenditure_per_head", "2024-25"),
])
def test_the_bounds_hold_the_parts_of_two_councils_taken_as_one(england_home, measure, year):
    """Every two councils of one class and region as if they had been one: what each spent is known, and is within the
    bounds of the split in nine of ten pairs or more.
    """
    found = rows(england_home, """
        select numerator, denominator, any_value(class), any_value(region) from marts.fct_derived_figure
        inner join marts.dim_council using (council_code)
        where measure_id = ? and financial_year = ? and ruled_value is not null and denominator > 20000
        group by council_code, numerator, denominator""", measure, year)
    low, middle, high = np.quantile([float(spend) / float(people) for spend, people, *_ in found], [0.05, 0.5, 0.95])
    held = []
    for (spend, people, *kind), (other_spend, other_people, *other_kind) in combinations(found, 2):
        if kind == other_kind:
            least, most = bounds(float(spend + other_spend), float(people), float(other_people), low / middle,
                                 high / middle)
            held.append(least <= float(spend) <= most)
    assert len(held) > 600 and 0.9 < np.mean(held) < 0.99
