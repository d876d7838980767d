"""The command: arguments in, messages and exit codes out. Exit 0 is done, 1 stopped, 2 unusable input, 3 nothing
recognised, 4 published without the files that were refused.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shlex
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from orchestration import progress
from orchestration.faults import (
    NOTHING_RECOGNISED,
    PUBLISHED_WITHOUT_REFUSED,
    CarequartileError,
    Fault,
    UnusableInput,
    counted,
    in_words,
)
from orchestration.home import Home

if TYPE_CHECKING:
    from orchestration.cluster import Cluster

MOST_SHOWN = 20
# Of a refresh, as the steps name themselves.
STEPS = ("landing", "raw", "conform", "gate A", "marts", "gate B", "publication")

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


class _Plain(Console):
    """Shows file names and cells as they are: never read as markup or emoji, nor by the terminal as its codes."""

    def __init__(self, *, is_for_errors: bool = False) -> None:
        super().__init__(stderr=is_for_errors, highlight=False, soft_wrap=True, markup=False, emoji=False)

    def print(self, text: str) -> None:
        super().print(_escaped(text))


def _escaped(text: str) -> str:
    return "".join(one if one.isprintable() or one in "\n\t\xa0" else ascii(one)[1:-1] for one in text)


out, err = _Plain(), _Plain(is_for_errors=True)

def _named(text: str) -> Path:
    """A path that was given. An empty one would be this folder: a variable of a script that is not set, say."""
    if not text.strip():
        raise typer.BadParameter("it is empty, and would mean this folder. Next: name a file or folder, or leave the "
                                 "option out")
    return Path(text)


HomeOption = Annotated[Path | None, typer.Option("--home", parser=_named, metavar="HOME", help=(
    "Folder to write to; else $CAREQUARTILE_HOME, else ./.carequartile."))]


LocalOption = Annotated[bool, typer.Option("--local", help="Ask the local copy, where exact figures of placements "
                                           "are; only those who may read it can.")]


QuietOption = Annotated[bool, typer.Option("--quiet", help="Show nothing but what is wrong.")]


class ReportFormat(StrEnum):
    html = "html"
    xlsx = "xlsx"
    csv = "csv"


class Engine(StrEnum):
    duckdb = "duckdb"
    spark = "spark"


class AnswerFormat(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


def _version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        out.print(f"carequartile {version('carequartile')}")
        raise typer.Exit


@app.callback()
def carequartile(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                       help="Show the version and end.")] = False) -> None:
    """Adult social care returns in; gated, traceable, comparable figures out."""


@app.command()
def refresh(
    paths: Annotated[list[Path] | None, typer.Argument(hidden=True, help="Not taken: --landing names what to load.")
                     ] = None,
    landing: Annotated[list[Path] | None, typer.Option("--landing", parser=_named, metavar="LANDING", help=(
        "A file or folder of returns, peer sets and rulings; may be given again. Without it the embedded default is "
        "used."))] = None,
    home: HomeOption = None,
    force: Annotated[bool, typer.Option("--force", help="Build and publish again even if nothing is new.")] = False,
    as_known_on: Annotated[dt.datetime | None, typer.Option(
        formats=["%Y-%m-%d"], help="Publish what was known on this day: later releases are left out.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing where a file is refused.")] = False,
    pages: Annotated[bool, typer.Option("--pages", help="Write the site of pages too, as report --all does.")] = False,
    engine: Annotated[Engine, typer.Option("--engine", help="What builds the tables: this machine, or a Spark cluster.")
                      ] = Engine.duckdb,
    master: Annotated[str | None, typer.Option(help="With --engine spark, the cluster: spark://HOST:PORT.")] = None,
    shared: Annotated[Path | None, typer.Option(help="With --engine spark, a folder that all its machines see under "
                                                "this path; else `spark` in the home.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Load, derive, judge and publish in one process. Exit 4: published, but without files that were refused."""

    def work() -> None:
        started = time.perf_counter()
        _require_options(paths or [], as_known_on)
        cluster = _cluster(engine, master, shared, Home.resolve(home))
        with _shown(quiet, STEPS):
            # Its imports take seconds: they are waited for too.
            from orchestration.refresh import refresh as run

            outcome = run(landing or [], Home.resolve(home), force, f"{as_known_on:%Y-%m-%d}" if as_known_on else "",
                          strict, cluster)
        _print_outcome(outcome, time.perf_counter() - started, quiet)
        if pages:
            _write_pages(outcome.home, quiet)
        if outcome.refused or outcome.stopped:
            raise typer.Exit(PUBLISHED_WITHOUT_REFUSED)

    _guarded(work, Home.resolve(home))


