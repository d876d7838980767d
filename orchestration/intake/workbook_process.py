"""Reads workbooks in a separate process, with limits on time and memory.

A crafted file can make the workbook reader ask for more memory than there is, end its process or never come back. That
must be a message about the file: neither the command nor the rest of the landing may end with it. One process reads all
workbooks of a landing, since each takes a tenth of a second to start; after a failure the next workbook gets a new one.

What goes to the process is the file's bytes; what comes back is marshalled text, so that nothing in an answer is ever
run.
"""

from __future__ import annotations

import atexit
import marshal
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from orchestration.intake.grids import Grid

# A published workbook of half a million cells takes a second and 300 MB; a sheet of 20 million cells takes all of this.
# A small file may have less, so that a crafted one is given up before it has filled the machine.
MOST_SECONDS = 20.0
MOST_SECONDS_PER_MB = 0.5
MOST_MEMORY_BYTES = 3 * 1024 ** 3
LEAST_MEMORY_BYTES = 1024 ** 3
MEMORY_PER_BYTE = 100
_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 20


class UnreadableWorkbook(Exception):
    """The workbook cannot be read; the message says why, in words for a fault's ``found``."""


class WorkbookTooLarge(UnreadableWorkbook):
    """The workbook is larger than any return."""


def read_workbook(content: bytes, most_bytes: int, most_cells: int) -> dict[str, Grid]:
    """Every sheet of a workbook by its name, read in the other process.

    ``most_bytes`` is the largest unpacked size, ``most_cells`` the largest sheet. Raises UnreadableWorkbook.
    """
    with _lock:
        kind, answer = _reader().ask(content, most_bytes, most_cells)
    if kind == "sheets":
        return answer
    raise {"too_large": WorkbookTooLarge}.get(kind, UnreadableWorkbook)(answer)


# --- this side --------------------------------------------------------------------------------------------------------


class _Reader:
    """The other process, and the questions to it."""

    def __init__(self) -> None:
        # -P: no module is taken from the folder in which the command is run.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": os.pathsep.join(
                part or str(Path.cwd()) for part in sys.path)}, start_new_session=True)
        self.owner = os.getpid()

    @property
    def is_usable(self) -> bool:
        # A forked process has a copy of this object, but the answers go to the process that started the reader.
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(self, content: bytes, most_bytes: int, most_cells: int) -> tuple[str, dict[str, Grid] | str]:
        seconds = MOST_SECONDS + MOST_SECONDS_PER_MB * len(content) / 1e6
        memory = min(MOST_MEMORY_BYTES, LEAST_MEMORY_BYTES + MEMORY_PER_BYTE * len(content))
        question = marshal.dumps((content, most_bytes, most_cells, memory, int(seconds) + 5))
        deadline = time.monotonic() + seconds
        try:
            _send(self.process.stdin, question)
            answer = _receive_until(self.process.stdout, deadline)
        except (OSError, EOFError):
            return "failed", self._why_it_ended(memory)
        if answer is None:
            self.stop()
            return "failed", f"reading it takes more than {seconds:.0f} s"
        return marshal.loads(answer)

    def _why_it_ended(self, memory: int) -> str:
        self.process.wait()
        if self.process.returncode == -signal.SIGALRM:
            return "reading it takes too long"
        if self.process.returncode == -signal.SIGABRT:
            return f"reading it takes more than {memory / 1024 ** 3:.1f} GB of memory"
        return "the workbook reader ended over it"

    def stop(self) -> None:
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                with suppress(OSError):  # What was still to be sent is lost with the process.
                    pipe.close()


_lock = threading.Lock()
_current: list[_Reader] = []


def _reader() -> _Reader:
    if _current and not _current[0].is_usable:
        _current.pop().stop()
    if not _current:
        _current.append(_Reader())
    return _current[0]


@atexit.register
def stop() -> None:
    """Ends the other process, if there is one."""
    while _current:
        _current.pop().stop()


def _send(pipe: BinaryIO, content: bytes) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _receive_until(pipe: BinaryIO, deadline: float) -> bytes | None:
    """One answer, or None where it is not there in time. Raises EOFError where the other side ended."""
    found = bytearray()
    wanted = _LENGTH.size
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(found) < wanted:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            # Not pipe.read: a buffer would hold bytes that the selector does not see.
            chunk = os.read(pipe.fileno(), _CHUNK)
            if not chunk:
                raise EOFError
            found += chunk
            if wanted == _LENGTH.size and len(found) >= _LENGTH.size:
                wanted += _LENGTH.unpack_from(found)[0]
    return bytes(memoryview(found)[_LENGTH.size:])


# --- the other side ---------------------------------------------------------------------------------------------------


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answers one question after another until there are no more."""
    from orchestration.intake import workbooks  # noqa: F401 - before memory is limited

    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        content, most_bytes, most_cells, memory, seconds = marshal.loads(source.read(_LENGTH.unpack(head)[0]))
        _limit(memory, seconds)
        answer = marshal.dumps(_answer(content, most_bytes, most_cells))
        _limit(memory, 0)
        _send(target, answer)


def _limit(memory: int, seconds: int) -> None:
    """Limits this process. The alarm (none for 0 s) ends it even inside the reader, also where no one waits for it."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
        signal.alarm(seconds)
    except (ImportError, AttributeError, ValueError, OSError):
        pass  # This system has no such limit; the other side still waits no longer than it may.


def _answer(content: bytes, most_bytes: int, most_cells: int) -> tuple[str, dict[str, Grid] | str]:
    from orchestration.intake import workbooks

    try:
        if found := workbooks.why_too_large(content, most_bytes, most_cells):
            return "too_large", found
        return "sheets", workbooks.read_sheets(content, most_cells)
    except workbooks.SheetTooLarge as error:
        return "too_large", str(error)
    except workbooks.errors() as error:
        return "failed", f"it cannot be opened as a workbook ({_first_line(error)})"
    except MemoryError:
        return "failed", "reading it takes more memory than a workbook may"
    except BaseException:  # noqa: BLE001 - a panic of the reader is no Exception
        return "failed", "the workbook reader failed on it"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
