"""Proves that the published file holds the questions with queries that run on it as it is."""

import re
import shutil

import duckdb
import pytest

from orchestration import database, transform
from orchestration.home import project_folder
from orchestration.report import questions


@pytest.fixture(scope="module")
def reader(embedded_home, tmp_path_factory):
    """As someone has it who was sent the file alone: another name, another place, opened without the project."""
    file = tmp_path_factory.mktemp("sent") / "asc figures 2026.duckdb"
    shutil.copy(embedded_home.published, file)
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_the_file_has_the_questions_of_the_project(reader):
    published = reader.execute("select question_number, question, query from marts.question order by 1").fetchall()
    assert published == [(one.number, one.words, one.sql.strip()) for one in questions.questions()]
    assert len(published) == len(list((project_folder() / "dbt_project" / "analyses").glob("*.sql"))) == 33


def test_lineage_shows_what_a_question_reads_and_the_published_query_has_plain_names():
    nodes = [node for node in transform.manifest_dict()["nodes"].values() if node["resource_type"] == "analysis"]
    queries = {one.number: one.sql for one in questions.questions()}
    assert len(nodes) == len(queries)
    for node in nodes:
        query = queries[int(node["name"][:2])]
        read = {".".join(("quality", id.split(".")[-1]) if id.startswith("source.") else (
            transform.manifest_dict()["nodes"][id]["schema"], id.split(".")[-1])) for id in node["depends_on"]["nodes"]}
        assert read and read == set(re.findall(r"(?:from|join) ((?:marts|quality)\.\w+)", query)), node["name"]
        assert "{{" not in query and not re.search(r"\w+\.(marts|quality)\.", query)
        # Whoever adds a question and writes a table's name in full would leave it out of lineage.
        assert not re.search(r"(?:from|join) (marts|quality)\.", node["raw_code"]), node["name"]


@pytest.mark.parametrize("number", range(1, 34))
def test_each_query_runs_on_the_file_and_answers_or_gives_its_reason(reader, number):
    (query,) = reader.execute("select query from marts.question where question_number = ?", [number]).fetchone()
    answer = reader.execute(query)
    columns, rows = [column[0] for column in answer.description], answer.fetchall()
    assert columns[-1] == "answer_reason" and rows
    has_answer = any(value is not None for row in rows for value in row[:-1])
    assert has_answer == (rows[0][-1] is None), "a reason and no answer, or an answer and no reason"


def test_the_answer_is_that_of_the_command(embedded_home, reader):
    asked = questions.ask(embedded_home, "12", "stockton", "2008-09", None)
    (query,) = reader.execute("select query from marts.question where question_number = 12").fetchone()
    costs = [row[:-1] for row in reader.execute(query).fetchall()]
    assert costs == [tuple(row.values()) for row in asked.rows] and len(costs) > 5


def test_comments_welcome_a_reader(embedded_home):
    with database.connect(embedded_home.published, read_only=True) as connection:
        (welcome,) = connection.execute(
            "select comment from duckdb_tables() where schema_name = 'marts' and table_name = 'question'").fetchone()
        silent = connection.execute(
            "select table_name from duckdb_tables() where comment is null union all "
            "select concat(table_name, '.', column_name) from duckdb_columns() where comment is null and not internal"
        ).fetchall()
    assert welcome.startswith("Start here") and silent == []
