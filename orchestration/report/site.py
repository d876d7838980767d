"""A static site of every council: an index, a page for each, and England's page with every council as a mark.

Each page is whole by itself, style and script inside, so that the folder works from a shared drive as from a web
server, and one page can be sent on its own.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from orchestration import database, local_copy, progress
from orchestration.faults import UnusableInput
from orchestration.home import Home
from orchestration.report import pictures, words
from orchestration.report.files import write
from orchestration.report.page import Made, axis_words, check_asked
from orchestration.report.reading import Copy, Council, Headline, Row, headlines, opened
from orchestration.report.render import render, write_whole
from orchestration.report.sections.parts import Cell, Section, Table, amount, decimal

COUNCILS = "councils"
FEWEST_FOR_PROCESSES = 8
# Councils whose rows are read at once; a process is given so many in a row.
GROUP = 16


class NothingToShow(UnusableInput):
    """The copy has no headline figure of any council: a home of placements alone."""


@dataclass
class Site:
    """What was written: the index, the pages by council code, and the names of councils without one."""

    index: Path
    pages: dict[str, list[Path]] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)


def write_site(
    home: Home,
    folder: Path,
    with_workbooks: bool = False,
    n_processes: int | None = None,
) -> Site:
    """Writes the site, and tells after each council how far it is.

    Raises NothingToShow where no council has a figure for a page, UnusableInput where the folder cannot be written to.
    """
    with opened(home) as copy:
        councils = copy.councils()
        rows = england_rows(copy)
        set_aside = dict(_set_aside(copy))
    site = Site(folder / "index.html")
    formats = ("html", "xlsx") if with_workbooks else ("html",)
    having = {str(row["council_code"]) for row in rows}
    asked = [council for council in councils if council.code in having]
    if not asked:
        raise NothingToShow(
            "The published copy has no figure that a page shows. Next: refresh with the returns of councils."
        )
    with _made(home, asked, folder / COUNCILS, formats, n_processes or _processes()) as made:
        for done, (code, paths) in enumerate(made, start=1):
            if paths:
                site.pages[code] = paths
            progress.reached(done, len(asked), "councils")
    site.without = [council.name for council in councils if council.code not in site.pages]
    write_whole(folder / "england.html", _england(rows))
    write_whole(site.index, _index(site, councils, rows, set_aside))
    return site


def england_rows(copy: Copy) -> list[Row]:
    """The headline measures of every council and year, as they count once doubtful figures are left out."""
    marks = ", ".join("?" * len(headlines()))
    return copy.rows(
        "select council_code, council, class, region, measure_id, financial_year, value, unit, verdict, rank_low, "
        "n_ranked, is_material from published.marts.mart_benchmark inner join (select council_code, arg_max(class, "
        "valid_from) as class, arg_max(region, valid_from) as region from published.marts.dim_council group by 1) "
        "using (council_code) left join (select figure_id, bool_or(is_material) as is_material from "
        "published.marts.mart_figure_note group by 1) using (figure_id) where peer_set = 'england' and basis = "
        f"'excluding_flagged' and measure_id in ({marks}) order by council",
        *(one.measure_id for one in headlines()),
    )


def _set_aside(copy: Copy) -> Iterator[tuple[str, int]]:
    """How many figures of each council count in no comparison."""
    marks = ", ".join(f"'{one}'" for one in words.SET_ASIDE)
    for row in copy.rows(
        "select council_code, count(*) as n from (select council_code from published.marts.fct_figure where is_current "
        f"and verdict in ({marks}) union all select council_code from published.marts.fct_derived_figure where verdict "
        f"in ({marks})) group by 1"
    ):
        yield str(row["council_code"]), int(row["n"])


def _pages(copy: Copy, council: Council, folder: Path, formats: tuple[str, ...]) -> tuple[str, list[Path]]:
    """The page of one council, and its workbook; nothing where the copy has no figure that a page shows."""
    copy.take(council)
    try:
        peer_set = check_asked(copy, council, None, None)
    except UnusableInput:
        return council.code, []
    made = Made(copy, council, None, peer_set)
    return council.code, [write(made, folder, one) for one in formats]


def _processes() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# The copy that this process reads, and where it writes; set once by ``_begin``.
_process: dict[str, object] = {}


def _begin(home: Home, folder: Path, formats: tuple[str, ...]) -> None:
    """Opens the copy for all pages that this process will write."""
    _process["open"] = opened(home)
    copy = _process["open"].__enter__()
    copy.read("set threads = 1")  # The other cores have processes of their own.
    _process["pages"] = lambda group: list(_group_of_pages(copy, group, folder, formats))


def _group_of_pages(
    copy: Copy, group: list[Council], folder: Path, formats: tuple[str, ...]
) -> Iterator[tuple[str, list[Path]]]:
    copy.take_group(group)
    for council in group:
        yield _pages(copy, council, folder, formats)


def _pages_of_process(group: list[Council]) -> list[tuple[str, list[Path]]]:
    return _process["pages"](group)


@contextmanager
def _made(home: Home, councils: list[Council], folder: Path, formats: tuple[str, ...], n_processes: int
          ) -> Iterator[Iterator[tuple[str, list[Path]]]]:
    """The pages as they are written, by as many processes as the machine has cores; a few are written here, since
    starting processes would take longer. They start fresh: a fork would share DuckDB's threads, which hang.
    """
    groups = [councils[at : at + GROUP] for at in range(0, len(councils), GROUP)]
    if n_processes == 1 or len(councils) < FEWEST_FOR_PROCESSES:
        with opened(home) as copy:
            yield (page for group in groups for page in _group_of_pages(copy, group, folder, formats))
        return
    pool = ProcessPoolExecutor(n_processes, get_context("spawn"), _begin, (home, folder, formats))
    try:
        yield (page for group in pool.map(_pages_of_process, groups) for page in group)
    except database.DatabaseError as error:
        raise local_copy.unreadable(error) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _index(site: Site, councils: list[Council], rows: list[Row], set_aside: dict[str, int]) -> str:
    main, unit, newest = _newest(rows)
    shown = []
    for council in councils:
        if council.code not in site.pages:
            continue
        row = newest.get(council.code)
        value = row["value"] if row else None
        files = [f"{COUNCILS}/{path.name}" for path in site.pages[council.code]]
        shown.append(
            {
                "council": council.name,
                "class": council.council_class,
                "region": council.region,
                "href": files[0],
                "workbook": files[1] if len(files) > 1 else "",
                "value": "" if value is None else value,
                "shown": words.plain(value, unit),
                "year": row["financial_year"] if row else "",
                "rank": (row["rank_low"] or "") if row else "",
                "rank_shown": words.rank(row["rank_low"], row["n_ranked"]) if row else "no rank",
                "n_set_aside": set_aside.get(council.code, 0),
                "verdict": words.verdict(row) if row else words.VERDICTS["missing"],
            }
        )
    return render("index.html", "site.js", rows=shown, without=site.without, measure=main.words, unit=axis_words(unit))


def _newest(rows: list[Row]) -> tuple[Headline, str, dict[str, Row]]:
    """The first headline measure that most councils have, its unit, and each council's newest figure of it."""
    councils = {row["council_code"] for row in rows}
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: row["financial_year"]):
        if row["value"] is not None:
            found.setdefault(str(row["measure_id"]), {})[str(row["council_code"])] = row
    fits = [one for one in headlines() if one.measure_id in found]
    main = next((one for one in fits if 2 * len(found[one.measure_id]) >= len(councils)), fits[0])
    newest = found[main.measure_id]
    return main, str(next(iter(newest.values()))["unit"]), newest


