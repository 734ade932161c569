"""HTTP with bounds on the whole request and the whole answer. Called by arm.py and azure.py.

The time-outs of the libraries start again with every byte; these do not. How large an
answer may be stands in reply_size.py.
"""

from __future__ import annotations

import math
import os
import ssl
import time
from collections.abc import Iterable
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpcore2
import httpx2

from agent.engine.send_deadline import seconds_left
from agent.providers.reply_size import bound
from agent.providers.rests import Rests
from agent.settings.addresses import is_loopback

# Of the largest AGENT_CONCURRENCY none is opened anew for each question.
_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=64)


def http_client(
    url: str, timeout: float, auth: httpx2.Auth | None = None, rests: Rests | None = None
) -> httpx2.Client:
    """A client for `url`: httpx2.ReadTimeout unless the answer is complete in `timeout` seconds,
    TooLarge for one beyond its bound.

    The time counts from the end of the request. Proxies of the environment are used, except for
    this machine itself, which no proxy could reach: HTTP_PROXY is set on many, NO_PROXY on few.

    `rests`: what it heeds before each request, and learns from each answer.

    No redirect is followed: an act would be sent twice, and its body to whoever the answer names.
    No cookie is kept: each log-in page would add its own, until the service refuses their size.
    """
    is_of_environment = not is_loopback(url)
    client = httpx2.Client(
        auth=auth,
        timeout=timeout,
        limits=_LIMITS,
        follow_redirects=False,
        trust_env=is_of_environment,
        verify=_certificates(
            is_of_environment, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        )
        if is_of_environment or url.startswith("https:")
        else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # believes nobody, and is asked by nobody
        event_hooks={
            "request": [] if rests is None else [rests.before],
            "response": [
                _refuse_leftover,
                *([] if rests is None else [rests.after]),
                bound,
                _read_as_utf8,
            ],
        },
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    # Private names: no public ones keep the environment's proxies working. A test guards them.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            transport._pool._network_backend = _Backend(transport._pool._network_backend)
    return client


@lru_cache(maxsize=4)
def _certificates(
    is_of_environment: bool, _file: str | None, _folder: str | None
) -> ssl.SSLContext:
    """Those that are believed, read once: some hundred of them take longer than many requests."""
    return httpx2.create_ssl_context(trust_env=is_of_environment)


def _refuse_leftover(response: httpx2.Response) -> None:
    """What came before the request was sent is no answer to it: a gateway answered twice before."""
    stream = response.extensions.get("network_stream")
    if isinstance(stream, _Stream) and not stream.has_read:
        raise httpx2.RemoteProtocolError(
            "an answer to an earlier request", request=response.request
        )


def _read_as_utf8(response: httpx2.Response) -> None:
    """Not as the answer says: of the codecs that it may name, some break with any exception."""
    response.encoding = "utf-8"


def _limit(timeout: float | None, too_late: type[Exception]) -> float | None:
    """The time-out for one more part of a request, within engine/send_deadline's limit."""
    left = seconds_left()
    if left <= 0:
        raise too_late("it took too long to be sent")
    return min(left, math.inf if timeout is None else timeout) if math.isfinite(left) else timeout


class _Stream(httpcore2.NetworkStream):
    """A connection. What is read after a write is one answer; its time runs from the first read.

    `has_read`: something was read since the last write."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner
        self._end: float | None = None
        self._is_sending = self.has_read = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._is_sending, self.has_read = False, True
        if timeout is None:
            return self._inner.read(max_bytes)
        if self._end is None:
            self._end = time.monotonic() + timeout
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer came too slowly")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Before the first byte nothing can have been acted upon: the same as no connection.
        allowed = _limit(
            timeout, httpcore2.WriteTimeout if self._is_sending else httpcore2.ConnectTimeout
        )
        self._end, self._is_sending, self.has_read = None, True, False
        self._inner.write(buffer, allowed)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        allowed = _limit(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, allowed))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Opens such connections."""

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
        allowed = _limit(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, allowed, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)
