"""A council's page and the questions, from the embedded default's published copy."""

import csv
import html
import json
import re
import shutil

import duckdb
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration import database
from orchestration.cli import app
from orchestration.faults import UnusableInput
from orchestration.home import Home
from orchestration.report import files, page, questions
from orchestration.report.reading import Copy, Council, find_council, opened, put_into
from orchestration.rules import all_rules

COUNCILS = [
    Council("114", "Stockton-on-Tees", "Unitary Authority", "North East"),
    Council("820", "Cornwall", "Unitary Authority", "South West"),
    Council("906", "Cornwall and Scilly", "Unitary Authority", "South West"),
    Council("210", "King's Lynn & West", "Shire", "East"),
]


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture(scope="module")
def written(embedded_home, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("pages")
    return files.write_page(embedded_home, "stockton", "2008-09", "class", folder).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "code"), [("114", "114"), ("stockton", "114"), ("CORNWALL", "820"), ("kings lynn and", "210"),
                      ("Stockton-on-Tees Borough Council", "114"), ("Cornwall, County of", "820"),
                      ("County Council of Cornwall", "820")]
)
def test_a_council_is_found_by_code_name_or_part(asked, code):
    assert find_council(COUNCILS, asked).code == code


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["report", "stokton"], "No council is called 'stokton'. The nearest: Stockton-on-Tees (114)"),
        (["report", "999"], "is called '999' or has that code, and no name is near to it. Next: give a name or"),
        (["report", "zzzz"], "no name is near to it"),
        (["report", "north"], "fits"),
        (["report", "stockton on tees", "--workbooks"],
         "--workbooks goes with --all: a workbook of each council. Next: for this council's, carequartile report "
         "'stockton on tees' --format xlsx"),
        (["report", "stockton", "--year", "1993-94"], "There are: 2008-09, 2009-10, 2010-11"),
        (["report", "bedfordshire"],
         "no figure of Bedfordshire that a page shows. Bedfordshire ended on 31 March 2009; since then: Bedford, "
         "Central Bedfordshire. Next: refresh with a return of this council"),
        (["report", "bedford", "--year", "2008-09"],
         "There are no figures of Bedford for '2008-09'. There are: 2009-10, 2010-11. Bedford began on 1 April 2009; "
         "before that: Bedfordshire."),
        (["report", "stockton", "--peers", "friends"], "There is no peer set 'friends'"),
        (["ask", "who pays the piper", "--council", "stockton"], "The nearest:"),
        (["ask", "99", "--council", "stockton"], "numbered 1 to 33"),
        (["ask", "12", "--council", "stockton", "--year", "2008"], "write it as 2017-18"),
        (["ask", "12"], "A council must be given"),
    ],
)
def test_unusable_arguments_are_reported_in_one_sentence(embedded_home, words, says):
    code, text = run(*words, "--home", embedded_home.folder)
    assert code == 2 and says in text and "Traceback" not in text


@pytest.mark.parametrize("words", [
    ["report", "stockton"], ["report", "--all", "--quiet"], ["ask", "12", "--council", "stockton"], ["find", "nursing"],
    ["lineage", "114:2008-09:learning_disability_nursing_unit_cost:x"],
], ids=" ".join)
def test_a_home_that_an_older_version_published_says_so(embedded_home, tmp_path, words):
    home = Home(tmp_path / "home")
    shutil.copytree(embedded_home.folder, home.folder, symlinks=True)
    with duckdb.connect(str(home.published.resolve())) as connection:
        for table in ("marts.mart_coverage", "marts.mart_unit_cost_variance", "quality.source_file"):
            connection.execute(f"drop table {table}")
        connection.execute("alter table marts.dim_measure rename column label to title")
        connection.execute("alter table marts.fct_figure rename column figure_id to id")
    code, text = run(*words, "--home", home.folder)
    assert code == 1 and "published by an older version of Carequartile: " in text
    assert "Next: run `carequartile refresh` on it" in text and "Error" not in text


def test_a_peer_set_too_small_gives_a_page_that_says_so(embedded_home, tmp_path):
    path = files.write_page(embedded_home, "derby", "2010-11", "region", tmp_path)
    text = html.unescape(path.read_text(encoding="utf-8"))
    assert "no comparison, since only 3 peers report this figure; fewer than 5 give no statistic." in text
    assert "no figure" in text.split('id="standing"')[1].split("</table>")[0]


def test_a_new_council_s_page_says_what_was_before(embedded_home, tmp_path):
    path = files.write_page(embedded_home, "bedford", None, "class", tmp_path)
    text = html.unescape(path.read_text(encoding="utf-8"))
    assert "Bedford began on 1 April 2009; before that: Bedfordshire." in text.split('class="lead"')[1].split("</p>")[0]


