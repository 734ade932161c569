"""A service for evaluate.py: it answers every question alike, some time after it was asked.

Who asks for the chances of the tokens gets them, as the product does and the bare client does not.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

MODEL = "gpt-4o-mini.ft-1"


class Service(asyncio.Protocol):
    """Answers every question alike, `latency` seconds after it was asked."""

    latency = 0.0
    name = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._to, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, rest = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(rest) < length:
            return
        body, self._read = rest[:length], rest[length:]
        if head.startswith(b"POST"):
            said = _SURE if b'"logprobs"' in body else _ANSWER
            asyncio.get_running_loop().call_later(self.latency, self._answer, said)
        else:
            self._answer({"data": [{"id": Service.name, "model": MODEL, "status": "succeeded"}]})

    def _answer(self, body: dict[str, Any]) -> None:
        said = json.dumps(body).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(said)}"
        self._to.write(f"{head}\r\n\r\n".encode() + said)  # type: ignore[attr-defined]


def _make_answer(told: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": "comprar"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message, **told}],
        "usage": {"prompt_tokens": 600, "completion_tokens": 3, "total_tokens": 603},
    }


def _tell_chances() -> dict[str, Any]:
    """The same with what the service tells of two tokens, for who asks for it."""
    content = []
    for piece in ("comp", "rar"):
        names = [piece, *(f"{piece[:2]}{number}" for number in range(19))]
        listed = [
            {"token": name, "logprob": -0.01 - rank * 0.7, "bytes": list(name.encode())}
            for rank, name in enumerate(names)
        ]
        content.append({**listed[0], "top_logprobs": listed})
    return _make_answer({"logprobs": {"content": content}})


_ANSWER, _SURE = _make_answer({}), _tell_chances()


async def serve(latency: float, name: str) -> None:
    Service.latency, Service.name = latency, name
    server = await asyncio.get_running_loop().create_server(Service, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
