"""The data dictionary and the shape of the house: what is described is there, what is there is described and tested."""

import csv
import re
import shutil

import pytest

from orchestration import database, publish, transform
from orchestration.faults import RunStopped
from orchestration.home import Home, project_folder

# What people and other programs rely on; columns may be added, never taken away or renamed.
CONTRACT = {
    "marts.dim_council": "council_code, ons_code, council, class, region, valid_from, valid_to",
    "marts.dim_measure": "measure_id, definition_version, label, unit, polarity, client_group, age_band, service, "
                         "provision, comparable_from, comparable_to, denominator_unit, is_net_of_income, family, "
                         "quantity, is_leaf",
    "marts.dim_council_change": "effective_on, old_council_code, old_council, old_ons_code, new_council_code, "
                                "new_council, new_ons_code, change",
    "marts.dim_definition": "collection, family, client_group_id, definition_version, comparable_from, comparable_to, "
                            "because",
    "marts.dim_release": "release_id, collection, financial_year, status, published_on, file_name, sha256",
    "marts.dim_peer_set": "peer_set, version, council_code, peer_code, peer_rank",
    "marts.fct_figure": "figure_id, council_code, council, financial_year, measure_id, definition_version, release_id, "
                        "is_current, value, numerator, denominator, unit, missing_reason, verdict, rule_ids, ruling, "
                        "ruled_value, line, value_printed, file_name, sheet, row_number, column_number",
    "marts.fct_figure_cell": "figure_id, component, file_name, sheet, row_number, column_number, printed_text, number",
    "marts.fct_area_figure": "area_kind, area, financial_year, measure_id, definition_version, release_id, value, "
                             "unit, missing_reason, file_name, sheet, row_number, column_number",
    "marts.mart_restatement": "council_code, financial_year, measure_id, definition_version, release_a, release_b, "
                              "value_a, value_b, delta, delta_pct",
    "marts.mart_unit_cost_variance": "council_code, financial_year, measure_id, peer_set, value, comparator_mean, "
                                     "comparator_weighted, comparator_median, variance, peer_ratio, sibling_ratio, "
                                     "average_people, implied_volume, verdict, rule_ids",
    "marts.mart_benchmark": "council_code, financial_year, measure_id, peer_set, basis, value, n_peers, mean, "
                            "weighted_mean, median, q1, q3, lowest_quartile_mean, rank_low, n_ranked, quartile_band, "
                            "self_in_lowest_quartile, variance_to_mean, variance_to_median, variance_pct, value_real",
    "marts.mart_saving": "council_code, financial_year, measure_id, peer_set, target, denominator_rule, target_value, "
                         "saving_gbp, saving_low_gbp, saving_high_gbp, saving_pct, formula",
    "marts.mart_spend_decomposition": "council_code, financial_year, peer_set, service, gap_per_head, volume_effect, "
                                      "price_effect, mix_effect, residual",
    "marts.mart_trend": "council_code, measure_id, financial_year, value_cash, value_real, index_cash, index_real, "
                        "yoy_pct, break_before",
    "marts.mart_placement_band": "council_code, snapshot_date, client_group, setting, band, people, annual_cost_gbp, "
                                 "is_suppressed, is_synthetic",
    "marts.mart_local_opportunity": "council_code, snapshot_date, client_group, opportunity, assumption, people, "
                                    "annual_cost_gbp, saving_gbp, formula, is_synthetic",
    "marts.mart_placement_drift": "council_code, from_date, to_date, client_group, change, people, "
                                  "weekly_cost_change_gbp",
    "marts.mart_reconciliation": "council_code, financial_year, client_group, item, return_value, snapshot_value, "
                                 "difference_pct, verdict",
    "marts.mart_claim_check": "claim_id, as_printed, stated, recomputed, verdict, because",
    "quality.rule_result": "run_id, rule_id, subject, file_name, council_code, financial_year, measure_id, severity, "
                           "status, observed, low, high, message, figure_id",
    "quality.ruling": "measure_id, council_code, financial_year, ruling, by, on, reason, corrected_value",
    "quality.rejected_row": "reason, raw_text, file, row, column",
    "quality.source_file": "sha256, file_name, layout, rows, status",
    "quality.release_summary": "release_id, collection, financial_year, n_councils, n_figures, n_values, n_quarantine, "
                               "n_missing, n_voluntary_not_sent, n_lines_lost",
}
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
    return node["schema"]


def named(node: dict) -> str:
    return f"{node['schema']}.{node['name']}"


@pytest.fixture(scope="module")
def comments(embedded_home) -> dict[str, dict[str | None, str | None]]:
    """Comment by published table and column; a table's own stands under None."""
    found: dict[str, dict[str | None, str | None]] = {}
    with database.connect(embedded_home.published, read_only=True) as connection:
        for schema, table, comment in connection.execute(
                "select schema_name, table_name, comment from duckdb_tables()").fetchall():
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


def test_every_documented_column_is_there(embedded_home):
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


@pytest.mark.parametrize("table", CONTRACT)
def test_columns_of_the_contract_are_published(comments, table):
    assert set(CONTRACT[table].split(", ")) - set(comments[table]) == set()


@pytest.mark.parametrize("node", [node for node in PUBLISHED if node["name"].startswith(("mart_", "fct_"))], ids=named)
def test_columns_and_types_are_a_contract(node):
    """dbt builds no mart whose columns or types are others than written down."""
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


def test_broken_promises_stop_the_build(embedded_home, tmp_path):
    home = Home(tmp_path)
    shutil.copy(embedded_home.warehouse, home.warehouse)
    with database.connect(home.warehouse) as connection:
        connection.execute("insert into marts.dim_release from marts.dim_release limit 1")
        connection.execute("update marts.fct_figure set unit = null where council_code = '114'")
        connection.execute("delete from marts.dim_measure where measure_id = 'learning_disability_nursing_unit_cost'")
        connection.execute("update marts.dim_peer_set set peer_code = council_code where council_code = '114' and "
                           "peer_code = '111'")

    with pytest.raises(RunStopped) as stopped:
        transform.run_dbt(home, [transform.MARTS], ("test", "--exclude-resource-type", "unit_test"))

    for promise in ("unique_key_dim_release", "never_null_fct_figure", "refers_to_fct_figure", "its_own_peer"):
        assert promise in str(stopped.value)


QUESTIONS = re.findall(r"^\| .* \| `(select .*)` \|$", (project_folder() / "README.md").read_text(encoding="utf-8"),
                       re.MULTILINE)


def test_the_readme_asks():
    assert len(QUESTIONS) >= 10


@pytest.mark.parametrize("query", QUESTIONS)
def test_every_question_of_the_readme_is_answered(embedded_home, query):
    with database.connect(embedded_home.published, read_only=True) as connection:
        assert connection.execute(query).description
