"""What several test files share: the published files where they are at hand, and one home of the embedded default."""

import os
from pathlib import Path

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


@pytest.fixture(scope="session")
def shared_data():
    """The folder of the published files; a test that needs it says so where they are absent."""
    folder = Path(os.environ.get("CAREQUARTILE_SHARED_DATA")
                  or Path(__file__).resolve().parents[1].parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the published files are not at {folder} (set CAREQUARTILE_SHARED_DATA)")
    return folder
