"""The figures people will quote, from the published files and from the embedded default, against printed goldens."""

from decimal import Decimal

import pytest

from orchestration import warehouse

pytestmark = pytest.mark.published

# Stockton's ten learning-disability unit costs of 2008-09: GBP thousands, denominator, printed unit cost.
STOCKTON_2008_09 = {
    "nursing": (168, 318, "528.3"),
    "residential": (8045, 8339, "964.7"),
    "residential_own": (945, 619, "1526.7"),
    "residential_others": (7100, 7720, "919.7"),
    "home_care_31_march": (732, 1975, "370.4"),
    "direct_payments_31_march": (519, 3950, "131.3"),
    "day_care": (3493, 12635, "276.4"),
    "day_care_own": (2851, 11545, "247.0"),
    "day_care_others": (642, 1090, "587.9"),
    "day_care_31_march": (3493, 8735, "399.8"),
}
TEN = tuple(f"learning_disability_{name}_unit_cost" for name in STOCKTON_2008_09)
PEER_AND_SIBLING_BY_YEAR = {"2008-09": (19, 1377), "2009-10": (16, 961), "2010-11": (10, 1421), "2012-13": (21, 1414),
                            "2013-14": (14, 1415)}
# Council, measure: mean, weighted and median of the other unitary authorities, 2008-09, as returned.
STOCKTON_COMPARATORS = {
    "residential": ("1133.7", "1115.7", "1098.95"),
    "residential_own": ("1882.5", "1863.4", "1621.35"),
    "direct_payments_31_march": ("198.5", "187.8", "182.3"),
    "day_care_others": ("223.3", "170.9", "188.9"),
}
GROUP_OF_46 = {
    "residential": ("1130.0", "1112.1", "1082.8"),
    "residential_own": ("1872.3", "1854.8", "1570.4"),
    "direct_payments_31_march": ("197.0", "186.1", "181.2"),
    "day_care_others": ("231.7", "173.5", "190.9"),
}


def rows(home, sql, *values):
    with warehouse.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(params=["embedded_home", "england_home"])
