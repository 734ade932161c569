"""How large an answer may be, by what was asked for. Called by bounded_http.py.

Counted while it streams, and after unpacking: a small gzip may unpack into gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx2

MEGABYTE = 1024 * 1024
# One object, an error, a chat's answer of 64 tokens: a few kilobytes each.
LARGEST = MEGABYTE
# By the end of the path: a hundred items of a listing, or all of them where a surface has no pages;
# a catalogue of some hundred models; and a result file of 100,000 steps.
LARGER = {
    "/files": 2 * MEGABYTE,
    "/jobs": 2 * MEGABYTE,
    "/events": 2 * MEGABYTE,
    "/deployments": 2 * MEGABYTE,
    "/models": 4 * MEGABYTE,
    "/content": 8 * MEGABYTE,
}


class TooLarge(httpx2.TransportError):
    """An answer that goes on beyond its bound. `str()`: the bound."""


class _Bounded(httpx2.Response):
    """`most`: bytes that may be read of it.

    A class, because a function put into the response would refer back to it: two megabytes each,
    which stay until somebody looks for garbage."""

    most: int

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:  # read() reads by it
        left = self.most
        for piece in super().iter_bytes(chunk_size):  # at most a megabyte each, unpacked
            left -= len(piece)
            if left < 0:
                raise TooLarge(f"{self.most // MEGABYTE} MB", request=self.request)
            yield piece


def bound(response: httpx2.Response) -> None:
    """From now on reading the response raises TooLarge beyond its bound. An httpx2 event hook."""
    path = response.request.url.path
    response.__class__ = _Bounded
    assert isinstance(response, _Bounded)  # noqa: S101
    response.most = next((size for end, size in LARGER.items() if path.endswith(end)), LARGEST)
