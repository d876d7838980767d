"""Review lists: which rows of the council's own export to open, for an opportunity or a sample of case files.

A list holds rows by number, what they cost and why they are on it, and nothing else of anybody: who is meant is in the
export, which stays with the council. It reads the warehouse, so only the home's owner can make one, and every list that
was made is logged.
"""

from __future__ import annotations

import csv
import datetime as dt
import getpass
import io
import json
from dataclasses import dataclass
from pathlib import Path

from orchestration import database
from orchestration.faults import RunStopped, UnusableInput, counted
from orchestration.home import Home, private_files
from orchestration.intake.find import printable
from orchestration.report.reading import Council, find_council, opened
from orchestration.store import lock, retention
from orchestration.store.files import EXPIRED
from orchestration.survey import LANDED

# The samples of the assessment of Stockton-on-Tees: its 26 newest residential placements and 14 newest reviews.
SAMPLES = {"newest_residential": 26, "newest_review": 14}
# Packages beside those of like need (orchestration/prices.py): dear for what they are, or with more hours than these.
GAPS = ("over_priced", "over_serviced")
COLUMNS = ("package", "file_name", "row_number", "setting", "band", "weekly_gbp", "worth_gbp_a_year", "reason")
WAIT_SECONDS = 60.0
_MOST_NAMED = 8

_TOPICS = "select distinct opportunity from reference.opportunity_assumption where method = 'share_of_cost' union " \
          "select 'step_down' order by 1"
# A package of several rows of the export has its number on each of them.
_LIST = """
with chosen as (
    select *, row_number() over (
        order by newest_on desc nulls last, counted_weekly_gbp desc nulls last, first_row) as package
    from (
        select packages.*, (
            select min(lines.row_number) from intermediate.int_placement_line as lines
            where lines.snapshot_id = packages.snapshot_id and lines.person_key = packages.person_key
                and lines.client_group = packages.client_group and lines.setting_group = packages.setting_group
                and lines.rejected_by is null and lines.is_current) as first_row
        from intermediate.int_review_package as packages
        where packages.snapshot_id = ? and packages.opportunity = ?
    ) as numbered
    qualify package <= coalesce(?, package)
)
select chosen.package, snapshots.file_name, lines.row_number, lines.setting_label as setting, bands.band,
    chosen.weekly_gbp, chosen.worth_gbp as worth_gbp_a_year, chosen.reason
from chosen
inner join intermediate.int_snapshot as snapshots on chosen.snapshot_id = snapshots.snapshot_id
inner join intermediate.int_placement_line as lines
    on chosen.snapshot_id = lines.snapshot_id and chosen.person_key = lines.person_key
    and chosen.client_group = lines.client_group and chosen.setting_group = lines.setting_group
    and lines.rejected_by is null and lines.is_current
left join intermediate.int_snapshot_band as bands
    on chosen.snapshot_id = bands.snapshot_id and chosen.setting_group = bands.setting_group
    and ((chosen.weekly_gbp is null and bands.low_gbp is null)
         or (chosen.weekly_gbp >= bands.low_gbp and chosen.weekly_gbp < coalesce(bands.high_gbp, 1000000000)))
order by chosen.package, lines.row_number
"""


@dataclass(frozen=True)
class Review:
    """A list that was written: of which snapshot, how many packages and rows, and where it is."""

    topic: str
    council: Council
    day: dt.date
    packages: int
    rows: int
    path: Path
    is_synthetic: bool


def review(home: Home, topic: str, council: str = "", day: dt.date | None = None, limit: int | None = None,
           out: Path | None = None, wait_seconds: float = WAIT_SECONDS) -> Review:
    """Writes the list of a topic (an opportunity or a sample) for a council's snapshot, by default its newest, as CSV.
    ``council`` may be left out where one alone has snapshots.

    Pounds are a week or a year as the columns say; packages are ordered by what a review is worth, a sample by day.
    The file is readable by its writer alone. Waits for a refresh to end, for ``wait_seconds`` at most.

    Raises UnusableInput for a topic, council or day there is nothing of, RunStopped while a refresh goes on for longer.
    """
    if not home.warehouse.is_file():
        raise UnusableInput(f"There is no warehouse in {printable(str(home.folder))}. Next: run `carequartile "
                            "refresh`, or name the home with --home.")
    if limit is not None and limit < 1:
        raise UnusableInput("A list needs one package at least. Next: give a --limit from 1 on, or leave it out.")
    with opened(home) as copy:
        councils = copy.councils()
    try:
        with lock.hold(home, wait_seconds), database.connect(home.warehouse, read_only=True) as connection:
            _check_topic(connection, topic)
            found = find_council(councils, council or _only_council(connection))
            snapshot_id, of_day, is_synthetic = _snapshot(connection, found, day)
            rows = connection.execute(_LIST, [snapshot_id, topic, limit or SAMPLES.get(topic)]).fetchall()
    except database.DatabaseError as error:
        raise RunStopped(f"The packages of this warehouse cannot be listed ({str(error).splitlines()[0][:200]}). Next: "
                         "run `carequartile refresh --force`, which builds them again.") from error
    path = out or home.local_folder / "reviews" / f"{topic}-{found.code}-{of_day}.csv"
    made = Review(topic, found, of_day, len({row[0] for row in rows}), len(rows), path, is_synthetic)
    _write(path, rows)
    _log(home, made)
    return made


