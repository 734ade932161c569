"""The rate limit of a deployment: one request per ten seconds for each unit of its capacity.

The context holds one RateLimit; chat.py counts every call with it. The limit is enforced only if
a test ordered it (capacity_429). The counts are in memory: a restart forgets them.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque
from dataclasses import dataclass

from agent.emulator.protocol.http import Response

_WINDOW_SECONDS = 10.0


@dataclass(frozen=True)
class Allowance:
    """How a deployment stands after a call: its limit, what is left, seconds until one is free."""

    limit: int
    remaining: int
    wait: float
    is_refused: bool

    def headers(self) -> dict[str, str]:
        """The rate headers of a chat response."""
        return {
            "x-ratelimit-limit-requests": str(self.limit),
            "x-ratelimit-limit-tokens": str(1000 * self.limit),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-remaining-tokens": str(1000 * self.remaining),
            "x-ratelimit-reset-requests": str(math.ceil(self.wait)),
            "x-ratelimit-reset-tokens": str(math.ceil(self.wait)),
        }

    def refusal(self) -> Response:
        """The 429 of a call that was one too many."""
        seconds = math.ceil(self.wait)
        message = (
            f"The deployment has used up its call rate limit. Please retry after {seconds} seconds."
        )
        retry = {"retry-after": str(seconds), "retry-after-ms": str(math.ceil(self.wait * 1000))}
        body = {"error": {"code": "429", "message": message}}
        return Response(429, body, {**self.headers(), **retry})


class RateLimit:
    """The calls of the last ten seconds, by deployment; handlers call it from several threads."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def count(self, deployment: str, limit: int, now: float, *, is_enforced: bool) -> Allowance:
        """Counts a call at this monotonic moment; a refused one does not use the limit up."""
        with self._lock:
            calls = self._calls[deployment]
            while calls and calls[0] <= now - _WINDOW_SECONDS:
                calls.popleft()
            is_full = len(calls) >= limit
            wait = calls[0] + _WINDOW_SECONDS - now if is_full else 0.0
            is_refused = is_full and is_enforced
            if not is_refused:
                calls.append(now)
            return Allowance(limit, max(0, limit - len(calls)), wait, is_refused)
