"""Proves that each register and reference table has its own table, from which every printed cell can be found again."""

from collections import Counter

import builders
import pytest
from sampling import sampled

from orchestration import database, transform
from orchestration.gates import files_with_identifiers
from orchestration.store import warehouse
from orchestration.store.files import drop_source
from orchestration.store.registers import register_columns, register_layouts
from orchestration.store.returns import load_returns
from orchestration.survey import survey_landing

SINGLE = [name for name, (layout, _) in builders.KNOWN_AS.items() if builders.layout(layout).is_register]
BOOKS = [name for name, (layout, _) in builders.BOOKS.items() if builders.layout(layout).is_register]
KEYS = ("source_id", "sheet_id", "sheet", "row_number")


@pytest.fixture
def path(tmp_path):
    warehouse.prepare(tmp_path / "home" / "warehouse.duckdb")
    return tmp_path / "home" / "warehouse.duckdb"


def query(path, sql, *values):
    with database.connect(path) as connection:
        return connection.execute(sql, list(values)).fetchall()


def stored_cells(path, layout):
    """Sheet, row, column and text of every cell in ``raw.<layout>``, the columns by ``raw.register_column``."""
    if layout.unpivot:
        kept = [layout.name_in_raw(header) for header in layout.unpivot.keep]
        values = f"select sheet_id, sheet, row_number, column_number, printed_text from raw.{layout.layout}"
    else:
        kept, values = [column for column in register_columns(layout) if column not in (*KEYS, "published_on")], None
    fields = [f"""select distinct rows.sheet_id, rows.sheet, rows.row_number, places.column_number, rows."{name}"
                  from raw.{layout.layout} as rows inner join raw.register_column as places
                  on rows.sheet_id = places.sheet_id and places.field in ('{name}', '{_header(layout, name)}')"""
              for name in kept]
    return query(path, " union all ".join([*fields, *filter(None, [values])]))


def _header(layout, name):
    """The header an unpivoted layout keeps as this column, else the name itself."""
    headers = layout.unpivot.keep if layout.unpivot else []
    return next((header for header in headers if layout.name_in_raw(header) == name), name)


@pytest.mark.parametrize("name", sampled([*SINGLE, *BOOKS], 7))
def test_every_cell_is_found_again_at_its_row_and_column(path, tmp_path, name):
    if name in BOOKS:
        layout, build = builders.BOOKS[name]
        file = builders.write_xlsx(tmp_path / "book.xlsx", build(), False)
    else:
        layout, build = builders.KNOWN_AS[name]
        file = builders.write_csv(tmp_path / "table.csv", build(), "utf-8-sig")
    survey = survey_landing([file])
    load_returns(survey, path)
    printed = Counter((reading.sheet_id, reading.sheet, *cell) for reading in survey.files[0].readings
                      for cell in reading.printed)
    assert printed and Counter(stored_cells(path, builders.layout(layout))) == printed


def test_every_warehouse_has_the_tables_that_dbt_reads(path):
    kept = {name for (name,) in query(path, "select table_name from duckdb_tables() where schema_name = 'raw'")}
    sources = {(node["source_name"], node["name"]) for node in transform.manifest_dict()["sources"].values()
               if node["source_name"] in ("registers", "reference")}
    assert {name for _, name in sources} <= kept
    assert sources == {("registers" if layout.kind == "register" else "reference", layout.layout)
                       for layout in register_layouts()}


@pytest.mark.parametrize("layout", register_layouts(), ids=lambda layout: layout.layout)
def test_no_two_headers_become_one_column(layout):
    """Else one of them would replace the other without a message."""
    notes = [name for name in ("mid_year", "published_on") if getattr(layout, name)]
    names = [*KEYS, *notes, *layout.columns_in_raw]
    assert sorted(names) == sorted(register_columns(layout)) and all(name.isidentifier() for name in names)


def test_dropping_a_file_leaves_no_row_of_its_register(path, tmp_path):
    load_returns(survey_landing([builders.write_csv(tmp_path / f"{name}.csv", builders.EVERY[name](), "utf-8-sig")
                                 for name in ("peer_set", "mid_year")]), path)
    with database.connect(path) as connection:
        for (source_id,) in connection.execute("select source_id from raw.source_file").fetchall():
            drop_source(connection, source_id)
    assert query(path, "select count(*) from raw.carequartile_peer_set union all select count(*) from raw.ons_mid_year "
                       "union all select count(*) from raw.register_column") == [(0,), (0,), (0,)]


def test_a_layout_that_changed_keeps_what_was_stored(path, tmp_path):
    """A column it gained is added; one it lost does not keep a rewriting, which deletes people, from being done."""
    load_returns(survey_landing([builders.write_csv(tmp_path / "peers.csv", builders.peer_set())]), path)
    before = query(path, "select source_id, council_code, peer_code from raw.carequartile_peer_set order by all")
    with database.connect(path) as connection:
        connection.execute("alter table raw.carequartile_peer_set drop column version")
        connection.execute("alter table raw.carequartile_peer_set add column of_old varchar")
    warehouse.rewrite(path)
    warehouse.prepare(path)
    assert before == query(path, "select source_id, council_code, peer_code from raw.carequartile_peer_set "
                                 "where version is null order by all")
    columns = {name for name, *_ in query(path, "describe raw.carequartile_peer_set")}
    assert "of_old" not in columns and len(before) == 3


@pytest.mark.parametrize(("name", "column"), [("ruling", "reason"), ("mid_year", "Name")])
def test_an_identifier_in_a_register_is_found(path, tmp_path, name, column):
    grid = builders.EVERY[name]()
    grid[2][grid[0].index(column)] = "seen by AB123456C"
    load_returns(survey_landing([builders.write_csv(tmp_path / "x.csv", grid, "utf-8-sig")]), path)
    assert len(files_with_identifiers(path)) == 1
