"""Proves that Dagster as people run it publishes a dropped file, or refuses it and shows the reason on its pages.

It is started as `dagster dev` and as the services start it; the only action is to drop the file.
"""

import json
import os

import duckdb
import pytest
from dagster_dev import SECRET, Dev
from embedded_years import lines_of

from orchestration import publish

pytestmark = pytest.mark.dev


@pytest.fixture(scope="module", params=["dev", "service", "postgres"])
def dev(tmp_path_factory, request):
    if request.param == "postgres" and not os.environ.get("CAREQUARTILE_POSTGRES_HOST"):
        pytest.skip("no Postgres is named (CAREQUARTILE_POSTGRES_HOST, _DB, _USER, _PASSWORD)")
    running = Dev(tmp_path_factory.mktemp("dev"), request.param)
    yield running
    running.stop()


def test_a_dropped_file_is_published(dev):
    dev.drop("y2008.csv", lines_of("2008-09"))
    dev.wait_for("2008-09", "SUCCESS")
    assert publish.read_manifest(dev.home)["tables"]["marts.fct_figure"] == 552
    with duckdb.connect(str(dev.home.published), read_only=True) as connection:
        assert connection.execute("select cast(value as double), verdict from marts.fct_figure "
                                  "where council_code = '114' and line = '2.38'").fetchall() == [(587.9, "quarantine")]


CHECKS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status
        evaluation { severity metadataEntries { label ... on TableMetadataEntry { table { records } }
            ... on IntMetadataEntry { intValue } } } } } } } } } }"""


def test_a_failed_check_shows_its_rule_and_its_cells(dev):
    answer = dev.ask(CHECKS, {"key": {"path": ["gate", "submissions"]}})
    checks = {check["name"]: check["executionForLatestMaterialization"]
              for check in answer["assetNodeOrError"]["assetChecksOrError"]["checks"]}
    failed = checks["peer_and_sibling"]
    assert (failed["status"], failed["evaluation"]["severity"]) == ("FAILED", "WARN")
    shown = {entry["label"]: entry for entry in failed["evaluation"]["metadataEntries"]}
    cells = [json.loads(record) for record in shown["failing cells"]["table"]["records"]]
    assert len(cells) == shown["findings"]["intValue"]
    found = next(cell for cell in cells if cell["council_code"] == "114" and "GBP 587.90" in cell["message"])
    assert found["file_name"] == "y2008.csv" and found["row_number"] > 1 and found["figure_id"]


def test_the_next_year_joins_and_a_refused_file_says_why(dev):
    dev.drop("y2009.csv", lines_of("2009-10"))
    dev.drop("y2010.csv", lines_of("2010-11", **{"114_2.38_unit_cost": "see note"}))
    dev.wait_for("2009-10", "SUCCESS")
    refused = dev.wait_for("refused: y2010.csv", "FAILURE")
    (failure,) = [event for event in refused["eventConnection"]["events"] if event]
    assert failure["stepKey"] == "note_refused_files"
    for words in ("y2010.csv", "see note", "cell_is_number_or_marker", "next:"):
        assert words in failure["failureMetadata"]["description"]
    assert [release["financial_year"] for release in publish.read_manifest(dev.home)["releases"]] == [
        "2008-09", "2009-10"]
    # The file that was in the folder all along started nothing more.
    assert dev.n_runs == 3


def test_no_secret_is_in_any_log(dev):
    files = [file for file in dev.home.folder.parent.rglob("*") if file.is_file() and not file.is_symlink()]
    assert dev.log in files and any(file.suffix == ".db" for file in files)
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]
