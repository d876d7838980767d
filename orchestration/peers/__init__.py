"""Neighbours of one's own: the councils nearest to a council on open indicators, as a peer set that can be landed.

The distance is Euclidean on standardised indicators, as in the peer groups of NHS England for adult social care. What
counts, and how much, is a CSV of weights; what no published file has is given in a second CSV. It reads the open copy.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from orchestration.faults import UnusableInput, counted
from orchestration.home import Home
from orchestration.intake.find import printable
from orchestration.peers.indicators import pool_of, read_indicators, read_weights
from orchestration.peers.nearest import DRAWS, Neighbour, Pool, distances, drawn, nearest, other_weights, remaining
from orchestration.report.reading import PEER_SETS, Copy, Council, find_council, opened
from orchestration.report.render import write_whole

COLUMNS = ("peer_set", "version", "council_code", "peer_code", "peer_rank")
# Fewer peers give no statistic (parameter fewest_peers).
FEWEST = 5
MOST_LISTED = 8
NOT_LANDED = (
    "not among them: population density and the census features of NHS England's peer groups for adult social care. No "
    "file that Carequartile reads has them; --indicators takes both."
)


@dataclass(frozen=True)
class Made:
    """``remain``: of how many neighbours that are still among the nearest, by what was changed."""

    pool: Pool
    weights: dict[str, float]
    neighbours: dict[str, list[Neighbour]]
    remain: dict[str, tuple[int, int]]
    names: dict[str, str]
    also_ons: tuple[int, int] | None
    has_own_indicators: bool
    path: Path


def make_peers(
    home: Home,
    asked: str | None,
    year: str | None,
    weights_file: Path | None,
    indicators_file: Path | None,
    number: int,
    name: str,
    out_file: Path | None,
) -> Made:
    """Writes the peer set of one council, or of all where none is asked for. Raises UnusableInput with what to do."""
    _check(number, name)
    weights = read_weights(weights_file)
    with opened(home) as copy:
        councils = {council.code: council for council in copy.councils()}
        own = read_indicators(indicators_file, councils) if indicators_file else {}
        pool = pool_of(copy, councils, weights, own, year, weights_file)
        codes = [_code(councils, pool, asked)] if asked else sorted(pool.values)
        ons = _ons_neighbours(copy, codes[0], pool.year) if asked else set()
    if len(pool.values) <= number:
        raise UnusableInput(
            f"{counted(len(pool.values), 'council')} of {pool.year} have every indicator, too few for {number} "
            "neighbours. Next: give a smaller --number, or another --year."
        )
    distance = distances(pool.values, weights)
    found = {code: nearest(distance(code), number) for code in codes}
    remain = {change: remaining(pool, changed, found, number) for change, changed in other_weights(weights).items()}
    if asked:
        found = {codes[0]: drawn(pool, weights, codes[0], found[codes[0]], number)}
    path = out_file or home.reports / f"{name}.csv"
    write_whole(path, as_register(found, name, pool.year))
    names = {code: council.name for code, council in councils.items()}
    both = (len(ons & {one.code for one in found[codes[0]]}), len(ons)) if ons else None
    return Made(pool, weights, found, remain, names, both, bool(own), path)


def _ons_neighbours(copy: Copy, code: str, year: str) -> set[str]:
    return {row["peer_code"] for row in copy.rows(
        "select peer_code from published.marts.dim_peer_set where peer_set = 'ons_neighbours' and council_code = ? and "
        "? between counts_from and counts_to", code, year)}


def _code(councils: dict[str, Council], pool: Pool, asked: str) -> str:
    council = find_council(list(councils.values()), asked)
    if council.code not in pool.values:
        why = pool.left_out.get(council.code, "no residents by the mid-year estimates loaded")
        raise UnusableInput(
            f"{council.name} ({council.code}) has {why} in {pool.year}, so that no neighbours of it can be found. "
            "Next: ask for another --year, or leave the indicator out with --weights."
        )
    return council.code


def _check(number: int, name: str) -> None:
    if number < FEWEST:
        raise UnusableInput(f"{number} neighbours are too few: fewer than {FEWEST} give no statistic. Next: give "
                            f"--number {FEWEST} or more.")
    if name in PEER_SETS or not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise UnusableInput(
            f"A peer set cannot be called {printable(name)!r}: a name has small letters, digits and underscores, at "
            f"most 40, and is none of {', '.join(PEER_SETS)}. Next: give another --name."
        )


def as_register(found: dict[str, list[Neighbour]], name: str, version: str) -> str:
    """The register carequartile_peer_set, as it is landed."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for code, neighbours in found.items():
        writer.writerows((name, version, code, one.code, rank) for rank, one in enumerate(neighbours, start=1))
    return file.getvalue()


def described(made: Made) -> list[str]:
    """The neighbours with their distances, what becomes of them under other weights, and who could not be one."""
    listed = ", ".join(f"{name} {weight:g}" for name, weight in made.weights.items())
    lines = [f"{made.pool.year}, {counted(len(made.pool.values), 'council')}; weights: {listed}"]
    for code, neighbours in made.neighbours.items() if len(made.neighbours) == 1 else ():
        lines += [f"nearest to {made.names[code]} ({code}); distance 1: a standard deviation apart; last: in how many "
                  f"of {DRAWS:,} draws of weights between half and double it is among the {len(neighbours)} nearest"]
        labels = [f"{made.names[one.code]} ({one.code})" for one in neighbours]
        wide = max(map(len, labels))
        lines += [f"  {rank:>2}  {label:<{wide}}  {one.distance:5.2f}  {one.kept_pct:5.1f}%"
                  for rank, (label, one) in enumerate(zip(labels, neighbours), start=1)]
    if made.remain:
        lines.append("under other weights, of these neighbours remain:")
        lines += [f"  {kept:,} of {of:,}  {change}" for change, (kept, of) in made.remain.items()]
    if made.also_ons:
        lines.append(f"among them: {made.also_ons[0]} of the {made.also_ons[1]} nearest neighbours by ONS")
    if made.pool.left_out:
        lines.append(f"left out: {_left_out(made)}")
    if not made.has_own_indicators:
        lines.append(NOT_LANDED)
    return lines


def _left_out(made: Made) -> str:
    shown = [f"{made.names.get(code, code)} ({why})" for code, why in made.pool.left_out.items()][:MOST_LISTED]
    more = len(made.pool.left_out) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
