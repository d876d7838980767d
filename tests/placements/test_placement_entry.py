"""Proves that an export of placements becomes codes, numbers, dates and hashes, and that nothing else is stored."""

import csv
import datetime as dt
import hashlib
import hmac
import io
import os
import random
import re
import stat
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import sampled

from orchestration import database
from orchestration.faults import GateStopped, UnusableInput
from orchestration.home import Home
from orchestration.placements import entry, pseudonyms
from orchestration.placements.field_values import number_sql
from orchestration.placements.mapping_files import read_mapping, shipped_mappings
from orchestration.placements.pseudonyms import PseudonymisationKey, load_key
from orchestration.store import warehouse
from orchestration.store.files import mark_accepted, reject_files, stopped_files
from orchestration.store.snapshots import load_placements
from orchestration.survey import survey_landing

SECRET = "x" * 40
# Made up, with a valid check digit.
NHS_NUMBER = "9434765919"
HEADER = "person_reference,council_code,snapshot_date,age,client_group,setting,provider,gross_weekly_gbp\n"
ROW = "P1,212,2026-03-31,44,learning_disability,residential,Oak House,1500\n"
EXPORT = """Case No,As At,DOB,PSR,"Service, line",Provision,Gross £ pw,Surname,Home Postcode
0017,31/03/2026,01/04/1980,LD,Res,Internal,"£1,234.50",Dent,LS1 4AP
0018,31/03/2026,31/03/1980,MH,SL,External,£ -20,Prefect,
"""
MAPPING = """snapshot_mapping: leeds_monthly
title: The monthly export
columns:
  person_reference: Case No
  council_code: {value: Leeds}
  snapshot_date: {column: As At, date_format: '%d/%m/%Y'}
  birth_date: {column: DOB, date_format: '%d/%m/%Y'}
  client_group: {column: PSR, codes: {LD: learning_disability, MH: mental_health}}
  setting: {column: 'Service, line', codes: {Res: residential, SL: supported_living}}
  is_in_house: {column: Provision, codes: {Internal: yes, External: no}}
  gross_weekly_gbp: Gross £ pw
  is_synthetic: {value: yes}
"""


class Read:
    """What was read of a file: its rows as dictionaries, and what was counted."""

    def __init__(self, placement, secret=SECRET):
        self.placement = placement
        with duckdb.connect() as connection:
            self.entered = entry.read(connection, placement, PseudonymisationKey.of(secret))
            cursor = connection.execute("select * from entered order by row_number")
            names = [column[0] for column in cursor.description]
            self.rows = [dict(zip(names, row)) for row in cursor.fetchall()]

    def column(self, name):
        return [row[name] for row in self.rows]

    @property
    def stored(self):
        """Everything of the rows that is kept, as one text."""
        return "\n".join(str(value) for row in self.rows for name, value in row.items() if name != "leftover")


