"""Measures are found by the words of whoever asks."""

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.reference import abbreviations, search_words
from orchestration.report import find


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout + result.stderr


PLAIN = "learning_disability_gross_current_expenditure_per_head"
NURSING = "learning_disability_nursing_unit_cost"


def measure(measure_id: str, label: str, quantity: str = "", has_figures: bool = True) -> find.Measure:
    text = f"{label} | {measure_id.replace('_', ' ')}".lower()
    return find.Measure(measure_id, label, text, quantity, has_figures)


CATALOGUE = [
    measure("learning_disability_65_over_gross_current_expenditure_per_head",
            "Learning disability: gross current spending per resident aged 65 and over", "gross_current_expenditure"),
    measure("learning_disability_net_current_expenditure_per_head",
            "Learning disability: net current spending per resident aged 18 to 64", "net_current_expenditure"),
    measure(PLAIN, "Learning disability: gross current spending per resident aged 18 to 64",
            "gross_current_expenditure"),
    measure("learning_disability_nursing_gross_current_expenditure_per_head",
            "Learning disability, nursing care: gross current spending per resident aged 18 to 64",
            "gross_current_expenditure"),
    measure("older_people_home_care_gross_current_expenditure_per_head",
            "Older people, home care: gross current spending per resident aged 65 and over",
            "gross_current_expenditure"),
    measure("learning_disability_gross_current_expenditure",
            "Learning disability aged 18 to 64: gross current spending", "gross_current_expenditure"),
    measure(NURSING, "Nursing care, adults with a learning disability: cost per person per week"),
    measure("mental_health_direct_payments_income_nhs",
            "Mental health, direct payments aged 18 to 64: income from the NHS", "income_nhs"),
]


@pytest.mark.parametrize(("asked", "first"), [
    ("learning disability spend per head", PLAIN),
    ("LD expenditure per resident", PLAIN),
    ("Lerning disabilites spending per capita", PLAIN),
    ("what do we spend on learning disabilities a head", PLAIN),
    ("learning disability net spend per head", "learning_disability_net_current_expenditure_per_head"),
    ("elderly domiciliary care per capita", "older_people_home_care_gross_current_expenditure_per_head"),
    ("OP homecare spend", "older_people_home_care_gross_current_expenditure_per_head"),
    ("nursing home weekly cost", NURSING),
    ("learning disability spend over 65 per head",
     "learning_disability_65_over_gross_current_expenditure_per_head"),
    ("MH direct payment NHS income", "mental_health_direct_payments_income_nhs"),
])
def test_the_measure_that_is_meant_comes_first(asked, first):
    found, _ = find.nearest(CATALOGUE, asked)
    assert found[0].measure_id == first


def test_of_equals_the_one_with_figures_comes_first():
    empty = measure(NURSING, "Nursing care, adults with a learning disability: cost per person per week",
                    has_figures=False)
    filled = measure("z_" + NURSING, "Nursing care, adults with a learning disability: cost per person per week")
    assert [one.measure_id for one in find.nearest([empty, filled], "nursing cost")[0]] == ["z_" + NURSING, NURSING]


def test_what_has_no_figures_comes_after_what_has_half_of_the_words():
    empty = measure(PLAIN, "Learning disability: gross current spending per resident aged 18 to 64", has_figures=False)
    filled = measure(NURSING, "Nursing care, adults with a learning disability: cost per person per week")
    far = measure("older_people_day_care", "Older people, day care: learning")
    found, _ = find.nearest([empty, filled, far], "learning disability spending")
    assert [one.measure_id for one in found] == [NURSING, PLAIN, "older_people_day_care"]


def test_five_are_found_and_none_without_a_word():
    assert len(find.nearest(CATALOGUE, "learning disability")[0]) == find.MOST_FOUND
    assert find.nearest(CATALOGUE, "zebra") == ([], ["zebra"])


def test_no_synonym_is_one_of_an_abbreviation():
    """Both are read, and the abbreviation would be hidden."""
    assert not {short.lower() for short in abbreviations()} & set(search_words())
    assert all(asked != meant for asked, meant in search_words().items())


def test_the_command_answers_with_years_and_a_query_that_runs(embedded_home):
    code, text = run("find", "LD", "nursing", "weekly", "cost", "--home", embedded_home.folder)
    assert code == 0
    first = text.split("\n\n")[1].splitlines()
    assert first[0] == "1. Nursing care, adults with a learning disability: cost per person per week"
    assert first[1].strip() == NURSING
    assert "2008-09 to 2010-11 (pssex1-1)" in first[2]
    with duckdb.connect(str(embedded_home.published), read_only=True) as connection:
        rows = connection.execute(first[3].strip()).fetchall()
    assert {row[1] for row in rows} == {"2008-09", "2009-10", "2010-11"}


def test_words_that_no_measure_has(embedded_home):
    code, text = run("find", "zebra", "crossing", "--home", embedded_home.folder)
    assert code == 2 and "No measure has any of the words" in text
    code, text = run("find", "zebra nursing", "--home", embedded_home.folder)
    assert code == 0 and "no measure has: zebra" in text
