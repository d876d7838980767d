"""Proves benchmarks, savings, decomposition, trends and claims on the published files against figures worked out."""

import csv
import re
import shutil
from decimal import Decimal
from fractions import Fraction

import pytest
from sampling import sampled

from orchestration import database, local_copy, transform
from orchestration.home import Home
from orchestration.lineage import DerivedLineage, Lineage, describe, trace
from orchestration.refresh import refresh
from orchestration.report.questions import as_published

pytestmark = pytest.mark.published
RESIDENTIAL_SHARE = "learning_disability_residential_nursing_total_expenditure_share_of_client_group"
PER_HEAD = "learning_disability_gross_current_expenditure_per_head"
# Fourteen councils whose residential shares of 2007-08 have the mean, weighted mean and quartile that METHODS prints.
FOURTEEN = ("Calderdale", "Bury", "Wigan", "St. Helens", "Halton", "Gateshead", "Hartlepool", "Redcar and Cleveland",
            "Darlington", "Wakefield", "Stockport", "Warrington", "Telford and Wrekin", "Thurrock")
QUESTIONS = sorted((transform.dbt_folder() / "analyses").glob("*.sql"))


def rows(home: Home, sql: str, *values: object) -> list[tuple]:
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def to_one_place(number: Decimal) -> str:
    return f"{number:.1f}"


