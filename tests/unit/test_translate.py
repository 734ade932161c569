"""Foreign objects in our words: every status, and fields of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from agent.providers.translate import (
    read_objects,
    to_arm_deployment,
    to_dict,
    to_event,
    to_file,
    to_job,
    to_legacy_deployment,
)
from states.errors import (
    Unclear,
)
from states.remote import Phase

W, R, D = Phase.WORKING, Phase.READY, Phase.DEAD


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("uploaded", W), ("pending", W), ("running", W), ("notRunning", W), ("processed", R),
        ("succeeded", R), ("error", D), ("deleted", D), ("deleting", D), ("failed", D),
        (None, W), ("quantumSuperposed", W),
    ],
)  # fmt: skip
def test_a_files_status(status: str | None, phase: Phase) -> None:
    """An unknown one is "still going"."""
    file = to_file({"id": "f", "status": status, "status_details": None})
    assert (file.phase, file.detail, file.filename) == (phase, None, "")


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("pending", W), ("validating_files", W), ("queued", W), ("running", W),
        ("paused", W), ("resuming", W), ("notRunning", W), ("succeeded", R), ("failed", D),
        ("cancelled", D), ("canceled", D), ("cancelling", W), (None, W), ("dreaming", W),
    ],
)  # fmt: skip
def test_a_jobs_status(status: str | None, phase: Phase) -> None:
    """Only an end is an end; both spellings of a cancellation are one."""
    job = to_job({"id": "j", "status": status})
    assert job.phase is phase
    assert job.cancelled is (status in ("cancelled", "canceled"))


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("Succeeded", R), ("Creating", W), ("Accepted", W), ("Moving", W), ("Failed", D),
        ("Canceled", D), ("Disabled", D), ("Deleting", D), (None, W), ("Pondering", W),
    ],
)  # fmt: skip
def test_a_deployments_status(status: str | None, phase: Phase) -> None:
    """Of Resource Manager and of the legacy listing alike."""
    arm = to_arm_deployment(
        {"name": "d", "properties": {"model": {"name": "m"}, "provisioningState": status}}
    )
    legacy = to_legacy_deployment({"id": "d", "model": "m", "status": status})
    assert (
        (arm.name, arm.model, arm.phase)
        == (legacy.name, legacy.model, legacy.phase)
        == ("d", "m", phase)
    )
    assert to_arm_deployment({"name": "d"}).phase is W


def test_a_job_in_the_words_of_each_surface() -> None:
    """Two names of the suffix, two places of hyper-parameters, -1 for auto, a two-part error."""
    dated = to_job(
        {
            "id": "j",
            "suffix": "s",
            "hyperparameters": {"n_epochs": -1, "batch_size": 1},
            "error": {"code": "c", "message": "m"},
        }
    )
    v1 = to_job(
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
    event = to_event(
        {
            "id": "e",
            "created_at": 7,
            "level": "warn",
            "message": "x",
            "data": {"step": 1, "text": "secret", "n": None},
        }
    )
    assert (event.level, event.at, event.data) == ("warning", 7, {"step": 1, "n": None})
    assert to_event({"id": "e", "data": None}).data == {}


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
    """It is nobody's fault here, and no bug.

    What has an id is an object, and its other fields are as if they were not there."""
    job = to_job({"id": "j", **odd})
    assert (job.id, job.created_at, job.finished_at, job.seed, job.model, job.result_files) == (
        "j",
        0,
        None,
        None,
        None,
        (),
    )
    assert job.hyperparameters == {}
    assert to_file({"id": "f", **odd}).created_at == to_event({"id": "e", **odd}).at == 0
    assert to_arm_deployment({"name": "d", **odd}).model == ""
    assert to_legacy_deployment({"id": "d", **odd}).name == "d"


def test_a_listing_is_a_list_and_its_objects_count() -> None:
    """One that is none is never taken for an empty one."""
    assert read_objects([None, {"id": "a"}, "x", 3]) == [{"id": "a"}]
    for answer in (None, {}, "x"):
        with pytest.raises(Unclear, match="not the JSON"):
            read_objects(answer)


def test_what_strangers_say_is_clean_from_here_on() -> None:
    """Keys and texts at any depth: a lone surrogate, sequences, controls, turned writing."""
    said = {"a\x00": ["\ud83d", {"b": "x\x1b[31my\u202ez\r\nw"}], "n": 10**400}
    assert to_dict(said) == {"a": ["\ufffd", {"b": "xyz\nw"}], "n": None}


@pytest.mark.parametrize(
    "time", [10**18, -1, 1_780_000_000_000, 10**400, float("nan"), "now", None]
)
def test_a_time_that_no_calendar_knows_is_none(time: Any) -> None:
    """Milliseconds, say; the other fields are as they were."""
    job = to_job(to_dict({"id": "j", "seed": 1, "created_at": time, "finished_at": time}))
    assert (job.created_at, job.finished_at, job.seed) == (0, None, 1)


def test_a_word_that_goes_on_and_on_is_cut() -> None:
    """It stands in sentences: in `status`, in the log."""
    word = "x" * 20_000
    file = to_file({"id": "f", "status": word, "filename": word})
    job = to_job({"id": "j", "status": word})
    deployment = to_arm_deployment(
        {"name": "d", "properties": {"provisioningState": word, "model": {"name": word}}}
    )
    for said in (file.status, file.filename, job.status, deployment.status, deployment.model):
        assert len(said) == 300


def test_what_is_no_object_is_unclear() -> None:
    """A login page with status 200, say."""
    for answer in ("<html>", None, [1]):
        with pytest.raises(Unclear, match="not the JSON"):
            to_dict(answer)


def test_texts_have_an_end() -> None:
    """A status or a message is shown on a terminal, and kept in a row."""
    long = "x" * 10**6
    said = {"id": "j", "status": long, "error": {"code": "c", "message": long}, "suffix": long}
    job = to_job(to_dict(said))
    assert (len(job.status), len(job.error or ""), len(job.suffix or "")) == (300, 1000, 10_000)
    event = to_event({"id": "e", "message": long, "data": {str(n): n for n in range(100)}})
    assert (len(event.message), len(event.data)) == (1000, 20)


@pytest.mark.parametrize(
    "error",
    [
        {"code": "bad", "message": "No rows."},
        {"error": {"code": "bad", "message": "No rows."}},
        {"code": None, "message": None, "innererror": {"code": "bad", "message": "No rows."}},
        [{"code": "bad", "message": "No rows."}],
        {"Code": "bad", "Message": "No rows."},
        "bad: No rows.",
    ],
    ids=str,
)
def test_why_a_job_failed_is_told_however_it_is_wrapped(error: Any) -> None:
    """A mere text, an error within the error."""
    assert to_job({"id": "j", "status": "failed", "error": error}).error == "bad: No rows."


@pytest.mark.parametrize("error", [None, {}, [], 0, {"code": "", "message": None}, "<html>"])
def test_an_error_that_says_nothing_is_none(error: Any) -> None:
    """So that the last error event is quoted."""
    assert to_job({"id": "j", "status": "failed", "error": error}).error is None
