"""Proves that no question has an empty answer, and that mart_coverage says what the questions' own queries answer."""

import csv
import re

import pytest

from orchestration import database, local_copy
from orchestration.home import Home, project_folder
from orchestration.report.questions import Question, put_in, questions

CLIENTS = {"learning_disability": "Learning disability", "mental_health": "Mental health",
           "older_people": "Older people", "physical_disability": "Physical disability"}
AGES = {"older_people": "65 and over"}
FIVE = {"Leicester": "509", "Kent": "820", "Cumberland": "H6X4G", "Bournemouth": "810", "Isles of Scilly": "906"}
STOCKTON = "114"


def families() -> list[tuple[int, str, str, str]]:
    """Number, family, pattern of ids and client group of every family that a question is asked of."""
    with (project_folder() / "seeds" / "reference" / "question_measure.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["question_number"]), row["measure_family"].replace("*", client),
                 row["measure_like"].replace("*", client), client)
                for row in csv.DictReader(file)
                for client in (CLIENTS if "*" in row["measure_family"] and int(row["question_number"]) < 23
                               else ("learning_disability",))]


FAMILIES = families()
# Question 31 is asked of documents, not of returns: it has no family of measures, and says itself why it has no answer.
QUESTIONS = {question.number: question for question in questions() if question.number != 31}


def query_of(question: Question, like: str, client: str, council: str, year: str, snapshot: str | None) -> str:
    """The question's query, asked of another client group, council, year and measure."""
    sql = question.sql.replace("learning_disability", client).replace("Learning disability", CLIENTS[client])
    return put_in(sql, council_code=council, financial_year=year, snapshot_date=snapshot,
                  age_band=AGES.get(client, "18 to 64"),
                  measure_id=like if "%" not in like else None, figure_id=f"{council}:{year}:{like}")


def answered(connection, question: Question, like: str, sql: str, year: str) -> bool:
    """Whether the query answers for the year. Never empty: where it does not, its one row has the reason."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row)) for row in cursor.fetchall()]
    assert found, sql
    if found[0]["answer_reason"]:
        assert len(found) == 1 and not any(value for name, value in found[0].items() if name != "answer_reason"), sql
        return False
    if question.takes_year or "snapshot_date" in sql or question.number == 15:
        return True
    pattern = re.compile(like.replace("%", ".*"))
    return any(row.get("financial_year", row.get("breaks_in")) == year and pattern.fullmatch(row["measure_id"])
               for row in found)


def disagreements(home: Home, councils: list[str], clients: list[str]) -> tuple[list[tuple], int]:
    """Where mart_coverage and the queries differ, for every year with any return, and how many were compared."""
    wrong, compared = [], 0
    with local_copy.connect(home, is_local=True) as connection:
        snapshots = {(council, year): str(day) for council, year, day in connection.execute(
            "select council_code, financial_year, max(snapshot_date) from marts.dim_snapshot group by all").fetchall()}
        coverage = {row[:4]: row[4:] for row in connection.execute(
            "select council_code, financial_year, question_number, measure_family, is_answered, reason_code, reason, "
            "nearest_year from marts.mart_coverage where council_code in (select unnest(?))", [councils]).fetchall()}
        years = [year for (year,) in connection.execute(
            "select distinct financial_year from marts.dim_release order by 1").fetchall()]
        for number, family, like, client in FAMILIES:
            for council in councils if client in clients else []:
                for year in years:
                    is_answered, code, reason, nearest = coverage[(council, year, number, family)]
                    assert is_answered is (reason is None) is (code is None) and (not is_answered or nearest == year)
                    snapshot = snapshots.get((council, year))
                    sql = query_of(QUESTIONS[number], like, client, council, year, snapshot or "1900-01-01")
                    compared += 1
                    if answered(connection, QUESTIONS[number], like, sql, year) is not is_answered:
                        wrong.append((council, year, number, family, is_answered, code))
    return wrong, compared


def test_coverage_agrees_with_the_queries_on_the_embedded_default(embedded_home):
    wrong, compared = disagreements(embedded_home, [STOCKTON, FIVE["Leicester"], FIVE["Isles of Scilly"]],
                                    ["learning_disability"])
    assert (wrong, compared > 300) == ([], True)


@pytest.mark.published
def test_coverage_agrees_with_the_queries_on_all_published_files(england_home):
    wrong, compared = disagreements(england_home, [*FIVE.values()], [*CLIENTS])
    assert (wrong, compared > 10_000) == ([], True)


def test_every_question_council_and_year_has_an_answer_or_a_reason(embedded_home):
    with local_copy.connect(embedded_home, is_local=True) as connection:
        lacking, = connection.execute("""
            select count(*) from marts.mart_coverage
            where not is_answered and (reason is null or reason_code is null)""").fetchone()
        asked, = connection.execute("select count(distinct question_number) from marts.mart_coverage").fetchone()
        councils = connection.execute("""
            select count(*), count(distinct council_code) * count(distinct financial_year)
                * (select count(distinct (question_number, measure_family)) from marts.mart_coverage)
            from marts.mart_coverage""").fetchone()
    assert (lacking, asked) == (0, len(QUESTIONS))
    assert councils[0] == councils[1]


@pytest.mark.published
def test_councils_the_list_does_not_name_have_their_successors_neighbours(england_home):
    with database.connect(england_home.published, read_only=True) as connection:
        found = dict(connection.execute("""
            select council_code, any_value(peers_borrowed_from) from marts.mart_benchmark
            where peer_set = 'ons_neighbours' and financial_year = '2007-08' and peers_borrowed_from is not null
            group by council_code""").fetchall())
        peers = dict(connection.execute("""
            select council_code, count(*) from marts.dim_peer_set
            where peer_set = 'ons_neighbours' and '2007-08' between counts_from and counts_to
                and council_code in ('810', '811', '102', '504', '320', '610') group by 1""").fetchall())
        scilly, = connection.execute("""
            select distinct reason_code from marts.mart_coverage where council_code = '906' and question_number = 1
                and financial_year = '2017-18' and measure_family = 'learning_disability_gross_current_expenditure'
            """).fetchall()
    assert found == {"810": "738", "811": "738", "102": "H6X4G, W8X1Q", "504": "U6Q5Z, Z9D4Z", "320": "326, 327",
                     "610": "625, 626"}
    assert set(peers) == set(found) and min(peers.values()) >= 10
    assert scilly == (None,), "the list names the Isles of Scilly, so the question is answered"


def test_the_families_are_of_all_questions():
    assert {number for number, *_ in FAMILIES} == set(QUESTIONS)
