"""The page in a real browser: no error, no request, switching shows what the marts hold, no fault of accessibility."""

import json
import shutil
from pathlib import Path

import pytest

from orchestration import database
from orchestration.report import files
from orchestration.report.reading import headlines

pytestmark = pytest.mark.pages
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "make test-pages needs Chromium on the path (apt-get install chromium)"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(embedded_home, tmp_path_factory) -> Path:
    return files.write_page(embedded_home, "stockton", None, "class", tmp_path_factory.mktemp("pages"))


@pytest.fixture
def shown(browser, written):
    """The page, its errors and what it asked for."""
    found = browser.new_page(viewport={"width": 1440, "height": 900})
    found.faults, found.asked = [], []
    found.on(
        "console", lambda message: found.faults.append(message.text) if message.type in ("error", "warning") else None
    )
    found.on("pageerror", lambda error: found.faults.append(str(error)))
    found.on("request", lambda request: found.asked.append(request.url))
    found.goto(written.as_uri())
    yield found
    assert found.faults == []
    assert found.asked == [written.as_uri()]
    found.close()


def rows_of(home, sql, *values):
    with database.connect(home.published, read_only=True) as connection:
        cursor = connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


def table_of(shown, name):
    return shown.eval_on_selector_all(
        f"#{name} tbody tr", "rows => rows.map(row => [...row.children].map(one => one.textContent))"
    )


def shown_as(value, digits=2):
    return "no figure" if value is None else f"{value:,.{digits}f}"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_screen(shown, width):
    shown.set_viewport_size({"width": width, "height": 900})
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_switching_shows_what_the_marts_hold_cell_by_cell(embedded_home, shown):
    ids = {one.measure_id: one.short for one in headlines()}
    rows = rows_of(embedded_home, "select * from marts.mart_benchmark where council_code = '114'")
    wanted = {(row["financial_year"], row["peer_set"], row["basis"]) for row in rows if row["measure_id"] in ids}
    assert len(wanted) >= 12
    for year, peers, basis in sorted(wanted):
        shown.select_option("#year", year)
        shown.select_option("#peers", peers)
        shown.select_option("#basis", basis)
        held = {
            ids[row["measure_id"]]: row
            for row in rows
            if row["measure_id"] in ids
            and (row["financial_year"], row["peer_set"], row["basis"]) == (year, peers, basis)
        }
        cells = table_of(shown, "standing")
        assert {line[0] for line in cells} == set(held)
        for line in cells:
            row = held[line[0]]
            assert line[2:7] == [
                shown_as(row[name]) for name in ("value", "mean", "weighted_mean", "median", "lowest_quartile_mean")
            ]
            assert line[7] == ("none" if row["variance_to_mean"] is None else f"{row['variance_to_mean']:+,.2f}")


def test_the_script_draws_the_bars_that_the_page_opens_with(shown):
    def texts():
        return set(shown.eval_on_selector_all("#picture text", "all => all.map(one => one.textContent)"))

    def bars():
        return {tuple(line[:2]) for line in table_of(shown, "councils")}

    before, rows = texts(), bars()
    start = shown.input_value("#peers")
    other = next(
        one for one in shown.eval_on_selector_all("#peers option", "all => all.map(one => one.value)") if one != start
    )
    shown.select_option("#peers", other)
    shown.select_option("#peers", start)
    assert bars() == rows
    own = {text for text in before if text.endswith("◄") or text.startswith("▼")}
    assert own and own <= texts()
    assert shown.locator("#picture svg[role=img]").count() == 1
    assert shown.locator("#picture rect.bar").count() == len(rows)


def test_the_sandbox_saves_what_the_mart_says(embedded_home, shown):
    embedded = json.loads(shown.text_content("#data"))["savings"]
    assert embedded
    for number, one in enumerate(embedded):
        shown.select_option("#saving", str(number))
        found = float(shown.get_attribute("#result", "data-saving"))
        # In the lowest quarter or without a target the mart saves nothing by rule; the mean has neither.
        assert found == pytest.approx(one["saving"], abs=max(2.0, one["volume"] * 1e-6))
    rows = rows_of(
        embedded_home,
        "select * from marts.mart_saving where council_code = '114' and peer_set = 'class' and "
        "target = 'median' and denominator_rule = 'held' and financial_year = '2010-11' and measure_id = "
        "'learning_disability_day_care_unit_cost'",
    )
    at = next(number for number, one in enumerate(embedded) if one["name"] == "Day care, 2010-11")
    shown.select_option("#saving", str(at))
    shown.fill("#target", str(rows[0]["target_value"]))
    assert float(shown.get_attribute("#result", "data-saving")) == pytest.approx(float(rows[0]["saving_gbp"]), abs=2)
    shown.fill("#volume", "-1")
    assert "Enter a target" in shown.text_content("#result")


def test_a_figure_opens_to_its_cell_and_closes_by_keyboard(shown):
    shown.locator("#unit-costs button.figure").first.focus()
    shown.keyboard.press("Enter")
    assert "sha256" in shown.text_content("#lineage-text")
    shown.keyboard.press("Escape")
    assert not shown.locator("#lineage").is_visible()


def test_axe_finds_no_violation(shown):
    from axe_playwright_python.sync_playwright import Axe

    for details in shown.locator("details").all():
        details.evaluate("one => one.open = true")
    found = Axe().run(
        shown, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()
