"""One refresh at a time in a home: who holds it, and the message to a second one."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from orchestration.faults import RunStopped
from orchestration.home import Home, private_files


@contextmanager
def hold(home: Home, wait_seconds: float = 0) -> Iterator[None]:
    """Holds the home for this process, which may enter it again.

    Raises RunStopped naming the holder where another process has it for longer than ``wait_seconds``.
    """
    try:
        _make_private(home)
        lock = FileLock(home.lock, mode=0o600, is_singleton=True)
        # `status` also holds a home for a moment, and that is not a refresh.
        lock.acquire(timeout=max(wait_seconds, 0.5))
    except Timeout as error:
        raise RunStopped(f"Another refresh holds {home.folder.name}{_recorded_holder(home)}. Next: wait for it to end; "
                         "the last release can be read meanwhile.") from error
    except OSError as error:
        raise RunStopped(f"The home {home.folder} cannot be written ({error.strerror}). Next: give this user write "
                         "permission, free some space, or name another --home.") from error
    try:
        with private_files():
            _record_holder(home)
            yield
    finally:
        lock.release()


def _make_private(home: Home) -> None:
    """Others may go through the home to what is published, and neither list it nor hold its lock, which would stop
    every refresh.
    """
    home.folder.mkdir(parents=True, exist_ok=True)
    for path, kept in ((home.folder, 0o7711), (home.lock, 0o600)):
        if path.exists() and path.stat().st_uid == os.getuid():
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & ~kept:
                path.chmod(mode & kept)


def holder(home: Home) -> str | None:
    """Who holds the home now (" (process 12, since ...)"), or None where no one does. Nothing is made or changed."""
    if not home.lock.is_file():
        return None
    try:
        lock = FileLock(home.lock, is_singleton=False)
        with lock.acquire(timeout=0):
            return None
    except Timeout:
        return _recorded_holder(home)
    except OSError:
        return None  # Only the home's owner may write to it: another user cannot find out.


def _record_holder(home: Home) -> None:
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    (home.folder / "refresh.holder").write_text(json.dumps({"pid": os.getpid(), "since": now}), encoding="utf-8")


def _recorded_holder(home: Home) -> str:
    try:
        holder = json.loads((home.folder / "refresh.holder").read_text(encoding="utf-8"))
        return f" (process {holder['pid']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        return ""
