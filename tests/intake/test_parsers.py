"""Proves that the small parsers take any text a file may hold, never raise, and agree with the database."""

import csv
import io
import random
from decimal import Decimal

import builders
import duckdb
import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sampling import sampled

from orchestration.faults import column_letter
from orchestration.home import project_folder
from orchestration.intake.layouts import load_layouts, normalise
from orchestration.intake.open import DELIMITERS, READABLE, OpenedFile, decode, open_file
from orchestration.intake.readers import FIRST_YEAR, LAST_YEAR, areas, financial_year, is_number, read_file
from orchestration.intake.readers.headings import parse_year
from orchestration.intake.readers.line_columns import stacked
from orchestration.intake.recognise import identify
from orchestration.reference import load_councils

quick = settings(max_examples=200, deadline=None, derandomize=True)
PLAIN = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\xa0\u202f")
TEXT = st.text(max_size=40)
# What people and spreadsheets write around digits.
NUMBERISH = st.text(alphabet="0123456789,.-£$* +()eE[pn]\u00a0\u0662²%\n\t'", max_size=14)


def typed(text):
    """What a number's text means, worked out independently of the code."""
    text = text.split("[")[0].strip(" ")
    return Decimal(text.replace(",", "").replace("£", "").replace("$", "").replace("*", "").strip(" "))


@st.composite
def printed_numbers(draw):
    """A decimal and one of the ways in which a publisher prints it."""
    places = draw(st.integers(0, 6))
    number = Decimal(draw(st.integers(-10**16, 10**16))).scaleb(-places)
    text = f"{abs(number):,.{places}f}" if draw(st.booleans()) else f"{abs(number):.{places}f}"
    if places and abs(number) < 1 and draw(st.booleans()):
        text = text.removeprefix("0")
    currency = draw(st.sampled_from(["", "", "£", "$"]))
    sign = "-" if number < 0 else ""
    text = draw(st.sampled_from([f"{sign}{currency}{text}", f"{currency}{sign}{text}"]))
    around = draw(st.sampled_from(["{}", "{} ", " {}", "{}*", "{} *", "{}* "]))
    return number, around.format(text)


@st.composite
def scientific_numbers(draw):
    """What a spreadsheet prints of a sum that is nearly nothing: 5.23E-10."""
    digits, places, tens = draw(st.integers(-99_999, 99_999)), draw(st.integers(1, 4)), draw(st.integers(1, 25))
    number = Decimal(digits).scaleb(-places)
    return number.scaleb(-tens), f"{number:.{places}f}E-{tens:02d}"


@quick
@given(scientific_numbers())
@example((Decimal("5.23E-10"), "5.23E-10"))
def test_a_spreadsheets_notation_of_nearly_nothing_is_a_number(pair):
    number, text = pair
    assert is_number(text)
    assert typed(text) == number


@quick
@given(printed_numbers())
def test_a_printed_number_is_a_number_and_means_it(pair):
    number, text = pair
    assert is_number(text)
    assert typed(text) == number


@pytest.mark.parametrize("text", [
    "", " ", "-", "--", "--1", ".", "..", ":", "1,23", "1,2345", "12,34,567", ",123", "1,234,", "12a", "a12", "1.2.3",
    "1.", "1 2", "1e5", "1E5", "1E-05", "1.5e-05", "1.5E-5", "1.5E+05", "1.5E05", "1.5E-100", "E-10", "1.E-05",
    "1_000", "+5", "(5)", "5%", "£", "$", "*", "**", "5**", "£-", "--5", "-£-5", "££5", "#NUM!",
    "١٢", "²", "½", "12\n", "\t12", "12\u00a0", "nan", "inf", "Infinity", "0x10", "9" * 19, "[p]", "5 [",
    "5 [p", "5 p]", "5 [12]", "[p] 5", "5 [p] 6",
    "1,000,000,000,000,000,000", "−5", "5-", "1,234 5"])
