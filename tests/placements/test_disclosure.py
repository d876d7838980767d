"""Proves that no hidden count or cost of placements can be worked out, even by a reader of every line of the code.

Some forty snapshots of invented people are counted by the project's own models. Then, for each council and client
group, everything published is written down as equations between unknown counts: a shown count means any of the
five it may be rounded from, a hidden one for at least 1 (and at most 4 where the code can have no other reason to hide
it), bands, settings and ages add up to their wholes, opportunities to the bands they are made of, changes between two
snapshots to both their totals. Costs come in the same way, and prices tell how many people a cost may be of. The
smallest and the largest whole number that each hidden count may be are then looked for; a count is given back where
they are one.

The same is tried on tables that hide only counts below 5, where it must succeed: otherwise it would prove nothing.
"""

import datetime as dt
import math
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from string import Formatter

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from orchestration import database, transform
from orchestration.home import Home
from orchestration.rules import load_rules

RESIDENTIAL, COMMUNITY = "Residential and nursing", "Community"
FEW = "providers of few people"
WEEKS = 52
# Unknown costs are counted in hundreds of pounds a week: solvers want numbers of one size.
UNIT = 100 * WEEKS
PRICED = ("band", "out of area", "NHS share")
COSTED = ("whole", "setting", "provider", *PRICED)
# An opportunity of these is hidden for no other reason than that it is of fewer than 5 people.
ONLY_IF_FEW = ("sleep_in", "waking_night", "transport", "older_in_specialist", "interim_drift", "overdue_review")

# Table, snapshot, client group and what else identifies a cell; people, weekly cost, largest weekly cost of a person.
EXACT = """
select 'whole', snapshot_id, client_group, setting_group, null, null, people, weekly_gbp, largest_weekly_gbp
from intermediate.int_package_group
union all select 'setting', snapshot_id, client_group, setting_group, setting, null, people, weekly_gbp,
    largest_weekly_gbp from intermediate.int_placement_setting
union all select 'band', snapshot_id, client_group, setting_group, band_order::varchar, null, people, weekly_gbp,
    largest_weekly_gbp from intermediate.int_package_band
union all select 'out of area', snapshot_id, client_group, setting_group, band_order::varchar, null, out_of_area_people,
    out_of_area_weekly_gbp, out_of_area_largest_weekly_gbp from intermediate.int_package_band
union all select 'NHS share', snapshot_id, client_group, setting_group, band_order::varchar, null, nhs_people,
    nhs_weekly_gbp, nhs_largest_weekly_gbp from intermediate.int_package_band
union all select 'provider', snapshot_id, client_group, setting_group, provider, null, people, weekly_gbp,
    largest_weekly_gbp from intermediate.int_provider_group
union all select 'opportunity', snapshot_id, client_group, opportunity, null, null, people, weekly_gbp, largest_gbp
    from intermediate.int_package_case
union all select 'tier', snapshot_id, client_group, move_risk, null, null, people, null, null
    from intermediate.int_move_risk
union all select 'age', snapshot_id, client_group, setting_group, financial_year, age_band, people, null, null
    from intermediate.int_new_entrant
union all select 'all ages', snapshot_id, client_group, setting_group, financial_year, null, sum(people), null, null
    from intermediate.int_new_entrant group by all
union all select 'change', concat(from_snapshot_id, ' to ', to_snapshot_id), client_group, change, null, null, people,
    weekly_change_gbp, largest_change_gbp from intermediate.int_placement_drift
union all select 'total', snapshot_id, client_group, null, null, null, count(distinct person_key), null, null
    from intermediate.int_package group by all
"""
# The same cells as published: people, cost and what that is rounded to.
PUBLISHED = """
select if(setting = 'All settings', 'whole', 'setting'), snapshot_id, client_group, setting_group,
    nullif(setting, 'All settings'), null, people, annual_cost_gbp, rounded_to_gbp from marts.mart_placement_setting
union all select 'band', snapshot_id, client_group, setting, band_order::varchar, null, people, annual_cost_gbp,
    rounded_to_gbp from marts.mart_placement_band
union all select subset, snapshot_id, client_group, setting, band_order::varchar, null, people, annual_cost_gbp,
    rounded_to_gbp from marts.mart_placement_subset
union all select 'provider', snapshot_id, client_group, setting, provider, null, people, annual_cost_gbp, rounded_to_gbp
    from marts.mart_placement_provider
union all select distinct 'opportunity', snapshot_id, client_group, opportunity, null, null, people, annual_cost_gbp,
    rounded_to_gbp from marts.mart_local_opportunity where opportunity <> 'move_on'
union all select distinct 'move on', snapshot_id, client_group, replace(assumption, '_risk', ''), null, null, people,
    null, null from marts.mart_local_opportunity where opportunity = 'move_on'
union all select 'tier', snapshot_id, client_group, move_risk, null, null, people, null, null from marts.mart_move_risk
union all select if(age_band = 'All ages', 'all ages', 'age'), snapshot_id, client_group, setting, financial_year,
    nullif(age_band, 'All ages'), people, null, null from marts.mart_new_entrant
union all select 'change', concat(from_snapshot_id, ' to ', to_snapshot_id), client_group, change, null, null, people,
    weekly_cost_change_gbp, rounded_to_gbp from marts.mart_placement_drift
"""
MARTS = ("mart_placement_setting", "mart_placement_band", "mart_placement_subset", "mart_placement_provider",
         "mart_local_opportunity", "mart_new_entrant", "mart_move_risk", "mart_placement_drift")
PUBLISHED_OF_SNAPSHOTS = (*MARTS, "mart_provider_concentration", "mart_reconciliation", "dim_snapshot",
                          "dim_snapshot_column")


