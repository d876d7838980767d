"""Proves the formulas of the models by dbt's own unit tests (``_unit_tests.yml`` next to the models)."""

import shutil

from orchestration import transform
from orchestration.home import Home


def test_formulas_hold(embedded_home, tmp_path):
    # dbt takes the columns' types from a built warehouse; a copy of one, since a unit test writes for a moment.
    home = Home(tmp_path)
    shutil.copy(embedded_home.warehouse, home.warehouse)

    results = transform.run_dbt(home, ["test_type:unit"], command=("test",))

    assert {result.status for result in results} == {"pass"}
    assert {result.unique_id for result in results} == set(transform.manifest_dict()["unit_tests"])
