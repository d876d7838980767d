"""Takes value cells and their labels out of a recognised sheet, or says what is wrong with it. Stores nothing.

A published table, however it lies on its sheet, is value cells described by labels: a label holds for a row, for a
column or for the whole sheet. ``Reading`` is just that, with every cell and label at the place it was printed.
Nothing is converted here: numbers are tested for being numbers and kept as text; typing is staging's work.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orchestration.faults import Fault, column_letter
from orchestration.landing import Grid, LandedFile
from orchestration.layouts import COMPONENTS, Edition, Layout, Match, identify, normalise
from orchestration.reference import Councils, load_measures

# Digits with or without thousands commas; a currency sign and the publisher's own asterisk may stand with them. What
# this lets through, staging must be able to type: ASCII digits only, at most 18 of them before the point.
NUMBER = re.compile(r" *(-?[£$]?|[£$]-)([0-9]{1,3}(,[0-9]{3}){1,5}|[0-9]{1,18}|(?=\.))(\.[0-9]+)? *\*? *")
# A cell may hold megabytes; a message shows its beginning.
MOST_SHOWN_OF_CELL = 300
# Returns of other years are misprints. Each of these is a partition of the raw returns.
FIRST_YEAR, LAST_YEAR = 2000, 2040


@dataclass(frozen=True)
class Cell:
    """A value cell: row and column count from 1, text is as printed."""

    row: int
    column: int
    text: str


@dataclass(frozen=True)
class Label:
    """What describes the cells of a row, of a column or of the sheet; printed at ``row`` and ``column``, if at all."""

    axis: str
    position: int
    dimension: str
    text: str
    row: int | None = None
    column: int | None = None


@dataclass
class Reading:
    """What one sheet of one file holds."""

    file: LandedFile
    layout: Layout
    sheet: str
    financial_years: list[str] = field(default_factory=list)
    status: str = "final"
    councils: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, rule: str, found: str, expected: str, next_step: str, row: int | None = None,
              column: int | None = None, council: str | None = None) -> None:
        if len(found) > MOST_SHOWN_OF_CELL:
            found = f"{found[:MOST_SHOWN_OF_CELL]}... ({len(found):,} characters)"
        self.faults.append(Fault(rule, self.file.name, found, expected, next_step, self.sheet or None, row, column,
                                 council))

    def label(self, axis: str, position: int, dimension: str, text: str, row: int | None = None,
              column: int | None = None) -> None:
        self.labels.append(Label(axis, position, dimension, text, row, column))


def is_number(text: str) -> bool:
    """Whether a printed cell is a number: ``1,234.5``, ``-128``, ``$0.00``, ``588*``; not ``1,23``, ``12a``, blank."""
    return NUMBER.fullmatch(text) is not None


def read_file(landed: LandedFile, layouts: list[Layout], councils: Councils) -> tuple[list[Reading], list[Match]]:
    """The readings of a file's recognised sheets, and the best match of every sheet (for naming the nearest)."""
    matches = [match for name, grid in landed.sheets.items() if (match := identify(grid, name, layouts))]
    readings = [
        read_sheet(landed, landed.sheets[match.sheet], match, councils) for match in matches if match.is_recognised
    ]
    _check_sheets(readings)
    return readings, matches


def _check_sheets(readings: list[Reading]) -> None:
    """A workbook's sheets must not hold the same return twice: its figures would count twice."""
    first: dict[tuple[str, str], str] = {}
    for reading in readings:
        for year in reading.financial_years if reading.layout.kind == "return" else ():
            other = first.setdefault((reading.layout.layout, year), reading.sheet)
            if other != reading.sheet:
                reading.fault("council_once", f"{year} of {reading.layout.title} stands on sheet {other!r} too",
                              "every return on one sheet of the workbook", "remove the sheet that does not belong")


def read_sheet(landed: LandedFile, grid: Grid, match: Match, councils: Councils) -> Reading:
    """Reads one sheet by its layout's shape; what is wrong stands in ``faults`` and never raises."""
    reading = Reading(landed, match.layout, match.sheet)
    _SHAPES[match.layout.shape](reading, grid, match.header_row, councils)
    return reading


# --- what the shapes share -------------------------------------------------------------------------------------------


def financial_year(start: str, end: str) -> str | None:
    """``2008-09`` from the start year and the two digits of the end year; None where they are no year of returns."""
    is_a_year = (int(start) + 1) % 100 == int(end) and FIRST_YEAR <= int(start) <= LAST_YEAR
    return f"{int(start)}-{int(end):02d}" if is_a_year else None


