"""A real HTTP server on loopback that answers as Azure does, or as it has been ordered to.

lives.py orders what comes in the place of the truth, for the requests to come of each kind.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tests.crash.fuzz.azure import Azure
from tests.crash.fuzz.bodies import Json
from tests.crash.fuzz.replies import Reply
from tests.crash.fuzz.requests import Op, Request
from tests.crash.fuzz.wire import LARGE_BYTES, plain, render

MOST_PAGES = 500  # of one listing: no client needs as many
MOST_BYTES = LARGE_BYTES + 2**20  # of one answer: no client should have read as much
_PATIENCE = 5.0  # seconds that a client without a time-out of its own is served


class Server:
    """`orders`: for each request to come of a kind, a reply, or None for the truth."""

    def __init__(self) -> None:
        self.azure: Azure | None = None
        self.orders: dict[Op, deque[Reply | None]] = defaultdict(deque)
        self.delivered: list[Reply] = []
        self.complaints: list[str] = []  # what no client should let happen
        self._cursor: tuple[Reply, int] | None = None  # the listing under way, and its pages
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, suppress(OSError):
            try:
                while request := _read_request(connection):
                    if not self._respond(connection, request):
                        return
            except OSError:
                raise
            except Exception as error:
                self.complaints.append(f"the server of the tests broke: {error!r}")

    def _respond(self, connection: socket.socket, request: Request) -> bool:
        """False if the connection has ended with it."""
        assert self.azure is not None
        exchange = self.azure.understand(request)
        reply = self._take_order(exchange.op, request)
        status, truth = 200, b""
        if reply is None or reply.acts or not exchange.op.is_act:
            status, truth = exchange.answer()
        if reply is None:
            connection.sendall(plain(status, truth))
            return True
        if reply.cursor:
            truth = self._turn_page(reply, truth)
        return self._deliver(connection, reply, render(reply, status, truth, self.url))

    def _take_order(self, op: Op, request: Request) -> Reply | None:
        if request.is_next_page and self._cursor is not None:
            return None if self._cursor[0].cursor == "large page" else self._cursor[0]
        self._cursor = None
        reply = self.orders[op].popleft() if self.orders[op] else None
        if reply is not None:
            self.delivered.append(reply)
            self._cursor = (reply, 0) if reply.cursor else None
        return reply

    def _turn_page(self, reply: Reply, truth: Json) -> Json:
        """One more page of a listing that does not know its end."""
        pages = 0 if self._cursor is None else self._cursor[1] + 1
        self._cursor = (reply, pages)
        if pages > MOST_PAGES:
            self.complaints.append(f"{pages} pages were read of one listing")
            self._cursor = None
            return truth
        key = "value" if "value" in truth else "data"
        many = 10_000 if reply.cursor == "large page" else 20
        fresh = reply.cursor in ("fresh for ever", "large page")
        names = [f"x-{pages if fresh else 0}-{number}" for number in range(many)]
        strangers = [{} if reply.cursor == "no ids" else {"id": n, "name": n} for n in names]
        turned = {**truth, key: [*truth[key], *strangers], "has_more": True, "last_id": names[-1]}
        if reply.op is Op.LIST_DEPLOYMENTS:
            skip = pages if fresh else 1
            turned["nextLink"] = f"{self.url}/subscriptions/x/deployments?$skiptoken={skip}"
        return turned

    def _deliver(self, connection: socket.socket, reply: Reply, parts: Iterator[bytes]) -> bool:
        if reply.pace == "hang":
            _wait_for_end(connection)
            return False
        if reply.cut is not None:
            whole = b"".join(part for part, _ in zip(parts, range(100), strict=False))
            connection.sendall(whole[: int(len(whole) * reply.cut)])
            if reply.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        self._send(connection, reply, parts)
        return reply.framing not in ("to the end", "open chunk", "too long") and not reply.large

    def _send(self, connection: socket.socket, reply: Reply, parts: Iterator[bytes]) -> None:
        sent, end = 0, time.monotonic() + _PATIENCE
        for part in parts:
            if reply.pace == "drip":
                _drip(connection, part, end)
            else:
                connection.sendall(part)
            sent += len(part)
            if sent > MOST_BYTES:
                self.complaints.append(f"{sent} bytes were read of {reply}")
                raise OSError("enough")


def _drip(connection: socket.socket, part: bytes, end: float) -> None:
    for at in range(len(part)):
        if time.monotonic() > end:
            return
        connection.sendall(part[at : at + 1])
        time.sleep(0.01)


def _wait_for_end(connection: socket.socket) -> None:
    connection.settimeout(_PATIENCE)
    connection.recv(1)


def _read_request(connection: socket.socket) -> Request | None:
    given = b""
    while b"\r\n\r\n" not in given:
        part = connection.recv(65536)
        if not part:
            return None
        given += part
    head, _, body = given.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, Any] = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            return None
        body += part
    method, target, _ = first.split(" ")
    return Request(method, target, body)