def written(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            (folder / name).write_text(content, encoding="utf-8", newline="")
    return folder


@pytest.fixture
def survey(tmp_path):
    def take(files):
        return survey_landing([written(tmp_path / "landing", files)])

    return take


@pytest.fixture
def read(survey):
    def take(files, secret=SECRET):
        found = survey(files)
        assert found.faults == []
        (placement,) = found.placements
        return Read(placement, secret)

    return take


def message_of(error):
    return "\n".join([str(error), *map(str, error.faults)])


@pytest.fixture
def refused(read):
    """Every message about a file that cannot be used."""

    def take(files):
        with pytest.raises(UnusableInput) as error:
            read(files)
        return message_of(error.value)

    return take


@pytest.fixture
def stopped(read):
    def take(files):
        with pytest.raises(GateStopped) as error:
            read(files)
        return str(error.value)

    return take


def key_of(reference, council="212", secret=SECRET):
    return hmac.new(secret.encode(), f"{council}:{reference}".encode(), hashlib.sha256).hexdigest()[:32]


# --- a council's own export -------------------------------------------------------------------------------------------


def test_a_mapping_file_alone_makes_an_export_a_snapshot(read):
    found = read({"march.csv": EXPORT, "march.yml": MAPPING})
    assert found.placement.mapping.snapshot_mapping == "leeds_monthly"
    assert found.entered.snapshots == [("212", dt.date(2026, 3, 31), 2, True)]
    assert found.column("person_key") == [key_of("0017"), key_of("0018")]
    assert found.column("age") == [45, 46]
    assert found.column("client_group") == ["learning_disability", "mental_health"]
    assert found.column("setting") == ["residential", "supported_living"]
    assert found.column("is_in_house") == [True, False]
    assert found.column("gross_weekly_gbp") == [Decimal("1234.5"), Decimal("-20")]
    assert (found.entered.unmapped, found.entered.unreadable) == ({}, {})
    assert found.entered.dropped == [(8, "Surname", 2), (9, "Home Postcode", 1)]
    assert not any(word in found.stored for word in ("Dent", "LS1", "0017", "1980"))


def test_a_mapping_is_not_reported_as_a_skipped_file(survey):
    found = survey({"march.csv": EXPORT, "march.yml": MAPPING, "notes.txt": "x"})
    assert found.skipped == ["notes.txt"]


def test_the_header_may_be_in_a_lower_row(read):
    found = read({"march.csv": "Extract of placements,,,,,,,,\n\n" + EXPORT,
                  "march.yml": MAPPING.replace("columns:", "header_row: 3\ncolumns:")})
    assert found.column("row_number") == [4, 5]
    assert found.column("age") == [45, 46]


@pytest.mark.parametrize("content", [
    EXPORT.encode("cp1252"), EXPORT.encode("utf-8-sig"), EXPORT.encode("utf-16"),
    EXPORT.replace("\n", "\r\n").encode(),
    b'"Case No";"As At";"DOB";"PSR";"Service, line";"Provision";"Gross \xc2\xa3 pw";"Surname";"Home Postcode"\n'
    b'0017;31/03/2026;01/04/1980;LD;Res;Internal;\xc2\xa31,234.50;Dent;LS1 4AP\n'
    b'0018;31/03/2026;31/03/1980;MH;SL;External;\xc2\xa3 -20;"Prefect";\n',
    EXPORT.replace("\n", ",\n").replace("£ -20", "£\xa0-20").encode(),
], ids=["cp1252", "utf-8 with a mark", "utf-16", "line ends of Windows", "semicolons", "no-break space, empty column"])
def test_encoding_and_delimiter_make_no_difference(read, content):
    plain = read({"march.csv": EXPORT, "march.yml": MAPPING})
    assert read({"march.csv": content, "march.yml": MAPPING}).rows == plain.rows


def test_parquet_and_workbooks_give_the_rows_of_the_csv(read, tmp_path):
    text = ("person_reference,council_code,snapshot_date,birth_date,client_group,setting,provider,gross_weekly_gbp,"
            "is_in_area,home_care_hours_weekly\n"
            "17,212,2026-03-31,1980-04-01,mental_health,home_care,Café,1234.5,yes,10\n"
            "18,212,2026-03-31,1980-03-31,Older people,Home care,,100.25,no,\n")
    plain = read({"a.csv": text}).rows
    grid = list(csv.reader(io.StringIO(text)))
    book = openpyxl.Workbook()
    for row in grid[:1]:
        book.active.append(row)
    for row in grid[1:]:
        book.active.append([int(row[0]), int(row[1]), dt.date.fromisoformat(row[2]), dt.datetime.fromisoformat(row[3]),
                            *row[4:7], float(row[7]), row[8], float(row[9]) if row[9] else None])
    written(tmp_path / "landing", {}).joinpath("a.csv").unlink()
    book.save(tmp_path / "landing" / "a.xlsx")
    assert read({}).rows == plain
    (tmp_path / "landing" / "a.xlsx").unlink()
    with duckdb.connect() as connection:
        (tmp_path / "text.csv").write_text(text)
        connection.execute(
            "copy (select cast(person_reference as double) as person_reference, council_code, "
            "cast(snapshot_date as date) as snapshot_date, cast(birth_date as timestamp) as birth_date, client_group, "
            "setting, provider, cast(gross_weekly_gbp as double) as gross_weekly_gbp, "
            "cast(is_in_area as boolean) as is_in_area, cast(home_care_hours_weekly as decimal(6,2)) as "
            f"home_care_hours_weekly from read_csv('{tmp_path / 'text.csv'}', all_varchar = true)) "
            f"to '{tmp_path / 'landing' / 'a.parquet'}' (format parquet)")
    assert read({}).rows == plain


def test_column_names_may_differ_in_capitals_and_punctuation(read):
    found = read({"a.csv": HEADER.replace("_", " ").title() + ROW})
    assert found.placement.dropped == []
    assert found.column("age") == [44]


def test_two_columns_that_differ_in_punctuation_are_not_guessed_at(survey):
    found = survey({"a.csv": "Setting,SETTING,Person reference,Council code,Snapshot date,Client group\n"
                             "residential,nursing,P1,212,2026-03-31,mental_health\n"})
    assert "'setting'" in str(found.faults[0])
    found = survey({"a.csv": "Setting,setting,Person reference,Council code,Snapshot date,Client group\n"
                             "residential,nursing,P1,212,2026-03-31,mental_health\n"})
    (placement,) = found.placements
    assert Read(placement).column("setting") == ["nursing"]
    assert placement.dropped == [(1, "Setting")]


def test_several_sources_of_a_code_are_tried_in_turn(read):
    mapping = MAPPING.replace("{column: 'Service, line', codes: {Res: residential, SL: supported_living}}", """
    - {column: Provision, codes: {Internal: day_care}}
    - {column: 'Service, line', codes: {Res: residential, sl: supported_living}}""")
    assert read({"a.csv": EXPORT, "a.yml": mapping}).column("setting") == ["day_care", "supported_living"]


# --- cells that are not values ---------------------------------------------------------------------------------------


def test_cells_that_are_not_values_are_counted_and_left_out(read):
    found = read({"a.csv": HEADER.replace("gross", "start_date,is_in_area,gross") +
                  "P1,212,2026-03-31,forty-four,Wibble,residential,Oak House,soon,maybe,1.2.3\n"
                  "P2,212,2026-03-31,45.5,Learning disability,Wobble,Oak House,31/02/2026,Y,12 pounds\n"
                  "P3,212,2026-03-31,44,,residential,Oak House,2026-02-30,no,\n"})
    assert found.entered.unmapped == {"client_group": (1, 2), "setting": (1, 3)}
    assert found.entered.unreadable == {
        "age": (2, 2), "start_date": (3, 2), "is_in_area": (1, 2), "gross_weekly_gbp": (2, 2)}
    assert found.column("unmapped") == ["client_group", "setting", None]
    assert found.column("unreadable") == ["age,is_in_area,gross_weekly_gbp,start_date",
                                          "age,gross_weekly_gbp,start_date", "start_date"]
    for text in ("forty-four", "Wibble", "Wobble", "soon", "maybe", "1.2.3", "12 pounds"):
        assert text not in found.stored
        assert any(text in (leftover or "") for leftover in found.column("leftover"))
    assert found.column("leftover")[2] == "2026-02-30"


def test_rows_of_other_kinds_are_left_out_and_counted(read):
    found = read({"a.csv": EXPORT, "a.yml": MAPPING.replace("columns:", "rows: {PSR: [ld]}\ncolumns:")})
    assert (found.entered.n_rows, found.entered.n_left_out) == (1, 1)
    found = read({"a.csv": EXPORT, "a.yml": MAPPING.replace("columns:", "rows_left_out: {PSR: ['LD ']}\ncolumns:")})
    assert (found.column("row_number"), found.entered.n_left_out) == ([3], 1)


def test_empty_rows_are_not_rows(read):
    text = HEADER + ",,,,,,,\n" + ROW + "\n , ,,,,,,\n"
    found = read({"a.csv": text})
    assert (found.entered.n_rows, found.entered.n_left_out, found.column("row_number")) == (1, 0, [3])
    assert read({"a.csv": text.replace("Oak", "Châlet").encode("cp1252")}).column("row_number") == [3]


def test_a_blank_reference_is_no_person(read):
    assert read({"a.csv": HEADER + ROW.replace("P1", " ")}).column("person_key") == [None]


@pytest.mark.parametrize(("birth", "snapshot", "age"), [
    ("1980-03-31", "2026-03-31", 46), ("1980-04-01", "2026-03-31", 45), ("1980-03-30", "2026-03-31", 46),
    ("2000-02-29", "2025-02-28", 24), ("2000-02-29", "2025-03-01", 25), ("2000-02-29", "2024-02-28", 23),
    ("2000-02-29", "2024-02-29", 24), ("2026-03-31", "2026-03-31", 0),
])
def test_a_birth_date_becomes_an_age_and_is_not_stored(read, birth, snapshot, age):
    found = read({"a.csv": HEADER.replace("age", "birth_date") +
                  ROW.replace("44", birth).replace("2026-03-31", snapshot)})
    assert found.column("age") == [age]
    if birth != snapshot:
        assert birth not in found.stored
    assert "birth_date" not in found.rows[0]


def test_a_year_of_two_digits_is_not_a_year(read):
    found = read({"a.csv": EXPORT.replace("01/04/1980", "01/04/80"), "a.yml": MAPPING})
    assert found.column("age") == [None, 46]
    assert found.entered.unreadable == {"birth_date": (1, 2)}


def test_age_at_the_start_of_a_line(read):
    found = read({"a.csv": HEADER.replace("provider", "start_date") + ROW.replace("Oak House", "2016-01-01")})
    assert found.column("age_at_start") == [34]
    found = read({"a.csv": HEADER.replace("provider", "start_date").replace("age", "birth_date") +
                  ROW.replace("Oak House", "2016-01-01").replace("44", "1980-01-02")})
    assert (found.column("age"), found.column("age_at_start")) == ([46], [35])


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbers():
    """What entry's SQL makes of texts."""
    with duckdb.connect() as connection:
        sql = f"select {number_sql('text')} from (select unnest($1::varchar[]) as text)"
        yield lambda texts: [row[0] for row in connection.execute(sql, [list(texts)]).fetchall()]


@settings(max_examples=200, deadline=None)
@given(amount=st.decimals("-999999999", "999999999", places=6), places=st.integers(0, 6), has_commas=st.booleans(),
       prefix=st.sampled_from(["", "£", "£ "]), sign_first=st.booleans())
def test_a_printed_number_is_read_as_it_is_printed(numbers, amount, places, has_commas, prefix, sign_first):
    amount = amount.quantize(Decimal(1).scaleb(-places))
    printed = f"{abs(amount):,f}" if has_commas else f"{abs(amount):f}"
    sign = "-" if amount < 0 else ""
    text = f"{sign}{prefix}{printed}" if sign_first else f"{prefix}{sign}{printed}"
    assert numbers([text]) == [amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)]


