"""Proves what passes the gates and what they stop, on one home that receives a year of landings.

The embedded default is landed year by year and altered on the way; each chapter is one refresh, in order. A copy
of what was published after each chapter is kept, so that each test reads its own chapter.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from embedded_years import lines_of

from orchestration import database, gates, publish
from orchestration.faults import GateStopped
from orchestration.home import Home
from orchestration.refresh import Outcome, refresh

OTHERS = "learning_disability_day_care_others_unit_cost"
NURSING = "learning_disability_nursing_unit_cost"
RULING_COLUMNS = "measure_id,council_code,financial_year,ruling,corrected_value,by,on,reason"
RULINGS = [
    f"{OTHERS},114,2008-09,exclude,,A. Analyst,2026-11-02,one placement of 21 people",
    f"{OTHERS},324,2008-09,correct,250.5,A. Analyst,2026-11-02,the council reissued the figure",
    f"{NURSING},*,2008-09,accept,,B. Analyst,2026-11-03,few people everywhere",
    f"{NURSING},114,2008-09,exclude,,B. Analyst,2026-11-03,six people",
]


@dataclass
class Chapter:
    """One refresh: how it ended, and a copy of what was published after it."""

    outcome: Outcome | None
    stopped: GateStopped | None
    published: Path
    sha256: str

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> tuple:
        rows = self.rows(sql)
        assert len(rows) == 1
        return rows[0]


class Story:
    """A home and its landing folder."""

    def __init__(self, folder: Path, is_strict: bool = True) -> None:
        self.folder, self.home, self.number, self.is_strict = folder, Home(folder / "home"), 0, is_strict

    def land(self, **files: str) -> list[Path]:
        self.number += 1
        landing = self.folder / f"landing-{self.number}"
        landing.mkdir()
        for name, text in files.items():
            (landing / f"{name}.csv").write_text(text, encoding="utf-8")
        return [landing]

    def refresh(self, landing: list[Path], is_forced: bool = False) -> Chapter:
        outcome = stopped = None
        try:
            outcome = refresh(landing, self.home, is_forced, is_strict=self.is_strict)
        except GateStopped as error:
            stopped = error
        copy = self.folder / f"published-{self.number}{'-forced' if is_forced else ''}.duckdb"
        shutil.copy(self.home.published, copy)
        return Chapter(outcome, stopped, copy, publish.sha256(copy))

    def warehouse_rows(self, sql: str) -> list[tuple]:
        with database.connect(self.home.warehouse) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return Story(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def first(story):
    """Two years land; some of their figures are quarantined."""
    return story.refresh(story.land(y2008=lines_of("2008-09"), y2009=lines_of("2009-10")))


@pytest.fixture(scope="module")
def stopped_at_a(story, first):
    """Stockton's residential care of 2010-11 is not the sum of its parts; the landing also holds a sound 2009-10."""
    chapter = story.refresh(story.land(
        y2010=lines_of("2010-11", **{"114_2.9_numerator": "9,300"}),
        y2009_revised=lines_of("2009-10", **{"114_2.38_numerator": "911"})))
    chapter.marts = story.warehouse_rows("select distinct release_id from marts.fct_figure order by 1")
    chapter.files = dict(story.warehouse_rows("select file_name, status from raw.source_file"))
    return chapter


@pytest.fixture(scope="module")
def mended(story, stopped_at_a):
    """The corrected file alone is landed."""
    return story.refresh(story.land(y2010=lines_of("2010-11")))


@pytest.fixture(scope="module")
def stopped_at_b(story, mended):
    """A ruling names a person by NHS number and by initials; the return that is landed with it is sound."""
    rulings = "\n".join([RULING_COLUMNS, *RULINGS[:1]]).replace("21 people", "9434765919; ZQ aged 47")
    chapter = story.refresh(story.land(
        rulings=rulings, y2010_again=lines_of("2010-11", **{"114_2.38_numerator": "861"})))
    chapter.marts = story.warehouse_rows("select reason from quality.ruling where \"by\" not like 'Carequartile%'")
    chapter.files = story.warehouse_rows("select file_name from raw.source_file where status = 'loaded'")
    return chapter


