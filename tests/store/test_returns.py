"""Proves that what was read is stored once, whole or not at all, and the same whatever the order or the names."""

import pickle

import builders
import pytest
from sampling import sampled

from orchestration import database
from orchestration.home import project_folder
from orchestration.store import returns, warehouse
from orchestration.store.files import STOPPED, has_landed, loaded_years, mark_accepted, reject_files
from orchestration.store.registers import register_layouts
from orchestration.store.returns import load_returns, survey_to_file
from orchestration.survey import EMBEDDED, LANDED, NOT_LOADED, survey_landing

CONTENT = ("source_sheet", "release", "cell", "row_label", "column_label", "label_place", "sheet_note", "layout_marker",
           "register_column", "carequartile_peer_set")


@pytest.fixture
def store(tmp_path):
    """Loads paths into a warehouse of that name and returns its path."""

    def load(name, *landings, origin=LANDED):
        path = tmp_path / name / "warehouse.duckdb"
        warehouse.prepare(path)
        for paths in landings:
            load_returns(survey_landing(list(paths), origin), path)
        return path

    return load


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "landing"
    folder.mkdir()
    for name, build in (("ex1.csv", lambda: builders.pssex1("2012-13")), ("wide.csv", builders.ascfr),
                        ("long.csv", builders.long_returns), ("peers.csv", builders.peer_set)):
        builders.write_csv(folder / name, build())
    return folder


def tables(path, names=("source_file", *CONTENT)):
    """Every row of the raw tables but when it came, in one order."""
    with database.connect(path) as connection:
        return {name: connection.execute(
            f"select columns(column_name -> column_name <> 'received_at') from raw.{name} order by all").fetchall()
            for name in names}


def query(path, sql, *values):
    with database.connect(path) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_cells_are_stored_as_printed(store, files):
    path = store("a", [files])
    grid = builders.pssex1("2012-13")
    stored = query(path, "select row_number, column_number, printed_text from raw.cell inner join raw.source_sheet "
                         "using (sheet_id) inner join raw.source_file using (source_id) where file_name = 'ex1.csv'")
    assert len(stored) == 180 * 7
    assert all(text == grid[row - 1][column - 1] for row, column, text in stored)
    assert "" in {text for _, _, text in stored}
    assert query(path, "select count(*) from raw.cell where printed_text is null") == [(0,)]


def test_loading_again_changes_nothing(store, files):
    path = store("a", [files])
    before = tables(path)
    assert load_returns(survey_landing([files]), path) == {}
    assert load_returns(survey_landing([files / "ex1.csv", files / "ex1.csv"]), path) == {}
    assert tables(path) == before


@pytest.mark.full
def test_order_does_not_matter(store, files):
    names = ["ex1.csv", "wide.csv", "long.csv", "peers.csv"]
    together = tables(store("a", [files]))
    assert tables(store("b", [files / name for name in reversed(names)])) == together
    assert tables(store("c", *([files / name] for name in names))) == together
    assert tables(store("d", *([files / name] for name in reversed(names)))) == together


def test_a_landing_read_in_another_process_is_stored_as_any_other(store, files, tmp_path):
    together = tables(store("a", [files]))
    path = store("b", [files / "ex1.csv"])
    survey = survey_to_file([files], tmp_path / "incoming.duckdb")
    assert not any(len(reading.cells) or reading.register for file in survey.files for reading in file.readings)
    survey = pickle.loads(pickle.dumps(survey))
    assert set(load_returns(survey, path)) == {"wide.csv", "long.csv", "peers.csv"}
    assert tables(path) == together
    assert load_returns(survey, path) == {}
    assert tables(path) == together


def test_a_landing_read_in_another_process_is_stored_whole_or_not_at_all(store, files, tmp_path, monkeypatch):
    path = store("a", [])
    survey = survey_to_file([files], tmp_path / "incoming.duckdb")

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(returns, "_copy_staged", fail)
        load_returns(survey, path)
    assert query(path, "select count(*) from raw.source_file") == [(0,)]
    load_returns(survey, path)
    assert tables(path) == tables(store("b", [files]))