def test_a_home_without_a_release_and_a_folder_that_is_a_file(embedded_home, tmp_path):
    code, text = run("report", "stockton", "--home", tmp_path / "none")
    assert code == 2 and "carequartile refresh" in text
    (tmp_path / "taken").write_text("")
    code, text = run("report", "stockton", "--home", embedded_home.folder, "--out", tmp_path / "taken")
    assert code == 2 and "cannot be written" in text and "--out" in text


def test_values_are_put_into_a_query_as_text_and_never_as_sql():
    asked = put_into("select ? as name, ? as year, ? as n where ? is null",
                     ("O'Hara'; drop table x; --", "2008-09", 3, None))
    with database.in_memory() as connection:
        assert connection.execute(asked).fetchall() == [("O'Hara'; drop table x; --", "2008-09", 3)]
    with pytest.raises(ValueError, match="2 places, and 1 values"):
        put_into("select ?, ?", ("a",))


def test_the_page_loads_nothing_from_elsewhere(written):
    assert "default-src &#39;none&#39;" in written
    assert not re.search(r"(?:src|href)=\"(?!#)", written)
    assert len(written.encode()) < 3_000_000


def test_every_section_is_present_and_those_without_data_say_why(written):
    for name in ("stand", "believe", "why", "balance", "unit-costs", "savings", "outcomes", "beside", "levers",
                 "placements", "doubts", "sources"):
        assert f'<section id="{name}"' in written
    assert "Why spend differs cannot be shown for 2008-09" in written
    assert "Open Government Licence v3.0" in written


def test_what_cannot_be_shown_has_the_reason_of_coverage(embedded_home, written):
    with database.connect(embedded_home.published, read_only=True) as connection:
        reasons = [reason for (reason,) in connection.execute(
            "select reason from marts.mart_coverage where council_code = '114' and financial_year = '2008-09' "
            "and question_number = 21 and measure_family like 'learning_disability%'").fetchall()]
    (reason,) = reasons
    assert f"Why spend differs cannot be shown for 2008-09. {reason.rstrip('.')}." in html.unescape(written)


def test_each_table_of_placements_says_whether_it_can_be_trusted(embedded_home, tmp_path):
    path = files.write_page(embedded_home, "stockton", "2009-10", "class", tmp_path, is_local=True)
    section = path.read_text(encoding="utf-8").split('id="placements"')[1].split("</section>")[0]
    assert section.count("Can it be trusted?") == section.count("<table") == 4
    assert "Synthetic records: no real people" in section


def test_the_doubtful_day_care_figure_is_shown_with_its_reason(written):
    assert "587.90*" in written
    assert "it is far from England&#39;s median and from the same service provided the other way" in written
    assert "do not rely on day care (others)" in written


def test_placements_are_on_the_page_of_the_local_copy_alone(embedded_home, written, tmp_path):
    assert "The records are synthetic" not in written and "carequartile report --local" in written
    path = files.write_page(embedded_home, "stockton", "2009-10", "class", tmp_path, is_local=True)
    text = path.read_text(encoding="utf-8")
    assert "The records are synthetic" in text and "do not publish this page" in text and "Restricted." in text
    assert path.stat().st_mode & 0o077 == 0, "no one else can read it"


def test_a_name_with_markup_is_text(embedded_home, tmp_path, monkeypatch):
    name = "O'Hara & <script>alert(1)</script>"
    known = Copy.councils
    monkeypatch.setattr(
        Copy,
        "councils",
        lambda copy: [Council("114", name, "Class", "Region") if one.code == "114" else one for one in known(copy)],
    )
    text = files.write_page(embedded_home, "114", None, None, tmp_path).read_text(encoding="utf-8")
    assert "O&#39;Hara &amp; &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)" not in text


def test_the_lineage_of_a_figure_names_its_cell(embedded_home):
    with opened(embedded_home) as copy:
        council = find_council(copy.councils(), "stockton")
        copy.take(council)
        found = page.Made(copy, council, "2008-09", "class").lineages()
    text = next(
        text for name, text in found.items() if name.startswith("114:2008-09:learning_disability_day_care_others_u")
    )
    assert "sha256" in text and "'587.9'" in text


