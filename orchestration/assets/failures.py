"""How the project's own errors appear on Dagster's pages."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from orchestration.faults import CarequartileError, in_words


def as_dagster_failure(step: Callable[..., Any]) -> Callable[..., Any]:
    """Turns the project's own errors into Dagster failures that show only the message; others keep their traceback."""

    @functools.wraps(step)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return step(*args, **kwargs)
        except CarequartileError as error:
            raise _failure(error) from None

    # Dagster's pages name the file and line of the function that they are given, and that is this wrapper's.
    code = step.__code__
    wrapped.__code__ = wrapped.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    return wrapped


def failures_of_events(events: Iterator[Any]) -> Iterator[Any]:
    """As ``as_dagster_failure``, for a generator: it only runs while its events are read."""
    try:
        yield from events
    except CarequartileError as error:
        raise _failure(error) from None


def _failure(error: CarequartileError) -> dg.Failure:
    return dg.Failure("\n".join([str(error), *in_words(getattr(error, "faults", []))]), allow_retries=False)