def test_what_is_not_a_number(text):
    assert not is_number(text)


@quick
@given(NUMBERISH)
@example("£-.5 * ")
@example("5 [p][note 3]")
@example("1" * 18 + ".123456")
def test_no_text_is_taken_for_a_number_that_python_cannot_type(text):
    if is_number(text):
        assert typed(text).is_finite()


def printed_number_in_sql():
    """The expression of dbt's macro ``printed_number`` with DuckDB's decimal, from the macro's own text."""
    macros = (project_folder() / "dbt_project" / "macros" / "types.sql").read_text(encoding="utf-8")
    body = macros.split("{% macro printed_number(column) -%}")[1].split("{%- endmacro %}")[0]
    return jinja2.Template(body).render(column="t", type_decimal=lambda: "decimal(28, 6)")


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.one_of(printed_numbers().map(lambda pair: pair[1]), scientific_numbers().map(lambda pair: pair[1]),
                          NUMBERISH), min_size=50, max_size=200))
def test_the_database_types_a_number_as_python_does(texts):
    numbers = [text for text in texts if is_number(text)]
    with duckdb.connect() as connection:
        found = connection.execute(f"select {printed_number_in_sql()} from (select unnest(?::varchar[]) as t)",
                                   [numbers]).fetchall()
    rounding = Decimal("0.000001")
    assert all(number is not None for number, in found)
    assert all(abs(number - typed(text)) < rounding for (number,), text in zip(found, numbers))


@pytest.mark.parametrize("layout", sampled(load_layouts(), 12), ids=lambda layout: layout.layout)
def test_no_marker_is_a_number_in_the_database(layout):
    with duckdb.connect() as connection:
        for marker in layout.markers:
            found = connection.execute(f"select {printed_number_in_sql()} from (select ?::varchar as t)",
                                       [marker]).fetchone()
            assert found == (None,), marker
            assert not is_number(marker)


@quick
@given(st.one_of(TEXT, st.text(alphabet="_ 2013st31MarchAZ£'()-/", max_size=30)))
@example("fy_2008")
@example("_31st")
@example("2008_2009_31st")
def test_normalise_is_done_in_one_go(text):
    assert normalise(normalise(text)) == normalise(text)


@quick
@given(st.lists(st.sampled_from(["gross", "cost", "weeks", "£000", "aged", "18", "64", "ended"]), min_size=1,
                max_size=8),
       st.integers(1990, 2098), st.integers(1990, 2098), st.sampled_from([" ", "  ", "-", "_", "\n", ", ", " ("]))
def test_normalise_is_blind_to_year_case_and_punctuation(words, year, other, between):
    plain = " ".join([*words, "31", "march", str(year)])
    other_text = between.join([*words, "31st", "march", str(other)]).upper()
    assert normalise(plain) == normalise(other_text)


@pytest.mark.parametrize(("one", "other"), [
    ("nursing care", "residential care"), ("aged 18-64", "aged 65 and over"), ("(£000's)", "(000's)"),
    ("own provision", "provision by others"), ("2.9", "2.10")])
def test_normalise_keeps_what_distinguishes_columns(one, other):
    assert normalise(one) != normalise(other)


def test_column_letters_are_a_spreadsheets():
    openpyxl = pytest.importorskip("openpyxl.utils")
    letters = [column_letter(number) for number in range(1, 16_385)]
    assert letters == [openpyxl.get_column_letter(number) for number in range(1, 16_385)]
    assert len(set(letters)) == len(letters)
    assert column_letter(0) == ""


@quick
@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=200),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_decodes_to_itself(text, encoding):
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded[0] == text.removeprefix("\ufeff") or text.startswith("\ufeff")


@quick
@given(st.binary(max_size=300))
def test_any_bytes_decode_or_give_none(content):
    decoded = decode(content)
    assert decoded is None or "\x00" not in decoded[0]


