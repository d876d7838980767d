"""The small parsers, over whatever text a file may hold: they round-trip, never raise, and agree with the database."""

import csv
import io
import random
from decimal import Decimal

import builders
import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration import landing
from orchestration.faults import column_letter
from orchestration.home import project_folder
from orchestration.landing import LandedFile
from orchestration.layouts import identify, load_layouts, normalise
from orchestration.reading import is_number, read_file
from orchestration.reference import load_councils

quick = settings(max_examples=200, deadline=None, derandomize=True)
PLAIN = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\xa0\u202f")
TEXT = st.text(max_size=40)
# What people and spreadsheets write around digits.
NUMBERISH = st.text(alphabet="0123456789,.-£$* +()eE\u00a0\u0662²%\n\t'", max_size=14)


def typed(text):
    """What a number's text means, worked out apart from the code."""
    return Decimal(text.strip(" ").replace(",", "").replace("£", "").replace("$", "").replace("*", "").strip(" "))


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


@quick
@given(printed_numbers())
def test_a_printed_number_is_a_number_and_means_it(pair):
    number, text = pair
    assert is_number(text)
    assert typed(text) == number


@pytest.mark.parametrize("text", [
    "", " ", "-", "--", "--1", ".", "..", ":", "1,23", "1,2345", "12,34,567", ",123", "1,234,", "12a", "a12", "1.2.3",
    "1.", "1 2", "1e5", "1_000", "+5", "(5)", "5%", "£", "$", "*", "**", "5**", "£-", "--5", "-£-5", "££5", "#NUM!",
    "١٢", "²", "½", "12\n", "\t12", "12\u00a0", "nan", "inf", "Infinity", "0x10", "9" * 19,
    "1,000,000,000,000,000,000", "−5", "5-", "1,234 5"])
def test_what_is_no_number(text):
    assert not is_number(text)


@quick
@given(NUMBERISH)
@example("£-.5 * ")
@example("1" * 18 + ".123456")
def test_no_text_is_taken_for_a_number_that_python_cannot_type(text):
    if is_number(text):
        assert typed(text).is_finite()


def printed_number_in_sql():
    """The expression of dbt's macro ``printed_number`` with DuckDB's decimal, from the macro's own text."""
    macros = (project_folder() / "dbt_project" / "macros" / "types.sql").read_text(encoding="utf-8")
    body = macros.split("{% macro printed_number(column) -%}")[1].split("{%- endmacro %}")[0]
    return " ".join(body.split()).replace("{{ column }}", "t").replace("{{ type_decimal() }}", "decimal(28, 6)")


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.one_of(printed_numbers().map(lambda pair: pair[1]), NUMBERISH), min_size=50, max_size=200))
def test_the_database_types_a_number_as_python_does(texts):
    numbers = [text for text in texts if is_number(text)]
    with duckdb.connect() as connection:
        found = connection.execute(f"select {printed_number_in_sql()} from (select unnest(?::varchar[]) as t)",
                                   [numbers]).fetchall()
    rounding = Decimal("0.000001")
    assert all(number is not None for number, in found)
    assert all(abs(number - typed(text)) < rounding for (number,), text in zip(found, numbers))


@pytest.mark.parametrize("layout", load_layouts(), ids=lambda layout: layout.layout)
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
def test_normalise_keeps_what_tells_columns_apart(one, other):
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
    decoded = landing.decode(text.encode(encoding))
    assert decoded is not None
    assert decoded[0] == text.removeprefix("\ufeff") or text.startswith("\ufeff")


@quick
@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_none(content):
    decoded = landing.decode(content)
    assert decoded is None or "\x00" not in decoded[0]


@quick
@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0xFF), min_size=1, max_size=50))
def test_windows_1252_is_read_as_such(text):
    decoded = landing.decode(b"Cost \xa3 " + text.encode("cp1252") + b" \xa3")
    assert decoded == (f"Cost £ {text} £", "cp1252")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.sampled_from(sorted(landing.READABLE)))
def test_any_bytes_open_as_a_grid_or_a_fault(tmp_path_factory, content, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    landed = landing.open_file(LandedFile(path, path.name))
    assert bool(landed.faults) != bool(landed.sheets)
    assert all(isinstance(cell, str) for grid in landed.sheets.values() for row in grid for cell in row)


@quick
@given(st.lists(st.lists(st.text(alphabet=PLAIN, max_size=8), min_size=2, max_size=6), min_size=1, max_size=8),
       st.sampled_from(landing.DELIMITERS))
def test_a_csv_in_any_delimiter_gives_its_cells_back(tmp_path_factory, rows, delimiter):
    rows = builders.padded(rows)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    assert landing.open_file(LandedFile(path, path.name)).sheets[""] == rows


@quick
@given(st.lists(st.lists(TEXT, max_size=6), max_size=15))
def test_a_grid_of_any_text_is_judged_and_never_raises(grid):
    read(grid)


def read(grid):
    """Readings of a grid, without a file around it."""
    landed = LandedFile(path=project_folder() / "x.csv", name="x.csv", sheets={"": grid})
    return read_file(landed, load_layouts(), load_councils())[0]


# --- bent grids -------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_bent_grid_is_read_as_it_stands_or_refused(name, seed):
    chance = random.Random(seed)
    grid = builders.copied(WHOLE[name])
    for _ in range(chance.randint(1, 3)):
        bend(grid, chance)
    for reading in read(grid):
        for fault in reading.faults:
            assert "x.csv" in str(fault) and (fault.row is None or 1 <= fault.row <= len(grid))
        if not reading.faults:
            assert all(cell.text == grid[cell.row - 1][cell.column - 1] for cell in reading.cells)
            read_cells = {(cell.row, cell.column) for cell in reading.cells}
            labelled = {(label.row, label.column) for label in reading.labels}
            assert unread_numbers(grid, reading, read_cells | labelled) == []


def unread_numbers(grid, reading, known):
    """Numbers under the header that a reading without a fault left out."""
    header = identify(grid, "", [reading.layout]).header_row
    return [(row, column, text) for row, cells in enumerate(grid[header + 1:], start=header + 2)
            for column, text in enumerate(cells, start=1)
            if column > 1 and is_number(text) and (row, column) not in known and not is_reference(reading, header, row)]


def is_reference(reading, header, row):
    return reading.layout.below_header is not None and row <= header + 3
