"""Proves that whatever the code imports is asked for by pyproject.toml and locked, not merely there by chance."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = {"orchestration", *(path.stem for path in ROOT.glob("tests/**/*.py")),
        *(path.name for path in ROOT.glob("tests/**/") if path.is_dir())}


def plain(name):
    """A distribution's name as package indexes compare them, without extras, bounds and markers."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name)[0]).lower()


def asked_for(*, for_tests):
    project = PROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra),
             *(PROJECT["dependency-groups"]["dev"] if for_tests else [])]
    return {plain(line) for line in lines}


def imported(folder):
    """Each package of others' that a folder's code imports, with the files that do, imports inside functions too."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else [])
            for name in {name.split(".")[0] for name in names} - OURS - sys.stdlib_module_names:
                found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize(("folder", "for_tests"), [("orchestration", False), ("tests", True), ("docs", True)])
def test_what_is_imported_is_asked_for(folder, for_tests):
    known, wanted = packages_distributions(), asked_for(for_tests=for_tests)
    missing = {name: files for name, files in imported(folder).items()
               if not wanted & {plain(dist) for dist in known.get(name, [name])}}
    assert not missing, "add these to pyproject.toml, then run make lock"


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", []), ("requirements-spark.lock", ["spark"])])
def test_what_is_asked_for_is_locked(lock, extras):
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)(?:\[[^]]*\])?==", (ROOT / lock).read_text(encoding="utf-8")))
    project = PROJECT["project"]
    lines = [*project["dependencies"], *PROJECT["dependency-groups"]["dev"],
             *(line for extra in extras for line in project["optional-dependencies"][extra])]
    assert {plain(line) for line in lines} <= locked, "run make lock"
