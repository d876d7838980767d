"""Proves that every table is described and tested, and that what is described exists."""

import csv
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from orchestration import database, publish, transform
from orchestration.faults import RunStopped
from orchestration.home import Home

# What people and other programs rely on: the published columns, as `make snapshots` last wrote them.
CONTRACT = Path(__file__).parent / "snapshots" / "published_columns.json"
# Facts and dimensions come before what they are compared by, and the marts after it.
LAYERS = ("staging", "intermediate", "facts", "comparison", "marts", "quality")
MANIFEST = transform.manifest_dict()
MODELS = {node["unique_id"]: node for node in MANIFEST["nodes"].values() if node["resource_type"] == "model"}
SEEDS = [node for node in MANIFEST["nodes"].values() if node["resource_type"] == "seed"]
GATE_TABLES = {node["unique_id"]: node for node in MANIFEST["sources"].values() if node["source_name"] == "gate"}
PUBLISHED = [node for node in MODELS.values() if node["schema"] in ("marts", "quality")]


def layer(node: dict) -> str:
    if node["name"].startswith(("fct_", "dim_")) or "/intermediate/figures/" in node["original_file_path"]:
        return "facts"
    # Made of judged figures for one mart, or asked of the marts: gaps, claims, answers, recast councils.
    if re.search("/intermediate/(claims|coverage|decomposition|programmes|recast)/", node["original_file_path"]):
        return "marts"
    return node["schema"]


def named(node: dict) -> str:
    return f"{node['schema']}.{node['name']}"


