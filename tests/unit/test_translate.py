"""Foreign answers in our words: every status, every error, and when to ask again."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import httpx2
import openai
import pytest

from agent.engine.send_deadline import leaving_within
from agent.providers.errors import Errors, retry_after
from agent.providers.translate import (
    arm_deployment_of,
    as_dict,
    event_of,
    file_of,
    job_of,
    legacy_deployment_of,
    objects,
    said_in,
)
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.remote import Phase

W, R, D = Phase.WORKING, Phase.READY, Phase.DEAD
SECRET = "muy-secreto"


@pytest.mark.parametrize(
    ("status", "phase"),
    [("uploaded", W), ("pending", W), ("running", W), ("notRunning", W), ("processed", R), ("succeeded", R), ("error", D), ("deleted", D), ("deleting", D), ("failed", D), (None, W), ("quantumSuperposed", W)],
)  # fmt: skip
def test_a_files_status(status: str | None, phase: Phase) -> None:
    """An unknown one is "still going"."""
    file = file_of({"id": "f", "status": status, "status_details": None})
    assert (file.phase, file.detail, file.filename) == (phase, None, "")


@pytest.mark.parametrize(
    ("status", "phase"),
    [("pending", W), ("validating_files", W), ("queued", W), ("running", W), ("paused", W), ("resuming", W), ("notRunning", W), ("succeeded", R), ("failed", D), ("cancelled", D), ("canceled", D), ("cancelling", W), (None, W), ("dreaming", W)],
)  # fmt: skip
def test_a_jobs_status(status: str | None, phase: Phase) -> None:
    """Only an end is an end; both spellings of a cancellation are one."""
    job = job_of({"id": "j", "status": status})
    assert job.phase is phase
    assert job.cancelled is (status in ("cancelled", "canceled"))


@pytest.mark.parametrize(
    ("status", "phase"),
    [("Succeeded", R), ("Creating", W), ("Accepted", W), ("Moving", W), ("Failed", D), ("Canceled", D), ("Disabled", D), ("Deleting", D), (None, W), ("Pondering", W)],
)  # fmt: skip
def test_a_deployments_status(status: str | None, phase: Phase) -> None:
    """Of Resource Manager and of the legacy listing alike."""
    arm = arm_deployment_of(
        {"name": "d", "properties": {"model": {"name": "m"}, "provisioningState": status}}
    )
    legacy = legacy_deployment_of({"id": "d", "model": "m", "status": status})
    assert (
        (arm.name, arm.model, arm.phase)
        == (legacy.name, legacy.model, legacy.phase)
        == ("d", "m", phase)
    )
    assert arm_deployment_of({"name": "d"}).phase is W


def test_a_job_in_the_words_of_each_surface() -> None:
    """The suffix's two names, hyper-parameters in their two places, -1 for auto, an error of two parts."""
    dated = job_of(
        {
            "id": "j",
            "suffix": "s",
            "hyperparameters": {"n_epochs": -1, "batch_size": 1},
            "error": {"code": "c", "message": "m"},
        }
    )
    v1 = job_of(
        {
            "id": "j",
            "user_provided_suffix": "s",
            "method": {
                "type": "supervised",
                "supervised": {"hyperparameters": {"n_epochs": "auto", "batch_size": 1}},
            },
            "result_files": None,
            "error": {"code": None, "message": None},
        }
    )
    assert dated.suffix == v1.suffix == "s"
    assert dated.hyperparameters == v1.hyperparameters == {"n_epochs": "auto", "batch_size": 1}
    assert (dated.error, v1.error) == ("c: m", None)
    assert v1.result_files == ()


def test_events_keep_only_numbers() -> None:
    """And one name for a warning."""
    event = event_of(
        {
            "id": "e",
            "created_at": 7,
            "level": "warn",
            "message": "x",
            "data": {"step": 1, "text": "secret", "n": None},
        }
    )
    assert (event.level, event.at, event.data) == ("warning", 7, {"step": 1, "n": None})
    assert event_of({"id": "e", "data": None}).data == {}


ODD: list[dict[str, Any]] = [
    {
        "created_at": "2026-01-01T00:00:00Z",
        "finished_at": "later",
        "seed": [1],
        "trained_tokens": "many",
    },
    {"created_at": float("inf"), "method": "supervised", "hyperparameters": "auto", "error": "no"},
    {
        "method": {"type": {}, "None": 3},
        "result_files": 7,
        "fine_tuned_model": {"id": "m"},
        "validation_file": 3,
    },
    {
        "data": "none",
        "message": {},
        "level": 3,
        "properties": "none",
        "model": [],
        "status": ["x"],
        "filename": 5,
    },
    {"properties": {"model": "m", "provisioningState": {}}},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_field_of_another_kind_than_promised_says_nothing(odd: dict[str, Any]) -> None:
    """It is nobody's fault here, and no bug: what has an id is an object, and its other fields are as if they were not there."""
    job = job_of({"id": "j", **odd})
    assert (job.id, job.created_at, job.finished_at, job.seed, job.model, job.result_files) == (
        "j",
        0,
        None,
        None,
        None,
        (),
    )
    assert job.hyperparameters == {}
    assert file_of({"id": "f", **odd}).created_at == event_of({"id": "e", **odd}).at == 0
    assert arm_deployment_of({"name": "d", **odd}).model == ""
    assert legacy_deployment_of({"id": "d", **odd}).name == "d"


def test_a_listing_is_a_list_and_its_objects_count() -> None:
    """One that is none is never taken for an empty one."""
    assert objects([None, {"id": "a"}, "x", 3]) == [{"id": "a"}]
    for answer in (None, {}, "x"):
        with pytest.raises(Unclear, match="not the JSON"):
            objects(answer)


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ([], ""),
        ([None], ""),
        ([{"message": "x"}], ""),
        ([{"message": {"content": ["x"]}}], ""),
        ([{"message": {"content": " a "}}], "a"),
    ],
)
def test_an_answer_without_a_word_is_an_empty_one(choices: Any, text: str) -> None:
    assert said_in({"choices": choices}) == (text, False)


def test_what_is_no_object_is_unclear() -> None:
    """A login page with status 200, say."""
    for answer in ("<html>", None, [1]):
        with pytest.raises(Unclear, match="not the JSON"):
            as_dict(answer)


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