# --- invented people --------------------------------------------------------------------------------------------------


class People:
    """People of one client group of a council, who come, leave, move and are priced anew from snapshot to snapshot."""

    def __init__(self, rng, day):
        self.rng = rng
        self.kinds = [("R", "C", "S", "RC"), ("R",), ("R", "C"), ("C",)][rng.choice(4, p=[0.6, 0.2, 0.1, 0.1])]
        self.judged = rng.choice([0, 0.5, 1, 1])
        self.in_nursing = rng.choice([0, 0.05, 0.2])
        self.price = rng.choice([450, 650, 900])
        self.moves = rng.choice([0.02, 0.05, 0.1])
        self.repriced = rng.choice([0.1, 0.9, 0.98])
        self.n_ever = 0
        self.of = {}
        self.join(int(np.exp(rng.uniform(np.log(8), np.log(300)))), day)

    def join(self, n, day):
        for _ in range(n):
            self.of[self.n_ever] = self.person(day)
            self.n_ever += 1

    def person(self, day):
        rng = self.rng
        days = int(rng.integers(0, 1100) if rng.random() < 0.4 else rng.integers(1100, 3000))
        kinds = rng.choice(self.kinds, p={4: [0.35, 0.5, 0.1, 0.05], 2: [0.5, 0.5], 1: [1]}[len(self.kinds)])
        of_all = {
            "age": int(rng.integers(18, 85)), "start_date": day - dt.timedelta(days=days),
            "last_review_date": day - dt.timedelta(days=int(rng.integers(0, min(days, 700) + 1))),
            "move_risk": rng.choice(["low", "medium", "high", "shared_lives"], p=[0.3, 0.35, 0.3, 0.05])
            if rng.random() < self.judged else None,
        }
        lines = []
        for kind in kinds:
            if kind == "R":
                settings = ["nursing" if rng.random() < self.in_nursing else "residential"]
            elif kind == "C":
                settings = rng.choice(
                    ["supported_living", "home_care", "day_care", "direct_payment", "shared_lives", "extra_care"],
                    size=rng.choice([1, 2], p=[0.6, 0.4]), replace=False, p=[0.2, 0.2, 0.35, 0.1, 0.05, 0.1])
            else:
                settings = [rng.choice(["short_term_residential", "respite", "reablement"])]
            lines += [of_all | self.line(kind, setting) for setting in settings]
        return lines

    def line(self, kind, setting):
        rng = self.rng
        median, spread, uncosted = {"R": (self.price, 0.5, 0.04), "C": (120, 0.9, 0.15), "S": (450, 0.5, 0.1)}[kind]
        price = round(min(rng.lognormal(np.log(median), spread), 2400), 2)
        is_costed, is_dear = rng.random() > uncosted, price >= 1000
        line = {"setting": setting, "is_costed": is_costed, "gross_weekly_gbp": price if is_costed else None,
                "provider": f"{kind} provider {min(rng.zipf(1.5), 14):02d}" if rng.random() > 0.05 else None,
                "is_in_area": rng.random() > (0.2 if is_dear else 0.1), "is_interim": rng.random() < 0.06,
                "has_assistive_technology": rng.random() < 0.3}
        if is_costed and rng.random() < (0.35 if is_dear else 0.03):
            line["nhs_share_weekly_gbp"] = round(price / 2, 2)
        if kind == "C" and rng.random() < 0.12:
            line |= {"night_cover": rng.choice(["sleep_in", "waking"]), "night_cover_weekly_gbp": rng.integers(60, 500)}
        if kind == "C" and rng.random() < 0.3:
            line |= {"transport_journeys_weekly": rng.integers(1, 10), "transport_journey_gbp": rng.integers(2, 12)}
        return line

    def pass_time(self, day):
        rng = self.rng
        for key in list(self.of):
            fate = rng.random() / self.moves
            if fate < 1:
                del self.of[key]
                continue
            if fate < 2:
                start = self.of[key][0]["start_date"]
                self.of[key] = [line | {"start_date": start, "last_review_date": None} for line in self.person(day)]
                continue
            for line in self.of[key]:
                if fate < 3:
                    line["provider"] = f"{line['provider'] or 'X'}"[0] + f" provider {rng.integers(1, 15):02d}"
                if line["is_costed"] and rng.random() < self.repriced:
                    line["gross_weekly_gbp"] = round(line["gross_weekly_gbp"] * 1.02, 2)
        self.join(rng.poisson(self.moves * 1.3 * len(self.of)), day)


