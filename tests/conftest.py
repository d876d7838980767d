"""Homes that many tests read: each is refreshed once a session. A test that writes copies one first."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from orchestration.home import Home
from orchestration.refresh import refresh

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
SHARED_DATA = Path(os.environ.get("CAREQUARTILE_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


def once(factory: pytest.TempPathFactory, name: str, build: Callable[[Home], object]) -> Home:
    """A home that is built once, even if tests run in several processes: each process has a separate copy, since DuckDB
    lets one process open a warehouse.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        home = Home(factory.mktemp(name))
        build(home)
        return home
    first, own = factory.getbasetemp().parent / name, Home(factory.getbasetemp() / name)
    with FileLock(f"{first}.lock"):
        if not first.exists():
            building = Home(first.with_name(f"{name}.building"))
            build(building)
            building.folder.rename(first)
    shutil.copytree(first, own.folder, symlinks=True)
    return own


# Homes that take minutes: all of England (five), and the chapters of the gates' year (another three).
LONG = {"england_home", "first"}
# Homes that every process waits for until one has built it, the longest first.
BUILT_ONCE = ("england_home", "embedded_home")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Every test that needs one of the long homes is for `make test-full`. Once the tests that are not asked for are
    gone, the files come in this order: first those that build a home, then those that need none, then the others. So
    no process waits at the start for what another one builds.
    """
    for item in items:
        if not LONG.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.full)
    yield
    needs: dict[Path, set[str]] = {}
    for item in items:
        needs.setdefault(item.path, set()).update(item.fixturenames)
    builders = {next((path for path in needs if home in needs[path]), None) for home in BUILT_ONCE}
    waits = {path: sum(home in needs[path] for home in BUILT_ONCE) for path in needs}
    items.sort(key=lambda item: (item.path not in builders, waits[item.path]))


@pytest.fixture(scope="session")
def embedded_home(tmp_path_factory) -> Home:
    return once(tmp_path_factory, "embedded", lambda home: refresh([], home))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published files; without it, the tests that need it say so and are skipped."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the published files are not here (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def files_of_today(shared_data) -> Path:
    """The folder beside it with the published files of 2022 to 2025, and the older shapes that were refused once."""
    today = shared_data.parent / "today"
    if not today.is_dir():
        pytest.skip("the published files of today are not here (../shared/today)")
    return today


@pytest.fixture(scope="session")
def published_returns(shared_data) -> Path:
    return shared_data / "returns"


@pytest.fixture(scope="session")
def england_home(tmp_path_factory, shared_data, files_of_today) -> Home:
    """All of England: every published return and reference file there is, of 2000-01 to 2024-25."""
    return once(tmp_path_factory, "england", lambda home: refresh([shared_data, files_of_today], home))
