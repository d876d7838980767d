"""A standalone Spark cluster on loopback, of the processes that a real one has: a master and its workers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

SPARK = Path(pyspark.__file__).parent


@dataclass
class SparkCluster:
    """``url`` is the master's; each process has a log under ``folder``, and a worker its applications' folders."""

    url: str
    folder: Path
    master: subprocess.Popen
    workers: list[subprocess.Popen]

    def add_worker(self, memory: str = "1g") -> None:
        name = f"worker{len(self.workers)}"
        worker = start(self.folder, name, "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", memory,
                       "--webui-port", "0", "--work-dir", str(self.folder / name), self.url)
        self.workers.append(worker)
        wait_for(self.folder / f"{name}.log", "Successfully registered with master", worker)

    def end(self) -> None:
        """Ends every process at once, as a cut of the power does."""
        for process in [*self.workers, self.master]:
            kill(process)


def kill(process: subprocess.Popen) -> None:
    """SIGKILL to a process alone: what a worker has started for a run then ends by itself."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[SparkCluster]:
    folder.mkdir(parents=True)
    master = start(folder, "master", "master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    cluster = None
    try:
        found = wait_for(folder / "master.log", r"Starting Spark master at (spark://\S+)", master)
        cluster = SparkCluster(found[1], folder, master, [])
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        if cluster:
            cluster.end()
        kill(master)


def start(folder: Path, name: str, main: str, *arguments: str) -> subprocess.Popen:
    environment = {**os.environ, "SPARK_HOME": str(SPARK), "SPARK_LOCAL_IP": "127.0.0.1",
                   "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false"}
    with (folder / f"{name}.log").open("wb") as log:
        # The script gives its place to Java, so that the process is the master, or the worker, itself.
        return subprocess.Popen([SPARK / "bin" / "spark-class", f"org.apache.spark.deploy.{main}", *arguments],
                                cwd=folder, env=environment, stdout=log, stderr=log)


def wait_for(log: Path, pattern: str, process: subprocess.Popen, seconds: float = 60) -> re.Match[str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, log.read_text(encoding="utf-8", errors="replace")):
            return found
        time.sleep(0.2)
    raise AssertionError(f"{log.name} never said {pattern!r}:\n{log.read_text(encoding='utf-8', errors='replace')}")