def test_what_is_not_a_number_is_null(numbers):
    assert numbers([".50", "+5", "-.5"]) == [Decimal("0.5"), Decimal(5), Decimal("-0.5")]
    nothing = ["1,5", "1.2.3", "abc", "", "£", "-", "--1", "£1£2", "12,34,567", ",123", "1,234,56", "1 234", "1_000",
               "0x1F", "1e5", "12a", "5.", "(5.00)", "nan", "inf", "1000000000", "٣", "1\n2", "$5", "12p"]
    assert numbers(nothing) == [None] * len(nothing)


# --- people -----------------------------------------------------------------------------------------------------------


_REFERENCES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=30)


@settings(max_examples=10, deadline=None)
@given(references=st.lists(_REFERENCES, min_size=1, max_size=20), secret=st.text(min_size=32, max_size=90).filter(
    lambda text: text.encode("utf-8", "replace") == text.encode("utf-8", "ignore")))
def test_the_hash_is_pythons_hmac(references, secret):
    references += ["a b", 'a "b", c', "O'Neill;--", "0017", "17"]
    with tempfile.TemporaryDirectory() as folder, Path(folder, "a.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER.strip().split(","))
        rows.writerows([reference, *ROW.strip().split(",")[1:]] for reference in references)
        file.flush()
        (placement,) = survey_landing([Path(folder)]).placements
        found = Read(placement, secret)
    assert found.column("person_key") == [key_of(reference, secret=secret) for reference in references]


def test_a_person_of_two_councils_is_two(read):
    found = read({"a.csv": HEADER + ROW + ROW.replace(",212,", ",E09000002,") + ROW.replace(",212,", ",Leeds,")})
    assert found.column("council_code") == ["212", "716", "212"]
    assert found.column("person_key") == [key_of("P1"), key_of("P1", "716"), key_of("P1")]


def test_a_key_shows_nothing_of_itself():
    key = PseudonymisationKey.of(SECRET)
    shown = f"{key!r} {key}"
    assert SECRET not in shown
    assert repr(key.inner) not in shown
    assert repr(key.outer) not in shown
    assert key.inner[:4].hex() not in shown
    assert PseudonymisationKey.of(SECRET).check == key.check != PseudonymisationKey.of("y" * 40).check


def test_a_key_file_is_made_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(pseudonyms.VARIABLE, raising=False)
    home = Home(tmp_path / "home")
    before = os.umask(0)
    try:
        key = pseudonyms.load_key(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.person_key.stat().st_mode) == 0o600
    assert len(home.person_key.read_text().strip()) == 64
    assert pseudonyms.load_key(home) == key
    assert pseudonyms.load_key(Home(tmp_path / "other")) != key


def test_a_key_file_that_others_may_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv(pseudonyms.VARIABLE, raising=False)
    home = Home(tmp_path)
    pseudonyms.load_key(home)
    secret = home.person_key.read_text().strip()
    home.person_key.chmod(0o640)
    with pytest.raises(UnusableInput, match=r"chmod 600 person\.key") as error:
        pseudonyms.load_key(home)
    assert secret not in str(error.value)


def test_short_keys_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(pseudonyms.VARIABLE, "tooshort")
    with pytest.raises(UnusableInput, match="has 8 characters") as error:
        pseudonyms.load_key(Home(tmp_path))
    assert "tooshort" not in str(error.value)
    assert not (tmp_path / "person.key").exists()
    monkeypatch.setenv(pseudonyms.VARIABLE, SECRET)
    assert pseudonyms.load_key(Home(tmp_path)) == PseudonymisationKey.of(SECRET)
    monkeypatch.delenv(pseudonyms.VARIABLE)
    (tmp_path / "person.key").write_text("tooshort\n")
    (tmp_path / "person.key").chmod(0o600)
    with pytest.raises(UnusableInput, match="fewer than 32 characters"):
        pseudonyms.load_key(Home(tmp_path))


# --- identifiers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "kind"), sampled([
    (NHS_NUMBER, "an NHS number"), ("943 476 5919", "an NHS number"), ("943-476-5919", "an NHS number"),
    ("Oak House (943\xa0476\xa05919)", "an NHS number"), ("arthur.dent@example.org", "an e-mail address"),
    ("7 High Street LS1 4AP", "a postcode"), ("AB 12 34 56 C", "a National Insurance number"),
], 3))
@pytest.mark.parametrize(("instead_of", "place"), [
    ("Oak House", "the provider"), ("residential", "a cell that is not a code, number or date"),
    ("1500", "a cell that is not a code, number or date"),
])
def test_an_identifier_stops_the_file(stopped, text, kind, instead_of, place):
    message = stopped({"a.csv": HEADER + ROW + ROW.replace(instead_of, text)})
    assert f"a.csv, row 3: {place} looks like {kind}" in message
    assert text not in message
    assert NHS_NUMBER not in message


@pytest.mark.parametrize("number", [NHS_NUMBER, "943 476 5919", "943-476-5919"])
def test_an_nhs_number_among_the_references_stops_the_file(stopped, number):
    message = stopped({"a.csv": HEADER + ROW * 9 + ROW.replace("P1", number)})
    assert "a.csv, row 11: the person reference looks like an NHS number" in message
    assert number not in message


def test_many_identifiers_are_counted_and_few_are_listed(stopped):
    lines = "".join(ROW.replace("Oak House", f"person{number}@example.org") for number in range(20))
    message = stopped({"a.csv": HEADER + lines})
    assert "20 identifiers of persons" in message
    assert message.count("a.csv, row") == 5


def ten_digits(count, is_valid=None):
    chance = random.Random(7)
    found = []
    while len(found) < count:
        digits = [chance.randrange(10) for _ in range(10)]
        valid = sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits)) % 11 == 0
        if is_valid is None or is_valid is valid:
            found.append("".join(map(str, digits)))
    return found


def test_a_councils_own_ten_digit_references_are_not_nhs_numbers(read):
    lines = [ROW.replace("P1", number) for number in ten_digits(300)]
    assert read({"a.csv": HEADER + "".join(lines)}).entered.n_rows == 300


def test_references_that_all_are_nhs_numbers_stop_the_file(stopped):
    numbers = ten_digits(300, is_valid=True)
    message = stopped({"a.csv": HEADER + "".join(ROW.replace("P1", number) for number in numbers)})
    assert "row 2: the person reference looks like an NHS number" in message
    assert not any(number in message for number in numbers)


def test_what_only_looks_like_an_identifier_enters(read):
    # The regulator's id of a location, and placeholders.
    lines = [ROW.replace("Oak House", f"1-{number}") for number in ten_digits(20, is_valid=True)]
    found = read({"a.csv": HEADER + "".join(lines) + ROW.replace("P1", "0000000000")
                  + ROW.replace("P1", "1111111111")})
    assert found.entered.n_rows == 22


