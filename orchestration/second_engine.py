"""Builds the same dbt project on Spark from a home's raw rows: proof that the figures do not depend on one engine.

``python -m orchestration.second_engine HOME FOLDER`` copies what dbt reads out of the home's warehouse, starts a Spark
on this machine and builds every model in ``FOLDER/warehouse``. No gate runs and nothing is published here: gate A's
findings are copied as rows. ``cluster`` runs the whole way on a cluster, with what is here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import database, transform
from orchestration.faults import CarequartileError, RunStopped, UnusableInput
from orchestration.home import Home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


ON_THIS_MACHINE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def sources() -> list[tuple[str, str]]:
    """Schema and name of every table that dbt reads and does not build."""
    return sorted((node["schema"], node["name"]) for node in transform.manifest_dict()["sources"].values())


def seeds() -> list[tuple[str, str]]:
    """Schema and name of every table that dbt loads from the project's own files."""
    return sorted((node["schema"], node["name"]) for node in transform.manifest_dict()["nodes"].values()
                  if node["resource_type"] == "seed")


def copy_rows(home: Home, folder: Path, tables: list[tuple[str, str]]) -> dict[tuple[str, str], Path]:
    """Copies tables of the warehouse to Parquet; returns each file by schema and table."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # Private like the warehouse: raw rows may be about people.
    files = {(schema, table): folder / f"{schema}.{table}.parquet" for schema, table in tables}
    with database.connect(home.warehouse) as connection:
        for (schema, table), file in files.items():
            connection.table(f"{schema}.{table}").write_parquet(str(file), compression="zstd")
    return files


def start_spark(folder: Path, master: str = "local[*]", more: dict[str, str] | None = None, log: Path | None = None
                ) -> SparkSession:
    """A Spark session whose tables are under ``folder``, with ``more`` settings; what Spark says goes to ``log``, or to
    standard error. Which tables there are is known to the session alone.
    """
    require_java()
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.default": "parquet",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        # It plans: a run ends before Java's second compiler has saved there as much time as it takes.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }
    conf = SparkConf().setMaster(master).setAppName("carequartile").setAll((settings | (more or {})).items())
    with log.open("wb") if log else contextlib.nullcontext() as said:
        gateway = launch_gateway(conf, {"stdout": said, "stderr": said})
    context = SparkContext(conf=conf, gateway=gateway)
    if not log:
        context.setLogLevel("ERROR")
    spark = SparkSession(context)
    if not context.getConf().contains("spark.sql.shuffle.partitions"):
        # The default of 200 partitions would make 200 tasks of a few rows each.
        spark.conf.set("spark.sql.shuffle.partitions", max(4, 2 * context.defaultParallelism))
    return spark


def require_java() -> None:
    """Raises RunStopped where no Java is found; PySpark brings Spark, but not the Java that runs it."""
    at_home = Path(os.environ.get("JAVA_HOME") or "") / "bin" / "java"
    if not (at_home.is_file() or shutil.which("java")):
        raise RunStopped("Spark needs Java 17 and none was found. Next: install a Java runtime, or set JAVA_HOME.")


def load_rows(spark: SparkSession, files: dict[tuple[str, str], Path]) -> None:
    """Shows the copied rows to Spark as tables of the same schema and name."""
    for schema in {schema for schema, _ in files}:
        spark.sql(f"create database if not exists {schema}")
    for (schema, table), file in files.items():
        spark.sql(f"drop table if exists {schema}.{table}")
        spark.catalog.createTable(f"{schema}.{table}", path=str(file), source="parquet")


def build(home: Home, folder: Path) -> int:
    """Builds every seed and model on a Spark under ``folder`` and returns how many tables there are."""
    if not home.warehouse.is_file():
        raise UnusableInput(f"There is no warehouse in {home.folder.name}. Next: run carequartile refresh first.")
    folder = folder.absolute()
    files = copy_rows(home, folder / "rows", sources())
    spark = start_spark(folder, more=ON_THIS_MACHINE)
    try:
        load_rows(spark, files)
        # dbt's session method takes the session that is already there.
        return len(transform.build_on("spark", folder / "dbt"))
    finally:
        spark.stop()


def main(home: str, folder: str) -> int:
    started = time.perf_counter()
    try:
        tables = build(Home.resolve(Path(home)), Path(folder))
    except CarequartileError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"Spark: {tables} tables in {time.perf_counter() - started:.0f} s, under {Path(folder) / 'warehouse'}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m orchestration.second_engine HOME FOLDER")
    sys.exit(main(*sys.argv[1:]))