def _require_options(paths: list[Path], as_known_on: dt.datetime | None) -> None:
    """Raises UnusableInput for arguments that could only disappoint after minutes of work."""
    if paths:
        named = " ".join(f"--landing {shlex.quote(str(path))}" for path in paths[:5])
        raise UnusableInput(f"refresh takes no path by itself. Next: carequartile refresh {named}")
    if as_known_on and as_known_on.date() > dt.date.today():
        raise UnusableInput(f"--as-known-on {as_known_on:%Y-%m-%d} is in the future: no one can say what will be known "
                            "then. Next: give a day that has been, or leave the option out for all that is loaded.")


def _cluster(engine: Engine, master: str | None, shared: Path | None, home: Home) -> Cluster | None:
    """The cluster that is to build the tables, if one is. Raises UnusableInput for options that do not go together."""
    if engine is Engine.duckdb:
        if master or shared:
            raise UnusableInput("--master and --shared are for --engine spark. Next: add it, or leave them out.")
        return None
    if not master:
        raise UnusableInput("--engine spark needs the address of a running cluster. Next: add --master "
                            "spark://HOST:PORT, or leave out --engine: this machine then builds the tables.")
    from orchestration.cluster import Cluster

    return Cluster(master, home, shared)


@app.command()
def check(paths: Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)],
          as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False) -> None:
    """Show each file's layout, how much is in it, and what is wrong with it; write nothing. Exit 3: none is known."""

    def work() -> None:
        from orchestration.intake.open import KINDS
        from orchestration.survey import read_rows, survey_landing

        with _shown(is_quiet=False, steps=("landing",)):
            progress.step("landing")
            found = survey_landing(paths)
        previews = {file.file.name: read_rows(file) for file in found.files if file.placement and not file.faults}
        if as_json:
            out.print(json.dumps({"files": [
                {**file.as_data(), "snapshots": _snapshots_as_data(previews.get(file.file.name))}
                for file in found.files], "skipped": found.skipped}, indent=2, default=str))
        for file in found.files if not as_json else ():
            if preview := previews.get(file.file.name):
                _print_snapshot(file, preview)
            else:
                _print_file(file)
        for name in found.skipped if not as_json else ():
            out.print(f"{name}: skipped (not a file of {KINDS})")
        if not any(file.is_recognised or file.faults for file in found.files):
            if not found.files and not as_json:
                out.print(f"nothing to check: no {KINDS} file is there")
            raise typer.Exit(NOTHING_RECOGNISED)
        found.require_usable()

    _guarded(work, None, most_faults=None)


@app.command()
def lineage(figure_id: Annotated[str, typer.Argument(help="From the column figure_id of any published table, or a "
                                                   "snapshot_id of the tables of placements.")],
            home: HomeOption = None, local: LocalOption = False) -> None:
    """Walk a published figure back to file, sha256, sheet, row, column and printed text."""

    def work() -> None:
        from orchestration.intake.find import printable
        from orchestration.lineage import describe, trace

        out.print(describe(trace(Home.resolve(home), printable(figure_id), local)))

    _guarded(work, Home.resolve(home))


