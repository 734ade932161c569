"""How many questions a deployment takes at once, learnt from what it refuses.

Made by azure.py, one for each deployment; together.py asks it before every question.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from agent.providers.error_answer import seconds_of

LONGEST_REST = 2.0  # seconds; whoever is to wait for longer ends the batch
FIRST = 8  # at once, of a deployment that nothing is known of: as AGENT_CONCURRENCY is by itself


class Limiter:
    """A few at first, and with each answer one more, until it refuses. Then half as many, and one
    more after as many answers as that allows.

    A process that begins anew thus never meets a busy deployment with all it has.
    `most`: never more than that. Used by one thread at a time.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._allowed = float(FIRST)
        self._was_refused = False
        self._refused_at = -float("inf")
        self._rest_until = -float("inf")

    def remember(self, allowed: int | None) -> None:
        """What another process has `learnt`; what this one has learnt itself is newer."""
        if allowed is not None and not self._was_refused:
            self._allowed, self._was_refused = max(1.0, float(allowed)), True

    @property
    def learnt(self) -> int | None:
        """So many at once it takes, by what it refused; None while it refused nothing."""
        return int(self._allowed) if self._was_refused else None

    def allows(self, most: int) -> int:
        """So many may be on their way now."""
        return min(most, int(self._allowed))

    def rest(self) -> float:
        """Seconds until it may be asked again."""
        return max(0.0, self._rest_until - self._steady())

    def begin(self) -> None:
        """A batch begins: whoever asks has waited for as long as it was told."""
        self._rest_until = -float("inf")

    def answered(self, most: int, headers: Mapping[str, str]) -> None:
        more = 1 / self._allowed if self._was_refused else 1.0
        self._allowed = max(self._allowed, min(float(most), self._allowed + more))
        if not self._was_refused:
            return  # what the headers say may be a gateway's own, or old
        if headers.get("x-ratelimit-remaining-requests") == "0":
            self._rest_for(seconds_of(headers.get("x-ratelimit-reset-requests") or "") or 0.0)

    def refused(self, sent_at: float, in_flight: int, retry_after: float | None) -> None:
        """`in_flight`: with it. Those that were sent before the last refusal are of its wave."""
        if sent_at > self._refused_at:
            self._allowed = max(1.0, min(in_flight, self._allowed) / 2)
            self._refused_at, self._was_refused = self._steady(), True
        self._rest_for(1.0 if retry_after is None else retry_after)

    def _rest_for(self, seconds: float) -> None:
        self._rest_until = max(self._rest_until, self._steady() + seconds)
