"""Between a client and a service: passes everything on, and says when something is asked."""

from __future__ import annotations

import queue
import socket
import threading
import time
from contextlib import suppress
from typing import Self

_ANSWER = b'{"id": "ftjob-1", "status": "running"}'
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Tap:
    """`awaited`: what the head of a request must hold to count. `port`: of the service.

    Without one it answers by itself that the job goes on."""

    def __init__(self, awaited: bytes, port: int | None = None) -> None:
        self._awaited, self._port = awaited, port
        self._seen: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def wait(self, seconds: float) -> float:
        """When the next such request came, by time.perf_counter. queue.Empty if none does."""
        return self._seen.get(timeout=seconds)

    def forget(self) -> None:
        """What has come so far does not count."""
        with suppress(queue.Empty):
            while True:
                self._seen.get_nowait()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self._port is None:
                while self._note(client.recv(65536)):
                    client.sendall(_HEAD % len(_ANSWER) + _ANSWER)
                return
            with socket.create_connection(("127.0.0.1", self._port)) as service:
                back = threading.Thread(target=_copy, args=(service, client), daemon=True)
                back.start()
                # The emulator answers under its own name alone.
                own, its = self.url[7:].encode(), b"127.0.0.1:%d" % self._port
                while data := self._note(client.recv(65536)):
                    service.sendall(data.replace(own, its))

    def _note(self, data: bytes) -> bytes:
        if self._awaited in data:
            self._seen.put(time.perf_counter())
        return data


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
