"""Homes that many tests read: each is refreshed once a session. Tests write only to homes of their own."""

import os
from pathlib import Path

import pytest

from orchestration.home import Home
from orchestration.refresh import refresh

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
SHARED_DATA = Path(os.environ.get("CAREQUARTILE_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def embedded_home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("embedded"))
    refresh([], home)
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published files; a test that needs it says so where this machine has none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the published files are not here (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def published_returns(shared_data) -> Path:
    return shared_data / "returns"


@pytest.fixture(scope="session")
def england_home(tmp_path_factory, shared_data) -> Home:
    """All of England: every published return and reference file there is."""
    home = Home(tmp_path_factory.mktemp("england"))
    refresh([shared_data], home)
    return home
