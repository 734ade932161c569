"""How far a count is that goes on for minutes, how fast it grows, and how long it still takes.

telling.py calls this for what `run` says of the test cases.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from agent.views.times import span
from states.text import Rounded, Text, say

WINDOW = 120.0  # seconds that the rate is of: a deployment that becomes busy is noticed
_SHORTEST = 1.0  # seconds; a rate of less says nothing


@dataclass(frozen=True)
class Count:
    """So many of so many."""

    done: int
    total: int


def find_count(text: Text | None) -> Count | None:
    """What a text says of a count, in its values `done` and `total`."""
    values = {} if text is None else text.values
    done, total = values.get("done"), values.get("total")
    return Count(done, total) if isinstance(done, int) and isinstance(total, int) else None


@dataclass
class Pace:
    """Of one count. `note` it now and then, with the seconds of a clock that nobody sets."""

    _seen: deque[tuple[float, Count]] = field(default_factory=deque)

    def note(self, now: float, count: Count) -> None:
        self._seen.append((now, count))
        while len(self._seen) > 1 and self._seen[1][0] <= now - WINDOW:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """In a second; None while there is none."""
        if not self._seen:
            return None
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        grown = last.done - first.done
        return grown / (now - began) if now - began >= _SHORTEST and grown > 0 else None

    def describe(self) -> Text | None:
        """The rate, and the time that is left at this rate."""
        rate = self.rate
        if rate is None:
            return None
        last = self._seen[-1][1]
        left = span((last.total - last.done) / rate)
        return say("{rate} a second, {left} to go", rate=Rounded(rate, 1), left=left)
