"""What one project is told to wait holds for all: until then nothing of that kind is sent.

Hooks of the HTTP client (bounded_http.py); one Rests for each resource. Questions to a deployment
have a limit of their own (limiter.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock

import httpx2

from agent.providers.error_answer import retry_after, seconds_of
from states.errors import Throttled
from states.text import say

# Seconds. Then one project asks again, and is told again: what one answer said, perhaps by mistake,
# must not silence a whole day.
LONGEST = 300.0
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_COLLECTIONS = ("files", "fine_tuning", "deployments", "models")

Kind = tuple[bool, str]  # whether it only reads, and what is asked for


class Rests:
    """Used by many threads. `steady`: seconds of a clock that nobody sets."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self.forget(steady)

    def forget(self, steady: Callable[[], float]) -> None:
        """Everything may be sent."""
        self._steady, self._until = steady, dict[Kind, float]()

    def before(self, request: httpx2.Request) -> None:
        """Raises Throttled, and nothing is sent, while such requests are to rest."""
        kind = _kind_of(request)
        left = 0.0 if kind is None else self._until.get(kind, 0.0) - self._steady()
        if left > 0:
            raise Throttled(
                say(
                    "{endpoint} has asked to be left alone for a while; it is asked again then.",
                    endpoint=request.url.host,
                ),
                left,
            )

    def after(self, response: httpx2.Response) -> None:
        """Heeds what the answer asks for."""
        kind, seconds = _kind_of(response.request), _read_rest(response)
        if kind is not None and seconds > 0:
            with self._lock:
                until = self._steady() + min(seconds, LONGEST)
                self._until[kind] = max(until, self._until.get(kind, until))


def _kind_of(request: httpx2.Request) -> Kind | None:
    """None for a question to a deployment, and for what nobody else asks for."""
    parts = request.url.path.split("/")
    if parts[-1] == "completions":
        return None
    of = next((part for part in reversed(parts) if part in _COLLECTIONS), None)
    return None if of is None else (request.method == "GET", of)


def _read_rest(response: httpx2.Response) -> float:
    """Seconds that the answer asks to wait; 0 where it asks for nothing."""
    headers = response.headers
    if response.status_code in _BUSY:
        return retry_after(headers) or 0.0
    if response.is_success and headers.get("x-ratelimit-remaining-requests") == "0":
        return seconds_of(headers.get("x-ratelimit-reset-requests") or "") or 0.0
    return 0.0
