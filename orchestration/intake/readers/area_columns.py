"""Reads tables with a column per council and a row per line and component (ASC-FR 2014-15, PSS EX1 expenditure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import itemgetter

from orchestration.intake.grids import Grid
from orchestration.intake.layouts import COMPONENTS, normalise
from orchestration.intake.readers import areas
from orchestration.intake.readers.areas import FoundCouncil
from orchestration.intake.readers.checks import (
    check_beyond,
    check_headless,
    check_values,
    check_values_above,
    is_blank,
    is_short,
    width,
)
from orchestration.intake.readers.headings import parse_year, read_status, read_year_and_status, year_words
from orchestration.intake.readers.result import AS_PUBLISHED, Reading, short
from orchestration.reference import Councils


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    layout, header = reading.layout, grid[header_row]
    has_year_by_row = layout.financial_year.row_label is not None
    year = None
    if has_year_by_row:
        read_status(reading, grid, header_row)
    else:
        year = read_year_and_status(reading, grid, header_row)
    labels = match_row_labels(reading, header, header_row)
    found_areas, found = _match_areas(reading, header, header_row, set(labels.values()), councils)
    last = None if layout.header.ignore_beyond else layout.header.columns or width(header)
    check_headless(reading, grid, header_row, max(found_areas, default=0))
    check_values_above(reading, grid, header_row, list(found_areas))
    if (year is None and not has_year_by_row) or len(labels) < len(layout.row_labels):
        return
    lines = _read_line_rows(reading, grid, header_row, labels, list(found_areas), last)
    if has_year_by_row:
        reading.financial_years = sorted(set(reading.rows.texts.get("financial_year", ())))
        year = reading.financial_years[-1] if reading.financial_years else None
    if year:
        areas.check_councils(reading, found, year, councils)
    _check_lines(reading, lines, len(grid))
    check_values(reading, {column: code for column, (_, code) in found_areas.items()}, by_row=False)


def match_row_labels(reading: Reading, header: list[str], header_row: int) -> dict[str, int]:
    """The column of every row label, by its name in the layout; faults where a header is missing."""
    layout = reading.layout
    positions: dict[str, int] = {}
    for column, text in reversed(list(enumerate(header, start=1))):
        if text.strip():
            positions[normalise(text)] = column
    labels = {}
    for dimension, text in layout.row_labels.items():
        column = text if isinstance(text, int) else positions.get(normalise(text))
        if column is None:
            reading.fault("header_matches", f"no column {text!r}", f"the columns "
                          f"{', '.join(map(str, layout.row_labels.values()))} before the councils",
                          AS_PUBLISHED, header_row + 1)
        else:
            labels[dimension] = column
    return labels


def _match_areas(reading: Reading, header: list[str], header_row: int, taken: set[int],
                 councils: Councils) -> tuple[dict[int, tuple[str, str]], list[FoundCouncil]]:
    area, row = reading.layout.area, header_row + 1
    matched: dict[int, tuple[str, str]] = {}
    found: list[FoundCouncil] = []
    for column, text in enumerate(header[: reading.layout.header.columns], start=1):
        if column in taken or not text.strip():
            continue
        this = areas.match_area(area, text, councils)
        if this is None:
            near = councils.nearest(text) if area.by == "name" else ""
            reading.fault("header_matches", f"an added or renamed column: {short(text)}",
                          f"a council such as '102 - Cumbria', a region, or England{near}",
                          AS_PUBLISHED, row, column)
            continue
        if this[0] == areas.OTHER:
            reading.note("set_apart", text, row, column)
            continue
        matched[column] = this
        if this[0] == areas.COUNCIL:
            found.append(FoundCouncil(this[1], text, row, column))
        reading.columns.add(column, {"area_kind": this[0], "council_code": this[1], "area": text},
                            {"area_kind": row, "council_code": row, "area": row})
    areas.check_england_once(reading, [(row, column) for column, (kind, _) in matched.items() if kind == "england"])
    if area.england_row == "required" and not any(kind == "england" for kind, _ in matched.values()):
        reading.fault("file_complete", "no column for England", "the column England after councils and regions",
                      "the file is cut short: download it again", row, len(header))
    return matched, found


class _Lines:
    """The lines found so far in a sheet: which row has which component."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self.texts: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.occurrences: dict[tuple[str, ...], int] = defaultdict(int)
        self.last_row = 0
        self.n_rows = 0
        self.counts: Counter[tuple[str, ...]] = Counter()


def _read_line_rows(reading: Reading, grid: Grid, header_row: int, labels: dict[str, int], columns: list[int],
                    last: int | None) -> _Lines:
    lines = _Lines()
    if not columns:
        return lines
    take = itemgetter(*(column - 1 for column in columns)) if len(columns) > 1 else (
        lambda row: (row[columns[0] - 1],))
    texts_of_rows = [{name: row[column - 1].strip() if len(row) >= column else "" for name, column in labels.items()}
                     for row in grid[header_row + 1:]]
    if reading.layout.occurrence:
        lines.counts.update(tuple(texts.values()) for texts in texts_of_rows)
    for index, texts in enumerate(texts_of_rows, start=header_row + 1):
        row, number = grid[index], index + 1
        if _is_no_line(reading, lines, row, number, texts, columns):
            continue
        if is_short(reading, row, number, max(columns)):
            continue
        if last is not None:
            check_beyond(reading, row, number, last, None)
        _take_line(reading, lines, number, texts, labels, take(row), columns)
    return lines


