"""What a deployment's capacity allows: one request per ten seconds and a thousand tokens a minute for each unit."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque

from agent.emulator.protocol.wire import Answer
from agent.emulator.resources.deployments import Deployment

_WINDOW_SECONDS = 10.0
_CALLS: dict[str, deque[float]] = defaultdict(deque)
_LOCK = threading.Lock()


def admit(deployment: Deployment, *, enforced: bool) -> tuple[dict[str, str], Answer | None]:
    """The rate headers of this call and, if limits are enforced and it is one too many, its 429."""
    allowed = deployment.capacity
    now = time.monotonic()
    with _LOCK:
        calls = _CALLS[deployment.name]
        while calls and calls[0] <= now - _WINDOW_SECONDS:
            calls.popleft()
        full = len(calls) >= allowed
        wait = calls[0] + _WINDOW_SECONDS - now if full else 0.0
        if not (full and enforced):
            calls.append(now)
    headers = _headers(allowed, max(0, allowed - len(calls)), wait)
    if not (full and enforced):
        return headers, None
    seconds = math.ceil(wait)
    message = (
        f"The deployment has used up its call rate limit. Please retry after {seconds} seconds."
    )
    headers |= {"retry-after": str(seconds), "retry-after-ms": str(math.ceil(wait * 1000))}
    return headers, Answer(429, {"error": {"code": "429", "message": message}}, headers)


def _headers(allowed: int, left: int, wait: float) -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(allowed),
        "x-ratelimit-limit-tokens": str(1000 * allowed),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-remaining-tokens": str(1000 * left),
        "x-ratelimit-reset-requests": str(math.ceil(wait)),
        "x-ratelimit-reset-tokens": str(math.ceil(wait)),
    }