@pytest.fixture(scope="module")
def ruled(story, stopped_at_b):
    """The rulings land again without the person, and the return under another name."""
    story.ruled_landing = story.land(
        rulings="\n".join([RULING_COLUMNS, *RULINGS]),
        y2010_revised=lines_of("2010-11", **{"114_2.38_numerator": "862"}))
    return story.refresh(story.ruled_landing)


# --- a warning is published, and marked -------------------------------------------------------------------------------


def test_a_warning_is_published_as_quarantine(first):
    assert first.outcome.is_new and not first.stopped
    assert first.one("select cast(value as double), verdict, rule_ids, ruled_value from marts.fct_figure "
                     f"where council_code = '114' and financial_year = '2008-09' and measure_id = '{OTHERS}'") == (
        pytest.approx(587.9), "quarantine",
        "definition_break, implied_volume, jump_by_denominator, peer_and_sibling", None)
    assert {finding["rule_id"] for finding in first.outcome.findings} >= {"peer_and_sibling", "peer_ratio_extreme"}


def test_quarantine_stays_out_of_the_peers_it_would_distort(first):
    n_peers, n_without, mean, mean_without = first.one(
        "select n_peers, n_peers_excluding_flagged, comparator_mean, comparator_mean_excluding_flagged "
        f"from marts.mart_unit_cost_variance where council_code = '111' and financial_year = '2008-09' "
        f"and measure_id = '{OTHERS}' and peer_set = 'england'")
    assert n_without < n_peers and mean_without < mean


# --- gate A -----------------------------------------------------------------------------------------------------------


def test_a_return_that_breaks_a_rule_is_stopped_and_the_release_stays_up(embedded_home, tmp_path):
    """The sample of the chapters below: one run that ends at gate A."""
    shutil.copytree(embedded_home.folder, tmp_path / "home", symlinks=True)
    story = Story(tmp_path)
    before = publish.sha256(story.home.published)
    chapter = story.refresh(story.land(y2010=lines_of("2010-11", **{"114_2.9_numerator": "9,300"})))
    for words in ("Gate A", "parts_add_up", "y2010.csv", "column G", "council 114",
                  "its parts add up to GBP 7,300,000"):
        assert words in str(chapter.stopped)
    assert chapter.sha256 == before


def test_gate_a_stops_and_names_rule_file_and_cell(stopped_at_a):
    message = str(stopped_at_a.stopped)
    assert stopped_at_a.stopped.exit_code == 1
    for words in ("Gate A", "parts_add_up", "y2010.csv", "column G", "council 114", "2010-11", "GBP 9,300,000 printed",
                  "its parts add up to GBP 7,300,000", "because:", "Next:"):
        assert words in message
    assert "y2009_revised" not in message and "Traceback" not in message


def test_gate_a_leaves_the_published_file_and_the_marts_alone(first, stopped_at_a):
    assert stopped_at_a.sha256 == first.sha256
    assert [release.split(":")[1] for (release,) in stopped_at_a.marts] == ["2008-09", "2009-10"]


def test_only_the_stopped_file_is_rejected(stopped_at_a):
    assert stopped_at_a.files == {"y2008.csv": "loaded", "y2009.csv": "loaded", "y2009_revised.csv": "loaded",
                                  "y2010.csv": "stopped_by_gate"}


def test_after_the_correction_the_refresh_succeeds(mended):
    assert mended.outcome.is_new and not mended.stopped
    files = mended.rows("select file_name, status, reason from quality.source_file order by status, file_name")
    assert [(name, status) for name, status, _ in files] == [
        ("y2008.csv", "loaded"), ("y2009.csv", "loaded"), ("y2009_revised.csv", "loaded"), ("y2010.csv", "loaded"),
        ("y2010.csv", "stopped_by_gate")]
    assert files[-1][2].startswith("gate A: parts_add_up: ")
    assert mended.rows("select distinct value from marts.fct_figure where council_code = '114' and line = '2.9' "
                       "and financial_year = '2010-11'") == [(1093,)]