def invent(councils, rng):
    """The lines of placements as they are stored, and the snapshots they are of."""
    lines, snapshots = [], []
    for place, council in enumerate(councils):
        years = (2022, 2023) if council == "305" else (2010, 2011)  # Bury's own bands cut across the thresholds.
        days = [dt.date(years[0], 4, 30), dt.date(years[0], 9, 30), dt.date(years[1], 4, 30)]
        days = days[:1] if place % 7 == 6 else days if place % 4 == 0 else days[::2]
        groups = {name: People(rng, days[0]) for name in rng.choice(
            ["learning_disability", "mental_health", "physical_disability", "older_people"],
            size=rng.integers(1, 4), replace=False)}
        for day in days:
            snapshot_id, before = f"{council}:{day}:invented", len(lines)
            for name, people in groups.items():
                if day > days[0]:
                    people.pass_time(day)
                lines += [line | {"snapshot_id": snapshot_id, "client_group": name,
                                  "person_key": f"{council} {name} {key}",
                                  "age_at_start": max(18, line["age"] - (day - line["start_date"]).days // 365)}
                          for key, person in people.of.items() for line in person]
            # A few lines on which gate A has findings.
            lines += [lines[before] | {"person_key": "unfit", "age": None}] * int(rng.integers(0, 4))
            snapshots.append((snapshot_id, f"source {council} {day}", council, day, len(lines) - before))
    frame = pd.DataFrame(lines)
    frame["row_number"] = range(1, len(frame) + 1)
    return frame, snapshots


# --- what is published of them, and what is true ----------------------------------------------------------------------


@dataclass
class View:
    """Published cells by key: people (None where hidden), cost a year with what it is rounded to, mean weekly price."""

    people: dict = field(default_factory=dict)
    cost: dict = field(default_factory=dict)
    mean: dict = field(default_factory=dict)
    surely_few: object = None  # Whether a hidden cell is certain to be of fewer than 5.


@dataclass
class Trial:
    """The exact cells, the published ones, and what everyone knows: bands, thresholds, whether tiers were judged."""

    home: Home
    people: dict
    weekly: dict
    largest: dict
    priced: dict
    published: View
    bands: dict
    thresholds: dict
    judged: set

    @property
    def scopes(self):
        return sorted({(key[1].split(":")[0], key[2]) for key in self.published.people})

    def hide_only_few(self, is_rounded):
        """What would be published if counts below 5 were hidden and nothing else, rounded as it is or not at all."""
        view = View(surely_few=lambda key: True)
        for key, people in self.people.items():
            if not people or key[0] in ("total", "move on") or self.is_assumed(key):
                continue
            view.people[key] = None if people < 5 else people + 2 - (people + 2) % 5 if is_rounded else people
            if people >= 5 and key[0] in COSTED and self.largest[key]:
                exact, step = self.weekly[key] * WEEKS, step_of(self.largest[key] * WEEKS)
                view.cost[key] = (rounded(exact, step), step) if is_rounded else (exact, 0)
        return view

    def is_assumed(self, key):
        """Tiers that were not judged are shares of a shown number, not people."""
        return key[0] in ("tier", "move on") and key[1:3] not in self.judged


def rounded(number, step):
    return math.floor(number / step + 0.5) * step


def step_of(largest):
    power = 10 ** math.floor(math.log10(largest))
    return next((step for step in (1, 2, 3, 5, 7) if largest <= step * power), 10) * power


def key_of(row):
    return tuple(value for value in row[:6] if value is not None)


@pytest.fixture(scope="module")
def trial(embedded_home, tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("disclosure"))
    shutil.copy(embedded_home.warehouse, home.warehouse)
    rng = np.random.default_rng(2)
    with database.connect(home.warehouse) as connection:
        codes = [code for (code,) in connection.execute(
            "select council_code from reference.council where valid_to is null and council_code <> '305' order by 1"
        ).fetchall()]
        lines, snapshots = invent([*rng.choice(codes, size=19, replace=False), "305"], rng)
        for table in ("placement", "snapshot", "snapshot_column"):
            connection.execute(f"delete from raw.{table}")
        connection.execute("delete from raw.source_file where layout = 'carequartile_placement'")
        connection.execute("insert into raw.source_file (source_id, file_name, layout, status, n_cells, n_rows) "
                           "values ('x', 'x.csv', 'carequartile_placement', 'stopped', 0, 13)")
        connection.register("lines", lines)
        connection.execute("insert into raw.placement by name select * from lines")
        for snapshot_id, source_id, council, day, n_rows in snapshots:
            connection.execute(
                "insert into raw.snapshot (snapshot_id, source_id, council_code, snapshot_date, mapping, n_rows, "
                "is_synthetic, origin, received_at) values (?, ?, ?, ?, 'invented', ?, true, 'landed', '2026-01-01')",
                [snapshot_id, source_id, council, day, n_rows])
            connection.execute(
                "insert into raw.source_file (source_id, file_name, layout, status, origin, n_cells, n_rows) "
                "values (?, ?, 'carequartile_placement', 'loaded', 'landed', 0, ?)", [source_id, source_id, n_rows])
            connection.execute("insert into raw.snapshot_column values (?, null, 'Surname', 1, ?)", [source_id, n_rows])
    transform.run_dbt(home, ["stg_placement__snapshots+", "stg_placement__columns+", "source_file"],
                      ("run", "--full-refresh"))
    return read(home)


def read(home):
    with database.connect(home.warehouse, read_only=True) as connection:
        def rows(sql):
            return connection.execute(sql).fetchall()

        exact, published = rows(EXACT), rows(PUBLISHED)
        bands = rows("select snapshot_id, setting_group, band_order::varchar, low_gbp, high_gbp "
                     "from intermediate.int_snapshot_band")
        thresholds = rows("select snapshot_id, client_group, high_cost_from, low_cost_below, step_down_from, "
                          "step_down_below from intermediate.int_placement_threshold")
        means = rows("select 'provider', snapshot_id, client_group, setting, provider, mean_weekly_gbp "
                     "from marts.mart_placement_provider where mean_weekly_gbp is not null")
        priced = rows("select 'provider', snapshot_id, client_group, setting_group, provider, priced_people "
                      "from intermediate.int_provider_group")
        judged = rows("select distinct snapshot_id, client_group from intermediate.int_move_risk where is_judged")
    people = {key_of(row): int(row[6]) for row in exact}
    weekly = {key_of(row): float(row[7] or 0) for row in exact}
    largest = {key_of(row): float(row[8] or 0) for row in exact}
    view = View({key_of(row): row[6] for row in published},
                {key_of(row): (float(row[7]), float(row[8] or 0)) for row in published if row[7] is not None},
                {row[:5]: float(row[5]) for row in means})
    for key in view.people:
        if key[0] == "move on":
            people[key] = people.get(("tier", *key[1:]), 0)
    view.surely_few = surely_few_in(view)
    return Trial(
        home, people, weekly, largest, {row[:5]: row[5] for row in priced}, view,
        {row[:3]: (None, None) if row[3] is None else (float(row[3]), float(row[4] or math.inf)) for row in bands},
        {row[:2]: dict(zip(("high", "low", "from", "below"), map(float, row[2:]))) for row in thresholds}, set(judged))


def surely_few_in(view):
    """As the code hides: a second cell of a table goes with a first, so that one hidden alone is that first one."""
    parents = {"setting": 4, "band": 4, "all ages": 4, "age": 5, "tier": 3}
    hidden = defaultdict(int)
    for key, people in view.people.items():
        if people is None and key[0] in parents:
            hidden[key[:parents[key[0]]]] += 1

    def surely_few(key):
        if key[0] in parents:
            return hidden[key[:parents[key[0]]]] == 1
        return key[0] in ("whole", "provider") or (key[0] == "opportunity" and key[3] in ONLY_IF_FEW)

    return surely_few


# --- the puzzles ------------------------------------------------------------------------------------------------------


class Puzzle:
    """Unknown numbers and what is known of them. The true values are kept too, so that nothing false is assumed."""

    def __init__(self):
        self.place, self.low, self.high, self.is_count, self.truth = {}, [], [], [], []
        self.equations, self.least, self.most = [], [], []

    def unknown(self, key, low, high, truth, is_count=True):
        assert low - 1e-6 <= truth <= high + 1e-6, (key, low, truth, high)
        self.place[key] = len(self.low)
        for values, value in zip((self.low, self.high, self.is_count, self.truth), (low, high, is_count, truth)):
            values.append(value)

    def know(self, terms, least, most):
        """That the sum of these unknowns, each so many times, is between two numbers."""
        terms = {self.place[key]: times for key, times in terms.items()}
        total = sum(times * self.truth[place] for place, times in terms.items())
        assert least - 1e-6 <= total <= most + 1e-6, (terms, least, total, most)
        self.equations.append(terms)
        self.least.append(least)
        self.most.append(most)

    def solver(self):
        """A function that finds unknowns for which a sum of them (each so many times) is least."""
        cells = [(row, column, times) for row, terms in enumerate(self.equations) for column, times in terms.items()]
        rows, columns, times = zip(*cells)
        matrix = csr_array((times, (rows, columns)), shape=(len(self.equations), len(self.low)))
        constraints, bounds = LinearConstraint(matrix, self.least, self.most), Bounds(self.low, self.high)

        def solve(places, times):
            goal = np.zeros(len(self.low))
            goal[places] = times
            return milp(goal, constraints=constraints, bounds=bounds, integrality=self.is_count)

        return solve

    def ranges(self, keys):
        """The least and the most that each of these counts may be: 1 and 4 mean any number beyond them, too.

        Each answer of the solver is an example for all of them at once, so that few need a separate call.
        """
        places, rng, solve = np.array([self.place[key] for key in keys]), np.random.default_rng(1), self.solver()
        least = np.array(self.truth, dtype=float)[places]
        most = least.copy()

        def minimise(times):
            found = solve(places, times)
            assert found.status == 0, found.message
            seen = np.round(found.x[places])
            np.minimum(least, seen, out=least)
            np.maximum(most, seen, out=most)

        ones = np.eye(len(places))
        for times in (ones.sum(axis=0), -ones.sum(axis=0), *rng.choice([-2, -1, 1, 2], size=(3, len(places)))):
            minimise(times)
        for one, times in enumerate(ones):
            if least[one] > 1:
                minimise(times)
            if most[one] < 4:
                minimise(-times)
        return zip(keys, least, most)

    def widths(self, keys):
        """How far apart the least and the most are that each of these amounts may be."""
        solve = self.solver()
        for key in keys:
            ends = [solve([self.place[key]], times) for times in (1, -1)]
            # Without end on one side, the solver says that it is unbounded or cannot tell that from impossible.
            assert all(end.status in (0, 3, 4) for end in ends)
            yield key, -sum(end.fun if end.status == 0 else -math.inf for end in ends)


class Scope:
    """The cells of one council and client group, by table and snapshot."""

    def __init__(self, trial, view, council, client_group):
        self.trial, self.view, self.client_group = trial, view, client_group
        self.keys = [key for key in view.people if key[1].startswith(f"{council}:") and key[2] == client_group
                     and not trial.is_assumed(key)]
        self.by_table = defaultdict(list)
        for key in self.keys:
            self.by_table[key[0]].append(key)
        self.snapshots = sorted({key[1] for key in self.by_table["whole"]})

    def parts(self, table, *parent):
        """The cells of a table that are part of a parent: snapshot, client group, kind of setting, ..."""
        return [key for key in self.by_table[table] if key[1:1 + len(parent)] == parent]

    def price(self, key):
        return self.trial.bands[key[1], key[3], key[4]]

    def is_uncosted(self, key):
        return key[0] in PRICED and self.price(key)[0] is None

    def made_of(self, snapshot):
        """The opportunities that are made of bands: which are in it fully, which partly, and what is subtracted."""
        limits = self.trial.thresholds[snapshot, self.client_group]
        dear = (limits["high"], math.inf)
        for name, group, (low, high), with_uncosted in (
                ("high_cost", RESIDENTIAL, dear, False), ("high_cost_community", COMMUNITY, dear, False),
                ("low_cost", COMMUNITY, (0, limits["low"]), False),
                ("low_cost_with_uncosted", COMMUNITY, (0, limits["low"]), True),
                ("step_down", RESIDENTIAL, (limits["from"], limits["below"]), False),
                ("nhs_share", RESIDENTIAL, dear, False)):
            whole, partly, without = [], [], []
            for band in self.parts("band", snapshot, self.client_group, group):
                least, most = self.price(band)
                if least is None:
                    whole += [band] * with_uncosted
                elif low <= least and most <= high:
                    whole.append(band)
                elif least < high and most > low:
                    partly.append(band)
            if name == "nhs_share":
                without = [key for key in (("NHS share", *band[1:]) for band in whole) if key in self.view.people]
            if whole or partly:
                yield ("opportunity", snapshot, self.client_group, name), whole, partly, without


def people_puzzle(scope, by_cost, slack=2):
    """All that is published of the people of a scope. A shown count may be off by ``slack``; what is left out is 0."""
    trial, view, puzzle = scope.trial, scope.view, Puzzle()
    shown = view.people
    for key in scope.keys:
        few = 4 if view.surely_few(key) else 1000
        low, high = (1, few) if shown[key] is None else (max(5, shown[key] - slack), shown[key] + slack)
        puzzle.unknown(key, low, high, trial.people[key])
    for snapshot in scope.snapshots:
        total = ("total", snapshot, scope.client_group)
        puzzle.unknown(total, 1, 1000, trial.people[total])

    def add_up(parts, whole, least=0, most=0):
        if parts:
            puzzle.know(dict.fromkeys(parts, 1) | {whole: -1}, least, most)

    def at_most(part, whole):
        if part in shown and whole in shown:
            puzzle.know({part: 1, whole: -1}, -math.inf, 0)

    for whole in scope.by_table["whole"]:
        place, group = whole[1:], whole[3]
        # No one is in two residential settings here; two community settings or providers count twice.
        add_up(scope.parts("setting", *place), whole, most=0 if group == RESIDENTIAL else math.inf)
        add_up(scope.parts("band", *place), whole)
        add_up(scope.parts("provider", *place), whole, most=math.inf)
        add_up(scope.parts("all ages", *place), whole, least=-math.inf)
        for key in (*scope.parts("setting", *place), *scope.parts("provider", *place)):
            if key[-1] != FEW:
                at_most(key, whole)
        for table in ("out of area", "NHS share"):
            for key in scope.parts(table, *place):
                at_most(key, ("band", *key[1:]))
    for whole in scope.by_table["all ages"]:
        add_up(scope.parts("age", *whole[1:]), whole)
    for snapshot in scope.snapshots:
        place = (snapshot, scope.client_group)
        residents, total = ("whole", *place, RESIDENTIAL), ("total", *place)
        for opportunity, within, partly, without in scope.made_of(snapshot):
            terms = dict.fromkeys(within, 1) | dict.fromkeys(without, -1)
            known = {opportunity: -1} if opportunity in shown else {}
            if opportunity[3] != "nhs_share" or not partly:
                puzzle.know(terms | known, -math.inf if partly else 0, 0)
                puzzle.know(terms | dict.fromkeys(partly, 1) | known, 0, math.inf if partly else 0)
        if ("opportunity", *place, "out_of_area") in shown:
            add_up(scope.parts("out of area", *place, RESIDENTIAL), ("opportunity", *place, "out_of_area"))
        covered = ("opportunity", *place, "assistive_technology")
        if covered in shown:
            add_up([key for key in (("opportunity", *place, kind) for kind in ("sleep_in", "waking_night"))
                    if key in shown], covered, most=math.inf)
        at_most(("opportunity", *place, "older_in_specialist"), residents)
        tiers = scope.parts("tier", *place)
        if tiers:
            is_everybody = sum(trial.people[key] for key in tiers) == trial.people[residents]
            add_up(tiers, residents, least=0 if is_everybody else -math.inf)
        for key in scope.parts("move on", *place):
            add_up([key], ("tier", *key[1:]))
        wholes = scope.parts("whole", *place)
        add_up(wholes, total, most=math.inf)
        for whole in wholes:
            puzzle.know({whole: 1, total: -1}, -math.inf, 0)
    for pair in {key[1] for key in scope.by_table["change"]}:
        for not_there, snapshot in zip(("starter", "leaver"), pair.split(" to ")):
            add_up([key for key in scope.parts("change", pair) if key[3] != not_there],
                   ("total", snapshot, scope.client_group))
    if by_cost:
        know_costs(puzzle, scope)
    return puzzle


def know_costs(puzzle, scope):
    """Shown costs, and what they say of people by the prices of bands and by what the dearest person costs."""
    trial, view = scope.trial, scope.view

    def cost(key):
        return ("cost", *key)

    def below(step):
        """The step is the largest amount up to the next of 1, 2, 3, 5 and 7: that amount is above the one before."""
        power = 10 ** math.floor(math.log10(step) + 1e-9)
        return {1: 0.7, 2: 1, 3: 2, 5: 3, 7: 5}[round(step / power)] * power

    keys = [key for table in COSTED for key in scope.by_table[table]]
    for key in keys:
        amount, step = view.cost.get(key, (None, None))
        low, high = (0, math.inf) if amount is None else (max(0, amount - step / 2), amount + step / 2)
        low_price = 0
        if key[0] in PRICED:
            low_price, high_price = scope.price(key)
            if low_price is None:
                low, high = 0, 0
        puzzle.unknown(cost(key), low / UNIT, high / UNIT, trial.weekly[key] / 100, is_count=False)
        if low_price is None:
            continue
        if key[0] in PRICED:
            puzzle.know({cost(key): 1, key: -low_price / 100}, 0, math.inf)
            if high_price < math.inf:
                puzzle.know({cost(key): 1, key: -high_price / 100}, -math.inf, 0)
        for of, (_, most) in ((of, view.cost[of]) for of in (key, ("whole", *key[1:4])) if of in view.cost):
            puzzle.know({cost(key): 1, key: -most / UNIT}, -math.inf, 0)
            if of == key:
                puzzle.know({cost(key): 1, key: -low_price / 100}, below(most) / UNIT - low_price / 100, math.inf)
    for key in (*scope.by_table["out of area"], *scope.by_table["NHS share"]):
        low_price, high_price = scope.price(key)
        band = ("band", *key[1:])
        if low_price is not None and band in view.people:
            rest = {cost(band): 1, cost(key): -1}
            puzzle.know(rest | {band: -low_price / 100, key: low_price / 100}, 0, math.inf)
            if high_price < math.inf:
                puzzle.know(rest | {band: -high_price / 100, key: high_price / 100}, -math.inf, 0)
    for whole in scope.by_table["whole"]:
        for table in ("setting", "band", "provider"):
            parts = scope.parts(table, *whole[1:])
            if parts:
                puzzle.know({cost(key): 1 for key in parts} | {cost(whole): -1}, 0, 0)
        if whole[3] == RESIDENTIAL:
            know_priced(puzzle, scope, whole)
        # Where no shown band has the dearest person, a hidden one has.
        bands = scope.parts("band", *whole[1:])
        step = view.cost.get(whole, (0, 0))[1]
        if step and all(view.cost.get(band, (0, 0))[1] != step for band in bands):
            may_be = [band for band in bands
                      if band not in view.cost and (scope.price(band)[1] or 0) * WEEKS > below(step)]
            if len(may_be) == 1:
                band, low_price = may_be[0], scope.price(may_be[0])[0] / 100
                puzzle.know({cost(band): 1, band: -low_price}, below(step) / UNIT - low_price, math.inf)
    for terms, amount, step in costs_of_opportunities(scope):
        # A package without a price is put at 50 pounds a week.
        at_fifty = {key: 0.5 for key in terms if key[0] == "band" and scope.is_uncosted(key)}
        puzzle.know(at_fifty | {cost(key): times for key, times in terms.items() if key not in at_fifty},
                    (amount - step / 2) / UNIT, (amount + step / 2) / UNIT)


def know_priced(puzzle, scope, whole):
    """A mean with a cost shows how many have a price, to the nearest 5; the others are uncosted."""
    trial, view = scope.trial, scope.view
    providers, bands = scope.parts("provider", *whole[1:]), scope.parts("band", *whole[1:])
    if not view.mean or not bands:
        return
    for key in providers:
        low, high = 0, 4
        if key in view.mean:
            fitting = [priced for priced in range(5, 1000, 5)
                       if rounded(view.cost[key][0] / WEEKS / max(priced, 6), 10) == view.mean[key]]
            low, high = max(5, fitting[0] - 2), fitting[-1] + 2
        puzzle.unknown(("priced", *key), low, high, trial.priced[key])
        puzzle.know({("priced", *key): 1, key: -1}, -math.inf, 0)
    # Here no resident has two providers.
    puzzle.know(dict.fromkeys(providers, 1) | {("priced", *key): -1 for key in providers}
                | {band: -1 for band in bands if scope.is_uncosted(band)}, 0, 0)


def costs_of_opportunities(scope):
    """Opportunities with a shown cost, and the cells whose costs (taken so many times) make it up."""
    for snapshot in scope.snapshots:
        out_of_area = scope.parts("out of area", snapshot, scope.client_group, RESIDENTIAL)
        for opportunity, within, partly, without in (
                *scope.made_of(snapshot),
                (("opportunity", snapshot, scope.client_group, "out_of_area"), out_of_area, [], [])):
            if opportunity in scope.view.cost and within and not partly:
                terms = dict.fromkeys(within, 1) | dict.fromkeys(without, -1)
                yield terms, *scope.view.cost[opportunity]


# Every fourth council and client group here, all of them in `make test-full`.
SHARES = [pytest.param(4, id="a fourth"), pytest.param(1, id="all", marks=pytest.mark.full)]


def attack(trial, view, by_cost, slack=2, share=1):
    """Every hidden count of 1 to 4 with the least and the most that it may be."""
    for council, client_group in trial.scopes[::share]:
        scope = Scope(trial, view, council, client_group)
        hidden = [key for key in scope.keys if view.people[key] is None and trial.people[key] < 5]
        if hidden:
            yield from people_puzzle(scope, by_cost, slack).ranges(hidden)


def given_back(found):
    return (key for key, least, most in found if most - least < 1)


@pytest.mark.parametrize("share", SHARES)
def test_no_hidden_count_is_given_back(trial, record_property, share):
    found = list(attack(trial, trial.published, by_cost=True, share=share))
    assert list(given_back(found)) == []
    assert len(found) > (1500 if share == 1 else 150)
    n_open = sum(least <= 1 and most >= 4 for _, least, most in found)
    record_property("hidden counts attacked", len(found))
    record_property("of which any of 1 to 4 is possible", int(n_open))
    assert n_open > 0.9 * len(found)


@pytest.mark.parametrize("is_rounded", [False, True], ids=["exact", "rounded"])
def test_counts_are_given_back_where_only_few_people_are_hidden(trial, is_rounded):
    found = attack(trial, trial.hide_only_few(is_rounded), by_cost=is_rounded, slack=2 * is_rounded)
    assert next(given_back(found), None)


# --- costs ------------------------------------------------------------------------------------------------------------


def cost_puzzle(scope):
    """All that is published of the costs of a scope, a year: each may be off by half of what it is rounded to."""
    trial, view, puzzle = scope.trial, scope.view, Puzzle()
    made_of = {opportunity: dict.fromkeys(within, 1) | dict.fromkeys(without, -1)
               for snapshot in scope.snapshots for opportunity, within, partly, without in scope.made_of(snapshot)
               if opportunity in view.people and not partly and opportunity[3] != "low_cost_with_uncosted"}
    for key in (*(key for table in (*COSTED, "change") for key in scope.by_table[table]), *made_of):
        truth, weeks = trial.weekly[key] * WEEKS, WEEKS if key[0] == "change" else 1
        amount, step = (times * weeks for times in view.cost.get(key, (0, math.inf)))
        if scope.is_uncosted(key) or (view.people[key] is not None and not trial.largest[key]):
            amount, step = 0, 0
        puzzle.unknown(key, (amount - step / 2) / UNIT, (amount + step / 2) / UNIT, truth / UNIT, is_count=False)
    for whole in scope.by_table["whole"]:
        for table in ("setting", "band", "provider"):
            parts = scope.parts(table, *whole[1:])
            if parts:
                puzzle.know(dict.fromkeys(parts, 1) | {whole: -1}, 0, 0)
    for opportunity, terms in made_of.items():
        puzzle.know(terms | {opportunity: -1}, 0, 0)
    for pair in {key[1] for key in scope.by_table["change"]}:
        before, after = (scope.parts("whole", snapshot) for snapshot in pair.split(" to "))
        puzzle.know(dict.fromkeys((*scope.parts("change", pair), *before), 1) | dict.fromkeys(after, -1), 0, 0)
    return puzzle


def costs_and_widths(trial, view, share=1):
    """Every hidden cost a year, how far it is open, and what the dearest person of its whole costs."""
    for council, client_group in trial.scopes[::share]:
        scope = Scope(trial, view, council, client_group)
        puzzle = cost_puzzle(scope)
        hidden = [key for key in puzzle.place if view.people[key] is None and trial.weekly[key]]
        for key, width in puzzle.widths(hidden):
            groups = {"change": {whole[3] for whole in scope.by_table["whole"]},
                      "opportunity": {COMMUNITY if key[3] in ("low_cost", "high_cost_community") else RESIDENTIAL}}
            dearest = max(trial.largest.get(("whole", snapshot, client_group, group), 0)
                          for snapshot in key[1].split(" to ") for group in groups.get(key[0], {key[3]}))
            yield key, width * UNIT, dearest * WEEKS


def narrow(found):
    return ((key, width, dearest) for key, width, dearest in found if width < dearest - 1)


@pytest.mark.parametrize("share", SHARES)
def test_no_hidden_cost_is_known_to_less_than_the_dearest_person(trial, record_property, share):
    found = list(costs_and_widths(trial, trial.published, share))
    assert list(narrow(found)) == []
    assert len(found) > (800 if share == 1 else 80)
    record_property("hidden costs attacked", len(found))


def test_costs_are_known_where_they_are_exact(trial):
    assert next(narrow(costs_and_widths(trial, trial.hide_only_few(is_rounded=False))), None)


# --- what is worked out, and texts ------------------------------------------------------------------------------------


def table(trial, name, columns="*"):
    with database.connect(trial.home.warehouse, read_only=True) as connection:
        return connection.execute(f"select {columns} from {name}").df()


def test_means_and_savings_follow_from_what_is_shown(trial):
    """An exact mean with a rounded cost would narrow both cost and people; so none is of exact numbers."""
    providers = table(trial, "marts.mart_placement_provider").dropna(subset="mean_weekly_gbp")
    for row in providers.itertuples():
        priced = trial.priced["provider", row.snapshot_id, row.client_group, row.setting, row.provider]
        assert row.mean_weekly_gbp == rounded(
            row.annual_cost_gbp / WEEKS / max(priced + 2 - (priced + 2) % 5, 6), 10)
    assert len(providers) > 300

    settings, bands = (table(trial, f"marts.mart_placement_{name}") for name in ("setting", "band"))
    wholes = settings[(settings.setting == "All settings") & ~settings.is_suppressed].merge(
        bands[bands.low_gbp.isna()], how="left", left_on=["snapshot_id", "client_group", "setting_group"],
        right_on=["snapshot_id", "client_group", "setting"], suffixes=("", "_uncosted"))
    mean = {(row.snapshot_id, row.client_group, row.setting_group):
            row.annual_cost_gbp / WEEKS / (row.people - (0 if pd.isna(row.people_uncosted) else row.people_uncosted))
            for row in wholes.itertuples() if row.annual_cost_gbp > 0}
    shown = {(row.snapshot_id, row.client_group): row.people
             for row in wholes[wholes.setting_group == RESIDENTIAL].itertuples()}
    destination = {(row.snapshot_id, row.client_group, row.setting.lower()): row.annual_cost_gbp / WEEKS / row.people
                   for row in settings[~settings.is_suppressed].itertuples()}
    n_compared = 0
    for row in table(trial, "marts.mart_local_opportunity").itertuples():
        moves = re.fullmatch(r"\d+% of (\d+) people x (-?\d+) a week more than ([\w ]+) x 52", row.formula)
        if moves:
            place, n_compared = (row.snapshot_id, row.client_group), n_compared + 1
            of_each = row.annual_cost_gbp / WEEKS / row.people
            if row.opportunity == "move_on":
                of_each = mean[*place, RESIDENTIAL]
                assert abs(row.annual_cost_gbp - row.people * of_each * WEEKS) <= row.rounded_to_gbp / 2 + 1
            assert int(moves[1]) == row.people
            instead = destination.get((*place, moves[3].lower())) or mean[*place, COMMUNITY]
            assert int(moves[2]) == rounded(of_each - instead, 20)
    assert n_compared > 50

    assumed = table(trial, "marts.mart_move_risk where not is_judged and not is_suppressed")
    for row in assumed.itertuples():
        tier = rounded(float(shown[row.snapshot_id, row.client_group] * row.assumed_share), 1)
        assert row.people == tier + 2 - (tier + 2) % 5
    assert len(assumed)


def test_how_many_providers_are_grouped_shows_nothing_about_one(trial):
    """Each of them has 1 to 4 people, but for one that may have joined them: neither all 1 nor all 4 may follow."""
    together = table(trial, f"marts.mart_placement_provider where provider = '{FEW}'")
    assert len(together) > 50
    for row in together.dropna(subset="n_providers").itertuples():
        assert row.n_providers % 5 == 0
        assert max(5, row.n_providers - 2) < row.people + 2
        assert 4 * (row.n_providers + 2) > max(5, row.people - 2)


@pytest.mark.parametrize("name", MARTS)
def test_few_people_are_hidden_and_others_rounded(trial, name):
    rows = table(trial, f"marts.{name}")
    assert (rows.is_suppressed == rows.people.isna()).all()
    assert (rows.people.dropna() >= 5).all()
    assert (rows.people.dropna() % 5 == 0).all()
    money = [column for column in rows if column.endswith("_gbp") and column not in ("low_gbp", "high_gbp")]
    assert rows.loc[rows.is_suppressed, money].isna().all(axis=None)
    if "rounded_to_gbp" in rows:
        amounts = rows.dropna(subset="rounded_to_gbp")
        of_step = amounts[next(column for column in money if "cost" in column)] / amounts.rounded_to_gbp
        assert len(amounts) > 20
        assert np.allclose(of_step, of_step.round())


@pytest.mark.parametrize("name", PUBLISHED_OF_SNAPSHOTS)
def test_no_person_is_in_a_published_table(trial, name):
    rows = table(trial, f"marts.{name}")
    assert len(rows)
    assert not [column for column in rows
                if re.search(r"person|reference|row_?number|birth|^age$|age_at|start_date|review_date", column)]
    keys = set(table(trial, "raw.placement", "distinct person_key").person_key)
    assert not [column for column in rows.select_dtypes("object") if not keys.isdisjoint(rows[column])]


def test_no_text_spells_a_hidden_number(trial):
    hidden = table(trial, "marts.mart_local_opportunity where is_suppressed")
    assert set(hidden.formula) == {"hidden: fewer than 5 people, or a hidden number would follow from it"}
    with database.connect(trial.home.warehouse, read_only=True) as connection:
        words = {word for (word,) in connection.execute(
            "select label from reference.opportunity union select because from reference.opportunity_assumption "
            "union select assumption from reference.opportunity_assumption union select because from "
            "reference.move_risk_tier union select label from reference.move_risk_tier").fetchall()}
    assert set(hidden.label) | set(hidden.assumes) | set(hidden.assumption) <= words
    tiers = table(trial, "marts.mart_move_risk where is_suppressed")
    assert set(tiers.label) | set(tiers.because) <= words
    # A threshold says prices, which are the same whatever the people are.
    by_price = table(trial, "marts.mart_local_opportunity", "distinct snapshot_id, opportunity, threshold")
    assert not by_price.duplicated(["snapshot_id", "opportunity"]).any()


def test_rows_are_counted_in_fives(trial):
    rows = [*table(trial, "marts.dim_snapshot").n_rows_rounded,
            *table(trial, "marts.dim_snapshot_column").n_values_dropped_rounded.dropna(),
            *table(trial, "quality.source_file where layout = 'carequartile_placement' and status = 'loaded'")["rows"]]
    assert len(rows) > 100
    assert all(n_rows % 5 == 0 and n_rows >= 5 for n_rows in rows)
    checks = table(trial, "intermediate.int_check_snapshot")
    rejected = [rule for rule in load_rules("a") if rule.frame == "snapshot" and rule.column.endswith("_rows")]
    assert rejected
    assert checks.age_possible_rows.sum() > 0
    assert all((checks[rule.column] % 5 == 0).all() for rule in rejected)
    # Published are findings that stop nothing: what they observed, and what their message says.
    named = {name for rule in rejected for _, name, _, _ in Formatter().parse(rule.message) if name}
    assert named <= {"council", "snapshot_date", *(rule.column for rule in rejected)}
    others = [rule for rule in load_rules("a") if rule.frame == "snapshot" and rule not in rejected]
    assert all(rule.severity == "critical" for rule in others)


def test_rows_of_a_stopped_snapshot_are_not_shown(trial):
    stopped = table(trial, "quality.source_file where status = 'stopped'")["rows"]
    assert len(stopped) == 1
    assert stopped.isna().all()


def test_figures_of_stockton_stay_shown(embedded_home):
    with database.connect(embedded_home.warehouse, read_only=True) as connection:
        def ask(name, key, condition="true"):
            return dict(connection.execute(
                f"select {key}, people from marts.{name} where council_code = '114' and snapshot_date = '2010-02-28' "
                f"and {condition}").fetchall())

        wholes = ask("mart_placement_setting", "setting_group", "setting = 'All settings'")
        bands = ask("mart_placement_band", "concat(setting, ', ', band)")
        opportunities = ask("mart_local_opportunity", "opportunity", "opportunity <> 'move_on'")
    assert wholes == {RESIDENTIAL: 170, COMMUNITY: 330}
    assert bands == bands | {f"{RESIDENTIAL}, 1,000 and over": 55, f"{RESIDENTIAL}, 300 to 699": 60,
                             f"{COMMUNITY}, uncosted": 75, f"{COMMUNITY}, under 100": 60}
    assert opportunities == opportunities | {"sleep_in": 40, "transport": 185, "low_cost_with_uncosted": 135,
                                             "low_cost": 60, "high_cost": 55, "step_down": 60}
