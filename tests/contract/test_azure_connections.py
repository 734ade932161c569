"""What a service leaves behind in a connection or a client does not reach the next request."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from states.errors import Unclear

QUESTION = ({"role": "user", "content": "hola"},)


@contextmanager
def _answering(*replies: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that keeps its connections and sends one of these for each request,
    the last one again and again; and the heads of the requests.
    """
    heads: list[bytes] = []
    left = list(replies)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as incoming:
            head = b""
            while line := incoming.readline():
                head += line
                if line.strip():
                    continue
                length = re.search(rb"content-length: (\d+)", head.lower())
                incoming.read(int(length[1]) if length else 0)
                heads.append(head)
                head = b""
                connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heads
        listener.shutdown(socket.SHUT_RDWR)


def _reply(body: Any, *headers: str, status: int = 200) -> bytes:
    encoded = json.dumps(body).encode()
    about = ("Content-Type: application/json", f"Content-Length: {len(encoded)}")
    lines = [f"HTTP/1.1 {status} X", *about, *headers]
    return "\r\n".join([*lines, "", ""]).encode() + encoded


def _answer(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _reply({"model": "m", "choices": [choice]})


def test_an_answer_given_twice_is_not_taken_for_that_to_the_next_question(
    service: Callable[..., Any],
) -> None:
    """Else every case would be graded by the answer to the one before."""
    with _answering(_answer("one") * 2, _answer("two")) as (url, _):
        provider = service("v1", arm=False, url=url)
        assert provider.chat("d", QUESTION).text == "one"
        with pytest.raises(Unclear):
            provider.chat("d", QUESTION)
        assert provider.chat("d", QUESTION).text == "two"


def test_no_cookie_is_kept(service: Callable[..., Any]) -> None:
    """Log-in pages give new ones each time, which would add up until the service refuses them."""
    refused = _reply({}, f"Set-Cookie: session={'x' * 3000}; Path=/", status=503)
    with _answering(refused, _reply({"id": "file-1"})) as (url, heads):
        provider = service("v1", arm=False, url=url)
        with pytest.raises(Unclear):
            provider.file("file-1")
        provider.file("file-1")
        assert not any(b"cookie" in head.lower() for head in heads)
