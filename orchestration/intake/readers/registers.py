"""Reads rows that stand beside the returns: registers the user keeps (rulings, peer sets) and reference tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from orchestration.intake.grids import Grid
from orchestration.intake.readers.headings import financial_year, find_above, read_status
from orchestration.intake.readers.records import MOST_OF_A_KIND, Table, check_once, open_table
from orchestration.intake.readers.result import Reading, is_number, number_of
from orchestration.reference import (
    Councils,
    england_populations,
    is_derived_measure,
    is_measure,
    may_have_target,
    nearest_measures,
)


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    layout = reading.layout
    read_status(reading, grid, header_row)
    table = open_table(reading, grid, header_row)
    if table is None:
        return
    _read_mid_year(reading, grid, header_row, table)
    for column in _checks(reading, councils):
        column(table)
    _check_rows(reading, table)
    columns = list(table.positions.items())
    for name, column in columns:
        reading.cells.add(table.rows, [column] * len(table.rows), table.printed[name])
        reading.columns.add(column, {"field": name}, {"field": header_row + 1})
    if reading.published_on:
        reading.note("published_on", reading.published_on)
    if layout.kind == "reference":
        reading.councils = sorted({code for name in layout.ons_codes for text in table.column(name)
                                   if (code := councils.ons_codes.get(text))})


def _read_mid_year(reading: Reading, grid: Grid, header_row: int, table: Table) -> None:
    """The year of a population table: printed above it, or told by England's total, which no two years share."""
    place = reading.layout.mid_year
    if place is None:
        return
    found = find_above(grid, header_row, place.above_header) if place.above_header else None
    if found:
        match, row, column = found
        reading.note("mid_year", match["year"], row, column)
        return
    totals = england_populations()
    for row, area, people in zip(table.rows, table.column("Code"), table.column("All ages")):
        if area == "E92000001":
            year = totals.get(people.replace(",", ""))
            if year:
                reading.note("mid_year", year, row, table.positions["All ages"])
                return
    reading.fault("financial_year_printed", "no year above the table, and a total for England that is no known year's",
                  f"mid-20.. in the title, or England's total of one of {', '.join(sorted(totals.values()))}",
                  "add the year's total to seeds/reference/england_population.csv", header_row + 1)


_Fault = Callable[[int, str, str], None]


def _checks(reading: Reading, councils: Councils) -> list[Callable[[Table], None]]:
    """What single columns must hold: each check looks at a table and says its faults."""
    layout = reading.layout

    def column_check(names: list[str], is_right: Callable[[str], bool],
                     expected: Callable[[str], str]) -> Callable[[Table], None]:
        def check(table: Table) -> None:
            for name in names:
                texts = table.column(name)
                wrong = {text for text in set(texts) if text and text not in layout.markers and not is_right(text)}
                if not wrong:
                    continue
                for index in [index for index, text in enumerate(texts) if text in wrong][:MOST_OF_A_KIND]:
                    fault(reading, table, index, name, expected(texts[index]))
        return check

    def near_measure(text: str) -> str:
        if is_derived_measure(text):
            return "a measure that a return prints; of a derived one, rule on its part (marts.dim_measure_part)"
        near = nearest_measures(text)
        nearest = f", nearest: {', '.join(near)}" if near else ""
        return f"a measure that a return prints, as marts.dim_measure has it{nearest}"

    return [
        column_check(layout.councils, lambda text: text == layout.any_council or councils.is_known(text),
                     lambda text: f"a council's code{councils.nearest(text)}"),
        column_check(layout.ons_codes, lambda text: text in councils.ons_codes,
                     lambda text: "the ONS code of a council, of any year"),
        column_check(layout.measures, is_measure, near_measure),
        column_check(layout.target_measures, may_have_target,
                     lambda _: "a unit cost, spend per resident or a share of spend, as marts.mart_saving has it"),
        column_check(layout.years, lambda text: bool(re.fullmatch(r"(19|20)[0-9]{2}-[0-9]{2}", text))
                     and financial_year(*text.split("-")) is not None, lambda _: "a financial year such as 2008-09"),
        column_check(layout.dates, _is_date, lambda _: "a date such as 2026-11-24"),
        column_check(layout.numbers, is_number, lambda _: "a number"),
        column_check(layout.positive_numbers, lambda text: is_number(text) and number_of(text) > 0,
                     lambda _: "a number above zero"),
        column_check(layout.shares, lambda text: is_number(text) and 0 <= number_of(text) <= 1,
                     lambda _: "a share between 0 and 1: a quarter is 0.25"),
        column_check(layout.whole_numbers, lambda text: bool(re.fullmatch("[0-9]{1,9}", text)),
                     lambda _: "a whole number"),
    ]


def fault(reading: Reading, table: Table, index: int, name: str, expected: str,
          next_step: str = "correct the cell") -> None:
    reading.fault("register_row_valid", f"{name} is {table.column(name)[index]!r}", expected, next_step,
                  table.rows[index], table.positions.get(name))


def _check_rows(reading: Reading, table: Table) -> None:
    layout = reading.layout
    for name in layout.required:
        for index in [index for index, text in enumerate(table.column(name)) if not text][:MOST_OF_A_KIND]:
            fault(reading, table, index, name, "not blank")
    for name, allowed in layout.one_of.items():
        for index, text in enumerate(table.column(name)):
            if text not in allowed:
                fault(reading, table, index, name, " or ".join(allowed))
    for name, names in layout.reserved.items():
        for index, text in enumerate(table.column(name)):
            if text in names:
                fault(reading, table, index, name, f"a name of your own; {', '.join(names)} are built in")
    for name, condition in layout.required_when.items():
        for index, text in enumerate(table.column(name)):
            if not text and all(table.column(other)[index] == wanted for other, wanted in condition.items()):
                fault(reading, table, index, name,
                      f"not blank where {' and '.join(f'{k} is {v}' for k, v in condition.items())}")
    if layout.in_order:
        for index, days in enumerate(zip(*(table.column(name) for name in layout.in_order))):
            if list(days) != sorted(days) or len(set(days)) < len(days):
                fault(reading, table, index, layout.in_order[-1], f"a day after {layout.in_order[0]}")
    if layout.differ:
        for index, texts in enumerate(zip(*(table.column(name) for name in layout.differ))):
            if len(set(texts)) < len(texts):
                fault(reading, table, index, layout.differ[-1],
                      f"different from {layout.differ[0]}: a council is not its own peer")
    if layout.unique:
        check_once(reading, table, list(zip(*(table.column(name) for name in layout.unique))))


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and dt.date.fromisoformat(text).year > 0
    except ValueError:
        return False
