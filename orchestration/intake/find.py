"""Finds the readable files under the landing paths. Of an archive the list of its members is read, and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.faults import UnusableInput
from orchestration.identifiers import masked_name
from orchestration.intake import archives
from orchestration.intake.open import READABLE, why

# The mapping of a placement snapshot is landed together with its data (see ``placements.mapping``).
MAPPING_SUFFIXES = {".yml", ".yaml"}

@dataclass(frozen=True)
class FoundFile:
    """A file under a landing path: ``name`` is its path under the landing folder, printable.

    For a file inside an archive ``path`` is the archive, ``member`` the file's name there and ``unpacked`` its size.
    """

    path: Path
    name: str
    is_named_by_user: bool = False
    member: str = ""
    unpacked: int | None = None

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size if self.unpacked is None else self.unpacked


def find_files(paths: list[Path]) -> tuple[list[FoundFile], list[str]]:
    """The readable files under ``paths``, in the order of their names, and the names of the files that were skipped.

    Raises UnusableInput where a path does not exist or may not be read.
    """
    found: list[FoundFile] = []
    skipped: list[str] = []
    for path in paths:
        if not _is_folder(path):
            if path.suffix.lower() not in MAPPING_SUFFIXES:
                _take(FoundFile(path, shown_name(path.name), is_named_by_user=True), found, skipped)
            continue
        for member in sorted(_walk(path)):
            name = shown_name(member.relative_to(path).as_posix())
            # A pipe or a folder behind a link may end in .csv too; reading a pipe would never end.
            is_something_else = member.exists() and not member.is_file()
            if member.suffix.lower() in READABLE and not is_something_else:
                _take(FoundFile(member, name), found, skipped)
            else:
                skipped.append(name)
    return sorted(found, key=lambda file: (file.name, str(file.path))), skipped


def _take(file: FoundFile, found: list[FoundFile], skipped: list[str]) -> None:
    """Adds a file, or the files of an archive. An archive that cannot be listed is opened later, and refused there."""
    try:
        members = archives.list_members(file.path) if file.path.suffix.lower() == archives.ARCHIVE_SUFFIX else None
    except (archives.UnusableArchive, OSError):
        members = None
    if members is None:
        found.append(file)
        return
    for member in members:
        name = f"{file.name}/{shown_name(member.name)}"
        if member.suffix in READABLE:
            found.append(FoundFile(file.path, name, member=member.name, unpacked=member.size))
        else:
            skipped.append(name)


def _is_folder(path: Path) -> bool:
    try:
        path.stat()
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{printable(str(path))} does not exist or may not be read ({why(error)}). "
                            "Next: give a file or a folder that this user may read.") from error
    if not path.is_dir() and not path.is_file():
        raise UnusableInput(f"{printable(str(path))} is neither a file nor a folder. Next: name one of these.")
    return path.is_dir()


def shown_name(name: str) -> str:
    """The name of a landed file as messages and tables have it: printable, and without what identifies a person."""
    return printable(masked_name(name))


def printable(name: str) -> str:
    """A name in which line breaks, terminal codes and bytes that are not text are shown as escapes, for messages."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in name)


def _walk(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise UnusableInput(
            f"{printable(str(error.filename))} may not be read ({why(error)}). Next: give this user read permission "
            "on the folder, or name another one."
        )

    members: list[Path] = []
    for directory, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(directory, name).is_symlink()]
        members += [Path(directory, name) for name in [*files, *links] if not name.startswith((".", "~$"))]
    return members


