"""What several test files share: one home of the embedded default."""

import os

import pytest

from orchestration.home import Home

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")


@pytest.fixture(scope="session")
def embedded_home(tmp_path_factory):
    """A home refreshed from the embedded default, once per session. Read it; never write to it."""
    from orchestration.refresh import refresh

    home = Home(tmp_path_factory.mktemp("embedded"))
    refresh([], home)
    return home
