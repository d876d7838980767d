"""The resource that gives a run its home and landing, and holds the home until the run ends."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import Field

from orchestration import database, progress, transform
from orchestration.home import Home
from orchestration.store import lock, opening
from orchestration.store.files import has_landed
from orchestration.survey import EMBEDDED, LANDED, Survey, embedded_paths, survey_landing

# Another run may hold the home; runs started by the sensor wait for it and do not fail.
WAIT_FOR_HOME_SECONDS = 1800


Build = Callable[[Home, str, transform.Told], list[transform.NodeResult]]


@dataclass(frozen=True)
class OpenHome:
    """A home that is held for a run, and what is landed for it. ``refresh`` passes the survey it has already read.

    ``conform`` and ``marts`` build the tables of these layers in the home's warehouse: DuckDB's by default.
    """

    home: Home
    survey: Callable[[], Survey]
    as_known_on: str = ""
    conform: Build = transform.conform
    marts: Build = transform.marts


# The annotation by which an asset requests it: ``workspace: Workspace``.
Workspace = dg.ResourceParam[OpenHome]


class WorkspaceResource(dg.ConfigurableResource[OpenHome]):
    """Where a run reads and writes. The home is held for the whole run, so two runs never write at once."""

    home: str = ""
    landing: list[str] = Field(default_factory=list)
    as_known_on: str = Field(default="", description="Leave out what was published after this day (2012-03-31).")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[OpenHome]:
        home = Home.resolve(Path(self.home) if self.home else None)
        # Whoever watches the run's page hears how far it is, also while it waits and while a step says nothing.
        lines = progress.Lines(context.log.info)
        with lines.watched(), progress.heard_by(lines):
            progress.step("waiting for the home")
            yield from self._held(home)

    def _held(self, home: Home) -> Iterator[OpenHome]:
        with lock.hold(home, WAIT_FOR_HOME_SECONDS):
            opening.make_ready(home)
            # Kept open for the run: each closing of the last connection would write a checkpoint, two dozen in all.
            with database.connect(home.warehouse):
                yield OpenHome(home, lambda: self._survey(home), self.as_known_on)

    def _survey(self, home: Home) -> Survey:
        """What is in the landing folder; in a home where no return was ever landed, the embedded default."""
        paths, origin = [Path(path) for path in self.landing], LANDED
        if not paths:
            paths = [folder for folder in [home.landing] if folder.is_dir()]
            if not state_of(paths) and not has_landed(home.warehouse):
                paths, origin = embedded_paths(), EMBEDDED
        return survey_once(tuple(paths), origin, state_of(paths))


State = tuple[tuple[str, str], ...]


@functools.lru_cache(maxsize=4)
def survey_once(paths: tuple[Path, ...], origin: str, state: State, unsettled: frozenset[Path] = frozenset()
                ) -> Survey:
    """The survey of these paths, read once per state of their files, since several assets of a run need it."""
    return survey_landing(list(paths), origin, unsettled)


def state_of(paths: list[Path]) -> State:
    """Each file's path, with its size and times as a text, to see whether anything changed."""
    files = sorted(file for path in paths if path.exists() for file in ([path] if path.is_file() else path.rglob("*")))
    return tuple((str(file), _size_and_times(file)) for file in files if file.is_file())


def _size_and_times(file: Path) -> str:
    """Includes the time of the last change of the file's record: a copy may keep the older file's size and time."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return "gone"
    return f"{status.st_size}:{status.st_ctime_ns}:{status.st_mtime_ns}"