@app.command()
def report(
    council: Annotated[str | None, typer.Argument(help="Name or code of a council.")] = None,
    all_councils: Annotated[bool, typer.Option("--all", help="A site: index, a page for every council, England.")
                            ] = False,
    workbooks: Annotated[bool, typer.Option("--workbooks", help="With --all, a workbook of each council too.")
                         ] = False,
    year: Annotated[str | None, typer.Option(help="Financial year such as 2017-18; else the newest of each section.")
                    ] = None,
    peers: Annotated[str | None, typer.Option(help="Peer set to compare with; else the nearest neighbours.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", parser=_named, metavar="FOLDER", help=(
        "Folder to write to; else `reports` in the home."))] = None,
    home: HomeOption = None,
    as_format: Annotated[ReportFormat, typer.Option("--format", help="The page, or its figures as a workbook or CSV.")
                         ] = ReportFormat.html,
    local: LocalOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a council's page: how it compares, why, what it could save, and which figures not to rely on."""

    def work() -> None:
        from orchestration.report.files import write_page

        of = Home.resolve(home)
        to = folder or (of.local_folder / "reports" if local else of.reports)
        if all_councils == bool(council):
            raise UnusableInput("Give one council, or --all. Next: carequartile report stockton")
        if all_councils and (local or year or peers or as_format is not ReportFormat.html):
            raise UnusableInput("--all writes the open copy, the newest year against the nearest neighbours, as HTML. "
                                "Next: leave out --local, --year, --peers and --format (--workbooks adds a workbook of "
                                "each council).")
        if workbooks and not all_councils:
            raise UnusableInput("--workbooks goes with --all: a workbook of each council. Next: for this council's, "
                                f"carequartile report {shlex.quote(council)} --format xlsx")
        if all_councils:
            _write_site(of, to, workbooks, quiet)
        else:
            path = write_page(of, council, year, peers, to, as_format.value, local)
            if not quiet:
                out.print(f"written: {path}")

    _guarded(work, Home.resolve(home))


def _write_pages(home: Home, is_quiet: bool) -> None:
    """After a refresh: a home without a figure for a page, of placements alone, is published all the same."""
    from orchestration.report.site import NothingToShow

    try:
        _write_site(home, home.reports, with_workbooks=False, is_quiet=is_quiet)
    except NothingToShow as nothing:
        err.print(f"no pages: {nothing}")


def _write_site(home: Home, folder: Path, with_workbooks: bool, is_quiet: bool) -> None:
    with _shown(is_quiet, ("pages",)):
        from orchestration.report.site import write_site

        progress.step("pages")
        site = write_site(home, folder, with_workbooks)
    if is_quiet:
        return
    out.print(f"written: {site.index} and the pages of {counted(len(site.pages), 'council')}")
    if site.without:
        out.print(f"without a page, since the published copy has no headline figure of them: {len(site.without)} "
                  "councils, listed at the foot of the index")


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Its number or some of its words.")] = None,
    council: Annotated[str | None, typer.Option("--council", help="Name or code of a council.")] = None,
    year: Annotated[str | None, typer.Option(help="Financial year such as 2017-18; else the newest with an answer.")
                    ] = None,
    peers: Annotated[str | None, typer.Option(help="Peer set to compare with.")] = None,
    home: HomeOption = None,
    as_format: Annotated[AnswerFormat, typer.Option("--format", help="How the answer is printed.")
                         ] = AnswerFormat.table,
    list_all: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    local: LocalOption = False,
) -> None:
    """Ask one of the questions of the published figures, and show the query that answers it."""

    def work() -> None:
        from orchestration.report import questions

        if list_all:
            for one in questions.questions():
                out.print(f"{one.number:>2}  {one.words}")
            return
        if not question or not council:
            missing = "A question" if council else "A council" if question else "A question and a council"
            raise UnusableInput(f"{missing} must be given. Next: carequartile ask \"residential share\" "
                                "--council stockton, or carequartile ask --list.")
        answer = questions.ask(Home.resolve(home), question, council, year, peers, local)
        out.print(questions.described(answer, as_format.value))

    _guarded(work, Home.resolve(home))


