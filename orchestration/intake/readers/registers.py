"""Reads registers that the user keeps (rulings, peer sets) and reference tables (population, deflator), as printed."""

from __future__ import annotations

from orchestration.intake.grids import Grid, find_above
from orchestration.intake.readers.headings import read_status
from orchestration.intake.readers.records import Table, check_once, open_table
from orchestration.intake.readers.register_schema import broken_cells
from orchestration.intake.readers.result import Reading, RegisterRows
from orchestration.reference import Councils, england_populations


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    """Fills ``reading.register`` with the table's rows, or ``reading.faults`` with what is wrong with them."""
    layout = reading.layout
    read_status(reading, grid, header_row)
    table = open_table(reading, grid, header_row)
    if table is None:
        return
    _read_mid_year(reading, grid, header_row, table)
    _check(reading, table, councils)
    reading.register = RegisterRows(table.rows, table.positions, table.printed)
    if reading.published_on:
        reading.note("published_on", reading.published_on)
    if layout.kind == "reference":
        reading.councils = sorted({code for name in layout.ons_codes for text in table.column(name)
                                   if (code := councils.ons_codes.get(text))})


def _read_mid_year(reading: Reading, grid: Grid, header_row: int, table: Table) -> None:
    """The year of a population table: printed above it, or recognised by England's total, different every year."""
    location = reading.layout.mid_year
    if location is None:
        return
    found = find_above(grid, header_row, location.above_header) if location.above_header else None
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
    reading.fault("financial_year_printed", "no year above the table, and a total for England that is of no known year",
                  f"mid-20.. in the title, or England's total of one of {', '.join(sorted(totals.values()))}",
                  "add the year's total to seeds/reference/england_population.csv", header_row + 1)


def _check(reading: Reading, table: Table, councils: Councils) -> None:
    for column, index, expected in broken_cells(reading.layout, table.texts, councils):
        reading.fault("register_row_valid", f"{column} is {table.column(column)[index]!r}", expected,
                      "correct the cell", table.rows[index], table.positions.get(column))
    if reading.layout.unique:
        check_once(reading, table, list(zip(*(table.column(name) for name in reading.layout.unique))))
