"""Proves the figures people will quote against printed ones, on the published files and on the embedded default."""

from decimal import Decimal

import pytest

from orchestration import database, local_copy

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
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(params=["embedded_home", pytest.param("england_home", marks=pytest.mark.full)])
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
    """Each council's clean comparator, recomputed here from the figures that passed their checks."""
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


UNIT_COSTS = "marts.fct_figure inner join marts.mart_unit_cost_variance as costs using (figure_id) " \
             "where costs.peer_set = 'england' and fct_figure.is_current"


@pytest.mark.full
@pytest.mark.parametrize(("council", "wrong", "right"), [
    ("Leeds", ("2007-08", 3121), ("2008-09", 1285)),
    ("Tameside", ("2008-09", 733), ("2009-10", 1371)),
    ("Barnsley", ("2007-08", 441), ("2008-09", 1101)),
])
def test_a_jump_names_the_year_that_is_out_of_place(england_home, council, wrong, right):
    """Residential care of learning disability: in each of them the earlier year was believed, and the later was not."""
    found = rows(england_home, "select financial_year, cast(round(value) as integer), verdict = 'quarantine' "
                 "from marts.fct_figure where is_current and council = ? and financial_year in (?, ?) "
                 "and measure_id = 'learning_disability_residential_unit_cost' order by 1", council, wrong[0], right[0])
    assert found == [(*wrong, True), (*right, False)]


@pytest.mark.full
def test_few_quarantined_unit_costs_are_close_to_the_median(england_home):
    """A third were, when the later year of every jump was quarantined and a wrong denominator spoilt its price."""
    [(close, all_of_them)] = rows(
        england_home, f"select count(distinct figure_id) filter (where costs.peer_ratio between 0.67 and 1.5), "
                      f"count(distinct figure_id) from {UNIT_COSTS} and costs.verdict = 'quarantine'")
    assert all_of_them > 2000 and close <= all_of_them / 10


@pytest.mark.full
def test_the_rules_on_peers_find_what_they_found(england_home):
    assert rows(england_home, "select count(*) from quality.rule_result where status = 'fail' and rule_id in "
                "('peer_and_sibling', 'peer_ratio_extreme') and release_id not like 'ascfr_2014_15_voluntary%' "
                "and release_id not like 'ascfr_2014_15_activity%'") == [(1689,)]


@pytest.mark.full
def test_a_mislabelled_denominator_does_not_spoil_its_price(england_home):
    """588 cells of four columns of 2008-09; six of them are quarantined for what their price is."""
    found = rows(england_home, "select denominator_verdict, verdict, count(*) from marts.fct_figure "
                 "where rule_ids like '%denominator_mislabelled%' group by all order by 2")
    assert found == [("quarantine", "quarantine", 6), ("quarantine", "warn", 582)]
    assert rows(england_home, "select count(*) from marts.fct_figure where denominator_verdict = 'quarantine' and "
                "verdict = 'warn' and abs(round(ln(denominator / ruled_denominator) / ln(52), 4)) <> 1") == [(0,)]


@pytest.mark.full
def test_a_voluntary_price_is_judged_by_its_peers(england_home):
    """Thurrock's 12,337.50 a week is 24 times the median and nearly doubles England's mean."""
    price = "mental_health_85_over_nursing_unit_cost"
    assert rows(england_home, "select verdict, rule_ids like '%peer_ratio_extreme%' from marts.fct_figure where "
                "council = 'Thurrock' and measure_id = ?", price) == [("quarantine", True)]
    means = rows(england_home, "select basis, cast(round(mean) as integer) from marts.mart_group_statistic where "
                 "measure_id = ? and peer_set = 'england' order by 1", price)
    assert means == [("as_returned", 1019), ("excluding_flagged", 527)]


@pytest.mark.full
def test_what_nobody_judged_is_in_no_clean_comparison(england_home):
    assert rows(england_home, "select sum(n_without_rule) > 0, sum(n_unjudged) from quality.release_summary") == [
        (True, 0)]
    assert rows(england_home, "select count(*) from marts.mart_saving inner join marts.fct_derived_figure "
                "using (figure_id) where fct_derived_figure.verdict = 'unjudged'") == [(0,)]
    assert rows(england_home, "select count(*) from marts.mart_benchmark where verdict = 'unjudged' and "
                "basis = 'excluding_flagged' and value is not null") == [(0,)]