def test_a_changed_file_of_the_same_year_is_a_second_release(mended):
    figures = mended.rows(
        "select files.file_name, figures.is_current, figures.numerator, figures.value from marts.fct_figure as figures "
        "inner join marts.dim_release as files using (release_id) where figures.council_code = '114' "
        f"and figures.financial_year = '2009-10' and figures.measure_id = '{OTHERS}' order by 1")
    assert [(name, current, int(money)) for name, current, money, _ in figures] == [
        ("y2009.csv", False, 910_000), ("y2009_revised.csv", True, 911_000)]
    n_figures, n_current = mended.one("select count(*), count(distinct (council_code, measure_id)) "
                                      "from marts.fct_figure where financial_year = '2009-10'")
    assert n_figures == 2 * n_current
    assert mended.one("select count(*) from marts.fct_figure where financial_year = '2009-10' and is_current"
                      ) == (n_current,)
    # Only the current release is compared; a figure next to itself would be its own peer.
    assert mended.one("select count(*) - count(distinct (council_code, measure_id, peer_set)) "
                      "from marts.mart_unit_cost_variance where financial_year = '2009-10'") == (0,)


# --- gate B -----------------------------------------------------------------------------------------------------------


def test_gate_b_builds_the_marts_and_publishes_nothing(mended, stopped_at_b):
    message = str(stopped_at_b.stopped)
    assert stopped_at_b.stopped.exit_code == 1
    for words in ("Gate B", "no_identifier", "quality.ruling.reason", "an NHS number",
                  "no_initials", "initials with an age", "last release stays up"):
        assert words in message
    assert "9434765919" not in message and "ZQ" not in message, "the message must not repeat the person"
    assert stopped_at_b.marts == [("one placement of 9434765919; ZQ aged 47",)]
    assert stopped_at_b.sha256 == mended.sha256
    assert stopped_at_b.rows("select * from quality.ruling where \"by\" not like 'Carequartile%'") == []


def test_gate_b_leaves_the_other_returns_in_place(stopped_at_b, ruled):
    kept = {"y2008.csv", "y2009.csv", "y2009_revised.csv", "y2010.csv", "rulings.csv"}
    assert {name for (name,) in stopped_at_b.files} == kept
    assert {name for (name,) in ruled.rows("select file_name from quality.source_file where status = 'loaded'")
            } == kept | {"y2010_revised.csv"}
    assert ruled.rows("select financial_year from marts.dim_release order by 1") == [
        ("2008-09",), ("2009-10",), ("2009-10",), ("2010-11",), ("2010-11",)]


def test_a_tightened_rule_stops_gate_b(story, ruled, monkeypatch):
    """The rules of a gate can be tried with other thresholds without touching a file; nothing of it is stored here."""
    monkeypatch.setattr(gates, "_store", lambda *_: None)
    tightened = {"kwargs": {"column": "quarantined_pct", "max_value": 1.0}}
    rules = tuple(rule.model_copy(update=tightened) if rule.id == "quarantined_share" else rule
                  for rule in gates.load_rules("b"))
    frames = {"published_column": gates.identifier_frame(story.home.warehouse, publish.published_tables())}
    frames["mart"] = gates.mart_frame(story.home.warehouse, publish.last_figures(story.home))
    result = gates.run_gate("b", story.home.warehouse, "trial", frames, rules)
    assert set(result.blocking["rule_id"]) == {"quarantined_share"}
    assert len(result.stopped_releases()) == 5
    assert "% of" in result.why_stopped() and "y2008.csv" in result.why_stopped()


# --- rulings ----------------------------------------------------------------------------------------------------------


def figure(chapter: Chapter, council: str, measure: str) -> dict:
    names = "value", "verdict", "ruling", "ruled_value", "rule_ids"
    row = chapter.one(f"select {', '.join(names)} from marts.fct_figure where council_code = '{council}' "
                      f"and financial_year = '2008-09' and measure_id = '{measure}'")
    return dict(zip(names, row))


def test_an_excluded_figure_is_quarantined(first, ruled):
    found = figure(ruled, "114", NURSING)
    assert figure(first, "114", NURSING)["verdict"] == "warn"
    assert (found["verdict"], found["ruling"], found["ruled_value"]) == ("quarantine", "exclude", None)
    assert found["value"] == figure(first, "114", NURSING)["value"], "the figure as returned is never changed"


def test_a_corrected_figure_counts_with_its_correction(first, ruled):
    before, found = figure(first, "324", OTHERS), figure(ruled, "324", OTHERS)
    assert (before["verdict"], before["ruled_value"]) == ("quarantine", None)
    assert (found["verdict"], found["ruling"], float(found["ruled_value"])) == ("warn", "correct", 250.5)
    assert found["value"] == before["value"] and found["rule_ids"] == before["rule_ids"]


