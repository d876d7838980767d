"""What a council has decided to publish of its own placements, by cell-key perturbation.

The method is that of the Australian Bureau of Statistics for its table builder (Fraser and Wooton, 2005; Thompson,
Broadfoot and Elazar, 2013), which the Office for National Statistics used for Census 2021. Everybody has a record key,
drawn from the home's secret. The sum of the keys of the people in a cell gives the cell's noise: the same people have
the same noise in every table and release, one person more or fewer has fresh noise. Averages over tables or releases
of the same people therefore take nothing of it away, and the difference of two cells is no count.

The noise of a count is two-sided geometric (Ghosh, Roughgarden and Sundararajan, 2012): every whole number is possible,
the larger the less likely, so that no count follows with certainty from any number of cells.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from decimal import Decimal

import duckdb

# Each further person off is e times less likely: 0.85 people off on average, 3 or more in one cell of ten.
NOISE_PER_PERSON = 1.0
# Of fewer people, as they are shown, a cell has no row.
FEWEST = 10
WEEKS = 52
_CELLS = """
select cells.*, snapshots.council_code, snapshots.council, snapshots.snapshot_date, snapshots.financial_year,
    snapshots.is_synthetic
from intermediate.int_open_cell as cells inner join intermediate.int_snapshot as snapshots using (snapshot_id)
order by all"""
# Prices are distinguished by these limits alone, the same for everybody; pounds are rounded to what divides them all.
_EDGES = """select setting_group, low_gbp from reference.placement_band where low_gbp > 0"""


@dataclass(frozen=True)
class Cell:
    """The people of a cell, exactly: how many, how many with a price, what those cost, and the sums of record keys."""

    people: int
    priced_people: int
    weekly_gbp: float
    largest_weekly_gbp: float
    cell_key: int
    priced_key: int


@dataclass(frozen=True)
class Shown:
    """What is shown of a cell: people, cost a year, mean weekly price and the step that the cost is rounded to."""

    people: int
    annual_cost_gbp: int | None
    mean_weekly_gbp: Decimal | None
    rounded_to_gbp: int


def uniform(key: int, use: str) -> float:
    """A number from 0 to 1 (neither of them) that a sum of record keys gives for one use, and always the same."""
    digest = hashlib.sha256(f"{use}:{key}".encode()).digest()
    return (int.from_bytes(digest[:8]) + 0.5) / 2**64


def noise(key: int, use: str) -> int:
    """Two-sided geometric noise: 0 for about 46 cells of a hundred, one person up or down for 34."""
    alpha = math.exp(-NOISE_PER_PERSON)
    drawn = uniform(key, use)
    sign, tail = (1, 1 - drawn) if drawn > 0.5 else (-1, drawn)
    # Beyond n people on one side lies alpha^(n + 1) / (1 + alpha) of all cells.
    return sign * max(0, math.ceil(math.log(tail * (1 + alpha)) / math.log(alpha)) - 1 + (tail == 0))


def shown(cell: Cell, step: int) -> Shown | None:
    """The cell as it is published; None where it is of fewer than ten people, as they would be shown.

    Pounds get noise of half to all of what the dearest person costs, up or down, and are then rounded to ``step``. The
    mean is worked out from what is shown: the cost over 52 and over the people with a price, with noise of their own.
    """
    people = cell.people + noise(cell.cell_key, "people")
    if people < FEWEST:
        return None
    priced = cell.priced_people + noise(cell.priced_key, "people") if cell.priced_people else 0
    if priced < FEWEST:
        return Shown(people, None, None, step)
    of_dearest = 0.5 + uniform(cell.priced_key, "size") / 2
    up_or_down = 1 if uniform(cell.priced_key, "sign") > 0.5 else -1
    gbp = WEEKS * (cell.weekly_gbp + up_or_down * of_dearest * cell.largest_weekly_gbp)
    cost = max(0, round(gbp / step) * step)
    return Shown(people, cost, Decimal(cost / WEEKS / priced).quantize(Decimal("0.01")), step)


def steps(edges: list[tuple[str, Decimal]]) -> dict[str, int]:
    """By kind of setting, what pounds a year are rounded to: the weekly amount that divides all limits of its bands."""
    by_group: dict[str, list[int]] = {}
    for setting_group, low in edges:
        by_group.setdefault(setting_group, []).append(int(low))
    found = {group: WEEKS * math.gcd(*limits) for group, limits in by_group.items()}
    return found | {"any": math.gcd(*found.values()) if found else WEEKS}


def add_rows(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Adds what councils have decided to publish to the empty tables of the open copy, attached as ``catalog``."""
    by_group = steps(connection.execute(_EDGES).fetchall())
    cursor = connection.execute(_CELLS)
    names = [column[0] for column in cursor.description]
    for row in (dict(zip(names, values)) for values in cursor.fetchall()):
        cell = Cell(row["people"], row["priced_people"], float(row["weekly_gbp"] or 0),
                    float(row["largest_weekly_gbp"] or 0), row["cell_key"], row["priced_key"] or 0)
        if published := shown(cell, by_group[row["setting_group"]]):
            _insert(connection, catalog, row, published)