@pytest.fixture(scope="module")
def own_peers_home(tmp_path_factory, shared_data, england_home) -> Home:
    """The extract of 2000-01 to 2007-08 with a peer set of fourteen and targets of the user's own."""
    place = tmp_path_factory.mktemp("own")
    landing = place / "landing"
    landing.mkdir()
    for name in ("returns/extracts/pssex1_client_group_totals_and_ld_lines_2000-01_to_2007-08.csv",
                 "population/population_council_bands_2006-2024.csv"):
        shutil.copy(shared_data / name, landing)
    codes = dict(rows(england_home, "select council, council_code from marts.dim_council where valid_to is null or "
                      "valid_to >= date '2008-03-31'"))
    lines = ["peer_set,version,council_code,peer_code,peer_rank"]
    lines += [f"fourteen,2010,114,{codes[name]},{rank}" for rank, name in enumerate(FOURTEEN, 1)]
    (landing / "peers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["measure_id,council_code,financial_year,target_value,because",
             f"{RESIDENTIAL_SHARE},*,2007-08,31,The mean printed"]
    (landing / "targets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    home = Home(place / "home")
    refresh([landing], home)
    return home


def test_residential_share_of_stockton(england_home):
    found = rows(england_home, """
        select financial_year, value from marts.fct_derived_figure
        where council_code = '114' and measure_id = ? and financial_year between '2004-05' and '2007-08'
        order by financial_year""", RESIDENTIAL_SHARE)
    assert [(year, to_one_place(value)) for year, value in found] == [
        ("2004-05", "58.8"), ("2005-06", "57.7"), ("2006-07", "57.9"), ("2007-08", "59.7")]


def test_residential_share_of_england(england_home):
    found, = rows(england_home, """
        select median, q1, q3 from marts.mart_group_statistic
        where peer_set = 'england' and basis = 'as_returned' and financial_year = '2007-08' and measure_id = ?
        """, RESIDENTIAL_SHARE)
    assert tuple(map(to_one_place, found)) == ("49.0", "37.0", "59.4")
    claim, = rows(england_home, "select recomputed from marts.mart_claim_check where claim_id = 'A46'")
    assert f"{claim[0]:.0f}" == "59"


def test_spend_per_head_of_2017_18(england_home):
    groups = {name: tuple(map(to_one_place, numbers)) for name, *numbers in rows(england_home, """
        select group_name, weighted_mean, median, lowest, highest from marts.mart_group_statistic
        where peer_set in ('class', 'england') and basis = 'as_returned' and financial_year = '2017-18'
            and measure_id = ? and mean is not null""", PER_HEAD)}
    assert {name: numbers[0] for name, numbers in groups.items() if name != "England"} == {
        "Shire Counties": "158.9", "Unitary Authority": "149.8", "Metropolitan District": "142.2",
        "Outer London": "122.0", "Inner London": "119.2"}
    assert groups["England"][1:] == ("141.4", "73.8", "220.4")
    value, *parts = rows(england_home, """
        select value, numerator, denominator, population_status, population_mid_year from marts.fct_derived_figure
        where council_code = '114' and financial_year = '2017-18' and measure_id = ?""", PER_HEAD)[0]
    assert (f"{value:.2f}", *parts) == ("145.55", 17_207_000, 118_220, "published", 2017)


def test_real_growth_of_stockton(england_home):
    real, = rows(england_home, """
        select value_real from marts.mart_trend where council_code = '114' and financial_year = '2004-05'
            and measure_id = 'learning_disability_total_expenditure'""")
    deflator, = rows(england_home, """
        select deflator from marts.dim_deflator where is_current and financial_year = '2008-09'""")
    # +53.8% cash and +37.4% real, to the 15.3m that is printed for 2008-09.
    assert f"{100 * (15_300_000 * 100 / deflator[0] / real[0] - 1):.1f}" == "37.4"


def test_fourteen_peers_of_the_users_own(own_peers_home):
    found = rows(own_peers_home, """
        select n_peers, mean, weighted_mean, q1, lowest_quartile_mean, peer_set_version from marts.mart_benchmark
        where council_code = '114' and financial_year = '2007-08' and peer_set = 'fourteen' and basis = 'as_returned'
            and measure_id = ?""", RESIDENTIAL_SHARE)
    assert len(found) == 1
    n_peers, mean, weighted, q1, lowest_quartile, version = found[0]
    assert (n_peers, f"{mean:.1f}", f"{weighted:.1f}", f"{q1:.2f}", version) == (14, "32.1", "31.2", "20.11", "2010")
    shares = sorted(value for value, in rows(own_peers_home, """
        select value from marts.fct_derived_figure where financial_year = '2007-08' and measure_id = ?
            and council_code in (select peer_code from marts.dim_peer_set where peer_set = 'fourteen')
        """, RESIDENTIAL_SHARE))
    assert abs(lowest_quartile - sum(shares[:4]) / 4) < Decimal("0.000001")  # 14 / 4 rounded up is 4.


def test_target_of_the_users_own(own_peers_home):
    found = rows(own_peers_home, """
        select denominator_rule, target_value, saving_gbp, target_because from marts.mart_saving
        where council_code = '114' and financial_year = '2007-08' and measure_id = ? and target = 'given'
            and peer_set = 'fourteen' order by 1""", RESIDENTIAL_SHARE)
    assert [row[:2] for row in found] == [("held", 31), ("moves", 31)]
    held = 8_241_000 - Fraction(31, 100) * 13_793_000
    assert abs(float(held) - float(found[0][2])) < 1
    assert abs(float(held / Fraction(69, 100)) - float(found[1][2])) < 1
    assert found[0][3] == "The mean printed"


def test_golden_claims_are_reproduced_or_carry_their_verdict(england_home, shared_data):
    with (shared_data / "golden" / "golden_stockton.csv").open(encoding="utf-8-sig", newline="") as file:
        golden = {row["id"]: row for row in csv.DictReader(file)}
    found = {row[0]: row[1:] for row in rows(
        england_home, "select claim_id, as_printed, review, verdict, because, recomputed from marts.mart_claim_check "
        "where claim_id not like 'P%'")}
    parts = {claim for claim in found if "-" in claim}
    assert {claim.split("-")[0] for claim in parts} >= {"A73", "A75", *(f"A{number}" for number in range(47, 57))}
    found = {claim: row for claim, row in found.items() if claim not in parts}
    assert set(found) == set(golden)
    assert {claim: row[:2] for claim, row in found.items()} == {
        claim: (row["stated"], row["verdict"]) for claim, row in golden.items()}
    of_returns = {claim for claim, row in golden.items() if row["source"] in ("R", "R+P")}
    for claim in of_returns:
        _, review, verdict, because, recomputed = found[claim]
        assert verdict in ("reproduced", "consistent", "unverifiable", "reviewed", "derived", "not_reproduced")
        assert because, claim
        if re.match("CONSISTENT|VERIFIED", review) and claim != "A57":
            assert verdict in ("reproduced", "consistent"), claim
        if review.startswith(("INCONSISTENT", "WRONG", "CLAIM NOT")):
            assert verdict == "not_reproduced", claim
        if review == "UNVERIFIABLE":
            assert (verdict, recomputed) == ("unverifiable", None), claim


def test_population_that_nine_printed_figures_share(england_home):
    (low, high, *rest), = rows(england_home, """
        select distinct shared_low, shared_high, n_claims, ons_people, ons_status from marts.mart_claim_population""")
    assert (f"{low:.0f}", f"{high:.0f}", *rest) == ("108775", "110036", 9, 117_935, "estimated")


def test_decomposition_adds_to_the_gap_of_the_client_group(england_home):
    """Service by service it adds up to the gap in gross total cost a head, which is worked out here from its parts."""
    (gap, effects, n_peers), = rows(england_home, """
        select
            sum(gap_per_head),
            sum(coalesce(volume_effect, 0) + coalesce(price_effect, 0) + coalesce(mix_effect, 0) + residual),
            max(n_peers)
        from marts.mart_spend_decomposition
        where council_code = '114' and financial_year = '2007-08' and client_group = 'Learning disability'
            and peer_set = 'class'""")
    (ours, peers), = rows(england_home, """
        select
            sum(numerator) filter (where council_code = '114') / sum(denominator) filter (where council_code = '114'),
            sum(numerator) filter (where council_code <> '114') / sum(denominator) filter (where council_code <> '114')
        from marts.fct_derived_figure inner join marts.dim_council using (council_code)
        where financial_year = '2007-08' and measure_id = 'learning_disability_total_expenditure_per_head'
            and class = 'Unitary Authority'
            and date '2008-03-31' between valid_from and coalesce(valid_to, date '2040-01-01')""")
    assert (gap, n_peers) == (effects, 45)
    assert abs(float(gap) - (ours - peers)) < 0.00002


def test_spend_returned_without_weeks_is_spend(england_home):
    """Three peers of 2008-09 return spend on day care and no clients: their spend counts, and so do their residents."""
    (per_head, n_peers, n_with_volume), = rows(england_home, """
        select peer_spend_per_head, n_peers, n_peers_with_volume from marts.mart_spend_decomposition
        where council_code = '114' and financial_year = '2008-09' and peer_set = 'class' and service = 'day_care'
            and client_group = 'Learning disability'""")
    (spend, people, n_spending), = rows(england_home, """
        select sum(figures.numerator), sum(population.people), count(*) from marts.fct_figure as figures
        inner join marts.dim_population as population using (council_code, financial_year)
        inner join marts.dim_peer_set as peers
            on peers.peer_code = figures.council_code and peers.council_code = '114' and peers.peer_set = 'class'
            and peers.version = figures.financial_year
        where figures.measure_id = 'learning_disability_day_care_unit_cost' and figures.financial_year = '2008-09'
            and figures.is_current and figures.numerator is not null
            and population.is_current and population.age_band = '18 to 64'""")
    assert n_peers == n_spending > n_with_volume
    assert abs(float(per_head) - float(spend) / float(people)) < 0.00001


def test_weeks_and_spend_of_one_return_are_a_price(england_home):
    """2016-17 prints no unit cost; its price is worked out here from the lines of spend and weeks."""
    (price, per_1000, basis, has_mix, explained), = rows(england_home, """
        select price, volume_per_1000, volume_basis, has_mix, gap_explained_pct from marts.mart_spend_decomposition
        where council_code = '114' and financial_year = '2016-17' and peer_set = 'class' and service = 'residential'
            and client_group = 'Learning disability' and age_band = '18 to 64'""")
    amounts = dict(rows(england_home, """
        select measure_id, value from marts.fct_figure
        where council_code = '114' and financial_year = '2016-17' and is_current
            and measure_id in ('learning_disability_residential_total_expenditure',
                'learning_disability_residential_own_weeks', 'learning_disability_residential_others_weeks')"""))
    (people,), = rows(england_home, """
        select people from marts.dim_population
        where council_code = '114' and financial_year = '2016-17' and age_band = '18 to 64' and is_current""")
    weeks = (amounts["learning_disability_residential_own_weeks"]
             + amounts["learning_disability_residential_others_weeks"])
    assert weeks > 0 and abs(price - amounts["learning_disability_residential_total_expenditure"] / weeks) < 0.00001
    assert abs(per_1000 - 1000 * weeks / people) < 0.00001
    assert (basis, has_mix) == ("returned", False) and 0 < explained < 100


def test_hours_at_the_returned_rate_are_imputed(england_home):
    """2014-15 has an hourly rate of home care for all adults: hours are spend over it, and are called imputed."""
    (price, hours, unit, basis, peers_pct), = rows(england_home, """
        select price, volume_per_1000, volume_unit, volume_basis, peer_volume_imputed_pct
        from marts.mart_spend_decomposition
        where council_code = '114' and financial_year = '2014-15' and peer_set = 'class' and service = 'home_care'
            and client_group = 'Physical support' and age_band = '65 and over'""")
    amounts = dict(rows(england_home, """
        select measure_id, value from marts.fct_figure
        where council_code = '114' and financial_year = '2014-15' and is_current
            and measure_id in ('physical_support_65_over_home_care_total_expenditure',
                'physical_support_65_over_home_care_own_provision',
                'physical_support_65_over_home_care_provision_by_others',
                'all_adults_home_care_own_hourly_rate', 'all_adults_home_care_others_hourly_rate')"""))
    expected = amounts["physical_support_65_over_home_care_provision_by_others"] \
        / amounts["all_adults_home_care_others_hourly_rate"]
    if amounts["physical_support_65_over_home_care_own_provision"]:
        expected += amounts["physical_support_65_over_home_care_own_provision"] \
            / amounts["all_adults_home_care_own_hourly_rate"]
    (people,), = rows(england_home, """
        select people from marts.dim_population
        where council_code = '114' and financial_year = '2014-15' and age_band = '65 and over' and is_current""")
    assert (unit, basis, peers_pct) == ("hours", "imputed", 100)
    assert abs(hours - 1000 * expected / people) < 0.001
    assert abs(price - amounts["physical_support_65_over_home_care_total_expenditure"] / expected) < 0.001


def test_each_decomposition_says_what_it_explains_and_covers(england_home):
    """Above all in years whose returns have five services and no total: the outturn says which part they are."""
    assert rows(england_home, """
        select distinct financial_year, services_covered, spend_covered_of from marts.mart_spend_decomposition
        where council_code = '114' and client_group = 'Learning disability' and age_band = '18 to 64'
            and peer_set = 'class' and financial_year in ('2008-09', '2009-10') order by 1""") == [
        ("2008-09", "day_care, direct_payments, home_care, nursing, residential", "revenue outturn (RO3)"),
        ("2009-10", "day_care, nursing, residential", "revenue outturn (RO3)")]
    assert rows(england_home, """
        select council, financial_year, client_group, age_band from marts.mart_spend_decomposition
        group by all having min(gap_explained_pct) < 0 or max(gap_explained_pct) > 100
            or max(gap_imputed_pct) > max(gap_explained_pct) or count(gap_explained_pct) not in (0, count(*))
            or (max(financial_year) not in ('2014-15') and max(gap_imputed_pct) > 0)""") == []


def test_true_zeros_are_kept(england_home):
    """Councils that buy none of a service have no unit cost for it, but zero people supported is a figure."""
    assert rows(england_home, """
        select verdict, value, rule_ids from marts.fct_derived_figure where council_code = '111'
            and financial_year = '2008-09' and measure_id = 'learning_disability_residential_own_people_per_1000'
        """) == [("pass", 0, None)]
    assert rows(england_home, """
        select count(*) from marts.fct_derived_figure
        where verdict = 'quarantine' and rule_ids is null and part_ruling is null""") == [(0,)]


def test_savings_are_within_their_interval_and_the_spend(england_home):
    assert rows(england_home, """
        select count(*) from marts.mart_saving
        where not saving_low_gbp <= saving_gbp or not saving_gbp <= saving_high_gbp or saving_gbp < 0
            or saving_pct > 100.01 or (saving_gbp > 0 and headroom_gbp > 0)""") == [(0,)]


def test_no_growth_crosses_a_break(england_home):
    # Where the first year of a series is quarantined, the index begins with the first year that is not.
    assert rows(england_home, """
        select count(*) from marts.mart_trend
        where break_before and (yoy_pct is not null or (index_cash <> 100 and verdict <> 'quarantine'))""") == [(0,)]
    breaks = {row[0] for row in rows(england_home, """
        select measure_id from marts.mart_trend
        where break_before and council_code = '114' and financial_year = '2014-15'""")}
    assert "learning_disability_total_expenditure" in breaks
    assert rows(england_home, """
        select distinct financial_year from marts.mart_trend
        where break_before and council_code = '114' and measure_id = 'learning_disability_day_care_unit_cost'
        """) == [("2008-09",)]


def test_every_figure_of_a_benchmark_leads_to_its_cells(england_home):
    """One figure of each derivation, with all parts traced to printed cells or the population."""
    for derivation, figure_id in rows(england_home, """
            select derivation, min(figure_id) from marts.fct_derived_figure
            where value is not null and council_code = '114' group by derivation"""):
        traced = trace(england_home, figure_id)
        assert isinstance(traced, DerivedLineage), derivation
        ends = leaves(traced)
        assert ends and None not in ends
        assert all("row_number" in end.cells[0] if isinstance(end, Lineage) else end["sha256"] for end in ends)
        text = describe(traced)
        assert "formula" in text and "sha256" in text and "None" not in text
    assert rows(england_home, """
        select count(*) from marts.mart_benchmark
        where figure_id not in (select figure_id from marts.fct_figure)
            and figure_id not in (select figure_id from marts.fct_derived_figure)""") == [(0,)]


def leaves(traced: object) -> list[object]:
    if isinstance(traced, DerivedLineage):
        return [leaf for _, part in traced.parts for leaf in leaves(part)]
    return [traced]


def test_derived_amounts_are_their_parts(england_home):
    """Numerators and residents of all councils, worked out from the published tables against the warehouse's own."""
    assert rows(england_home, """
        select derived.figure_id from marts.fct_derived_figure as derived
        inner join marts.dim_measure_part as part using (financial_year, measure_id, definition_version)
        inner join marts.fct_figure as figure
            on figure.council_code = derived.council_code and figure.financial_year = derived.financial_year
            and figure.measure_id = part.part_measure_id
            and figure.definition_version = part.part_definition_version and figure.is_current
        where part.role = 'numerator' and part.part_of = 'value'
            and abs(derived.numerator - figure.value / part.divided_by) > 0.001""") == []
    assert rows(england_home, """
        select count(*) from marts.fct_derived_figure as derived
        inner join marts.dim_measure as measure using (measure_id, definition_version)
        inner join marts.dim_population as people
            on people.council_code = derived.council_code and people.financial_year = derived.financial_year
            and people.age_band = measure.age_band and people.is_current
        where derived.derivation = 'per_head' and derived.denominator <> people.people""") == [(0,)]


def test_spending_lines_add_up_to_the_sums(england_home):
    """All of England by the sums of 2017-18, whose file prints no total, is the published control total."""
    for measure, million in (("adult_social_care", "17928.2"), ("learning_disability", "4946.8")):
        total, = rows(england_home, """
            select sum(value) from marts.fct_derived_figure where financial_year = '2017-18' and measure_id = ?
            """, f"{measure}_gross_current_expenditure")
        assert f"{total[0] / 1_000_000:.1f}" == million


@pytest.mark.parametrize("question", sampled(QUESTIONS, 12), ids=lambda path: path.stem)
def test_question_can_be_asked_of_the_embedded_default(embedded_home, question):
    asked = as_published(question.read_text(encoding="utf-8"))
    answer = rows(embedded_home, asked)
    # The embedded default holds unit costs of learning disability, and no spending: of that the last column,
    # answer_reason, says why not. Its local placements are in the local copy, as the open one says.
    assert answer
    if "snapshot" in asked:
        assert "ask --local" in answer[0][-1]
        with local_copy.connect(embedded_home, is_local=True) as connection:
            local = connection.execute(asked).fetchall()
        assert local and local[0][-1] is None


@pytest.mark.parametrize("question", [path for path in QUESTIONS if "snapshot" not in path.read_text(encoding="utf-8")],
                         ids=lambda path: path.stem)
def test_question_is_answered_for_england(england_home, question):
    # Nothing published so far has a second release with other numbers in it.
    assert rows(england_home, as_published(question.read_text(encoding="utf-8")))[0][-1] is None or (
        question.stem == "16_what_moved_between_releases")


def test_all_questions_exist():
    """By number, each with its question above it; tests/docs holds the table of them."""
    assert [int(path.stem[:2]) for path in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    for number, path in enumerate(QUESTIONS, 1):
        assert re.match(rf"-- Question {number}: .*\?\n", path.read_text(encoding="utf-8"))
