"""Proves `carequartile peers`: the nearest councils against scipy, the register it writes, and what it refuses."""

import csv
import random

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from typer.testing import CliRunner

from orchestration import cli, database, peers
from orchestration.faults import UnusableInput
from orchestration.home import Home, project_folder
from orchestration.survey import survey_landing

with (project_folder() / "seeds" / "reference" / "council.csv").open(encoding="utf-8", newline="") as councils:
    TODAY = {row["council_code"] for row in csv.DictReader(councils) if not row["valid_to"]}
CODES = sorted(TODAY - {"906", "304"})[:30]
HERE = "111"
WEIGHTS = {"older_share": 1.0, "oldest_share": 1.0, "deprivation": 1.0, "size": 1.0, "class": 1.0}


@pytest.fixture(scope="module")
def numbers():
    """Invented councils: adults, of them older, of these oldest, deprivation, class."""
    chance = random.Random(7)
    found = {}
    for code in CODES:
        adults = chance.randrange(60_000, 900_000)
        older = int(adults * chance.uniform(0.12, 0.3))
        found[code] = (adults, older, int(older * chance.uniform(0.1, 0.18)), round(chance.uniform(8, 45), 3),
                       chance.choice(["Unitary", "County"]))
    return found


@pytest.fixture(scope="module")
def home(numbers, tmp_path_factory):
    """A published copy with these councils, a tiny one, one without deprivation, and what must not be read."""
    home = Home(tmp_path_factory.mktemp("peers"))
    home.published.parent.mkdir(parents=True)
    with database.connect(home.published) as connection:
        connection.execute("""
            create schema marts;
            create table marts.dim_council (
                council_code varchar, council varchar, class varchar, region varchar, valid_from date, valid_to date);
            create table marts.dim_population (
                council_code varchar, financial_year varchar, age_band varchar, people bigint, is_current boolean,
                is_area_of_year boolean);
            create table marts.dim_deprivation (
                council_code varchar, index_year integer, domain varchar, statistic varchar, area_kind varchar,
                value decimal(28, 6));
            create table marts.dim_peer_set (
                peer_set varchar, council_code varchar, peer_code varchar, counts_from varchar, counts_to varchar)""")
        for code, (adults, older, oldest, score, council_class) in (
            numbers | {"906": (2_000, 500, 50, 20, "Isles"), "304": (200_000, 40_000, 5_000, None, "Unitary")}
        ).items():
            connection.execute("insert into marts.dim_council values (?, ?, 'Older', 'R', '1974-04-01', '2009-03-31')",
                               [code, f"Council {code}"])
            connection.execute("insert into marts.dim_council values (?, ?, ?, 'R', '2009-04-01', null)",
                               [code, f"Council {code}", council_class])
            for band, people in (("18 and over", adults), ("65 and over", older), ("85 and over", oldest)):
                for year, is_current, of_year, shown in (
                    ("2020-21", True, True, people), ("2020-21", False, True, 9 * people),
                    ("2020-21", True, False, 8 * people), ("2006-07", True, True, people)):
                    if band != "85 and over" or year == "2020-21":
                        connection.execute("insert into marts.dim_population values (?, ?, ?, ?, ?, ?)",
                                           [code, year, band, shown, is_current, of_year])
            if score is not None:
                for index_year, kind, value in ((2019, "council", score), (2015, "council", 99), (2025, "council", 1),
                                                (2020, "district", 77)):
                    connection.execute("insert into marts.dim_deprivation values (?, ?, 'IMD', 'Average score', ?, ?)",
                                       [code, index_year, kind, value])
        connection.execute("insert into marts.dim_peer_set select 'ons_neighbours', '111', unnest(['112', '999']), "
                           "'2000-01', '2099-00'")
    return home


@pytest.fixture
def run(home):
    def invoke(*words):
        result = CliRunner().invoke(cli.app, ["peers", *map(str, words), "--home", str(home.folder)])
        output = result.stdout + result.stderr
        assert "Traceback" not in output and "Carequartile failed" not in output
        return result.exit_code, output

    return invoke