@app.command()
def review(
    topic: Annotated[str, typer.Argument(help="An opportunity such as high_cost or overdue_review, or a sample of case "
                                         "files: newest_residential, newest_review.", show_default=False)],
    council: Annotated[str, typer.Option("--council", help="Name or code of a council; not needed where one alone has "
                                                             "snapshots.")] = "",
    day: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the snapshot; else the newest.")
                   ] = None,
    limit: Annotated[int | None, typer.Option(help="How many packages; else all, and of a sample 26 or 14.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", parser=_named, metavar="OUT_FILE",
                                                  help="File to write; else one in `local/reviews`.")] = None,
    home: HomeOption = None,
) -> None:
    """Write a list of the rows of the council's own export to look at (restricted): file, row, price and reason."""

    def work() -> None:
        from orchestration.review import review as list_rows

        made = list_rows(Home.resolve(home), topic, council, day.date() if day else None, limit, out_file)
        out.print(f"restricted, {counted(made.packages, 'package')} in {counted(made.rows, 'row')} of the export of "
                  f"{made.council.name}, {made.day}{' (synthetic)' * made.is_synthetic}")
        out.print(f"written: {made.path}")

    _guarded(work, Home.resolve(home))


@app.command()
def peers(
    council: Annotated[str | None, typer.Argument(help="Name or code of a council.")] = None,
    all_councils: Annotated[bool, typer.Option("--all", help="The neighbours of every council.")] = False,
    year: Annotated[str | None, typer.Option(help="Financial year such as 2017-18; else the newest with residents.")
                    ] = None,
    weights: Annotated[Path | None, typer.Option("--weights", help="CSV with the columns indicator,weight; else each "
                                                 "indicator counts once.")] = None,
    indicators: Annotated[Path | None, typer.Option("--indicators", help="CSV with the columns council_code,indicator,"
                                                    "value: what no published file has, such as density.")] = None,
    number: Annotated[int, typer.Option("--number", help="How many neighbours.")] = 15,
    name: Annotated[str, typer.Option("--name", help="What the peer set is called.")] = "own_neighbours",
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write; else one in `reports` in the home.")
                        ] = None,
    home: HomeOption = None,
) -> None:
    """Find the councils nearest on open indicators and write them as a peer set to land."""

    def work() -> None:
        from orchestration.peers import described, make_peers

        if all_councils == bool(council):
            raise UnusableInput("Give one council, or --all. Next: carequartile peers stockton")
        made = make_peers(Home.resolve(home), council, year, weights, indicators, number, name, out_file)
        for line in described(made):
            out.print(line)
        out.print(f"written: {made.path}")
        out.print(f"Next: put it into the landing folder and refresh; then compare with --peers {name}.")

    _guarded(work, Home.resolve(home))


@app.command("find")
def find_measures(words: Annotated[list[str], typer.Argument(help="What the measure is of, in your own words.",
                                                            show_default=False)],
                  home: HomeOption = None) -> None:
    """Find measures by words: the five nearest, their years, and a query to paste."""

    def work() -> None:
        from orchestration.report.find import described, find

        out.print(described(find(Home.resolve(home), " ".join(words))))

    _guarded(work, Home.resolve(home))


@app.command()
def status(home: HomeOption = None,
           as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, for machines that watch.")] = False,
           ) -> None:
    """Show what is loaded, published and flagged, and how old it is; exit 1 where no complete release is published."""

    def work() -> None:
        from orchestration.status import describe
        from orchestration.status import status as status_of

        found = status_of(Home.resolve(home))
        if as_json:
            out.print(json.dumps(found.as_data(), indent=2))
        else:
            for line in describe(found):
                out.print(line)
        if not found.published:
            raise typer.Exit(1)

    _guarded(work, Home.resolve(home))


rules_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None,
                        help="List the rules of quality, or show one with its findings.")
app.add_typer(rules_app, name="rules")


