"""Proves that no target of make throws away what cannot be had again."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_clean_keeps_the_home_with_its_key(tmp_path):
    """The key is in no other place: without it everyone in a later snapshot would be a new person."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = [tmp_path / ".carequartile" / name for name in ("person.key", "warehouse.duckdb", "landing/return.csv")]
    gone = [tmp_path / name for name in (".venv/bin/python", "dbt_project/target/manifest.json")]
    for file in (*kept, *gone):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("kept", encoding="utf-8")
    done = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(file.read_text(encoding="utf-8") == "kept" for file in kept)
    assert not any(file.exists() for file in gone)
    assert "The home .carequartile is left as it is" in done.stdout