def written(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_scipy(numbers, weights):
    """The weighted distances of all pairs, measured by scipy; class by two dummies of one spread."""
    table = np.array([
        (100 * older / adults, 100 * oldest / older, score, np.log(adults))
        for adults, older, oldest, score, _ in numbers.values()])
    names = ["older_share", "oldest_share", "deprivation", "size"]
    is_county = np.array([[row[4] == "County"] for row in numbers.values()], dtype=float)
    scaled = np.column_stack([(table - table.mean(axis=0)) / table.std(axis=0), is_county * np.sqrt(2)])
    given = np.array([weights.get(name, 0) for name in [*names, "class"]])
    return cdist(scaled, scaled, "minkowski", p=2, w=given / given.sum())


@pytest.mark.parametrize("weights", [
    WEIGHTS, {"deprivation": 3.0, "size": 0.5}, {"class": 1.0, "older_share": 2.0, "deprivation": 0.1}])
def test_the_nearest_are_those_of_scipy(home, numbers, tmp_path, weights):
    file = tmp_path / "weights.csv"
    file.write_text("weight,indicator\n" + "".join(f"{weight},{name}\n" for name, weight in weights.items()))
    made = peers.make_peers(home, None, None, file, None, 6, "near", tmp_path / "near.csv")
    away = by_scipy(numbers, weights)
    for at, code in enumerate(CODES):
        order = sorted((round(away[at, other], 9), CODES[other]) for other in range(len(CODES)) if other != at)
        assert [one.code for one in made.neighbours[code]] == [other for _, other in order[:6]]
        assert [one.distance for one in made.neighbours[code]] == pytest.approx([near for near, _ in order[:6]])


def test_what_remains_under_other_weights_is_counted_again(home, numbers, tmp_path):
    made = peers.make_peers(home, "111", None, None, None, 6, "near", tmp_path / "near.csv")
    at, here = CODES.index("111"), {one.code for one in made.neighbours["111"]}

    def near(weights):
        nearest_first = np.argsort(by_scipy(numbers, weights)[at], kind="stable")
        return {CODES[other] for other in [one for one in nearest_first if one != at][:6]}

    assert made.remain == {
        **{f"{name} counted twice": (len(here & near(WEIGHTS | {name: 2.0})), 6) for name in WEIGHTS},
        **{f"without {name}": (len(here & near(WEIGHTS | {name: 0.0})), 6) for name in WEIGHTS},
    }
    assert min(kept for kept, _ in made.remain.values()) < 6


def test_a_neighbour_that_every_draw_keeps_has_a_hundred_and_one_at_the_edge_less(home, tmp_path):
    made = peers.make_peers(home, "111", None, None, None, 6, "near", tmp_path / "near.csv")
    kept = [one.kept_pct for one in made.neighbours["111"]]
    assert kept[0] == pytest.approx(100, abs=5) and 0 < min(kept) < 90 and max(kept) <= 100
    again = peers.make_peers(home, "111", None, None, None, 6, "near", tmp_path / "near.csv")
    assert again.neighbours == made.neighbours, "the draws are the same each time"


def test_the_file_is_a_peer_set_that_can_be_landed(run, home, tmp_path):
    path = tmp_path / "landing" / "near.csv"
    code, output = run("--all", "--number", 5, "--name", "near", "--out", path)
    assert code == 0 and "then compare with --peers near" in output
    rows = written(path)
    assert len(rows) == 5 * len(CODES) and {row["version"] for row in rows} == {"2020-21"}
    assert [row["peer_rank"] for row in rows[:6]] == ["1", "2", "3", "4", "5", "1"]
    (found,) = survey_landing([path]).files
    assert [reading.layout.layout for reading in found.readings] == ["carequartile_peer_set"] and not found.faults


def test_what_is_printed_of_one_council(run, tmp_path):
    code, output = run("council 111", "--number", 6, "--out", tmp_path / "near.csv")
    assert code == 0
    assert "2020-21, 30 councils; weights: older_share 1, oldest_share 1, deprivation 1, size 1, class 1" in output
    assert "nearest to Council 111 (111)" in output and " of 6  without class" in output
    assert "of the 2 nearest neighbours by ONS" in output
    assert "Council 906 (fewer than 20,000 adults)" in output and "Council 304 (no deprivation)" in output
    assert "census features of NHS England's peer groups" in output


def test_indicators_of_ones_own_decide_alone_where_they_alone_have_a_weight(run, tmp_path):
    (tmp_path / "weights.csv").write_text("indicator,weight\ndensity,1\nsize,0\n")
    (tmp_path / "density.csv").write_text("council_code,indicator,value\n" + "".join(
        f"{code},density,{10 * at}\n" for at, code in enumerate(CODES)))
    path = tmp_path / "near.csv"
    code, output = run("111", "--weights", tmp_path / "weights.csv", "--indicators", tmp_path / "density.csv",
                       "--number", 5, "--out", path)
    assert code == 0 and "NHS England" not in output
    at = CODES.index(HERE)
    assert [row["peer_code"] for row in written(path)] == [CODES[at + step] for step in (-1, 1, -2, 2, -3)]


def test_years_without_an_indicator_name_it(run, tmp_path):
    code, output = run("111", "--year", "2006-07", "--out", tmp_path / "near.csv")
    assert code == 2 and "No council has oldest_share for 2006-07" in output and "--weights" in output


@pytest.mark.parametrize(("text", "says"), [
    ("indicator,weight\nsize,lots\n", ["row 2, column B (2)", "'lots'", "a number of zero or above"]),
    ("indicator,weight\nsize,-1\n", ["row 2", "'-1'"]),
    ("indicator,weight\nsize,nan\n", ["row 2", "'nan'"]),
    ("indicator,weight\nsize,1\n\nsize,2\n", ["row 4", "each indicator once"]),
    ("indicator,weight\n,2\n", ["row 2", "blank"]),
    ("indicator,weight\nsize,0\n", ["No weight in weights.csv is above zero"]),
    ("indicator,weight\n", ["No weight in weights.csv is above zero"]),
    ("", ["no column indicator, weight; there is nothing"]),
    ("name,weight\nsize,1\n", ["no column indicator; there is name, weight", "header_matches"]),
    ("indicator,weight\nwealth,1\n",
     ["no indicator wealth", "There are: class, deprivation, older_share", "--indicators"]),
])
def test_weights_that_cannot_be_used(run, tmp_path, text, says):
    (tmp_path / "weights.csv").write_text(text)
    code, output = run("111", "--weights", tmp_path / "weights.csv", "--out", tmp_path / "near.csv")
    assert code == 2 and all(one in output for one in says), output
    assert not (tmp_path / "near.csv").exists()


@pytest.mark.parametrize(("text", "says"), [
    ("council_code,indicator,value\nXX,density,1\n", ["row 2, column A (1)", "'XX'"]),
    ("council_code,indicator,value\n111,density,1\n111,density,2\n", ["row 3, column B (2)", "once for each council"]),
    ("council_code,indicator,value\n111,density,dense\n", ["row 2, column C (3)", "'dense'", "a number"]),
    ("code,indicator,value\n", ["no column council_code"]),
])
def test_indicators_that_cannot_be_used(run, tmp_path, text, says):
    (tmp_path / "own.csv").write_text(text)
    code, output = run("111", "--indicators", tmp_path / "own.csv", "--out", tmp_path / "near.csv")
    assert code == 2 and all(one in output for one in says), output


@pytest.mark.parametrize(("words", "says"), [
    ([], "Give one council, or --all"),
    (["111", "--all"], "Give one council, or --all"),
    (["nowhere at all"], "No council is called 'nowhere at all'"),
    (["906"], "Council 906 (906) has fewer than 20,000 adults in 2020-21"),
    (["304"], "Council 304 (304) has no deprivation in 2020-21"),
    (["111", "--year", "1999-00"], "There are: 2006-07, 2020-21"),
    (["111", "--number", "4"], "fewer than 5 give no statistic"),
    (["111", "--number", "30"], "too few for 30 neighbours"),
    (["111", "--name", "england"], "A peer set cannot be called 'england'"),
    (["111", "--name", "Our Own"], "A peer set cannot be called 'Our Own'"),
    (["111", "--weights", "nowhere.csv"], "nowhere.csv cannot be read"),
])
def test_unusable_arguments(run, words, says):
    code, output = run(*words)
    assert code == 2 and says in output


def test_weights_that_are_no_text(run, tmp_path):
    (tmp_path / "weights.csv").write_bytes(b"\xff\xfe\x00\x01")
    code, output = run("111", "--weights", tmp_path / "weights.csv")
    assert code == 2 and "is no text in UTF-8" in output


def test_a_copy_without_residents(tmp_path):
    home = Home(tmp_path)
    home.published.parent.mkdir(parents=True)
    with database.connect(home.published) as connection:
        connection.execute("""
            create schema marts;
            create table marts.dim_council as select '111' as council_code, 'A' as council, 'c' as class, 'r' as region,
                date '1974-04-01' as valid_from, null::date as valid_to;
            create table marts.dim_population (council_code varchar, financial_year varchar, age_band varchar,
                people bigint, is_current boolean, is_area_of_year boolean)""")
    with pytest.raises(UnusableInput, match="no residents of councils"):
        peers.make_peers(home, "111", None, None, None, 15, "near", tmp_path / "near.csv")


@pytest.mark.published
def test_stockton_among_the_councils_of_today(england_home, tmp_path):
    made = peers.make_peers(england_home, "stockton", None, None, None, 15, "near", tmp_path / "near.csv")
    found = [made.names[one.code] for one in made.neighbours["114"]]
    assert (made.pool.year, len(made.pool.values)) == ("2024-25", 151)
    assert found[:3] == ["Telford and Wrekin", "Medway", "North Lincolnshire"] and "Darlington" in found
    assert set(made.pool.left_out) == {"714", "906"} and made.remain["without class"] == (5, 15)