def test_embedded_default_judges_as_all_of_england_does(embedded_home, england_home):
    """The extract is compared with England's statistics, so its verdicts on peers equal those of the whole file."""
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
    before = {f"200{year}-0{year + 1}": 150 for year in range(9)}
    after = {f"20{year}-{year + 1}": 152 for year in range(10, 19)}
    assert found == before | after | {"2009-10": 152, "2019-20": 151, "2020-21": 151, "2021-22": 152, "2022-23": 152,
                                      "2023-24": 153, "2024-25": 153}


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
    cells = rows(england_home, "select count(*) from quality.rule_result where rule_id = 'denominator_mislabelled' and "
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


def test_classes_are_those_of_the_year(england_home):
    sql = """
        select count(*) from marts.dim_council where class = 'Unitary Authority' and valid_from <= ?
        and (valid_to is null or valid_to >= ?)
    """
    assert [rows(england_home, sql, day, day)[0][0] for day in ("2009-03-31", "2010-03-31")] == [46, 55]


def test_missing_is_never_zero(england_home):
    assert rows(england_home, "select count(*) from marts.fct_figure where (value is null) <> (missing_reason is not "
                "null)") == [(0,)]
    reasons = dict(rows(england_home, "select missing_reason, count(*) from marts.fct_figure where financial_year = "
                        "'2009-10' and release_id like 'pssex1_unit_costs%' and value is null group by 1"))
    assert set(reasons) == {"not_applicable", "not_available", "error_in_source"}
    cells = dict(rows(england_home, "select printed_text, count(*) from marts.fct_figure_cell where number is null and "
                      "figure_id like '%:2009-10:%' group by 1"))
    assert cells == {".": 679, "..": 510, "#NUM!": 9}


def test_negative_money_is_kept(england_home):
    assert rows(england_home, "select count(*) > 0 from marts.fct_figure where value < 0 and financial_year = "
                "'2014-15'") == [(True,)]


def test_every_figure_leads_to_its_printed_cell(england_home):
    assert rows(england_home, "select count(*) from marts.fct_figure where release_id is null or file_name is null or "
                "sheet is null or row_number is null or column_number is null") == [(0,)]
    lost = rows(england_home, """
        select count(*), count(cells.figure_id) from marts.fct_figure as figures
        inner join marts.dim_measure as measures using (measure_id, definition_version)
        left join marts.fct_figure_cell as cells
            on figures.figure_id = cells.figure_id and cells.component = 'unit_cost'
            and cells.row_number = figures.row_number and cells.column_number = figures.column_number
            and cells.sheet = figures.sheet and cells.file_name = figures.file_name
            and cells.number is not distinct from figures.value
        where measures.denominator_unit is not null and measures.family = 'unit_cost'
    """)
    assert lost[0][0] == lost[0][1] > 60_000


def test_every_figure_is_in_its_file_at_the_cell_it_names(england_home, shared_data, files_of_today):
    """A thousand figures of every layout, looked up in the files themselves."""
    from orchestration.intake.open import open_file

    found = rows(england_home, """
        select file_name, sheet, row_number, column_number, value_printed from (
            select *, row_number() over (partition by release_id order by hash(figure_id)) as place
            from marts.fct_figure
        ) where place <= 12 order by file_name
    """)
    grids = {}
    for name, sheet, row, column, printed in found:
        if name not in grids:
            path = next(folder / name for folder in (shared_data, files_of_today) if (folder / name).is_file())
            grids[name] = open_file(path, name).grids
        assert grids[name][sheet][row - 1][column - 1].strip(" ") == printed, (name, sheet, row, column)
    assert len(found) > 500 and len(grids) > 20


def test_the_weeks_trap(england_home):
    """2008-09 prints annual denominators, later years weekly ones; both come out as a year's."""
    found = rows(england_home, """
        select financial_year, max(abs(value - numerator / denominator) / value)
        from marts.fct_figure where measure_id = 'learning_disability_day_care_own_unit_cost' and denominator > 20000
        group by financial_year order by financial_year
    """)
    assert len(found) == 6
    assert all(gap < 0.01 for _, gap in found)


# --- expenditure ------------------------------------------------------------------------------------------------------

# Stockton's learning disability of 2007-08 in GBP thousands, as METHODS prints it.
STOCKTON_2007_08 = {"total_expenditure": 13_793, "gross_current_expenditure": 12_318, "net_current_expenditure": 11_488,
                    "residential_gross_current_expenditure": 7_412}


@pytest.mark.parametrize("name", STOCKTON_2007_08)
def test_stockton_spend_of_2007_08(england_home, name):
    found = rows(england_home, "select value, unit from marts.fct_figure where is_current and council_code = '114' and "
                 "financial_year = '2007-08' and measure_id = ?", f"learning_disability_{name}")
    assert found == [(1000 * STOCKTON_2007_08[name], "GBP")]


@pytest.mark.parametrize(("year", "all_of_it", "learning_disability"), [
    ("2014-15", "17043.3", "4436.9"), ("2016-17", "17526.4", "4802.2"), ("2017-18", "17928.2", "4946.8")])
def test_control_totals_are_hit_to_a_tenth_of_a_million(england_home, year, all_of_it, learning_disability):
    with database.connect(england_home.warehouse) as connection:
        found = dict(connection.execute("select scope, amount_gbp_million from intermediate.int_check_control where "
                                        "financial_year = ?", [year]).fetchall())
    assert abs(found["all"] - Decimal(all_of_it)) <= Decimal("0.1")
    assert abs(found["learning_disability"] - Decimal(learning_disability)) <= Decimal("0.1")
    status = rows(england_home, "select distinct status from quality.rule_result where rule_id = 'control_total_met' "
                  "and financial_year = ? and n_checked > 0", year)
    assert status == [("pass",)]


def test_learning_disability_before_and_after_the_letters_moved(england_home):
    """Block E to 2006-07, block D in 2007-08: one measure, one series."""
    found = rows(england_home, """
        select line, count(distinct financial_year), count(distinct definition_version) from marts.fct_figure
        where measure_id = 'learning_disability_residential_gross_current_expenditure' and financial_year < '2008-09'
            and council_code = '114' and is_current group by line order by line
    """)
    assert found == [("D3", 1, 1), ("E3", 7, 1)]


def test_no_series_crosses_2014_15(england_home):
    found = rows(england_home, """
        select definition_version, min(financial_year), max(financial_year) from marts.fct_figure
        where measure_id = 'learning_disability_residential_gross_current_expenditure' group by 1 order by 2
    """)
    assert found == [("pssex1-1", "2000-01", "2007-08"), ("ascfr-1", "2014-15", "2017-18")]


def test_learning_disability_spend_a_head_of_2017_18(england_home):
    """METHODS section 1: long and short term care by the residents of 18 to 64 in mid-2017."""
    found = rows(england_home, """
        with spend as (
            select council_code, sum(value) as gbp from marts.fct_figure
            where is_current and financial_year = '2017-18' and measure_id like 'learning_disability_%'
                and measure_id not like '%65_over%' and measure_id like '%gross_current_expenditure'
            group by council_code
        ), heads as (
            select council_code, gbp / people as per_head from spend
            inner join marts.dim_population as population using (council_code)
            where population.financial_year = '2017-18' and age_band = '18 to 64' and population.is_current
        )
        select round(median(per_head), 1), round(min(per_head), 1), round(max(per_head), 1),
            round(max(case when council_code = '114' then per_head end), 2) from heads
    """)
    assert [float(number) for number in found[0]] == [141.4, 73.8, 220.4, 145.55]


def test_negatives_of_2017_18_are_genuine(england_home):
    assert rows(england_home, "select count(*) from marts.fct_figure where value < 0 and financial_year = '2017-18' "
                "and release_id like 'ascfr%'") == [(173,)]


def test_ro3_is_never_taken_for_pssex1(england_home):
    """RO3 is another return: no measure of it is one of PSS EX1 or ASC-FR, so none is current in place of another."""
    shared = rows(england_home, """
        select count(*) from (select distinct measure_id from marts.fct_figure where release_id like 'ro3%')
        inner join (
            select distinct measure_id from marts.fct_figure
            where release_id like 'pssex1%' or release_id like 'ascfr%'
        ) using (measure_id)
    """)
    assert shared == [(0,)]


def test_suppressed_and_missing_are_kept_apart(england_home):
    found = dict(rows(england_home, "select missing_reason, count(*) from marts.fct_figure where release_id like "
                      "'ascfr_2015_16_deferred%' group by 1"))
    assert found.pop(None) > 900
    assert found == {"suppressed": 4908 + 1556}


def test_regions_and_england_are_kept_apart(england_home):
    found = rows(england_home, "select area_kind, count(distinct area) from marts.fct_area_figure group by 1 "
                 "order by 1")
    assert found == [("england", 1), ("region", 9)]
    series = rows(england_home, """
        select min(financial_year), max(financial_year) from marts.fct_area_figure
        where area_kind = 'england' and measure_id = 'learning_disability_gross_current_expenditure'
            and value is not null
    """)
    assert series == [("1994-95", "2007-08")]


def test_the_extract_and_the_workbook_of_2007_08_agree_to_the_pound(england_home):
    assert rows(england_home, "select count(*) from marts.mart_restatement where abs(delta) >= 1") == [(0,)]


def test_every_file_is_loaded_or_says_why_not(england_home):
    # A file that no layout knows may be an export of placements: the open copy does not name it.
    with local_copy.connect(england_home, is_local=True) as connection:
        found = connection.execute("select file_name, status, reason from quality.source_file where status <> 'loaded' "
                                   "order by 1").fetchall()
    assert not rows(england_home, "select * from quality.source_file where status = 'not_recognised'")
    assert {name.split("/")[0] for name, status, _ in found if status == "not_recognised"} == {"lookups"}
    [(children, _, why), (name, _, reason)] = [row for row in found if row[1] == "not_loaded"]
    assert children.startswith("population/") and "children aged 0 to 17 alone" in why
    assert name.startswith("returns/broken/") and "published are 4,946.8m" in reason and "2017-18" in reason
    assert not [row for row in found if row[1] not in ("not_recognised", "not_loaded")]


def test_extreme_comparators_stay_out_of_flagged_free_ones(england_home):
    found = rows(england_home, "select n_peers, n_peers_excluding_flagged from marts.mart_unit_cost_variance where "
                 "council_code = '114' and financial_year = '2008-09' and peer_set = 'class' and measure_id = "
                 "'learning_disability_day_care_others_unit_cost'")
    assert found[0][0] == 42
    assert found[0][1] < 42


def test_councils_are_those_of_the_published_reference(england_home):
    """Codes, region and class as of the year. The Isles of Scilly are an exception: see docs/decisions."""
    with database.connect(england_home.warehouse, read_only=True) as connection:
        listed, otherwise = connection.execute("""
            with reference as (
                select *, make_date(cast(left(financial_year, 4) as integer), 9, 30) as on_day
                from staging.stg_reference__council_reference)
            select
                count(distinct (reference.financial_year, reference.council_code)),
                list(distinct reference.council_code) filter (
                    where (councils.ons_code, councils.region, councils.class)
                    is distinct from (reference.ons_code, reference.region, reference.class))
            from reference left join marts.dim_council as councils
                on reference.council_code = councils.council_code
                and reference.on_day between councils.valid_from and coalesce(councils.valid_to, reference.on_day)
        """).fetchone()
    assert (listed, otherwise) == (152 + 153, ["906"])


def test_every_reorganisation_of_the_published_history_is_known(england_home):
    with database.connect(england_home.warehouse, read_only=True) as connection:
        unknown = connection.execute("""
            select old_council_code, new_council_code from staging.stg_reference__council_change as published
            where not exists (
                select 1 from reference.council_change as changes inner join marts.dim_council as councils
                    on changes.new_council_code = councils.council_code and changes.effective_on = councils.valid_from
                where changes.effective_on = published.effective_on and councils.ons_code = published.new_ons_code
                    and (changes.old_council_code, changes.new_council_code)
                        = (published.old_council_code, published.new_council_code))
        """).fetchall()
    assert not unknown
