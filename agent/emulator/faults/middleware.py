"""ASGI middleware that drops, delays, answers or truncates requests as the fault rules say.

server/routes.py puts it around the application.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.emulator.faults.rules import FaultRules

_CONTROL = "/_emulator/"


class FaultMiddleware:
    """Between the server and the application. The /_emulator/ endpoints are never faulty."""

    def __init__(self, app: ASGIApp, rules: FaultRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = None
        if scope["type"] == "http" and not scope["path"].startswith(_CONTROL):
            rule = self._rules.take_next(scope["method"], scope["path"])
        if rule is None:
            await self._app(scope, receive, send)
            return
        # The body is read first: once the client has gone the server no longer hands it out.
        body = await _read_body(receive)
        if body is not None:
            await _Exchange(self._app, scope, body, receive, send).run(rule)


class _Exchange:
    """One request that a rule has struck."""

    def __init__(
        self, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        self._app, self._scope, self._body = app, scope, body
        self._receive, self._send = receive, send

    async def run(self, do: dict[str, Any]) -> None:
        """Carries out the rule; a new kind of fault gets its case here."""
        match do["kind"]:
            case "drop_before":
                await self._drop()
            case "drop_after":
                await self._act()
                await self._drop()
            case "delay":
                await self._delay(do)
            case "act_later":
                await asyncio.sleep(do["seconds"])
                await self._act()
                await self._drop()
            case "answer":
                await self._answer(do)
            case "truncate":
                await self._truncate()

    async def _act(self) -> list[Message]:
        """Lets the application do its work; the response is held back."""
        held: list[Message] = []
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                # Never a disconnect: the work is finished whatever the client does.
                await asyncio.Event().wait()
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        async def send(message: Message) -> None:
            held.append(message)

        await self._app(self._scope, receive, send)
        return held

    async def _drop(self) -> None:
        """Breaks the connection without a response."""
        _find_transport(self._send).abort()
        await self._wait_for_disconnect()

    async def _wait_for_disconnect(self) -> None:
        """To return earlier would let the server respond with a 500 of its own."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _delay(self, do: dict[str, Any]) -> None:
        """Waits before or after the work; the response is sent in either case."""
        if do.get("when", "before") == "before":
            await asyncio.sleep(do["seconds"])
            response = await self._act()
        else:
            response = await self._act()
            await asyncio.sleep(do["seconds"])
        for message in response:
            await self._send(message)

    async def _answer(self, do: dict[str, Any]) -> None:
        """Sends the rule's response instead of the application's."""
        if do.get("after_act"):
            await self._act()
        given = do.get("body", "")
        body = given.encode() if isinstance(given, str) else json.dumps(given).encode()
        kind = "text/plain; charset=utf-8" if isinstance(given, str) else "application/json"
        headers = {
            "content-type": kind,
            **{name.lower(): str(value) for name, value in do.get("headers", {}).items()},
        }
        headers["content-length"] = str(len(body))
        await self._send(
            {
                "type": "http.response.start",
                "status": do["status"],
                "headers": _encode_headers(headers),
            }
        )
        await self._send({"type": "http.response.body", "body": body})

    async def _truncate(self) -> None:
        """Sends half of the response under the length of the whole."""
        start, *rest = await self._act()
        body = b"".join(message.get("body", b"") for message in rest)
        headers = [
            (name, value)
            for name, value in start["headers"]
            if name not in (b"content-length", b"transfer-encoding")
        ]
        headers.append((b"content-length", str(max(len(body), 1)).encode()))
        await self._send({**start, "status": start["status"] if body else 200, "headers": headers})
        await self._send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        _find_transport(self._send).close()
        await self._wait_for_disconnect()


def _find_transport(send: Send) -> asyncio.Transport:
    """The connection. ASGI has no way to break it; uvicorn's `send` is a method of the request
    cycle that holds it (tested with the uvicorn that requirements.lock pins).
    """
    cycle: Any = send.__self__  # type: ignore[attr-defined]
    transport: asyncio.Transport = cycle.transport
    return transport


def _encode_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _read_body(receive: Receive) -> bytes | None:
    """The request's body; None if the client went away while sending it."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
