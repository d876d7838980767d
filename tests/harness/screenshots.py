"""Takes the picture of a page that README shows (``make screenshots``), from the embedded default.

``python tests/harness/screenshots.py [HOME]``: HOME has the embedded default published; without it, it is loaded into a
temporary home. Needs Chromium on the path.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from orchestration.home import Home
from orchestration.refresh import refresh
from orchestration.report.files import write_page

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "page.png"
MOST_BYTES = 200_000
WIDTH, HEIGHT = 760, 900
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars"]


def take(home: Home, to: Path) -> None:
    """The finding and the picture of the section "What a week of support costs" of Stockton-on-Tees."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        sys.exit("make screenshots needs Chromium on the path (apt-get install chromium).")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = write_page(home, "stockton", "2008-09", "class", Path(folder))
        opened = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        shown = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        shown.goto(page.as_uri())
        section = shown.locator("#unit-costs")
        whole, figure = section.bounding_box(), section.locator("figure").bounding_box()
        to.parent.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=to, full_page=True, clip={
            "x": 0, "y": whole["y"], "width": WIDTH, "height": figure["y"] + figure["height"] - whole["y"]})
        opened.close()
    if to.stat().st_size > MOST_BYTES:
        sys.exit(f"{to.name} has {to.stat().st_size:,} bytes; README's picture may have {MOST_BYTES:,}. Next: take a "
                 "smaller part of the page.")


if __name__ == "__main__":
    if sys.argv[1:]:
        take(Home(Path(sys.argv[1])), PICTURE)
    else:
        with tempfile.TemporaryDirectory() as made:
            refresh([], Home(Path(made)))
            take(Home(Path(made)), PICTURE)
