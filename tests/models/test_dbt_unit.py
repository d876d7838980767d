"""Proves the formulas of the models by dbt's own unit tests (``_unit_tests.yml`` next to the models)."""

import shutil

import pytest

from orchestration import transform
from orchestration.home import Home


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.full)])
def test_formulas_hold(embedded_home, tmp_path, every):
    """Each third of the unit tests in `make test`, all of them in `make test-full`."""
    tests = sorted(transform.manifest_dict()["unit_tests"].values(), key=lambda one: one["unique_id"])[::every]
    # dbt takes the columns' types from a built warehouse; a copy of one, since a unit test writes for a moment.
    home = Home(tmp_path)
    shutil.copy(embedded_home.warehouse, home.warehouse)

    results = transform.run_dbt(home, [f"unit_test:{one['name']}" for one in tests], command=("test",))

    assert {result.status for result in results} == {"pass"}
    assert {result.unique_id for result in results} == {one["unique_id"] for one in tests}
