"""The send deadline: until when a request that changes something may leave this machine.

Set by agent/engine/exactly_once.py for the thread that sends; kept by agent/providers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LEFT: ContextVar[Callable[[], float]] = ContextVar("left", default=lambda: math.inf)


@contextmanager
def leaving_within(left: Callable[[], float]) -> Iterator[None]:
    """Inside, this thread sends requests only while `left()`, in seconds, is above 0."""
    former = _LEFT.set(left)
    try:
        yield
    finally:
        _LEFT.reset(former)


def seconds_left() -> float:
    """Until the deadline. Infinite for requests that change nothing."""
    return _LEFT.get()()
