"""ASGI middleware that turns a request away before anything else looks at it.

server/routes.py puts it around everything. What it refuses: another Host than this very server (a
page in a browser could else reach it through a name that it makes resolve to 127.0.0.1), and more
bytes than any request needs.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.responses import respond_error
from agent.emulator.server.endpoint import send_response

MOST_HEAD_BYTES = 32 * 2**10
MOST_BODY_BYTES = 8 * 2**20  # of JSON
MOST_FORM_BYTES = 513_000_000  # the largest file that files.py takes, and what is around it
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Gate:
    """Lets a request in, and its body as far as it may go."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = Headers(scope=scope)
            _check_host(headers.get("host", ""), scope["server"][1])
            _check_head(scope)
            await self._app(scope, _cap_body(headers, receive), send)
        except ServiceError as error:
            is_v1 = scope["path"].startswith("/openai/v1/")
            await send_response(respond_error(error, is_v1=is_v1))(scope, receive, send)


def _check_host(host: str, port: int) -> None:
    if host.lower() not in {f"{name}:{port}" for name in _LOOPBACK}:
        raise ServiceError(
            421,
            "MisdirectedRequest",
            f"This emulator answers as 127.0.0.1:{port} and localhost:{port} alone.",
        )


def _check_head(scope: Scope) -> None:
    size = len(scope["raw_path"]) + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEAD_BYTES:
        raise ServiceError(
            431, "RequestHeaderFieldsTooLarge", f"At most {MOST_HEAD_BYTES} bytes of headers."
        )


def _cap_body(headers: Headers, receive: Receive) -> Receive:
    """`receive` that raises ServiceError at the first byte too many, or already at its length."""
    is_form = headers.get("content-type", "").startswith("multipart/form-data")
    most = MOST_FORM_BYTES if is_form else MOST_BODY_BYTES
    length = headers.get("content-length", "")
    announced = int(length) if length.isdigit() else 0
    arrived = 0

    async def capped() -> Message:
        nonlocal arrived
        if announced <= most:
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived <= most:
                return message
        raise ServiceError(
            413, "RequestEntityTooLarge", f"The request body may have {most} bytes at most."
        )

    return capped
