"""Checks that all shapes share: numbers or known markers, complete rows, no value outside the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from orchestration.faults import column_letter
from orchestration.intake.grids import Grid
from orchestration.intake.readers.result import AS_PUBLISHED, Reading, is_number, short

# With more faults than this, a file of another kind was mistaken for a return, and further faults only repeat it.
MOST_CELL_FAULTS = 1_000


def is_blank(row: Iterable[str]) -> bool:
    return not any(cell.strip() for cell in row)


def width(header: list[str]) -> int:
    """The number of the last column with a header."""
    return max((column for column, text in enumerate(header, start=1) if text.strip()), default=0)


def is_short(reading: Reading, row: list[str], number: int, wanted: int, council: str | None = None) -> bool:
    """Whether a row ends before the column ``wanted``; reports a fault where it does."""
    if len(row) < wanted:
        reading.fault("file_complete", f"the row ends at column {column_letter(len(row))} ({len(row)} cells)",
                      f"{wanted} cells, as the header has", "the file is cut short: download it again", number,
                      len(row), council)
    return len(row) < wanted


def check_beyond(reading: Reading, row: list[str], number: int, last: int, council: str | None) -> None:
    """Checks for a value right of the header's last column: often an extra comma that moved every later cell."""
    if len(row) <= last:
        return
    for column, text in enumerate(row[last:], start=last + 1):
        if text.strip():
            reading.fault("file_complete", f"{short(text)} under no header", "values only under the header's columns",
                          "remove the cell, or quote the cell of this row that holds a comma", number, column, council)
            return


def check_headless(reading: Reading, grid: Grid, header_row: int, last: int) -> None:
    """Checks for values under an empty header, which would not be read. The first column may hold row numbers."""
    header = grid[header_row]
    for column, text in enumerate(header[1:last], start=2):
        if text.strip():
            continue
        under = (row[column - 1] for row in grid[header_row + 1:] if column <= len(row) and row[column - 1].strip())
        if value := next(under, None):
            reading.fault("header_matches", f"an empty header over values, the first {short(value)}",
                          "a header over every column", AS_PUBLISHED, header_row + 1, column)


def check_above(reading: Reading, grid: Grid, header_row: int, records: list[list[str]]) -> None:
    """Checks for records above the header, which would not be read. A title fills one cell; a record fills many."""
    fewest = min((_filled(row) for row in records[:100]), default=2)
    fewest = max(2, min(fewest, _filled(grid[header_row]) // 2 + 1))
    for number, row in enumerate(grid[:header_row], start=1):
        if _filled(row) >= fewest:
            reading.fault("header_matches", f"a row of {_filled(row)} cells above the header, which is row "
                          f"{header_row + 1}", "the header above all records", "put the header above the table", number)
            return


def check_values_above(reading: Reading, grid: Grid, header_row: int, columns: list[int]) -> None:
    """As ``check_above``, for tables with an area in each row or column: no row of numbers may be above the header."""
    for number, row in enumerate(grid[:header_row], start=1):
        numbers = sum(column <= len(row) and is_number(row[column - 1]) for column in columns)
        if numbers >= max(2, len(columns) / 2):
            reading.fault("header_matches", f"a row of {numbers} numbers above the header, which is row "
                          f"{header_row + 1}", "the header above all values", "put the header above the table", number)
            return


def check_header_once(reading: Reading, header: list[str], records: list[tuple[int, list[str]]]) -> None:
    """Checks that the header is not repeated among the records, as when two files were joined one below the other."""
    again = [text.strip() for text in header]
    for number, row in records:
        if [text.strip() for text in row[:len(header)]] == again:
            reading.fault("header_matches", "the header again", "the header once, above all records",
                          "remove the row; if two files were joined, land them separately", number)


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def check_values(reading: Reading, councils: dict[int, str] | None = None, by_row: bool = True) -> None:
    """Checks that every cell is a number or a known marker; ``councils`` has the council of each row (or column).

    The same text occurs in hundreds of cells, so each distinct one is checked once. What is unusual but correct goes
    into ``oddities``.
    """
    # Only spaces are trimmed, as in staging: a marker or number that staging would not know must not pass here.
    counts = Counter(reading.cells.texts)
    markers = reading.layout.markers
    bad = {text for text in counts if text.strip(" ") not in markers and not reading.is_value(text)}
    if bad:
        _report_bad(reading, bad, councils or {}, by_row)
    _report_odd(reading, counts, bad)


def _report_bad(reading: Reading, bad: set[str], councils: dict[int, str], by_row: bool) -> None:
    known = ", ".join(repr(marker) if marker else "blank" for marker in reading.layout.markers)
    n_reported = 0
    for row, column, text in reading.cells:
        if text in bad:
            reading.fault("cell_is_number_or_marker", repr(text),
                          f"a number, or one of the markers of this layout: {known}",
                          "correct the cell to what the publisher printed; a new marker goes into the layout's "
                          "`markers`", row, column, councils.get(row if by_row else column) or None)
            n_reported += 1
            if n_reported == MOST_CELL_FAULTS:
                return


def _report_odd(reading: Reading, counts: Counter[str], bad: set[str]) -> None:
    markers = reading.layout.markers
    reasons: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    for text, count in counts.items():
        plain = text.strip(" ")
        if plain in markers:
            reason = markers[plain].replace("_", " ")
            reasons[f"{reason} ({plain!r})" if plain else reason if reason == "blank" else f"{reason} (blank)"] += count
        elif text not in bad:
            odd["negative"] += count * ("-" in plain.split("E")[0])
            odd["with a currency sign"] += count * ("£" in plain or "$" in plain)
            odd["with an asterisk"] += count * plain.endswith("*")
            odd["followed by another in brackets"] += count * plain.endswith(")")
            odd["in scientific notation"] += count * ("E" in plain)
    total = len(reading.cells)
    reading.oddities += [f"{count:,} of {total:,} cells {reason}" for reason, count in sorted(reasons.items())]
    reading.oddities += [f"{count:,} numbers {what}" for what, count in odd.items() if count]
