"""The response bodies in which the dated and the v1 data plane differ.

The handlers in resources/ and server/endpoint.py build their responses with these functions.
"""

from __future__ import annotations

from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request, Response


def respond_created(request: Request, path: str, body: dict[str, Any]) -> Response:
    """201 with a Location on the dated plane, a plain 200 on v1."""
    if request.is_v1:
        return Response(200, body)
    location = f"{request.base_url}/openai/{path}?api-version={request.version}"
    return Response(201, body, {"location": location})


def respond_list(request: Request, items: list[dict[str, Any]], more: bool | None) -> Response:
    """The list wrapper; `more` is None where the api-version does not say."""
    body: dict[str, Any] = {"object": "list", "data": items}
    if more is not None:
        body["has_more"] = more
    if request.is_v1:
        body["first_id"] = items[0]["id"] if items else ""
        body["last_id"] = items[-1]["id"] if items else ""
    return Response(200, body)


def respond_error(error: ServiceError, *, is_v1: bool) -> Response:
    """A ServiceError in the JSON of its surface."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.target:
        body["param" if is_v1 else "target"] = error.target
    if is_v1:
        body |= {"type": "error", "inner_error": None}
    return Response(error.status, {"error": body})
