"""Reads tables with a row per record: long returns, in which the other columns of a row describe its values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from orchestration.faults import MOST_OF_A_KIND, column_letter
from orchestration.intake.grids import Grid
from orchestration.intake.layouts import normalise
from orchestration.intake.readers import areas
from orchestration.intake.readers.areas import FoundCouncil
from orchestration.intake.readers.checks import (
    check_above,
    check_beyond,
    check_header_once,
    check_headless,
    check_values,
    is_blank,
    width,
)
from orchestration.intake.readers.headings import parse_year, read_status, year_words
from orchestration.intake.readers.result import Reading, short
from orchestration.reference import Councils


class Table:
    """The records of a sheet by column: ``rows`` are their numbers, ``texts`` each column's texts, trimmed."""

    def __init__(self, positions: dict[str, int], rows: list[int], texts: dict[str, list[str]],
                 printed: dict[str, list[str]]) -> None:
        self.positions, self.rows, self.texts, self.printed = positions, rows, texts, printed

    def column(self, name: str) -> list[str]:
        return self.texts.get(name) or [""] * len(self.rows)

    def joined(self, names: list[str]) -> list[str]:
        """The texts of several columns, row by row, joined by bars."""
        if len(names) == 1:
            return self.column(names[0])
        return ["|".join(parts) for parts in zip(*(self.column(name) for name in names))]

    def dimension(self, names: list[str]) -> list[str]:
        """As ``joined``, with white space collapsed, for comparison with the catalogue's words."""
        return _mapped(self.joined(names), lambda text: " ".join(text.split()))

    def without(self, dropped: set[int]) -> Table:
        """The table without these records, by index."""
        keep = [index for index in range(len(self.rows)) if index not in dropped]

        def kept(columns: dict[str, list[str]]) -> dict[str, list[str]]:
            return {name: [texts[index] for index in keep] for name, texts in columns.items()}

        return Table(self.positions, [self.rows[index] for index in keep], kept(self.texts), kept(self.printed))


def read(reading: Reading, grid: Grid, header_row: int, councils: Councils) -> None:
    read_status(reading, grid, header_row)
    table = open_table(reading, grid, header_row)
    if table is not None:
        _take_returns(reading, table, councils)


def open_table(reading: Reading, grid: Grid, header_row: int) -> Table | None:
    """The records under a header, or None and the faults that make them unreadable."""
    layout, header = reading.layout, grid[header_row]
    positions = match_columns(reading, header, header_row)
    last_column = layout.header.columns or width(header)
    check_headless(reading, grid, header_row, last_column)
    if reading.faults:
        return None
    first = min(positions.values())
    records = [(index + 1, row) for index, row in enumerate(grid)
               if index > header_row and not is_blank(row[first - 1:last_column])]
    if layout.row_filter:
        records = _only_records(reading, records, positions)
    check_above(reading, grid, header_row, [row for _, row in records])
    check_header_once(reading, header, records)
    last = max(positions.values())
    for number, row in records:
        if len(row) < last:
            reading.fault("file_complete", f"the row has {len(row)} cells", f"{last} cells",
                          "the file is cut short or a delimiter is missing", number, len(row))
        if not layout.header.columns:
            check_beyond(reading, row, number, last_column, None)
    if reading.faults:
        return None
    if not records:
        reading.fault("file_complete", "a header without rows", "at least one row",
                      "add rows to the file, or remove it", header_row + 1)
    printed = {name: [row[column - 1] for _, row in records] for name, column in positions.items()}
    texts = {name: [text.strip() for text in column] for name, column in printed.items()}
    return Table(positions, [number for number, _ in records], texts, printed)


def _only_records(reading: Reading, records: list[tuple[int, list[str]]],
                  positions: dict[str, int]) -> list[tuple[int, list[str]]]:
    """The rows that the layout's ``row_filter`` accepts; others (footnotes, other countries) become notes."""
    patterns = [(positions[name], re.compile(pattern)) for name, pattern in reading.layout.row_filter.items()]
    kept = []
    for number, row in records:
        if all(column <= len(row) and pattern.match(row[column - 1].strip()) for column, pattern in patterns):
            kept.append((number, row))
        else:
            text = next((cell for cell in row if cell.strip()), "")
            reading.note("footnote", text[:500], number, row.index(text) + 1 if text else None)
    return kept