@rules_app.callback()
def rules(context: typer.Context,
          gate: Annotated[str | None, typer.Option("--gate", help="reading, a or b; without it all.")] = None,
          as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
          as_html: Annotated[bool, typer.Option("--html", help="Write a page of the rules with their findings.")
                             ] = False,
          folder: Annotated[Path | None, typer.Option("--out", parser=_named, metavar="FOLDER",
                                                      help="With --html, the folder to write to; else "
                                                      "`reports` in the home.")] = None,
          home: HomeOption = None) -> None:
    """List the rules: gate, frame, how serious a finding is, and what good data has."""

    def work() -> None:
        from orchestration.rule_book import as_data, list_rules
        from orchestration.rules import all_rules

        if gate not in (None, "reading", "a", "b"):
            raise UnusableInput(f"There is no gate {gate[:40]!r}. Next: give reading, a or b.")
        chosen = [rule for rule in all_rules() if gate in (None, rule.gate)]
        if as_html:
            from orchestration.report.rule_page import write_rules

            of = Home.resolve(home)
            out.print(f"written: {write_rules(chosen, of, folder or of.reports)}")
            return
        for line in [json.dumps([as_data(rule) for rule in chosen], indent=2)] if as_json else list_rules(chosen):
            out.print(line)

    if context.invoked_subcommand is None:
        _guarded(work, Home.resolve(home) if as_html else None)


@rules_app.command("show")
def show_rule(rule: Annotated[str, typer.Argument(help="The id of a rule.", show_default=False)],
              home: HomeOption = None,
              as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False) -> None:
    """Show what a rule asks, on which frame, why, since when, and what it found in what is published."""

    def work() -> None:
        from orchestration import local_copy
        from orchestration.rule_book import as_data, describe_rule, findings_of, rule_called

        asked = rule_called(rule)
        of = Home.resolve(home)
        found = findings_of([asked], of, local_copy.is_readable(of)).get(asked.id)
        for line in [json.dumps(as_data(asked, found), indent=2)] if as_json else describe_rule(asked, found):
            out.print(line)

    _guarded(work, Home.resolve(home))


class _Told(logging.Handler):
    """Shows what the rooms log where the progress is shown."""

    def __init__(self, listener: progress.Listener) -> None:
        super().__init__()
        self._listener = listener

    def emit(self, record: logging.LogRecord) -> None:
        self._listener.line(_escaped(record.getMessage()))


@contextmanager
def _shown(is_quiet: bool, steps: Sequence[str] = ()) -> Iterator[None]:
    """Shows what a long command does and how far it is; a quiet one says nothing until it is done."""
    logger = logging.getLogger("carequartile")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    with nullcontext() if is_quiet else progress.shown(err.print, err.is_terminal, steps) as listener:
        logger.handlers = [_Told(listener) if listener else logging.NullHandler()]
        try:
            yield
        finally:
            logger.handlers = []


def _guarded(work: Callable[[], None], home: Home | None, most_faults: int | None = MOST_SHOWN) -> None:
    """Runs a command; however it ends, the user sees a message and an exit code, never a traceback."""
    stopped_by: list[str] = []
    _end_in_words(stopped_by)
    try:
        work()
    except CarequartileError as error:
        err.print(str(error))
        if isinstance(error, UnusableInput):
            _print_faults(error.faults, most_faults)
        raise typer.Exit(error.exit_code) from None
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        by = stopped_by[0] if stopped_by else "hand"
        err.print(f"Stopped by {by}. Nothing was published; the last release stays up.")
        raise typer.Exit(1) from None
    except MemoryError:
        err.print("Memory is short. Nothing was published; the last release stays up. Next: free 2 GB and run "
                  "again, or land a few files at a time.")
        raise typer.Exit(1) from None
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user is never shown a traceback
        first_line = next(iter(str(error).splitlines()), "")
        err.print(f"Carequartile failed: {type(error).__name__}: {first_line}")
        report = home.keep_report(traceback.format_exc()) if home else "Please report the command and this message."
        err.print(f"Next: nothing was published. {report}")
        raise typer.Exit(1) from None


