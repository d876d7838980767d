"""Proves that the project on Spark gives the same tables as on DuckDB, value for value: ``make test-spark``."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from engines import differences, require_spark

from orchestration import database, publish
from orchestration.home import Home, project_folder
from orchestration.refresh import refresh

pytestmark = pytest.mark.spark

# Six of Stockton's neighbours: enough for a statistic, and an even number. Hartlepool's three give none.
PEER_SET = """\
peer_set,version,council_code,peer_code,peer_rank
tees,2008,114,214,1
tees,2009,114,111,1
tees,2009,114,112,2
tees,2009,114,113,3
tees,2009,114,117,4
tees,2009,114,214,5
tees,2009,114,215,6
tees,2009,111,112,1
tees,2009,111,113,2
tees,2009,111,114,3
"""
# Every kind of ruling, and reasons with what a literal must escape.
RULINGS = """\
measure_id,council_code,financial_year,ruling,corrected_value,by,on,reason
learning_disability_day_care_others_unit_cost,114,2008-09,exclude,,A. Analyst,2026-11-24,21 people \\ £588
learning_disability_day_care_own_unit_cost,111,2008-09,correct,"1,234.5",A. Analyst,2026-11-24,"He said ""no"", twice"
learning_disability_nursing_unit_cost,*,2009-10,accept,,B. Analyst,2026-11-20,Reviewed for all
learning_disability_nursing_unit_cost,114,2009-10,exclude,,B. Analyst,2026-11-19,The council's own takes precedence
"""
# Corrections that put a mean, and a median, of the six within a double's last bit of half a millionth of a pound:
# the engines alone would round them in different directions.
NEAR_HALVES = {
    "home_care_31_march": {"111": "666.006717"},
    "direct_payments_31_march": {"112": "10", "215": "20", "113": "25.063495", "214": "182.986214"},
}
RULINGS += "".join(
    f"learning_disability_{name}_unit_cost,{council},2008-09,correct,{value},C. Analyst,2026-11-24,Near a half\n"
    for name, values in NEAR_HALVES.items() for council, value in values.items())


@dataclass
class Engines:
    """The same rows built twice: in a home's warehouse, and in a folder of Spark's."""

    home: Home
    folder: Path
    derived: list[tuple[str, str]]

    def spark_rows(self, schema: str, table: str) -> str:
        return f"read_parquet('{self.folder}/warehouse/{schema}.db/{table}/*.parquet')"


@pytest.fixture(scope="module")
def engines(tmp_path_factory) -> Engines:
    require_spark()
    place = tmp_path_factory.mktemp("engines")
    landing = place / "landing"
    shutil.copytree(project_folder() / "seeds" / "returns", landing)
    (landing / "peers.csv").write_text(PEER_SET, encoding="utf-8")
    (landing / "rulings.csv").write_text(RULINGS, encoding="utf-8")
    home, folder = Home(place / "home"), place / "spark"
    refresh([landing], home)
    run = subprocess.run([sys.executable, "-m", "orchestration.second_engine", str(home.folder), str(folder)],
                         cwd=place, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert {path.name for path in place.iterdir()} == {"landing", "home", "spark"}, "something was written elsewhere"
    derived = [key for key in publish.published_tables() if key not in publish.GATE_TABLES]
    return Engines(home, folder, derived)


def test_every_derived_table_is_equal(engines):
    assert len(engines.derived) >= 11
    with database.connect(engines.home.warehouse) as connection:
        found = [text for schema, table in engines.derived
                 for text in differences(connection, f"{schema}.{table}", engines.spark_rows(schema, table))]
    assert not found, "\n".join(found)


def test_spark_saw_peers_of_the_users_own_and_rulings(engines):
    variances, rulings = (engines.spark_rows(*key) for key in (
        ("marts", "mart_unit_cost_variance"), ("quality", "ruling")))
    with database.connect(engines.home.warehouse) as connection:
        peers = connection.execute(
            f"select council_code, peer_set_version, count(comparator_median) > 0 from {variances} "
            "where peer_set = 'tees' group by all order by all").fetchall()
        ruled = set(connection.execute(f"select ruling, reason from {rulings} where \"by\" not like 'Carequartile%'"
                                       ).fetchall())
        near_halves = connection.execute(
            f"select comparator_mean_excluding_flagged, comparator_median_excluding_flagged from {variances} where "
            "peer_set = 'tees' and council_code = '114' and financial_year = '2008-09' and measure_id in "
            "('learning_disability_direct_payments_31_march_unit_cost', "
            "'learning_disability_home_care_31_march_unit_cost') order by measure_id").fetchall()
    assert peers == [("111", "2009", False), ("114", "2009", True)]
    assert ruled == {("exclude", "21 people \\ £588"), ("correct", 'He said "no", twice'), ("correct", "Near a half"),
                     ("accept", "Reviewed for all"), ("exclude", "The council's own takes precedence")}
    assert (near_halves[0][1], near_halves[1][0]) == (Decimal("104.024855"), Decimal("487.551120"))


def test_refresh_leaves_spark_alone(tmp_path):
    require_spark()
    # With -c, PySpark mistakes the process for one of its tests and ends it, if anything imports Spark Connect.
    code = (f"import sys; from pathlib import Path; from orchestration.home import Home; from orchestration.refresh "
            f"import refresh; refresh([], Home(Path({str(tmp_path)!r}))); print('pyspark' in sys.modules)")
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["False"], run.stderr[-3000:]


@pytest.mark.parametrize("change", [
    "* replace (value + 0.000001 as value)", "* replace (nullif(figure_id, '') || ' ' as figure_id)",
    "* replace (cast(value as double) as value)", "* exclude (ruling)", "* from fct_figure union all select *"])
def test_comparison_sees_the_smallest_difference(engines, change):
    table = engines.spark_rows("marts", "fct_figure")
    with database.connect(engines.home.warehouse) as connection:
        connection.execute(f"create temp view fct_figure as select * from {table}")
        connection.execute(f"create temp view changed as select {change} from fct_figure")
        assert differences(connection, "marts.fct_figure", "changed")
