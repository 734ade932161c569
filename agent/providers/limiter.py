"""How many questions a deployment takes at once, learnt from what it refuses.

Made by azure.py, one for each deployment, whichever projects ask it; together.py asks it before
every question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from agent.providers.error_answer import seconds_of

LONGEST_REST = 2.0  # seconds; whoever is to wait for longer ends the batch
FIRST = 8  # at once, of a deployment that nothing is known of: as AGENT_CONCURRENCY is by itself


class Limiter:
    """A few at first, and with each answer one more, until it refuses. Then half as many, and one
    more after as many answers as that allows.

    A process that begins anew thus never meets a busy deployment with all it has. What one project
    is told holds for all that ask this deployment: together they are never more than `most`.
    `sleep`: lets seconds of `steady` pass. Used by many threads.
    """

    def __init__(
        self,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._steady, self._sleep = steady, sleep
        self._room = threading.Condition()
        self._in_flight = 0
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

    def sleep(self) -> None:
        """Until it may be asked again."""
        self._sleep(self.rest())

    def take(self, most: int) -> bool:
        """One more is on its way, until `answered`, `refused` or `gave_up`. False: not now."""
        with self._room:
            is_free = self._in_flight < self.allows(most) and self.rest() <= 0
            self._in_flight += is_free
            return is_free

    def wait_for_room(self, most: int, seconds: float) -> None:
        """At most so long, while others have as many on their way as are allowed."""
        with self._room:
            self._room.wait_for(lambda: self._in_flight < self.allows(most), seconds)

    def gave_up(self) -> None:
        """What was on its way is so no more, and has taught nothing."""
        with self._room:
            self._end()

    def answered(self, most: int, headers: Mapping[str, str]) -> None:
        with self._room:
            self._end()
            more = 1 / self._allowed if self._was_refused else 1.0
            self._allowed = max(self._allowed, min(float(most), self._allowed + more))
            if not self._was_refused:
                return  # what the headers say may be a gateway's own, or old
            if headers.get("x-ratelimit-remaining-requests") == "0":
                self._rest_for(seconds_of(headers.get("x-ratelimit-reset-requests") or "") or 0.0)

    def refused(self, sent_at: float, retry_after: float | None) -> None:
        """Those that were sent before the last refusal are of its wave."""
        with self._room:
            if sent_at > self._refused_at:
                self._allowed = max(1.0, min(max(self._in_flight, 1), self._allowed) / 2)
                self._refused_at, self._was_refused = self._steady(), True
            self._end()
            self._rest_for(1.0 if retry_after is None else retry_after)

    def now(self) -> float:
        """What `refused` compares."""
        return self._steady()

    def _end(self) -> None:
        self._in_flight = max(0, self._in_flight - 1)
        self._room.notify_all()

    def _rest_for(self, seconds: float) -> None:
        self._rest_until = max(self._rest_until, self._steady() + seconds)
