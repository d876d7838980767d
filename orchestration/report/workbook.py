"""A council's figures as a workbook in the form the Analysis Function asks for: cover, contents, notes, tables.

It holds the figures of the page, numbers as unrounded numbers. gptables formats it; what this module decides is which
tables become which sheets.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from orchestration.report import words
from orchestration.report.page import Made, axis_words
from orchestration.report.reading import peer_words
from orchestration.report.sections.parts import Cell, Section, Table, decimal, number

LEGEND = ["[x] there is no value; the last column, or the sheet of what not to believe, says why"]
# Excel would run a text that begins with = or + as a formula, and call what looks like a link.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST_NAME = 28  # Excel allows 31 characters in the name of a sheet; three are kept for a number.
MOST_TEXT = 32_000  # Excel cuts a cell at 32,767 characters without a word.


def write_workbook(made: Made, path: Path) -> None:
    """Writes the workbook of a council to ``path``. Raises OSError where it cannot be written."""
    import gptables

    sheets, notes = {}, []
    for section in [standing(made), every_comparison(made), *made.sections]:
        marks = [f"{section.name.replace('-', '')}{at}" for at in range(1, len(section.notes) + 1)]
        tables = list(merged(section.tables))
        notes += zip(marks, section.notes) if tables else []
        for table in tables:
            name = sheet_name(section.title, sheets)
            sheets[name] = _sheet(section, table, name, made.council.name, "".join(f"$${mark}$$" for mark in marks))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gptables warns of every note that a second sheet names again.
        gptables.write_workbook(
            path,
            sheets,
            cover=_cover(made),
            notes_table=_notes(notes),
            contentsheet_options={"additional_elements": ["subtitles"]},
            workbook_options=OPTIONS,
        )


def standing(made: Made) -> Section:
    """The table the page opens with: the headline measures of the newest year, in the peer set that was asked for."""
    start = made.start
    rows = [
        row
        for row in made.benchmarks
        if (row["peer_set"], row["basis"]) == (start["peer_set"], start["basis"])
        and row["financial_year"] == start["financial_year"]
    ]
    return Section(
        "stand",
        "Where we stand",
        words.standing(
            made.council.name,
            made.measures[start["measure_id"]].words,
            start,
            peer_words(start["peer_set"]),
        ),
        tables=[_benchmarks(made, rows, f"Headline measures, {start['financial_year']}")],
    )


def every_comparison(made: Made) -> Section:
    """What the page can be switched to: every year, peer set and basis of the headline measures."""
    return Section(
        "compare",
        "Every comparison",
        f"Headline measures of {made.council.name} in every year, against every peer set",
        tables=[_benchmarks(made, made.benchmarks, "Headline measures, every year, peer set and basis")],
    )


def _benchmarks(made: Made, rows: list[dict[str, object]], caption: str) -> Table:
    order = list(made.measures)
    statistics = {
        "mean": "Peers' mean",
        "weighted_mean": "Peers' weighted mean",
        "median": "Peers' median",
        "lowest_quartile_mean": "Mean of the lowest quarter",
        "variance_to_mean": "Difference from the mean",
    }
    shown = sorted(
        rows, key=lambda row: (order.index(row["measure_id"]), -int(row["financial_year"][:4]), row["peer_set"])
    )
    return Table(
        caption,
        [
            "Measure",
            "Year",
            "Compared with",
            "Figures",
            "Unit",
            "Council",
            *statistics.values(),
            "Rank from the lowest",
            "Councils ranked",
            "Peers",
            "Can it be trusted?",
            "Figure",
        ],
        [
            [
                Cell(made.measures[row["measure_id"]].short),
                Cell(row["financial_year"]),
                Cell(peer_words(row["peer_set"])),
                Cell(words.BASES[row["basis"]]),
                Cell(axis_words(str(row["unit"]))),
                number("", row["value"]),
                *[number("", row[name]) for name in statistics],
                *[decimal(row[name], "", 0) for name in ("rank_low", "n_ranked", "n_peers")],
                Cell(words.verdict(row, made.expected)),
                Cell(row["figure_id"] or "none"),
            ]
            for row in shown
        ],
    )


def merged(tables: list[Table]) -> Iterator[Table]:
    """Tables of the same columns become one, each row with the table's caption: thirty savings are one sheet."""
    alike: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        if table.rows:
            alike.setdefault(tuple(table.columns), []).append(table)
    for columns, found in alike.items():
        if len(found) == 1:
            yield found[0]
        else:
            rows = [[Cell(table.caption), *row] for table in found for row in table.rows]
            yield Table(
                "; ".join(dict.fromkeys(one.caption.split(",")[-1].strip() for one in found)),
                ["Measure", *columns],
                rows,
            )


def sheet_name(title: str, taken: object) -> str:
    """A name Excel allows, no two alike: savings, savings 2."""
    plain = re.sub(r"[^A-Za-z0-9 ,'-]", "", title)[:MOST_NAME].strip(" '")
    names = (plain if at == 1 else f"{plain} {at}" for at in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _sheet(section: Section, table: Table, name: str, council: str, marks: str) -> object:
    import gptables
    import pandas as pd

    columns = [list(column) for column in zip(*table.rows)]
    frame = pd.DataFrame(
        {heading: [_stored(cell) for cell in column] for heading, column in zip(table.columns, columns)}, dtype=object
    )
    units = {
        at: axis_words(found.pop())
        for at, column in enumerate(columns)
        if len(found := {cell.unit for cell in column if cell.unit}) == 1
    }
    return gptables.GPTable(
        frame,
        table_name=re.sub(r"\W", "_", name).lower(),
        title=f"{council}: {section.title}, {table.caption[:1].lower()}{table.caption[1:]}{marks}",
        subtitles=[section.headline],
        units=units or None,
        legend=LEGEND,
        source="Worked out by Carequartile from the published returns on the sheet of sources.",
        index_columns={1: 0},
    )


def _stored(cell: Cell) -> object:
    """A number as a number, else its words; Excel stores floating point, so a decimal is turned into one here."""
    if cell.is_number:
        value = cell.value
        return "[x]" if value is None else float(value) if isinstance(value, Decimal) else value
    return str(cell.text).replace("$$", "$ $")[:MOST_TEXT]  # gptables reads $$ as the mark of a note.


def _notes(notes: list[tuple[str, str]]) -> object:
    import pandas as pd

    return pd.DataFrame(notes, columns=["Note reference", "Note text"])


def _cover(made: Made) -> object:
    import gptables

    council = made.council
    year = made.asked.year or "the newest year each section has"
    return gptables.Cover(
        title=f"{council.name}: adult social care, spend and comparison",
        intro=[
            f"{council.council_class}, {council.region}. Figures of {year}, compared with {made.asked.peers}.",
            "The figures are those of the council's page, unrounded.",
            *_restricted(made),
        ],
        about=[
            "Each figure has its year, its unit and what the checks found. A figure that is set aside counts in no "
            "comparison; the sheet of what not to believe lists every one with its reason.",
            "The column Figure holds the id that carequartile lineage follows to file, sheet, row and column.",
            "Contains public sector information licensed under the Open Government Licence v3.0.",
        ],
    )


def _restricted(made: Made) -> list[str]:
    return ["Restricted: exact figures of local placements, for those who may see them."] if made.is_local else []
