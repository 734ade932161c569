"""What it means when the service refuses, breaks off, or does not answer.

Used by azure_client.py and arm.py around every request: the exceptions of the SDK and of the HTTP
library stop here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import httpx2
import openai

from agent.engine.send_deadline import seconds_left
from agent.logs import Redactor
from agent.providers.refusals import raise_for, read_refusal
from agent.providers.reply_size import TooLarge
from states.errors import Throttled, Transient, Unclear, Unreachable
from states.foreign import clean
from states.text import Text, say


class Errors:
    """Translates what goes wrong at one endpoint. Secrets are redacted from every message."""

    def __init__(self, endpoint: str, redactor: Redactor) -> None:
        self._endpoint, self.redactor = endpoint, redactor

    @contextmanager
    def translate(self, *, is_mutation: bool = False) -> Iterator[None]:
        """Whatever the SDK or the HTTP library raises inside leaves as one of ours."""
        try:
            yield
        except openai.APIStatusError as error:
            body = error.body if isinstance(error.body, Mapping) else {}
            self.raise_for_status(
                error.status_code, error.response.headers, body, error, is_mutation=is_mutation
            )
        except (openai.APIConnectionError, httpx2.RequestError) as error:
            raise_for_silence(self._endpoint, error, self.redactor)
        except (openai.OpenAIError, ValueError, LookupError, RecursionError) as error:
            # ValueError: an answer that breaks off within its JSON, or about something else;
            # LookupError: one without an id; RecursionError: JSON nested without end.
            raise Unclear(
                say(
                    "The service gave an answer that is not the JSON it promised; it is asked"
                    " again."
                )
            ) from error

    def raise_for_status(
        self,
        status: int,
        headers: Mapping[str, str],
        body: Mapping[str, Any],
        cause: Exception | None,
        *,
        is_mutation: bool,
    ) -> NoReturn:
        """Raises what an answer with an error status means. `body`: its JSON error object."""
        refusal = read_refusal(
            self._endpoint, status, headers, body, redact=self.redactor, is_mutation=is_mutation
        )
        raise_for(refusal, cause)


class Silence(NamedTuple):
    """If one of the causes is as `applies` says, nobody answered because of `error`."""

    applies: Callable[[BaseException], bool]
    error: type[Transient]
    text: Callable[[str, str], Text]  # of the endpoint, and what the cause says


def raise_for_silence(endpoint: str, error: Exception, redact: Callable[[str], str]) -> NoReturn:
    """Raises what it means that no answer came: the first cause that a row knows decides."""
    cause: BaseException | None = error
    while cause is not None:
        for row in SILENCES:
            if row.applies(cause):
                problem = redact(clean(str(cause)) or type(cause).__name__)
                raise row.error(row.text(endpoint, problem)) from error
        cause = cause.__cause__ or cause.__context__
    raise Unclear(
        say(
            "{endpoint} did not answer in time, or broke off; it is asked again.", endpoint=endpoint
        )
    ) from error


def _say_too_slow(endpoint: str, _problem: str) -> Text:
    return say(
        "A request to {endpoint} took too long to be sent; it is tried again by itself. If that"
        " lasts, set a larger AGENT_SETTLE_SECONDS.",
        endpoint=endpoint,
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
    # There was no connection: the service has certainly not acted.
    Silence(
        lambda cause: isinstance(
            cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol
        ),
        Unreachable,
        lambda endpoint, problem: say(
            "{endpoint} cannot be reached ({problem}). Check AZURE_OPENAI_ENDPOINT and the network;"
            " it is tried again by itself.",
            endpoint=endpoint,
            problem=problem,
        ),
    ),
    Silence(
        lambda cause: isinstance(cause, TooLarge),
        Unclear,
        lambda endpoint, limit: say(
            "{endpoint} gave an answer of more than {limit}, which is not read to its end; it is"
            " asked again.",
            endpoint=endpoint,
            limit=limit,
        ),
    ),
)