def test_the_same_file_under_two_names_is_stored_once_and_reported(store, tmp_path):
    one = builders.write_csv(tmp_path / "one.csv", builders.pssex1("2012-13"))
    two = builders.write_csv(tmp_path / "two.csv", builders.pssex1("2012-13"))
    together = store("a", [one, two])
    assert query(together, "select file_name, status, reason, n_cells from raw.source_file order by 1") == [
        ("one.csv", "loaded", None, 1260), ("two.csv", "duplicate", "the same content as one.csv", 0)]
    for name, landings in {"b": [[two, one]], "c": [[one], [two]], "d": [[one], [two], [two], [one]]}.items():
        assert tables(store(name, *landings)) == tables(together), name
    # The first to come keeps its name; all that figures are made from is the same.
    assert tables(store("e", [two], [one]), CONTENT) == tables(together, CONTENT)


def test_a_changed_file_of_the_same_year_is_a_second_release(store, tmp_path):
    first = builders.write_csv(tmp_path / "first.csv", builders.pssex1("2012-13"))
    grid = builders.pssex1("2012-13")
    grid[7][36] = "1,234.5"
    (tmp_path / "again").mkdir()
    second = builders.write_csv(tmp_path / "again" / "first.csv", grid)
    path = store("a", [first], [second])
    releases = query(path, "select release_id, financial_year from raw.release order by 1")
    assert len(releases) == 2 and {year for _, year in releases} == {"2012-13"}
    assert query(path, "select count(*), count(distinct sheet_id) from raw.cell") == [(2520, 2)]
    assert loaded_years(path) == ["2012-13"]
    assert query(path, "select count(distinct release_id) from raw.release") == [(2,)]


def test_a_register_of_the_same_name_replaces_the_older_one(store, files):
    path = store("a", [files])
    builders.write_csv(files / "peers.csv", builders.peer_set(peers=("104", "106")))
    load_returns(survey_landing([files]), path)
    assert query(path, "select count(*) from raw.source_file where file_name = 'peers.csv'") == [(1,)]
    codes = query(path, "select peer_code from raw.carequartile_peer_set order by 1")
    assert codes == [("104",), ("106",)]
    builders.write_csv(files / "peers.csv", builders.peer_set())
    load_returns(survey_landing([files]), path)
    assert tables(path) == tables(store("b", [files]))


def test_a_register_never_replaces_a_return_of_its_name(store, tmp_path):
    path = tmp_path / "data.csv"
    warehouse_path = store("a", [builders.write_csv(path, builders.pssex1("2012-13"))])
    store("a", [builders.write_csv(path, builders.rulings())])
    assert query(warehouse_path, "select layout from raw.source_file order by 1") == [
        ("carequartile_ruling",), ("pssex1_unit_costs",)]
    assert loaded_years(warehouse_path) == ["2012-13"]


def test_registers_of_different_names_are_kept_together(store, tmp_path):
    one = builders.write_csv(tmp_path / "one.csv", builders.peer_set("ours"))
    two = builders.write_csv(tmp_path / "two.csv", builders.peer_set("theirs"))
    path = store("a", [one, two])
    assert query(path, "select count(*) from raw.source_sheet") == [(2,)]


def test_the_embedded_default_is_dropped_for_the_first_return_only(store, files):
    embedded = project_folder() / "seeds" / "returns"
    path = store("a", [embedded], origin=EMBEDDED)
    assert not has_landed(path)
    assert loaded_years(path) == ["2008-09", "2009-10", "2010-11"]
    load_returns(survey_landing([files / "peers.csv"]), path)
    assert not has_landed(path)
    assert loaded_years(path) == ["2008-09", "2009-10", "2010-11"]
    load_returns(survey_landing([files / "ex1.csv"]), path)
    assert has_landed(path)
    assert loaded_years(path) == ["2012-13"]
    assert tables(path) == tables(store("b", [files / "peers.csv", files / "ex1.csv"]))


def test_an_unknown_file_leaves_a_row_and_is_read_again(store, files):
    (files / "wards.csv").write_text("ward,population\nA,10\n")
    path = store("a", [files], [files])
    [(status, reason, cells)] = query(path, "select status, reason, n_cells from raw.source_file "
                                            "where file_name = 'wards.csv'")
    assert (status, cells) == ("not_recognised", 0) and reason.startswith("no layout knows it")