@quick
@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0xFF), min_size=1, max_size=50))
def test_windows_1252_is_read_as_such(text):
    decoded = decode(b"Cost \xa3 " + text.encode("cp1252") + b" \xa3")
    assert decoded == (f"Cost £ {text} £", "cp1252")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.sampled_from(sorted(READABLE)))
def test_any_bytes_open_as_a_grid_or_a_fault(tmp_path_factory, content, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    landed = open_file(path, path.name)
    assert bool(landed.faults) != bool(landed.grids)
    assert all(isinstance(cell, str) for grid in landed.grids.values() for row in grid for cell in row)


@quick
@given(st.lists(st.lists(st.text(alphabet=PLAIN, max_size=8), min_size=2, max_size=6), min_size=1, max_size=8),
       st.sampled_from(DELIMITERS))
def test_a_csv_in_any_delimiter_gives_its_cells_back(tmp_path_factory, rows, delimiter):
    rows = builders.padded(rows)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    assert open_file(path, path.name).grids[""] == rows


@quick
@given(st.lists(st.lists(TEXT, max_size=6), max_size=15))
def test_a_grid_of_any_text_is_judged_and_never_raises(grid):
    read(grid)


def read(grid, sheet=""):
    """Readings of a grid, without a file around it."""
    landed = OpenedFile(path=project_folder() / "x.csv", name="x.csv", grids={sheet: grid})
    return read_file(landed, load_layouts(), load_councils())[0]


# --- years, areas, stacked headers ------------------------------------------------------------------------------------


@quick
@given(st.integers(1900, 2100), st.integers(0, 2200))
def test_a_financial_year_is_two_years_that_follow_each_other(start, end):
    known = FIRST_YEAR <= start <= LAST_YEAR
    year = f"{start}-{(start + 1) % 100:02d}"
    for text in (str(start + 1), f"{(start + 1) % 100:02d}"):
        assert financial_year(str(start), text) == (year if known else None)
    if end not in (start + 1, (start + 1) % 100):
        assert financial_year(str(start), str(end)) is None


@pytest.mark.parametrize("layout", [layout for layout in load_layouts() if layout.financial_year.pattern],
                         ids=lambda layout: layout.layout)
def test_a_pattern_of_years_reads_what_it_is_for_and_never_raises(layout):
    place = layout.financial_year
    years = {parse_year(place, text) for start in range(2001, 2031) for text in (
        str(start + 1), f"{start}-{(start + 1) % 100:02d}", f"{start}/{start + 1}", f"{start} - {start + 1}")}
    assert years - {None} == {f"{start}-{(start + 1) % 100:02d}" for start in range(2001, 2031)}
    for text in ("", "1918", "2099", "2008-10", "2008-09x", "0", "20", "2018-", "-2018", "٢٠١٨", "2008-09-10"):
        assert parse_year(place, text) in (None, "2008-09") or text == "2008-10"
    assert parse_year(place, "2008-10") is None


# Buckinghamshire before and after 2020. Files that print names alone end in 2007-08, so it is the older one there.
OF_THE_SAME_NAME = ("612", "916")


@pytest.mark.parametrize("layout", [layout for layout in load_layouts() if layout.area and layout.area.council],
                         ids=lambda layout: layout.layout)
def test_every_council_is_recognised_by_its_label(layout):
    councils, area = load_councils(), layout.area
    named = {code: [code, f" {code} ", f"{code} - {name} ", f"{code}-{name} UA"]
             for code, name in councils.names.items()}
    if area.by == "name":
        named.pop(OF_THE_SAME_NAME[1])
    if area.by == "ons_code":
        named = {code: [ons] for ons, code in councils.ons_codes.items()}
    elif area.by == "name":
        named = {code: [name, name.upper(), f" {name} UA", name.replace(" and ", " & "), name.replace("-", " ")]
                 for code, name in councils.names.items() if code in named}
    found = 0
    for code, texts in named.items():
        matched = {areas.match_area(area, text, councils) for text in texts} - {None}
        assert matched <= {(areas.COUNCIL, code)}, (code, matched)
        found += bool(matched)
        assert area.by != "name" or len([text for text in texts if areas.match_area(area, text, councils)]) == 5
    # Codes of five characters came with the councils of 2021, so layouts of years before do not know them.
    assert found >= len(named) - sum(1 for code in named if len(code) == 5)


def test_no_two_councils_but_one_and_its_successor_share_a_name():
    councils = load_councils()
    older, newer = OF_THE_SAME_NAME
    assert {code: councils.code_of_name(name) for code, name in councils.names.items()} == {
        code: code for code in councils.names} | {newer: older}


@quick
@given(st.lists(st.lists(st.sampled_from(["A", "B", "C", "Of which:", "31 March"]), min_size=1, max_size=4),
                min_size=1, max_size=12), st.integers(4, 6))
def test_a_stacked_header_reads_as_the_texts_it_was_merged_from(columns, height):
    texts = [" | ".join(parts) for parts in columns]
    rows = builders.unstacked(texts, height)
    assert stacked([*rows, ["x"] * len(texts)], height, height) == texts


@quick
@given(st.lists(st.lists(TEXT, max_size=6), max_size=8), st.integers(0, 8), st.integers(0, 6))
def test_any_stack_is_a_text_per_column(grid, header_row, height):
    if header_row < len(grid):
        texts = stacked(grid, header_row, height)
        assert len(texts) >= len(grid[header_row])
        assert all(text == text.strip() or "|" in text for text in texts)


# --- changed grids ----------------------------------------------------------------------------------------------------

# A dozen mutated grids of each layout here, sixty more in `make test-full`; a seed is one grid.
SEEDS = [*range(12), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(12, 72))]
PIECES = ["", " ", "x", "12", "-", "..", ":", "England", "TOTAL England", "102 - Cumbria", "114-Stockton",
          "999 - Nowhere", "COUNCIL", "Numerator", "2.9", "31 March 2011", "2012-13", "2011-12 Final", "1,23", "£5",
          "=1+1", "\n", "final"]


