"""Until when a request that changes something may leave this machine: set by agent/effects, kept by whatever sends it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LEFT: ContextVar[Callable[[], float]] = ContextVar("left", default=lambda: math.inf)


@contextmanager
def leaving_within(left: Callable[[], float]) -> Iterator[None]:
    """Requests made inside, in this thread, are sent only while `left()`, in seconds, is above 0."""
    former = _LEFT.set(left)
    try:
        yield
    finally:
        _LEFT.reset(former)


def seconds_left() -> float:
    """Infinite for requests that change nothing."""
    return _LEFT.get()()
