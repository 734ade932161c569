"""The rate limits of a deployment: for each unit of its capacity, one request in ten seconds and a
thousand tokens in a minute, as a recording of the service shows them.

The context holds one RateLimit; chat.py counts every call with it, at the clock that a test may
move. The limits are enforced only if a test ordered it (capacity_429). The counts are in memory: a
restart forgets them.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field

from agent.emulator.protocol.http import Response

REQUEST_SECONDS, TOKEN_SECONDS = 10, 60
TOKENS_PER_UNIT = 1000


@dataclass(frozen=True)
class Share:
    """Of one kind of limit: how much there is, what is left, seconds until more is free."""

    limit: int
    remaining: int
    wait: float


@dataclass(frozen=True)
class Allowance:
    """How a deployment stands after a call."""

    requests: Share
    tokens: Share
    is_refused: bool

    @property
    def wait(self) -> float:
        """Seconds after which a refused call may be let through."""
        return max(self.requests.wait, self.tokens.wait)

    def headers(self) -> dict[str, str]:
        """The rate headers of a chat response."""
        return {
            f"x-ratelimit-{name}-{kind}": str(value)
            for kind, share in (("requests", self.requests), ("tokens", self.tokens))
            for name, value in (
                ("limit", share.limit),
                ("remaining", share.remaining),
                ("reset", math.ceil(share.wait)),
            )
        }

    def refusal(self) -> Response:
        """The 429 of a call that was one too many."""
        seconds = math.ceil(self.wait)
        what = "token" if self.tokens.wait > self.requests.wait else "call"
        message = (
            f"The deployment has used up its {what} rate limit. Please retry after {seconds}"
            " seconds."
        )
        retry = {"retry-after": str(seconds), "retry-after-ms": str(math.ceil(self.wait * 1000))}
        body = {"error": {"code": "429", "message": message}}
        return Response(429, body, {**self.headers(), **retry})


@dataclass
class _Window:
    """What was taken in the last `seconds`: moments and amounts, oldest first."""

    seconds: float
    taken: deque[tuple[float, int]] = field(default_factory=deque)
    used: int = 0

    def measure_wait(self, limit: int, wanted: int, now: float) -> float:
        """Forgets what is over; returns the seconds until `wanted` more fit, 0 where they do."""
        # Moments to come are from before a test moved the clock back.
        while self.taken and not now - self.seconds < self.taken[0][0] <= now:
            self.used -= self.taken.popleft()[1]
        left, wait = self.used, 0.0
        for moment, amount in self.taken:
            if left + wanted <= limit:
                return wait
            left, wait = left - amount, moment + self.seconds - now
        # More than all there is never fits: it is refused each time, as after a whole window.
        return wait if left + wanted <= limit else self.seconds

    def take(self, amount: int, now: float) -> None:
        self.taken.append((now, amount))
        self.used += amount


class RateLimit:
    """The calls of the last minute, by deployment; handlers call it from several threads."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[_Window, _Window]] = defaultdict(
            lambda: (_Window(REQUEST_SECONDS), _Window(TOKEN_SECONDS))
        )
        self._lock = threading.Lock()

    def count(
        self, deployment: str, capacity: int, tokens: int, now: float, *, is_enforced: bool
    ) -> Allowance:
        """Counts a call of so many tokens at this moment, in seconds; a refused one takes nothing.

        `tokens`: of the prompt, and as many as the answer may have."""
        with self._lock:
            by_requests, by_tokens = self._windows[deployment]
            most = TOKENS_PER_UNIT * capacity
            waits = (
                by_requests.measure_wait(capacity, 1, now),
                by_tokens.measure_wait(most, tokens, now),
            )
            is_refused = is_enforced and any(waits)
            if not is_refused:
                by_requests.take(1, now)
                by_tokens.take(tokens, now)
            return Allowance(
                Share(capacity, max(0, capacity - by_requests.used), waits[0]),
                Share(most, max(0, most - by_tokens.used), waits[1]),
                is_refused,
            )
