"""How many questions a deployment takes at once, learnt from what it refuses.

Made by azure.py, one for each deployment; together.py asks it before every question.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from agent.providers.error_answer import seconds_of

LONGEST_REST = 2.0  # seconds; whoever is to wait for longer ends the batch


class Limiter:
    """Half as many at once after a refusal, one more after as many answers as that allows.

    `most`: never more than that. Used by one thread at a time.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._allowed: float | None = None  # as many as are wanted, so far
        self._refused_at = -float("inf")
        self._rest_until = -float("inf")

    def allows(self, most: int) -> int:
        """So many may be on their way now."""
        return most if self._allowed is None else min(most, int(self._allowed))

    def rest(self) -> float:
        """Seconds until it may be asked again."""
        return max(0.0, self._rest_until - self._steady())

    def begin(self) -> None:
        """A batch begins: whoever asks has waited for as long as it was told."""
        self._rest_until = -float("inf")

    def answered(self, most: int, headers: Mapping[str, str]) -> None:
        if self._allowed is None:
            return  # never refused: what the headers say may be a gateway's own, or old
        self._allowed = min(float(most), self._allowed + 1 / self._allowed)
        if headers.get("x-ratelimit-remaining-requests") == "0":
            self._rest_for(seconds_of(headers.get("x-ratelimit-reset-requests") or "") or 0.0)

    def refused(self, sent_at: float, in_flight: int, retry_after: float | None) -> None:
        """`in_flight`: with it. Those that were sent before the last refusal are of its wave."""
        if sent_at > self._refused_at:
            allowed = in_flight if self._allowed is None else min(in_flight, self._allowed)
            self._allowed = max(1.0, allowed / 2)
            self._refused_at = self._steady()
        self._rest_for(1.0 if retry_after is None else retry_after)

    def _rest_for(self, seconds: float) -> None:
        self._rest_until = max(self._rest_until, self._steady() + seconds)
