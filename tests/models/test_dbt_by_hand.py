"""Proves that dbt works from its folder after a refresh, with no variable of the warehouse set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.transform import dbt_folder

DBT = Path(sys.executable).with_name("dbt")


@pytest.mark.full
@pytest.mark.parametrize(("arguments", "words"), [
    (["debug"], "All checks passed!"),
    (["source", "freshness"], "PASS freshness of raw.source_file"),
    (["build", "--select", "dim_council", "dim_measure"], "Completed successfully"),
    (["docs", "generate", "--select", "dim_council"], "Catalog written to"),
], ids=lambda value: value[0] if isinstance(value, list) else "")
def test_dbt_by_hand(embedded_home, tmp_path, arguments, words):
    """As a person starts it: in the folder of the project, with the home where `make refresh` makes it."""
    project = tmp_path / "checkout" / "dbt_project"
    shutil.copytree(dbt_folder(), project, ignore=shutil.ignore_patterns("target", "logs"))
    (project.parent / "seeds").symlink_to(dbt_folder().parent / "seeds")
    (project.parent / ".carequartile").mkdir()
    shutil.copy(embedded_home.warehouse, project.parent / ".carequartile")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAREQUARTILE")}
    done = subprocess.run([DBT, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and words in done.stdout, done.stdout[-3000:] + done.stderr[-1000:]
