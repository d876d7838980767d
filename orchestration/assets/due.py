"""Which landed files are due: what a landing folder holds that this home has not loaded, refused or tried yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.store.files import STORED
from orchestration.survey import Survey, SurveyedFile

# A file whose run failed without a word about it (a full disk) is tried once more, by itself.
MOST_TRIES = 2


@dataclass
class Due:
    """The files of a landing that a run is to be started for, by what is to be done with them.

    ``waiting`` says, file by file, why nothing is started. ``stored`` are the source ids that a run has stored and not
    published: a gate stopped another file of it, say.
    """

    loadable: list[SurveyedFile] = field(default_factory=list)
    refused: list[SurveyedFile] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)

    @property
    def years(self) -> list[str]:
        """The financial years of the returns that are due."""
        return sorted({year for file in self.loadable for year in file.years})

    @property
    def has_snapshots(self) -> bool:
        return any(file.placement for file in self.loadable)

    @property
    def has_returns(self) -> bool:
        return bool(self.years)


def due(survey: Survey, stored: Mapping[str, str], tried: Mapping[str, int], has_failed: bool,
        has_releases: bool) -> Due:
    """What is due of a landing.

    ``stored`` is what the warehouse says of each source id: a status, or STORED where it is loaded and has not passed
    both gates. ``tried`` is how many runs were started for each source id, and ``has_failed`` whether the last one
    failed. ``has_releases``: whether a register has anything to act on.
    """
    found = Due()
    for file in survey.files:
        state, tries = stored.get(file.source_id), tried.get(file.source_id, 0)
        if file.duplicate_of:
            found.waiting.append(f"{file.file.name}: {file.reason}")
        elif file.faults:
            if state != "refused" and not tries:
                found.refused.append(file)
            else:
                found.waiting.append(f"{file.file.name}: refused: {file.reason}")
        elif not file.is_recognised or file.why_not_loaded:
            found.waiting.append(f"{file.file.name}: {file.reason}")
        elif why := _why_not(file, state, tries, has_failed):
            found.waiting.append(f"{file.file.name}: {why}")
        else:
            found.loadable.append(file)
            found.stored |= {file.source_id} if state == STORED else set()
    if found.loadable and not found.has_returns and not found.has_snapshots and not has_releases:
        found.waiting += [f"{file.file.name}: waits for the first return or snapshot of this home"
                          for file in found.loadable]
        found.loadable.clear()
    return found


def _why_not(file: SurveyedFile, state: str | None, tries: int, has_failed: bool) -> str:
    """Why no run is started for a file that could be loaded; empty where one is."""
    if state == STORED:
        is_due = not tries or (has_failed and tries < MOST_TRIES)
        return "" if is_due else "stored, and not published: the run that stored it says why"
    if state:
        return f"already {state.replace('_', ' ')}"
    if tries and not has_failed:
        return "already loaded, and since replaced by another of its kind"
    return "a run for it failed twice: launch it here once the reason is gone" if tries >= MOST_TRIES else ""


def key_of(files: list[SurveyedFile], tried: Mapping[str, int]) -> str:
    """The key of a run for these files: the same for the same contents at the same try."""
    text = "\n".join(sorted(f"{file.source_id}:{tried.get(file.source_id, 0)}" for file in files))
    return hashlib.sha256(text.encode()).hexdigest()