def bend(grid, chance):
    """One random change: cells, rows and columns deleted, doubled, swapped, overwritten or cut."""
    rows = [number for number, row in enumerate(grid) if row]
    if not rows:
        return
    row = chance.choice(rows)
    column = chance.randrange(len(grid[row]))
    other = chance.choice(rows)
    kind = chance.choice(["cell", "cell", "cell", "drop cell", "add cell", "drop row", "double row", "swap rows",
                          "drop column", "double column", "swap cells", "cut row", "cut grid", "empty row"])
    if kind == "cell":
        grid[row][column] = chance.choice(PIECES)
    elif kind == "drop cell":
        del grid[row][column]
    elif kind == "add cell":
        grid[row].insert(column, chance.choice(PIECES))
    elif kind == "drop row":
        del grid[row]
    elif kind == "double row":
        grid.insert(other, list(grid[row]))
    elif kind == "swap rows":
        grid[row], grid[other] = grid[other], grid[row]
    elif kind == "drop column":
        for cells in grid:
            del cells[column:column + 1]
    elif kind == "double column":
        for cells in grid:
            cells[column:column] = cells[column:column + 1]
    elif kind == "swap cells":
        place = chance.randrange(len(grid[row]))
        grid[row][column], grid[row][place] = grid[row][place], grid[row][column]
    elif kind == "cut row":
        del grid[row][column:]
    elif kind == "cut grid":
        del grid[max(row, 1):]
    else:
        grid[row] = []


WHOLE = {name: builders.EVERY[name]() for name in ("pssex1_2012-13", "pssex1_2011-12", "ascfr_2014_15", "long",
                                                   "peer_set", "ruling")}


