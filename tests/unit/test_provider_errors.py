"""Foreign errors in our words: what each one means, and when to ask again.

Longer than most files: each foreign error is a row of its tables.
"""

from __future__ import annotations

import email.utils
import sys
import time
from types import ModuleType
from typing import Any

import httpx2
import openai
import pytest

from agent.engine.send_deadline import leaving_within
from agent.providers.error_answer import retry_after
from agent.providers.errors import Errors
from agent.redactor import Redactor
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    TooSoon,
    Unclear,
    Unreachable,
)

SECRET = "muy-secreto"


def raised(
    status: int,
    code: str | None = None,
    message: str | None = None,
    *,
    is_mutation: bool = True,
    **headers: str,
) -> Any:
    errors = Errors("https://x", Redactor([SECRET]))
    with pytest.raises(Exception) as caught:
        errors.raise_for_status(
            status, headers, {"code": code, "message": message}, None, is_mutation=is_mutation
        )
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (400, None, Permanent),
        (400, "invalidPayload", Permanent),
        (400, "DeploymentNotReady", DeploymentNotReady),
        (400, "quotaExceeded", NeedsOperator),
        (400, "InsufficientQuota", NeedsOperator),
        (429, "insufficient_quota", NeedsOperator),
        (429, "Insufficient-Quota", NeedsOperator),
        (403, "QuotaExceeded", NeedsOperator),
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
    """Certain refusals, certain non-actions, what a person must mend, what nobody can tell."""
    assert type(raised(status, code)) is meaning


PASSING = [
    (400, "invalidPayload", "File f is still being processed and is not ready. Try again later."),
    (400, "", "The file is not ready yet."),
    (400, "", "The file has not been processed yet"),
    (400, "", "The file is currently being imported."),
    (400, "", "File status is 'running'."),
    (400, "unexpectedEntityState", "The job cannot be paused: its status is pending."),
    (400, "", "Please retry after 10 seconds."),
    (400, "", "Wait until the import is over."),
    (422, "", "Another operation is in progress"),
    (400, "FileNotReady", ""),
    (409, "AnotherOperationInProgress", ""),
    (412, "", "temporarily unavailable"),
    (423, "", ""),
    (425, "", ""),
]
FINAL = [
    (400, "invalidPayload", "Line 3 is wrong. Fix the file and try again."),
    (400, "", "The specified base model is not available for fine-tuning."),
    (400, "", "The file is not valid."),
    (400, "", "The prompt was stopped by the filter. Change it and try again."),
    (413, "", "The file is too large; later lines were not read."),
]


@pytest.mark.parametrize("is_mutation", [True, False])
@pytest.mark.parametrize(("status", "code", "message"), PASSING)
def test_a_refusal_that_passes_by_its_own_words_is_waited_for(
    status: int, code: str, message: str, is_mutation: bool
) -> None:
    """Nothing was done, so nothing settles and no generation begins."""
    found = raised(status, code, message, is_mutation=is_mutation)
    assert type(found) is (Throttled if status in (409, 423, 425) else TooSoon)
    assert "portal" in str(found)


@pytest.mark.parametrize(("status", "code", "message"), FINAL)
def test_a_refusal_that_asks_for_something_else_is_final(
    status: int, code: str, message: str
) -> None:
    """However it is worded: a person would wait for hours, and for nothing."""
    assert type(raised(status, code, message)) is Permanent


def test_a_conflict_is_unclear_whatever_it_says() -> None:
    """It is also said of what was done."""
    assert type(raised(409, "conflict", "Try again later.")) is Unclear


@pytest.mark.parametrize("status", [400, 405, 413, 422])
def test_a_refused_look_gives_up_nothing(status: int) -> None:
    """It says nothing about what is there: a new try of everything would be paid again.

    It is looked at again by itself."""
    found = raised(status, "invalidPayload", "API version not supported", is_mutation=False)
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
    """Seconds, milliseconds or a date; nonsense is as good as nothing, and no mistake of ours."""
    assert retry_after(headers) == seconds


def test_a_date_to_ask_again_is_counted_from_now() -> None:
    """Also one beyond the two minutes that the SDK would wait."""
    when = email.utils.formatdate(time.time() + 600, usegmt=True)
    assert retry_after({"retry-after": when}) == pytest.approx(600, abs=2)


def test_a_date_to_ask_again_is_read_by_the_clock_that_wrote_it() -> None:
    """One that is three hours ahead asks for seconds all the same."""
    ahead = time.time() + 3 * 3600
    headers = {
        "retry-after": email.utils.formatdate(ahead + 20, usegmt=True),
        "date": email.utils.formatdate(ahead, usegmt=True),
    }
    assert retry_after(headers) == pytest.approx(20, abs=1)
    assert retry_after({**headers, "date": "soon"}) == pytest.approx(3 * 3600, abs=30)


@pytest.mark.parametrize("location", ["https://[", "//", "x://\x1b]0;t\x07h/"])
def test_a_redirect_to_nowhere_names_the_service_or_what_can_be_shown(location: str) -> None:
    """Never a host that turns the terminal's title."""
    found = raised(302, location=location)
    assert type(found) is Unclear
    assert "\x1b" not in str(found)


def test_an_error_is_told_without_what_a_terminal_obeys() -> None:
    """Nor with what no file can hold."""
    text = str(raised(400, "bad\x1b[2J", "\ud83d no\x1b]0;title\x07 \u202epay\x9b"))
    assert "HTTP 400, bad: \ufffd no pay" in text


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
    with pytest.raises(meaning) as caught, Errors("https://x", Redactor([])).translate():
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
        Errors("https://x", Redactor([])).translate(),
    ):
        raise too_late


def test_our_own_errors_pass_untouched() -> None:
    """What is translated already is not translated again."""
    with pytest.raises(NotFound, match="mine"), Errors("https://x", Redactor([])).translate():
        raise NotFound("mine")


def test_an_sdk_that_another_thread_has_half_loaded_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first tick that needs the SDK loads it while others go on: an absent deployment, say."""
    monkeypatch.setitem(sys.modules, "openai", ModuleType("openai"))
    with pytest.raises(NotFound), Errors("https://x", Redactor([])).translate():
        raise NotFound("no such deployment")