def test_years_limit_what_is_stored(store, files, tmp_path):
    path = tmp_path / "y" / "warehouse.duckdb"
    warehouse.prepare(path)
    survey = survey_landing([files])
    assert set(load_returns(survey, path, {"2014-15"})) == {"wide.csv"}
    assert set(load_returns(survey, path, {"2009-10"})) == {"long.csv"}
    assert set(load_returns(survey, path, set())) == {"peers.csv"}
    assert set(load_returns(survey, path, {"2012-13", "2014-15"})) == {"ex1.csv"}
    assert tables(path) == tables(store("b", [files]))


def test_a_file_is_stored_whole_or_not_at_all(store, files, monkeypatch):
    path = store("a")

    def fail(connection, file, origin, now):
        connection.execute("insert into raw.cell values ('x', 1, 1, '1')")
        raise database.DatabaseError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(returns, "_store_readings", fail)
        with pytest.raises(database.DatabaseError):
            load_returns(survey_landing([files]), path)
    assert query(path, "select (select count(*) from raw.cell), (select count(*) from raw.source_file)") == [(0, 0)]
    load_returns(survey_landing([files]), path)
    assert tables(path) == tables(store("b", [files]))


def releases_of(path, name):
    return dict(query(path, "select release_id, 'unit_cost_recomputes' from raw.release inner join raw.source_file "
                            "using (source_id) where file_name = ?", name))


def test_a_file_that_a_gate_stopped_is_rejected_and_may_be_landed_again(store, files):
    path = store("a", [files / "wide.csv"])
    mark_accepted(path)
    load_returns(survey_landing([files]), path)
    assert reject_files(path, releases_of(path, "ex1.csv")) == ["ex1.csv"]
    assert query(path, "select status, reason from raw.source_file where file_name = 'ex1.csv'") == [
        (STOPPED, "unit_cost_recomputes")]
    assert loaded_years(path) == ["2008-09", "2009-10", "2014-15"]
    assert query(path, "select count(*) from raw.source_sheet where kind = 'register'") == [(1,)]
    load_returns(survey_landing([files]), path)
    assert tables(path, CONTENT) == tables(store("b", [files]), CONTENT)


def test_an_accepted_file_is_never_rejected(store, files):
    path = store("a", [files])
    mark_accepted(path)
    before = tables(path)
    assert reject_files(path, releases_of(path, "ex1.csv")) == []
    assert tables(path) == before


def test_a_stopped_file_may_be_landed_again_under_another_name(store, tmp_path):
    one = builders.write_csv(tmp_path / "one.csv", builders.pssex1("2012-13"))
    two = builders.write_csv(tmp_path / "two.csv", builders.pssex1("2012-13"))
    path = store("a", [one, two])
    reject_files(path, releases_of(path, "one.csv"))
    load_returns(survey_landing([two]), path)
    assert query(path, "select file_name from raw.source_file where status = 'loaded'") == [("two.csv",)]
    assert query(path, "select count(*) from raw.cell") == [(1260,)]


def test_two_sheets_of_one_workbook_are_two_releases(store, tmp_path):
    book = builders.write_xlsx(tmp_path / "x.xlsx", {year: builders.pssex1(year) for year in ("2010-11", "2012-13")})
    path = store("a", [book])
    assert query(path, "select financial_year from raw.release order by 1") == [("2010-11",), ("2012-13",)]
    assert query(path, "select sheet, count(*) from raw.cell inner join raw.source_sheet using (sheet_id) "
                       "group by 1 order by 1") == [("2010-11", 1260), ("2012-13", 1260)]


def test_text_that_looks_like_sql_is_text(store, tmp_path):
    grid = builders.long_returns()
    grid[1][7] = "'); drop table raw.cell; --"
    path = store("a", [builders.write_csv(tmp_path / "it's [1].csv", grid)])
    assert query(path, "select count(*) from raw.row_label where source like '%drop table%'") == [(1,)]
    assert query(path, "select file_name from raw.source_file") == [("it's [1].csv",)]


