"""The local copy: what a council's own people may see, exactly, in one file that no one else can read.

It holds the tables that have rows about local placements, and a view of every other table. The views read the open
copy, attached next to it as ``open_copy``: one query joins both, and no folder is written into the file, so that a home
can be moved. No row is about one person.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration import database
from orchestration.faults import RunStopped, UnusableInput
from orchestration.home import Home

GROUP_VARIABLE = "CAREQUARTILE_LOCAL_GROUP"
RESTRICTED = "Restricted: exact figures of local placements, for those who may see them; never publish."
OPEN = "open_copy"
BESIDE = f"In the open copy: attach 'published/carequartile.duckdb' as {OPEN}."
_ELSEWHERE = ("Rows about local placements are not in this open copy: they are in the local one, "
              "local/carequartile-local.duckdb, of those who may see them.")


@dataclass(frozen=True)
class Part:
    """A published table or view: where the warehouse has it, what it is ordered by, its comments, which of its rows
    are local (SQL), and which of its columns others give (by name, SQL).
    """

    schema: str
    table: str
    source: str
    order: str
    description: str
    columns: dict[str, str]
    local_where: str | None
    is_view: bool = False
    worked_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def open_rows(self) -> str:
        return f"not coalesce({self.local_where}, false)" if self.local_where else "true"

    @property
    def open_description(self) -> str:
        return f"{self.description} {_ELSEWHERE}" if self.local_where else self.description


def is_readable(home: Home) -> bool:
    """Whether there is a local copy and this user may read it."""
    return os.access(home.local, os.R_OK)


@contextmanager
def connect(home: Home, is_local: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open copy, or the local one with the open copy of its release next to it, for reading.

    Raises UnusableInput where it is not there or this user may not read it.
    """
    with database.connect(_copy(home, is_local), read_only=True) as connection:
        if is_local:
            database.attach(connection, _open_beside(home), OPEN)
        try:
            yield connection
        except database.LacksTable as error:
            raise unreadable(error) from error


def unreadable(error: database.DatabaseError) -> RunStopped:
    """Why a published file cannot be read as this version reads it, with the next step."""
    # Table with name mart_coverage does not exist
    reason = re.sub(r"^(Catalog|Binder) Error: ", "", str(error).splitlines()[0]).rstrip("!.")
    if isinstance(error, database.LacksTable):
        return RunStopped(f"This home was published by an older version of Carequartile: {reason}. Next: run "
                          "`carequartile refresh` on it, which publishes all that it holds again.")
    return RunStopped(f"The published file cannot be read ({reason}). Next: refresh again.")


def attach(connection: duckdb.DuckDBPyConnection, home: Home, is_local: bool, name: str) -> None:
    """Makes the copy readable in a connection, as a catalog of this name. Raises UnusableInput as ``connect`` does."""
    database.attach(connection, _copy(home, is_local), name)
    if is_local:
        database.attach(connection, _open_beside(home), OPEN)


def _copy(home: Home, is_local: bool) -> Path:
    if is_local and is_readable(home):
        return home.local
    if not os.access(home.published, os.R_OK):
        raise UnusableInput(f"Nothing is published in {home.folder} yet. Next: run `carequartile refresh` first, or "
                            "name the home with --home.")
    if is_local:
        raise UnusableInput(f"The local copy {home.local} cannot be read by this user: it holds exact figures of local "
                            f"placements. Next: ask its owner, who may give a group ({GROUP_VARIABLE}); or, if there "
                            "is none, run `carequartile refresh`.")
    return home.published


def _open_beside(home: Home) -> Path:
    """The open copy of the release that the local copy belongs to, also while a newer one is being switched in."""
    release = (home.local_folder / "current").resolve().name
    beside = home.published_folder / "releases" / release / home.published.name
    return beside if beside.is_file() else home.published


def write(warehouse: Path, folder: Path, open_file: Path, parts: list[Part],
          create: Callable[[duckdb.DuckDBPyConnection, str, Part, str], None]) -> None:
    """Writes the copy into ``folder``: tables where there are local rows, else views of ``open_file``."""
    with database.connect(warehouse) as connection:
        database.attach(connection, open_file, OPEN)
        connection.execute(f"attach {database.quoted(str(folder / 'carequartile-local.duckdb'))} as local_copy")
        for part in parts:
            name = f"local_copy.{part.schema}.{part.table}"
            if part.local_where:
                create(connection, name, part, "true")
            else:
                connection.execute(f"create schema if not exists local_copy.{part.schema}")
                connection.execute(f"create view {name} as select * from {OPEN}.{part.schema}.{part.table}")
            kind, mark = ("table", RESTRICTED) if part.local_where else ("view", BESIDE)
            database.comment(connection, kind, name, f"{mark} {part.description}", part.columns)
        # Detaching writes everything to the file and leaves no write-ahead log next to it.
        connection.execute("detach local_copy")


def manifest(copy: Path, of_open: dict[str, object], made_from: dict[str, str]) -> dict[str, object]:
    """What the copy is, which release it belongs to, what it was made from and which snapshots are in it."""
    with database.connect(copy, read_only=True) as connection:
        cursor = connection.execute(
            "select snapshot_id, council, cast(snapshot_date as varchar) as date, n_rows as lines, "
            "n_rejected as rejected, is_synthetic, "
            "file_name from marts.dim_snapshot order by council_code, snapshot_date")
        names = [column[0] for column in cursor.description]
        snapshots = [dict(zip(names, row)) for row in cursor.fetchall()]
        tables = connection.execute("select concat(schema_name, '.', table_name) from duckdb_tables() order by 1"
                                    ).fetchall()
        rows = {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for (name,) in tables}
    with copy.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return {"restricted": RESTRICTED, "run_id": of_open["run_id"], "published_at": of_open["published_at"],
            "as_known_on": of_open["as_known_on"], **made_from, "sha256": {copy.name: content}, "tables": rows,
            "snapshots": snapshots}


def group() -> str | None:
    """The group of users that may read the copy too: ``$CAREQUARTILE_LOCAL_GROUP``, else none.

    Raises UnusableInput where this machine has no such group.
    """
    name = os.environ.get(GROUP_VARIABLE, "").strip()
    if not name:
        return None
    try:
        import grp

        grp.getgrnam(name)
    except (ImportError, KeyError):
        raise UnusableInput(f"{GROUP_VARIABLE} is {name!r}, and this machine has no such group. Next: name one that "
                            "it has, or unset it: then the local copy is readable by this user alone.") from None
    return name


def restrict(folder: Path, group_name: str | None) -> None:
    """Files 600 and folders 700; with a group 640 and 750. A folder that was opened by hand is closed again."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        is_folder = path.is_dir()
        if group_name:
            shutil.chown(path, group=group_name)
            path.chmod(0o750 if is_folder else 0o640)
        else:
            path.chmod(0o700 if is_folder else 0o600)