@pytest.fixture(scope="module")
def comments(embedded_home) -> dict[str, dict[str | None, str | None]]:
    """Comment by published table and column; a table's own is under None."""
    found: dict[str, dict[str | None, str | None]] = {}
    with database.connect(embedded_home.published, read_only=True) as connection:
        for schema, table, comment in connection.execute(
                "select schema_name, table_name, comment from duckdb_tables() union all "
                "select schema_name, view_name, comment from duckdb_views() where not internal").fetchall():
            found[f"{schema}.{table}"] = {None: comment}
        for schema, table, column, comment in connection.execute(
                "select schema_name, table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall():
            found[f"{schema}.{table}"][column] = comment
    return found


@pytest.mark.parametrize("node", [*MODELS.values(), *SEEDS, *GATE_TABLES.values()], ids=named)
def test_description_says_what_a_row_is(node):
    text = " ".join(node["description"].split())
    assert re.search(r"; one row per [^.;]+\.$", text), text


@pytest.mark.parametrize("node", SEEDS, ids=named)
def test_every_column_of_a_seed_has_its_type(node):
    # Where none is declared the engine guesses, and line 2.10 becomes 2.1.
    with (transform.dbt_folder() / node["original_file_path"]).open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == list(node["config"]["column_types"])


def test_every_published_table_and_column_has_its_comment(comments):
    assert set(comments) == {f"{schema}.{table}" for schema, table in publish.published_tables()}
    missing = [f"{table}.{column or '(itself)'}" for table, columns in comments.items()
               for column, comment in columns.items() if not (comment or "").strip()]
    assert missing == []
    assert [comment for columns in comments.values() for comment in columns.values() if "{{" in comment] == []


def test_every_documented_column_exists(embedded_home):
    with database.connect(embedded_home.warehouse, read_only=True) as connection:
        there = set(connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns").fetchall())
    documented = {(node["schema"], node["name"], column)
                  for node in [*MODELS.values(), *GATE_TABLES.values()] for column in node["columns"]}
    assert documented - there == set()


def test_every_block_of_the_dictionary_is_used():
    used = {block for node in [*MODELS.values(), *GATE_TABLES.values()] for column in node["columns"].values()
            for block in column["doc_blocks"]}
    assert {doc["unique_id"] for doc in MANIFEST["docs"].values() if doc["package_name"] == "carequartile"} == used


def test_dictionary_speaks_the_projects_words():
    texts = [text for node in [*MODELS.values(), *SEEDS, *GATE_TABLES.values()]
             for text in (node["description"], *(column["description"] for column in node["columns"].values()))]
    assert [text for text in texts if re.search(r"\b(LAs?|CASSRs?|[Aa]uthorit(y|ies))\b",
                                                text.replace("Unitary Authority", ""))] == []


def test_no_published_column_is_taken_away_or_renamed():
    """New tables and columns are free; others rely on those of the last release."""
    published = {named(node): sorted(node["columns"]) for node in PUBLISHED}
    published |= {f"quality.{node['name']}": sorted(node["columns"]) for node in GATE_TABLES.values()}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        CONTRACT.write_text(json.dumps(dict(sorted(published.items())), indent=1) + "\n", encoding="utf-8")
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    gone = {table: missing for table, columns in contract.items()
            if (missing := set(columns) - set(published.get(table, ())))}
    assert len(contract) >= 42 and gone == {}, "if that is meant, name it in the CHANGELOG and run `make snapshots`"


@pytest.mark.parametrize("node", [node for node in PUBLISHED if node["name"].startswith(("mart_", "fct_"))], ids=named)
def test_columns_and_types_are_a_contract(node):
    """dbt does not build a mart whose columns or types differ from those described."""
    assert node["config"]["contract"]["enforced"]


@pytest.mark.parametrize("node", PUBLISHED, ids=named)
def test_key_is_tested(node):
    keys = [test["test_metadata"]["kwargs"]["columns"] for test in MANIFEST["nodes"].values()
            if test.get("attached_node") == node["unique_id"] and test["test_metadata"]["name"] == "unique_key"]
    assert len(keys) == 1
    assert set(keys[0]) <= set(node["columns"])


@pytest.mark.parametrize("node", MODELS.values(), ids=named)
def test_layers_build_on_earlier_layers_only(node):
    parents = [layer(MODELS[parent]) for parent in node["depends_on"]["nodes"] if parent in MODELS]
    assert all(LAYERS.index(parent) <= LAYERS.index(layer(node)) for parent in parents)
    assert node["schema"] != "staging" or not parents


@pytest.mark.parametrize("node", PUBLISHED, ids=named)
def test_final_select_names_its_columns(node):
    finals = re.split(r"^select\b", node["raw_code"], flags=re.MULTILINE)[1:]
    assert finals
    for final in finals:
        assert not re.search(r"(^|[\s.,])\*\s*(,|$)", re.split(r"^from\b", final, flags=re.MULTILINE)[0])


def test_a_broken_promise_is_named(embedded_home, tmp_path):
    home = Home(tmp_path)
    shutil.copy(embedded_home.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        connection.execute("insert into marts.dim_release from marts.dim_release limit 1")
        connection.execute("update marts.fct_figure set unit = null where council_code = '114'")
        connection.execute("delete from marts.dim_measure where measure_id = 'learning_disability_nursing_unit_cost'")
        connection.execute("update marts.dim_peer_set set peer_code = council_code where council_code = '114' and "
                           "peer_code = '111'")

    marts = {node["unique_id"] for node in transform.manifest_dict()["nodes"].values() if "marts" in node["tags"]}
    broken = [test for test in transform.run_tests(home, marts) if test.is_bad]

    for promise in ("unique_key_dim_release", "never_null_fct_figure", "refers_to_fct_figure", "its_own_peer"):
        assert [test for test in broken if promise in test.unique_id and test.failures], promise


def test_a_broken_promise_stops_the_build_and_names_its_first_row(embedded_home, tmp_path):
    home = Home(tmp_path)
    shutil.copy(embedded_home.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        connection.execute("insert into intermediate.int_release from intermediate.int_release limit 1")

    with pytest.raises(RunStopped, match=r"unique_key_dim_release.*: 1 row breaks it; the first: release_id "):
        transform.run_dbt(home, ["dim_release"])


def test_every_data_test_is_run():
    tests = {test for test, node in transform.manifest_dict()["nodes"].items()
             if node["resource_type"] == "test" and node["config"]["enabled"]}
    assert transform._test_queries().keys() == tests
    # The queries count rows, and nothing else is asked of a test.
    assert {(node["config"]["fail_calc"], node["config"]["error_if"], node["config"]["limit"])
            for node in transform.manifest_dict()["nodes"].values() if node["resource_type"] == "test"} == {
                ("count(*)", "!= 0", None)}
