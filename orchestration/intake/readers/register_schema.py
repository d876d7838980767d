"""What the columns of a register or reference table must hold, as a pandera schema built from the layout's YAML.

pandera decides which cells break a check; this module puts into words what was expected of them, so that the fault
reads like every other fault of a file. pandera and pandas are imported where they are used: that takes two seconds, and
most files are returns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from orchestration.faults import MOST_OF_A_KIND
from orchestration.intake.layouts import Layout
from orchestration.intake.readers.result import is_number, number_of
from orchestration.intake.years import financial_year
from orchestration.reference import (
    Councils,
    is_catalogue_word,
    is_derived_measure,
    is_measure,
    may_have_target,
    nearest_measures,
)

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import Check, DataFrameSchema


class Broken(NamedTuple):
    """One cell that breaks a check: its column, the index of its row in the table, and what was expected."""

    column: str
    index: int
    expected: str


class CellCheck(NamedTuple):
    """A check of single cells: its columns, when a text is right, and what is expected in place of a wrong one.

    Blank cells and the layout's markers are right unless ``asks_blank``: whether a cell may be blank is `required`.
    ``most`` is how many cells of a column are reported, or None for all of them.
    """

    columns: list[str]
    is_right: Callable[[str], bool]
    expected: Callable[[str], str]
    asks_blank: bool = False
    most: int | None = MOST_OF_A_KIND


class RowCheck(NamedTuple):
    """A check of whole rows: the column in which a fault is shown, which rows are right, and what is expected."""

    column: str
    is_right: Callable[[pd.DataFrame], pd.Series]
    expected: str


def broken_cells(layout: Layout, texts: dict[str, list[str]], councils: Councils) -> list[Broken]:
    """The cells that break a check of the layout, in the order of the checks, of their columns, then of the rows.

    ``texts`` is each column's texts, trimmed. A column that the file does not have is read as blank.
    """
    import pandas as pd
    import pandera.pandas as pa

    n_rows = max(map(len, texts.values()), default=0)
    names = [*layout.columns, *layout.optional_columns]
    frame = pd.DataFrame({name: texts.get(name) or [""] * n_rows for name in names}, dtype=object)
    cells, rows = list(cell_checks(layout, councils)), list(row_checks(layout))
    try:
        _schema(layout, texts, cells, rows).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return list(_as_broken(errors.failure_cases, frame, cells, rows))
    return []


def _schema(layout: Layout, landed: Collection[str], cells: list[CellCheck], rows: list[RowCheck]) -> DataFrameSchema:
    import pandera.pandas as pa

    checks: dict[str, list[Check]] = defaultdict(list)
    for number, check in enumerate(cells):
        # A blank column breaks nothing but a check that asks for texts.
        for name in [name for name in check.columns if name in landed or check.asks_blank]:
            checks[name].append(_cell_check(number, check, layout))
    return pa.DataFrameSchema(
        {name: pa.Column(object, of_column) for name, of_column in checks.items()},
        checks=[pa.Check(check.is_right, name=f"row {number}") for number, check in enumerate(rows)])


def _cell_check(number: int, check: CellCheck, layout: Layout) -> Check:
    import pandera.pandas as pa

    passed_over = set() if check.asks_blank else {"", *layout.markers}

    def is_right(column: pd.Series) -> pd.Series:
        # Each text once: a table has thousands of rows and few texts.
        return column.map({text: text in passed_over or check.is_right(text) for text in column.unique()}).astype(bool)

    return pa.Check(is_right, name=f"cell {number}")


def _as_broken(cases: pd.DataFrame, frame: pd.DataFrame, cells: list[CellCheck], rows: list[RowCheck]
               ) -> Iterator[Broken]:
    """The cells that pandera found, check by check, column by column, row by row."""
    for number, check in enumerate(cells):
        of_check = cases[cases["check"] == f"cell {number}"]
        for column in check.columns if len(of_check) else ():
            for index in _indices(of_check[of_check["column"] == column])[: check.most]:
                yield Broken(column, index, check.expected(frame[column].iloc[index]))
    for number, check in enumerate(rows):
        for index in _indices(cases[cases["check"] == f"row {number}"]):
            yield Broken(check.column, index, check.expected)


def _indices(cases: pd.DataFrame) -> list[int]:
    # pandera lists a row that breaks a check of rows once for every column.
    return sorted({int(index) for index in cases["index"]})


def cell_checks(layout: Layout, councils: Councils) -> Iterator[CellCheck]:
    """The checks of single cells that a layout asks for."""
    yield CellCheck(layout.councils, lambda text: text == layout.any_council or councils.is_known(text),
                    lambda text: f"a council's code{councils.nearest(text)}")
    yield CellCheck(layout.ons_codes, lambda text: text in councils.ons_codes,
                    lambda _: "the ONS code of a council, of any year")
    yield CellCheck(layout.measures, is_measure, _near_measure)
    yield CellCheck(layout.target_measures, may_have_target,
                    lambda _: "a unit cost, spend per resident or a share of spend, as marts.mart_saving has it")
    yield CellCheck(layout.years, _is_year, lambda _: "a financial year such as 2008-09")
    yield CellCheck(layout.dates, _is_date, lambda _: "a date such as 2026-11-24")
    yield CellCheck(layout.numbers, is_number, lambda _: "a number")
    yield CellCheck(layout.positive_numbers, lambda text: is_number(text) and number_of(text) > 0,
                    lambda _: "a number above zero")
    yield CellCheck(layout.shares, lambda text: is_number(text) and 0 <= number_of(text) <= 1,
                    lambda _: "a share between 0 and 1: a quarter is 0.25")
    yield CellCheck(layout.whole_numbers, lambda text: bool(re.fullmatch("[0-9]{1,9}", text)),
                    lambda _: "a whole number")
    yield CellCheck(layout.required, bool, lambda _: "not blank", asks_blank=True)
    for name, allowed in layout.one_of.items():
        yield CellCheck([name], lambda text, allowed=allowed: text in allowed,
                        lambda _, allowed=allowed: " or ".join(allowed), asks_blank=True, most=None)
    for name, reserved in layout.reserved.items():
        yield CellCheck([name], lambda text, reserved=reserved: text not in reserved,
                        lambda _, reserved=reserved: f"a name of your own; {', '.join(reserved)} are built in",
                        most=None)


def row_checks(layout: Layout) -> Iterator[RowCheck]:
    """The checks that compare the cells of a row with each other."""
    for name, condition in layout.required_when.items():
        stated = " and ".join(f"{key} is {value}" for key, value in condition.items())
        yield RowCheck(name, lambda frame, name=name, when=condition: (frame[name] != "") | ~_meets(frame, when),
                       f"not blank where {stated}")
    for name, of in layout.catalogue_words.items():
        yield RowCheck(name, lambda frame, names=[of, name]: _holds(frame[names], lambda row: is_catalogue_word(*row)),
                       f"a word that the catalogue has for that {of}: see seeds/reference/term.csv")
    if layout.in_order:
        days = layout.in_order
        yield RowCheck(days[-1], lambda frame: _holds(frame[days], lambda row: row == sorted(set(row))),
                       f"a day after {days[0]}")
    if layout.differ:
        names = layout.differ
        yield RowCheck(names[-1], lambda frame: _holds(frame[names], lambda row: len(set(row)) == len(row)),
                       f"different from {names[0]}: a council is not its own peer")


def _meets(frame: pd.DataFrame, condition: dict[str, str]) -> pd.Series:
    import pandas as pd

    return (frame[list(condition)] == pd.Series(condition)).all(axis="columns")


def _holds(frame: pd.DataFrame, is_right: Callable[[list[str]], bool]) -> pd.Series:
    import pandas as pd

    return pd.Series([is_right(row) for row in frame.to_numpy().tolist()], index=frame.index, dtype=bool)


def _near_measure(text: str) -> str:
    if is_derived_measure(text):
        return "a measure that a return prints; of a derived one, rule on its part (marts.dim_measure_part)"
    near = nearest_measures(text)
    nearest = f", nearest: {', '.join(near)}" if near else ""
    return f"a measure that a return prints, as marts.dim_measure has it{nearest}"


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(19|20)[0-9]{2}-[0-9]{2}", text)) and financial_year(*text.split("-")) is not None


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and dt.date.fromisoformat(text).year > 0
    except ValueError:
        return False
