"""What is logged of a tick: a line, unless it says what the last one has said. Held by the ticker.

A project that trains for a week is looked at twenty thousand times, and a thousand may train.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

import structlog

from states.text import Rounded, Text, Value

if TYPE_CHECKING:
    from agent.engine.tick import Ticked

log = structlog.get_logger()

HOUR = 3600.0  # seconds until a wait that changes nothing is logged again


class TickLog:
    """`wall`: unix seconds. May be called by many threads, for one project by one at a time."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        # By project: a digest of what, and when. Ten thousand sentences would take their megabytes.
        self._said: dict[str, tuple[int, float]] = {}

    def write(self, ticked: Ticked, seconds: float) -> None:
        """`seconds`: how long it took."""
        (log.debug if self._says_nothing_new(ticked) else log.info)(
            "tick",
            outcome=ticked.outcome,
            seconds=round(seconds, 4),
            to=ticked.after.state.value,
            note=None if ticked.text is None else ticked.text.for_log(),
        )

    def _says_nothing_new(self, ticked: Ticked) -> bool:
        name, is_same = ticked.after.name, ticked.after.version == ticked.before.version
        if ticked.outcome == "held":
            return is_same  # its checkpoint has said it
        if ticked.outcome != "waiting" or not is_same:
            self._said.pop(name, None)
            return False
        what, now = hash((ticked.after.state, _gist(ticked.text))), self._wall()
        former, at = self._said.get(name, (0, -math.inf))
        if what == former and 0 <= now - at < HOUR:
            return True
        self._said[name] = (what, now)
        return False


def _gist(text: Value | None) -> Hashable:
    """The same for two sentences that differ in their numbers alone (step 20, step 30)."""
    if isinstance(text, Text):
        values = ((name, _gist(value)) for name, value in sorted(text.values.items()))
        return text.template, *values
    if isinstance(text, tuple):
        return tuple(map(_gist, text))
    return None if isinstance(text, int | float | Rounded) else text
