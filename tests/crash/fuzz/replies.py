"""A seeded generator of replies: status × head × headers × body × encoding × framing × cut × pace.

lives.py orders them, server.py delivers them. Each is a description with one hostile part or
several, so that it can be printed, repeated, and made simpler part by part.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace

from tests.crash.fuzz import bodies
from tests.crash.fuzz.requests import Op

STATUSES = (
    *(200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399),
    *(400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 415, 418, 421, 422),
    *(423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 511, 520, 524),
    *(529, 530, 599, 600, 999, 101, 100, 0),
)
REFUSALS = (*range(400, 408), *range(410, 500))
HEADS = (
    *(
        "no reason",
        "HTTP/1.0",
        "HTTP/0.9",
        "HTTP/2",
        "not HTTP",
        "no colon",
        "NUL",
        "many",
        "large",
    ),
    *("latin-1", "folded", "early hints", "hints for ever", "empty lines"),
)
TYPES = (
    *(
        "",
        "text/html",
        "text/plain",
        "application/octet-stream",
        "text/event-stream",
        ";;;",
        "\xff",
    ),
    *(
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/json;",
    ),
    *("application/json; charset=utf-7", "text/html; charset=idna", "application/json; charset="),
    *("text/plain; charset=base64", "application/problem+json", "multipart/form-data"),
)
ENCODINGS = (
    *("gzip", "gzip lie", "gzip garbage", "gzip cut", "gzip twice", "gzip with a tail", "deflate"),
    *("deflate lie", "br lie", "zstd lie", "made-up", "identity, gzip", "gzip many times"),
)
FRAMINGS = (
    *("chunked", "bad chunk", "open chunk", "large chunk", "to the end", "too long", "too short"),
    *("two lengths", "negative", "both", "words", "trailer", "nothing"),
)
LOCATIONS = (
    *("", "/", "//elsewhere.test/x", "http://elsewhere.test/in", "https://127.0.0.1:1/", "ftp://x"),
    *("http://[::1", "http://a:b/", "http://\x01/", "javascript:alert(1)", "?", "http://ñ.test/"),
    *("x" * 5_000, "{here}"),
)
RETRIES = (
    *("", "-1", "nan", "inf", "-inf", "1e400", "soon", "9" * 30, "9" * 5_000, "1,5", "0x10", "0"),
    *("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 9999 00:00:00 GMT", "Thu, 99 Foo 2026 99:99"),
    *("Mon, 01 Jan 0001 00:00:00 +2359", "5", "120.5", "\u0661".encode().decode("latin-1")),
)
CUTS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.8, 0.99)
PACES = ("drip", "hang")
LARGE = ("bomb", "endless", "endless chunks", "large")
CURSORS = ("round", "fresh for ever", "same for ever", "no ids", "large page")


@dataclass(frozen=True)
class Reply:
    """What comes back in the place of the truth; what is empty is as the truth has it.

    `acts`: the service acts, whatever it then answers.
    """

    op: Op
    status: int | None = None
    head: str = ""
    type: str | None = None
    encoding: str = ""
    framing: str = ""
    location: str | None = None
    retry_after: str | None = None
    body: str = "the truth"
    change: tuple[int, str] | None = None  # of the truth: which field, and what stands there
    cursor: str = ""
    large: str = ""
    cut: float | None = None  # that much of it is sent, and then the connection ends
    reset: bool = False  # by RST, not by FIN
    pace: str = ""
    acts: bool = True

    def __str__(self) -> str:
        plain = Reply(self.op)
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        odd = {k: v for k, v in told.items() if v != getattr(plain, k)}
        return f"{self.op.value}: " + (
            ", ".join(f"{k} {v!r}" for k, v in odd.items()) or "the truth"
        )

    @property
    def may_be_believed(self) -> bool:
        """A client may take it for the service's word that the act is done."""
        if self.pace == "hang" or self.cut == 0:
            return False
        is_success = self.status is None or 200 <= self.status < 300
        return is_success and self.body not in bodies.NEVER_DONE

    def simpler(self) -> list[Reply]:
        """The same with one part less; nothing that would be a lie."""
        plain = Reply(self.op)
        names = [f.name for f in fields(self) if f.name not in ("op", "acts")]
        changed = [n for n in names if getattr(self, n) != getattr(plain, n)]
        return [_without_lies(replace(self, **{n: getattr(plain, n)})) for n in changed]


def draw(rng: random.Random, op: Op, *, slow: float, large: float) -> Reply:
    """One hostile reply. `slow`, `large`: how probable it is that it takes time, or memory."""
    reply, chance = Reply(op, acts=rng.random() < 0.6), rng.random()
    if chance < slow:
        reply = replace(reply, pace=rng.choice(PACES))
    elif chance < slow + large:
        reply = replace(reply, large=rng.choice(LARGE))
    for part in rng.sample(_PARTS, rng.choice((1, 1, 1, 2, 2, 3))):
        reply = part(rng, reply)
    return _without_lies(reply)


def _without_lies(reply: Reply) -> Reply:
    """An act is done if the reply may be believed to say so, and not done if it is refused."""
    if reply.may_be_believed:
        return replace(reply, acts=True)
    return replace(reply, acts=reply.acts and reply.status not in REFUSALS)


def _draw_body(rng: random.Random, reply: Reply) -> Reply:
    return replace(reply, body=rng.choice((*bodies.TRUTHS[1:], *bodies.OTHERS)), change=None)


def _draw_listing(rng: random.Random, reply: Reply) -> Reply:
    if reply.op.is_listing and not reply.large:
        return replace(reply, cursor=rng.choice(CURSORS))
    return _draw_change(rng, reply)


def _draw_change(rng: random.Random, reply: Reply) -> Reply:
    return replace(reply, body="the truth", change=bodies.draw_change(rng))


def _draw_cut(rng: random.Random, reply: Reply) -> Reply:
    return replace(reply, cut=rng.choice(CUTS), reset=rng.random() < 0.5)


def _draw_redirect(rng: random.Random, reply: Reply) -> Reply:
    status = rng.choice((301, 302, 303, 307, 308))
    return replace(reply, status=status, location=rng.choice(LOCATIONS))


def _draw_refusal(rng: random.Random, reply: Reply) -> Reply:
    status = rng.choice((*REFUSALS, 408, 409, 500, 502, 503, 504))
    return replace(reply, status=status, body=rng.choice(bodies.ERRORS), change=None)


_PARTS = (
    *(_draw_body, _draw_change, _draw_listing, _draw_cut, _draw_redirect, _draw_refusal),
    lambda rng, reply: replace(reply, status=rng.choice(STATUSES)),
    lambda rng, reply: replace(reply, head=rng.choice(HEADS)),
    lambda rng, reply: replace(reply, type=rng.choice(TYPES)),
    lambda rng, reply: replace(reply, encoding=rng.choice(ENCODINGS)),
    lambda rng, reply: replace(reply, framing=rng.choice(FRAMINGS)),
    lambda rng, reply: replace(
        reply, status=rng.choice((429, 503, 500, 403)), retry_after=rng.choice(RETRIES)
    ),
)
