"""Foreign answers in our words: statuses, jobs, files, and what an error means for what happens next."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import httpx2
import openai
import structlog

from agent.deadline import seconds_left
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.remote import JobEvent, Phase, RemoteDeployment, RemoteFile, RemoteJob
from states.text import Text, say

log = structlog.get_logger()

# Everything else, known or not, is "still going": new words appear in the service before they appear in its documents.
_FILE_READY, _FILE_DEAD = {"processed", "succeeded"}, {"error", "failed", "deleted", "deleting"}
_JOB_READY, _JOB_DEAD = {"succeeded"}, {"failed", "cancelled", "canceled"}
_JOB_QUEUED = {"created", "notrunning", "pending", "validating_files", "queued"}
_DEPLOYMENT_READY, _DEPLOYMENT_DEAD = {"succeeded"}, {"failed", "canceled", "cancelled", "disabled", "deleting", "deleted"}


def _phase(status: str, ready: set[str], dead: set[str]) -> Phase:
    return Phase.READY if status in ready else Phase.DEAD if status in dead else Phase.WORKING


def as_dict(answer: Any) -> dict[str, Any]:
    """The JSON object of an SDK answer; Unclear for anything else (an HTML page with status 200, say)."""
    data = answer.to_dict() if hasattr(answer, "to_dict") else answer
    if not isinstance(data, dict):
        raise Unclear(say("The service gave an answer that is not the JSON it promised; it is asked again."))
    return data


def objects(listing: Any) -> list[dict[str, Any]]:
    """The JSON objects of a listing. Whatever else stands in it carries no mark of ours. Unclear for what is no listing."""
    if not isinstance(listing, list):
        raise Unclear(say("The service gave an answer that is not the JSON it promised; it is asked again."))
    found = [item for item in listing if isinstance(item, dict)]
    if len(found) < len(listing):
        log.warning("unreadable_items", count=len(listing) - len(found))
    return found


def _object(value: Any) -> dict[str, Any]:
    """Empty for what is none: a field of another kind than promised is one that says nothing."""
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def file_of(data: Mapping[str, Any]) -> RemoteFile:
    """LookupError without an id; of all the rest no more is believed than makes sense."""
    status = str(data.get("status") or "unknown").lower()
    detail = data.get("status_details")
    return RemoteFile(
        id=str(data["id"]),
        filename=str(data.get("filename") or ""),
        status=status,
        phase=_phase(status, _FILE_READY, _FILE_DEAD),
        created_at=_whole(data.get("created_at")) or 0,
        detail=None if detail is None else str(detail),
    )


def job_of(data: Mapping[str, Any]) -> RemoteJob:
    """As file_of."""
    status = str(data.get("status") or "unknown").lower()
    results = data.get("result_files")
    suffix = data.get("suffix") or data.get("user_provided_suffix")
    return RemoteJob(
        id=str(data["id"]),
        status=status,
        phase=_phase(status, _JOB_READY, _JOB_DEAD),
        base_model=str(data.get("model") or ""),
        model=_word(data.get("fine_tuned_model")),
        training_file=str(data.get("training_file") or ""),
        validation_file=_word(data.get("validation_file")),
        suffix=None if suffix is None else str(suffix),
        seed=_whole(data.get("seed")),
        created_at=_whole(data.get("created_at")) or 0,
        finished_at=_whole(data.get("finished_at")),
        trained_tokens=_whole(data.get("trained_tokens")),
        hyperparameters=_hyperparameters(data),
        result_files=tuple(map(str, results)) if isinstance(results, list) else (),
        error=_error_text(data.get("error")),
        cancelled=status in ("cancelled", "canceled"),
        queued=status in _JOB_QUEUED,
    )


def _hyperparameters(data: Mapping[str, Any]) -> dict[str, Any]:
    method = _object(data.get("method"))
    nested = _object(_object(method.get(str(method.get("type")))).get("hyperparameters"))
    given = {**nested, **_object(data.get("hyperparameters"))}
    # -1 is the dated surface's way to say "auto".
    return {key: "auto" if value == -1 else value for key, value in given.items()}


def _error_text(error: Any) -> str | None:
    if not isinstance(error, Mapping) or not (error.get("message") or error.get("code")):
        return None
    return ": ".join(str(part) for part in (error.get("code"), error.get("message")) if part)


def event_of(data: Mapping[str, Any]) -> JobEvent:
    numbers = {k: v for k, v in _object(data.get("data")).items() if isinstance(v, int | float) or v is None}
    level = str(data.get("level") or "info").lower()
    return JobEvent(
        id=str(data.get("id") or ""),
        at=_whole(data.get("created_at")) or 0,
        level="warning" if level == "warn" else level,
        message=str(data.get("message") or ""),
        data=numbers,
    )


def said_in(data: Mapping[str, Any]) -> tuple[str, bool]:
    """The text of a chat's answer, which may be empty, and whether the content filter stopped it."""
    choice = (objects(data.get("choices")) or [{}])[0]
    text = _word(_object(choice.get("message")).get("content")) or ""
    return text.strip(), choice.get("finish_reason") == "content_filter"


