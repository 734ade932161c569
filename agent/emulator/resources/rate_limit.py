"""The rate limit of a deployment: one request per ten seconds for each unit of its capacity.

chat.py counts every call; the limit is enforced only if a test ordered it (capacity_429).
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque

from agent.emulator.protocol.http import Response
from agent.emulator.resources.deployments import Deployment

_WINDOW_SECONDS = 10.0
_CALLS: dict[str, deque[float]] = defaultdict(deque)  # by deployment; forgotten at a restart
_LOCK = threading.Lock()


def count_call(
    deployment: Deployment, *, is_enforced: bool
) -> tuple[dict[str, str], Response | None]:
    """The rate headers of this call and, if limits are enforced and it is one too many, its 429."""
    limit = deployment.capacity
    now = time.monotonic()
    with _LOCK:
        calls = _CALLS[deployment.name]
        while calls and calls[0] <= now - _WINDOW_SECONDS:
            calls.popleft()
        is_full = len(calls) >= limit
        wait = calls[0] + _WINDOW_SECONDS - now if is_full else 0.0
        is_refused = is_full and is_enforced
        if not is_refused:
            calls.append(now)
        remaining = max(0, limit - len(calls))
    headers = _rate_headers(limit, remaining, wait)
    return headers, _refuse(headers, wait) if is_refused else None


def _refuse(headers: dict[str, str], wait: float) -> Response:
    seconds = math.ceil(wait)
    message = (
        f"The deployment has used up its call rate limit. Please retry after {seconds} seconds."
    )
    retry = {"retry-after": str(seconds), "retry-after-ms": str(math.ceil(wait * 1000))}
    return Response(429, {"error": {"code": "429", "message": message}}, {**headers, **retry})


def _rate_headers(limit: int, remaining: int, wait: float) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-limit-tokens": str(1000 * limit),
        "x-ratelimit-remaining-requests": str(remaining),
        "x-ratelimit-remaining-tokens": str(1000 * remaining),
        "x-ratelimit-reset-requests": str(math.ceil(wait)),
        "x-ratelimit-reset-tokens": str(math.ceil(wait)),
    }