def _find_above(reading: Reading, grid: Grid, header_row: int, pattern: str) -> tuple[re.Match[str], int, int] | None:
    for index, row in enumerate(grid[:header_row]):
        for position, text in enumerate(row):
            if found := re.search(pattern, text, re.IGNORECASE):
                return found, index + 1, position + 1
    return None


def _read_year_and_status(reading: Reading, grid: Grid, header_row: int) -> str | None:
    place = reading.layout.financial_year
    year, row, column, printed = place.fixed, None, None, "no financial year in the rows above the header"
    if place.above_header:
        found = _find_above(reading, grid, header_row, place.above_header)
        if found:
            match, row, column = found
            year, printed = financial_year(match["start"], match["end"]), repr(match[0])
    if year is None:
        reading.fault("financial_year_printed", printed, "a year such as 2008-09 in the title",
                      "restore the title row the publisher printed", row=row or 1, column=column or 1)
        return None
    for status, pattern in reading.layout.status.above_header.items():
        if _find_above(reading, grid, header_row, pattern):
            reading.status = status
            break
    reading.financial_years = [year]
    reading.label("sheet", 0, "financial_year", year, row, column)
    _check_year_of_headers(reading, grid[header_row], year, header_row)
    return year


def _check_year_of_headers(reading: Reading, header: list[str], year: str, header_row: int) -> None:
    ends = Counter(found for text in header for found in re.findall(r"31 march (\d{4})", text.lower()))
    end_year = str(int(year[:4]) + 1)
    for column, text in enumerate(header, start=1):
        found = re.search(r"31 march (\d{4})", text.lower())
        if found and found[1] != end_year:
            reading.fault("financial_year_printed", f"the header speaks of 31 March {found[1]} "
                          f"({ends[found[1]]} columns)",
                          f"31 March {end_year}, the end of {year} that the title names",
                          "find out which year the file holds and restore the right title or header",
                          row=header_row + 1, column=column)
            return


