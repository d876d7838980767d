"""The site: an index of every council with a page, England's page, links that lead somewhere, and all of it whole."""

import json
import re

import pytest
from typer.testing import CliRunner

from orchestration import database, progress
from orchestration.cli import app
from orchestration.home import Home
from orchestration.report import site as sites
from orchestration.report.files import write_page
from orchestration.report.reading import find_council, headlines


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def site(embedded_home, tmp_path_factory):
    """Pages of the first five councils of the embedded default: the index and England's page are of all."""
    told = []

    class Heard:
        def reached(self, done, of, what):
            told.append((done, of, what))

    with progress.heard_by(Heard()), pytest.MonkeyPatch.context() as patched:
        rows = sites.england_rows
        kept = {"111", "112", "113", "114", "808"}
        patched.setattr(sites, "england_rows", lambda copy: [r for r in rows(copy) if r["council_code"] in kept])
        found = sites.write_site(
            embedded_home, tmp_path_factory.mktemp("site"), n_processes=1)
    found.told = told
    return found


def test_the_index_links_to_every_page_that_is_there(site):
    text = site.index.read_text(encoding="utf-8")
    links = re.findall(r'href="(councils/[^"]+)"', text)
    assert len(links) == len(site.pages) == 4
    assert all((site.index.parent / link).is_file() for link in links)
    assert "Stockton-on-Tees" in text and "the council of" not in text
    assert site.told == [(done, 4, "councils") for done in (1, 2, 3, 4)]


def test_councils_without_figures_are_named(site, embedded_home):
    assert "Leicester" in site.without
    assert "Leicester" in site.index.read_text(encoding="utf-8")


def test_england_counts_councils_as_the_mart_does(embedded_home, tmp_path):
    with database.connect(embedded_home.published, read_only=True) as connection:
        n, low, middle, high = connection.execute(
            "select count(*), quantile_cont(value, 0.25), median(value), quantile_cont(value, 0.75) from "
            "marts.mart_benchmark where peer_set = 'england' and basis = 'excluding_flagged' and financial_year = "
            "'2010-11' and measure_id = 'learning_disability_residential_unit_cost' and value is not null and verdict "
            "not in ('quarantine', 'unjudged')"
        ).fetchone()
    with sites.opened(embedded_home) as copy:
        rows = [r for r in sites.england_rows(copy) if r["measure_id"] == "learning_disability_residential_unit_cost"]
    measure = next(one for one in headlines() if one.measure_id == "learning_disability_residential_unit_cost")
    section = sites._spread(measure, rows)
    assert section.headline == (
        f"In 2010-11 half of {n} councils were between £{low:,.2f} and £{high:,.2f} a person a week; "
        f"the one in the middle was at £{middle:,.2f} a person a week."
    )
    assert len(section.tables[0].rows) == n
    assert section.picture.count("<path") >= n, "every council is a mark"


def test_no_page_asks_for_anything_from_elsewhere(site):
    for path in site.index.parent.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text and not re.search(r'(src|href)="https?:', text), path.name


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Give one council, or --all"),
        (["stockton", "--all"], "Give one council, or --all"),
        (["--all", "--year", "2008-09"], "leave out --local, --year"),
        (["--all", "--local"], "writes the open copy"),
    ],
)
def test_what_does_not_fit_together_is_refused(embedded_home, words, says):
    code, text = run("report", *words, "--home", embedded_home.folder)
    assert code == 2 and says in text


def test_a_home_without_a_release(tmp_path):
    code, text = run("report", "--all", "--home", tmp_path)
    assert code == 2 and "carequartile refresh" in text and "Traceback" not in text


def test_a_folder_that_is_a_file(embedded_home, tmp_path):
    (tmp_path / "taken").write_text("x")
    code, text = run("report", "stockton", "--home", embedded_home.folder, "--out", tmp_path / "taken")
    assert code == 2 and "cannot be written" in text


def test_a_refresh_with_pages_writes_them_also_where_nothing_is_new(embedded_home, tmp_path, monkeypatch):
    rows, folder = sites.england_rows, tmp_path / "reports"
    monkeypatch.setattr(sites, "england_rows", lambda copy: [r for r in rows(copy) if r["council_code"] == "114"])
    monkeypatch.setattr(Home, "reports", property(lambda home: folder))
    code, text = run("refresh", "--home", embedded_home.folder)
    assert code == 0 and not folder.exists(), "a refresh alone builds none"
    code, text = run("refresh", "--pages", "--home", embedded_home.folder)
    assert code == 0 and "nothing new" in text and "the pages of 1 councils" in text
    assert [path.name for path in folder.rglob("*.html")] and not list(folder.rglob(".*")), "nothing half-written"
    monkeypatch.setattr(sites, "england_rows", lambda copy: [])
    code, text = run("refresh", "--pages", "--home", embedded_home.folder)
    assert code == 0 and "no pages: " in text


def test_a_few_pages_start_no_processes(embedded_home, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a process was started for one page")

    monkeypatch.setattr(sites, "ProcessPoolExecutor", refuse)
    with sites.opened(embedded_home) as copy:
        council = find_council(copy.councils(), "stockton")
    with sites._made(embedded_home, [council], tmp_path, ("html",), n_processes=4) as made:
        assert [code for code, _ in made] == ["114"]
    with pytest.raises(AssertionError), sites._made(embedded_home, [council] * 9, tmp_path, ("html",), n_processes=4):
        pass


def test_a_page_is_the_same_alone_and_after_others(site, embedded_home, tmp_path):
    """A copy is read for several councils at once: nothing of one may be in the page of the next."""
    alone = write_page(embedded_home, "114", None, None, tmp_path)
    (of_site,) = site.pages["114"]
    assert of_site.read_bytes() == alone.read_bytes()
    sites._begin(embedded_home, tmp_path / "process", ("html",))
    with sites.opened(embedded_home) as copy:
        others = [council for council in copy.councils() if council.code in ("808", "114")]
    for code, (path,) in sites._pages_of_process(others):
        assert path.read_bytes() == site.pages[code][0].read_bytes()
    sites._process.pop("open").__exit__(None, None, None)


def test_the_page_holds_the_figures_of_every_council(site, embedded_home):
    text = site.pages["114"][0].read_text(encoding="utf-8")
    held = json.loads(re.search(r'id="values">(.*?)</script>', text).group(1))
    with database.connect(embedded_home.published, read_only=True) as connection:
        rows = connection.execute(
            "select council_code, value, ruled_value, verdict from marts.fct_figure where is_current and value is not "
            "null and measure_id = 'learning_disability_day_care_others_unit_cost' and financial_year = '2008-09' "
            "order by council_code").fetchall()
    assert held["learning_disability_day_care_others_unit_cost|2008-09"] == [
        [code, round(float(value), 2), None if ruled is None else round(float(ruled), 2),
         int(verdict in ("quarantine", "unjudged"))] for code, value, ruled, verdict in rows]
    assert len(rows) > 30 and any(ruled is None for _, _, ruled, _ in rows)