def _insert(connection: duckdb.DuckDBPyConnection, catalog: str, row: dict[str, object], cell: Shown) -> None:
    snapshot_id = f"{row['council_code']}:{row['snapshot_date']}"
    of_snapshot = {"snapshot_id": snapshot_id} | {name: row[name] for name in (
        "council_code", "council", "snapshot_date", "is_synthetic")}
    counted = of_snapshot | {
        "client_group": row["client_group"], "people": cell.people, "annual_cost_gbp": cell.annual_cost_gbp,
        "rounded_to_gbp": cell.rounded_to_gbp, "is_suppressed": False}
    if row["cell_kind"] == "setting":
        _add(connection, f"{catalog}.marts.mart_placement_setting", counted | {
            "setting_group": row["setting_group"], "setting": row["cell"], "mean_weekly_gbp": cell.mean_weekly_gbp})
    elif row["cell_kind"] == "band":
        [band] = connection.execute(
            "select band, low_gbp, high_gbp from intermediate.int_snapshot_band where snapshot_id = ? and "
            "setting_group = ? and band_order = ?", [row["snapshot_id"], row["setting_group"], int(row["cell"])]
        ).fetchall()
        _add(connection, f"{catalog}.marts.mart_placement_band", counted | {
            "setting": row["setting_group"], "band_order": int(row["cell"]),
            **dict(zip(("band", "low_gbp", "high_gbp"), band)),
            "annual_cost_gbp": None if band[1] is None else cell.annual_cost_gbp})
    else:
        for assumed in _assumptions(connection, row):
            saving = _saving(assumed.pop("share"), cell)
            _add(connection, f"{catalog}.marts.mart_local_opportunity", counted | assumed | saving | {
                "opportunity": row["cell"], "mean_weekly_gbp": cell.mean_weekly_gbp})
    if not connection.execute(f"select 1 from {catalog}.marts.dim_snapshot where snapshot_id = ?", [snapshot_id]
                              ).fetchall():
        _add(connection, f"{catalog}.marts.dim_snapshot", of_snapshot | {"financial_year": row["financial_year"]})


def _assumptions(connection: duckdb.DuckDBPyConnection, row: dict[str, object]) -> list[dict[str, object]]:
    """The words of each assumption about an opportunity, and its share where it is one of the cost."""
    cursor = connection.execute(
        "select distinct local.label, local.assumption, local.assumes, local.threshold, shares.share from "
        "marts.mart_local_opportunity as local left join reference.opportunity_assumption as shares "
        "on shares.opportunity = local.opportunity and shares.assumption = local.assumption "
        "and shares.method = 'share_of_cost' and shares.because = local.assumes "
        "where local.snapshot_id = ? and local.client_group = ? and local.opportunity = ? order by all",
        [row["snapshot_id"], row["client_group"], row["cell"]])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values)) for values in cursor.fetchall()]


def _saving(share: Decimal | None, cell: Shown) -> dict[str, object]:
    if share is None or cell.annual_cost_gbp is None:
        return {"saving_gbp": None, "formula": "worked out in the local copy alone"}
    return {"saving_gbp": cell.annual_cost_gbp * share,
            "formula": f"{100 * share:.0f}% of {cell.annual_cost_gbp} a year"}


def _add(connection: duckdb.DuckDBPyConnection, table: str, values: dict[str, object]) -> None:
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"insert into {table} ({columns}) values ({marks})", list(values.values()))
