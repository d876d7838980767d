"""Proves that the documentation is true of the code: tables, links, commands, table names, queries and their output."""

import importlib.util
import re
from pathlib import Path

import pytest
import typer

from orchestration import database, local_copy, transform
from orchestration.cli import app
from orchestration.report.questions import as_published

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in generate.pages()}
# What 0.1.0 was called is history; the changelog may name what is no longer there.
CURRENT = {name: page for name, page in PAGES.items() if name != "CHANGELOG.md" and "decisions/" not in name}
QUERIES = [(name, query) for name, page in PAGES.items()
           for query in [*re.findall(r"^ *```sql\n(.*?)```", page, re.DOTALL | re.MULTILINE),
                         *re.findall(r"^\| .* \| `(select .*)` \|$", page, re.MULTILINE),
                         *re.findall(r"execute\('''(.*?)'''\)", page, re.DOTALL)]]
FIELD_TERMS = {
    "return", "release", "layout", "unit cost", "measure", "line", "peer set", "frame", "finding", "ruling", "register",
    "snapshot", "package", "verdict", "quarantine", "mapping", "contract", "control total", "client group", "provision",
    "setting", "break", "definition version", "gate", "home", "landing", "lineage", "cell", "label", "marker"}


@pytest.mark.parametrize("path", generate.files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_generated_is_as_the_code_has_it(path):
    page = path.read_text(encoding="utf-8")
    assert generate.generated(page) == page, "run `make docs`"


def test_a_table_that_went_out_of_date_is_written_again():
    page = "Before\n<!-- generated: commands -->\n| command |\n<!-- end of generated -->\nAfter\n"
    assert generate.generated(page) == (
        f"Before\n<!-- generated: commands -->\n{generate.commands()}\n<!-- end of generated -->\nAfter\n")


def test_an_exposure_that_went_out_of_date_is_written_again():
    page = "depends_on:\n      # generated: status\n      - ref('mart_gone')\n      # end of generated\n"
    again = generate.generated(page)
    assert "mart_gone" not in again and "- ref('dim_snapshot')\n" in again
    assert "- source('gate', 'rule_result')\n" in again


def test_everything_that_can_be_generated_is_in_a_file():
    assert {marker for page in PAGES.values() for _, marker, _ in generate.BLOCK.findall(page)} == set(generate.TABLES)
    exposures = generate.EXPOSURES_FILE.read_text(encoding="utf-8")
    assert {marker for _, marker, _ in generate.LIST.findall(exposures)} == set(generate.EXPOSURES)


def test_a_group_that_is_itself_a_command_is_in_the_table():
    """``carequartile rules`` lists; ``carequartile rules show`` is below it. Both are commands."""
    listed = re.findall(r"^\| `carequartile ((?:[a-z]+ ?)+)", generate.commands(), re.MULTILINE)
    assert {"rules", "rules show"} <= {words.strip() for words in listed}


def test_every_variable_that_can_be_set_is_described():
    """Set by the code for its own processes: the warehouse that dbt opens. It is not a setting."""
    sources = [*(ROOT / "orchestration").rglob("*.py"), *(ROOT / "orchestration" / "service").iterdir()]
    read = {name for path in sources if path.is_file()
            for name in re.findall(r"CAREQUARTILE_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert read - {"CAREQUARTILE_WAREHOUSE"} == set(
        re.findall(r"`(CAREQUARTILE_[A-Z_]+)`", PAGES["docs/data-engineers.md"]))


def test_the_readme_is_short():
    assert len(README.splitlines()) < 150


def anchors(page: str) -> set[str]:
    """Anchors of the headings, as GitHub makes them; lines of code are no headings."""
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_has_a_target(name):
    folder = (ROOT / name).parent
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", PAGES[name]):
        path = (folder / target).resolve() if target else ROOT / name
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), f"{target}#{anchor}"


def code_of(page: str) -> str:
    blocks = re.findall(r"```.*?\n(.*?)```", page, re.DOTALL)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL)))


