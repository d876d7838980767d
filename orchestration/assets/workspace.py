"""The resource that says where a run reads and writes, and holds the home while it does."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from orchestration import database
from orchestration.home import Home
from orchestration.store import lock, retention, warehouse
from orchestration.store.files import has_landed
from orchestration.survey import EMBEDDED, LANDED, Survey, embedded_paths, survey_landing

# Another run may hold the home; runs started by the sensor wait for it rather than fail.
WAIT_FOR_HOME_SECONDS = 1800


class Workspace(dg.ConfigurableResource):
    """Where a run reads and writes. The home is held for the whole run, so two runs never write at once."""

    home: str = ""
    landing: list[str] = Field(default_factory=list)
    origin: str = LANDED
    as_known_on: str = Field(default="", description="Leave out what was published after this day (2012-03-31).")

    is_rebuild: bool = Field(default=False, description="All that an earlier Carequartile had loaded is landed again.")

    @property
    def place(self) -> Home:
        return Home.resolve(Path(self.home) if self.home else None)

    def survey(self) -> Survey:
        """What lies in the landing; in a home that never had a return landed, the embedded default."""
        if given := _given.get((tuple(self.landing), self.origin)):
            return given
        paths, origin = [Path(path) for path in self.landing], self.origin
        if not paths:
            paths = [folder for folder in [self.place.landing] if folder.is_dir()]
            if not state_of(paths) and not has_landed(self.place.warehouse):
                paths, origin = embedded_paths(), EMBEDDED
        return survey_once(tuple(paths), origin, state_of(paths))

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workspace"]:
        with lock.hold(self.place, WAIT_FOR_HOME_SECONDS):
            warehouse.prepare(self.place.warehouse, self.is_rebuild)
            retention.expire(self.place.warehouse)
            # Held open for the run: each closing of the last connection would write a checkpoint, two dozen in all.
            with database.connect(self.place.warehouse):
                yield self


# Surveys a caller has already read, by what they were read from.
_given: dict[tuple[tuple[str, ...], str], Survey] = {}


def use_survey(workspace: Workspace, survey: Survey) -> None:
    """Lets a run of this process use a survey that is already read: `refresh` must read it before it may start."""
    _given[(tuple(workspace.landing), workspace.origin)] = survey


State = tuple[tuple[str, str], ...]


@functools.lru_cache(maxsize=4)
def survey_once(paths: tuple[Path, ...], origin: str, state: State, unsettled: frozenset[Path] = frozenset()
                ) -> Survey:
    """The survey of these paths, read once per state of their files: several assets of a run ask for it."""
    return survey_landing(list(paths), origin, unsettled)


def state_of(paths: list[Path]) -> State:
    """Path, and sizes and times as a text, of each file: whether anything moved."""
    files = sorted(file for path in paths if path.exists() for file in ([path] if path.is_file() else path.rglob("*")))
    return tuple((str(file), _size_and_times(file)) for file in files if file.is_file())


def _size_and_times(file: Path) -> str:
    """The time of change is in it too: a copy that keeps the older file's time and size is another file."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return "gone"
    return f"{status.st_size}:{status.st_ctime_ns}:{status.st_mtime_ns}"
