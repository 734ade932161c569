"""The emulator as a server among strangers: browsers, other users, clients that never finish.

Longer than most files: whatever reaches the port meets the same few guards.
"""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from agent.emulator.server.connection import Connection
from agent.emulator.server.gate import MOST_BODY_BYTES, MOST_FORM_BYTES, MOST_HEAD_BYTES

V = "api-version=2024-12-01-preview"
FORM = "multipart/form-data; boundary=x"


def address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def exchange(url: str, request: bytes) -> bytes:
    """Sends these bytes and no others; what comes back until the server closes."""
    with socket.create_connection(address(url), timeout=10) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return read_to_end(connection)


def read_to_end(connection: socket.socket) -> bytes:
    found = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            found += part
    return found


def head(method: str, path: str, *headers: str) -> bytes:
    given = ("api-key: k", "connection: close", *headers)
    return "\r\n".join((f"{method} {path} HTTP/1.1", *given, "", "")).encode()


@pytest.mark.parametrize(
    ("path", "is_v1"),
    [(f"/openai/files?{V}", False), ("/openai/v1/files", True), ("/_emulator/ledger", False)],
)
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}"),
        *("127.0.0.1:1", "127.0.0.1", "localhost@evil:{port}", ""),
    ],
)
def test_a_name_that_was_made_to_lead_here_reaches_nothing(
    host: str, path: str, is_v1: bool, plain: Any
) -> None:
    """A page in a browser can have its own name resolve to 127.0.0.1, and read the answers."""
    named = host.format(port=address(plain.url)[1])
    answer = exchange(plain.url, head("GET", path, f"Host: {named}"))
    assert answer.startswith(b"HTTP/1.1 421 "), answer
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["code"] == "MisdirectedRequest"
    assert ("type" in error) is is_v1


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_machine_are_let_in(name: str, plain: Any) -> None:
    port = address(plain.url)[1]
    answer = exchange(plain.url, head("GET", f"/openai/files?{V}", f"Host: {name}:{port}"))
    assert answer.startswith(b"HTTP/1.1 200 "), answer


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "ledger"), ("GET", "faults"), ("PUT", "faults"), ("DELETE", "faults")),
        *(("GET", "behaviour"), ("PUT", "behaviour"), ("DELETE", "behaviour")),
    ],
)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer guess", "Bearer llave-de-prueba", "Basic"])
def test_the_controls_need_a_token_of_their_own(
    given: str, method: str, path: str, plain: Any
) -> None:
    """The key of the data surfaces, which is any by default, is not enough."""
    answer = plain.ask(method, f"/_emulator/{path}", {}, authorization=given)
    assert (answer.status, answer.body["error"]["code"]) == (401, "401")


def test_the_token_is_for_the_owner_alone_and_new_at_each_start(
    launch: Callable[..., Any], tmp_path: Path
) -> None:
    tokens = set()
    for _ in range(2):
        running = launch(EMULATOR_ENCODER="hash")
        path = running.home / "control-token"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert running.ask("GET", "/_emulator/faults").status == 200
        tokens.add(path.read_text())
        running.kill()
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize(
    ("kind", "most"), [("application/json", MOST_BODY_BYTES), (FORM, MOST_FORM_BYTES)]
)
def test_a_body_that_is_announced_too_long_is_refused_unread(
    kind: str, most: int, plain: Any
) -> None:
    host, port = address(plain.url)
    asked = head(
        *("POST", f"/openai/files?{V}", f"Host: {host}:{port}"),
        *(f"content-type: {kind}", f"content-length: {most + 1}"),
    )
    answer = exchange(plain.url, asked)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "RequestEntityTooLarge"


@pytest.mark.parametrize("is_struck", [False, True])
@pytest.mark.parametrize(("surface", "path"), [("/openai", f"?{V}"), ("/openai/v1", "")])
def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(
    surface: str, path: str, is_struck: bool, plain: Any
) -> None:
    """Also where a fault would first have read it to its end; the connection can be used on."""
    if is_struck:
        plain.fault({"kind": "delay", "seconds": 0})
    host, port = address(plain.url)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    asked = head(
        *("POST", f"{surface}/fine_tuning/jobs{path}", f"Host: {host}:{port}"),
        "transfer-encoding: chunked",
    )
    answer = exchange(plain.url, asked + chunk * (MOST_BODY_BYTES // 0x10000 + 1) + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]


@pytest.mark.slow
def test_an_upload_of_any_length_takes_no_memory(plain: Any) -> None:
    """600 MB that never say how long they are."""
    host, port = address(plain.url)
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(
            head(
                *("POST", f"/openai/files?{V}", f"Host: {host}:{port}"),
                *(f"content-type: {FORM}", "transfer-encoding: chunked"),
            )
        )
        connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(600):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    status = Path(f"/proc/{plain.process.pid}/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 400 * 1024, peak


@pytest.mark.parametrize("in_one_go", [True, False])
def test_a_head_that_is_too_long_is_refused(in_one_go: bool, plain: Any) -> None:
    """In one header or in many, complete or not."""
    host, port = address(plain.url)
    filler = [f"x-{n}: {'y' * 4000}" for n in range(MOST_HEAD_BYTES // 4000 + 1)]
    asked = head("GET", f"/openai/files?{V}", f"Host: {host}:{port}", *filler)
    answer = exchange(plain.url, asked if in_one_go else asked[: MOST_HEAD_BYTES + 100])
    assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")), answer[:200]


class _Hasty(Connection):
    most, head_seconds, body_seconds = 5, 0.3, 0.6


@pytest.fixture(scope="module")
def hasty() -> Iterator[str]:
    """A server with the emulator's connections and short limits; it answers what it is sent."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        length = str(len(body)).encode()
        start = {"status": 200, "headers": [(b"content-length", length)]}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": body})

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, http=_Hasty, lifespan="off", log_config=None, timeout_keep_alive=3600
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server._serve([listener])), daemon=True
        )
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        thread.join(10)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
    ],
)
def test_a_request_that_is_never_finished_is_cut(begun: bytes, hasty: str) -> None:
    """Silent from the start, in its head, in its body, or behind another request."""
    with closing(socket.create_connection(address(hasty), timeout=10)) as connection:
        connection.sendall(begun)
        read_to_end(connection)  # ends only when the server has closed


def test_a_request_that_drips_is_cut(hasty: str) -> None:
    """Each byte is a sign of life, and gains nothing."""
    end = time.monotonic() + 10
    with (
        closing(socket.create_connection(address(hasty), timeout=10)) as connection,
        suppress(BrokenPipeError, ConnectionResetError),
    ):
        while True:
            assert time.monotonic() < end
            connection.sendall(b"x")
            time.sleep(0.05)


def test_a_connection_that_has_asked_before_may_idle(hasty: str) -> None:
    """Closed just as its client uses it again, it would look like a lost request."""
    asked = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    with closing(socket.create_connection(address(hasty), timeout=10)) as connection:
        for _ in range(2):
            connection.sendall(asked)
            found = b""
            while not found.endswith(b"abc"):
                found += (part := connection.recv(65536))
                assert part
            time.sleep(1.5 * _Hasty.body_seconds)


def test_connections_beyond_the_most_are_closed_at_once(hasty: str) -> None:
    """Those that are there are served as before, and room is made by those that are cut."""
    opened = [socket.create_connection(address(hasty), timeout=10) for _ in range(_Hasty.most + 3)]
    try:
        assert [read_to_end(one) for one in opened[_Hasty.most :]] == [b""] * 3
        [read_to_end(one) for one in opened]
    finally:
        for one in opened:
            one.close()
    assert b"200" in exchange(hasty, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
