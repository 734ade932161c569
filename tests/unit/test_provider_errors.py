"""Foreign errors in our words: what each one means, and when to ask again."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import httpx2
import openai
import pytest

from agent.engine.send_deadline import leaving_within
from agent.providers.errors import Errors, retry_after
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)

SECRET = "muy-secreto"


def raised(
    status: int,
    code: str | None = None,
    message: str | None = None,
    *,
    acting: bool = True,
    **headers: str,
) -> Any:
    errors = Errors("https://x", lambda text: text.replace(SECRET, "[secret]"))
    with pytest.raises(Exception) as caught:
        errors.refused(status, headers, {"code": code, "message": message}, None, acting=acting)
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (400, None, Permanent),
        (400, "invalidPayload", Permanent),
        (400, "DeploymentNotReady", DeploymentNotReady),
        (400, "quotaExceeded", NeedsOperator),
        (400, "InsufficientQuota", NeedsOperator),
        (401, None, NeedsOperator),
        (403, "AuthorizationFailed", NeedsOperator),
        (404, "404", NotFound),
        (404, "DeploymentNotFound", NotFound),
        (408, None, Unclear),
        (409, "RequestConflict", Throttled),
        (409, "conflict", Unclear),
        (413, None, Permanent),
        (422, None, Permanent),
        (429, "429", Throttled),
        (400, "tooManyRequests", Throttled),
        (500, None, Unclear),
        (502, None, Unclear),
        (503, None, Unclear),
        (599, None, Unclear),
    ],
)
def test_what_an_error_means(status: int, code: str | None, meaning: type[Exception]) -> None:
    """Certain refusals, certain non-actions, what only a person can mend, and what nobody can tell."""
    assert type(raised(status, code)) is meaning


@pytest.mark.parametrize("status", [400, 405, 413, 422])
def test_a_refused_look_gives_up_nothing(status: int) -> None:
    """It says nothing about what is there: a new try of everything would be paid again. It is looked at again by itself."""
    found = raised(status, "invalidPayload", "API version not supported", acting=False)
    assert type(found) is NeedsOperator
    assert found.heals
    assert "API version not supported" in str(found)


def test_a_refused_key_heals_and_a_used_up_quota_does_not() -> None:
    """The one is mended in .env; the other needs a decision and a retry."""
    assert raised(401).heals
    assert raised(403).heals
    assert not raised(400, "quotaExceeded").heals


def test_an_error_keeps_its_words_but_no_secret_and_no_novel() -> None:
    """Code and message, struck out, and cut."""
    text = str(raised(400, "bad", f"the key {SECRET} " + "x" * 5000))
    assert "HTTP 400, bad: the key [secret]" in text
    assert len(text) < 600


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "86400"}, 86400.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon, please"}, None),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_when_to_ask_again(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; nonsense is as good as nothing, and never a mistake of ours."""
    assert retry_after(headers) == seconds


def test_a_date_to_ask_again_is_counted_from_now() -> None:
    """Also one beyond the two minutes that the SDK would wait."""
    when = email.utils.formatdate(time.time() + 600, usegmt=True)
    assert retry_after({"retry-after": when}) == pytest.approx(600, abs=2)


def test_a_certain_refusal_says_how_long() -> None:
    """429 and 503 pass the service's wish on."""
    assert raised(429, **{"retry-after": "180"}).retry_after == 180.0
    assert raised(503, **{"retry-after-ms": "250"}).retry_after == 0.25


def caused(error: Exception, cause: Exception | None = None) -> Exception:
    error.__cause__ = cause
    return error


REQUEST = httpx2.Request("POST", "https://x")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (
            caused(openai.APIConnectionError(request=REQUEST), httpx2.ConnectError("refused")),
            Unreachable,
        ),
        (
            caused(openai.APITimeoutError(request=REQUEST), httpx2.ConnectTimeout("slow")),
            Unreachable,
        ),
        (caused(openai.APITimeoutError(request=REQUEST), httpx2.ReadTimeout("slow")), Unclear),
        (caused(openai.APIConnectionError(request=REQUEST), httpx2.ReadError("reset")), Unclear),
        (
            caused(openai.APIConnectionError(request=REQUEST), httpx2.RemoteProtocolError("gone")),
            Unclear,
        ),
        (caused(openai.APITimeoutError(request=REQUEST), httpx2.WriteTimeout("slow")), Unclear),
        (httpx2.ConnectError("refused"), Unreachable),
        (httpx2.ReadTimeout("slow"), Unclear),
        (ValueError("broken off"), Unclear),
        (KeyError("id"), Unclear),
    ],
)
def test_what_silence_means(error: Exception, meaning: type[Exception]) -> None:
    """Never connected: certainly not acted upon. Anything later: nobody knows."""
    with pytest.raises(meaning) as caught, Errors("https://x", str).translated():
        raise error
    assert type(caught.value) is meaning
    assert caught.value.__cause__ is error


def test_what_was_not_sent_in_time_is_sent_again_without_settling() -> None:
    """It was certainly not acted upon, and it is not the endpoint's name that is wrong."""
    too_late = caused(
        openai.APITimeoutError(request=REQUEST),
        httpx2.ConnectTimeout("it took too long to be sent"),
    )
    with (
        pytest.raises(Throttled, match="AGENT_SETTLE_SECONDS"),
        leaving_within(lambda: 0.0),
        Errors("https://x", str).translated(),
    ):
        raise too_late


def test_our_own_errors_pass_untouched() -> None:
    """What is translated already is not translated again."""
    with pytest.raises(NotFound, match="mine"), Errors("https://x", str).translated():
        raise NotFound("mine")
