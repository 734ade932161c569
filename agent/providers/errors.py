"""What it means when the service refuses, breaks off, or does not answer."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import httpx2
import openai

from agent.engine.send_deadline import seconds_left
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.text import Text, say


class Errors:
    """Translates what went wrong while talking to one endpoint. Secrets are struck out of every message."""

    def __init__(self, endpoint: str, redacted: Callable[[str], str]) -> None:
        self._endpoint, self._redacted = endpoint, redacted

    @contextmanager
    def translated(self, *, acting: bool = False) -> Iterator[None]:
        """Whatever the SDK or the HTTP library raises inside leaves as one of ours. `acting`: it was to change something."""
        try:
            yield
        except openai.APIStatusError as error:
            self.refused(
                error.status_code, error.response.headers, _body(error.body), error, acting=acting
            )
        except openai.APITimeoutError as error:
            self._not_answered(error)
        except openai.APIConnectionError as error:
            self._not_answered(error)
        except httpx2.TransportError as error:
            self._not_answered(error)
        except (openai.OpenAIError, ValueError, LookupError) as error:
            # ValueError: an answer that breaks off in the middle of its JSON; LookupError: one without an id.
            raise Unclear(
                say(
                    "The service gave an answer that is not the JSON it promised; it is asked"
                    " again."
                )
            ) from error

    def struck(self, answer: Any) -> Any:
        """A JSON answer without our secrets: some gateways quote what they were sent."""
        if isinstance(answer, str):
            return self._redacted(answer)
        if isinstance(answer, Mapping):
            return {key: self.struck(value) for key, value in answer.items()}
        return [self.struck(item) for item in answer] if isinstance(answer, list) else answer

    def _not_answered(self, error: Exception) -> NoReturn:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, httpx2.ConnectTimeout) and seconds_left() <= 0:
                raise Throttled(self._too_slow) from error
            if isinstance(cause, httpx2.WriteTimeout):
                raise Unclear(self._too_slow) from error
            if isinstance(
                cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol
            ):
                raise Unreachable(
                    say(
                        "{endpoint} cannot be reached ({problem}). Check AZURE_OPENAI_ENDPOINT and"
                        " the network; it is tried again by itself.",
                        endpoint=self._endpoint,
                        problem=self._redacted(str(cause) or type(cause).__name__),
                    )
                ) from error
            cause = cause.__cause__ or cause.__context__
        raise Unclear(
            say(
                "{endpoint} did not answer in time, or broke off; it is asked again.",
                endpoint=self._endpoint,
            )
        ) from error

    @property
    def _too_slow(self) -> Text:
        return say(
            "A request to {endpoint} took too long to be sent; it is tried again by itself. If that"
            " lasts, set a larger AGENT_SETTLE_SECONDS.",
            endpoint=self._endpoint,
        )

    def refused(
        self,
        status: int,
        headers: Mapping[str, str],
        body: Mapping[str, Any],
        cause: Exception | None,
        *,
        acting: bool,
    ) -> NoReturn:
        """Raises what an answer with an error status means."""
        code, message = (
            self._redacted(str(body.get(part) or ""))[:300] for part in ("code", "message")
        )
        wait = retry_after(headers)
        detail = (
            f"HTTP {status}"
            + (f", {code}" if code and code != str(status) else "")
            + (f": {message}" if message else "")
        )
        if code == "DeploymentNotReady":
            raise DeploymentNotReady(
                say("The deployment is not ready yet ({detail}).", detail=detail), wait
            ) from cause
        if status == 401:
            raise NeedsOperator(
                say(
                    "{endpoint} refuses the key (HTTP 401). Check AZURE_OPENAI_KEY and start"
                    " again.",
                    endpoint=self._endpoint,
                ),
                heals=True,
            ) from cause
        if status == 403:
            raise NeedsOperator(
                say(
                    "{endpoint} does not allow this ({detail}). Check the roles of this identity.",
                    endpoint=self._endpoint,
                    detail=detail,
                ),
                heals=True,
            ) from cause
        if status == 404:
            raise NotFound(
                say(
                    "{endpoint} does not know it ({detail}). If it knows nothing at all, check"
                    " AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_VERSION.",
                    endpoint=self._endpoint,
                    detail=detail,
                )
            ) from cause
        if status == 429 or code in ("RequestConflict", "tooManyRequests"):
            raise Throttled(
                say("The service is busy ({detail}); it is asked again.", detail=detail), wait
            ) from cause
        if code in ("quotaExceeded", "InsufficientQuota"):
            raise NeedsOperator(
                say(
                    "A quota of the resource is used up ({detail}). Delete what is no longer"
                    " needed, and `retry`.",
                    detail=detail,
                )
            ) from cause
        if status in (408, 409) or status >= 500:
            raise Unclear(
                say("The service is in trouble ({detail}); it is asked again.", detail=detail), wait
            ) from cause
        if acting:
            raise Permanent(
                say(
                    "The service refuses this ({detail}). Mend the cause and `retry`.",
                    detail=detail,
                ),
                remote=True,
            ) from cause
        # That a look is refused says nothing about what is there: giving up now could pay for all of it again.
        raise NeedsOperator(
            say(
                "The service refuses to be asked ({detail}). It is asked again by itself once the"
                " cause is mended.",
                detail=detail,
            ),
            heals=True,
        ) from cause


def _body(body: object) -> Mapping[str, Any]:
    return body if isinstance(body, Mapping) else {}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the service asks to wait, from retry-after-ms or retry-after (seconds or a date); None if it does not."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        seconds = _seconds(value, unit)
        if seconds is not None and math.isfinite(
            seconds
        ):  # "nan" would be a due time that never comes
            return max(seconds, 0.0)
    return None


def _seconds(value: str, unit: float) -> float | None:
    """None for what is neither a number nor a date."""
    with suppress(ValueError):
        return float(value) / unit
    with suppress(ValueError, OverflowError):
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    return None
