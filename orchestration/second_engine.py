"""Builds the same dbt project on Spark from a home's raw rows: proof that the figures do not depend on one engine.

``python -m orchestration.second_engine HOME FOLDER`` copies what dbt reads out of the home's warehouse, starts a Spark
on this machine and builds every model in ``FOLDER/warehouse``. To use another
Spark, load the Parquet files of ``copy_rows`` into its databases ``raw`` and ``gate`` and run dbt with the target
``spark``. No gate runs and nothing is published here: gate A's findings are copied as rows.
"""

from __future__ import annotations

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


def copy_rows(home: Home, folder: Path) -> dict[tuple[str, str], Path]:
    """Copies every table that dbt reads as a source to Parquet; returns each file by schema and table."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # Private like the warehouse: raw rows may be about people.
    tables = sorted((node["schema"], node["name"]) for node in transform.manifest_dict()["sources"].values())
    files = {(schema, table): folder / f"{schema}.{table}.parquet" for schema, table in tables}
    with database.connect(home.warehouse) as connection:
        for (schema, table), file in files.items():
            connection.table(f"{schema}.{table}").write_parquet(str(file), compression="zstd")
    return files


def start_spark(folder: Path) -> SparkSession:
    """A Spark session on this machine only, with its metastore, tables and log under ``folder``."""
    require_java()
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        # The default of 200 partitions would make 200 tasks of a few rows each.
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'metastore'};create=true",
        # A build this short ends before Java's second compiler saves as much time as it takes.
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} -XX:TieredStopAtLevel=1",
    }
    builder = SparkSession.builder.master("local[*]").appName("carequartile").enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def require_java() -> None:
    """Raises RunStopped where no Java is found; PySpark brings Spark, but not the Java that runs it."""
    at_home = Path(os.environ.get("JAVA_HOME") or "") / "bin" / "java"
    if not (at_home.is_file() or shutil.which("java")):
        raise RunStopped("Spark needs Java 17 and none was found. Next: install a Java runtime, or set JAVA_HOME.")


def load_rows(spark: SparkSession, files: dict[tuple[str, str], Path]) -> None:
    """Stores the copied rows as tables of the same schema and name."""
    for schema, table in files:
        spark.sql(f"create database if not exists {schema}")
        spark.read.parquet(str(files[schema, table])).write.mode("overwrite").saveAsTable(f"{schema}.{table}")


def build(home: Home, folder: Path) -> int:
    """Builds every seed and model on a Spark under ``folder`` and returns how many tables there are."""
    if not home.warehouse.is_file():
        raise UnusableInput(f"There is no warehouse in {home.folder.name}. Next: run carequartile refresh first.")
    folder = folder.absolute()
    files = copy_rows(home, folder / "rows")
    spark = start_spark(folder)
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
