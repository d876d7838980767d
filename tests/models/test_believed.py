"""Proves what the verdicts are worth on the published files: the named cases, the savings that are believed, and the
table of what was asked of the rules. Needs all of England."""

from pathlib import Path

import pytest

from orchestration import database

pytestmark = pytest.mark.published
# Spending of 2014-15 to 2017-18 that passed once, and the saving that followed from it.
LINES = {
    "Slough": ("2014-15", "memory_and_cognition_65_over_home_care_gross_current_expenditure"),
    "Wiltshire": ("2014-15", "sensory_support_65_over_gross_current_expenditure"),
    "Enfield": ("2017-18", "sensory_support_65_over_gross_current_expenditure"),
}
# Both years of a pair by the jump alone, the earlier one out of the middle and the later one in it.
PAIRS = """
    with findings as (
        select figure_id, list(distinct rule_id) as rules from gate.rule_result
        where status = 'fail' and severity = 'warning' and figure_id is not null group by figure_id
    )

    select earlier.figure_id, list_contains(findings.rules, 'jump_by_denominator') as is_named
    from intermediate.int_check_jump as pairs
    inner join intermediate.int_check_figure as later on pairs.figure_id = later.figure_id
    inner join intermediate.int_check_figure as earlier
        on later.council_code = earlier.council_code and later.measure_id = earlier.measure_id
            and later.definition_version = earlier.definition_version and pairs.other_year = earlier.financial_year
            and earlier.is_current
    left join findings on earlier.figure_id = findings.figure_id
    left join findings as of_later on later.figure_id = of_later.figure_id
    where pairs.other_year < later.financial_year and not pairs.value_ratio between 0.571429 and 1.75
        and later.peer_ratio between 0.67 and 1.5 and not earlier.peer_ratio between 0.67 and 1.5
        and (of_later.rules is null or of_later.rules = ['jump_by_denominator'])"""


def asked(database_file: Path, sql: str, *values: object) -> list[tuple]:
    with database.connect(database_file, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.mark.parametrize("council", LINES)
def test_a_line_of_many_times_the_median_gives_no_saving(england_home, council):
    """Home care of 58 times the median, sensory support of 18 and 26 times: quarantined, and no base of a saving."""
    year, measure = LINES[council]
    (verdict, rules), = asked(
        england_home.published, "with figures as (select council, financial_year, measure_id, verdict, rule_ids "
        "from marts.fct_figure where is_current union all "
        "select council, financial_year, measure_id, verdict, rule_ids from marts.fct_derived_figure) "
        "select verdict, rule_ids from figures where council = ? and financial_year = ? and measure_id = ?",
        council, year, measure)
    assert verdict == "quarantine" and "spend_level" in rules
    assert asked(
        england_home.published, "select measure_id, saving_gbp from marts.mart_saving "
        "where council = ? and financial_year = ? and measure_id like ? and is_offered", council, year,
        f"{measure}%") == []


def test_less_than_nothing_ranks_nobody_first(england_home):
    """Peterborough's learning disability (RO3) is below zero in 2008-09 and 2009-10, and GBP 16.7m the year after."""
    measure = "learning_disability_ro3_net_current_expenditure"
    assert asked(
        england_home.published, "select financial_year, value < 0, verdict = 'quarantine' from marts.fct_figure "
        "where council = 'Peterborough' and measure_id = ? and is_current order by 1 limit 3", measure) == [
        ("2008-09", True, True), ("2009-10", True, True), ("2010-11", False, False)]
    assert asked(
        england_home.published, "select financial_year, measure_id from marts.mart_benchmark "
        "where council = 'Peterborough' and measure_id like ? and financial_year in ('2008-09', '2009-10') "
        "and basis = 'excluding_flagged' and (rank_low is not null or value is not null)", f"{measure}%") == []


def test_few_great_savings_are_believed_and_each_says_why(england_home):
    """75,126 rows offered more than GBP 1m and more than 75% of the spend; what is left of them is borne out."""
    (n_great, without_reason, least_offered), = asked(england_home.published, """
        select
            count(*) filter (where saving_gbp > 1000000 and saving_pct > 75 and target <> 'given'),
            count(*) filter (where believed_because is null or trim(believed_because) = ''),
            count(*)
        from marts.mart_saving where is_offered""")
    assert 0 < n_great < 1000 and without_reason == 0 and least_offered > 100_000
    assert asked(england_home.published, """
        select distinct believed_because from marts.mart_saving
        where is_offered and saving_gbp > 1000000 and saving_pct > 75 and target <> 'given'
            and believed_because not like 'borne out: %'""") == []


def test_what_is_quarantined_is_mostly_out_of_the_middle(england_home):
    """Of unit costs in quarantine at most a tenth are within 0.67 to 1.5 times England's median; 32% once."""
    (n_quarantined, n_in_the_middle), = asked(england_home.warehouse, """
        select count(*), count(*) filter (where figures.peer_ratio between 0.67 and 1.5)
        from intermediate.int_check_figure as figures
        where figures.figure_id in (
            select figure_id from gate.rule_result where status = 'fail' and severity = 'warning')""")
    assert n_quarantined > 2000 and n_in_the_middle <= 0.1 * n_quarantined


def test_of_two_years_the_outlier_is_named(england_home):
    """In 377 pairs the year before is the outlier, and at least four in five now say so."""
    named = [is_named for _, is_named in asked(england_home.warehouse, PAIRS)]
    assert len(named) >= 377 and sum(map(bool, named)) >= 0.8 * len(named)


def test_peer_rules_find_what_they_found(england_home):
    (found,), = asked(england_home.published, """
        select count(*) from quality.rule_result
        where status = 'fail' and rule_id in ('peer_and_sibling', 'peer_ratio_extreme')""")
    assert found >= 1689


def test_of_ten_unit_costs_of_stockton_one_is_quarantined(england_home):
    """The ten of the report: GBP 587.90 a week for day care by others alone."""
    verdicts = asked(england_home.published, """
        select round(value, 1), verdict from marts.fct_figure
        where council_code = '114' and financial_year = '2008-09' and is_current and measure_id in (
            'learning_disability_nursing_unit_cost', 'learning_disability_residential_unit_cost',
            'learning_disability_residential_own_unit_cost', 'learning_disability_residential_others_unit_cost',
            'learning_disability_home_care_31_march_unit_cost',
            'learning_disability_direct_payments_31_march_unit_cost',
            'learning_disability_day_care_unit_cost', 'learning_disability_day_care_own_unit_cost',
            'learning_disability_day_care_others_unit_cost', 'learning_disability_day_care_31_march_unit_cost')""")
    assert len(verdicts) == 10
    assert [float(value) for value, verdict in verdicts if verdict == "quarantine"] == [587.9]