def arm_deployment_of(data: Mapping[str, Any]) -> RemoteDeployment:
    """LookupError without a name."""
    properties = _object(data.get("properties"))
    return _deployment(str(data["name"]), _object(properties.get("model")), properties.get("provisioningState"))


def legacy_deployment_of(data: Mapping[str, Any]) -> RemoteDeployment:
    return _deployment(str(data.get("id") or ""), {"name": data.get("model")}, data.get("status"))


def _deployment(name: str, model: Mapping[str, Any], status: Any) -> RemoteDeployment:
    word = str(status or "unknown").lower()
    return RemoteDeployment(name, str(model.get("name") or ""), word, _phase(word, _DEPLOYMENT_READY, _DEPLOYMENT_DEAD))


# Errors -----------------------------------------------------------------------------------------------------------------


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
            self.refused(error.status_code, error.response.headers, _body(error.body), error, acting=acting)
        except openai.APITimeoutError as error:
            self._not_answered(error)
        except openai.APIConnectionError as error:
            self._not_answered(error)
        except httpx2.TransportError as error:
            self._not_answered(error)
        except (openai.OpenAIError, ValueError, LookupError) as error:
            # ValueError: an answer that breaks off in the middle of its JSON; LookupError: one without an id.
            raise Unclear(say("The service gave an answer that is not the JSON it promised; it is asked again.")) from error

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
            if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol):
                raise Unreachable(
                    say(
                        "{endpoint} cannot be reached ({problem}). Check AZURE_OPENAI_ENDPOINT and the network; it is tried again by itself.",
                        endpoint=self._endpoint,
                        problem=self._redacted(str(cause) or type(cause).__name__),
                    )
                ) from error
            cause = cause.__cause__ or cause.__context__
        raise Unclear(
            say("{endpoint} did not answer in time, or broke off; it is asked again.", endpoint=self._endpoint)
        ) from error

    @property
    def _too_slow(self) -> Text:
        return say(
            "A request to {endpoint} took too long to be sent; it is tried again by itself. If that lasts, set a larger AGENT_SETTLE_SECONDS.",
            endpoint=self._endpoint,
        )

    def refused(
        self, status: int, headers: Mapping[str, str], body: Mapping[str, Any], cause: Exception | None, *, acting: bool
    ) -> NoReturn:
        """Raises what an answer with an error status means."""
        code, message = (self._redacted(str(body.get(part) or ""))[:300] for part in ("code", "message"))
        wait = retry_after(headers)
        detail = f"HTTP {status}" + (f", {code}" if code and code != str(status) else "") + (f": {message}" if message else "")
        if code == "DeploymentNotReady":
            raise DeploymentNotReady(say("The deployment is not ready yet ({detail}).", detail=detail), wait) from cause
        if status == 401:
            raise NeedsOperator(
                say("{endpoint} refuses the key (HTTP 401). Check AZURE_OPENAI_KEY and start again.", endpoint=self._endpoint),
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
                    "{endpoint} does not know it ({detail}). If it knows nothing at all, check AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_VERSION.",
                    endpoint=self._endpoint,
                    detail=detail,
                )
            ) from cause
        if status == 429 or code in ("RequestConflict", "tooManyRequests"):
            raise Throttled(say("The service is busy ({detail}); it is asked again.", detail=detail), wait) from cause
        if code in ("quotaExceeded", "InsufficientQuota"):
            raise NeedsOperator(
                say("A quota of the resource is used up ({detail}). Delete what is no longer needed, and `retry`.", detail=detail)
            ) from cause
        if status in (408, 409) or status >= 500:
            raise Unclear(say("The service is in trouble ({detail}); it is asked again.", detail=detail), wait) from cause
        if acting:
            raise Permanent(
                say("The service refuses this ({detail}). Mend the cause and `retry`.", detail=detail), remote=True
            ) from cause
        # That a look is refused says nothing about what is there: giving up now could pay for all of it again.
        raise NeedsOperator(
            say(
                "The service refuses to be asked ({detail}). It is asked again by itself once the cause is mended.", detail=detail
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
        if seconds is not None and math.isfinite(seconds):  # "nan" would be a due time that never comes
            return max(seconds, 0.0)
    return None


def _seconds(value: str, unit: float) -> float | None:
    """None for what is neither a number nor a date."""
    with suppress(ValueError):
        return float(value) / unit
    with suppress(ValueError, OverflowError):
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    return None
