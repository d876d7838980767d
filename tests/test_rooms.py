"""Proves that imports between the rooms run downhill, and that what only one room may do no other does."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import orchestration

ROOT = Path(orchestration.__file__).parent
# From the bottom up: a room imports only rooms of the levels below its own. Add a new room here.
LEVELS = [
    {"identifiers", "progress"}, {"faults", "home"}, {"database", "reference", "rules"}, {"published_text"}, {"intake"},
    {"placements"}, {"survey"}, {"store"}, {"prices"}, {"transform", "local_copy", "open_figures"},
    {"gates", "publish", "lineage", "rule_book", "second_engine"},
    {"report", "cluster"}, {"assets"}, {"automation"}, {"definitions"}, {"refresh", "status"}, {"review", "peers"},
    {"cli"},
]
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
MODULES = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
           for path in sorted(ROOT.rglob("*.py"))}
WRITES_RAW = re.compile(r"(insert_rows\(connection,|insert\s+into|delete\s+from|update|truncate|"
                        r"(create|alter|drop)\s+(or\s+replace\s+)?"
                        r"(table|view)(\s+if\s+(not\s+)?exists)?)\s+\"?raw\"?\.", re.IGNORECASE)


def tree(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(module):
    """Every module of the project that a module imports, those inside of functions too."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name in MODULES} - {module}


def room_of(module):
    return module.split(".")[1] if "." in module else None


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module)])
def test_imports_run_downhill(module):
    room = room_of(module)
    assert room in LEVEL_OF, f"{module} is in no level: add {room!r} to LEVELS, and to orchestration/__init__.py"
    uphill = {other for other in imported(module)
              if room_of(other) != room and LEVEL_OF.get(room_of(other), len(LEVELS)) >= LEVEL_OF[room]}
    assert not uphill, f"{module} imports {', '.join(sorted(uphill))}, which is not below it"


def test_no_modules_import_each_other_in_a_circle():
    order = list(TopologicalSorter({module: imported(module) for module in MODULES}).static_order())
    assert set(order) == set(MODULES)
    assert order.index("orchestration.faults") < order.index("orchestration.cli")


def test_every_room_is_described():
    described = set(re.findall(r"``([a-z_]+)``", ast.get_docstring(tree("orchestration"))))
    assert set(LEVEL_OF) - described == set()


def test_every_room_of_the_levels_exists():
    assert {room_of(module) for module in MODULES if room_of(module)} == set(LEVEL_OF)


def opens_duckdb(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module == "duckdb":
            yield from (alias.name for alias in node.names if alias.name == "connect")
        elif isinstance(node, ast.Attribute) and node.attr == "connect":
            yield from ["duckdb.connect"] if isinstance(node.value, ast.Name) and node.value.id == "duckdb" else []


def test_only_the_database_module_opens_duckdb():
    assert [module for module in MODULES if list(opens_duckdb(module))] == ["orchestration.database"]


def names_package(module, package):
    for node in ast.walk(tree(module)):
        names = ([node.module or ""] if isinstance(node, ast.ImportFrom)
                 else [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        yield from (name for name in names if name.split(".")[0] == package)


def test_only_the_gates_import_great_expectations():
    assert {room_of(module) for module in MODULES if list(names_package(module, "great_expectations"))} == {"gates"}


def test_only_the_store_writes_raw():
    writers = {room_of(module) for module, path in MODULES.items() if WRITES_RAW.search(path.read_text("utf-8"))}
    assert writers == {"store"}


@pytest.mark.parametrize("statement", ["insert into raw.cell", "delete from raw.cell", "update raw.cell",
                                       "create or replace table raw.cell", "create table if not exists raw.cell",
                                       'drop table if exists "raw".cell', "INSERT INTO\n    raw.cell",
                                       'insert_rows(connection, "raw.cell", rows)'])
def test_a_statement_that_writes_raw_is_found(statement):
    assert WRITES_RAW.search(statement)
    assert not WRITES_RAW.search("select * from raw.cell inner join raw.release using (source_id)")