def match_columns(reading: Reading, header: list[str], header_row: int) -> dict[str, int]:
    """The column of each name in the layout. Missing, added and repeated columns become faults."""
    layout, names = reading.layout, reading.layout.column_names
    printed = [text if text.strip() else "" for text in header[: layout.header.columns]]
    matched = [names.get(normalise(text)) if text else None for text in printed]
    missing = [name for name in layout.columns if name not in matched]
    known = ", ".join([*layout.columns, *layout.optional_columns])
    unknown = [text for text, name in zip(printed, matched) if text and name is None]
    spelling = f"add the spelling to `aliases` in seeds/layouts/{layout.layout}.yml"
    for name in missing:
        renamed = f"if it is {short(unknown[0])} now, {spelling}; else " if len(missing) == len(unknown) == 1 else ""
        reading.fault("header_matches", f"no column {name!r}", f"the columns {known}", f"{renamed}restore the column",
                      header_row + 1)
    found: dict[str, int] = {}
    for column, (text, name) in enumerate(zip(printed, matched), start=1):
        if text and name is None:
            # With one column missing and one added, the added one is the missing one under a new name.
            wanted = repr(missing[0]) if len(missing) == 1 else f"only the columns {known}"
            reading.fault("header_matches", f"an added or renamed column: {short(text)}", wanted,
                          f"rename or remove it, or {spelling}", header_row + 1, column)
        elif name and found.setdefault(name, column) != column:
            reading.fault("header_matches", f"an added column: {short(text)}, the same as column "
                          f"{column_letter(found[name])}", "every column once", "rename or remove it",
                          header_row + 1, column)
    return found


# --- returns ----------------------------------------------------------------------------------------------------------


def _take_returns(reading: Reading, table: Table, councils: Councils) -> None:
    years = _years(reading, table)
    components = _components(reading, table)
    matched = _areas(reading, table, councils)
    statuses = _statuses(reading, table)
    bad = {index for index, known in enumerate(zip(years, components, matched)) if None in known}
    if bad:
        table = table.without(bad)
        years, components, matched = ([value for index, value in enumerate(column) if index not in bad]
                                      for column in (years, components, matched))
    layout = reading.layout
    names = layout.line or [part for parts in layout.dimensions.values() for part in parts]
    lines = table.joined(list(dict.fromkeys(names)))
    kinds, codes = [kind for kind, _ in matched], [code for _, code in matched]
    printed_areas = _printed_areas(reading, table, kinds)
    who = [code or area for code, area in zip(codes, printed_areas)]
    check_once(reading, table, list(zip(years, who, lines, components)))
    _check_councils_by_year(reading, table, years, matched, printed_areas, councils)
    _check_england(reading, table, years, kinds)
    reading.status = "provisional" if "provisional" in statuses else reading.status
    reading.financial_years = sorted(set(years))
    _store(reading, table, {
        "financial_year": years, "area_kind": kinds, "council_code": codes, "area": printed_areas, "line": lines,
        "component": components, **{name: table.dimension(parts) for name, parts in layout.dimensions.items()},
        **{name: table.column(name) for name in ("source", "source_row", "source_column") if name in table.texts},
    })
    check_values(reading, {row: code for row, code in zip(table.rows, codes) if code})


def _printed_areas(reading: Reading, table: Table, kinds: list[str]) -> list[str]:
    """The printed text of each row's area: a council's from its own column, others by name, as their code is blank."""
    area = reading.layout.area
    if area.fixed:
        return ["England"] * len(table.rows)
    names = [area.name_column, *area.region_columns, area.column, area.blank.column if area.blank else None]
    columns = [table.column(str(name)) for name in names if name and str(name) in table.texts]
    own = table.column(str(area.column))
    return [text if kind == areas.COUNCIL else next(filter(None, row), "")
            for kind, text, row in zip(kinds, own, zip(*columns))]


def _store(reading: Reading, table: Table, labels: dict[str, list[str]]) -> None:
    layout, positions = reading.layout, table.positions
    of_area = _position(table, layout.area.column)
    printed_in = {"financial_year": positions.get(layout.financial_year.column), "area": of_area,
                  "council_code": of_area, "area_kind": of_area,
                  "line": positions.get(next(iter(layout.line), "")), "component": positions.get(layout.component)}
    if layout.quantity.columns:
        del labels["component"]
    reading.rows.set(table.rows, labels, {name: printed_in.get(name, positions.get(name)) for name in labels})
    names = list(layout.quantity.columns) or [layout.value]
    markers = table.column(layout.marker_column) if layout.marker_column else None
    for name in names:
        texts = table.printed.get(name)
        if texts is None:
            continue
        if markers:
            texts = [text if text.strip() else marker for text, marker in zip(texts, markers)]
        reading.cells.add(table.rows, [positions[name]] * len(table.rows), texts)
        if layout.quantity.columns:
            reading.columns.add(positions[name], {"component": layout.quantity.columns[name], "header": name},
                                {"component": None, "header": None})


def _position(table: Table, name: int | str | None) -> int | None:
    return table.positions.get(str(name))


def _mapped(texts: list[str], of: Callable[[str], object]) -> list[object]:
    """The result of ``of`` for every text, worked out once for each distinct text."""
    known = {text: of(text) for text in set(texts)}
    return [known[text] for text in texts]