@pytest.mark.parametrize("name", PAGES)
def test_every_command_exists(name):
    commands = typer.main.get_command(app).commands
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = code_of(PAGES[name])
    assert set(re.findall(r"\bcarequartile (?!carequartile)([a-z][a-z-]*)", code)) <= set(commands)
    asked = {target for words in re.findall(r"\bmake ((?:[a-z-]+ ?)+)", code) for target in words.split()}
    assert asked <= targets


@pytest.mark.parametrize("name", CURRENT)
def test_every_table_named_is_published(name):
    published = set(re.findall(r"`((?:marts|quality)\.[a-z_]+)` \|", generate.published_tables()))
    columns = {f"marts.{node['name']}.{column}" for node in transform.manifest_dict()["nodes"].values()
               if node["schema"] == "marts" for column in node["columns"]}
    named = set(re.findall(r"\b(?:marts|quality)\.[a-z_]+(?:\.[a-z_]+)?\b", CURRENT[name]))
    assert {table for table in named if not table.endswith((".db", ".parquet"))} <= published | columns


@pytest.mark.parametrize("folder", ["tests", "seeds", "orchestration", "dbt_project", "expectations"])
def test_every_file_named_exists(folder):
    for name, page in CURRENT.items():
        for path in re.findall(rf"(?<![\w/.])({folder}/[\w/.\-]*\w)`", page):
            assert (ROOT / path).exists(), f"{name}: {path}"


def run(home, query: str) -> tuple[list[str], list[tuple]]:
    with database.connect(home.published, read_only=True) as connection:
        answer = connection.execute(query)
        return [column[0] for column in answer.description], answer.fetchall()


def test_queries_are_printed():
    assert {"README.md", "docs/analysts.md"} <= {name for name, _ in QUERIES}
    assert len(QUERIES) >= 20


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_every_query_printed_runs(embedded_home, name, query):
    assert run(embedded_home, query)[0]


def test_the_answer_in_the_readme_is_the_answer(embedded_home):
    query = re.search(r"```sql\n(.*?)```", README, re.DOTALL)[1]
    columns, rows = run(embedded_home, query)
    assert generate.table(tuple(columns), [tuple(map(str, row)) for row in rows]) in README


def test_the_readme_lists_which_questions_the_embedded_default_answers(embedded_home):
    answered = {}
    for path in sorted((ROOT / "dbt_project" / "analyses").glob("*.sql")):
        query = as_published(path.read_text(encoding="utf-8"))
        if run(embedded_home, query)[1][0][-1] is None:
            answered[int(path.stem[:2])] = "answered"
            continue
        with local_copy.connect(embedded_home, is_local=True) as connection:
            in_local = connection.execute(query).fetchall()[0][-1] is None
        answered[int(path.stem[:2])] = "answered with --local" if in_local else "a reason"
    for words in ("answered", "answered with --local", "a reason"):
        listed = re.search(rf"^- {words}: ([\d, ]+)$", README, re.MULTILINE)[1]
        assert list(map(int, listed.split(", "))) == [number for number, how in answered.items() if how == words]


def test_the_glossary_has_the_terms_of_the_field():
    terms = {term.strip("* ") for row in re.findall(r"^\| (\*\*.*?\*\*) \|", PAGES["docs/glossary.md"], re.MULTILINE)
             for term in row.split(",")}
    assert terms >= FIELD_TERMS


def test_every_decision_has_a_date_a_status_and_its_context():
    for name, page in PAGES.items():
        if not name.startswith("docs/decisions/") or name.endswith("README.md"):
            continue
        for record in page.split("\n## ")[1:]:
            dated = re.search(r"^20\d\d-\d\d-\d\d\. Status: (.*)", record, re.MULTILINE)
            assert dated, record
            assert dated[1].startswith(("accepted", "superseded", "partly superseded")), record
            assert "**Context.**" in record and "**Decision.**" in record, record


def test_the_changelog_begins_with_this_version():
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert re.findall(r"^## \[(.*?)\] - ", PAGES["CHANGELOG.md"], re.MULTILINE)[0] == version