def _england(rows: list[Row]) -> str:
    by_measure: dict[str, list[Row]] = {}
    for row in rows:
        by_measure.setdefault(str(row["measure_id"]), []).append(row)
    sections = [_spread(one, by_measure[one.measure_id]) for one in headlines() if one.measure_id in by_measure]
    return render("england.html", sections=[one for one in sections if one])


def _spread(measure: Headline, rows: list[Row]) -> Section | None:
    """One measure in its newest year: the councils as marks, and the table of them."""
    usable = [row for row in rows if row["value"] is not None and row["verdict"] not in words.SET_ASIDE]
    if not usable:
        return None
    year = max(str(row["financial_year"]) for row in usable)
    shown = sorted((row for row in usable if row["financial_year"] == year), key=lambda row: row["value"])
    if len(shown) < 5:
        return None
    unit = str(shown[0]["unit"])
    # Inclusive interpolates between values as the marts do (quantile_cont).
    low, middle, high = statistics.quantiles([float(row["value"]) for row in shown], n=4, method="inclusive")
    # The unit once: between 0.57 and 0.99 people per 1000 residents.
    lowest = words.amount(low, unit).split(" ")[0] if unit != "GBP" else words.amount(low, unit)
    headline = (
        f"In {year} half of {len(shown)} councils were between {lowest} and "
        f"{words.amount(high, unit)}; the one in the middle was at {words.amount(middle, unit)}."
    )
    subtitle = f"{measure.words[:1].upper()}{measure.words[1:]}, {axis_words(unit)}, {year}; each mark is a council"
    levels = [
        pictures.Level("lower quartile", float(low)),
        pictures.Level("median", float(middle)),
        pictures.Level("upper quartile", float(high)),
    ]
    marks = [pictures.Bar(str(row["council"]), float(row["value"])) for row in shown]
    table = Table(
        f"{measure.short}, {year}, lowest first",
        ["Council", "Figure", "Rank from the lowest", "Can it be trusted?"],
        [
            [
                Cell(str(row["council"])),
                amount(row["value"], unit),
                decimal(row["rank_low"], "", 0),
                Cell(words.verdict(row)),
            ]
            for row in shown
        ],
    )
    return Section(
        measure.measure_id.replace("_", "-"),
        measure.short,
        headline,
        subtitle,
        pictures.spread(marks, levels, axis_words(unit), f"{headline} {subtitle}"),
        [table],
    )
