"""One connection to the emulator, cut when a request does not arrive in time.

http_server.py has uvicorn make one for every client.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """HTTP/1.1 with bounds on the number of connections and on the arrival of each request.

    A connection on which a whole request has come may idle for as long as it likes: were it closed
    just as the client uses it again, that would look like a lost request.
    """

    most: ClassVar[int] = 200  # connections at a time; a client of the agent keeps a handful
    head_seconds: ClassVar[float] = 10.0
    body_seconds: ClassVar[float] = 60.0  # the largest upload takes a few seconds on loopback

    _limit: float | None = None  # seconds for what is arriving now
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._set_limit(None)

    def _watch(self) -> None:
        """Times what is arriving, from its first byte to its last; the first head at once."""
        has_begun = self.cycle is None or bool(self.conn.trailing_data[0])
        if self.conn.their_state is h11.SEND_BODY:
            self._set_limit(self.body_seconds)
        else:
            is_head = self.conn.their_state is h11.IDLE and has_begun
            self._set_limit(self.head_seconds if is_head else None)

    def _set_limit(self, limit: float | None) -> None:
        if limit == self._limit:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._limit = limit
        self._timer = None if limit is None else self.loop.call_later(limit, self.transport.abort)
