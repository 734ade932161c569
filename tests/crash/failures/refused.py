"""Answers with which the service refuses."""

from __future__ import annotations

from typing import Any


def too_many(seconds: str) -> dict[str, Any]:
    return {
        "status": 429,
        "headers": {"retry-after": seconds},
        "body": {"error": {"code": "429", "message": "Too many requests."}},
    }