@pytest.mark.parametrize("provider", sampled([
    "943.476.5919", "943/476/5919", "943_476_5919", "NHS9434765919", "ts18  1aa", "T.S.18 1AA", "AB-12-34-56-C",
    "d.smith (at) nhs.net", "07700 900123", "Doris DOB 01/02/1950"], 4))
def test_an_identifier_in_another_spelling_stops_the_file(stopped, provider):
    message = stopped({"a.csv": HEADER + ROW + ROW.replace("Oak House", provider)})
    assert "a.csv, row 3: the provider looks like" in message and provider not in message


def test_a_separate_provider_for_every_line_is_read_as_names_of_people(stopped):
    surnames = [f"{first}{last}" for first in ("Ack", "Jow", "Hep", "Row", "Ster") for last in (
        "royd", "ett", "ton", "well", "ley", "worth", "by", "field", "man", "ing", "croft")]
    message = stopped({"a.csv": HEADER + "".join(ROW.replace("Oak House", name) for name in surnames)})
    assert "of which 55 lines have 55 different ones" in message and "Ackroyd" not in message


@pytest.mark.parametrize("name", [f"notes {NHS_NUMBER}", "ask d.smith@example.org"])
def test_an_identifier_in_the_name_of_a_column_stops_the_file(stopped, name):
    message = stopped({"a.csv": HEADER.replace("\n", f",{name}\n") + ROW.replace("\n", ",\n")})
    assert "the name of a column looks like" in message and NHS_NUMBER not in message and "smith" not in message


def test_a_stray_day_or_council_is_refused(refused):
    lines = ROW * 40 + ROW.replace("2026-03-31", "2026-01-31")
    assert "1 rows of council 212 on 2026-01-31, next to 40" in refused({"a.csv": HEADER + lines})
    assert "1 rows of council 213" in refused({"a.csv": HEADER + ROW * 40 + ROW.replace(",212,", ",213,")})


def test_two_files_of_one_council_and_day_are_refused_together(store):
    with pytest.raises(UnusableInput, match="cannot be used") as caught:
        store({"a.csv": EXPORT, "b.csv": EXPORT + "0019,31/03/2026,,LD,Res,,,,\n", "a.yml": MAPPING})
    assert "which is also in a.csv" in str(caught.value.faults[0])
    assert store.query("select count(*) from raw.placement") == [(0,)]
    assert store.query("select count(*) from raw.source_file") == [(0,)]


# --- files that cannot be used ----------------------------------------------------------------------------------------


def test_an_unknown_council_is_refused(refused):
    message = refused({"a.csv": HEADER + ROW + ROW.replace(",212,", ",Magrathea,").replace("Oak House", "Dent")})
    assert "a.csv, row 3" in message
    assert "column 'council_code' gives no council_code in 1 row" in message
    assert not any(word in message for word in ("Magrathea", "Dent"))


@pytest.mark.parametrize(("date", "looks", "next_step"), [
    ("46112", "a spreadsheet's day number (45382 is 2024-03-31)", "export the column as dates"),
    ("30/04/2026", "a day written with the day first, as 31/03/2024", "date_format: '%d/%m/%Y'"),
    ("30/04/26", "a day with a year of two digits", "date_format: '%d/%m/%y'"),
    ("30 April 2026", "a day with its month in letters", "date_format: '%d %B %Y'")])
def test_a_date_that_is_not_read_says_what_it_looks_like_and_what_to_write(refused, date, looks, next_step):
    message = refused({"a.csv": HEADER + ROW.replace("2026-03-31", date)})
    assert f"gives no snapshot_date in 1 row; the first looks like {looks}" in message
    assert next_step in message and "a date as 2024-03-31" in message and date not in message


def test_an_unknown_council_of_a_snapshot_names_the_nearest(refused):
    message = refused({"a.csv": HEADER + ROW + ROW.replace(",212,", ",Leads City Council,")})
    assert "gives no council_code in 1 row" in message and "nearest: 212 Leeds" in message
    assert "Leads" not in message


@pytest.mark.parametrize("date", ["", "31/03/2026", "2026-02-30", "March"])
def test_a_row_without_a_snapshot_date_is_refused(refused, date):
    message = refused({"a.csv": HEADER + ROW + ROW.replace("2026-03-31", date)})
    assert "a.csv, row 3" in message
    assert "column 'snapshot_date' gives no snapshot_date in 1 row" in message
    assert not date or date not in message


def test_a_row_is_counted_in_the_file_and_not_among_those_read(refused):
    mapping = MAPPING.replace("columns:", "rows: {PSR: [MH]}\ncolumns:")
    message = refused({"a.csv": EXPORT.replace("0018,31/03/2026", "0018,in March"), "a.yml": mapping})
    assert "a.csv, row 3" in message


def test_a_council_of_another_time_is_refused(refused):
    message = refused({"a.csv": HEADER + ROW.replace(",212,", ",102,")})
    assert "Cumbria (102) was not a council on 2026-03-31" in message


def test_a_file_without_rows_is_refused(refused, survey):
    assert "no rows of placements" in refused({"a.csv": HEADER})
    assert "no rows of placements" in refused({"a.csv": EXPORT, "a.yml": MAPPING.replace(
        "columns:", "rows: {PSR: [Nobody]}\ncolumns:")})
    found = survey({"a.csv": "", "a.yml": ""})
    assert found.placements == []
    assert "an empty file" in str(found.faults[0])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize(("line", "found"), [
    ("P2,212,2026-03-31,44,mental_health,residential,Dent, Arthur,1500\n", "cells"),
    ("P2,212,2026-03-31,44,mental_health,residential,\"Dent é,1500\n" + ROW, "never closed"),
], ids=["too many cells", "an open quote"])
def test_a_broken_row_is_named_and_not_quoted(survey, line, found, encoding):
    content = (HEADER + ROW.replace("Oak House", "Café") + line).encode(encoding)
    surveyed = survey({"a.csv": content})
    if surveyed.faults:
        message = "\n".join(map(str, surveyed.faults))
    else:
        with pytest.raises(UnusableInput) as error:
            Read(surveyed.placements[0])
        message = message_of(error.value)
    assert "a.csv, row 3" in message
    assert found in message
    assert not any(word in message for word in ("Dent", "Arthur", "mental_health", "P2"))


def test_too_few_cells_are_named_and_not_quoted(refused):
    message = refused({"a.csv": HEADER + ROW + "P2,Dent\n"})
    assert "a.csv, row 3" in message
    assert "2 cells in a row" in message
    assert "Dent" not in message


def test_a_cell_next_to_a_workbooks_header_has_no_column_and_is_dropped(tmp_path):
    book = openpyxl.Workbook()
    for line in (HEADER, ROW, ROW.strip() + ",Dent\n"):
        book.active.append(line.strip().split(","))
    written(tmp_path / "landing", {})
    book.save(tmp_path / "landing" / "a.xlsx")
    # The sheet is as wide as its longest row, and the column next to the header has no name.
    (placement,) = survey_landing([tmp_path / "landing"]).placements
    assert placement.dropped == [(9, "")]
    assert "Dent" not in Read(placement).stored


