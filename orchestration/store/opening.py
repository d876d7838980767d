"""Makes a home's warehouse ready for a run, however the run was started: by ``refresh`` or by Dagster."""

from __future__ import annotations

import logging

from orchestration.faults import RunStopped, counted
from orchestration.home import Home
from orchestration.store import retention, warehouse

log = logging.getLogger("carequartile")


def make_ready(home: Home, landed: set[str] | None = None) -> list[str]:
    """Makes the warehouse and its tables, drops the rows about people that are too old, and returns their files' names.

    ``landed`` holds the sha256 of each file of the landing, or is None where no landing was given. With it, a warehouse
    made by an earlier Carequartile is built anew.

    Raises RunStopped where not everything that warehouse had loaded is landed: years would disappear unnoticed. The
    caller holds the home.
    """
    try:
        warehouse.prepare(home.warehouse)
    except warehouse.OlderWarehouse:
        if landed is None:
            raise
        _require_all_landed(home, landed)
        _start_rebuild(home)
    return retention.expire(home.warehouse)


def _require_all_landed(home: Home, landed: set[str]) -> None:
    older = warehouse.older(home.warehouse)
    loaded = warehouse.landed_files(older if older.exists() else home.warehouse)
    if loaded is None:
        log.info("warehouse: an earlier one cannot be read; it is built anew from what is landed now")
        return
    if missing := [name for sha256, name in loaded.items() if sha256 not in landed]:
        raise RunStopped(
            f"An earlier Carequartile had loaded {counted(len(loaded), 'file')}, and {len(missing)} of them "
            f"{'is' if len(missing) == 1 else 'are'} not landed now: "
            f"{', '.join(missing[:10])}{' and more' * (len(missing) > 10)}. Next: land these too; "
            f"or, to do without them, delete {home.warehouse} and land what you have. Nothing was changed.")


def _start_rebuild(home: Home) -> None:
    if not warehouse.older(home.warehouse).exists():
        warehouse.move_to_older(home.warehouse)
    log.info("warehouse: made by an earlier Carequartile; built anew from what is landed")
    warehouse.prepare(home.warehouse, is_rebuild=True)
