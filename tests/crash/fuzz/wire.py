"""A reply as the bytes that go over the wire. Called by server.py."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, repeat
from typing import Any

from tests.crash.fuzz import bodies
from tests.crash.fuzz.replies import Reply

LARGE_BYTES = 200 * 2**20
_BLOCK = b" " * 2**16
_CHUNK = b"%x\r\n%b\r\n" % (len(_BLOCK), _BLOCK)


def render(reply: Reply, status: int, truth: Any, here: str) -> Iterator[bytes]:
    """The reply, in parts that are sent one after the other; some have no end."""
    body, headers = _make_body(reply, truth), _choose_headers(reply, here)
    yield from _make_head(reply, status if reply.status is None else reply.status)
    if reply.large:
        yield from _pour(reply.large, headers, body)
    else:
        encoded, encoding = _encode(reply.encoding, body)
        yield from _frame(reply.framing, [*headers, *encoding], encoded)


def plain(status: int, truth: Any) -> bytes:
    """What a healthy service answers."""
    body = _to_bytes(truth)
    kind = "text/csv" if isinstance(truth, bytes) else "application/json"
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _to_bytes(truth: Any) -> bytes:
    return truth if isinstance(truth, bytes) else json.dumps(truth).encode()


def _make_body(reply: Reply, truth: Any) -> bytes:
    if isinstance(truth, dict):
        if reply.op.is_listing:
            truth = bodies.among_strangers(truth)
        if reply.change is not None:
            truth = bodies.change(truth, *reply.change)
    return bodies.make(reply.body, _to_bytes(truth))


def _choose_headers(reply: Reply, here: str) -> list[str]:
    kind = "application/json" if reply.type is None else reply.type
    headers = [f"Content-Type: {kind}"] if kind else []
    if reply.location is not None:
        headers.append(f"Location: {reply.location.replace('{here}', here)}")
    if reply.retry_after is not None:
        headers.append(f"Retry-After: {reply.retry_after}")
    return headers


def _make_head(reply: Reply, status: int) -> Iterator[bytes]:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    line = f"HTTP/1.1 {status:03} Whatever\r\n".encode()
    heads: dict[str, Iterable[bytes]] = {
        "no reason": [line.replace(b" Whatever", b"")],
        "HTTP/1.0": [line.replace(b"1.1", b"1.0", 1)],
        "HTTP/0.9": [],
        "HTTP/2": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
        "not HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n"],
        "no colon": [line + b"no colon here\r\n"],
        "NUL": [line + b"X-Odd: a\x00b\x01\x7f\r\n"],
        "many": [line + b"".join(b"X-%d: y\r\n" % number for number in range(2_000))],
        "large": [line + b"X-Large: " + b"y" * 200_000 + b"\r\n"],
        "latin-1": [line + b"X-\xe9: \xff\xfe\r\n"],
        "folded": [line + b"X-Folded: a\r\n b\r\n\tc\r\n"],
        "early hints": [hint * 3 + line],
        "hints for ever": repeat(hint * 50),
        "empty lines": [b"\r\n\r\n" + line],
    }
    yield from heads.get(reply.head, [line])


def _encode(encoding: str, body: bytes) -> tuple[bytes, list[str]]:
    if not encoding:
        return body, []
    packed = gzip.compress(body, 1)
    found = {
        "gzip": packed,
        "gzip garbage": b"\x1f\x8b\x08" + b"x" * 60,
        "gzip cut": packed[: len(packed) * 2 // 3],
        "gzip twice": gzip.compress(packed),
        "gzip with a tail": packed + b"tail",
        "deflate": zlib.compress(body),
        "identity, gzip": packed,
        "gzip many times": packed,
    }.get(encoding, body)
    name = encoding.removesuffix(" lie").removesuffix(" garbage").removesuffix(" cut")
    name = {"gzip twice": "gzip", "gzip with a tail": "gzip"}.get(name, name)
    name = ", ".join(["gzip"] * 9) if encoding == "gzip many times" else name
    return found, [f"Content-Encoding: {name}"]


def _frame(framing: str, headers: list[str], body: bytes) -> Iterator[bytes]:
    size, chunk = len(body), b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    chunked, length = ["Transfer-Encoding: chunked"], [f"Content-Length: {size}"]
    more: dict[str, tuple[list[str], bytes]] = {
        "chunked": (chunked, chunk + b"0\r\n\r\n"),
        "bad chunk": (chunked, b"xyz\r\n" + body),
        "open chunk": (chunked, chunk),
        "large chunk": (chunked, b"f" * 17 + b"\r\n" + body),
        "trailer": (chunked, chunk + b"0\r\nX-Late: 1\r\n\r\n"),
        "to the end": (["Connection: close"], body),
        "too long": ([f"Content-Length: {size + 500}"], body),
        "too short": ([f"Content-Length: {size // 2}"], body),
        "two lengths": ([f"Content-Length: {size + 1}", *length], body),
        "negative": (["Content-Length: -1"], body),
        "both": ([*chunked, *length], chunk + b"0\r\n\r\n"),
        "words": (["Content-Length: many"], body),
        "nothing": (["Content-Length: 0"], b""),
    }
    own, content = more.get(framing, (length, body))
    yield "\r\n".join([*headers, *own, "", ""]).encode("utf-8", "surrogateescape")
    yield content


def _pour(large: str, headers: list[str], body: bytes) -> Iterator[bytes]:
    """Without end, or packed, or simply a lot of spaces before what was asked for."""
    packed = _bomb() if large == "bomb" else b""
    length = [f"Content-Length: {len(packed) or LARGE_BYTES + len(body)}"]
    own, parts = {
        "endless": (["Connection: close"], repeat(_BLOCK)),
        "endless chunks": (["Transfer-Encoding: chunked"], repeat(_CHUNK)),
        "large": (length, chain(repeat(_BLOCK, LARGE_BYTES // len(_BLOCK)), [body])),
    }.get(large, ([*length, "Content-Encoding: gzip, gzip"], iter([packed])))
    yield "\r\n".join([*headers, *own, "", ""]).encode("utf-8", "surrogateescape")
    yield from parts


@cache
def _bomb() -> bytes:
    """A few kilobytes that unpack into hundreds of megabytes, before any time-out is over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(b'{"data":[') + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**24) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(first + block * (LARGE_BYTES // 2**24))
