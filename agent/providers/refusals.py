"""What an answer with an error status means: one table, read from the top. Called by errors.py.

The exceptions are those of states/errors.py. A step or exactly_once.py may catch one first; what
follows from all others is decided in agent/engine/tick.py. A row for a status of its own stands
above the one for every mutation.
"""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from states.errors import (
    AfinadorError,
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
)
from states.foreign import clean
from states.text import Text, say

LONGEST_PART = 300  # characters of a code or a message that are passed on


@dataclass(frozen=True)
class Refusal:
    """An answer with an error status, already redacted."""

    endpoint: str
    status: int
    code: str
    message: str
    retry_after: float | None  # seconds
    is_mutation: bool  # the request was to change something
    redirected_to: str = ""  # the host that the answer points to; nothing is ever sent there

    @property
    def detail(self) -> str:
        code = f", {self.code}" if self.code and self.code != str(self.status) else ""
        message = f": {self.message}" if self.message else ""
        return f"HTTP {self.status}{code}{message}"


class Row(NamedTuple):
    """If `applies`, the answer means `error` with `text`."""

    applies: Callable[[Refusal], bool]
    error: Callable[[Text, Refusal], AfinadorError]
    text: Callable[[Refusal], Text]


def raise_for(refusal: Refusal, cause: Exception | None) -> NoReturn:
    """Raises what the refusal means: the first row that applies."""
    row = next(row for row in ROWS if row.applies(refusal))
    raise row.error(row.text(refusal), refusal) from cause


def read_refusal(
    endpoint: str,
    status: int,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    *,
    redact: Callable[[str], str],
    is_mutation: bool,
) -> Refusal:
    """The refusal in an answer. `body`: its JSON error object."""
    code, message = (redact(clean(str(body.get(part) or "")))[:LONGEST_PART] for part in _PARTS)
    elsewhere = redact(clean(_host_of(headers.get("location") or ""))) or endpoint
    wait = retry_after(headers)
    return Refusal(endpoint, status, code, message, wait, is_mutation, redirected_to=elsewhere)


_PARTS = ("code", "message")


def _host_of(url: str) -> str:
    """Empty where there is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _needs_setting(text: Text, _refusal: Refusal) -> AfinadorError:
    """The cause is repaired elsewhere: it is looked at again by itself."""
    return NeedsOperator(text, heals=True)


def _needs_decision(text: Text, _refusal: Refusal) -> AfinadorError:
    return NeedsOperator(text)


ROWS = (
    Row(
        lambda r: r.code == "DeploymentNotReady",
        lambda text, r: DeploymentNotReady(text, r.retry_after),
        lambda r: say("The deployment is not ready yet ({detail}).", detail=r.detail),
    ),
    Row(
        lambda r: r.status == 401,
        _needs_setting,
        lambda r: say(
            "{endpoint} refuses the key (HTTP 401). Check AZURE_OPENAI_KEY and start again.",
            endpoint=r.endpoint,
        ),
    ),
    Row(
        lambda r: r.status == 403,
        _needs_setting,
        lambda r: say(
            "{endpoint} does not allow this ({detail}). Check the roles of this identity.",
            endpoint=r.endpoint,
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status == 404,
        lambda text, _refusal: NotFound(text),
        lambda r: say(
            "{endpoint} does not know it ({detail}). If it knows nothing at all, check"
            " AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_VERSION.",
            endpoint=r.endpoint,
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status == 429 or r.code in ("RequestConflict", "tooManyRequests"),
        lambda text, r: Throttled(text, r.retry_after),
        lambda r: say("The service is busy ({detail}); it is asked again.", detail=r.detail),
    ),
    Row(
        lambda r: r.code in ("quotaExceeded", "InsufficientQuota"),
        _needs_decision,
        lambda r: say(
            "A quota of the resource is used up ({detail}). Delete what is no longer needed, and"
            " `retry`.",
            detail=r.detail,
        ),
    ),
    Row(
        lambda r: r.status in (408, 409) or r.status >= 500,
        lambda text, r: Unclear(text, r.retry_after),
        lambda r: say("The service is in trouble ({detail}); it is asked again.", detail=r.detail),
    ),
    # A log-in page or a proxy answers so, perhaps after the service has acted.
    Row(
        lambda r: 300 <= r.status < 400,
        lambda text, r: Unclear(text, r.retry_after),
        lambda r: say(
            "{endpoint} redirects to {host} (HTTP {status}), where nothing is sent: a proxy or a"
            " log-in page on this network? Check it, and the address of the service; it is asked"
            " again.",
            endpoint=r.endpoint,
            host=r.redirected_to,
            status=r.status,
        ),
    ),
    Row(
        lambda r: r.is_mutation,
        lambda text, _refusal: Permanent(text, remote=True),
        lambda r: say(
            "The service refuses this ({detail}). Mend the cause and `retry`.", detail=r.detail
        ),
    ),
    # A refused look says nothing about what is there: giving up now could pay for it all again.
    Row(
        lambda _refusal: True,
        _needs_setting,
        lambda r: say(
            "The service refuses to be asked ({detail}). It is asked again by itself once the"
            " cause is mended.",
            detail=r.detail,
        ),
    ),
)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the service asks to wait (retry-after-ms, or retry-after: seconds or a date)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        seconds = None if value is None else _to_seconds(value, unit, headers.get("date"))
        if seconds is not None and math.isfinite(seconds):  # "nan" would never be due
            return max(seconds, 0.0)
    return None


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
