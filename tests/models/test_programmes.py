"""Proves what the documents of programmes print, from the embedded register and from a register that is landed."""

import csv
import re
from decimal import Decimal

import pytest

from orchestration import database
from orchestration.home import project_folder
from orchestration.survey import survey_landing

REGISTER = project_folder() / "seeds" / "register"
ANNEX = "LGA Adult Social Care Efficiency programme"
# Of the programmes' documents: council, amount or range, status, and the words that the document prints.
NAMED = {
    "ldse-01": ("Barking and Dagenham", 670_000, None, None, "target"),
    "ldse-03": ("Cumbria", 5_000_000, None, None, "target"),
    "ldse-04": ("Cumbria", None, 750_000, 1_250_000, "estimate"),
    "ldse-05": ("Cumbria", 350_000, None, None, "planned"),
    "ldse-06": ("Cumbria", 2_000_000, None, None, "estimate"),
    "ldse-07": ("Darlington", 1_160_000, None, None, "target"),
    "ldse-08": ("Darlington", 1_167_462, None, None, "achieved"),
    "ldse-09": ("Darlington", 32_000, None, None, "achieved"),
    "ldse-10": ("Darlington", 90_817, None, None, "estimate"),
    "ldse-11": ("Kent", None, 6_890_000, 13_320_000, "target"),
    "ldse-12": ("Kent", None, 4_750_000, 8_000_000, "estimate"),
    "ldse-14": ("Kent", Decimal("26.08"), None, None, "achieved"),
    "ldse-15": ("Kent", Decimal("30.20"), None, None, "cost_avoidance"),
    "ldse-16": ("Wiltshire", 262_000, None, None, "estimate"),
    "ldse-17": ("Wiltshire", 30_000, None, None, "achieved"),
    "emhp-04": ("Derbyshire", 800_000, None, None, "planned"),
    "emhp-05": ("Nottingham", 923_000, None, None, "estimate"),
    "emhp-06": ("Lincolnshire", 1_000_000, None, None, "estimate"),
    "bury-01": ("Bury", 1_000_000, None, None, "planned"),
    "bury-02": ("Bury", 1_700_000, None, None, "planned"),
    "bury-03": ("Bury", 1_700_000, None, None, "planned"),
}
FIGURES = {
    "Cumbria": {12_300_000, 7_000_000, 450, 2000, 6}, "Kent": {507, 1253, 357, 352, 249, 33},
    "Derbyshire": {86, 204, 47}, "Bury": {118, 160, 40, 308_000},
}