def test_csv_holds_the_benchmarks_with_words(embedded_home, tmp_path):
    written = files.write_page(embedded_home, "stockton", None, "class", tmp_path, "csv")
    rows = list(csv.DictReader(written.read_text(encoding="utf-8").splitlines()))
    (one,) = [
        row
        for row in rows
        if row["measure_id"] == "learning_disability_residential_unit_cost"
        and row["financial_year"] == "2008-09"
        and row["peer_set"] == "class"
        and row["basis"] == "as_returned"
    ]
    assert one["value"] == "964.700000" and "£964.70 a person a week" in one["in_words"]
    assert one["can_it_be_trusted"].startswith(("Can be trusted", "Use with care"))
    with written.with_name(f"{written.stem}-levers.csv").open(encoding="utf-8", newline="") as file:
        savings = list(csv.DictReader(file))
    assert savings and all(float(saving["Amount"]) > 0 and saving["Document and section"] for saving in savings)


def test_the_questions_are_numbered_through():
    assert [question.number for question in questions.questions()] == list(range(1, 34))


@pytest.mark.parametrize(
    ("asked", "number"),
    [("12", 12), ("residential share", 4), ("unit costs", 12), ("quarantined", 13), ("supported weekly price", 23)],
)
def test_a_question_is_found_by_number_or_words(asked, number):
    assert questions.find_question(questions.questions(), asked).number == number


def test_what_is_asked_for_is_put_into_the_query_and_nothing_else():
    sql = "select '114' as council_code, date '2010-02-28' as snapshot_date, 'x' as measure_id"
    assert questions.put_in(sql, council_code="o'1", financial_year="2017-18", snapshot_date="2011-01-01") == (
        "select 'o''1' as council_code, date '2011-01-01' as snapshot_date, 'x' as measure_id"
    )


@pytest.mark.parametrize("number", sampled(range(1, 34), 12))
def test_every_question_answers_or_says_why(embedded_home, number):
    answer = questions.ask(embedded_home, str(number), "stockton", None, None)
    assert answer.rows or any("No answer" in note for note in answer.notes)
    assert all(
        len(line) <= 80 or line.startswith(("note", *answer.columns, f"{number}."))
        for line in questions.described(answer, "table").split("the query:")[0].splitlines()
    )


def test_without_a_year_the_newest_one_with_an_answer_is_asked_and_said(embedded_home):
    answer = questions.ask(embedded_home, "12", "stockton", None, None)
    assert answer.asked["financial_year"] == "2010-11" and answer.rows
    assert "Stockton-on-Tees (114), 2010-11, compared with class" in questions.described(answer, "table")
    # Nothing of it is loaded in any year: the newest loaded one says so.
    answer = questions.ask(embedded_home, "1", "stockton", None, None)
    assert not answer.rows and answer.asked["financial_year"] == "2010-11"
    assert "No file loaded has figures of learning disability" in answer.notes[-1]


def test_a_year_that_is_not_loaded_names_those_that_answer(embedded_home):
    answer = questions.ask(embedded_home, "12", "stockton", "2031-32", None)
    assert answer.notes == ["No answer: Nothing that this question reads is loaded for 2031-32. "
                            "It is answered for 2008-09, 2009-10, 2010-11."]


def test_a_year_that_is_none_is_refused(embedded_home):
    with pytest.raises(UnusableInput, match=r"'2008-10' is no financial year\. Next: write it as 2017-18"):
        questions.ask(embedded_home, "12", "stockton", "2008-10", None)


def test_an_answer_as_json_and_csv_holds_numbers_and_the_query(embedded_home):
    answer = questions.ask(embedded_home, "12", "stockton", "2008-09", "class")
    found = json.loads(questions.described(answer, "json"))
    assert found["number"] == 12 and "mart_unit_cost_variance" in found["query"]
    assert {587.9} <= {row["value"] for row in found["rows"]}
    assert len(questions.described(answer, "csv").splitlines()) == len(answer.rows) + 1


def test_the_page_of_rules_has_every_rule_with_its_findings(embedded_home, tmp_path):
    code, text = run("rules", "--html", "--home", embedded_home.folder, "--out", tmp_path)
    assert code == 0, text
    page_text = (tmp_path / "rules.html").read_text(encoding="utf-8")
    ids = {rule.id for rule in all_rules()}
    assert all(f'<section id="{one}"' in page_text for one in ids) and len(ids) > 80
    with database.connect(embedded_home.published, read_only=True) as connection:
        rule_id, n = connection.execute(
            "select rule_id, count(*) as n from quality.rule_result where status = 'fail' group by 1 order by 2 desc, 1"
        ).fetchone()
    row = re.search(rf'<a href="#{rule_id}">.*?</tr>', page_text).group()
    assert f'data-value="{n}"' in row


def test_the_page_of_rules_of_a_home_without_a_release_says_so(tmp_path):
    code, text = run("rules", "--html", "--home", tmp_path, "--out", tmp_path)
    assert code == 0, text
    assert "Nothing is published in this home yet" in (tmp_path / "rules.html").read_text(encoding="utf-8")
