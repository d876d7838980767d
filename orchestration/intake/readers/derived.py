"""Why a known table that is no return is not loaded; one that was derived from returns is held to published totals."""

from __future__ import annotations

import re
from decimal import Decimal

from orchestration.intake.grids import Grid
from orchestration.intake.readers.records import Table, open_table
from orchestration.intake.readers.result import Reading, is_number, number_of
from orchestration.intake.years import financial_year
from orchestration.reference import control_totals

# Gross total and gross current expenditure differ by a tenth; a total further out counts something twice.
FACTOR = Decimal("1.5")


def read(reading: Reading, grid: Grid, header_row: int) -> None:
    if reading.layout.derived is None:
        reading.why_not_loaded = reading.layout.not_loaded
        return
    reading.why_not_loaded = "derived from returns by someone else, so no cell of it can be traced; land the returns"
    table = open_table(reading, grid, header_row)
    if table is None:
        reading.faults.clear()
        return
    found = [text for index in range(len(table.rows)) if (text := _compare(reading, table, index))]
    if found:
        reading.why_not_loaded += (
            f". Its totals are not the published ones: {'; '.join(found)}. England and region rows were most likely "
            "added to the councils they hold")


def _compare(reading: Reading, table: Table, index: int) -> str | None:
    """How a row differs from the control total of its group and year; None where it agrees with it."""
    derived = reading.layout.derived
    text = {name: table.column(name)[index] for name in (derived.year, derived.part, derived.group, derived.value)}
    scope = derived.groups.get(text[derived.group])
    if scope is None or text[derived.part] != derived.whole or not is_number(text[derived.value]):
        return None
    ending = text[derived.year]
    year = financial_year(str(int(ending) - 1), ending) if re.fullmatch("[0-9]{4}", ending) else None
    control = control_totals().get(("ascfr", year, scope))
    amount = number_of(text[derived.value]) / 1000
    if control is None or amount / control <= FACTOR:
        return None
    return (f"row {table.rows[index]} has GBP {amount:,.1f}m for {text[derived.group].lower()} in {year}, published "
            f"are {control:,.1f}m ({amount / control:.2f} times)")
