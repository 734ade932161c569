"""Faults made to order: an ASGI layer around everything that loses, delays and spoils requests as its rules say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.emulator.faults.fault_rules import FaultRules

_CONTROL = "/_emulator/"


class FaultLayer:
    """Stands between the server and the application. The control endpoints pass untouched."""

    def __init__(self, app: ASGIApp, rules: FaultRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = None
        if scope["type"] == "http" and not scope["path"].startswith(_CONTROL):
            rule = self._rules.next_for(scope["method"], scope["path"])
        if rule is None:
            await self._app(scope, receive, send)
            return
        # The body is read first: once the client has gone the server no longer hands it out.
        body = await _whole_body(receive)
        if body is not None:
            await _Exchange(self._app, scope, body, receive, send).suffer(rule)


class _Exchange:
    """One request with a fault upon it."""

    def __init__(
        self, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        self._app, self._scope, self._body = app, scope, body
        self._receive, self._send = receive, send

    async def suffer(self, do: dict[str, Any]) -> None:
        """Does what the rule says."""
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
        """Lets the application do its work; the answer is held back."""
        held: list[Message] = []
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                await (
                    asyncio.Event().wait()
                )  # no disconnect: the act is to be finished whatever the client does
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        async def send(message: Message) -> None:
            held.append(message)

        await self._app(self._scope, receive, send)
        return held

    async def _drop(self) -> None:
        _transport(self._send).abort()
        await self._gone()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _delay(self, do: dict[str, Any]) -> None:
        if do.get("when", "before") == "before":
            await asyncio.sleep(do["seconds"])
            answer = await self._act()
        else:
            answer = await self._act()
            await asyncio.sleep(do["seconds"])
        for message in answer:
            await self._send(message)

    async def _answer(self, do: dict[str, Any]) -> None:
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
            {"type": "http.response.start", "status": do["status"], "headers": _raw(headers)}
        )
        await self._send({"type": "http.response.body", "body": body})

    async def _truncate(self) -> None:
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
        _transport(self._send).close()
        await self._gone()


def _transport(send: Send) -> asyncio.Transport:
    """The connection itself: uvicorn's `send` is a method of the request cycle that holds it."""
    cycle: Any = send.__self__  # type: ignore[attr-defined]
    transport: asyncio.Transport = cycle.transport
    return transport


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _whole_body(receive: Receive) -> bytes | None:
    """The request's body; None if the client went away while sending it."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
