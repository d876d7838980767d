"""Proves what the page says of how far its comparisons can be believed, by invented rows and the embedded default."""

import html
import json
import re

import pytest

from orchestration import database
from orchestration.report import files
from orchestration.report.reading import Copy, Council
from orchestration.report.sections.believe import believe
from orchestration.report.sections.parts import Asked

NURSING, RESIDENTIAL, EMPLOYED = (
    "learning_disability_nursing_unit_cost", "learning_disability_residential_unit_cost",
    "ascof_learning_disability_paid_employment_share")
TABLES = f"""
create schema marts;
create table marts.mart_believability as
    select '1' as council_code, council_year as financial_year, measure_id, 'v1' as definition_version,
        'f' || measure_id as figure_id, 900::decimal(18, 6) as value, unit, quarter as quartile_band,
        3 as rank_in_england, 150 as n_ranked, 4 as n_years_in_quarter, 6 as n_years_of_record,
        still::decimal(18, 6) as still_there_next_year_pct, low::decimal(18, 6) as usual_low,
        high::decimal(18, 6) as usual_high, rank_low, 30 as rank_high, chance::decimal(18, 6) as in_quarter_pct,
        ways as n_ways, 30 as n_saving, why as why_no_interval, measure_id || ' in words.' as sentence
    from (values
        ('2008-09', '{EMPLOYED}', 'per cent', 4, null, null, null, null, null, null, 'the figure is zero'),
        ('2008-09', '{RESIDENTIAL}', 'GBP per person per week', 1, 73.5, 850.123, 940.9, 1, 50, 96, null),
        ('2008-09', '{NURSING}', 'GBP per person per week', 1, 60, 700, 800, 1, 49.9, 96, null),
        ('2007-08', '{EMPLOYED}', 'per cent', 4, null, null, null, null, null, null, 'the figure is zero')
    ) as rows (council_year, measure_id, unit, quarter, still, low, high, rank_low, chance, ways, why);
create table marts.mart_need_adjusted as
    select 'f{RESIDENTIAL}' as figure_id, 40 as rank_with_need, 148 as n_councils, 2 as quartile_with_need,
        0.134::decimal(18, 6) as r2_left_out, 'With need otherwise.' as sentence;
create table marts.mart_coverage as
    select 32 as question_number, 'all' as measure_family, '2006-07' as financial_year, false as is_answered,
        'No file loaded has figures.' as reason, '2007-08' as nearest_year
    union all select 32, 'learning_disability_x', '2006-07', false, 'Of another family.', null
    union all select 12, 'all', '2006-07', false, 'Of another question.', null;
"""


@pytest.fixture
def ask():
    with database.in_memory() as connection:
        connection.execute(TABLES)
        yield lambda year=None: Asked(
            Copy(connection), Council("1", "Ours", "Unitary", "North East"), year, "class")


def test_the_headline_counts_usual_quarters_and_those_that_need_moves(ask):
    assert believe(ask()).headline == (
        "In 2008-09 the quarter of England that Ours is in is more likely than not its usual one for 1 of 2 headline "
        "figures; with need 1 of 1 would be in another quarter."
    )


def test_where_no_chance_is_known_the_headline_says_so(ask):
    assert believe(ask("2007-08")).headline == (
        "In 2007-08 Ours has 1 headline figure with a place among the councils of England; for none is it known how "
        "much of that is chance."
    )


def test_each_figure_has_its_numbers_in_the_order_of_the_page_and_opens_to_its_lineage(ask):
    numbers, words = believe(ask()).tables
    assert [[cell.text for cell in line] for line in numbers.rows] == [
        ["Nursing care", "£900.00 a person a week", "3 of 150", "lowest", "4 of 6", "60", "700.00 to 800.00",
         "1 to 30", "50", "30 of 96", "no model", "no model", "no model"],
        ["Residential care", "£900.00 a person a week", "3 of 150", "lowest", "4 of 6", "74", "850.12 to 940.90",
         "1 to 30", "50", "30 of 96", "40 of 148", "second lowest", "0.13"],
        ["Learning disability: paid work", "900.0%", "3 of 150", "highest", "4 of 6", "no year after it",
         "not known: the figure is zero", "not known", "not known", "not asked", "no model", "no model",
         "no model"],
    ]
    assert [line[1].figure_id for line in numbers.rows] == [f"f{NURSING}", f"f{RESIDENTIAL}", f"f{EMPLOYED}"]
    assert [line[2].text for line in words.rows] == [
        "No model of need is fitted to this measure and year.", "With need otherwise.",
        "No model of need is fitted to this measure and year."]


def test_a_year_without_any_has_the_reason_of_its_own_question(ask):
    section = believe(ask("2006-07"))
    assert section.headline == (
        "How far to believe a comparison is not known for 2006-07. No file loaded has figures. The nearest year that "
        "has an answer is 2007-08."
    )
    assert section.tables == []


def test_the_page_has_the_sentence_beside_the_headline_figure_and_for_every_switch(embedded_home, tmp_path):
    text = files.write_page(embedded_home, "stockton", "2008-09", "class", tmp_path).read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))
    with database.connect(embedded_home.published, read_only=True) as connection:
        said = dict(connection.execute(
            "select measure_id || '|' || financial_year, sentence from marts.mart_believability "
            "where council_code = '114'").fetchall())
    assert data["believed"] == said and len({key.split("|")[1] for key in said}) == 3
    start = data["start"]
    beside = html.unescape(re.search(r'<p class="note" id="believed"[^>]*>([^<]*)</p>', text).group(1))
    assert beside == said[f"{start['measure']}|{start['year']}"] and "Stockton-on-Tees was in the" in beside
    section = text.split('<section id="believe"')[1].split("</section>")[0]
    assert section.count("<table") == 2 and section.count("<details>") == 1


def test_the_tables_are_csv_files_too(embedded_home, tmp_path):
    written = files.write_page(embedded_home, "stockton", "2008-09", "class", tmp_path, "csv")
    numbers = written.with_name(f"{written.stem}-believe.csv").read_text(encoding="utf-8").splitlines()
    words = written.with_name(f"{written.stem}-believe-2.csv").read_text(encoding="utf-8")
    assert numbers[0].startswith("Measure,Council,Rank in England,Quarter") and len(numbers) > 8
    assert "of its 3 years from 2008-09 to 2010-11" in words