def test_labels_are_stored_one_row_each_with_their_location(store, files):
    path = store("a", [files])
    of = "inner join raw.source_sheet using (sheet_id) where layout = 'pssex1_unit_costs'"
    assert query(path, f"select row_number, area_kind, council_code, area from raw.row_label {of} order by 1") == [
        *((row, "council", code, f"{code} - {name} ") for row, (code, name) in enumerate(
            builders.COUNCILS.items(), start=6)), (12, "england", "", "TOTAL England")]
    assert query(path, f"select column_number, line, component, header from raw.column_label {of} order by 1") == [
        (column, line, part, text) for column, ((line, part), text) in enumerate(
            zip(builders.pssex1_columns("2012-13"), builders.pssex1_header("2012-13")), start=2)]
    assert query(path, f"select axis, dimension, place from raw.label_place {of} order by 1, 2") == [
        ("column", "component", 3), ("column", "header", 3), ("column", "line", 3),
        ("row", "area", 1), ("row", "area_kind", 1), ("row", "council_code", 1)]
    assert ("financial_year", "2012-13", 1, 1) in query(
        path, f"select sheet_note.kind, printed_text, row_number, column_number from raw.sheet_note {of}")


@pytest.mark.parametrize("third", sampled(range(3), 1))
def test_every_cell_has_its_labels_whatever_the_shape(store, tmp_path, third):
    """A cell without a label for its row or column would be a number without a name."""
    for name, build in list(builders.EVERY.items())[third::3]:
        builders.write_csv(tmp_path / "all" / f"{name}.csv", build(), "utf-8-sig")
    for name, (_, build) in list(builders.BOOKS.items())[third::3]:
        builders.write_xlsx(tmp_path / "all" / f"{name}.xlsx", build(), False)
    path = store("a", [tmp_path / "all"])
    statuses = query(path, "select file_name, status, reason from raw.source_file where status <> 'loaded'")
    assert statuses == []
    kept = dict(query(path, "select file_name, count(*) from raw.source_file inner join raw.source_sheet using "
                            "(source_id) inner join raw.cell using (sheet_id) group by 1"))
    is_return = "source_id in (select source_id from raw.source_sheet where kind = 'return')"
    assert kept == dict(query(path, f"select file_name, n_cells from raw.source_file where {is_return}"))
    landed = {layout for (layout,) in query(path, "select layout from raw.source_sheet where kind <> 'return'")}
    assert landed
    for layout in [layout for layout in register_layouts() if layout.layout in landed]:
        stored = query(path, f"""
            select count(*), bool_and(row_number is not null) from raw.{layout.layout}
            inner join raw.source_sheet using (sheet_id) where source_sheet.layout = '{layout.layout}'""")
        places = query(path, f"select count(*) from raw.register_column where layout = '{layout.layout}'")
        assert stored[0][0] > 0 and stored[0][1] and places[0][0] >= len(layout.columns), layout.layout
    known = (f"coalesce(rows.{name}, columns.{name})" for name in (
        "financial_year", "area_kind", "line", "component"))
    unlabelled = " or ".join(f"{text} is null" for text in known)
    unlabelled = unlabelled.replace(
        "coalesce(rows.financial_year", "coalesce(sheets.financial_year, rows.financial_year")
    assert query(path, f"""
        select distinct sheets.layout from raw.cell as cells
        inner join raw.source_sheet as sheets using (sheet_id)
        left join raw.row_label as rows using (sheet_id, row_number)
        left join raw.column_label as columns using (sheet_id, column_number)
        where sheets.kind <> 'return' or {unlabelled}""") == []
    # One row of labels for a row (or column), so that no cell is joined twice.
    for table, number in (("row_label", "row_number"), ("column_label", "column_number")):
        assert query(path, f"select sheet_id, {number} from raw.{table} group by all having count(*) > 1") == []


def test_a_reference_table_of_the_same_name_replaces_the_older_one(store, tmp_path):
    path = tmp_path / "deflator.csv"
    warehouse_path = store("a", [builders.write_csv(path, builders.gdp_deflator())])
    load_returns(survey_landing([builders.write_csv(path, builders.gdp_deflator("28 March 2024"))]), warehouse_path)
    notes = query(warehouse_path, "select printed_text from raw.sheet_note where kind = 'published_on'")
    assert notes == [("2024-03-28",)]


def test_a_derived_file_leaves_a_row_that_says_why(store, tmp_path):
    grid = builders.derived_totals()
    path = store("a", [builders.write_csv(tmp_path / "totals.csv", grid)])
    [(status, reason, cells)] = query(path, "select status, reason, n_cells from raw.source_file")
    assert (status, cells) == (NOT_LOADED, 0)
    assert "derived from returns by someone else" in reason and "2017-18" in reason and "4,946.8m" in reason
    assert query(path, "select count(*) from raw.cell") == [(0,)]