def any_home(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", STOCKTON_2008_09)
def test_stockton_unit_cost_to_the_penny(any_home, name):
    thousands, denominator, printed = STOCKTON_2008_09[name]
    found = rows(any_home, "select value, numerator, denominator, verdict from marts.fct_figure where is_current and "
                 "council_code = '114' and financial_year = '2008-09' and measure_id = ?",
                 f"learning_disability_{name}_unit_cost")
    assert found == [(Decimal(printed), 1000 * thousands, denominator,
                      "quarantine" if name == "day_care_others" else found[0][3])]
    assert (found[0][3] == "quarantine") == (name == "day_care_others")


def test_the_588_carries_its_rule_ratios_and_volume(any_home):
    found = rows(any_home, "select distinct rule_ids like '%peer_and_sibling%', round(peer_ratio, 2), "
                 "round(sibling_ratio, 2), round(average_people), round(implied_volume), verdict "
                 "from marts.mart_unit_cost_variance where council_code = '114' and financial_year = '2008-09' "
                 "and measure_id = 'learning_disability_day_care_others_unit_cost'")
    assert found == [(True, Decimal("2.61"), Decimal("2.38"), 21, 55, "quarantine")]


def test_the_588_is_in_no_statistic_that_leaves_flagged_out(any_home):
    """Each council's clean comparator, recomputed here from the figures that may be believed."""
    wrong = rows(any_home, """
        with figures as (
            select figures.*, councils.class from marts.fct_figure as figures
            inner join marts.dim_council as councils
                on figures.council_code = councils.council_code and councils.valid_from <= '2009-03-31'
                and (councils.valid_to is null or councils.valid_to >= '2009-03-31')
            where is_current and financial_year = '2008-09' and value > 0
                and measure_id = 'learning_disability_day_care_others_unit_cost'
        )
        select variances.council_code from marts.mart_unit_cost_variance as variances
        inner join figures on variances.figure_id = figures.figure_id
        where variances.peer_set = 'class' and variances.n_peers_excluding_flagged >= 5 and abs(
            variances.comparator_mean_excluding_flagged - (
                select avg(peer.value) from figures as peer
                where peer.class = figures.class and peer.council_code <> figures.council_code
                    and peer.verdict not in ('quarantine', 'missing')
            )
        ) > 0.00001
    """)
    assert wrong == []


def test_embedded_default_judges_as_all_of_england_does(embedded_home, england_home):
    """The extract is measured against England's statistics, so its verdicts on peers are the whole file's."""
    sql = """
        select distinct council_code, financial_year, measure_id from quality.rule_result
        where rule_id in ('peer_and_sibling', 'peer_ratio_extreme') and status = 'fail' order by all
    """
    of_extract = set(rows(embedded_home, sql))
    judged = set(rows(embedded_home, "select council_code, financial_year, measure_id from marts.fct_figure"))
    assert of_extract == {key for key in rows(england_home, sql) if key in judged}


def test_councils_of_each_year(england_home):
    found = dict(rows(england_home, "select financial_year, count(distinct council_code) from marts.fct_figure "
                      "group by financial_year"))
    assert found == {"2008-09": 150, "2009-10": 152, "2010-11": 152, "2012-13": 152, "2013-14": 152, "2014-15": 152}


@pytest.mark.parametrize(("year", "expected"), PEER_AND_SIBLING_BY_YEAR.items())
def test_peer_and_sibling_finds_as_many_as_counted_by_hand(england_home, year, expected):
    flagged = rows(england_home, "select count(*) from quality.rule_result where rule_id = 'peer_and_sibling' and "
                   "status = 'fail' and financial_year = ? and measure_id in ?", year, list(TEN))
    priced = rows(england_home, "select count(*) from marts.fct_figure where value > 0 and financial_year = ? and "
                  "measure_id in ?", year, list(TEN))
    assert (flagged[0][0], priced[0][0]) == expected


def test_four_mislabelled_columns_of_2008_09(england_home):
    columns = rows(england_home, "select measure_id from quality.rule_result where rule_id = 'column_mislabelled' and "
                   "status = 'fail' and financial_year = '2008-09' order by 1")
    cells = rows(england_home, "select count(*) from quality.rule_result where rule_id = 'unit_cost_recomputes' and "
                 "status = 'fail'")
    lines = rows(england_home, "select distinct line from marts.fct_figure where financial_year = '2008-09' and "
                 "measure_id in ? order by 1", [measure for (measure,) in columns])
    assert (lines, cells) == ([("2.1A",), ("2.22A",), ("2.23A",), ("2.24",)], [(588,)])


@pytest.mark.parametrize("name", STOCKTON_COMPARATORS)
def test_stockton_comparators_among_46_unitary_authorities(any_home, name):
    found = rows(any_home, "select comparator_mean, comparator_weighted, comparator_median from "
                 "marts.mart_unit_cost_variance where council_code = '114' and financial_year = '2008-09' and "
                 "peer_set = 'class' and measure_id = ?", f"learning_disability_{name}_unit_cost")
    for got, printed in zip(found[0], STOCKTON_COMPARATORS[name]):
        assert abs(got - Decimal(printed)) <= Decimal("0.05")


@pytest.mark.parametrize("name", GROUP_OF_46)
def test_statistics_of_the_46_unitary_authorities(any_home, name):
    found = rows(any_home, """
        select avg(value), 1.0 * sum(numerator) / sum(denominator), median(value), count(*)
        from marts.fct_figure inner join marts.dim_council using (council_code)
        where is_current and financial_year = '2008-09' and measure_id = ? and value > 0
            and class = 'Unitary Authority' and valid_from <= '2009-03-31'
            and (valid_to is null or valid_to >= '2009-03-31')
    """, f"learning_disability_{name}_unit_cost")
    for got, printed in zip(found[0], GROUP_OF_46[name]):
        assert abs(float(got) - float(printed)) <= 0.06


def test_classes_as_they_stood(england_home):
    sql = """
        select count(*) from marts.dim_council where class = 'Unitary Authority' and valid_from <= ?
        and (valid_to is null or valid_to >= ?)
    """
    assert [rows(england_home, sql, day, day)[0][0] for day in ("2009-03-31", "2010-03-31")] == [46, 55]


def test_missing_is_never_zero(england_home):
    assert rows(england_home, "select count(*) from marts.fct_figure where (value is null) <> (missing_reason is not "
                "null)") == [(0,)]
    reasons = dict(rows(england_home, "select missing_reason, count(*) from marts.fct_figure where financial_year = "
                        "'2009-10' and value is null group by 1"))
    assert set(reasons) == {"not_applicable", "not_available", "error_in_source"}
    cells = dict(rows(england_home, "select printed_text, count(*) from marts.fct_figure_cell where number is null and "
                      "figure_id like '%:2009-10:%' group by 1"))
    assert cells == {".": 679, "..": 510, "#NUM!": 9}


def test_negative_money_is_kept(england_home):
    assert rows(england_home, "select count(*) > 0 from marts.fct_figure where value < 0 and financial_year = "
                "'2014-15'") == [(True,)]


def test_every_figure_leads_to_its_printed_cell(england_home):
    lost = rows(england_home, """
        select count(*) from marts.fct_figure as figures
        left join marts.fct_figure_cell as cells
            on figures.figure_id = cells.figure_id and cells.component = 'unit_cost'
        where cells.row_number is null or cells.column_number is null or cells.sha256 is null
            or (figures.value is not null and cells.number <> figures.value)
    """)
    assert lost == [(0,)]


def test_the_weeks_trap(england_home):
    """2008-09 prints annual denominators, later years weekly ones; both come out as a year's."""
    found = rows(england_home, """
        select financial_year, max(abs(value - numerator / denominator) / value)
        from marts.fct_figure where measure_id = 'learning_disability_day_care_own_unit_cost' and denominator > 20000
        group by financial_year order by financial_year
    """)
    assert len(found) == 5
    assert all(gap < 0.01 for _, gap in found)


def test_extreme_comparators_stay_out_of_flagged_free_ones(england_home):
    found = rows(england_home, "select n_peers, n_peers_excluding_flagged from marts.mart_unit_cost_variance where "
                 "council_code = '114' and financial_year = '2008-09' and peer_set = 'class' and measure_id = "
                 "'learning_disability_day_care_others_unit_cost'")
    assert found[0][0] == 42
    assert found[0][1] < 42