def rows(home, sql, *values):
    with database.connect(home.published, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_the_annex_is_published_whole(embedded_home):
    count = "select count(*) from marts.{} where programme = ?"
    assert rows(embedded_home, count.format("mart_programme_saving"), ANNEX) == [(463,)]
    assert rows(embedded_home, count.format("mart_programme_figure"), ANNEX) == [(292,)]
    assert rows(embedded_home, "select count(distinct council_code), count(gross_spend_gbp) from "
                               "marts.mart_programme_spend where programme = ?", ANNEX) == [(48, 149)]


def test_spend_of_the_complete_councils(embedded_home):
    found = rows(embedded_home, "select financial_year, count(*), sum(gross_spend_gbp) from marts.mart_programme_spend "
                                "where is_of_complete_council group by 1 order by 1")
    assert found == [("2011-12", 42, Decimal(4_885_879_000)), ("2012-13", 42, Decimal(4_881_443_000)),
                     ("2013-14", 42, Decimal(4_882_154_000))]


def test_savings_achieved_in_learning_disability(embedded_home):
    total = ("select sum(amount_gbp) from marts.mart_programme_saving where programme = ? and status = 'achieved' and "
             "theme = 'learning_disability' and scope = 'component'")
    assert rows(embedded_home, total, ANNEX) == [(Decimal(25_741_967),)]
    assert rows(embedded_home, f"{total} and not is_shared_with_mental_health", ANNEX) == [(Decimal(21_571_967),)]


@pytest.mark.parametrize("saving", NAMED)
def test_savings_of_the_other_documents(embedded_home, saving):
    found = rows(embedded_home, "select council, amount_gbp, case when is_range then low_gbp end, "
                                "case when is_range then high_gbp end, status, document, section from "
                                "marts.mart_programme_saving where saving_id = ?", saving)
    assert found[0][:5] == NAMED[saving] and all(found[0][5:])


def test_one_amount_of_several_councils_is_of_none_of_them(embedded_home):
    found = rows(embedded_home, "select council_code, amount_gbp from marts.mart_programme_saving "
                                "where programme like 'East Midlands%' and council_code is null "
                                "and scope = 'component'")
    assert found == [(None, 5_300_000), (None, 5_500_000)]


@pytest.mark.parametrize("council", FIGURES)
def test_other_figures_of_the_documents(embedded_home, council):
    found = rows(embedded_home, "select value from marts.mart_programme_figure where council = ? and programme <> ?",
                 council, ANNEX)
    assert FIGURES[council] <= {value for (value,) in found}


def test_nothing_of_a_person_is_in_the_register(embedded_home):
    """The annex names some forty officers and tells one person's case; of neither is anything held."""
    held = "\n".join(path.read_text(encoding="utf-8") for path in REGISTER.glob("*.csv"))
    assert not re.search(r"@|mailto|patient [a-z]\b|year-old", held, re.IGNORECASE)
    assert rows(embedded_home, "select value, as_printed from marts.mart_programme_figure where period in "
                               "('case study', 'one case')") == [(None, "(one person: not held)")] * 3


def test_the_embedded_register_can_be_landed_as_it_is():
    file = survey_landing([REGISTER / "programme_saving.csv"]).files[0]
    (reading,) = file.readings
    with (REGISTER / "programme_saving.csv").open(encoding="utf-8", newline="") as register:
        assert reading.n_rows == len(list(csv.reader(register))) - 1
    assert (reading.layout.layout, file.faults) == ("carequartile_programme_saving", [])


def test_what_print_and_sense_disagree_on_is_found(embedded_home):
    found = dict(rows(embedded_home, "select saving_id, literal_gbp from marts.mart_programme_saving where rule_ids "
                                     "similar to '.*(dropped_decimal_point|three_decimals_no_unit|shared_unit).*'"))
    assert found == {"asce-33-42": 2_900_000_000, "asce-33-43": 2_337_000_000, "asce-33-45": Decimal("3.289"),
                     "asce-48-01": 400, "asce-20-16": 60}
    commas = rows(embedded_home, "select council, gross_spend_gbp from marts.mart_programme_spend where rule_ids like "
                                 "'%decimal_comma%' order by 2")
    assert commas == [("Enfield", 103_959_000), ("Enfield", 104_633_000), ("Wakefield", 123_000_000)]


def test_every_amount_of_the_register_is_in_the_words_it_quotes(embedded_home):
    """But for one, which is the difference of two printed amounts."""
    assert rows(embedded_home, "select saving_id from marts.mart_programme_saving where "
                               "rule_ids like '%amount_not_printed%'") == [("asce-44-04",)]


def test_each_known_defect_is_caught_or_says_why_it_cannot_be(embedded_home):
    defects = rows(embedded_home, "select defect_id, rule_id, claim_id, is_caught, not_caught_because from "
                                  "marts.mart_programme_defect")
    assert len(defects) == 103
    wrong = [defect for defect, rule, claim, is_caught, why in defects
             if is_caught != (bool(rule) != bool(claim)) or is_caught == bool(why)]
    assert not wrong
    assert sum(is_caught for *_, is_caught, _ in defects) == 92


def test_every_rule_of_print_says_why_and_fires(embedded_home):
    """A rule that fires on nothing proves nothing."""
    with (REGISTER / "programme_rule.csv").open(encoding="utf-8", newline="") as file:
        rules = {row["rule_id"]: row["because"] for row in csv.DictReader(file)}
    fired = {rule for (listed,) in rows(embedded_home, " union all ".join(
        f"select rule_ids from marts.mart_programme_{name} where rule_ids is not null"
        for name in ("saving", "spend", "figure"))) for rule in listed.split(", ")}
    assert fired == set(rules) and all(rules.values())


SUMS = {
    "P08": 17_450_000, "P17": 43_997_000, "P17-2": 9_064_000, "P17-3": 41_848_000, "P17-4": 49_732_000,
    "P18": 3_465_000, "P24": 25_034_000, "P26": 17_700_000, "P28": 4_816_000, "P28-2": 5_475_000, "P29": 7_916_000,
    "P33": 8_889_000, "P33-2": 10_091_000, "P33-3": 3_087_000, "P35": 4_450_000, "P46": 7_623_000,
}


@pytest.mark.parametrize("claim", SUMS)
def test_totals_that_the_annex_prints_are_added_again(embedded_home, claim):
    ((recomputed, verdict),) = rows(
        embedded_home, "select recomputed, verdict from marts.mart_claim_check where claim_id = ?", claim)
    assert recomputed == SUMS[claim]
    # What rounding explains is no mistake: seven million beside items to the nearest hundred thousand.
    assert verdict == {"P28": "consistent", "P46": "consistent", "P33-2": "reproduced", "P35": "reproduced"}.get(
        claim, "not_reproduced")


@pytest.mark.parametrize(("claim", "recomputed", "verdict"), [
    ("P27", "12.1", "not_reproduced"), ("P29-2", "9.1", "not_reproduced"), ("P07", "8.6", "not_reproduced"),
    ("P25", "19.7", "not_reproduced"), ("P16", "15.7", "not_reproduced"), ("P41", "20.2", "not_reproduced"),
    ("P41-2", "-92.6", "not_reproduced"), ("P24-3", "5.4", "reproduced"), ("P09", "3.2", "reproduced"),
    ("B01", "991.0", "not_reproduced"), ("B02", "687573.1", "not_reproduced"), ("B04", "1167462.0", "not_reproduced"),
    ("B09", "4400000.0", "reproduced"),
])
def test_percentages_and_trends_in_words(embedded_home, claim, recomputed, verdict):
    ((found, said),) = rows(
        embedded_home, "select recomputed, verdict from marts.mart_claim_check where claim_id = ?", claim)
    assert (f"{found:.1f}", said) == (recomputed, verdict)


def test_a_total_is_given_only_where_it_may_be_added(embedded_home):
    found = {scope: row for scope, *row in rows(
        embedded_home, "select scope, amount_gbp, without_mental_health_gbp, is_refused, refused_because from "
        "marts.mart_programme_total where programme = ? and council_code is null and theme = 'learning_disability' and "
        "status = 'achieved' and counted_as in ('total_and_one_year', 'any')", ANNEX)}
    assert found["component"] == [25_741_967, 21_571_967, False, None]
    assert found["all scopes"][:3] == [None, None, True] and "Scopes hold each other" in found["all scopes"][3]
    assert found["restatement"][:3] == [None, None, True] and found["restatement"][3]


def test_amounts_of_another_basis_are_not_in_a_total(embedded_home):
    """GBP 171,000 a year is beside, not in, the GBP 25.57m of a period; total_and_one_year says that it adds both."""
    found = dict(rows(
        embedded_home, "select counted_as, amount_gbp from marts.mart_programme_total where programme = ? and theme = "
        "'learning_disability' and council_code is null and status = 'achieved' and scope = 'component'", ANNEX))
    assert found == {"total": 25_570_967, "per_annum": 171_000, "total_and_one_year": 25_741_967}


def test_planned_is_set_beside_achieved(embedded_home):
    found = rows(
        embedded_home, "select council_code, theme, planned_gbp, amount_gbp from marts.mart_programme_total where "
        "achieved_of_planned_pct is not null and theme in ('reablement', 'learning_disability') order by 1")
    assert found == [("117", "learning_disability", 1_160_000, 1_167_462), ("624", "reablement", 540_000, 950_122)]


def test_burys_plan_can_be_tracked(embedded_home):
    found = rows(embedded_home, "select financial_year, planned_gbp, planned_to_date_gbp, because from "
                                "marts.mart_programme_profile where council_code = '305' order by 1")
    assert [row[:3] for row in found] == [("2023-24", 1_000_000, 1_000_000), ("2024-25", 1_700_000, 2_700_000),
                                          ("2025-26", 1_700_000, 4_400_000)]
    assert all("land it" in row[3] for row in found)
    assert rows(embedded_home, "select value from marts.mart_programme_figure where measure = "
                               "'investment_netted_off'") == [(308_000,)]


@pytest.mark.full
def test_what_became_of_unit_costs_is_of_one_definition(england_home):
    found = rows(england_home, """
        select distinct before.value = levers.unit_cost_before, later.value = levers.unit_cost_after,
            before.definition_version = later.definition_version
        from marts.mart_programme_lever as levers
        inner join marts.fct_figure as before
            on before.is_current and before.council_code = levers.council_code
            and before.financial_year = levers.year_before
        inner join marts.fct_figure as later
            on later.is_current and later.council_code = levers.council_code
            and later.financial_year = levers.unit_cost_year_after and later.measure_id = before.measure_id
        where before.measure_id = 'learning_disability_residential_nursing_unit_cost'""")
    assert found == [(True, True, True)]


@pytest.mark.full
def test_what_the_returns_show_after(england_home):
    """Residential share of learning-disability spend, 2014-15 to 2017-18, of the five councils of the project."""
    found = dict(rows(england_home, "select distinct council, round(residential_share_change, 1) from "
                                    "marts.mart_programme_lever where programme like '%Learning Disability%'"))
    assert found == {"Barking and Dagenham": Decimal("-5.3"), "Cumbria": Decimal("-5.5"), "Darlington": Decimal("-3.1"),
                     "Kent": Decimal("-9.2"), "Wiltshire": Decimal("-1.4")}
    assert rows(england_home, "select financial_year, count(returned_gbp), sum(returned_gbp) from "
                              "marts.mart_programme_spend where is_of_complete_council group by 1 order by 1") == [
        ("2011-12", 42, 4_989_172_000), ("2012-13", 42, 4_991_387_000), ("2013-14", 42, 4_946_559_000)]


def test_burys_plan_beside_what_its_outturn_did(england_home):
    """GBP 2.7m planned by 2024-25, while total spending grew from 107.6m to 142.9m; no outturn of the other years."""
    assert rows(england_home, """
        select financial_year, planned_gbp, planned_to_date_gbp, year_before, returned_before_gbp, returned_gbp,
            movement_gbp, because is not null
        from marts.mart_programme_profile where council = 'Bury' order by 1""") == [
        ("2023-24", 1_000_000, 1_000_000, None, None, None, None, True),
        ("2024-25", 1_700_000, 2_700_000, "2022-23", 107_612_000, 142_882_000, 35_270_000, True),
        ("2025-26", 1_700_000, 4_400_000, None, None, None, None, True)]