def test_a_header_that_nearly_fits_says_what_is_missing(survey):
    found = survey({"a.csv": HEADER.replace("snapshot_date", "as_at") + ROW})
    assert found.placements == []
    message = str(found.faults[0])
    assert "a.csv, row 1" in message
    assert "no column 'snapshot_date'" in message
    assert "carequartile_placement" in message
    found = survey({"a.csv": EXPORT.replace("DOB", "Born"), "a.yml": MAPPING})
    assert "no column 'DOB'" in str(found.faults[0])
    assert "Dent" not in str(found.faults[0])


@pytest.mark.parametrize(("old", "new", "words"), [
    ("council_code:", "council:", "the contract has no field council; it has person_reference, council_code"),
    ("LD: learning_disability", "LD: learning_disabled", "client_group has no code learning_disabled; it has"),
    ("value: Leeds", "column: LA, codes: {Ours: '999'}", "council_code has no code 999"),
    ("{Internal: yes, External: no}", "{Internal: ours}", "is_in_house has no code ours; it has no, yes"),
    ("title:", "contract_version: 2\ntitle:", "contract_version is 2, this Carequartile reads 1"),
    ("title:", "titel:", "titel: Extra inputs are not permitted"),
    ("columns:", "columns: [", "but not valid YAML"),
    ("%d/%m/%Y'}\n  birth", "dd/mm/yyyy'}\n  birth", "'dd/mm/yyyy' gives no day; 31/03/2026 is %d/%m/%Y"),
    ("gross_weekly_gbp: Gross £ pw", "gross_weekly_gbp: {column: a, per: {column: b, weeks: {week: often}}}",
     "often is not a whole number or fraction of weeks"),
    ("gross_weekly_gbp: Gross £ pw", "gross_weekly_gbp: {column: a, codes: {a: b}}",
     "is not a code and takes no codes"),
    ("gross_weekly_gbp: Gross £ pw", "gross_weekly_gbp: [a, b]", "is not a code and can have only one source"),
    ("gross_weekly_gbp: Gross £ pw", "gross_weekly_gbp: {column: a, date_format: '%d/%m/%Y'}", "takes no date_format"),
    ("gross_weekly_gbp: Gross £ pw", "provider: {column: a, absolute: true}", "takes neither per nor absolute"),
    ("person_reference: Case No", "person_reference: {value: P1}", "everyone the same person"),
    ("person_reference: Case No", "person_reference: {column: a, optional: true}", "cannot be optional"),
    ("  birth_date: {column: DOB, date_format: '%d/%m/%Y'}\n", "", "no column is given for age or birth_date"),
    ("  person_reference: Case No\n", "", "no column is given for person_reference"),
    ("{value: Leeds}", "{value: Leeds, column: LA}", "give either a column or a value"),
    ("snapshot_mapping: leeds_monthly", "snapshot_mapping: Leeds Monthly", "snapshot_mapping"),
])
def test_a_wrong_mapping_is_refused_in_words(survey, old, new, words):
    assert MAPPING.count(old) == 1
    with pytest.raises(UnusableInput) as error:
        survey({"a.csv": EXPORT, "march.yml": MAPPING.replace(old, new)})
    assert "march.yml is a snapshot mapping" in str(error.value)
    assert words in str(error.value)
    assert "Next: correct it" in str(error.value)


def test_yaml_of_another_kind_is_skipped_in_a_folder_and_refused_by_name(survey, tmp_path):
    found = survey({"a.csv": HEADER + ROW, "docker-compose.yml": "services: {}\n"})
    assert len(found.placements) == 1
    with pytest.raises(UnusableInput, match=r"docker-compose.yml is not a snapshot mapping"):
        survey_landing([tmp_path / "landing" / "docker-compose.yml"])


def test_a_mapping_may_be_given_with_its_file(survey, tmp_path):
    survey({"a.csv": EXPORT, "a.yml": MAPPING})
    found = survey_landing([tmp_path / "landing" / "a.csv", tmp_path / "landing" / "a.yml"])
    assert [placement.mapping.snapshot_mapping for placement in found.placements] == ["leeds_monthly"]


def test_of_codes_that_differ_in_capitals_the_mappings_own_counts_and_no_row_is_doubled(read):
    mapping = MAPPING.replace("{value: Leeds}", "{column: Surname, codes: {LEEDS: '716', dent: '212'}}")
    found = read({"a.csv": EXPORT.replace("Prefect", "Leeds"), "a.yml": mapping})
    assert found.column("council_code") == ["212", "716"]


# --- texts that would be SQL ------------------------------------------------------------------------------------------


NASTY = "Robert'); drop table entered; --"


@pytest.mark.parametrize("name", ["o'brien; drop table x.csv", "a [1] * ? {b}.csv", 'say "when".csv', "ü – é.csv"])
def test_a_file_name_is_a_name(read, name):
    assert read({name: HEADER + ROW}).column("age") == [44]


def test_a_providers_name_is_a_text(read):
    assert read({"a.csv": HEADER + ROW.replace("Oak House", NASTY)}).column("provider") == [NASTY]


def test_column_names_codes_and_values_are_texts(read, tmp_path):
    header = ["Case No", f'"Ref" {NASTY}', "it's", "PSR", "Service", "Age ", "Kind"]
    mapping = f"""snapshot_mapping: nasty
title: Nasty
rows: {{Kind: ["{NASTY}"]}}
columns:
  person_reference: Case No
  council_code: {{value: '212'}}
  snapshot_date: {{value: 2026-03-31}}
  age: Age
  provider: '"Ref" {NASTY.replace("'", "''")}'
  client_group: {{column: "it's", codes: {{"{NASTY}": mental_health}}}}
  setting: {{column: Service, codes: {{"a'b": residential}}}}
"""
    cells = ["P1", "Oak", NASTY, "x", "a'b", "44", NASTY]
    text = io.StringIO()
    csv.writer(text).writerows([header, cells])
    plain = read({"a.csv": text.getvalue(), "a.yml": mapping})
    assert plain.column("provider") == ["Oak"]
    assert plain.column("client_group") == ["mental_health"]
    assert plain.column("setting") == ["residential"]
    assert plain.placement.dropped == [(4, "PSR")]
    (tmp_path / "landing" / "a.csv").unlink()
    with duckdb.connect() as connection:
        columns = ", ".join("? as " + '"' + name.replace('"', '""') + '"' for name in header)
        connection.execute(f"create table a as select {columns}", cells)
        connection.execute(f"copy a to '{tmp_path / 'landing' / 'a.parquet'}' (format parquet)")
    assert read({"a.yml": mapping}).rows == plain.rows


# --- storing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "home" / "warehouse.duckdb"

    def load(files, secret=SECRET, **limits):
        warehouse.prepare(path)
        folder = written(tmp_path / f"landing{len(list(tmp_path.iterdir()))}", files)
        return load_placements(survey_landing([folder]), path, PseudonymisationKey.of(secret), **limits)

    def query(sql):
        with database.connect(path) as connection:
            return connection.execute(sql).fetchall()

    load.query, load.path = query, path
    return load


def everything_in(store):
    tables = store.query("select schema_name || '.' || table_name from duckdb_tables()")
    return "\n".join(str(store.query(f"select * from {table}")) for (table,) in tables)


