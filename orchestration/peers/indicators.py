"""What is compared: weights and indicators of one's own from CSVs, open indicators from the published copy."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from orchestration.faults import Fault, UnusableInput
from orchestration.home import project_folder
from orchestration.intake.find import printable
from orchestration.peers.nearest import Indicators, Pool
from orchestration.report.reading import Copy, Council

# The City of London and the Isles of Scilly: with them in it the spread of every indicator would be theirs.
FEWEST_ADULTS = 20_000


def read_weights(path: Path | None) -> dict[str, float]:
    """Weights above zero by indicator; those of the project without a file."""
    weights: dict[str, float] = {}
    faults = []
    file = path or project_folder() / "seeds" / "report" / "neighbour_weight.csv"
    for row, cells in _rows(file, ("indicator", "weight")):
        name = cells["indicator"]
        weight = _number(cells["weight"])
        if not name or name in weights:
            faults.append(_fault(file, row, 1, f"{name or 'blank'!r}", "each indicator once", "remove or name the row"))
        elif weight is None or weight < 0:
            faults.append(_fault(
                file, row, 2, repr(cells["weight"]), "a number of zero or above", "write a weight such as 1 or 0.5"))
        weights[name] = weight or 0.0
    if faults:
        raise UnusableInput(f"{printable(file.name)} cannot be used as weights.", faults)
    weights = {name: weight for name, weight in weights.items() if weight}
    if not weights:
        raise UnusableInput(
            f"No weight in {printable(file.name)} is above zero, so that all councils would be equally near. Next: "
            "give an indicator a weight such as 1."
        )
    return weights


def read_indicators(path: Path, councils: dict[str, Council]) -> dict[str, dict[str, float]]:
    """Indicators that no published file has, by name and council."""
    found: dict[str, dict[str, float]] = {}
    faults = []
    for row, cells in _rows(path, ("council_code", "indicator", "value")):
        code, name, value = cells["council_code"], cells["indicator"], _number(cells["value"])
        if code not in councils:
            faults.append(_fault(path, row, 1, repr(code), "the code of a council, such as 114", "correct the code"))
        elif not name or code in found.get(name, {}):
            faults.append(_fault(
                path, row, 2, repr(name), "an indicator once for each council", "remove or name the row"))
        elif value is None:
            faults.append(_fault(
                path, row, 3, repr(cells["value"]), "a number", "correct it, or remove the row where it is not known"))
        else:
            found.setdefault(name, {})[code] = value
    if faults:
        raise UnusableInput(f"{printable(path.name)} cannot be used as indicators.", faults)
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a small CSV with their numbers; blank ones are no rows."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInput(
            f"{printable(path.name)} is no text in UTF-8. Next: save it as CSV (UTF-8)."
        ) from error
    except OSError as error:
        raise UnusableInput(
            f"{printable(str(path))} cannot be read ({error.strerror or error}). Next: name a CSV with the columns "
            f"{', '.join(columns)}."
        ) from error
    lines = list(csv.reader(io.StringIO(text)))
    heads = [cell.strip() for cell in lines[0]] if lines else []
    if missing := [name for name in columns if name not in heads]:
        there = ", ".join(map(printable, heads)) or "nothing"
        raise UnusableInput(f"{printable(path.name)} cannot be used.", [Fault(
            "header_matches", printable(path.name), f"no column {', '.join(missing)}; there is {there}",
            f"the columns {','.join(columns)}", "name the columns so in the first row", row=1)])
    for at, line in enumerate(lines[1:], start=2):
        cells = dict(zip(heads, (cell.strip() for cell in line)))
        if any(cells.values()):
            yield at, {name: cells.get(name, "") for name in columns}


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _fault(path: Path, row: int, column: int, found: str, expected: str, next_step: str) -> Fault:
    return Fault("register_row_valid", printable(path.name), found, expected, next_step, row=row, column=column)


def pool_of(
    copy: Copy,
    councils: dict[str, Council],
    weights: dict[str, float],
    own: dict[str, dict[str, float]],
    year: str | None,
    weights_file: Path | None,
) -> Pool:
    year = _year(copy, year)
    adults, known = _open_indicators(copy, year)
    known |= own
    if unknown := [name for name in weights if name not in known]:
        raise UnusableInput(
            f"There is no indicator {', '.join(map(printable, unknown))} for {year}. There are: "
            f"{', '.join(sorted(name for name, values in known.items() if values))}. Next: correct "
            f"{printable(weights_file.name) if weights_file else 'the weights'}, or give its values with --indicators "
            "(a CSV with the columns council_code,indicator,value)."
        )
    if empty := [name for name in weights if not known[name]]:
        raise UnusableInput(
            f"No council has {', '.join(empty)} for {year}: the published copy lacks the residents or the index of "
            "deprivation it is made of. Next: refresh with these files, ask for another --year, or leave it out with "
            "--weights."
        )
    complete, left_out = {}, {}
    for code in sorted(adults):
        lacking = [name for name in weights if code not in known[name]]
        if adults[code] < FEWEST_ADULTS:
            left_out[code] = f"fewer than {FEWEST_ADULTS:,} adults"
        elif lacking:
            left_out[code] = f"no {', '.join(lacking)}"
        else:
            complete[code] = {name: known[name][code] for name in weights}
    return Pool(year, complete, left_out)


def _year(copy: Copy, asked: str | None) -> str:
    years = [row["financial_year"] for row in copy.rows(
        "select distinct financial_year from published.marts.dim_population where is_current and is_area_of_year and "
        "age_band = '18 and over' order by 1 desc")]
    if not years:
        raise UnusableInput(
            "The published copy has no residents of councils. Next: refresh with a file of mid-year estimates.")
    if asked and asked not in years:
        raise UnusableInput(
            f"The published copy has no residents of councils for {printable(asked)}. There are: "
            f"{', '.join(reversed(years))}.")
    return asked or years[0]


def _open_indicators(copy: Copy, year: str) -> tuple[dict[str, int], dict[str, Indicators]]:
    """The adults of every council of the year, and what the published files say of the councils by indicator."""
    people = copy.rows(
        "select council_code, max(people) filter (age_band = '18 and over') as adults, max(people) filter (age_band = "
        "'65 and over') as older, max(people) filter (age_band = '85 and over') as oldest from "
        "published.marts.dim_population where is_current and is_area_of_year and financial_year = ? group by 1",
        year,
    )
    scores = copy.rows(
        "select council_code, arg_min(value, abs(index_year - ?) * 10000 + index_year) as score from "
        "published.marts.dim_deprivation where domain = 'IMD' and statistic = 'Average score' and area_kind = "
        "'council' and council_code is not null group by 1",
        int(year[:4]),
    )
    classes = copy.rows(
        "select council_code, class from published.marts.dim_council where valid_from <= ? and (valid_to is null or "
        "valid_to >= ?)",
        f"{year[:4]}-04-01",
        f"{year[:4]}-04-01",
    )
    adults_of: dict[str, int] = {}
    found: dict[str, Indicators] = {
        "older_share": {}, "oldest_share": {}, "size": {},
        "deprivation": {row["council_code"]: float(row["score"]) for row in scores},
        "class": {row["council_code"]: str(row["class"]) for row in classes},
    }
    for row in people:
        code, adults, older, oldest = row["council_code"], row["adults"], row["older"], row["oldest"]
        if not adults:
            continue
        adults_of[code], found["size"][code] = adults, math.log(adults)
        if older:
            found["older_share"][code] = 100 * older / adults
        if older and oldest is not None:
            found["oldest_share"][code] = 100 * oldest / older
    return adults_of, found
