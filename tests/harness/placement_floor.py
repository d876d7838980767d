"""What `make bench` compares ten million placements with: the same SQL straight in DuckDB, and a script in pandas.

    record HOME LANDING STATEMENTS   refreshes, and keeps every statement of the placements in a file
    straight WAREHOUSE STATEMENTS    runs these statements, in their order, in one process that does nothing else
    plain LANDING KEY FOLDER         does the same work in pandas, month by month, and leaves its totals in a folder

Each is a separate process; never run as a test.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "seeds" / "reference"
# As profiles.yml and database.connect have them.
SETTINGS = {"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": "false"}
ENTRY_MEMORY = "768MB"
SOURCES = tuple(f"source.carequartile.raw.{name}" for name in ("placement", "snapshot", "snapshot_column"))


# --- the same SQL -----------------------------------------------------------------------------------------------------


class Recorder:
    """A connection that records the statements it runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, noted: list[tuple[str, tuple[object, ...]]]) -> None:
        self._connection, self._noted = connection, noted

    def __getattr__(self, name: str) -> object:
        method = getattr(self._connection, name)
        if name not in ("execute", "executemany", "begin", "commit", "rollback"):
            return method

        def noting(*arguments: object) -> object:
            self._noted.append((name, arguments))
            return method(*arguments)

        return noting


def record(home: Path, landing: Path, kept: Path) -> None:
    """A refresh as the command does it. The statements are kept at its end, which takes a moment."""
    sys.path.insert(0, str(ROOT))  # This file is run from elsewhere than the checkout.
    from contextlib import contextmanager

    from orchestration import cli, database, transform
    from orchestration.store import snapshots

    loading: list[tuple[str, tuple[object, ...]]] = []
    building: list[tuple[str, str, str]] = []
    connect, results = database.connect, transform._results

    class Noted:
        transaction = staticmethod(database.transaction)

        @staticmethod
        @contextmanager
        def connect(path: Path):
            with connect(path) as connection:
                yield Recorder(connection, loading)

    def noted(outcome: object) -> object:
        ours = _descendants(transform.manifest_dict())
        building.extend((row.node.resource_type, f'"{row.node.schema}"."{row.node.name}"', row.node.compiled_code)
                        for row in outcome.result.results if row.node.unique_id in ours)
        return results(outcome)

    snapshots.database, transform._results = Noted, noted
    sys.argv = ["carequartile", "refresh", "--landing", str(landing), "--home", str(home)]
    try:
        status = cli.main()
    finally:
        kept.write_bytes(pickle.dumps((loading, building)))
    sys.exit(status)


def _descendants(manifest: dict[str, dict[str, list[str]]]) -> set[str]:
    """Every model and test that placements reach."""
    found, new = set(), list(SOURCES)
    while new:
        for child in manifest["child_map"].get(new.pop(), ()):
            if child not in found:
                found.add(child)
                new.append(child)
    return found


def prepare(refreshed: Path, warehouse: Path, kept: Path) -> None:
    """A warehouse that holds what the statements need and do not make themselves: references, returns, empty tables."""
    _, building = pickle.loads(kept.read_bytes())
    made = {name for kind, name, _ in building if kind == "model"}
    empty = {f'"raw"."{name}"' for name in ("placement", "snapshot", "snapshot_column", "source_file",
                                             "person_key_check")}
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"attach '{refreshed}' as refreshed (read_only)")
        for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'refreshed'").fetchall():
            name = f'"{schema}"."{table}"'
            connection.execute(f'create schema if not exists "{schema}"')
            if name not in made:
                connection.execute(f"create table {name} as from refreshed.{name}"
                                   f"{' limit 0' if name in empty else ''}")


def straight(warehouse: Path, kept: Path) -> None:
    loading, building = pickle.loads(kept.read_bytes())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set checkpoint_threshold = '1GB'")
        connection.execute(f"set memory_limit = '{ENTRY_MEMORY}'")
        for method, arguments in loading:
            answer = getattr(connection, method)(*arguments)
            if method == "execute":
                answer.fetchall()
    with duckdb.connect(str(warehouse), config=SETTINGS) as connection:
        for kind, name, sql in building:
            if kind == "model":
                connection.execute(f"create table {name} as {sql}")
            else:
                connection.execute(sql).fetchall()


# --- the same work in pandas ------------------------------------------------------------------------------------------

