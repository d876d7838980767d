"""Builds the tables of a run on a standalone Spark cluster: ``carequartile refresh --engine spark --master URL``.

What dbt reads is copied as Parquet to a folder that every machine of the cluster sees; dbt builds the same project
there; each table it has built is then collected into the home's warehouse, in the types it has on DuckDB. All else is
as without a cluster: dbt's data tests, prices of like need, both gates and publication read the warehouse.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import logging
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import second_engine, transform
from orchestration.faults import RunStopped, UnusableInput, counted
from orchestration.home import Home, private_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("carequartile")
# With no worker left, Spark waits for one for ever. A worker that is started again within this time is used.
LONGEST_WITHOUT_WORKERS_SECONDS = 60.0
_LONGEST_CONNECT_SECONDS = 5.0
# Most models are small: one alone would leave a cluster idle while Spark plans it.
_MODELS_AT_ONCE = 4
_MASTER = re.compile(r"spark://[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*")
_STAYS_UP = "Nothing was published; the last release stays up."
_WITHOUT = "leave out --engine spark: this machine then builds the tables alone, without a cluster"


class Cluster:
    """A cluster for one run. It is connected to when the first table is built, and left when the block ends."""

    def __init__(self, master: str, home: Home, shared: Path | None = None) -> None:
        """``shared`` is a folder that every machine sees under the same path; by default ``spark`` in the home.

        Raises UnusableInput for an address that is none.
        """
        if not _MASTER.fullmatch(master):
            raise UnusableInput(f"--master {master[:80]!r} is no address of a standalone Spark master: expected "
                                "spark://HOST:PORT, as its log and its page show it (the port is usually 7077).")
        self.master = master
        # Several homes may share one folder.
        name = f"carequartile-{hashlib.sha256(str(home.folder).encode()).hexdigest()[:12]}"
        self.folder = (shared.absolute() if shared else home.folder / "spark") / name
        self._home, self._shared = home, shared
        self._spark: SparkSession | None = None
        self._watch: _Watch | None = None

    def require(self) -> None:
        """Raises RunStopped or UnusableInput for what can be known before the work: no extra, no Java, no folder, no
        master.
        """
        if not all(map(importlib.util.find_spec, ("pyspark", "dbt.adapters.spark"))):
            raise RunStopped("--engine spark needs the extra `spark`, which is not installed. Next: pip install "
                             "'carequartile[spark]' (in a checkout: make .venv/.ready-spark).")
        second_engine.require_java()
        if self._shared and not (self._shared.is_dir() and os.access(self._shared, os.W_OK)):
            raise UnusableInput(f"--shared {self._shared} is no folder that this user may write to. Next: give one "
                                "that every machine of the cluster sees under the same path.")
        self._own_address()

    def _own_address(self) -> str:
        """This machine's address as the master sees it, by which the workers reach this process."""
        reasons = []
        for place in self.master.removeprefix("spark://").split(","):
            host, port = place.rsplit(":", 1)
            try:
                with socket.create_connection((host, int(port)), _LONGEST_CONNECT_SECONDS) as connection:
                    return connection.getsockname()[0]
            except (OSError, OverflowError) as error:
                reasons.append(f"{place}: {getattr(error, 'strerror', None) or error}")
        raise RunStopped(f"The Spark master does not answer ({'; '.join(reasons)}). {_STAYS_UP} Next: start the "
                         f"master, or correct --master; or {_WITHOUT}.")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        if self._watch:
            self._watch.end()
        if self._spark:
            with contextlib.suppress(Exception):  # Of a cluster that is gone it has nothing left to stop.
                self._spark.stop()
        # Rows about people are among them.
        shutil.rmtree(self.folder, ignore_errors=True)

    def conform(self, home: Home, as_known_on: str, told: transform.Told) -> list[transform.NodeResult]:
        """Builds on the cluster what ``transform.conform`` builds, and collects it."""
        transform.load_seeds(home)
        if not self._spark:  # Where gate A has stopped a file, all is built once more without it.
            self._connect()
        self._build([*second_engine.sources(), *second_engine.seeds()], transform.CONFORM_WITHOUT_SEEDS, as_known_on,
                    told)
        return transform.conform(home, as_known_on, told, self._tables)

    def marts(self, home: Home, as_known_on: str, told: transform.Told) -> list[transform.NodeResult]:
        """Builds on the cluster what ``transform.marts`` builds, and collects it."""
        # Of what dbt reads, that alone has changed since the tables before the gate: its verdicts, and prices.
        changed = [table for table in second_engine.sources() if table[0] in ("gate", "estimate")]
        self._build(changed, transform.MARTS, as_known_on, told)
        return transform.marts(home, as_known_on, told, self._tables)

    @property
    def _tables(self) -> Path:
        return self.folder / "warehouse"

    def _connect(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        with private_files():
            self.folder.mkdir(parents=True)
            self._home.logs.mkdir(parents=True, exist_ok=True)
        settings = {"spark.driver.host": self._own_address()}
        with self._in_words("could not be connected to"):
            self._spark = second_engine.start_spark(self.folder, self.master, settings, self._home.logs / "spark.log")
            self._watch = _Watch(self._spark)
            self._watch.start()
            log.info("cluster: %s of %s", counted(self._watch.wait_for_a_worker(), "worker"), self.master)

    def _build(self, tables: list[tuple[str, str]], select: str, as_known_on: str, told: transform.Told) -> None:
        files = second_engine.copy_rows(self._home, self.folder / "rows", tables)
        with self._in_words("could not build the tables"):
            second_engine.load_rows(self._spark, files)
            transform.build_on("spark", self._home.dbt_target / "spark", select.split(), as_known_on,
                               lambda name, done, of, _: told(name, done, of, "tables on the cluster"), _MODELS_AT_ONCE)

    @contextlib.contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        """Whatever Spark says, the user reads what happened and what to do; Spark's own words are in its log."""
        try:
            yield
        except Exception as error:
            raise RunStopped(f"{self._why(error, what)} Spark's log is {self._home.logs / 'spark.log'}.") from error

    def _why(self, error: Exception, what: str) -> str:
        if self._watch and self._watch.is_lost:
            return (f"The Spark cluster was lost: for {LONGEST_WITHOUT_WORKERS_SECONDS:.0f} s, no worker of "
                    f"{self.master} has worked for this run. {_STAYS_UP} Next: see on the master's page that workers "
                    "are registered and have cores and memory free, start what is missing and refresh again; or "
                    f"{_WITHOUT}.")
        if "FILE_NOT_EXIST" in str(error) or "FileNotFoundException" in str(error):
            return (f"A worker of {self.master} does not see a file that this machine has written to {self.folder}. "
                    f"{_STAYS_UP} Next: give with --shared a folder that every machine of the cluster sees under the "
                    "same path and that the workers' user may read and write.")
        return (f"The Spark cluster {self.master} {what}: {_without_trace(error)}\n{_STAYS_UP} Next: see that its "
                f"machines run Spark {_version()}, as this machine does, and can reach it; or {_WITHOUT}.")


class _Watch(threading.Thread):
    """Counts the workers of a run, and cancels what runs when there has been none for too long."""

    def __init__(self, spark: SparkSession) -> None:
        super().__init__(daemon=True)
        self._context = spark.sparkContext
        self._ended, self._has_worker = threading.Event(), threading.Event()
        self.is_lost = False

    def run(self) -> None:
        seen = time.monotonic()
        while not self._ended.wait(1.0):
            if self._workers():
                seen = time.monotonic()
                self._has_worker.set()
            elif time.monotonic() - seen > LONGEST_WITHOUT_WORKERS_SECONDS:
                self.is_lost = True
                self._has_worker.set()
                with contextlib.suppress(Exception):  # Again and again: the next job may have begun in between.
                    self._context.cancelAllJobs()

    def _workers(self) -> int:
        try:
            return self._context._jsc.sc().getExecutorIds().size()
        except Exception:  # noqa: BLE001 - a Spark that has ended has no worker
            return 0

    def wait_for_a_worker(self) -> int:
        """How many there are once there is one. Raises TimeoutError where none comes."""
        self._has_worker.wait()
        if self.is_lost:
            raise TimeoutError
        return self._workers()

    def end(self) -> None:
        self._ended.set()
        self.join()


_TRACE = re.compile(r"\n\s*(at [\w.$/]+\(|JVM stacktrace|Driver stacktrace|Caused by:|Traceback|Next: )")


def _without_trace(error: Exception) -> str:
    """What an error says, without the lines of code it went through and without another engine's next step."""
    return (_TRACE.split(str(error))[0] or type(error).__name__)[:1000]


def _version() -> str:
    from importlib.metadata import version

    return version("pyspark")
