"""What it means that no answer came: one table, read from the top. Called by errors.py.

The proxy and TLS speak here as well: in these cases nobody has heard the request.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn

import httpx2

from agent.engine.send_deadline import seconds_left
from agent.providers.error_answer import LONGEST_PART
from agent.providers.reply_size import TooLarge
from agent.providers.surfaces import Way
from states.errors import AfinadorError, Throttled, Transient, Unclear, Unreachable
from states.foreign import clean
from states.text import Text, say


class Silence(NamedTuple):
    """If one of the causes is as `applies` says, nobody answered because of `error`."""

    applies: Callable[[BaseException], bool]
    error: type[Transient]
    text: Callable[[Way, str], Text]  # of the way there, and what the cause says


def raise_for_silence(way: Way, error: Exception, redact: Callable[[str], str]) -> NoReturn:
    """Raises what it means that no answer came: the first row that knows one of the causes."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, AfinadorError):  # bearer_auth.py has spoken, from within the SDK
            raise cause
    for row in SILENCES:
        for cause in filter(row.applies, causes):
            problem = " ".join(redact(clean(str(cause))).split()) or type(cause).__name__
            raise row.error(row.text(way, problem[:LONGEST_PART])) from error
    raise Unclear(
        say(
            "{endpoint} did not answer in time, or broke off; it is asked again.",
            endpoint=way.endpoint,
        )
    ) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _say_too_slow(way: Way, _problem: str) -> Text:
    return say(
        "A request to {endpoint} took too long to be sent; it is tried again by itself. If that"
        " lasts, set a larger AGENT_SETTLE_SECONDS.",
        endpoint=way.endpoint,
    )


SILENCES = (
    # bounded_http.py refuses to begin: nothing was sent.
    Silence(
        lambda cause: isinstance(cause, httpx2.ConnectTimeout) and seconds_left() <= 0,
        Throttled,
        _say_too_slow,
    ),
    # Broken off after the first byte: the service may have acted upon it.
    Silence(lambda cause: isinstance(cause, httpx2.WriteTimeout), Unclear, _say_too_slow),
    # Neither had the request left where a proxy, or TLS, came to nothing.
    Silence(
        lambda cause: isinstance(cause, httpx2.ProxyError),
        Unreachable,
        lambda way, problem: say(
            "The proxy on the way to {endpoint} refuses ({problem}). Check {setting}, with the name"
            " and password that it wants; it is tried again by itself.",
            endpoint=way.endpoint,
            problem=problem,
            setting=way.proxy or "HTTPS_PROXY",
        ),
    ),
    Silence(
        lambda cause: isinstance(cause, ssl.SSLCertVerificationError),
        Unreachable,
        lambda way, problem: say(
            "{endpoint} shows a certificate that this machine does not trust ({problem}). If this"
            " network inspects TLS, name its certificate in SSL_CERT_FILE and start again"
            " (REQUESTS_CA_BUNDLE has no effect); else check {settings}.",
            endpoint=way.endpoint,
            problem=problem,
            settings=way.surface.address,
        ),
    ),
    # There was no connection: the service has certainly not acted.
    Silence(
        lambda cause: isinstance(
            cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol
        ),
        Unreachable,
        lambda way, problem: say(
            "{endpoint} cannot be reached ({problem}). Check {settings} and the network;"
            " it is tried again by itself.",
            endpoint=way.endpoint,
            problem=problem,
            settings=", ".join(filter(None, (way.proxy, way.surface.address))),
        ),
    ),
    Silence(
        lambda cause: isinstance(cause, TooLarge),
        Unclear,
        lambda way, limit: say(
            "{endpoint} gave an answer of more than {limit}, which is not read to its end; it is"
            " asked again.",
            endpoint=way.endpoint,
            limit=limit,
        ),
    ),
)