def test_a_ruling_for_every_council_yields_to_one_for_a_council(ruled):
    by_ruling = dict(ruled.rows(
        f"select ruling, count(*) from marts.fct_figure where measure_id = '{NURSING}' and financial_year = '2008-09' "
        "group by 1"))
    assert by_ruling == {"accept": 45, "exclude": 1}
    assert ruled.rows(f"select distinct verdict from marts.fct_figure where measure_id = '{NURSING}' "
                      "and financial_year = '2008-09' and ruling = 'accept' order by 1") == [("missing",), ("warn",)]
    assert ruled.one(f"select ruling, \"by\", reason from quality.ruling where measure_id = '{NURSING}' "
                     "and council_code = '114'") == ("exclude", "B. Analyst", "six people")
    assert ruled.rows(f"select distinct ruling from marts.fct_figure where measure_id = '{NURSING}' "
                      "and financial_year <> '2008-09'") == [(None,)]


def test_rulings_change_the_comparators(mended, ruled):
    sql = ("select n_peers, comparator_mean, n_peers_excluding_flagged, comparator_mean_excluding_flagged "
           "from marts.mart_unit_cost_variance where council_code = '111' and financial_year = '2008-09' "
           f"and measure_id = '{OTHERS}' and peer_set = 'england'")
    # Both hold three years: a year that joins changes which figure of a jump is at fault, and so the peers.
    before, after = mended.one(sql), ruled.one(sql)
    assert after[:2] == before[:2], "as returned stays as returned"
    assert after[2] == before[2] + 1 and after[3] != before[3]


# --- again ------------------------------------------------------------------------------------------------------------


def test_a_second_refresh_says_nothing_is_new(story, ruled):
    again = story.refresh(story.ruled_landing)
    assert not again.outcome.is_new
    assert again.sha256 == ruled.sha256
    assert not refresh([], story.home).is_new


def test_a_forced_refresh_publishes_the_same_content(story, ruled):
    forced = story.refresh(story.ruled_landing, is_forced=True)
    assert forced.outcome.is_new
    assert forced.outcome.manifest["tables"] == ruled.outcome.manifest["tables"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{ruled.published}' as before (read_only)")
        connection.execute(f"attach '{forced.published}' as after (read_only)")
        for schema, table in publish.published_tables():
            # The run ids differ; and only the second time is there a publication to compare the counts with.
            rows = ("(select * exclude (run_id) from {}.quality.rule_result where rule_id <> 'figures_not_fewer')"
                    if table == "rule_result" else f"(select * from {{}}.{schema}.{table})")
            before, after = rows.format("before"), rows.format("after")
            differing = connection.execute(f"({before} except all {after}) union all ({after} except all {before})"
                                           ).fetchall()
            assert differing == [], table


# --- a file that a gate stops, and the others -------------------------------------------------------------------------


@pytest.mark.full
def test_the_others_are_published_without_a_file_that_gate_a_stops(tmp_path):
    story = Story(tmp_path, is_strict=False)
    landing = story.land(y2009=lines_of("2009-10"), y2010=lines_of("2010-11", **{"114_2.9_numerator": "9,300"}))
    chapter = story.refresh(landing)
    assert chapter.stopped is None and set(chapter.outcome.stopped) == {"y2010.csv"}
    assert chapter.rows("select distinct financial_year from marts.fct_figure") == [("2009-10",)]
    [refused] = chapter.outcome.manifest["refused"]
    assert refused["file_name"] == "y2010.csv" and refused["reason"].startswith("gate A: ")
    again = refresh(landing, story.home)
    assert not again.is_new and set(again.stopped) == {"y2010.csv"}


@pytest.mark.full
def test_a_register_alone_is_no_landing_to_publish_when_gate_a_stops_the_only_return(tmp_path):
    story = Story(tmp_path, is_strict=False)
    landing = story.land(y2010=lines_of("2010-11", **{"114_2.9_numerator": "9,300"}),
                         rulings=f"{RULING_COLUMNS}\n{RULINGS[0]}\n")
    with pytest.raises(GateStopped, match=r"(?s)Gate A.*parts_add_up"):
        refresh(landing, story.home)
    assert not story.home.published.exists()
