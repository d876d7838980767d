"""Proves that what councils' exports are like (totals, percentages, days in names) is read, or refused in words."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.faults import UnusableInput
from orchestration.placements import entry
from orchestration.placements.mapping import Mapping
from orchestration.placements.mapping_files import LARGEST_MAPPING_BYTES, read_mapping
from orchestration.placements.pseudonyms import PseudonymisationKey
from orchestration.survey import survey_landing

MAPPING = """snapshot_mapping: own_export
title: Our own export
columns:
  person_reference: Case No
  council_code: {value: '212'}
  snapshot_date: {value: '2026-03-31'}
  age: Age
  client_group: {column: Team, codes: {LD: learning_disability}}
  setting: {column: Type, codes: {Res: residential}}
  provider: Home
  gross_weekly_gbp: Cost
"""
HEADER, ROW = "Case No;Age;Team;Type;Home;Cost;CHC %\n", "17;44;LD;Res;Oak House;1500;\n"


def land(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def survey(tmp_path):
    return lambda files: survey_landing([land(tmp_path / "landing", files)])


@pytest.fixture
def read(survey):
    """The rows and the summary of the one snapshot in these files."""
    def take(files):
        found = survey(files)
        assert found.faults == []
        (placement,) = found.placements
        with duckdb.connect() as connection:
            summary = entry.read(connection, placement, PseudonymisationKey.of("x" * 40))
            cursor = connection.execute("select * from entered order by row_number")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row)) for row in cursor.fetchall()]
        return rows, summary

    return take


# --- totals at the foot -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("foot", sampled([
    "Total records;645\n", "Total records;645;;;;;\n", '"Total records";"645"\n', "\nTotal: 2\n", ";;;;Total;3000;\n",
    "Grand total;;;;;£3,000.00;\n", "2 ;;;;;;\n".replace("2 ", "Rows: 2"), "Records returned: 2\nEnd of report\n",
    "Number of clients;2\n"], 4))
def test_a_total_at_the_foot_is_no_line(read, foot, encoding):
    text = HEADER + ROW.replace("Oak", "Chêne") * 2 + foot
    rows, summary = read({"a.csv": text.encode(encoding), "a.yml": MAPPING})
    assert (len(rows), summary.n_rows, summary.n_left_out) == (2, 2, 0)
    assert summary.n_totals == foot.count("\n") - foot.startswith("\n")


def test_a_total_between_groups_is_no_line_and_row_numbers_stay(read):
    rows, summary = read({"a.csv": HEADER + ROW + "Subtotal LD;;;;;1500;\n" + ROW, "a.yml": MAPPING})
    assert ([row["row_number"] for row in rows], summary.n_totals) == ([2, 4], 1)


@pytest.mark.parametrize("line", ["18;44\n", "Total\n18;44\nTotal records;645\n", "18;44;LD;Res;Oak;1;2;3\nTotal;1\n"])
def test_a_short_or_long_row_that_is_no_total_is_still_refused(survey, line):
    found = survey({"a.csv": HEADER + ROW + line, "a.yml": MAPPING})
    with pytest.raises(UnusableInput) as error, duckdb.connect() as connection:
        entry.read(connection, found.placements[0], PseudonymisationKey.of("x" * 40))
    [fault] = error.value.faults
    assert (fault.rule, fault.row) == ("file_complete", 3 + line.startswith("Total"))
    assert "cells in a row" in fault.found


def test_a_person_whose_reference_begins_like_a_total_is_a_line(read):
    rows, summary = read({"a.csv": HEADER + ROW.replace("17", "TOTAL17") + ROW.replace("17", "Total 18"),
                          "a.yml": MAPPING})
    assert (len(rows), summary.n_totals) == (2, 0)


# --- percentages, formulas, shares without pounds ---------------------------------------------------------------------


def test_a_percentage_of_another_column_becomes_pounds(read):
    mapping = MAPPING + "  nhs_share_weekly_gbp: {column: CHC %, percent_of: gross_weekly_gbp}\n"
    shares = ["50%", "33.3333", " 100 %", "", "0", "101", "-5", "half"]
    text = HEADER + "".join(ROW.replace("1500;", f"1500;{share}") for share in shares) + ROW.replace("1500;", ";50%")
    rows, summary = read({"a.csv": text, "a.yml": mapping})
    amounts = [row["nhs_share_weekly_gbp"] for row in rows]
    assert amounts[:3] == [Decimal(750), Decimal("499.9995"), Decimal(1500)]
    assert amounts[4] == 0 and all(amount is None for amount in [amounts[3], *amounts[5:]])
    # A share of a price that no one gave is unknown, and nothing of the line is unreadable.
    assert summary.unreadable == {"nhs_share_weekly_gbp": (3, 7)}


def test_a_fraction_and_a_monthly_cost_become_pounds_a_week(read):
    mapping = MAPPING.replace("Cost\n", "{column: Cost, times: 12/52}\n") + (
        "  nhs_share_weekly_gbp: {column: CHC %, percent_of: gross_weekly_gbp, times: 100}\n")
    rows, _ = read({"a.csv": HEADER + ROW.replace("1500;", "1300;0.5"), "a.yml": mapping})
    assert (rows[0]["gross_weekly_gbp"], rows[0]["nhs_share_weekly_gbp"]) == (300, 150)


@pytest.mark.parametrize(("line", "words"), [
    ("nhs_share_weekly_gbp: {column: CHC %, percent_of: home_care_hours_weekly}", "must be a field of this mapping"),
    ("nhs_share_weekly_gbp: {column: CHC %, percent_of: nhs_share_weekly_gbp}", "must be a field of this mapping"),
    ("is_in_area: {column: CHC %, percent_of: gross_weekly_gbp}", "takes percent_of only if it is a number"),
    ("start_date: {file_name: '%Y'}", "gives no day"), ("start_date: {file_name: '%Q'}", "gives no day"),
    ("is_interim: {file_name: '%Y-%m-%d'}", "is not a date and is not in the file's name"),
])
def test_a_share_or_day_that_cannot_be_is_refused_in_words(tmp_path, line, words):
    with pytest.raises(UnusableInput, match=words):
        read_mapping(land(tmp_path, {"a.yml": f"{MAPPING}  {line}\n"}) / "a.yml")


def test_the_hash_of_a_mapping_is_that_of_the_first_release():
    """Otherwise every export would be a new snapshot after an upgrade."""
    mapping = Mapping(snapshot_mapping="a", title="b", columns={
        "person_reference": "a", "council_code": {"value": "212"}, "snapshot_date": {"value": "2026-03-31"}, "age": "b",
        "client_group": "c", "setting": "d"})
    assert mapping.sha256 == "a4f327474b7d26e4eb95143ebd9045de28ade9f43eee3bafb22506b3b6b52e3c"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "=1+1", "＝HYPERLINK(1)", "+cmd|calc", "@SUM(1)", "-2+3"])
def test_a_formula_is_no_providers_name(read, name):
    rows, summary = read({"a.csv": HEADER + ROW + ROW.replace("Oak House", name), "a.yml": MAPPING})
    assert [row["provider"] for row in rows] == ["Oak House", None]
    assert summary.unreadable == {"provider": (1, 3)}


@pytest.mark.parametrize("name", ["@Home Care", "A=B Care", "+ Plus Care", "-", "Über (Leeds)", "3 Oaks (North)"])
def test_a_providers_name_with_signs_is_a_name(read, name):
    assert read({"a.csv": HEADER + ROW.replace("Oak House", name), "a.yml": MAPPING})[0][0]["provider"] == name


def test_a_kind_of_nhs_share_without_pounds_is_said(tmp_path):
    folder = land(tmp_path, {"a.csv": HEADER + ROW.replace(";\n", ";Full\n") + ROW, "a.yml": MAPPING + (
        "  nhs_share_kind: {column: CHC %, codes: {Full: chc}}\n")})
    shown = CliRunner().invoke(app, ["check", str(folder)]).output
    assert "1 lines say as what the NHS pays a share, and not how much" in shown


# --- which mapping, which row, which day ------------------------------------------------------------------------------


def test_a_header_in_a_lower_row_is_found_without_being_told(read):
    rows, _ = read({"a.csv": "Extract of placements\n\n" + HEADER + ROW, "a.yml": MAPPING})
    assert [row["row_number"] for row in rows] == [4]


def test_it_is_the_snapshot_of_a_mapping_that_tells_the_row(survey):
    [found] = survey({"a.csv": "Extract\n" + HEADER + ROW, "a.yml": MAPPING}).placements
    [told] = survey({"a.yml": MAPPING.replace("columns:", "header_row: 2\ncolumns:")}).placements
    assert found.source_id == told.source_id


def test_a_file_that_no_mapping_reads_is_told_which_came_nearest(survey):
    export = "Extract\nCase No;Years;Client team;Kind;House;Price\n" + ROW
    [file] = survey({"a.csv": export, "march.yml": MAPPING}).files
    assert ("the mapping own_export (march.yml) asks for 'Age', 'Team', 'Type', 'Home', 'Cost', which row 2 does not "
            "have (it has 1 of its 6 columns)") in file.reason
    [file] = survey({"a.csv": "Extract\n\n" + HEADER + ROW,
                     "march.yml": MAPPING.replace("columns:", "header_row: 1\ncolumns:")}).files
    assert "the mapping own_export (march.yml) fits row 3, and its header_row is 1" in file.reason


def test_of_two_monthly_files_each_takes_the_mapping_called_like_it(survey):
    found = survey({"march.csv": HEADER + ROW, "march.yml": MAPPING, "april.csv": HEADER + ROW,
                    "april.yml": MAPPING.replace("2026-03-31", "2026-04-30")})
    assert found.faults == []
    assert {one.name: entry.preview(one).snapshots[0][1] for one in found.placements} == {
        "march.csv": dt.date(2026, 3, 31), "april.csv": dt.date(2026, 4, 30)}


def test_a_mapping_in_the_files_folder_goes_before_one_elsewhere(survey):
    mapping = MAPPING.replace("03-31", "04-30")
    found = survey({"03/a.csv": HEADER + ROW, "04/b.csv": HEADER + ROW * 2, "03/m.yml": MAPPING, "04/m.yml": mapping})
    assert found.faults == []
    assert [entry.preview(one).snapshots[0][1].month for one in found.placements] == [3, 4]


def test_the_same_mapping_twice_is_no_conflict(survey):
    assert survey({"a.csv": HEADER + ROW, "b.yml": MAPPING, "c.yml": MAPPING}).faults == []


@pytest.mark.parametrize(("name", "format_", "day"), [
    ("placements_2026-03-31.csv", "%Y-%m-%d", "2026-03-31"), ("Extract 31.03.2026 v2.csv", "%d.%m.%Y", "2026-03-31"),
    ("extract20260331.csv", "%Y%m%d", "2026-03-31"), ("Placements February 2028.csv", "%B %Y", "2028-02-29"),
    ("2026-12.csv", "%Y-%m", "2026-12-31")])
def test_the_day_may_be_in_the_files_name(survey, name, format_, day):
    mapping = MAPPING.replace("{value: '2026-03-31'}", f"{{file_name: '{format_}'}}")
    [found] = survey({name: HEADER + ROW, "a.yml": mapping}).placements
    assert [f"{one[1]}" for one in entry.preview(found).snapshots] == [day]


def test_two_days_with_the_same_content_are_two_snapshots(survey):
    mapping = MAPPING.replace("{value: '2026-03-31'}", "{file_name: '%Y-%m-%d'}")
    found = survey({"2026-03-31.csv": HEADER + ROW, "2026-04-30.csv": HEADER + ROW, "a.yml": mapping}).placements
    assert len({one.source_id for one in found}) == 2


@pytest.mark.parametrize(("name", "words"), [("march.csv", "no day of the form %Y-%m-%d"),
                                             ("2026-03-31 to 2026-04-30.csv", "several days of the form %Y-%m-%d"),
                                             ("2026-02-30.csv", "no day of the form")])
def test_a_name_without_its_day_is_refused(survey, name, words):
    mapping = MAPPING.replace("{value: '2026-03-31'}", "{file_name: '%Y-%m-%d'}")
    [fault] = survey({name: HEADER + ROW, "a.yml": mapping}).faults
    assert words in fault.found and "own_export (a.yml) takes snapshot_date" in fault.expected


# --- mappings that are no YAML of ours --------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "words"), [
    (MAPPING.replace("Our own export", "2026-02-30"), "a text that YAML takes for a date"),
    (MAPPING.replace("Our own export", "2026-02-28"), "title: Input should be a valid string"),
    (MAPPING + "rows: " + "[" * 50_000, "brackets within brackets"),
    (MAPPING + "? [a]\n: b\n", "not valid YAML"),
    (MAPPING + "2026-01-01: b\n", "that is a date"),
    (MAPPING + "# " + "x" * LARGEST_MAPPING_BYTES, "a mapping has at most"),
    ("snapshot_mapping: \x1b[31mred\ntitle: b\n", "a.yml is a snapshot mapping"),
    ("snapshot_mapping: a\ntitle: &a [*a]\n", "a.yml is a snapshot mapping"),
    ("snapshot_mapping: a\ntitle: !!python/object:os.system x\n", "not valid YAML"),
    ("snapshot_mapping: a\ntitle: " + "9" * 5000 + "\n", "a.yml is a snapshot mapping"),
])
def test_yaml_that_cannot_be_a_mapping_is_named_and_refused(tmp_path, text, words):
    path = land(tmp_path, {"a.yml": text}) / "a.yml"
    with pytest.raises(UnusableInput) as error:
        read_mapping(path)
    assert str(error.value).startswith("a.yml is a snapshot mapping") and words in str(error.value)
    assert str(error.value).replace("\n", "").isprintable() and "Next: " in str(error.value)


def test_yaml_of_three_gigabytes_is_not_read(tmp_path):
    path = tmp_path / "a.yml"
    with path.open("wb") as file:
        file.write(MAPPING.encode())
        file.truncate(3 << 30)
    with pytest.raises(UnusableInput, match="of 3,221,225,472 bytes; a mapping has at most"):
        read_mapping(path)
    with path.open("wb") as file:
        file.truncate(3 << 30)
    assert read_mapping(path) is None
