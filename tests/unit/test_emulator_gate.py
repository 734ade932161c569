"""What the emulator's gate turns away never reaches the application behind it."""

from __future__ import annotations

import asyncio
from typing import Any

from agent.emulator.server.gate import MOST_BODY_BYTES, Gate

PORT = 40000


def ask(host: str, sizes: tuple[int, ...] = (2,)) -> tuple[int, int]:
    """(the status, how many bytes of the body the application has read) of one request."""
    read, statuses = [0], []
    parts = iter(sizes)

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        while size := len((await receive())["body"]):
            read[0] += size
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b" " * next(parts, 0), "more_body": True}

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "path": "/_emulator/ledger",
        "raw_path": b"/_emulator/ledger",
        "query_string": b"",
        "headers": [(b"host", host.encode())],
        "server": ("127.0.0.1", PORT),
    }
    asyncio.run(Gate(application)(scope, receive, send))
    return statuses[0], read[0]


def test_neither_a_stranger_nor_a_flood_gets_past_the_gate() -> None:
    """Another name for this machine, and a body that goes on and on."""
    assert ask(f"localhost:{PORT}") == (200, 2)
    assert ask(f"evil.example:{PORT}") == (421, 0)
    status, read = ask(f"127.0.0.1:{PORT}", (MOST_BODY_BYTES // 2,) * 5)
    assert (status, read) == (413, MOST_BODY_BYTES)
