"""Where things are stored: the project's own data next to the code, and the home folder a run writes to."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


# This user's umask; the system only returns it when a new one is set.
_USUAL_MASK = os.umask(0o077)
os.umask(_USUAL_MASK)


@contextmanager
def private_files() -> Iterator[None]:
    """New files can be read by their owner only: the warehouse, its log and its spill files hold rows about people."""
    yield from _masked(0o077)


@contextmanager
def public_files() -> Iterator[None]:
    """New files are as readable as this user's files usually are."""
    yield from _masked(_USUAL_MASK)


def _masked(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def project_folder() -> Path:
    """The folder that holds dbt_project/, seeds/ and expectations/: the checkout, or the copy inside the wheel."""
    checkout = PACKAGE.parent
    return checkout if (checkout / "dbt_project" / "dbt_project.yml").is_file() else PACKAGE / "project"


@dataclass(frozen=True)
class Home:
    """The folder a run writes to; nothing is written outside it."""

    folder: Path

    @classmethod
    def resolve(cls, given: Path | None = None) -> Home:
        """``--home``, else ``$CAREQUARTILE_HOME``, else ``./.carequartile``."""
        return cls((given or Path(os.environ.get("CAREQUARTILE_HOME") or ".carequartile")).absolute())

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def published_folder(self) -> Path:
        return self.folder / "published"

    @property
    def published(self) -> Path:
        return self.published_folder / "carequartile.duckdb"

    @property
    def manifest(self) -> Path:
        return self.published_folder / "manifest.json"

    @property
    def reports(self) -> Path:
        """Where pages of the open copy are written unless another folder is named."""
        return self.folder / "reports"

    @property
    def local_folder(self) -> Path:
        """The restricted copy's: this user's alone, and a group's where one is given."""
        return self.folder / "local"

    @property
    def local(self) -> Path:
        """The copy with figures of local placements, exactly; ``published`` is the open one."""
        return self.local_folder / "carequartile-local.duckdb"

    @property
    def local_manifest(self) -> Path:
        return self.local_folder / "manifest.json"

    @property
    def person_key(self) -> Path:
        """The key that pseudonymises references of people: readable by its owner only, never in the warehouse."""
        return self.folder / "person.key"

    @property
    def lock(self) -> Path:
        return self.folder / "refresh.lock"

    @property
    def staged(self) -> Path:
        """Where a large landing is kept between being read and being stored."""
        return self.folder / "incoming.duckdb"

    def clear_staged(self) -> None:
        """Deletes what a run has left of a landing: it is as sensitive as the warehouse and is never used again."""
        for leftover in (self.staged, *(self.staged.with_suffix(suffix) for suffix in
                                        (".duckdb.wal", ".csv", ".parquet"))):
            leftover.unlink(missing_ok=True)
        # DuckDB deletes its spill files when its process ends, but not when the process is killed.
        for file in (self.warehouse, self.staged):
            shutil.rmtree(file.with_name(f"{file.name}.tmp"), ignore_errors=True)

    @property
    def dbt_target(self) -> Path:
        return self.folder / "dbt"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def keep_report(self, report: str) -> str:
        """Keeps the traceback of a failure for a developer, and returns a sentence that says where it is."""
        try:
            path = self.logs / f"failure-{time.strftime('%Y%m%dT%H%M%S')}.txt"
            with private_files():  # Readable by its owner only, since it may quote a cell.
                self.logs.mkdir(parents=True, exist_ok=True)
                path.write_text(report, encoding="utf-8")
        except OSError:
            return "Please report the command and this message."
        return f"The full report is in {path}."

    @property
    def landing(self) -> Path:
        """The folder the sensor watches: ``$CAREQUARTILE_LANDING``, else ``landing`` in the home."""
        return Path(os.environ.get("CAREQUARTILE_LANDING") or self.folder / "landing").absolute()
