"""What a package would cost at the council's own prices for like need, as far as its records say what the need is.

For each snapshot, client group and kind of setting with ``FEWEST`` priced packages a robust regression explains the
logarithm of the weekly price by setting, age band, night cover and whether the placement is out of area: the expected
price. Where hours are recorded, a second one adds them, and tells a dear price (more than packages of as many hours
cost) from much support (more hours than packages of like need have). A package that no regression covers has no row.

It is written to ``estimate.*`` of the warehouse, row by row, and published as sums alone (``mart_price_need``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import database

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from duckdb import DuckDBPyConnection

# Fewer packages than this are no basis for an expected price; a level of fewer than that has no effect of its own.
FEWEST = 30
FEWEST_OF_A_LEVEL = 5
# Huber's constant: 95% of the precision of least squares where errors are normal (Huber, Robust Statistics, 1981).
TUNING = 1.345
MOST_ROUNDS = 50
_SMALLEST_CHANGE = 1e-8
_KEY = ["snapshot_id", "person_key", "client_group", "setting_group"]
_FACTORS = ("setting", "age_band", "night_cover", "area")
_HOURS = ("hours_weekly", "one_to_one_hours_weekly")
_AGE_BANDS = ((25, "18 to 24"), (45, "25 to 44"), (65, "45 to 64"), (75, "65 to 74"), (85, "75 to 84"),
              (1000, "85 and over"))
_PACKAGES = """
    select packages.snapshot_id, packages.person_key, packages.client_group, packages.setting_group,
        settings.label as setting, packages.age,
        case when packages.has_waking_night = 1 then 'waking night' when packages.has_sleep_in = 1 then 'sleep-in'
             else 'none' end as night_cover,
        case packages.is_out_of_area when 1 then 'out of area' when 0 then 'in the area' else 'not recorded'
             end as area,
        cast(packages.weekly_gbp as double) as weekly_gbp,
        cast(packages.support_hours_weekly as double) as hours_weekly,
        cast(packages.one_to_one_hours_weekly as double) as one_to_one_hours_weekly
    from intermediate.int_package as packages
    inner join reference.placement_setting as settings on packages.setting_rank = settings.rank
    where packages.weekly_gbp > 0 and packages.snapshot_id = ?
    order by all"""
_NEW = """
    select snapshot_id from intermediate.int_snapshot
    where snapshot_id not in (select snapshot_id from estimate.priced_snapshot) order by 1"""


def huber(values: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients and spread by Huber's method: least squares, with errors above 1.345 times the spread weighted down,
    again and again until nothing changes. ``values`` has n numbers, ``design`` n rows and k columns.
    """
    import numpy as np

    weights = np.ones(len(values))
    coefficients, spread = np.zeros(design.shape[1]), 0.0
    for _ in range(MOST_ROUNDS):
        root = np.sqrt(weights)
        found = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)[0]
        errors = values - design @ found
        # The median error stands for the standard deviation: one package in two may be far off before it moves.
        spread = float(np.median(np.abs(errors - np.median(errors))) / 0.6745)
        change = np.max(np.abs(found - coefficients))
        coefficients = found
        if spread <= 0 or change < _SMALLEST_CHANGE:
            break
        weights = 1 / np.maximum(1, np.abs(errors) / (TUNING * spread))
    return coefficients, spread