def bent_at_random(whole, seed):
    chance = random.Random(seed)
    grid = builders.copied(whole)
    for _ in range(chance.randint(1, 3)):
        bend(grid, chance)
    return grid


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutated_grid_is_read_as_printed_or_refused(name, seed):
    grid = bent_at_random(WHOLE[name], seed)
    for reading in judged(grid):
        if not reading.faults:
            read_cells = {(cell.row, cell.column) for cell in reading.printed}
            labelled = {(label.row, label.column) for label in reading.labels}
            assert unread_numbers(grid, reading, read_cells | labelled) == []


def judged(grid, sheet=""):
    """The readings of a mutated grid, where every fault has its location and every cell is as printed."""
    readings = read(grid, sheet)
    for reading in readings:
        for fault in reading.faults:
            assert "x.csv" in str(fault) and (fault.row is None or 1 <= fault.row <= len(grid))
        if not reading.faults:
            assert reading.layout.marker_column or all(
                cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.printed)
    return readings


# Each shape of issue 3 once or twice; the long files of the same shape differ in their columns alone.
NEW = {**{name: ("", builders.EVERY[name]) for name in (
    "pssex1_activity_2009-10", "pssex1_activity_2008-09", "pssex1_2007-08", "pssex1_extract", "england_series_extract",
    "ascfr_activity", "ascfr_bridging", "ascfr_2015_16_activity", "ascfr_2016_17_totals", "descriptions_2021-22", "ro3",
    "rs", "ascof", "gdp_deflator", "mid_year", "population_bands")},
    "expenditure": ("Net Current Expenditure", lambda: builders.pssex1_expenditure()["Net Current Expenditure"]),
    "england_series": ("Net Current Expenditure", lambda: builders.pssex1_england_series()["Net Current Expenditure"]),
    "deprivation": ("IMD", lambda: builders.deprivation()["IMD"]),
    "derived": ("", builders.derived_totals)}
NEW_WHOLE = {name: (sheet, build()) for name, (sheet, build) in NEW.items()}


@pytest.mark.parametrize("name", sampled(NEW_WHOLE, 3))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutated_grid_of_the_newer_layouts_is_read_as_printed_or_refused(name, seed):
    sheet, whole = NEW_WHOLE[name]
    judged(bent_at_random(whole, seed), sheet)


@pytest.mark.parametrize("name", sampled(NEW_WHOLE, 2))
def test_a_grid_whose_header_alone_is_left_is_judged(name):
    sheet, whole = NEW_WHOLE[name]
    for height in range(1, 14):
        judged(builders.copied(whole[:height]), sheet)


def judge_column(name, piece, column):
    sheet, whole = NEW_WHOLE[name]
    grid = builders.copied(whole)
    for row in grid[9 if sheet else 1:]:
        row[column:column + 1] = [piece]
    judged(grid, sheet)


def columns_of(name):
    return min(6, max(map(len, NEW_WHOLE[name][1])))


@pytest.mark.parametrize("name", sampled(NEW_WHOLE, 2))
@pytest.mark.parametrize("piece", PIECES)
def test_a_column_of_one_text_is_judged(name, piece):
    """A text in every row of a column meets every pattern that column is matched with: every text, in one column."""
    judge_column(name, piece, (PIECES.index(piece) + [*NEW_WHOLE].index(name)) % columns_of(name))


@pytest.mark.full
@pytest.mark.parametrize("name", NEW_WHOLE)
@pytest.mark.parametrize("piece", PIECES)
def test_each_column_of_one_text_is_judged(name, piece):
    for column in range(columns_of(name)):
        judge_column(name, piece, column)


def unread_numbers(grid, reading, known):
    """Numbers under the header that a reading without a fault left out."""
    header = identify(grid, "", [reading.layout]).header_row
    return [(row, column, text) for row, cells in enumerate(grid[header + 1:], start=header + 2)
            for column, text in enumerate(cells, start=1)
            if column > 1 and is_number(text) and (row, column) not in known and not is_reference(reading, header, row)]


def is_reference(reading, header, row):
    return reading.layout.below_header is not None and row <= header + 3
