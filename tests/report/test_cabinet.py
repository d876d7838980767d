"""Proves that who has one council's page alone finds in it the answers to eight questions of a cabinet member.

The questions and the sentences that answer them are the table of docs/pages.md; the numbers are looked up in the marts.
"""

import html
import re

import pytest

from orchestration import database
from orchestration.home import project_folder
from orchestration.report.files import write_page
from orchestration.report.reading import headlines

DOC = project_folder() / "docs" / "pages.md"
ASKED = re.findall(r"^\| ([^|]+\?) \| ([^|]+) \|$",
                   DOC.read_text(encoding="utf-8").split("### Eight questions")[1].split("\n## ")[0], re.MULTILINE)


@pytest.fixture(scope="module")
def text(embedded_home, tmp_path_factory) -> str:
    page = write_page(embedded_home, "stockton", None, "class", tmp_path_factory.mktemp("cabinet"))
    seen = page.read_text(encoding="utf-8").split("<main")[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", seen)).split())


@pytest.fixture(scope="module")
def marts(embedded_home):
    with database.connect(embedded_home.published, read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchone()


def test_there_are_eight_questions():
    assert len(ASKED) == 8


@pytest.mark.parametrize(("question", "answer"), ASKED, ids=[question for question, _ in ASKED])
def test_the_page_has_the_sentence_that_answers(text, question, answer):
    assert answer in text


def answer_to(start: str) -> str:
    return next(answer for question, answer in ASKED if question.startswith(start))


def test_what_it_costs_is_what_the_mart_compares(marts):
    value, gap, peers, rank, ranked = marts(
        "select value, variance_to_mean, n_peers, rank_low, n_ranked from marts.mart_benchmark where council_code = "
        "'114' and financial_year = '2010-11' and peer_set = 'class' and basis = 'excluding_flagged' and measure_id = "
        "'learning_disability_nursing_unit_cost'")
    assert gap < 0
    assert (f"was £{value:,.2f} a person a week, £{-gap:,.2f} below the mean of {peers} class peers, and the {rank}nd "
            f"lowest of {ranked}") in answer_to("What does")


def test_how_many_are_dear_is_counted_in_the_mart(marts):
    ten = ", ".join(database.quoted(one.measure_id) for one in headlines() if one.topic == "unit_cost")
    above, usable = marts(
        "select count(*) filter (where variance > 0), count(*) from marts.mart_unit_cost_variance where council_code = "
        "'114' and financial_year = '2010-11' and peer_set = 'class' and verdict not in ('quarantine', 'unjudged') and "
        f"variance is not null and measure_id in ({ten})")
    assert f"In 2010-11 {above} of {usable} usable" in answer_to("Are we dear")


def test_the_saving_is_the_largest_that_the_mart_offers(marts):
    saving, low, high = marts(
        "select saving_gbp, saving_low_gbp, saving_high_gbp from marts.mart_saving where council_code = '114' and "
        "financial_year = '2010-11' and peer_set = 'class' and is_offered and measure_id = "
        "'learning_disability_nursing_unit_cost' order by saving_gbp desc limit 1")
    thousands = [f"£{amount / 1000:,.0f} thousand" for amount in (saving, low, high)]
    assert f"{thousands[0]} a year ({thousands[1]} to {thousands[2]})" in answer_to("What could we save")


def test_as_many_are_set_aside_as_the_marts_quarantine(marts):
    (n,) = marts("select count(*) from (select verdict from marts.fct_figure where is_current and council_code = '114' "
                 "union all select verdict from marts.fct_derived_figure where council_code = '114') where verdict in "
                 "('quarantine', 'unjudged')")
    assert answer_to("Which figures").startswith(f"{n} figures of Stockton-on-Tees are set aside")


def test_the_doubted_figure_and_its_reason_are_in_one_row(text):
    row = text.split("587.90 a client a week")[1].split("Accepted,")[0]
    assert row.strip().startswith("Set aside: ") and answer_to("Day care") in row