def test_a_snapshot_is_stored_once_and_a_newer_one_replaces_it(store):
    assert store({"a.csv": EXPORT, "a.yml": MAPPING}) == {"a.csv": 2}
    assert store({"other.csv": EXPORT, "a.yml": MAPPING}) == {}
    assert store.query("select council_code, snapshot_date, n_rows from raw.snapshot") == [
        ("212", dt.date(2026, 3, 31), 2)]
    assert store({"a.csv": EXPORT + "0019,31/03/2026,,LD,Res,,,,\n", "a.yml": MAPPING}) == {"a.csv": 3}
    # Until gate B has passed the newer one, the older one is kept.
    assert store.query("select n_rows from raw.snapshot order by load_order") == [(2,), (3,)]
    mark_accepted(store.path)
    assert store.query("select n_rows from raw.snapshot") == [(3,)]
    assert store.query("select count(*), count(distinct snapshot_id) from raw.placement") == [(3, 1)]
    # The older file may still be in the folder: its row is what keeps it from being loaded again.
    assert store.query("select file_name, status, reason from raw.source_file order by n_rows") == [
        ("a.csv", "superseded", "replaced by a.csv, which is of the same council and day"), ("a.csv", "loaded", None)]
    assert store({"b.csv": EXPORT.replace("31/03/2026", "30/04/2026"), "a.yml": MAPPING}) == {"b.csv": 2}
    assert store.query("select count(*) from raw.snapshot") == [(2,)]


@pytest.mark.parametrize("council", sampled(["114", "U6Q5Z", "W8X1Q", "Z9D4Z", "H6X4G"], 2))
def test_a_stopped_snapshot_takes_its_councils_files_that_are_not_accepted_with_it(store, council):
    """Councils made since 2021 have codes of five letters and digits."""
    def of(day, code=council):
        return HEADER + ROW.replace("212", code).replace("2026-03-31", day)

    store({"old.csv": of("2026-01-31")})
    mark_accepted(store.path)
    store({"new.csv": of("2026-02-28"), "newer.csv": of("2026-03-31"), "other.csv": of("2026-03-31", "212")})
    [(stopped,)] = store.query("select snapshot_id from raw.snapshot inner join raw.source_file using (source_id) "
                               "where file_name = 'newer.csv'")
    assert sorted(reject_files(store.path, {stopped: "gate A: snapshot_people_continue"})) == ["new.csv", "newer.csv"]
    assert store.query("select council_code, cast(snapshot_date as varchar) from raw.snapshot order by all") == sorted(
        [("212", "2026-03-31"), (council, "2026-01-31")])
    assert len(stopped_files(store.path)) == 2


def test_no_reference_birth_date_or_dropped_text_is_in_the_warehouse(store):
    store({"a.csv": EXPORT.replace("0017", "REF-CODE-0017").replace("Dent", "Zaphod-Beeblebrox"), "a.yml": MAPPING})
    kept = everything_in(store)
    assert key_of("REF-CODE-0017") in kept
    for text in ("REF-CODE-0017", "Beeblebrox", "LS1 4AP", "01/04/1980", "1980-04-01", SECRET):
        assert text not in kept
        assert text.encode() not in store.path.read_bytes()
    assert store.query("select field, column_name, column_number, n_values_dropped from raw.snapshot_column "
                       "where field is null or field = 'birth_date' order by column_number") == [
        ("birth_date", "DOB", 3, None), (None, "Surname", 8, 2), (None, "Home Postcode", 9, 1)]


def test_a_file_that_a_gate_stops_leaves_nothing(store):
    with pytest.raises(GateStopped):
        store({"a.csv": HEADER + ROW.replace("Oak House", NHS_NUMBER)})
    assert store.query("select count(*) from raw.placement") == [(0,)]
    assert store.query("select count(*) from raw.source_file") == [(0,)]
    assert NHS_NUMBER not in everything_in(store)
    assert NHS_NUMBER.encode() not in store.path.read_bytes()


def test_another_key_is_refused(store):
    store({"a.csv": EXPORT, "a.yml": MAPPING})
    with pytest.raises(UnusableInput, match="The pseudonymisation key is not the one") as error:
        store({"b.csv": HEADER + ROW}, secret="y" * 40)
    assert "y" * 40 not in str(error.value)
    assert store.query("select count(*) from raw.placement") == [(2,)]


def test_the_months_of_a_file_are_known_before_it_is_read(survey):
    text = HEADER.replace("_", " ") + ROW + ROW.replace("03-31", "04-30") + ROW.replace("2026-03-31", "")
    (placement,) = survey({"a.csv": text}).placements
    assert entry.months(placement) == {"2026-03", "2026-04"}
    (placement,) = survey({"a.csv": EXPORT, "a.yml": MAPPING}).placements
    assert entry.months(placement) == {"2026-03"}


def test_a_preview_stores_nothing_and_keeps_no_key(survey):
    (placement,) = survey({"a.csv": EXPORT, "a.yml": MAPPING}).placements
    assert entry.preview(placement).snapshots == [("212", dt.date(2026, 3, 31), 2, True)]


# --- Client Level Data ------------------------------------------------------------------------------------------------


CLD_COLUMNS = [
    "LA_Code", "Reporting_Period_Start_Date", "Reporting_Period_End_Date", "NHS_Number",
    "LA_Person_Unique_Identifier", "GP_Practice_Code", "Gender", "Ethnicity", "Date_of_Birth", "Date_of_Death",
    "Client_Type", "Primary_Support_Reason", "Postcode", "Accommodation_Status", "Employment_Status",
    "Has_Unpaid_Carer", "Autism_Spectrum_Disorder_ASD", "Visual_Impairment", "Hearing_Impairment", "Dementia",
    "Client_Funding_Status", "Event_Type", "Event_Reference", "Event_Start_Date", "Event_End_Date",
    "Event_Description", "Event_Outcome", "Request_Route_of_Access", "Assessment_Type", "Eligible_Needs_Identified",
    "Method_of_Assessment", "Total_Hrs_Caring_per_week", "No_of_adults_being_cared_for", "Adult_1_Linked_Person_ID",
    "Adult_2_Linked_Person_ID", "Adult_3_Linked_Person_ID", "Service_Type", "Service_Component", "Delivery_Mechanism",
    "Provider_CQC_Location_ID", "Review_Reason", "Review_Outcomes_Achieved", "Method_of_Review", "Unit_Cost",
    "Cost_Frequency_Unit_Type", "Planned_units_per_week",
]
CLD_RELEASES = {
    1: {"Client_Type": "Service User", "Primary_Support_Reason": "Learning Disability Support",
        "Service_Type": "Long Term Support: Community", "Service_Component": "Home Support",
        "Delivery_Mechanism": "CASSR Managed Personal Budget"},
    2: {"Client_Type": "Service user", "Primary_Support_Reason": "Learning disability support",
        "Service_Type": "Long term support: Community", "Service_Component": "Home support or domiciliary care",
        "Delivery_Mechanism": "CASSR managed personal budget"},
}


