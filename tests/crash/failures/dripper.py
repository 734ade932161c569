"""A server that goes on answering and never finishes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"


class Dripper:
    """A server that goes on answering and does not finish: a byte every twentieth of a second."""

    def __init__(self, first: bytes, seconds: float = 5.0) -> None:
        self._first, self._seconds = first, seconds
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def is_asked(self) -> bool:
        return len(self._threads) > 1

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._drip, args=(connection,)))
                self._threads[-1].start()

    def _drip(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._first)
            end = (
                time.monotonic() + self._seconds
            )  # a client without a bound of its own fails its test, and does not hang it
            while not self._over.wait(0.05) and time.monotonic() < end:
                connection.sendall(b"H" if not self._first else b" ")

    def close(self) -> None:
        self._over.set()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()