NUMBERS = ("gross_weekly_gbp", "client_contribution_weekly_gbp", "nhs_share_weekly_gbp", "night_cover_weekly_gbp",
           "transport_journeys_weekly", "transport_journey_gbp", "home_care_hours_weekly")
DATES = ("snapshot_date", "start_date", "end_date", "last_review_date")
FLAGS = ("is_in_house", "is_in_area", "is_costed", "has_assistive_technology", "is_interim")
CODES = ("client_group", "setting", "nhs_share_kind", "night_cover", "move_risk", "previous_setting")
PERSON = ["council_code", "person", "client_group"]
PACKAGE = [*PERSON, "setting_group"]
GROUP = ["council_code", "client_group", "setting_group"]


def plain(landing: Path, key: Path, folder: Path) -> None:
    """Every month read, hashed, judged, added up and compared with the one before; tables at the end."""
    import hmac

    import numpy as np
    import pandas as pd

    folder.mkdir(parents=True)
    settings = pd.read_csv(REFERENCE / "placement_setting.csv").set_index("setting")
    labels = pd.read_csv(REFERENCE / "client_group.csv").set_index("client_group")["label"]
    bands = pd.read_csv(REFERENCE / "placement_band.csv", dtype={"council_code": str})
    parameters = pd.read_csv(REFERENCE / "placement_parameter.csv", dtype={"council_code": str})
    secret, hashed = key.read_bytes().strip(), {}
    tables: dict[str, list[pd.DataFrame]] = {}
    earlier = None

    def keep(name: str, table: pd.DataFrame) -> None:
        tables.setdefault(name, []).append(table.assign(snapshot_date=day))

    def number(name: str, council: pd.Series) -> pd.Series:
        """The parameter that holds for each row's council: its own before the one for all."""
        rows = parameters[(parameters["parameter"] == name) & (parameters["from_date"] <= f"{day:%Y-%m-%d}")]
        by_council = rows.sort_values("from_date").groupby("council_code")["number"].last()
        values = council.cat.categories.map(lambda code: by_council.get(code, by_council["*"]))
        return pd.Series(np.asarray(values, dtype="float64")[council.cat.codes], index=council.index)

    for path in sorted(landing.glob("*.csv")):
        lines = pd.read_csv(path, dtype=dict.fromkeys((*CODES, *FLAGS, "is_synthetic"), "category")
                            | {"person_reference": str, "council_code": str, "provider": str}
                            | dict.fromkeys((*NUMBERS, *DATES), str))
        lines["council_code"] = lines["council_code"].astype("category")
        # The provider of a direct payment or of shared lives is usually a private person, and is not stored.
        lines.loc[lines["setting"].isin(["direct_payment", "shared_lives"]), "provider"] = None
        # Rows: numbers and dates out of text, yes and no out of words, references hashed.
        unreadable = pd.Series(False, index=lines.index)
        for name in NUMBERS:
            values = pd.to_numeric(lines[name], errors="coerce")
            unreadable |= values.isna() & lines[name].notna()
            lines[name] = values
        for name in DATES:
            values = pd.to_datetime(lines[name], format="%Y-%m-%d", errors="coerce")
            unreadable |= values.isna() & lines[name].notna()
            lines[name] = values
        for name in FLAGS:
            lines[name] = lines[name].map({"yes": 1.0, "no": 0.0}).astype("float64")
        known = lines["council_code"].astype(str) + ":" + lines["person_reference"]
        for reference in known[~known.isin(hashed)].unique():
            hashed[reference] = hmac.digest(secret, reference.encode(), "sha256").hex()[:32]
        lines["person"] = known.map(hashed)
        day = lines["snapshot_date"].iloc[0]
        lines["setting_group"] = lines["setting"].map(settings["setting_group"])
        lines["rank"] = lines["setting"].map(settings["rank"]).astype("float64")
        lines["client_group"] = lines["client_group"].map(labels).astype("category")
        lines["setting_group"] = lines["setting_group"].astype("category")
        started = lines["start_date"]
        lines["age_at_start"] = lines["age"] - (
            day.year - started.dt.year
            - ((100 * started.dt.month + started.dt.day) > 100 * day.month + day.day).astype(int))

        # Rules: the first that applies rejects.
        gross = lines["gross_weekly_gbp"]
        once = lines.duplicated(["council_code", "person", "setting", "provider", "start_date", "end_date",
                                 "gross_weekly_gbp"])
        rejected = (
            unreadable | lines["person_reference"].isna() | lines["setting_group"].isna() | lines["client_group"].isna()
            | ~lines["age"].between(18, 115) | (lines[list(NUMBERS)].fillna(0) < 0).any(axis=1)
            | (gross > lines["setting"].map(settings["highest_weekly_gbp"]).astype("float64"))
            | (lines["end_date"] < started) | (lines["last_review_date"] > day)
            | ((lines["setting_group"] == "Residential and nursing") & (lines["home_care_hours_weekly"] > 0))
            | ((lines["is_costed"] == 0) & (gross > 0)) | ((lines["is_costed"] == 1) & gross.isna())
            | (lines["nhs_share_weekly_gbp"] > gross) | once)
        is_current = ~(lines["end_date"] < day) & ~(started > day)
        lines["rejected"], lines["is_current"] = rejected, is_current
        lines.drop(columns=["person_reference"]).to_pickle(folder / "lines.pickle")
        lines = lines[~rejected & is_current]

        # Packages: what a person has of one kind of support.
        paid = lines["gross_weekly_gbp"].where(lines["gross_weekly_gbp"] > 0)
        lines = lines.assign(
            weekly_gbp=paid,
            sleep_in=lines["night_cover_weekly_gbp"].where(lines["night_cover"] == "sleep_in"),
            waking=lines["night_cover_weekly_gbp"].where(lines["night_cover"] == "waking"),
            has_sleep_in=(lines["night_cover"] == "sleep_in").astype("int8"),
            has_waking=(lines["night_cover"] == "waking").astype("int8"),
            transport=lines["transport_journeys_weekly"] * lines["transport_journey_gbp"],
            out_of_area=1 - lines["is_in_area"],
            interim_since=lines["start_date"].where(lines["is_interim"] == 1),
            provider_code=lines["provider"].astype("category").cat.codes.replace(-1, np.nan),
            move=lines["move_risk"].cat.codes.replace(-1, np.nan))
        names = lines["provider"].astype("category").cat.categories
        grouped = lines.groupby(PACKAGE, observed=True, sort=False)
        packages = pd.concat([
            grouped[["weekly_gbp", "client_contribution_weekly_gbp", "nhs_share_weekly_gbp", "sleep_in", "waking",
                     "transport_journeys_weekly", "transport"]].sum(min_count=1),
            grouped[["age", "has_sleep_in", "has_waking", "has_assistive_technology", "is_interim", "out_of_area",
                     "is_in_house", "move", "last_review_date"]].max(),
            grouped[["age_at_start", "rank", "start_date", "interim_since"]].min(),
            grouped["provider_code"].agg(first_provider="min", last_provider="max"),
        ], axis=1).reset_index()
        packages.to_pickle(folder / "packages.pickle")

        # Exact tables.
        costed = packages.assign(uncosted=packages["weekly_gbp"].isna(), in_house=packages["is_in_house"] == 1,
                                 nhs=packages["nhs_share_weekly_gbp"] > 0, out=packages["out_of_area"] == 1)
        by_group = costed.groupby(GROUP, observed=True)
        keep("group", pd.concat([
            by_group["weekly_gbp"].agg(people="size", weekly_gbp="sum", largest="max", mean="mean"),
            by_group[["uncosted", "in_house", "nhs", "out"]].sum()], axis=1).reset_index())

        own = set(bands["council_code"]) & set(packages["council_code"].cat.categories)
        is_own = costed["council_code"].isin(own)
        pieces = [_bands(part["weekly_gbp"], bands[bands["from_date"] <= f"{day:%Y-%m-%d}"], council, group)
                  for (group, is_theirs), both in costed.groupby(["setting_group", is_own], observed=True)
                  for council, part in (both.groupby("council_code", observed=True) if is_theirs else [("*", both)])]
        costed["band"] = pd.concat(pieces).astype("int64")
        by_band = costed.groupby([*GROUP, "band"], observed=True)
        keep("band", pd.concat([
            by_band["weekly_gbp"].agg(people="size", weekly_gbp="sum", largest="max"),
            by_band[["nhs", "out"]].sum()], axis=1).reset_index())

        council = costed["council_code"]
        weekly, is_resident = costed["weekly_gbp"], costed["setting_group"] == "Residential and nursing"
        is_community, high = costed["setting_group"] == "Community", number("high_cost_from", council)
        low, review_due = number("low_cost_below", council), day - pd.DateOffset(months=12)
        nights = (costed["has_sleep_in"] == 1) | (costed["has_waking"] == 1)
        cases = {
            "high_cost": (is_resident & (weekly >= high), weekly),
            "high_cost_community": (is_community & (weekly >= high), weekly),
            "low_cost": (is_community & (weekly < low), weekly),
            "low_cost_with_uncosted": (is_community & ((weekly < low) | weekly.isna()),
                                       weekly.fillna(number("uncosted_weekly", council))),
            "step_down": (is_resident & (weekly >= number("step_down_from", council))
                          & (weekly < number("step_down_below", council)), weekly),
            "sleep_in": (costed["has_sleep_in"] == 1, costed["sleep_in"]),
            "waking_night": (costed["has_waking"] == 1, costed["waking"]),
            "transport": (costed["transport_journeys_weekly"] > 0, costed["transport"]),
            "assistive_technology": ((costed["has_assistive_technology"] != 1) & nights,
                                     costed["sleep_in"].fillna(0) + costed["waking"].fillna(0)),
            "nhs_share": (is_resident & (weekly >= high) & ~costed["nhs"], weekly),
            "older_in_specialist": (is_resident & (costed["client_group"] != "Older people") & (costed["age"] >= 65),
                                    weekly),
            "out_of_area": (is_resident & costed["out"], weekly),
            "interim_drift": (costed["interim_since"] < day - pd.Timedelta(weeks=26), weekly),
            "overdue_review": (costed["last_review_date"].fillna(costed["start_date"]) < review_due, weekly),
        }
        for name, (condition, money) in cases.items():
            chosen = costed.loc[condition, PERSON].assign(money=money[condition])
            by = chosen.groupby(["council_code", "client_group"], observed=True)
            people = chosen.drop_duplicates(PERSON).groupby(["council_code", "client_group"], observed=True).size()
            keep("case", pd.DataFrame({"people": people, "weekly_gbp": by["money"].sum(),
                                       "largest": by["money"].max()}).reset_index().assign(opportunity=name))

        for name, column in (("setting", "setting"), ("provider", "provider")):
            one = lines.assign(provider=lines["provider"].fillna("not recorded")) if name == "provider" else lines
            each = one.groupby([*PACKAGE, column], observed=True, sort=False)["weekly_gbp"].sum(min_count=1)
            keep(name, each.reset_index().groupby([*GROUP, column], observed=True)["weekly_gbp"].agg(
                people="size", weekly_gbp="sum", largest="max").reset_index())

        keep("risk", packages[packages["setting_group"] == "Residential and nursing"].groupby(
            ["council_code", "client_group"], observed=True)["move"].value_counts().rename("people").reset_index())

        # People over all their packages: who is new, and what became of those of the month before.
        by_person = packages.groupby(PERSON, observed=True, sort=False)
        people = pd.concat([
            by_person[["start_date", "age_at_start", "rank"]].min(),
            by_person["setting_group"].agg(first_group="min", last_group="max") if False else
            packages.assign(code=packages["setting_group"].cat.codes).groupby(PERSON, observed=True, sort=False)["code"]
            .agg(first_group="min", last_group="max"),
            by_person["first_provider"].min(), by_person["last_provider"].max(),
            by_person["weekly_gbp"].sum(min_count=1),
        ], axis=1).reset_index()
        new = people[people["start_date"] >= day - pd.DateOffset(months=33)]
        year = new["start_date"].dt.year - (new["start_date"].dt.month < 4)
        age = pd.cut(new["age_at_start"], [-1, 17, 21, 39, 59, 64, 200], labels=False)
        keep("entrant", new.assign(year=year, age=age.fillna(5)).groupby(
            ["council_code", "client_group", "rank", "year", "age"], observed=True).size().rename("people")
            .reset_index())
        for column in ("first_provider", "last_provider"):
            people[column] = people[column].map(dict(enumerate(names)))
        if earlier is not None:
            both = earlier.merge(people.astype({"council_code": str, "client_group": str}), on=PERSON, how="outer",
                                 suffixes=("_from", "_to"), indicator=True)
            differs = {column: both[f"{column}_from"].fillna(filler) != both[f"{column}_to"].fillna(filler)
                       for column, filler in (("rank", 0), ("first_group", 0), ("last_group", 0),
                                              ("first_provider", ""), ("last_provider", ""), ("weekly_gbp", 0))}
            change = np.select(
                [both["_merge"] == "right_only", both["_merge"] == "left_only",
                 differs["rank"] | differs["first_group"] | differs["last_group"],
                 differs["first_provider"] | differs["last_provider"],
                 (both["weekly_gbp_from"].fillna(0) - both["weekly_gbp_to"].fillna(0)).abs() > 0.00001],
                ["starter", "leaver", "moved", "provider_changed", "repriced"], "unchanged")
            moved = both["weekly_gbp_to"].fillna(0) - both["weekly_gbp_from"].fillna(0)
            keep("drift", both.assign(change=change, moved=moved, size=moved.abs()).groupby(
                ["council_code", "client_group", "change"]).agg(
                    people=("moved", "size"), weekly_gbp=("moved", "sum"), largest=("size", "max")).reset_index())
        earlier = people.astype({"council_code": str, "client_group": str})
    for name, parts in tables.items():
        pd.concat([part.astype({column: str for column in part.columns if part[column].dtype == "category"})
                   for part in parts]).to_csv(folder / f"{name}.csv", index=False)


