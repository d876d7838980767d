"""How far a long command is: any room tells, and the command shows what it hears.

On a terminal that is a bar with step, count and time left; elsewhere a line whenever ten seconds would have passed
without one, so that a log shows that the run is alive. Without anyone who listens, telling costs nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

# A second less than what is promised: the clock is looked at once a second.
LONGEST_SILENCE_SECONDS = 9.0


class Listener(Protocol):
    def step(self, name: str) -> None: ...

    def reached(self, done: int, of: int, what: str) -> None: ...

    def line(self, text: str) -> None: ...


_listeners: list[Listener] = []


def step(name: str) -> None:
    """A step begins; how much there is to do in it is told later, or never."""
    for one in _listeners:
        one.step(name)


def reached(done: int, of: int, what: str) -> None:
    """So many of so many (``what``: tables, councils) are done in this step."""
    for one in _listeners:
        one.reached(done, of, what)


@contextmanager
def heard_by(listener: Listener) -> Iterator[Listener]:
    _listeners.append(listener)
    try:
        yield listener
    finally:
        _listeners.remove(listener)


@dataclass
class Standing:
    """Where a command is now: the step, its place among ``steps``, what is done of it, and since when (monotonic)."""

    steps: Sequence[str] = ()
    step: str = ""
    done: int = 0
    of: int = 0
    what: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def place(self) -> str:
        return f"{self.steps.index(self.step) + 1}/{len(self.steps)} " if self.step in self.steps else ""

    def in_words(self, now: float) -> str:
        """marts: 120 of 205 tables, 45 s so far, about 32 s left"""
        so_far = now - self.began
        parts = [f"{self.done:,} of {self.of:,} {self.what}"] if self.of else []
        parts.append(f"{so_far:.0f} s so far")
        if 0 < self.done < self.of:
            parts.append(f"about {so_far / self.done * (self.of - self.done):.0f} s left")
        return f"{self.step or 'starting'}: {', '.join(parts)}"


class Lines:
    """Shows lines as they come, and how far the command is when none came for a while."""

    def __init__(self, write: Callable[[str], None], silence: float = LONGEST_SILENCE_SECONDS) -> None:
        self._write, self._silence = write, silence
        self._standing, self._last = Standing(), time.monotonic()
        self._ended, self._writing = threading.Event(), threading.Lock()

    def step(self, name: str) -> None:
        self._standing = Standing(step=name)

    def reached(self, done: int, of: int, what: str) -> None:
        if (of, what) != (self._standing.of, self._standing.what) and self._standing.of:
            self._standing = Standing(step=self._standing.step)  # Tests after tables: the time left is theirs alone.
        self._standing.done, self._standing.of, self._standing.what = done, of, what

    def line(self, text: str) -> None:
        with self._writing:
            self._last = time.monotonic()
            self._write(text)

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._silence / 2)):
            if (now := time.monotonic()) - self._last >= self._silence:
                self.line(self._standing.in_words(now))


class Bar:
    """One bar at the foot of the terminal, with lines above it."""

    def __init__(self, console: object, steps: Sequence[str]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._console, self._steps, self._standing = console, steps, Standing(steps)
        self.progress = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
                                 TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=console,
                                 transient=True)
        self._task = self.progress.add_task("starting", total=None, count="")

    def step(self, name: str) -> None:
        self._standing = Standing(self._steps, name)
        self.progress.reset(self._task, total=None, description=f"{self._standing.place}{name}", count="")

    def reached(self, done: int, of: int, what: str) -> None:
        if (of, what) != (self._standing.of, self._standing.what):
            self._standing.of, self._standing.what = of, what
            self.progress.reset(self._task, total=of)
        self.progress.update(self._task, completed=done, total=of, count=f"{done:,} of {of:,} {what}")

    def line(self, text: str) -> None:
        self._console.print(text)


@contextmanager
def shown(write: Callable[[str], None], is_terminal: bool, steps: Sequence[str] = ()) -> Iterator[Listener]:
    """Shows on standard error how far the command is until the block ends; ``write`` prints a line there."""
    if is_terminal:
        from rich.console import Console

        bar = Bar(Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True), steps)
        with bar.progress, heard_by(bar):
            yield bar
        return
    lines = Lines(write)
    with lines.watched(), heard_by(lines):
        yield lines