def _end_in_words(stopped_by: list[str]) -> None:
    """SIGTERM (a service that is stopped) and SIGHUP (a terminal that is closed) end a command as Ctrl-C does."""
    def stop(number: int, frame: object) -> None:
        stopped_by.append(signal.Signals(number).name)
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What nohup has set to be ignored stays ignored, and only a main thread may set handlers.
        if (number and threading.current_thread() is threading.main_thread()
                and signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, stop)


def _print_faults(faults: list[Fault], most: int | None = MOST_SHOWN) -> None:
    for text in in_words(faults)[:most]:
        err.print(text)
    if more := len(in_words(faults)[most:]) if most else 0:
        err.print(f"and {more} more; `carequartile check` shows every one")


def _print_file(file: object) -> None:
    if file.faults:
        out.print(f"{file.file.name}: unusable, {counted(len(file.faults), 'fault')} (listed below)")
        return
    if not file.is_recognised:
        out.print(f"{file.file.name}: {file.nearest}")
        return
    for reading in file.readings:
        sheet = f", sheet {reading.sheet!r}" if reading.sheet else ""
        if reading.why_not_loaded:
            out.print(f"{file.file.name}{sheet}: {reading.layout.layout} ({reading.layout.title}), not loaded: "
                      f"{reading.why_not_loaded}")
            continue
        years = _spans(reading.financial_years) or (f"mid-{reading.sheet_year}" if reading.sheet_year else "")
        out.print(
            f"{file.file.name}{sheet}: {reading.layout.layout} ({reading.layout.title})"
            + (f", {years}" if years else "") + (f", {reading.status}" if reading.financial_years else "")
            + (f", published {reading.published_on}" if reading.published_on else "")
            + (f", {counted(len(reading.councils), 'council')}" if reading.councils else "")
            + f", {counted(reading.n_rows, 'row')}, {counted(reading.n_cells, 'cell')}"
            + (f"; the same content as {file.duplicate_of}" if file.duplicate_of else ""))
        if reading.oddities:
            out.print(f"  odd: {'; '.join(reading.oddities)}")
    if file.sheets_not_read:
        out.print(f"  not read: {_listed(file.sheets_not_read)} (tables that no layout knows)")


def _listed(sheets: list[str]) -> str:
    more = f" and {len(sheets) - MOST_SHOWN} more" if len(sheets) > MOST_SHOWN else ""
    return f"sheet{'s' * (len(sheets) > 1)} {', '.join(map(repr, sheets[:MOST_SHOWN]))}{more}"


def _snapshots_as_data(found: object | None) -> list[dict[str, object]]:
    return [dict(zip(("council", "day", "lines", "is_synthetic"), snapshot)) for snapshot in found.snapshots
            ] if found else []


def _print_snapshot(file: object, found: object) -> None:
    mapping, again = file.placement.mapping, f"; the same content as {file.duplicate_of}" if file.duplicate_of else ""
    out.print(f"{file.file.name}: snapshot of placements, read by {mapping.snapshot_mapping} ({mapping.title}), "
              f"{counted(found.n_rows, 'line')}{again}")
    for council, day, n_rows, is_synthetic in found.snapshots[:MOST_SHOWN]:
        out.print(f"  council {council} on {day}: {counted(n_rows, 'line')}{' (synthetic)' * is_synthetic}")
    if len(found.snapshots) > MOST_SHOWN:
        out.print(f"  and {len(found.snapshots) - MOST_SHOWN} more councils or days")
    if found.n_left_out:
        out.print(f"  left out: {counted(found.n_left_out, 'row')} of other kinds")
    if found.n_totals:
        out.print(f"  left out: {counted(found.n_totals, 'row')} with a total of the export, no placement")
    if found.n_without_nhs_gbp:
        out.print(f"  without pounds: {counted(found.n_without_nhs_gbp, 'line')} "
                  f"{'says' if found.n_without_nhs_gbp == 1 else 'say'} as what the NHS pays a share, and not "
                  "how much; map nhs_share_weekly_gbp, or percent_of where the export has a percentage")
    if found.dropped:
        out.print("  dropped, never stored: "
                  + ", ".join(f"{name!r} ({counted(n_values, 'cell')})" for _, name, n_values in found.dropped))
    for words, counts in (("codes the mapping does not have", found.unmapped),
                          ("cells that cannot be read", found.unreadable)):
        if counts:
            listed = ", ".join(f"{name} ({counted(rows, 'line')}, the first in row {first})"
                               for name, (rows, first) in counts.items())
            out.print(f"  {words}: {listed}")