def _is_blank(row: Iterable[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _check_value(reading: Reading, row: int, column: int, text: str, council: str | None) -> None:
    # Only spaces are trimmed, as staging does: a marker or number that it would not know must not pass here.
    if text.strip(" ") in reading.layout.markers or is_number(text):
        return
    markers = ", ".join(repr(marker) if marker else "blank" for marker in reading.layout.markers)
    reading.fault("cell_is_number_or_marker", repr(text), f"a number, or one of the markers of this layout: {markers}",
                  "correct the cell to what the publisher printed; a new marker goes into the layout's `markers`",
                  row, column, council)


def _is_short(reading: Reading, row: list[str], number: int, width: int, council: str | None = None) -> bool:
    if len(row) < width:
        reading.fault("file_complete", f"the row ends at column {column_letter(len(row))} ({len(row)} cells)",
                      f"{width} cells, as the header has", "the file is cut short: download it again", number, len(row),
                      council)
    return len(row) < width


def _check_beyond(reading: Reading, row: list[str], number: int, header: list[str], council: str | None) -> None:
    """A value right of the header's last column: often a comma too many, that moved every cell after it."""
    width = _width(header)
    for column, text in enumerate(row[width:], start=width + 1):
        if text.strip():
            reading.fault("file_complete", f"{_short(text)} under no header", "values only under the header's columns",
                          "remove the cell, or quote the cell of this row that holds a comma", number, column, council)
            return


def _width(header: list[str]) -> int:
    return max((column for column, text in enumerate(header, start=1) if text.strip()), default=0)


def _check_headless(reading: Reading, grid: Grid, header_row: int) -> None:
    """Values under an empty header cell are a column nobody reads. The first column may hold a row's number."""
    header = grid[header_row]
    for column, text in enumerate(header[1:_width(header)], start=2):
        under = (row[column - 1] for row in grid[header_row + 1:] if column <= len(row) and row[column - 1].strip())
        if not text.strip() and (value := next(under, None)):
            reading.fault("header_matches", f"an empty header over values, the first {_short(value)}",
                          "a header over every column", "restore the published header", header_row + 1, column)


def _check_england_once(reading: Reading, places: list[tuple[int, int]]) -> None:
    if len(places) > 1:
        where = ", ".join(f"row {row} column {column_letter(column)}" for row, column in places)
        reading.fault("council_once", f"England stands {len(places)} times ({where})", "England once",
                      "remove the row or column that does not belong", *places[1])


def _check_councils(reading: Reading, found: list[tuple[str, str, int, int]], year: str, councils: Councils) -> None:
    """``found`` holds code, printed text, row and column of every council of one year."""
    places = defaultdict(list)
    for code, text, row, column in found:
        places[code].append((row, column))
        problem = councils.why_not(code, year, text)
        if problem:
            reading.fault("council_known", f"{text.strip()!r}: {problem}",
                          f"a council of England in {year}, by its code",
                          "correct the code, or add the new council to seeds/reference/council.csv",
                          row, column, code)
    for code, where in places.items():
        if len(where) > 1:
            first = ", ".join(f"row {row} column {column_letter(column)}" for row, column in where)
            reading.fault("council_once", f"council {code} stands {len(where)} times ({first})",
                          "every council once", "remove the row or column that does not belong",
                          where[1][0], where[1][1], code)
    reading.councils = sorted(places)


# --- a row per council, columns recognised by their published text ---------------------------------------------------


@dataclass(frozen=True)
class _ExpectedColumn:
    line: str
    component: str
    text: str


def _expected_columns(layout: Layout, edition: Edition | None) -> list[_ExpectedColumn]:
    without = set(edition.without) if edition else set()
    misprints = {(m.line, m.component): m.printed for m in edition.misprints} if edition else {}
    return [
        _ExpectedColumn(line.line, part, misprints.get((line.line, part), getattr(line, part)))
        for line in layout.lines if line.line not in without for part in COMPONENTS
    ]


def _read_line_columns(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    year = _read_year_and_status(reading, grid, header_row)
    if year is None:
        return
    header = grid[header_row]
    columns = _match_columns(reading, header, header_row, reading.layout.editions.get(year))
    first_data = _check_below_header(reading, grid, header_row, columns)
    for column, expected in columns.items():
        reading.label("column", column, "line", expected.line, header_row + 1, column)
        reading.label("column", column, "component", expected.component, header_row + 1, column)
        reading.label("column", column, "header", header[column - 1], header_row + 1, column)
    _read_council_rows(reading, grid, header, first_data, sorted(columns), year, councils)


def _match_columns(reading: Reading, header: list[str], header_row: int,
                   edition: Edition | None) -> dict[int, _ExpectedColumn]:
    """Column number to what it holds. Renamed, missing and added columns become faults, each with its place."""
    expected = _expected_columns(reading.layout, edition)
    last = max((index for index, text in enumerate(header) if text.strip()), default=0)
    found = [normalise(text) for text in header[1:last + 1]]
    first_cell = header[0].strip().lower()
    if first_cell not in reading.layout.header.first_cell:
        reading.fault("header_matches", repr(header[0]), "an empty cell or COUNCIL over the councils",
                      "restore the publisher's header", header_row + 1, 1)
    if edition is None:
        expected = _only_printed_lines(expected, set(found))
    columns: dict[int, _ExpectedColumn] = {}
    matcher = difflib.SequenceMatcher(a=[normalise(column.text) for column in expected], b=found, autojunk=False)
    for kind, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if kind == "equal":
            columns |= {b_from + offset + 2: expected[a_from + offset] for offset in range(a_to - a_from)}
        else:
            _header_faults(reading, header, header_row, expected[a_from:a_to], range(b_from + 2, b_to + 2))
    return columns


def _only_printed_lines(expected: list[_ExpectedColumn], found: set[str]) -> list[_ExpectedColumn]:
    """For a year the layout does not describe: the lines of which any column is printed must be there whole."""
    printed = {column.line for column in expected
               if column.component == "denominator" and normalise(column.text) in found}
    return [column for column in expected if column.line in printed]


def _header_faults(reading: Reading, header: list[str], header_row: int, missing: list[_ExpectedColumn],
                   added: range) -> None:
    row = header_row + 1
    for expected, column in zip(missing, added):
        reading.fault("header_matches", f"a renamed column: {_short(header[column - 1])}",
                      f"{expected.line} {expected.component}: {_short(expected.text)}",
                      "restore the published header, or add the new wording to the layout", row, column)
    for expected in missing[len(added):]:
        reading.fault("header_matches", "a column is missing", f"{expected.line} {expected.component}: "
                      f"{_short(expected.text)}", "restore the column, or list the line under the year's `without`",
                      row, added.start + min(len(added), len(missing)))
    for column in list(added)[len(missing):]:
        reading.fault("header_matches", f"an added column: {_short(header[column - 1])}",
                      "only columns of this layout", "remove the column, or add its line to the layout", row, column)


def _short(text: str, most: int = 110) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= most else f"{text[:most]}...")


def _check_below_header(reading: Reading, grid: Grid, header_row: int, columns: dict[int, _ExpectedColumn]) -> int:
    """Checks the rows of references and components where the year prints them; returns the first data row's index."""
    below = reading.layout.below_header
    index = header_row + 1
    for dimension, pattern in (("line", below.line), ("component", below.component)) if below else ():
        row = grid[index] if index < len(grid) else []
        printed = [text.strip() for text in row[1:] if text.strip()]
        fitting = [text for text in printed if re.fullmatch(pattern.strip("^$"), text, re.IGNORECASE)]
        if not printed or len(fitting) < len(printed) / 2:
            continue
        if _is_short(reading, row, index + 1, max(columns, default=0)):
            return index + 1
        for column, expected in columns.items():
            text = row[column - 1].strip()
            wanted = getattr(expected, dimension)
            # A spreadsheet that took 2.10 for a number prints 2.1; the header above says which line it is.
            if text.lower().replace(" ", "_") not in (wanted.lower(), wanted.rstrip("0").lower()):
                reading.fault("header_matches", f"{text!r} under the header of {expected.line} {expected.component}",
                              repr(wanted), "restore the published row of references", index + 1, column)
        index += 1
    return index


def _read_council_rows(reading: Reading, grid: Grid, header: list[str], first_data: int, columns: list[int], year: str,
                       councils: Councils) -> None:
    area = reading.layout.area
    found: list[tuple[str, str, int, int]] = []
    england: list[tuple[int, int]] = []
    for index in range(first_data, len(grid)):
        row = grid[index]
        text = row[0] if row else ""
        if council := re.match(area.council, text):
            found.append((council["code"], text, index + 1, 1))
            _take_row(reading, row, index + 1, header, columns, "council", council["code"], text)
        elif re.match(area.england, text, re.IGNORECASE):
            england.append((index + 1, 1))
            _take_row(reading, row, index + 1, header, columns, "england", "", text)
        elif text.strip() and _is_blank(row[1:]):
            reading.label("sheet", 0, "footnote", text, index + 1, 1)
        elif not _is_blank(row):
            reading.fault("council_known", f"a row of values for {_short(text)}",
                          "a council such as '102 - Cumbria', or England",
                          "correct the first cell, or remove a row that is no council's", index + 1, 1)
    _check_england_once(reading, england)
    if not england and area.england_row == "required":
        reading.fault("file_complete", f"no row for England; the last council is {found[-1][1].strip()!r}" if found
                      else "no row for England and no council", "the row 'TOTAL England' under the councils",
                      "the file is cut short: download it again", row=len(grid))
    _check_councils(reading, found, year, councils)


def _take_row(reading: Reading, row: list[str], number: int, header: list[str], columns: list[int], area_kind: str,
              code: str, text: str) -> None:
    if _is_short(reading, row, number, max(columns, default=0), code or None):
        return
    reading.label("row", number, "area_kind", area_kind, number, 1)
    reading.label("row", number, "council_code", code, number, 1)
    reading.label("row", number, "area", text, number, 1)
    _check_beyond(reading, row, number, header, code or None)
    for column in columns:
        _check_value(reading, number, column, row[column - 1], code or None)
        reading.cells.append(Cell(number, column, row[column - 1]))


# --- a column per council, a row per line ---------------------------------------------------------------------------


def _read_area_columns(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    year = _read_year_and_status(reading, grid, header_row)
    header = grid[header_row]
    labels = _match_row_labels(reading, header, header_row)
    areas, found = _match_areas(reading, header, header_row, set(labels.values()))
    _check_headless(reading, grid, header_row)
    if year is None or len(labels) < len(reading.layout.row_labels):
        return
    _check_councils(reading, found, year, councils)
    for index in range(header_row + 1, len(grid)):
        row = grid[index]
        printed = row[labels["component"] - 1].strip() if len(row) >= labels["component"] else ""
        component = reading.layout.components.get(printed)
        if component is None:
            _footnote_or_fault(reading, row, index, list(areas))
            continue
        if _is_short(reading, row, index + 1, max(areas, default=0)):
            continue
        _check_beyond(reading, row, index + 1, header, None)
        _take_line_row(reading, row, index + 1, component, labels, areas)
    _check_lines(reading, len(grid))


def _match_row_labels(reading: Reading, header: list[str], header_row: int) -> dict[str, int]:
    positions = {normalise(text): column for column, text in reversed(list(enumerate(header, start=1))) if text.strip()}
    labels = {}
    for dimension, text in reading.layout.row_labels.items():
        column = positions.get(normalise(text))
        if column is None:
            reading.fault("header_matches", f"no column {text!r}", f"the columns "
                          f"{', '.join(reading.layout.row_labels.values())} before the councils",
                          "restore the published header", header_row + 1)
        else:
            labels[dimension] = column
    return labels


def _match_areas(reading: Reading, header: list[str], header_row: int,
                 taken: set[int]) -> tuple[dict[int, tuple[str, str]], list[tuple[str, str, int, int]]]:
    area = reading.layout.area
    areas: dict[int, tuple[str, str]] = {}
    found = []
    for column, text in enumerate(header, start=1):
        if column in taken or not text.strip():
            continue
        if council := re.match(area.council, text):
            areas[column] = ("council", council["code"])
            found.append((council["code"], text, header_row + 1, column))
        elif re.match(area.england, text, re.IGNORECASE):
            areas[column] = ("england", "")
        elif area.region and re.match(area.region, text, re.IGNORECASE):
            areas[column] = ("region", "")
        else:
            reading.fault("header_matches", f"an added or renamed column: {_short(text)}",
                          "a council such as '102 - Cumbria', a region, or England",
                          "restore the published header", header_row + 1, column)
            continue
        reading.label("column", column, "area_kind", areas[column][0], header_row + 1, column)
        reading.label("column", column, "council_code", areas[column][1], header_row + 1, column)
        reading.label("column", column, "area", text, header_row + 1, column)
    _check_england_once(reading, [(header_row + 1, column) for column, (kind, _) in areas.items() if kind == "england"])
    if area.england_row == "required" and not any(kind == "england" for kind, _ in areas.values()):
        reading.fault("file_complete", "no column for England", "the column England after councils and regions",
                      "the file is cut short: download it again", header_row + 1, len(header))
    return areas, found


def _footnote_or_fault(reading: Reading, row: list[str], index: int, areas: list[int]) -> None:
    if _is_blank(row[column - 1] for column in areas if column <= len(row)):
        if row and row[0].strip():
            reading.label("sheet", 0, "footnote", row[0], index + 1, 1)
        return
    reading.fault("line_complete", f"a row of values labelled {[cell for cell in row[:6] if cell.strip()]}",
                  f"one of {', '.join(reading.layout.components)} in its component column",
                  "correct the label to what the publisher printed", index + 1)


def _take_line_row(reading: Reading, row: list[str], number: int, component: str, labels: dict[str, int],
                   areas: dict[int, tuple[str, str]]) -> None:
    key = "|".join(row[labels[dimension] - 1].strip() for dimension in reading.layout.line)
    reading.label("row", number, "line", key, number, labels[reading.layout.line[0]])
    reading.label("row", number, "component", component, number, labels["component"])
    for column, (_, code) in areas.items():
        _check_value(reading, number, column, row[column - 1], code or None)
        reading.cells.append(Cell(number, column, row[column - 1]))


def _check_lines(reading: Reading, last: int) -> None:
    """Every line has its three components once; a row lost at the end or doubled shows here."""
    lines: dict[str, dict[str, int]] = defaultdict(dict)
    by_row: dict[int, dict[str, str]] = defaultdict(dict)
    for label in reading.labels:
        if label.axis == "row":
            by_row[label.position][label.dimension] = label.text
    for row, texts in by_row.items():
        parts = lines[texts["line"]]
        if texts["component"] in parts:
            reading.fault("line_complete", f"{texts['line']} has its {texts['component']} twice (row "
                          f"{parts[texts['component']]} too)", "each line's three rows once",
                          "remove the row that does not belong", row)
        parts[texts["component"]] = row
    for line, parts in lines.items():
        for part in COMPONENTS:
            if part not in parts:
                reading.fault("line_complete", f"{line} has no {part}",
                              "numerator, denominator and unit cost of each line",
                              "the file is cut short or a row was removed: download it again", max(parts.values()))
    count = reading.layout.line_count
    if count is not None and len(lines) != count:
        reading.fault("line_complete", f"{len(lines)} lines, the last: {next(reversed(lines), 'none')}",
                      f"the {count} lines of this layout", "the file is cut short or a label was changed: download it "
                      "again", max(by_row, default=last))


# --- a row per record -------------------------------------------------------------------------------------------------


def _read_records(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    layout = reading.layout
    positions = _match_record_columns(reading, grid[header_row], header_row)
    _check_headless(reading, grid, header_row)
    if reading.faults:
        return
    records = [(index + 1, row) for index, row in enumerate(grid) if index > header_row and not _is_blank(row)]
    last = max(positions.values())
    for number, row in records:
        if len(row) < last:
            reading.fault("file_complete", f"the row has {len(row)} cells", f"{last} cells",
                          "the file is cut short or a delimiter is missing", number, len(row))
        _check_beyond(reading, row, number, grid[header_row], None)
    if reading.faults:
        return
    if not records:
        reading.fault("file_complete", "a header and no row", "at least one row", "fill the file, or take it away",
                      header_row + 1)
    take = _take_register_rows if layout.kind == "register" else _take_return_rows
    take(reading, records, positions, councils)


def _match_record_columns(reading: Reading, header: list[str], header_row: int) -> dict[str, int]:
    found: dict[str, int] = {}
    known = {normalise(text): text for text in reading.layout.columns}
    for column, text in enumerate(header, start=1):
        if text.strip() and found.setdefault(normalise(text), column) != column:
            reading.fault("header_matches", f"an added column: {_short(text)}, as column "
                          f"{column_letter(found[normalise(text)])} is", "every column once", "rename or remove it",
                          header_row + 1, column)
    for text, name in known.items():
        if text not in found:
            reading.fault("header_matches", f"no column {name!r}", f"the columns {', '.join(known.values())}",
                          "restore the column", header_row + 1)
    for text, column in found.items():
        if text not in known:
            reading.fault("header_matches", f"an added or renamed column: {_short(header[column - 1])}",
                          f"only the columns {', '.join(known.values())}", "rename or remove it",
                          header_row + 1, column)
    return {name: found[text] for text, name in known.items() if text in found}


def _take_return_rows(reading: Reading, records: list[tuple[int, list[str]]], positions: dict[str, int],
                      councils: Councils) -> None:
    layout = reading.layout
    by_year: dict[str, dict[str, tuple[str, str, int, int]]] = defaultdict(dict)
    seen: dict[tuple[str, ...], int] = {}
    statuses = set()
    for number, row in records:
        value = {name: row[column - 1].strip() for name, column in positions.items()}
        year = _record_year(reading, value[layout.financial_year.column], number, positions)
        component = layout.components.get(value[layout.component])
        council = re.match(layout.area.council, value[layout.area.column])
        if component is None:
            reading.fault("line_complete", repr(value[layout.component]), " or ".join(layout.components),
                          "correct the component", number, positions[layout.component])
        if council is None:
            reading.fault("council_known", repr(value[layout.area.column]), "a council's code such as 114",
                          "correct the code", number, positions[layout.area.column])
        if None in (year, component, council):
            continue
        line = "|".join(value[name] for name in layout.line)
        _check_once(reading, seen, (year, council["code"], line, component), number)
        place = (council["code"], council["code"], number, positions[layout.area.column])
        by_year[year].setdefault(council["code"], place)
        statuses.add(_record_status(reading, value, number, positions))
        _take_record(reading, row, number, positions, value, year, council["code"], line, component)
    for year, found in by_year.items():
        _check_councils(reading, list(found.values()), year, councils)
    reading.councils = sorted({code for found in by_year.values() for code in found})
    reading.financial_years = sorted(by_year)
    reading.status = "provisional" if "provisional" in statuses else "final"


def _record_year(reading: Reading, text: str, row: int, positions: dict[str, int]) -> str | None:
    found = re.match(reading.layout.financial_year.pattern, text)
    year = financial_year(found["start"], found["end"]) if found else None
    if year is None:
        reading.fault("financial_year_printed", repr(text), "a financial year such as 2008-09", "correct the year",
                      row, positions[reading.layout.financial_year.column])
    return year


def _record_status(reading: Reading, value: dict[str, str], row: int, positions: dict[str, int]) -> str:
    place = reading.layout.status
    if not place.column or not value[place.column]:
        return place.otherwise
    status = value[place.column].lower()
    if status not in place.values:
        reading.fault("status_known", repr(value[place.column]), " or ".join(place.values), "correct the status",
                      row, positions[place.column])
    return status


def _check_once(reading: Reading, seen: dict[tuple[str, ...], int], key: tuple[str, ...], row: int) -> None:
    if key in seen:
        reading.fault("council_once", f"{' '.join(key)} again (row {seen[key]} has it too)", "every record once",
                      "remove the row that does not belong", row)
    seen[key] = row


def _take_record(reading: Reading, row: list[str], number: int, positions: dict[str, int], value: dict[str, str],
                 year: str, code: str, line: str, component: str) -> None:
    layout = reading.layout
    column = positions[layout.value]
    _check_value(reading, number, column, row[column - 1], code)
    reading.cells.append(Cell(number, column, row[column - 1]))
    for dimension, text, place in (
        ("financial_year", year, layout.financial_year.column), ("area_kind", "council", layout.area.column),
        ("council_code", code, layout.area.column), ("line", line, layout.line[0]),
        ("component", component, layout.component),
    ):
        reading.label("row", number, dimension, text, number, positions[place])
    for name in set(positions) - {layout.value, layout.financial_year.column, layout.area.column, layout.component,
                                  *layout.line}:
        reading.label("row", number, name, value[name], number, positions[name])


def _take_register_rows(reading: Reading, records: list[tuple[int, list[str]]], positions: dict[str, int],
                        councils: Councils) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for number, row in records:
        value = {name: row[column - 1].strip() for name, column in positions.items()}
        _check_register_row(reading, value, number, positions, councils)
        _check_once(reading, seen, tuple(value[name] for name in reading.layout.unique), number)
        for column in positions.values():
            reading.cells.append(Cell(number, column, row[column - 1]))
    for name, column in positions.items():
        reading.label("column", column, "field", name, None, column)


def _check_register_row(reading: Reading, value: dict[str, str], row: int, positions: dict[str, int],
                        councils: Councils) -> None:
    layout = reading.layout

    def fault(name: str, expected: str, next_step: str = "correct the cell") -> None:
        reading.fault("register_row_valid", f"{name} is {value[name]!r}", expected, next_step, row, positions[name])

    for name in layout.required:
        if not value[name]:
            fault(name, "not blank")
    for name in layout.councils:
        if value[name] and value[name] != layout.any_council and not councils.is_known(value[name]):
            fault(name, f"a council's code{councils.nearest(value[name])}")
    for name in layout.measures:
        if value[name] and value[name] not in load_measures():
            near = difflib.get_close_matches(value[name], load_measures(), n=2)
            fault(name, "a measure of seeds/reference/measure.csv" + (f", nearest: {', '.join(near)}" if near else ""))
    _check_patterns(fault, value, layout)
    for name, allowed in layout.one_of.items():
        if value[name] not in allowed:
            fault(name, " or ".join(allowed))
    for name, names in layout.reserved.items():
        if value[name] in names:
            fault(name, f"a name of your own; {', '.join(names)} are built in")
    for name, condition in layout.required_when.items():
        if all(value[other] == wanted for other, wanted in condition.items()) and not value[name]:
            fault(name, f"not blank where {' and '.join(f'{k} is {v}' for k, v in condition.items())}")
    if layout.differ and len({value[name] for name in layout.differ}) < len(layout.differ):
        fault(layout.differ[-1], f"different from {layout.differ[0]}: a council is not its own peer")


def _check_patterns(fault: Callable[[str, str], None], value: dict[str, str], layout: Layout) -> None:
    checks = (
        (layout.years, lambda text: bool(re.fullmatch("20[0-9]{2}-[0-9]{2}", text))
         and financial_year(*text.split("-")) is not None, "a financial year such as 2008-09"),
        (layout.dates, _is_date,
         "a date such as 2026-11-24"),
        (layout.numbers, is_number, "a number"),
        (layout.whole_numbers, lambda text: bool(re.fullmatch("[0-9]{1,9}", text)), "a whole number"),
    )
    for names, is_right, expected in checks:
        for name in names:
            if value[name] and not is_right(value[name]):
                fault(name, expected)


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and dt.date.fromisoformat(text).year > 0
    except ValueError:
        return False


_SHAPES: dict[str, Callable[[Reading, Grid, int, Councils], None]] = {
    "line_columns": _read_line_columns,
    "area_columns": _read_area_columns,
    "records": _read_records,
}
