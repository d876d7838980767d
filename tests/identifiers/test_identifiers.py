"""Proves that what identifies a person is found however it is typed, and that what only looks like it is not."""

import random

import duckdb
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration import identifiers
from orchestration.cli import app
from orchestration.faults import Fault, GateStopped, UnusableInput
from orchestration.identifiers import find_identifier, fold, masked, masked_name
from orchestration.intake.find import find_files
from orchestration.placements import entry
from orchestration.placements.pseudonyms import PseudonymisationKey
from orchestration.survey import survey_landing

# Made up, with a valid check digit.
NHS = "9434765919"
PLAIN = {
    "an NHS number": [NHS, "943 476 5919", "NHS no 943 476 5919"],
    "a National Insurance number": ["AB123456C", "AB 12 34 56 C", "ni: ce000007a"],
    "a postcode": ["TS18 1AA", "SW1A 2AA", "lives at m1 1ae", "EC1A1BB"],
    "a telephone number": ["01642 527764", "07700 900123", "+44 7700 900123", "(0191) 498 0123",
    "0044 (0)20 7946 0018"],
    "an e-mail address": ["d.smith@nhs.net", "D.Smith+x@example.co.uk"],
    "a date": ["01/02/1950", "1950-02-01", "1 Feb 1950", "1st February 1950", "February 1, 1950", "1.2.50",
               "01021950", "dob 01-02-1950"],
}
FULL_WIDTH = str.maketrans("0123456789@.-", "０１２３４５６７８９＠．－")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
DISGUISES = {
    "as it is": lambda text: text,
    "small letters": str.lower,
    "in full-width characters": lambda text: text.translate(FULL_WIDTH),
    "in Arabic digits": lambda text: text.translate(ARABIC),
    "in Devanagari digits": lambda text: text.translate(DEVANAGARI),
    "zero-width characters between": lambda text: "\u200b".join(text),
    "soft hyphens between": lambda text: "\u00ad".join(text),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "thin spaces": lambda text: text.replace(" ", "\u2009"),
    "en dashes": lambda text: text.replace(" ", "\u2013").replace("-", "\u2013"),
    "minus signs": lambda text: text.replace("-", "\u2212"),
    "a direction mark": lambda text: f"\u202e{text}\u202c",
    "in brackets": lambda text: f"Oak House ({text})",
    "an at in brackets": lambda text: text.replace("@", " [at] ").replace(".net", " [dot] net"),
    "an at in words": lambda text: text.replace("@", " at ").replace(".net", " dot net") if "net" in text else text,
    "an entity": lambda text: text.replace("@", "&#64;"),
    "Cyrillic letters": lambda text: text.translate(str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PLAIN.items() for text in texts])
def test_an_identifier_is_found_however_it_is_typed(kind, text, disguise):
    if kind == "a date" and disguise in ("en dashes", "Cyrillic letters"):
        text = "01-02-1950"
    assert find_identifier(DISGUISES[disguise](text)) == kind


@pytest.mark.parametrize("text", [
    "943.476.5919", "943/476/5919", "943_476_5919", "NHS9434765919", "9 4 3 4 7 6 5 9 1 9", "943-4765919",
    "(943) 476 5919"])
def test_an_nhs_number_is_found_between_any_separators(text):
    assert find_identifier(text) == "an NHS number"


@pytest.mark.parametrize("text", [
    "Oak House", "", "Café 24/7", "1-9434765919", "Unit 7, Block B", "Home 12", "B&M Care", "St Mary's (2) Ltd",
    "24 Hour Care", "GBP 588 @ 12", "417.5714286", "0.123580165", "-260.7142857", "E06000063", "H6X4G", "2010-11",
    "Care at Home",
    "Q1 2026", "3 Oaks, wing 4", "Version 1.2.3", "1,234,567.89", "SYN-000003", "A1 Homes", "Company 01234567",
    "cell A12 of 45", "EX1 2008", "100% Care", "Dot at Home", "row 142 column EO", "Flat 3A 2nd floor", "NN12 homes",
    "1234567890"])
def test_what_only_looks_like_one_is_not(text):
    assert find_identifier(text) is None


@pytest.mark.parametrize(("name", "kind"), [
    ("placements_2026-03-31", None), ("synthetic_stockton_2009-02-28", None), ("Extract 31.03.26", None),
    ("20260331", None), ("week of 01/04/2026", None), ("Doris 01-02-1950", "a date"), ("born 01/02/2007", "a date"),
    ("D.O.B. 1 Feb 2007", "a date"), ("Doris 07700 900123", "a telephone number"),
    ("pers-soc-serv-exp-unit-cost-eng-2008-09-units (1)", None)])
def test_a_name_may_hold_the_day_of_the_records(name, kind):
    assert find_identifier(name, is_name=True) == kind


def test_a_hash_is_no_identifier():
    chance = random.Random(7)
    hashes = ["".join(chance.choices("0123456789abcdef", k=64)) for _ in range(2000)]
    assert [text for text in hashes if find_identifier(text)] == []