def cld(release, *rows, names=None):
    """A made-up Client Level Data file: each of ``rows`` is what differs from a service of week costs."""
    usual = dict.fromkeys(CLD_COLUMNS, "") | CLD_RELEASES[release] | {
        "LA_Code": "212", "Reporting_Period_Start_Date": "01/04/2025", "Reporting_Period_End_Date": "31/03/2026",
        "NHS_Number": NHS_NUMBER, "LA_Person_Unique_Identifier": "A1", "GP_Practice_Code": "B86001",
        "Date_of_Birth": "1980-04-01", "Postcode": "LS1 4AP", "Event_Type": "Service", "Event_Start_Date": "01/02/2024",
        "Event_Description": "Arthur Dent, towel", "Provider_CQC_Location_ID": f"1-{NHS_NUMBER}", "Unit_Cost": "100",
        "Cost_Frequency_Unit_Type": "Weekly"}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((names or {}).get(name, name) for name in CLD_COLUMNS)
    writer.writerows((usual | row).values() for row in rows)
    return text.getvalue()


COSTS = [
    ("Weekly", "812.40", "3", "812.40"), ("Fortnightly", "300", "", "150"), ("4-weekly", "1000", "", "250"),
    ("Monthly", "1000", "1", "230.7692"), ("Quarterly", "2600", "", "200"), ("Annually", "5200", "", "100"),
    ("Hourly", "21.55", "10.5", "226.275"), ("Daily", "60", "5", "300"), ("Per session", "45", "2", "90"),
    ("weekly", "-812.40", "", "812.40"), ("Hourly", "-20", "3", "60"), ("Hourly", "20", "-3", "60"),
    ("Weekly", "0", "", "0"), ("Weekly", "", "", None), ("Hourly", "20", "", None), ("", "20", "7", "140"),
    ("Weekly", "£1,500.00", "", "1500"), ("Hourly", "999999999.99", "999999999.99", None),
]


@pytest.mark.parametrize("release", [1, 2])
def test_client_level_data_costs_a_week(read, release):
    found = read({"cld.csv": cld(
        release, {"Cost_Frequency_Unit_Type": "One-off", "Unit_Cost": "5000"},
        *({"Cost_Frequency_Unit_Type": frequency, "Unit_Cost": cost, "Planned_units_per_week": units}
          for frequency, cost, units, _ in COSTS))})
    assert found.placement.mapping.snapshot_mapping == f"cld_release_{release}"
    assert found.column("gross_weekly_gbp") == [weekly and Decimal(weekly) for _, _, _, weekly in COSTS]
    assert found.entered.n_left_out == 1
    # An amount without a week is counted; a blank one is not.
    assert found.entered.unreadable == {"gross_weekly_gbp": (2, 17)}
    assert set(found.column("age")) == {45}
    assert set(found.column("start_date")) == {dt.date(2024, 2, 1)}
    assert found.entered.snapshots == [("212", dt.date(2026, 3, 31), len(COSTS), False)]


CLD_SETTINGS = [
    ("Direct payment", "Home support or domiciliary care", "Long term support: Community", "direct_payment"),
    ("CASSR commissioned support", "Direct payment", "Long term support: Community", "direct_payment"),
    ("", "Community supported living", "Long term support: Community", "supported_living"),
    ("", "Extra care housing", "Long term support: Community", "extra_care"),
    ("", "Shared Lives", "Long term support: Community", "shared_lives"),
    ("", "Day support", "Long term support: Community", "day_care"),
    ("", "Meals", "Long term support: Community", "meals"),
    ("", "Transport", "Long term support: Community", "transport"),
    ("", "Equipment", "Long term support: Community", "equipment"),
    ("", "Professional support: Social worker", "Long term support: Community", "professional_support"),
    ("", "Professional support: Other", "Long term support: Community", "professional_support"),
    ("", "Learning, education or employment support", "Long term support: Community", "employment"),
    ("", "Long term nursing care", "Long term support: Nursing care", "nursing"),
    ("", "Long term residential care", "Long term support: Residential care", "residential"),
    ("", "Short term nursing care", "Short term support: Other short term", "short_term_nursing"),
    ("", "Short term residential care", "Short term support: Other short term", "short_term_residential"),
    ("", "Reablement", "Short term support: ST-Max", "reablement"),
    ("", "Other long term support", "Long term support: Nursing care", "nursing"),
    ("", "Other long term support", "Long term support: Residential care", "residential"),
    ("", "", "Long term support: Community", "other_community"),
    ("", "", "Long term support: Prison", "prison"),
    ("", "Emergency support", "Short term support: ST-Max", "reablement"),
    ("", "Other short term support", "Short term support: Ongoing low level", "other_short_term"),
    ("", "End of life care", "Short term support: Other short term", "other_short_term"),
]
CLD_GROUPS = {
    "physical_support": ("Physical Support: Access & mobility only", "Physical support: Access and mobility only"),
    "sensory_support": ("Sensory Support: Support for dual impairment", "Sensory support: Support for dual impairment"),
    "memory_and_cognition": ("Support with Memory & Cognition", "Support with memory and cognition"),
    "learning_disability": ("Learning Disability Support", "Learning disability support"),
    "mental_health": ("Mental Health Support", "Mental health support"),
    "substance_misuse_support": ("Social Support: Substance misuse support",
                                 "Social support: Substance misuse support"),
    "asylum_seeker_support": ("Social Support: Asylum seeker support", "Social support: Asylum seeker support"),
    "social_isolation_support": ("Social Support: Support for Social Isolation/Other",
                                 "Social support: Support for social isolation or other"),
    "support_to_carer": ("Social Support: Support to Carer", "Social support: Support to unpaid carer"),
}


@pytest.mark.parametrize("release", [1, 2])
def test_client_level_data_settings(read, release):
    def as_printed(text):
        if release == 2 or text.startswith("Learning,"):
            return text
        return text.replace(" or domiciliary care", "").title().replace("St-Max", "ST-Max").replace("Cassr", "CASSR")

    found = read({"cld.csv": cld(release, *(
        {"Delivery_Mechanism": as_printed(way), "Service_Component": as_printed(component),
         "Service_Type": as_printed(kind)} for way, component, kind, _ in CLD_SETTINGS))})
    assert found.placement.mapping.snapshot_mapping == f"cld_release_{release}"
    assert found.column("setting") == [setting for *_, setting in CLD_SETTINGS]
    assert found.entered.unmapped == {}


@pytest.mark.parametrize("release", [1, 2])
def test_client_level_data_client_groups(read, release):
    found = read({"cld.csv": cld(release, *({"Primary_Support_Reason": names[release - 1]}
                                            for names in CLD_GROUPS.values()), {"Primary_Support_Reason": "Unknown"})})
    assert found.column("client_group") == [*CLD_GROUPS, None]
    assert found.entered.unmapped == {"client_group": (1, 11)}


def test_release_2_of_client_level_data_reads_what_is_left_of_release_1(read):
    old = [{"Primary_Support_Reason": names[0]} for names in CLD_GROUPS.values()]
    found = read({"cld.csv": cld(2, *old, {"Service_Component": "Home Support"})})
    assert found.column("client_group") == [*CLD_GROUPS, "learning_disability"]
    assert found.column("setting")[-1] == "home_care"