def expected_prices(packages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The expected prices of packages of one snapshot, client group and kind of setting, and what each level adds.

    ``packages`` has the columns of ``_PACKAGES``, prices in pounds a week above zero. Both results are empty where
    there are fewer than ``FEWEST``. Of the first, ``expected_weekly_gbp`` is at like need and
    ``expected_for_hours_gbp`` at like need and hours (NaN without hours).
    """
    import numpy as np
    import pandas as pd

    if len(packages) < FEWEST:
        return pd.DataFrame(), pd.DataFrame()
    packages = packages.assign(age_band=_age_band(packages["age"]))
    prices = np.log(packages["weekly_gbp"].to_numpy())
    levels = dict(_levels(packages))
    need = _design(packages, levels)
    coefficients, spread = huber(prices, need.to_numpy())
    found = packages[_KEY].assign(
        setting=packages["setting"], age_band=packages["age_band"], night_cover=packages["night_cover"],
        area=packages["area"], weekly_gbp=packages["weekly_gbp"], hours_weekly=packages["hours_weekly"],
        one_to_one_hours_weekly=packages["one_to_one_hours_weekly"],
        expected_weekly_gbp=np.exp(need.to_numpy() @ coefficients), expected_for_hours_gbp=np.nan, spread=spread,
        spread_for_hours=np.nan)
    known = packages["hours_weekly"].gt(0)
    if known.sum() >= FEWEST and packages.loc[known, "hours_weekly"].nunique() > 1:
        with_hours = _with_hours(need, packages)[known]
        of_hours, spread_for_hours = huber(prices[known], with_hours.to_numpy())
        found.loc[known, "expected_for_hours_gbp"] = np.exp(with_hours.to_numpy() @ of_hours)
        found.loc[known, "spread_for_hours"] = spread_for_hours
    return found, _effects(packages, levels, dict(zip(need, coefficients)))


def _age_band(ages: pd.Series) -> pd.Series:
    return ages.map(lambda age: next(band for below, band in _AGE_BANDS if age < below))


def _levels(packages: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """By factor its levels of enough packages, the most frequent first: the others are compared with that one."""
    for factor in _FACTORS:
        counts = packages[factor].value_counts()
        ordered = sorted(counts.index, key=lambda level: (-counts[level], level))
        yield factor, [level for level in ordered if counts[level] >= FEWEST_OF_A_LEVEL] or ordered[:1]


def _design(packages: pd.DataFrame, levels: dict[str, list[str]]) -> pd.DataFrame:
    """A column of ones, and one for each level but the first of each factor; a rare level is as the first."""
    import pandas as pd

    columns = {"base": 1.0} | {f"{factor}: {level}": packages[factor].eq(level).astype("float64")
                               for factor, of_factor in levels.items() for level in of_factor[1:]}
    return pd.DataFrame(columns, index=packages.index)


def _with_hours(need: pd.DataFrame, packages: pd.DataFrame) -> pd.DataFrame:
    """With the logarithm of the hours, and the share of them that is one to one."""
    import numpy as np

    hours, alone = (packages[name].fillna(0.0) for name in _HOURS)
    return need.assign(hours=np.log(hours.clip(lower=0.1)), one_to_one=(alone / hours.clip(lower=0.1)).clip(0, 1))


def _effects(packages: pd.DataFrame, levels: dict[str, list[str]], effects: dict[str, float]) -> pd.DataFrame:
    """What a level costs more than the first of its factor, in per cent, with all else alike."""
    import numpy as np
    import pandas as pd

    first = packages.iloc[0]
    return pd.DataFrame([
        {"snapshot_id": first["snapshot_id"], "client_group": first["client_group"],
         "setting_group": first["setting_group"], "factor": factor, "level": level, "compared_with": of_factor[0],
         "effect_pct": 100 * (np.exp(effects.get(f"{factor}: {level}", 0.0)) - 1)}
        for factor, of_factor in levels.items() for level in of_factor])


def estimate(warehouse: Path, is_rebuild: bool = False) -> int:
    """Estimates the packages of the snapshots that have none yet, forgets those that are gone; returns how many
    snapshots were estimated. ``is_rebuild`` estimates all again.
    """
    with database.connect(warehouse) as connection:
        with database.transaction(connection):
            _forget(connection, is_rebuild)
        new = [row[0] for row in connection.execute(_NEW).fetchall()]
        for snapshot_id in new:
            packages = connection.execute(_PACKAGES, [snapshot_id]).df()
            with database.transaction(connection):
                for _, group in packages.groupby(["client_group", "setting_group"], sort=True):
                    prices, effects = expected_prices(group)
                    _insert(connection, "package_price", prices)
                    _insert(connection, "price_effect", effects)
                connection.execute("insert into estimate.priced_snapshot values (?)", [snapshot_id])
    return len(new)


def _forget(connection: DuckDBPyConnection, is_rebuild: bool) -> None:
    gone = "true" if is_rebuild else "snapshot_id not in (select snapshot_id from intermediate.int_snapshot)"
    for table in ("package_price", "price_effect", "priced_snapshot"):
        connection.execute(f"delete from estimate.{table} where {gone}")


def _insert(connection: DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    if len(rows):
        connection.register("rows_frame", rows)
        connection.execute(f"insert into estimate.{table} by name select * from rows_frame")
        connection.unregister("rows_frame")