def test_sql_and_python_agree_about_nhs_numbers():
    chance = random.Random(7)
    texts = ["".join(chance.choices("0123456789", k=10)) for _ in range(2000)]
    texts += [disguise(text) for disguise in DISGUISES.values()
              for text in (NHS, "943 476 5919", "AB 12 34 56 C", "SYN-000003")]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select text, {identifiers.is_nhs_number_sql('text')}, {identifiers.is_insurance_number_sql('text')} "
            "from (select unnest($1::varchar[]) as text)", [texts]).fetchall()
    known = [row for row in found if "Oak" not in row[0] and "\u202e" not in row[0]]
    for text, is_nhs, is_insurance in known:
        kind = find_identifier(text)
        assert is_nhs == (kind == "an NHS number"), ascii(text)
        if not any(cyrillic in text for cyrillic in "АВСЕНКМОРТХ"):
            assert is_insurance == (kind == "a National Insurance number"), ascii(text)


@pytest.mark.parametrize("text", [text for texts in PLAIN.values() for text in texts])
def test_what_is_masked_identifies_no_one(text):
    shown = masked(f"unknown council 'Doris {text}' in 1,234 rows")
    if find_identifier(text, is_name=True):
        assert find_identifier(shown, is_name=True) is None
        assert not any(word in shown for word in text.split() if any(letter in "0123456789@" for letter in word))
    assert masked("1,234 rows of council 212 on 2026-03-31") == "1,234 rows of council 212 on 2026-03-31"
    name = f"2026/notes {text.replace('/', '-')}.csv"
    assert masked_name(name) in ("2026/(name withheld).csv", name)


def test_folding_leaves_plain_text_as_it_is():
    assert fold("Oak House, 12-14 High Street") == "Oak House, 12-14 High Street"
    assert fold("Ｏａｋ\u200b\u00a0\u2013 ７") == "Oak - 7"


# --- a refusal never repeats what it refuses --------------------------------------------------------------------------

HEADER = "person_reference,council_code,snapshot_date,age,client_group,setting,provider,gross_weekly_gbp\n"
ROW = "P1,212,2026-03-31,44,learning_disability,residential,Oak House,1500\n"


def refusal(folder):
    """What is reported of a folder with one snapshot that is refused."""
    found = survey_landing([folder])
    if found.faults:
        return "\n".join(map(str, found.faults))
    with pytest.raises((GateStopped, UnusableInput)) as error, duckdb.connect() as connection:
        entry.read(connection, found.placements[0], PseudonymisationKey.of("x" * 40))
    return "\n".join([str(error.value), *map(str, getattr(error.value, "faults", []))])


@pytest.mark.parametrize("disguise", ["as it is", "in full-width characters", "zero-width characters between"])
@pytest.mark.parametrize(("kind", "text"), sampled([(kind, texts[0]) for kind, texts in PLAIN.items()], 2))
@pytest.mark.parametrize("place", ["provider", "header", "file name", "folder", "unreadable cell", "sheet"])
def test_it_is_refused_wherever_it_is_and_never_repeated(tmp_path, kind, text, place, disguise):
    typed = DISGUISES[disguise](text.replace("/", "-"))
    content, name = HEADER + ROW, "a.csv"
    if place == "provider":
        content += ROW.replace("Oak House", typed)
    elif place == "header":
        content = content.replace("\n", f",{typed}\n", 1).replace("1500\n", "1500,\n")
    elif place == "unreadable cell":
        content += ROW.replace("44", typed)
        if kind == "a date":  # A day in another column than a day's is left out and never stored.
            return
    elif place == "file name":
        name = f"notes {typed}.csv"
    elif place == "folder":  # The name is about no one, and is all that is kept.
        name, content = f"{typed}/a.csv", content + "P2,nowhere,,,,,,\n"
    path = tmp_path / "landing" / name
    path.parent.mkdir(parents=True)
    if place == "sheet":
        import openpyxl

        book = openpyxl.Workbook()
        book.active.title = typed
        for line in content.splitlines():
            book.active.append(line.split(","))
        book.save(path.with_suffix(".xlsx"))
    else:
        path.write_text(content, encoding="utf-8")
    said = refusal(tmp_path / "landing")
    assert kind in said or (place == "folder" and "(name withheld)/a.csv" in said)
    for secret in (typed, text, text.replace("/", "-"), *[word for word in text.split() if len(word) > 5]):
        assert secret not in said and secret not in fold(said)


def test_the_name_of_a_file_of_a_person_is_in_no_list(tmp_path):
    for name in ("d.smith@nhs.net.csv", "Doris 01-02-1950.txt", "943 476 5919.xlsx"):
        (tmp_path / name).write_text(HEADER + ROW)
    found, skipped = find_files([tmp_path])
    assert {file.name for file in found} == {"(name withheld).csv", "(name withheld).xlsx"}
    assert skipped == ["(name withheld).txt"]
    shown = CliRunner().invoke(app, ["check", str(tmp_path)]).output
    assert "its name looks like an e-mail address" in shown and "give it another name" in shown
    assert not any(word in shown for word in ("smith", "1950", "5919"))


def test_a_fault_masks_what_a_reader_found():
    shown = str(Fault(rule="council_known", file="a.csv", sheet="Doris 01/02/1950", found="the council 'TS18 1AA'",
                      expected="not d.smith@nhs.net", next_step="correct it"))
    assert not any(word in shown for word in ("1950", "TS18", "smith"))