@pytest.mark.parametrize(("release", "shown", "rows"), [
    (1, "cld_release_1", [{"Event_Type": "Request", "Service_Type": ""}, {"Client_Type": "Carer"}, {}]),
    (2, "cld_release_2", [{"Client_Type": "Unpaid carer", "Service_Type": ""}, {}]),
    (2, "cld_release_2", [{}, {}, {"Client_Type": "Service User"}]),
    (1, "cld_release_1", [{}, {}, {"Client_Type": "Service user", "Service_Type": "Long term support: Community"}]),
    (1, "cld_release_2", [{"Client_Type": "SERVICE USER", "Service_Type": ""}]),
])
def test_the_release_is_the_one_whose_values_are_printed(read, release, shown, rows):
    assert read({"cld.csv": cld(release, *rows)}).placement.mapping.snapshot_mapping == shown


def test_the_releases_are_distinguished_in_parquet_and_with_the_specifications_own_column_names(read, tmp_path):
    names = {name: name.replace("_", " ") for name in CLD_COLUMNS} | {
        "Cost_Frequency_Unit_Type": "Cost Frequency (Unit Type)", "Unit_Cost": "Unit cost",
        "Request_Route_of_Access": "Request: Route of Access", "Adult_1_Linked_Person_ID": "Adult 1 Linked Person_ID"}
    for release in (1, 2):
        plain = read({"cld.csv": cld(release, {}, {"Client_Type": "Carer"})})
        assert plain.entered.n_rows == plain.entered.n_left_out == 1
        spaced = read({"cld.csv": cld(release, {}, {"Client_Type": "Carer"}, names=names)})
        assert (spaced.rows, spaced.placement.mapping) == (plain.rows, plain.placement.mapping)
        with duckdb.connect() as connection:
            connection.execute(f"copy (select * from read_csv('{tmp_path}/landing/cld.csv', all_varchar = true)) "
                               f"to '{tmp_path}/landing/cld.parquet' (format parquet)")
        (tmp_path / "landing" / "cld.csv").unlink()
        columns = read({})
        assert (columns.rows, columns.placement.mapping) == (plain.rows, plain.placement.mapping)
        (tmp_path / "landing" / "cld.parquet").unlink()


def test_client_level_data_stores_nothing_that_identifies_a_person(read):
    others = [{"Event_Type": kind} for kind in ("Request", "Assessment", "Review")]
    found = read({"cld.csv": cld(2, *others, {"Client_Type": "Unpaid carer"}, {}, {"Postcode": ""})})
    assert (found.entered.n_rows, found.entered.n_left_out) == (2, 4)
    dropped = {name: (number, count) for number, name, count in found.entered.dropped}
    # Counted in the whole file, whichever rows are read.
    assert dropped["NHS_Number"] == (4, 6)
    assert dropped["Postcode"] == (13, 5)
    assert dropped["Event_Description"] == (26, 6)
    assert dropped["GP_Practice_Code"] == (6, 6)
    assert len(dropped) == 46 - 16
    for text in ("Dent", "LS1", "B86001", "1980", "A1\n"):
        assert text not in found.stored
    assert found.column("person_key") == [key_of("A1")] * 2
    assert found.column("provider") == [f"1-{NHS_NUMBER}"] * 2


def test_a_file_of_client_level_data_that_lacks_a_column_says_which(survey):
    found = survey({"cld.csv": cld(2, {}, names={"Unit_Cost": "Price"})})
    assert "no column 'Unit_Cost'" in str(found.faults[0])
    assert "Client Level Data" in str(found.faults[0])


def test_the_older_name_of_distinguishing_values_gives_the_same_mapping(tmp_path):
    """A council's older mapping still works, and a snapshot that it read stays the same one."""
    mappings = []
    for line in ("distinguishing_values: {PSR: [LD]}\n", "told_by: {PSR: [LD]}\n", ""):
        (tmp_path / "a.yml").write_text(MAPPING + line)
        mappings.append(read_mapping(tmp_path / "a.yml"))
    newer, older, without = mappings
    assert newer == older != without and newer.distinguishing_values == {"PSR": ["LD"]}
    assert newer.sha256 == older.sha256 != without.sha256


def test_every_shipped_mapping_has_a_different_name():
    names = [mapping.snapshot_mapping for mapping in shipped_mappings()]
    assert len(set(names)) == len(names)
    assert {"carequartile_placement", "cld_release_1", "cld_release_2"} <= set(names)


# --- faults found by a cold reader ------------------------------------------------------------------------------------


def test_a_word_mapped_to_null_is_not_an_unknown_code(read):
    mapping = MAPPING.replace("columns:", "columns:\n  nhs_share_kind: {column: CHC, codes: {Full: chc, No: null}}")
    export = "".join(line + (",CHC\n" if number == 0 else ",No\n" if number == 1 else ",Full\n")
                     for number, line in enumerate(EXPORT.splitlines()))
    found = read({"a.csv": export, "a.yml": mapping})
    assert "nhs_share_kind" not in found.entered.unmapped
    assert [row["nhs_share_kind"] for row in found.rows] == [None, "chc"]


def test_a_column_of_monthly_amounts_becomes_weekly(read):
    mapping = re.sub(r"  gross_weekly_gbp:.*\n", "  gross_weekly_gbp: {column: Monthly, times: 12/52}\n", MAPPING)
    export = "".join(line + (",Monthly\n" if number == 0 else ",1300\n")
                     for number, line in enumerate(EXPORT.splitlines()))
    found = read({"a.csv": export, "a.yml": mapping})
    assert {row["gross_weekly_gbp"] for row in found.rows} == {Decimal(300)}


@pytest.mark.parametrize(("change", "words"), [
    ("rows: {PSR: [A]}\nrows: {PSR: [B]}\n", "the key 'rows' appears twice"),
    ("  provider: Surname\n", "the name 'Surname' is that of a column about a person"),
    ("  birth_date: {column: Born, date_format: '%d/%m/%y'}\n", "needs a year of four digits"),
])
def test_a_mapping_that_would_mislead_is_refused(tmp_path, change, words):
    is_column = change.startswith("  ")
    field = change.split(":")[0]
    text = re.sub(rf"(?m)^{field}:.*\n", "", MAPPING) if is_column else MAPPING
    text = text.replace("columns:\n", f"columns:\n{change}") if is_column else change + text
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(UnusableInput, match=words):
        read_mapping(tmp_path / "a.yml")


def test_two_mappings_that_both_read_a_file_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text(EXPORT, encoding="utf-8")
    for name in ("one", "another"):
        (tmp_path / f"{name}.yml").write_text(
            re.sub("snapshot_mapping: .*", f"snapshot_mapping: {name}", MAPPING), encoding="utf-8")
    [file] = survey_landing([tmp_path]).files
    assert file.faults[0].found == "the mappings another (another.yml) and one (one.yml) both read it"


def test_two_sheets_that_are_snapshots_are_refused(tmp_path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Others")):
        for line in (HEADER + ROW).splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "a.xlsx")
    [file] = survey_landing([tmp_path]).files
    assert "are snapshots" in file.faults[0].found


def test_a_missing_key_is_not_made_again(tmp_path):
    home = Home(tmp_path)
    load_key(home)
    home.person_key.unlink()
    with pytest.raises(UnusableInput, match=r"person.key is gone"):
        load_key(home, is_in_use=True)
    assert not home.person_key.exists()
    home.person_key.mkdir(mode=0o700)
    with pytest.raises(UnusableInput, match="cannot be read or made"):
        load_key(home)
