"""Councils and measures as reading needs them: which codes exist, and when. The seeds hold the facts."""

from __future__ import annotations

import csv
import difflib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from orchestration.home import project_folder


@dataclass
class Councils:
    """Periods of validity (first and last day, last empty where it goes on) and names by council code."""

    periods: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    ons_codes: dict[str, str] = field(default_factory=dict)

    def is_known(self, code: str) -> bool:
        return code in self.periods

    def why_not(self, code: str, year: str, printed: str = "") -> str | None:
        """Why ``code`` is no council on the last day of financial ``year``, or None where it is one.

        ``printed`` is the code with the council's name, where the file has it: the name finds the nearest better.
        """
        if code not in self.periods:
            return f"no council has the code {code!r}{self.nearest(printed.replace(code, '', 1).strip(' -') or code)}"
        last_day = f"{int(year[:4]) + 1}-03-31"
        for first, last in self.periods[code]:
            if first <= last_day and (not last or last >= last_day):
                return None
        spans = "; ".join(f"{first} to {last or 'now'}" for first, last in self.periods[code])
        return f"{self.names[code]} ({code}) was a council {spans}, not on {last_day}"

    def nearest(self, text: str) -> str:
        """``, nearest: ...`` for a code or name that is none, or an empty string where nothing is near."""
        named = {**{code: code for code in self.names}, **{name.lower(): code for code, name in self.names.items()}}
        near = difflib.get_close_matches(text[:100].lower(), named, n=3, cutoff=0.6)
        close = dict.fromkeys(named[match] for match in near)
        return f", nearest: {', '.join(f'{code} {self.names[code]}' for code in close)}" if close else ""


@lru_cache(maxsize=2)
def load_councils(path: Path | None = None) -> Councils:
    """Reads ``seeds/reference/council.csv``."""
    councils = Councils()
    with (path or project_folder() / "seeds" / "reference" / "council.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            councils.periods[row["council_code"]].append((row["valid_from"], row["valid_to"]))
            councils.names[row["council_code"]] = row["council"]
            councils.ons_codes[row["ons_code"]] = row["council_code"]
    return councils


@lru_cache(maxsize=2)
def load_measures(path: Path | None = None) -> tuple[str, ...]:
    """The ids of ``seeds/reference/measure.csv``, each once: what a ruling may rule on."""
    with (path or project_folder() / "seeds" / "reference" / "measure.csv").open(encoding="utf-8", newline="") as file:
        return tuple(dict.fromkeys(row["measure_id"] for row in csv.DictReader(file)))
