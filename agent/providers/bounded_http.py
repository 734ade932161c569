"""Bounds on how long a request may take to leave, and its answer to come: the libraries' time-outs begin anew with every byte."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from agent.engine.send_deadline import seconds_left
from agent.providers.transport import is_local


def http_client(url: str, timeout: float, *, follow_redirects: bool = False) -> httpx2.Client:
    """For `url`: every answer is there, whole, within `timeout` seconds of the request's end, or it is httpx2.ReadTimeout."""
    client = httpx2.Client(
        timeout=timeout, follow_redirects=follow_redirects, trust_env=not is_local(url)
    )
    # Private names, for want of public ones that keep the proxies of the environment working; a test watches over them.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            transport._pool._network_backend = _Backend(transport._pool._network_backend)
    return client


def _in_time(timeout: float | None, too_late: type[Exception]) -> float | None:
    """The time-out for one more part of a request that must have left by a deadline (agent/deadline.py)."""
    left = seconds_left()
    if left <= 0:
        raise too_late("it took too long to be sent")
    return min(left, math.inf if timeout is None else timeout) if math.isfinite(left) else timeout


class _Stream(httpcore2.NetworkStream):
    """A connection. Whatever is read after a write belongs to one answer, and its time runs from the first look."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner
        self._end: float | None = None
        self._is_sending = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._is_sending = False
        if timeout is None:
            return self._inner.read(max_bytes)
        if self._end is None:
            self._end = time.monotonic() + timeout
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer came too slowly")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Before the first byte it is certain that nothing was acted upon, as if the connection had never been made.
        allowed = _in_time(
            timeout, httpcore2.WriteTimeout if self._is_sending else httpcore2.ConnectTimeout
        )
        self._end, self._is_sending = None, True
        self._inner.write(buffer, allowed)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        allowed = _in_time(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, allowed))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Makes such connections."""

    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        allowed = _in_time(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, allowed, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)
