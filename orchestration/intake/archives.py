"""The members of a ZIP archive: each is a separate file. They are read in memory and nothing is unpacked to disk.

A member's name is never used as a path: it is looked up in the archive's own list and shown in messages.
"""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

# A publication has some tens of files; what is far larger is not one, or is made to fill the memory.
MOST_MEMBERS = 1_000
LARGEST_UNPACKED_BYTES = 1024 ** 3
ARCHIVE_SUFFIX = ".zip"


class UnusableArchive(Exception):
    """The archive, or a member of it, cannot be read; the message says why, in words for a fault's ``found``."""


@dataclass(frozen=True)
class Member:
    """A file of an archive: ``name`` as the archive has it, and its size once unpacked."""

    name: str
    size: int

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()


def list_members(path: Path) -> list[Member]:
    """The files of an archive, hidden ones left out. Raises UnusableArchive, or OSError where it may not be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [Member(info.filename, info.file_size) for info in archive.infolist()
                       if not info.is_dir() and not _is_hidden(info.filename)]
    except _ERRORS as error:
        raise UnusableArchive(f"it cannot be opened as a ZIP archive ({_first_line(error)})") from error
    if len(members) > MOST_MEMBERS:
        raise UnusableArchive(f"an archive of {len(members):,} files")
    if (unpacked := sum(member.size for member in members)) > LARGEST_UNPACKED_BYTES:
        raise UnusableArchive(f"{unpacked:,} bytes once unpacked")
    twice = {member.name for member in members if sum(member.name == other.name for other in members) > 1}
    if twice:
        raise UnusableArchive(f"two files with the name {sorted(twice)[0]!r}")
    return members


@contextmanager
def open_member(path: Path, name: str) -> Iterator[tuple[BinaryIO, int]]:
    """The content of one file of an archive, and its size. Raises UnusableArchive; also while it is being read."""
    if leads_outside(name):
        raise UnusableArchive("a name that leads out of the archive")
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(name)
            if info.flag_bits & 1:
                raise UnusableArchive("it is protected by a password")
            with archive.open(info) as file:
                yield file, info.file_size
    except KeyError as error:
        raise UnusableArchive("the archive no longer has it") from error
    except _ERRORS as error:
        raise UnusableArchive(f"it cannot be unpacked ({_first_line(error)})") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # A damaged directory that points before the beginning of the archive.
            raise
        raise UnusableArchive("it cannot be unpacked (it is not where the archive says)") from error


def leads_outside(name: str) -> bool:
    """Whether a name is no place inside the archive: it begins at the root, at a drive, or climbs."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "" or ":" in parts[0] or ".." in parts


def _is_hidden(name: str) -> bool:
    """Files that an operating system or a spreadsheet left there."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "__MACOSX" in parts or (parts or ("",))[-1].startswith("~$") or any(
        part.startswith(".") and part != ".." for part in parts)


_ERRORS = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError,
           ValueError, UnicodeDecodeError)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
