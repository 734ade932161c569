"""Where the dated and the v1 data plane differ in what they answer."""

from __future__ import annotations

from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.wire import Answer, Call


def created(call: Call, place: str, body: dict[str, Any]) -> Answer:
    """201 with a Location on the dated plane, a plain 200 on v1."""
    if call.v1:
        return Answer(200, body)
    return Answer(201, body, {"location": f"{call.base}/openai/{place}?api-version={call.version}"})


def listing(call: Call, items: list[dict[str, Any]], more: bool | None) -> Answer:
    """The list wrapper; `more` is None where the api-version does not say."""
    body: dict[str, Any] = {"object": "list", "data": items}
    if more is not None:
        body["has_more"] = more
    if call.v1:
        body["first_id"] = items[0]["id"] if items else None
        body["last_id"] = items[-1]["id"] if items else None
    return Answer(200, body)


def refusal(error: ServiceError, v1: bool) -> Answer:
    """An error in the words of its surface."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if v1:
        body |= {"param": error.target, "type": "error", "inner_error": None}
    elif error.target:
        body["target"] = error.target
    return Answer(error.status, {"error": body})