def _report_unknown(reading: Reading, table: Table, values: list[object], texts: list[str], name: str, rule: str,
                    expected: str, next_step: str) -> None:
    column = table.positions.get(name)
    for number in [index for index, value in enumerate(values) if value is None][:MOST_OF_A_KIND]:
        reading.fault(rule, repr(texts[number]), expected, next_step, table.rows[number], column)


def _years(reading: Reading, table: Table) -> list[str | None]:
    location = reading.layout.financial_year
    if location.fixed:
        return [location.fixed] * len(table.rows)
    texts = table.column(location.column)
    years = _mapped(texts, lambda text: parse_year(location, text))
    _report_unknown(reading, table, years, texts, location.column, "financial_year_printed",
                    year_words(location), "correct the year")
    return years


def _components(reading: Reading, table: Table) -> list[str | None]:
    layout = reading.layout
    if layout.component:
        texts = table.column(layout.component)
        components = _mapped(texts, layout.components.get)
        _report_unknown(reading, table, components, texts, layout.component, "line_complete",
                        " or ".join(layout.components), "correct the component")
        return components
    column = layout.quantity.column
    if column is None:
        return [reading.sheet_component or layout.quantity.fixed or "value"] * len(table.rows)
    return table.dimension([column] if isinstance(column, str) else column)


def _areas(reading: Reading, table: Table, councils: Councils) -> list[tuple[str, str] | None]:
    area = reading.layout.area
    if area.fixed:
        return [(area.fixed, "")] * len(table.rows)
    texts = table.column(str(area.column))
    names = table.column(str(area.name_column)) if area.name_column else texts
    blanks = table.column(area.blank.column) if area.blank else [""] * len(texts)

    def match(key: tuple[str, str, str]) -> tuple[str, str] | None:
        text, blank, _ = key
        if text or not area.blank:
            return areas.match_area(area, text, councils)
        for kind, pattern in ((areas.ENGLAND, area.blank.england), (areas.REGION, area.blank.region)):
            if pattern and re.match(pattern, blank, re.IGNORECASE):
                return kind, ""
        return None

    keys = list(zip(texts, blanks, names))
    matched = _mapped(keys, match)
    expected = {"code": "a council's code such as 114", "ons_code": "a council's ONS code such as E06000004",
                "name": "a council's name"}[area.by]
    for index in [index for index, value in enumerate(matched) if value is None][:MOST_OF_A_KIND]:
        near = councils.nearest(names[index]) if names[index] else ""
        reading.fault("council_known", repr(texts[index]), expected + near, "correct the code" if area.by != "name" else
                      "correct the name, or add its spelling to seeds/reference/council_name.csv",
                      table.rows[index], _position(table, area.column))
    return matched


def _statuses(reading: Reading, table: Table) -> set[str]:
    location = reading.layout.status
    if not location.column:
        return set()
    texts = [text.lower() for text in table.column(location.column)]
    for index, status in enumerate(texts):
        if status and status not in location.values:
            reading.fault("status_known", repr(table.column(location.column)[index]), " or ".join(location.values),
                          "correct the status", table.rows[index], table.positions[location.column])
    return set(texts)


def _check_england(reading: Reading, table: Table, years: list[str], kinds: list[str]) -> None:
    """Checks that every year of a file with England has England's rows: without them, councils may be lost too."""
    if reading.layout.area.england_row != "required":
        return
    with_england = {year for year, kind in zip(years, kinds) if kind == areas.ENGLAND}
    for year in sorted(set(years) - with_england):
        last = max(row for row, this in zip(table.rows, years) if this == year)
        reading.fault("file_complete", f"no row for England in {year}", "England's rows behind the councils'",
                      "the file is cut short: download it again", last)


def check_once(reading: Reading, table: Table, keys: list[tuple[str, ...]]) -> None:
    """Checks that no key (one per row of the table) occurs twice; every repeated one is a fault."""
    if len(set(keys)) == len(keys):
        return
    seen: dict[tuple[str, ...], int] = {}
    for row, key in zip(table.rows, keys):
        if key in seen:
            reading.fault("council_once", f"{' '.join(key)} again (also in row {seen[key]})", "every record once",
                          "remove the row that does not belong", row)
        seen[key] = row


def _check_councils_by_year(reading: Reading, table: Table, years: list[str], matched: list[tuple[str, str]],
                            texts: list[str], councils: Councils) -> None:
    column = _position(table, reading.layout.area.column)
    by_year: dict[str, dict[str, FoundCouncil]] = defaultdict(dict)
    for row, year, (kind, code), text in zip(table.rows, years, matched, texts):
        if kind == areas.COUNCIL and code not in by_year[year]:
            by_year[year][code] = FoundCouncil(code, text if reading.layout.area.by == "name" else code, row, column)
    for year, found in by_year.items():
        areas.check_councils(reading, list(found.values()), year, councils)
    reading.councils = sorted({code for found in by_year.values() for code in found})