def _check_topic(connection: object, topic: str) -> None:
    topics = [row[0] for row in connection.execute(_TOPICS).fetchall()] + [*GAPS, *SAMPLES]
    if topic not in topics:
        raise UnusableInput(f"There is no review of {printable(topic)[:60]!r}. Next: name one of {', '.join(topics)}.")


def _only_council(connection: object) -> str:
    """The code of the council that has snapshots, where no other has."""
    having = connection.execute("select distinct council_code, council from intermediate.int_snapshot order by 2"
                                ).fetchall()
    if len(having) != 1:
        names = ", ".join(f"{name} ({code})" for code, name in having[:_MOST_NAMED])
        more = f" and {len(having) - _MOST_NAMED} more" if len(having) > _MOST_NAMED else ""
        raise UnusableInput(f"{counted(len(having), 'council')} have snapshots here: {names}{more}. Next: name one "
                            "with --council." if having else "No snapshot is loaded here. Next: land an export.")
    return having[0][0]


def _snapshot(connection: object, council: Council, day: dt.date | None) -> tuple[str, dt.date, bool]:
    days = connection.execute(
        "select used.snapshot_id, used.snapshot_date, used.is_synthetic, stored.origin = ? and stored.received_at < ? "
        "from intermediate.int_snapshot as used inner join raw.snapshot as stored using (snapshot_id) "
        "where used.council_code = ? order by used.snapshot_date desc",
        [LANDED, retention.cutoff(), council.code]).fetchall()
    for snapshot_id, of_day, is_synthetic, is_gone in days:
        if day in (None, of_day) and is_gone:
            raise UnusableInput(f"The rows of {council.name} on {of_day} are gone: rows about people are kept "
                                f"{retention.placement_months_kept()} months, and the next refresh drops them. Next: "
                                "land the export again if it is to be reviewed.")
        if day in (None, of_day):
            return snapshot_id, of_day, is_synthetic
    known = f"Its snapshots are of {', '.join(str(snapshot[1]) for snapshot in days)}." if days else "It has none."
    raise UnusableInput(f"No rows of {council.name}{f' on {day}' if day else ''} are in the warehouse. {known}"
                        f"{_gone(connection)} Next: name one of its days, or land the export again.")


def _gone(connection: object) -> str:
    """Which exports' rows were dropped for their age: the row numbers of an older list lead to these files alone."""
    gone = connection.execute("select file_name, reason from raw.source_file where status = ? order by 1",
                              [EXPIRED]).fetchall()
    return "".join(f" The rows of {printable(name)} are gone: {reason}." for name, reason in gone)


def _write(path: Path, rows: list[tuple[object, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_shown(value) for value in row] for row in rows)
    new = path.with_name(f".{path.name}.new")
    try:
        with private_files():
            path.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            new.write_text(text.getvalue(), encoding="utf-8")
            new.replace(path)
    except (OSError, ValueError) as error:
        raise UnusableInput(f"The list cannot be written to {printable(str(path))} "
                            f"({getattr(error, 'strerror', None) or 'no such name'}). Next: name another file with "
                            "--out.") from error


def _shown(value: object) -> object:
    return f"{value:.2f}" if type(value).__name__ == "Decimal" else value


def _log(home: Home, made: Review) -> None:
    """Who made which list when; nothing of what is on it."""
    line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "user": getpass.getuser(),
            "topic": made.topic, "council_code": made.council.code, "day": str(made.day), "packages": made.packages,
            "rows": made.rows, "written_to": str(made.path)}
    with private_files():
        home.logs.mkdir(parents=True, exist_ok=True)
        with (home.logs / "reviews.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