def _is_no_line(reading: Reading, lines: _Lines, row: list[str], number: int, texts: dict[str, str],
                columns: list[int]) -> bool:
    """Whether a row is blank, a footnote, a heading, or repeats other rows; reports a fault if unclassifiable."""
    layout = reading.layout
    is_text = any(texts.get(name) in answers for name, answers in layout.text_rows.items())
    if is_text:
        lines.n_rows += 1
        reading.note("answers", " | ".join(text for text in texts.values() if text), number, min(columns))
        return True
    if layout.header.ignore_beyond and not any(texts.values()):
        return True
    is_empty = is_blank(row[column - 1] for column in columns if column <= len(row))
    if not is_empty and any(texts.get(name) in skipped for name, skipped in layout.skip_rows.items()):
        return True
    if layout.components:
        is_line = texts["component"] in layout.components
    else:
        is_line = all(texts.get(name) for name in layout.line) if layout.line else any(texts.values())
    if is_line and not (is_empty and not layout.components):
        return False
    if is_empty:
        if row and (text := next((cell for cell in row if cell.strip()), "")):
            reading.note("footnote", text, number, row.index(text) + 1)
        return True
    expected = (f"one of {', '.join(layout.components)} in its component column" if layout.components
                else f"a line with its {', '.join(layout.row_labels)}")
    reading.fault("line_complete", f"a row of values labelled {[cell for cell in row[:6] if cell.strip()]}",
                  expected, "change the label to what the publisher printed", number)
    return True


def line_text(reading: Reading, texts: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The text that identifies a line, and its texts by dimension of the catalogue; several labels joined by a bar."""
    layout = reading.layout
    dimensions = {name: "|".join(" ".join(texts.get(part, "").split()) for part in parts)
                  for name, parts in layout.dimensions.items()}
    names = layout.line or [part for parts in layout.dimensions.values() for part in parts]
    return "|".join(texts.get(name, "") for name in dict.fromkeys(names)), dimensions


def _component(reading: Reading, texts: dict[str, str]) -> str:
    layout = reading.layout
    if layout.components:
        return layout.components[texts["component"]]
    column = layout.quantity.column
    if column is None:
        return reading.sheet_component or layout.quantity.fixed or "value"
    return "|".join(texts[name] for name in ([column] if isinstance(column, str) else column))


def _by_order(reading: Reading, lines: _Lines, texts: dict[str, str], component: str) -> dict[str, str]:
    """The dimension that the order of rows with equal labels shows (see ``occurrence``); empty for other rows."""
    rule = reading.layout.occurrence
    key = (*texts.values(), component)
    if rule is None or texts["service"] not in rule.when or lines.counts[tuple(texts.values())] == 1:
        return {}
    choices, number = rule.when[texts["service"]], lines.occurrences[key]
    lines.occurrences[key] += 1
    return {rule.dimension: choices[min(number, len(choices) - 1)]}


def _take_line(reading: Reading, lines: _Lines, number: int, texts: dict[str, str], labels: dict[str, int],
               values: tuple[str, ...], columns: list[int]) -> None:
    layout = reading.layout
    component = _component(reading, texts)
    by_order = _by_order(reading, lines, texts, component)
    line, dimensions = line_text(reading, texts)
    line, dimensions = "|".join([line, *by_order.values()]), dimensions | by_order
    year = ""
    printed = {"line": line, "component": component, **dimensions}
    printed_in = {"line": labels[next(iter(layout.line), next(iter(labels)))], "component": labels.get("component")}
    if label := layout.financial_year.row_label:
        year = parse_year(layout.financial_year, texts[label]) or ""
        if not year:
            reading.fault("financial_year_printed", repr(texts[label]), year_words(layout.financial_year),
                          "correct the year", number, labels[label])
            return
        printed["financial_year"], printed_in["financial_year"] = year, labels[label]
    lines.last_row = number
    lines.n_rows += 1
    first = lines.rows[year, line].get(component)
    if first is not None:
        _check_repeat(reading, lines, (year, line, component), values, number, first)
        return
    lines.rows[year, line][component] = number
    if layout.repeats:
        lines.texts[year, line, component] = values
    reading.rows.add(number, printed, printed_in)
    reading.cells.add([number] * len(columns), columns, list(values))


def _check_repeat(reading: Reading, lines: _Lines, key: tuple[str, str, str], values: tuple[str, ...], number: int,
                  first: int) -> None:
    _, line, component = key
    if reading.layout.repeats:
        if lines.texts[key] == values:
            reading.note("repeated", f"row {first} again", number, 1)
            return
        reading.fault("line_complete", f"{line} has its {component} twice, with numbers that differ from row {first}",
                      "the same numbers where a line is printed again", "find out which row is right", number)
        return
    reading.fault("line_complete", f"{line} has its {component} twice (first in row {first})",
                  "each line's three rows once" if reading.layout.components else "each line once",
                  "remove the row that does not belong", number)


def _check_lines(reading: Reading, lines: _Lines, last: int) -> None:
    """Checks that every line has its components, once each, and that no line is lost at the end."""
    if set(reading.layout.components.values()) >= set(COMPONENTS):
        for (_, line), parts in lines.rows.items():
            for part in COMPONENTS:
                if part not in parts:
                    reading.fault("line_complete", f"{line} has no {part}",
                                  "numerator, denominator and unit cost of each line",
                                  "the file is cut short or a row was removed: download it again",
                                  max(parts.values()))
    # Three components make one line; in layouts without components every row is a line.
    count, found = reading.layout.line_count, len(lines.rows) if reading.layout.components else lines.n_rows
    if count is not None and found != count:
        final = next(reversed(lines.rows), ("", "none"))[1]
        reading.fault("line_complete", f"{found} lines, the last: {final}",
                      f"the {count} lines of this layout", "the file is cut short or a label was changed: download it "
                      "again", lines.last_row or last)
