"""AGENT_NOTIFY: where people are told that they are needed. Addresses as apprise writes them.

Used by agent/settings/declared; config.py asks what of an address is a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from agent.settings.reader import Reader
from states.text import say

_SCHEME = r"[A-Za-z][A-Za-z0-9]*://"
# What stands between two addresses; a comma within one (two recipients) is no end of it.
_BETWEEN = re.compile(rf"[\s,]+(?={_SCHEME})")
# Without TLS; their twins with an s have it. mailto is not among them: it knows who wants STARTTLS.
_PLAIN = ("form", "gotify", "http", "json", "matrix", "mmost", "ntfy", "rocket", "xml")
# Whose host is a machine's name. In other schemes a key stands in its place.
_WITH_HOST = (*_PLAIN, *(f"{name}s" for name in _PLAIN), "mailto", "mailtos")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Words of addresses that are no secret: struck out, they would make every text unreadable.
_WORDS = {
    *("incomingwebhook", "workflows", "triggers", "manual", "paths", "invoke", "run", "services"),
    *("hooks", "webhook", "webhooks", "channels", "messages", "alert", "alerts", "notify", "api"),
    *("html", "text", "markdown", "post", "true", "false", "high", "default"),
}
# Parameters whose values are no secret, and may be any word.
_PLAIN_PARAMETERS = {
    *("bcc", "cc", "cto", "format", "from", "image", "method", "mode", "name", "overflow"),
    *("port", "priority", "reply", "retry", "rto", "smtp", "tags", "to", "verify", "wait"),
}
_SHORTEST = 4  # characters; the redactor leaves shorter ones alone


class Addresses:
    """Addresses with commas or white space between them. Never quoted: most hold a secret."""

    def read(self, reader: Reader, name: str, default: Any) -> tuple[str, ...]:
        value = reader.read_text(name)
        if not value:
            return default or ()
        found = tuple(dict.fromkeys(_BETWEEN.split(value)))
        for number, address in enumerate(found, start=1):
            _check(reader, name, number, address)
        return found


def _check(reader: Reader, name: str, number: int, address: str) -> None:
    parts = _split(address)
    if parts is None or re.search(r"\s", address):
        reader.add_mistake(
            say(
                "{name}: number {number} is no address such as json://HOST/PATH; `.env.example`"
                " shows more.",
                name=name,
                number=number,
            )
        )
    elif parts.scheme in _PLAIN and parts.password and parts.hostname not in _LOOPBACK:
        reader.add_mistake(
            say(
                "{name}: number {number} would send its password unencrypted; {scheme}s:// does"
                " not.",
                name=name,
                number=number,
                scheme=parts.scheme,
            )
        )


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        if scheme_of(address) in _WITH_HOST:  # Telegram's key has a colon, and no port behind it
            _ = parts.port  # ValueError for one that is no number
    except ValueError:
        return None
    is_whole = re.match(_SCHEME, address) and address.partition("://")[2].strip("/")
    return parts if is_whole else None


def scheme_of(address: str) -> str:
    return address.partition("://")[0].lower()


def secrets_of(addresses: Sequence[str]) -> tuple[str, ...]:
    """Each address, and every part of it that lets somebody in, or may: as written, and decoded.

    For the log and every message, so words that may stand anywhere are left."""
    found = [part for address in addresses for part in (address, *_keys_of(address))]
    return _both_forms(part for part in found if part.lower() not in _WORDS)


def parts_of(address: str) -> tuple[str, ...]:
    """All that may not be repeated of it where somebody else quotes it, longest first."""
    parts = _split(address)
    if parts is None:
        return (address,)
    pieces = (parts.netloc, *re.split(r"[@:]", parts.netloc), parts.path, *parts.path.split("/"))
    values = (parts.query, *(value for _, value in parse_qsl(parts.query)), parts.fragment)
    return tuple(sorted(_both_forms((address, *pieces, *values)), key=len, reverse=True))


def _both_forms(parts: Iterable[str]) -> tuple[str, ...]:
    both = (form for part in parts for form in (part, unquote(part)))
    return tuple(dict.fromkeys(form for form in both if len(form) >= _SHORTEST))


def _keys_of(address: str) -> Iterator[str]:
    parts = _split(address)
    if parts is None:
        return
    scheme, has_host = scheme_of(address), scheme_of(address) in _WITH_HOST
    # Not `hostname`, which is in lower case: a key may be in its place.
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    yield password
    if not has_host:
        yield from (user, name, host, *host.split(":"))
    for piece in parts.path.split("/"):
        # The topic of ntfy is all that protects it; a webhook's path is often plain words.
        if not has_host or scheme.startswith("ntfy") or _looks_random(piece):
            yield piece
    for key, value in parse_qsl(parts.query):
        if key.lower() not in _PLAIN_PARAMETERS:
            yield value


def _looks_random(piece: str) -> bool:
    return len(piece) >= 16 or re.search(r"[A-Z0-9]", piece) is not None
