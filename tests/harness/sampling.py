"""Cases of a test of which `make test` runs a sample and `make test-full` every one."""

from collections.abc import Iterable

import pytest


def sampled(cases: Iterable[object], keep: int) -> list[object]:
    """Every case as a parameter of pytest; all but ``keep`` of them, evenly spread, are marked ``full``."""
    cases = list(cases)
    kept = {round(number * (len(cases) - 1) / max(keep - 1, 1)) for number in range(min(keep, len(cases)))}
    return [case if number in kept else _for_full(case) for number, case in enumerate(cases)]


def _for_full(case: object) -> object:
    if hasattr(case, "marks"):
        return pytest.param(*case.values, marks=[*case.marks, pytest.mark.full], id=case.id)
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.full)