def _spans(years: list[str]) -> str:
    """Financial years as text, consecutive ones as one span: ``2000-01 to 2007-08, 2010-11``."""
    spans: list[list[str]] = []
    for year in years:
        if spans and int(year[:4]) == int(spans[-1][-1][:4]) + 1:
            spans[-1][1:] = [year]
        else:
            spans.append([year])
    return ", ".join(" to ".join(span) for span in spans)


def _print_outcome(outcome: object, seconds: float, is_quiet: bool) -> None:
    if not is_quiet:
        _print_published(outcome)
    faults = [fault for file in outcome.refused for fault in file.faults]
    say = err.print if is_quiet else out.print
    for file in outcome.refused:
        say(f"refused: {file.file.name}: {file.reason}")
    for name, reason in outcome.stopped.items():
        say(f"refused: {name}: {reason}")
    _print_faults(faults)
    if is_quiet:
        return
    refused = len(outcome.refused) + len(outcome.stopped)
    without = f", without {refused} refused" if refused else ""
    out.print(f"restricted, exact figures of placements: {outcome.home.local}")
    out.print(f"published: {outcome.home.published} ({seconds:.1f} s){without}")


def _print_published(outcome: object) -> None:
    manifest = outcome.manifest
    if outcome.survey:
        skipped = [file for file in outcome.survey.files if file.status not in ("loaded", "refused")]
        for file in skipped[:MOST_SHOWN]:
            out.print(f"not loaded: {file.file.name}: {file.reason}")
    if not outcome.is_new:
        out.print("nothing new: the published release already holds all of this (--force builds it again)")
    for release in manifest["releases"]:
        if not release["n_councils"]:
            out.print(f"{release['financial_year']} {release['collection']}: England only ({release['file_name']})")
            continue
        out.print(
            f"{release['financial_year']} {release['collection']}: {counted(release['n_councils'], 'council')}, "
            f"{counted(release['n_figures'], 'figure')}, {release['n_values']:,} with a value, "
            f"{release['n_quarantine']:,} quarantined ({release['file_name']})")
    for snapshot in manifest["snapshots"][:MOST_SHOWN]:
        out.print(f"snapshot of {snapshot['council']}, {snapshot['date']}: {counted(snapshot['lines'], 'line')}"
                  f"{_rejected(snapshot['rejected'])}"
                  f"{' (synthetic)' * bool(snapshot['is_synthetic'])} ({snapshot['file_name']})")
    if len(manifest["snapshots"]) > MOST_SHOWN:
        out.print(f"and {counted(len(manifest['snapshots']) - MOST_SHOWN, 'more snapshot')}")
    for finding in outcome.findings:
        out.print(f"flagged: {finding['rule_id']}: {counted(finding['findings'], 'finding')}")
    if outcome.findings:
        out.print("to see them: select * from quality.rule_result where status = 'fail' and severity = 'warning'")
    for note in outcome.notes:
        out.print(f"note: {note}")


def _rejected(number: int) -> str:
    return f", of which {number:,} rejected" if number else ""


def main() -> None:
    """The entry point; for arguments that cannot be parsed Typer exits 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # A terminal that lacks the pound sign must not fail the run.
    app()


if __name__ == "__main__":
    main()
