"""The page in a real browser: no error, no request, switching shows what the marts hold, no fault of accessibility."""

import json
import shutil
from pathlib import Path

import pytest

from orchestration import database
from orchestration.report import files
from orchestration.report import site as sites
from orchestration.report.reading import headlines
from orchestration.report.rule_page import write_rules
from orchestration.rules import all_rules

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


def test_on_a_telephone_each_headline_measure_is_a_block_with_its_labels(shown):
    shown.set_viewport_size({"width": 360, "height": 900})
    shown.select_option("#basis", "as_returned")  # The rows are made anew, and labelled again.
    labels = shown.eval_on_selector_all("#standing tbody tr:first-child td", "all => all.map(one => one.dataset.label)")
    assert labels[:2] == ["Unit", "Council"] and labels[-1] == "Can it be trusted?" and len(labels) == 9
    tops = shown.eval_on_selector_all(
        "#standing tbody tr:first-child > *", "all => all.map(one => one.getBoundingClientRect().top)")
    assert tops == sorted(set(tops)), "each cell is below the one before it"
    wide = shown.evaluate("[...document.querySelectorAll('.stacked')].filter(one => one.offsetParent && "
                          "one.parentElement.scrollWidth > one.parentElement.clientWidth + 1).length")
    assert wide == 0


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


@pytest.fixture(scope="module")
def others(embedded_home, tmp_path_factory) -> dict[str, Path]:
    """The other kinds of page: a site of some councils, the rules, and a page of the local copy."""
    folder = tmp_path_factory.mktemp("others")
    with pytest.MonkeyPatch.context() as patched:
        rows = sites.england_rows
        patched.setattr(sites, "england_rows", lambda copy: [r for r in rows(copy) if r["council_code"] < "300"])
        patched.setattr(sites, "_pages", lambda copy, council, *_: (council.code, [Path(f"{council.code}.html")]))
        site = sites.write_site(embedded_home, folder, n_processes=1)
    local = files.write_page(embedded_home, "stockton", "2009-10", "class", folder / "local", is_local=True)
    return {"index": site.index, "england": folder / "england.html", "local": local,
            "rules": write_rules(list(all_rules()), embedded_home, folder)}


@pytest.mark.parametrize("kind", ["index", "england", "rules", "local"])
def test_every_kind_of_page_is_sound(browser, others, kind):
    """No error, no request beyond the file, nothing wider than a telephone, and no fault of accessibility."""
    from axe_playwright_python.sync_playwright import Axe

    opened, faults, asked = browser.new_page(viewport={"width": 360, "height": 800}), [], []
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(others[kind].as_uri())
    for width in (360, 768, 1440):
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert (faults, asked) == ([], [others[kind].as_uri()])
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()
    opened.close()


def test_the_index_is_searched_and_sorted(browser, others):
    opened = browser.new_page()
    opened.goto(others["index"].as_uri())
    rows = opened.locator("table.sorts tbody tr:visible")
    n_all = rows.count()
    opened.fill("#search", "STOCKTON on")
    assert rows.count() == 1 and opened.text_content("#found") == "1 council"
    opened.fill("#search", "nowhere")
    assert rows.count() == 0 and "No council has this name" in opened.text_content("#found")
    opened.fill("#search", "")
    assert rows.count() == n_all > 3
    opened.click("button.sort >> nth=3")
    values = opened.eval_on_selector_all("table.sorts tbody tr", "all => all.map(row => row.cells[3].dataset.value)")
    numbers = [float(value) for value in values if value]
    assert numbers == sorted(numbers) and values[: len(numbers)] == [value for value in values if value]
    assert opened.get_attribute("table.sorts thead th >> nth=3", "aria-sort") == "ascending"
    opened.close()
