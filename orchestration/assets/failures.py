"""Turns our own errors into Dagster failures that show the message alone; anything else keeps its traceback."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from orchestration.faults import CarequartileError


def as_dagster_failure(step: Callable[..., Any]) -> Callable[..., Any]:
    """Turns our own errors into Dagster failures that show the message alone; anything else keeps its traceback."""

    @functools.wraps(step)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return step(*args, **kwargs)
        except CarequartileError as error:
            faults = [str(fault) for fault in getattr(error, "faults", [])]
            raise dg.Failure("\n".join([str(error), *faults]), allow_retries=False) from None

    return wrapped


def failures_of_events(events: Iterator[Any]) -> Iterator[Any]:
    """As as_dagster_failure, for what only runs when it is drawn from."""
    try:
        yield from events
    except CarequartileError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
