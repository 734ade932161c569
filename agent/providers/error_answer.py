"""An answer with an error status, read: what it says, cleaned and bounded, and how long to wait.

Called by errors.py; refusals.py tells what it means.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, dropwhile
from typing import Any
from urllib.parse import urlsplit

from agent.providers.surfaces import Way
from states.foreign import clean

LONGEST_PART = 300  # characters of a code or a message that are passed on
_DEEPEST = 8  # errors within errors
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
# In small letters, as layers_of gives them: of Azure, OAuth, RFC 9457, an API gateway, Python's
# frameworks. `error` may be a text, too.
_MESSAGES = ("message", "error_description", "faultstring", "msg", "detail", "title")
_INSIDE = ("details", "detail", "errors", "fault", "message", "innererror", "inner_error")


@dataclass(frozen=True)
class Refusal:
    """An answer with an error status, already redacted."""

    way: Way
    status: int
    code: str
    message: str
    retry_after: float | None  # seconds
    is_mutation: bool  # the request was to change something
    redirected_to: str = ""  # the host that the answer points to; nothing is ever sent there
    inner: str = ""  # what the innermost error says, where that is more than `message`
    inner_codes: frozenset[str] = frozenset()  # and types

    @property
    def detail(self) -> str:
        code = f", {self.code}" if self.code and self.code != str(self.status) else ""
        message = f": {self.message}" if self.message else ""
        inner = f" ({self.inner})" if self.inner else ""
        return f"HTTP {self.status}{code}{message}{inner}"

    @property
    def is_worded(self) -> bool:
        """The service itself spoke: a proxy answers with a page, or with nothing."""
        return bool(self.code or self.message)

    def has_code(self, *codes: str) -> bool:
        """One of these, however the surface spells it, at any depth."""
        given = {_plain(code) for code in (self.code, *self.inner_codes)}
        return not given.isdisjoint(map(_plain, codes))

    def mentions(self, *words: str) -> bool:
        said = f"{self.message} {self.inner}".casefold()
        return any(word in said for word in words)


def read_refusal(
    way: Way,
    status: int,
    headers: Mapping[str, str],
    body: object,
    *,
    redact: Callable[[str], str],
    is_mutation: bool,
) -> Refusal:
    """The refusal in an answer. `body`: its JSON, or the error object in it."""

    def part(layer: Mapping[str, Any], *names: str) -> str:
        found = next((str(layer[name]) for name in names if _is_said(layer.get(name))), "")
        return " ".join(redact(clean(found)).split())[:LONGEST_PART]

    layers = list(layers_of(body))
    parts = [(part(layer, "code"), part(layer, *_MESSAGES)) for layer in layers]
    (code, message), *within = [*dropwhile(lambda both: both == ("", ""), parts)] or [("", "")]
    inner = next((both for both in reversed(within) if both[1] not in ("", message)), ())
    types = (part(layer, "type") for layer in layers)
    return Refusal(
        way,
        status,
        code,
        message,
        retry_after(headers),
        is_mutation,
        redirected_to=redact(clean(_host_of(headers.get("location") or ""))) or way.endpoint,
        inner=": ".join(filter(None, inner)),
        inner_codes=frozenset([*types, *(code for code, _ in within)]),
    )


def layers_of(body: object) -> Iterator[Mapping[str, Any]]:
    """The error, then the one within it, and so on: Resource Manager's “See inner errors”.

    Names are in small letters: gateways write `Message` and `innerError`."""
    for _ in range(_DEEPEST):
        body = _unwrap(body)
        if not isinstance(body, Mapping):
            return
        yield body
        inside = chain.from_iterable(map(_listed, map(body.get, _INSIDE)))
        body = next((error for error in inside if isinstance(error, Mapping)), None)


def _unwrap(body: object) -> object:
    """The object that tells of the error: it may stand in a list, under `error`, or be a text."""
    if isinstance(body, list):
        body = next((item for item in body if isinstance(item, Mapping | str)), None)
    if isinstance(body, str) and not body.lstrip().startswith("<"):  # no page of a proxy's
        return {"message": body}
    if not isinstance(body, Mapping):
        return None
    layer = {str(name).lower(): value for name, value in body.items()}
    error = next((e for e in _listed(layer.get("error")) if isinstance(e, Mapping | str)), None)
    if isinstance(error, str):
        return {"message": error, **layer}
    return layer if error is None else {str(name).lower(): error[name] for name in error}


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _is_said(value: object) -> bool:
    """A text, or a number such as a code; what has parts has layers of its own."""
    return bool(value) and not isinstance(value, list | Mapping)


def _plain(code: str) -> str:
    """`insufficient_quota`, `InsufficientQuota`: one code."""
    return re.sub(r"[\W_]", "", code).casefold()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the service asks to wait (retry-after-ms, or retry-after: seconds or a date)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        seconds = None if value is None else _to_seconds(value, unit, headers.get("date"))
        if seconds is not None and math.isfinite(seconds):  # "nan" would never be due
            return max(seconds, 0.0)
    return None


def seconds_of(duration: str) -> float | None:
    """Seconds of "7", "1.5s", "350ms" or "6m0s", as rate-limit headers have it; else None."""
    if re.fullmatch(r"\d+(\.\d+)?", duration):
        return float(duration)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", duration)
    if not parts or "".join(map("".join, parts)) != duration:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _to_seconds(value: str, unit: float, now: str | None) -> float | None:
    """None for what is neither a number nor a date. `now`: the answer's own date, if it has one."""
    with suppress(ValueError):
        return float(value) / unit
    until = _to_moment(value)
    if until is None:
        return None
    # By the clock that wrote both, so that one which is hours ahead asks for no hours.
    sent = _to_moment(now or "")
    return until - (time.time() if sent is None else sent)


def _to_moment(date: str) -> float | None:
    """Unix seconds of an HTTP date; None for any other text."""
    with suppress(ValueError, OverflowError):
        return email.utils.parsedate_to_datetime(date).timestamp()
    return None


def _host_of(url: str) -> str:
    """Empty where there is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