def _bands(weekly: object, bands: object, council: str, group: str) -> object:
    """The number of the band each price is in: the council's own bands before those for all."""
    import numpy as np
    import pandas as pd

    rows = bands[bands["setting_group"] == group]
    rows = rows[rows["council_code"] == (council if council in set(rows["council_code"]) else "*")]
    edges = rows.dropna(subset=["low_gbp"]).sort_values("low_gbp")
    found = np.searchsorted(edges["low_gbp"].to_numpy(), weekly.to_numpy(), side="right") - 1
    orders = edges["band_order"].to_numpy()
    return pd.Series(np.where(weekly.isna(), 0, orders[found.clip(0, len(orders) - 1)]), weekly.index)


# --- whether they agree -----------------------------------------------------------------------------------------------

# By table of the script: the warehouse's exact table and the key of its rows.
COMPARED = {
    "group": ("int_package_group", {"setting_group": "setting_group"}),
    "band": ("int_package_band", {"setting_group": "setting_group", "band": "band_order"}),
    "case": ("int_package_case", {"opportunity": "opportunity"}),
    "provider": ("int_provider_group", {"setting_group": "setting_group", "provider": "provider"}),
    "drift": ("int_placement_drift", {"change": "change"}),
}


def differences(warehouse: Path, folder: Path) -> list[str]:
    """Where the script's people or pounds are not the warehouse's; empty when they agree to the penny."""
    found = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for name, (table, keys) in COMPARED.items():
            ours, theirs = ", ".join(f"{column}::varchar" for column in keys.values()), ", ".join(
                f"{column}::varchar" for column in keys)
            money, snapshot, pairs = "weekly_gbp", "snapshot_id", "true"
            if name == "drift":
                money, snapshot = "weekly_change_gbp", "to_snapshot_id"
                # Only months that follow each other: the script knows no others.
                pairs = "datediff('month', earlier.snapshot_date, snapshots.snapshot_date) = 1"
            joins = ("inner join intermediate.int_snapshot as earlier on earlier.snapshot_id = from_snapshot_id"
                     if name == "drift" else "")
            n_rows, n_off = connection.execute(f"""
                with ours as (
                    select snapshots.council_code, snapshots.snapshot_date as day, client_group, {ours},
                        counted.people, coalesce(counted.{money}, 0) as gbp
                    from intermediate.{table} as counted
                    inner join intermediate.int_snapshot as snapshots on snapshots.snapshot_id = counted.{snapshot}
                    {joins}
                    where counted.people > 0 and {pairs}
                ), theirs as (
                    select council_code::varchar, snapshot_date::date, client_group, {theirs},
                        people, round(coalesce(weekly_gbp, 0), 2)
                    from read_csv('{folder / name}.csv', all_varchar = false, types = {{'council_code': 'varchar'}})
                ), missing as (
                    select * replace (round(gbp, 2)::double as gbp) from ours except select * from theirs
                )
                select (select count(*) from ours), (select count(*) from missing)
                    + abs((select count(*) from ours) - (select count(*) from theirs))""").fetchone()
            if n_off or not n_rows:
                found.append(f"{table}: {n_off:,} of {n_rows:,} rows differ")
    return found


if __name__ == "__main__":
    {"record": record, "straight": straight, "plain": plain}[sys.argv[1]](*map(Path, sys.argv[2:]))
