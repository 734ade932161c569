"""What the service makes of files, jobs and deployments, and what other people do to them: the agent notices and says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

SUMMARY = "data/training/train_data.jsonl"


# Refusals ---------------------------------------------------------------------------------------------------------------


def too_many(seconds: str) -> dict[str, Any]:
    return {
        "status": 429,
        "headers": {"retry-after": seconds},
        "body": {"error": {"code": "429", "message": "Too many requests."}},
    }


@pytest.mark.parametrize(
    ("header", "least", "most"), [("3", 3, 4), ("130", 130, 131), ("86400", 6 * 3600, 6 * 3600 + 1)]
)
def test_retry_after_is_honoured(
    header: str, least: float, most: float, agent: Any, service: Any
) -> None:
    """Also above the 120 s at which the SDK gives up; a day is looked at again after six hours."""
    agent.run("UPLOADED")
    service.fault("POST", r"/jobs$", "answer", **too_many(header))
    before = agent.clock.wall()
    assert agent.tick().outcome == "retrying"
    assert least <= agent.project.due_at - before <= most
    assert "is busy" in str(agent.project.last_error)
    agent.run("TRAINING")
    assert service.spent("create_job") == 1


def test_retry_after_in_milliseconds_and_as_a_date(agent: Any, service: Any) -> None:
    agent.run("UPLOADED")
    both = too_many("900")
    both["headers"]["retry-after-ms"] = "2500"
    service.fault("POST", r"/jobs$", "answer", **both)
    before = agent.clock.wall()
    agent.tick()
    assert 2.4 <= agent.project.due_at - before <= 3.5
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    service.fault("POST", r"/jobs$", "answer", **too_many(date))
    before = agent.clock.wall()
    agent.tick()
    assert 55 <= agent.project.due_at - before <= 61
    agent.run("TRAINING")
    assert service.spent("create_job") == 1


@pytest.mark.parametrize(
    "nonsense", ["soon", "nan", "inf", "-5", "Mon, 99 Foo 2026 25:61:00 GMT", ""]
)
def test_a_retry_after_that_makes_no_sense_is_not_believed(
    nonsense: str, agent: Any, service: Any
) -> None:
    """The project is looked at again in any case: it neither sleeps for ever nor stops."""
    agent.run("UPLOADED")
    service.fault("POST", r"/jobs$", "answer", **too_many(nonsense))
    before = agent.clock.wall()
    assert agent.tick().outcome == "retrying"
    assert agent.project.due_at is not None
    assert agent.project.due_at - before <= 2
    agent.run("TRAINING")
    assert service.spent("create_job") == 1


@pytest.mark.parametrize(
    "status",
    [409, 502, *(pytest.param(status, marks=pytest.mark.slow) for status in (408, 500, 503))],
)
def test_a_failing_look_is_repeated_with_growing_pauses(
    status: int, agent: Any, service: Any
) -> None:
    """Reading is free: no settling, no hold, and the attempts are shown."""
    agent.run("TRAINING")
    service.fault("GET", r"/jobs/", "answer", times=4, status=status, body="<html>no</html>")
    pauses = []
    for expected in (1, 2, 3, 4):
        before = agent.clock.wall()
        assert agent.tick().outcome == "retrying"
        pauses.append(agent.project.due_at - before)
        assert agent.project.attempts == expected
        assert agent.project.hold is None
        assert f"HTTP {status}" in str(agent.project.last_error)
    assert pauses == sorted(pauses)
    agent.run("DEPLOYED")
    assert agent.project.last_error is None
    assert service.spent("create_job") == 1


@pytest.mark.parametrize("path", ["/files", r"/fine_tuning/jobs$"])
def test_a_truncated_listing_is_read_again_and_not_taken_for_an_empty_one(
    path: str, agent: Any, service: Any
) -> None:
    agent.run("VALIDATED" if path == "/files" else "UPLOADED")
    service.fault("POST", path, "drop_after")
    agent.tick()
    service.fault("GET", path, "truncate", times=2)
    agent.run("TRAINED")
    assert service.faults_left() == 0
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


ODD_ITEMS = (
    None,
    "x",
    {"filename": "x"},
    {"id": "odd", "created_at": "2026-01-01T00:00:00Z"},
    {"id": {}, "method": "supervised"},
)


@pytest.mark.parametrize(("path", "state"), [(r"/files$", "VALIDATED"), (r"/jobs$", "UPLOADED")])
def test_an_odd_item_in_a_listing_is_nobodys_trouble(
    path: str, state: str, agent: Any, service: Any
) -> None:
    """It may be a stranger's object, of a kind that nobody has heard of yet."""
    agent.run(state)
    service.fault(
        "GET",
        path,
        "answer",
        status=200,
        body={"data": ODD_ITEMS, "value": ODD_ITEMS, "has_more": False},
    )
    agent.run("ANALYZED")
    assert service.faults_left() == 0
    assert "HELD" not in [
        checkpoint.event.value for checkpoint in agent.app.store.history(agent.name)
    ]
    assert (
        service.spent("upload"),
        service.spent("create_job"),
        service.spent("create_deployment"),
    ) == (2, 1, 1)


@pytest.mark.parametrize(
    ("path", "state"),
    [(r"/files/[^/]+$", "VALIDATED"), (r"/jobs/[^/]+$", "TRAINING"), (r"/deployments/", "TRAINED")],
)
def test_an_object_of_ours_that_cannot_be_read_is_read_again(
    path: str, state: str, agent: Any, service: Any
) -> None:
    """And not taken for another one, nor for none."""
    agent.run(state)
    service.fault("GET", path, "answer", status=200, body={"status": "running"}, times=1)
    assert agent.tick().outcome == "retrying"
    assert "not the JSON it promised" in str(agent.project.last_error)
    agent.run("ANALYZED")
    assert (
        service.spent("upload"),
        service.spent("create_job"),
        service.spent("create_deployment"),
    ) == (2, 1, 1)


@pytest.mark.parametrize(
    ("path", "state", "mark"),
    [(r"/files$", "VALIDATED", "filename"), (r"/jobs$", "UPLOADED", "training_file")],
)
def test_a_listing_that_may_hide_ours_is_read_again(
    path: str, state: str, mark: str, agent: Any, service: Any
) -> None:
    """What carries our mark and cannot be read is not skipped: it would be made, and paid for, a second time."""
    agent.run(state)
    service.fault("POST", path, "drop_after", times=1)
    agent.tick()
    assert agent.project.attempts == 1
    item = service.files()[-1] if mark == "filename" else service.jobs()[0]
    service.fault(
        "GET",
        path,
        "answer",
        status=200,
        body={"object": "list", "data": [{mark: item[mark]}], "has_more": False},
    )
    agent.clock.skip(agent.app.settings.settle_seconds)
    assert agent.tick().outcome == "retrying"
    agent.run("ANALYZED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


def test_a_refused_key_holds_and_a_start_with_the_right_one_goes_on(
    launch: Callable[..., Any], service: Any, azure: Any
) -> None:
    """401 in the middle: nothing is lost, the message names the setting, and the new start needs no `retry`."""
    agent = launch()
    agent.run("TRAINING")
    agent = launch(AZURE_OPENAI_KEY="una-llave-ya-cambiada")
    hold = agent.run_to_hold()
    assert "AZURE_OPENAI_KEY" in hold
    assert "401" in hold
    assert agent.project.state.value == "TRAINING"
    agent = launch()
    agent.tick()
    assert agent.project.hold is None
    agent.run("ANALYZED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)
    assert [c.event.value for c in agent.app.store.history(agent.name)].count("HELD") == 1


def test_a_key_that_becomes_valid_again_is_noticed_without_a_start(
    agent: Any, service: Any
) -> None:
    agent.run("UPLOADED")
    service.fault(
        "POST",
        r"/jobs$",
        "answer",
        times=3,
        status=401,
        body={"statusCode": 401, "message": "Access denied."},
    )
    agent.run_to_hold()
    agent.run("TRAINING")
    assert agent.project.hold is None
    assert service.spent("create_job") == 1


@pytest.mark.parametrize(
    ("method", "path", "before"),
    [("POST", r"/jobs$", "UPLOADED"), ("PUT", r"/deployments/", "TRAINED")],
)
def test_a_missing_role_holds_and_its_grant_is_noticed(
    method: str, path: str, before: str, agent: Any, service: Any
) -> None:
    """403, also of an expired token of Azure Resource Manager."""
    agent.run(before)
    service.fault(
        method,
        path,
        "answer",
        times=2,
        status=403,
        body={"error": {"code": "AuthorizationFailed", "message": "No role."}},
    )
    hold = agent.run_to_hold()
    assert "HTTP 403, AuthorizationFailed: No role." in hold
    assert "roles" in hold
    agent.run("DEPLOYED")
    assert (service.spent("create_job"), service.spent("create_deployment")) == (1, 1)


@pytest.mark.parametrize(
    ("method", "path", "before", "code"),
    [
        ("POST", r"/files$", "VALIDATED", "quotaExceeded"),
        ("PUT", r"/deployments/", "TRAINED", "InsufficientQuota"),
    ],
)
def test_a_used_up_quota_holds_until_a_person_has_made_room(
    method: str, path: str, before: str, code: str, agent: Any, service: Any
) -> None:
    agent.run(before)
    service.fault(
        method, path, "answer", status=400, body={"error": {"code": code, "message": "100 files."}}
    )
    hold = agent.run_to_hold()
    assert code in hold
    assert "`retry`" in hold
    assert agent.project.due_at is None
    agent.retry()
    agent.run("DEPLOYED")
    assert (
        service.spent("upload"),
        service.spent("create_job"),
        service.spent("create_deployment"),
    ) == (2, 1, 1)


def test_a_conflict_with_another_deployment_is_waited_for(agent: Any, service: Any) -> None:
    """409 RequestConflict: one operation per account at a time. Certainly not done, so nothing has to settle."""
    agent.run("TRAINED")
    body = {"error": {"code": "RequestConflict", "message": "Busy."}}
    service.fault("PUT", r"/deployments/", "answer", times=2, status=409, body=body)
    before = agent.clock.wall()
    assert [agent.run_once().outcome for _ in range(3)] == ["retrying", "retrying", "moved"]
    assert agent.clock.wall() - before < agent.app.settings.settle_seconds
    assert service.spent("create_deployment") == 1
    agent.run("DEPLOYED")


def test_a_request_the_service_refuses_for_good_fails_with_its_words(
    agent: Any, service: Any
) -> None:
    agent.run("UPLOADED")
    message = "The specified base model does not support fine-tuning."
    service.fault(
        "POST",
        r"/jobs$",
        "answer",
        status=400,
        body={"error": {"code": "invalidPayload", "message": message}},
    )
    assert message in agent.run_to_failure()
    agent.retry()
    agent.run("TRAINED")
    assert agent.project.generation == 2
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


# Files and jobs ---------------------------------------------------------------------------------------------------------


def test_statuses_nobody_has_heard_of_count_as_going_on(agent: Any, service: Any) -> None:
    agent.run("VALIDATED")
    service.behave(
        file_status_script=["importing", "thinking"],
        job_status_script=["enqueued", "paused", "resuming", "canceling"],
    )
    said = set()
    while not agent.project.state.has_reached(type(agent.project.state)("TRAINED")):
        agent.run_once()
        said.add(str(agent.project.waiting_for))
    assert any("importing" in text for text in said)
    assert any("paused" in text for text in said)
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


def test_a_job_that_stays_in_the_queue_is_explained_once_and_not_sent_again(
    agent: Any, service: Any
) -> None:
    """No capacity in the region: for days, and only a person can do something about it."""
    agent.run("TRAINING")
    service.behave(job_status_script=["pending"] * 4)
    agent.run_once()
    assert str(agent.project.waiting_for).startswith("the training job (pending")
    for hours in (13, 1, 1):
        agent.clock.skip(hours * 3600)
        agent.tick()
        assert "has stood in the queue (pending)" in str(agent.project.waiting_for)
    assert "15 h" in str(agent.project.waiting_for)
    assert "Do not send it again" in str(agent.project.waiting_for)
    assert (agent.home / "logs/agent.jsonl").read_text().count("unusual_wait") == 1
    agent.run("TRAINED")
    assert service.spent("create_job") == 1


def test_a_file_in_error_fails_with_its_detail_and_a_retry_uploads_it_again(
    agent: Any, service: Any
) -> None:
    agent.run("VALIDATED")
    service.behave(file_error=True)
    reason = agent.run_to_failure()
    assert "status error: The import of the file failed." in reason
    service.reset()
    agent.retry()
    agent.run("TRAINED")
    assert (service.spent("upload"), service.spent("create_job")) == (4, 1)


def test_a_file_that_somebody_deleted_is_uploaded_again_by_a_retry(
    agent: Any, service: Any
) -> None:
    service.behave(file_seconds=0.5)
    agent.run("VALIDATED")
    agent.tick()
    service.ask(
        "DELETE",
        f"/openai/files/{agent.project.facts.training_file}?api-version=2024-12-01-preview",
    )
    service.reset()
    assert "is gone from the service" in agent.run_to_failure()
    agent.retry()
    agent.run("UPLOADED")
    assert service.spent("upload") == 3  # the validation file was still there


def test_a_file_not_known_for_a_moment_is_looked_for_again(agent: Any, service: Any) -> None:
    agent.run("VALIDATED")
    service.fault(
        "GET",
        r"/files/",
        "answer",
        times=2,
        status=404,
        body={"error": {"code": "404", "message": "Resource not found"}},
    )
    agent.run("UPLOADED")
    assert service.faults_left() == 0
    assert service.spent("upload") == 2


def test_a_failed_job_tells_why_and_a_retry_trains_anew_without_uploading_again(
    agent: Any, service: Any
) -> None:
    """Items 2 and 7: generation 2 is a new job on the same two files."""
    service.behave(
        fail_job={"code": "RaiCheckFailed", "message": "The data failed the safety checks."}
    )
    reason = agent.run_to_failure()
    assert "RaiCheckFailed: The data failed the safety checks." in reason
    assert "not billed" in reason
    service.reset()
    agent.retry()
    agent.run("ANALYZED")
    assert agent.project.generation == 2
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)
    first, second = [job for job in service.jobs() if agent.project.uid in job["suffix"]]
    assert first["training_file"] == second["training_file"]
    assert first["suffix"] != second["suffix"]


def test_a_job_cancelled_by_somebody_else_is_not_started_again_without_being_asked(
    agent: Any, service: Any
) -> None:
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    service.cancel(agent.project.facts.job_id)
    assert "was cancelled at the service" in agent.run_to_failure()
    assert service.spent("create_job") == 1
    service.reset()
    agent.retry()
    agent.run("TRAINED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)


def test_a_vanished_job_holds_and_is_taken_up_when_it_is_back(agent: Any, service: Any) -> None:
    """A 404 may be the gateway's mistake, and starting anew is paid again: only a person decides that."""
    agent.run("TRAINING")
    service.behave(hide_job=True)
    hold = agent.run_to_hold()
    assert str(agent.project.facts.job_id) in hold
    assert "paid again" in hold
    service.reset()
    agent.run("ANALYZED")
    assert service.spent("create_job") == 1


def test_a_job_not_known_for_a_moment_is_looked_for_again(agent: Any, service: Any) -> None:
    agent.run("TRAINING")
    service.fault(
        "GET",
        r"/jobs/[^/]+$",
        "answer",
        times=2,
        status=404,
        body={"statusCode": 404, "message": "Resource not found"},
    )
    agent.run("TRAINED")
    assert service.faults_left() == 0
    assert [c.event.value for c in agent.app.store.history(agent.name)].count("HELD") == 0


def test_a_vanished_job_can_be_given_up(agent: Any, service: Any) -> None:
    agent.run("TRAINING")
    service.behave(hide_job=True)
    agent.run_to_hold()
    agent.run_to_cancelled()
    service.reset()
    agent.retry()
    agent.run("ANALYZED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)


def test_a_job_that_ends_while_it_is_being_cancelled_bothers_nobody(
    agent: Any, service: Any
) -> None:
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    late = {
        "error": {
            "code": "unexpectedEntityState",
            "message": "The job is over and cannot be cancelled.",
        }
    }
    service.fault("POST", r"/cancel$", "answer", status=400, body=late, after_act=True)
    agent.run_to_cancelled()
    assert agent.project.hold is None


def test_a_job_that_is_not_found_for_a_moment_is_cancelled_all_the_same(
    agent: Any, service: Any
) -> None:
    """A gateway's 404 is no proof that nothing goes on, and nothing is billed."""
    service.behave(train_seconds=3600)
    agent.run("TRAINING")
    job = agent.project.facts.job_id
    nowhere = {"status": 404, "body": {"statusCode": 404, "message": "Resource not found"}}
    service.fault("GET", r"/jobs/[^/]+$", "answer", **nowhere)
    agent.run_to_cancelled()
    assert service.spent("cancel_job") == 1
    assert [found["status"] for found in service.jobs() if found["id"] == job] == ["cancelled"]


# Looks that are refused -------------------------------------------------------------------------------------------------

NO_SUCH_VERSION = {
    "status": 400,
    "body": {"error": {"code": "BadRequest", "message": "API version not supported"}},
}


@pytest.mark.parametrize("retried", [False, True], ids=["by itself", "retry"])
def test_a_refused_look_at_the_job_costs_nothing(retried: bool, agent: Any, service: Any) -> None:
    """The settings name another version of the API, say: the training goes on meanwhile, and is taken up where it is."""
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    job = agent.project.facts.job_id
    service.fault("GET", r"/jobs/[^/]+$", "answer", **NO_SUCH_VERSION)
    assert "API version not supported" in agent.run_to_hold()
    if retried:
        agent.retry()
    agent.clock.skip(300)
    agent.tick()
    assert agent.project.hold is None
    assert (agent.project.facts.job_id, agent.project.generation) == (job, 1)
    assert (service.spent("create_job"), service.spent("cancel_job")) == (1, 0)


def test_a_refused_question_costs_no_deployment(agent: Any, service: Any) -> None:
    agent.run("DEPLOYED")
    refused = {
        "status": 400,
        "body": {
            "error": {"code": "unsupported_parameter", "message": "max_tokens is not supported"}
        },
    }
    service.fault("POST", r"/chat/", "answer", **refused)
    assert "max_tokens is not supported" in agent.run_to_hold()
    agent.retry()
    agent.run("ANALYZED")
    assert (service.spent("create_deployment"), service.spent("delete_deployment")) == (1, 0)


# One key, two objects ---------------------------------------------------------------------------------------------------


def digest(agent: Any, place: str) -> str:
    return str(agent.project.facts.artifacts[place])[:16]


def test_two_files_with_one_key_hold_and_both_are_named(agent: Any, service: Any) -> None:
    agent.run("VALIDATED")
    name = f"{agent.project.remote_name}-training-{digest(agent, SUMMARY)}.jsonl"
    content = (agent.home / SUMMARY).read_bytes()
    twins = [service.upload(name, content) for _ in range(2)]
    hold = agent.run_to_hold()
    assert all(twin in hold for twin in twins)
    service.ask("DELETE", f"/openai/files/{twins[0]}?api-version=2024-12-01-preview")
    agent.retry()
    agent.run("UPLOADED")
    assert agent.project.facts.training_file == twins[1]
    assert service.spent("upload") == 3  # the two twins, and our validation file


def test_two_jobs_with_one_key_hold_and_both_are_named(agent: Any, service: Any) -> None:
    from agent.engine.mutations import job_suffix

    agent.run("UPLOADED")
    service.behave(queue_seconds=60)
    facts = agent.project.facts
    twins = [
        service.job(facts.training_file, facts.validation_file, job_suffix(agent.project))
        for _ in range(2)
    ]
    hold = agent.run_to_hold()
    assert all(twin in hold for twin in twins)
    assert service.spent("create_job") == 2


def test_objects_of_others_are_never_taken_for_ours(agent: Any, service: Any) -> None:
    """Another project's file of the same content, and another's job on our very file."""
    agent.run("VALIDATED")
    content = (agent.home / SUMMARY).read_bytes()
    project = agent.project
    other = f"{project.name}-{'0' * 8}-g1-training-{digest(agent, SUMMARY)}.jsonl"
    service.upload(other, content)
    service.upload("train_data.jsonl", content)
    agent.run("UPLOADED")
    assert service.spent("upload") == 4
    facts = agent.project.facts
    service.job(facts.training_file, facts.validation_file, "somebody-else", seed=7)
    agent.run("TRAINED")
    assert service.spent("create_job") == 2


def test_what_a_lost_reply_left_is_found_beyond_the_first_page(
    agent: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.providers.azure.PAGE", 2)
    agent.run("VALIDATED")
    others = [service.upload(f"other-{number}.jsonl", b"{}") for number in range(3)]
    service.fault("POST", r"/files$", "drop_after")
    agent.tick()
    others += [service.upload(f"later-{number}.jsonl", b"{}") for number in range(3)]
    agent.run("UPLOADED")
    assert service.spent("upload") == 2 + len(others)
    service.fault("POST", r"/jobs$", "drop_after")
    agent.tick()
    facts = agent.project.facts
    service.behave(queue_seconds=60)
    for number in range(5):  # listings show the newest first
        service.job(facts.training_file, facts.validation_file, f"other-{number}", seed=number)
    agent.run("TRAINED")
    assert service.spent("create_job") == 6


def test_a_listing_that_changes_while_it_is_paged_through_is_begun_again(
    agent: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody deletes the very file that the next page was to begin after: 400, and no reason to give up."""
    monkeypatch.setattr("agent.providers.azure.PAGE", 2)
    agent.run("VALIDATED")
    for number in range(5):
        service.upload(f"other-{number}.jsonl", b"{}")
    gone = {"error": {"code": "invalidPayload", "message": "The cursor is not in this list."}}
    service.fault("GET", r"/files$", "answer", skip=1, status=400, body=gone)
    agent.run("UPLOADED")
    assert service.faults_left() == 0
    assert service.spent("upload") == 7


# Deployments and the evaluation -----------------------------------------------------------------------------------------


def test_a_deployment_of_another_model_under_the_name_holds(
    launch: Callable[..., Any], service: Any
) -> None:
    service.deploy("el-mejor", "gpt-4o-mini")
    agent = launch(FINE_TUNED_MODEL_DEPLOYMENT="el-mejor")
    hold = agent.run_to_hold()
    assert "el-mejor" in hold
    assert "gpt-4o-mini" in hold
    assert "FINE_TUNED_MODEL_DEPLOYMENT" in hold
    service.arm("DELETE", "el-mejor")
    agent.retry()
    agent.run("DEPLOYED")
    assert (
        service.arm("GET", "el-mejor")["properties"]["model"]["name"] == agent.project.facts.model
    )
    service.arm("DELETE", "el-mejor")


def test_a_name_is_not_taken_to_be_free_because_a_gateway_says_404(
    launch: Callable[..., Any], service: Any
) -> None:
    """A PUT would replace what stands there: the listing has to say the same."""
    service.deploy("el-ocupado", "gpt-4o-mini")
    agent = launch(FINE_TUNED_MODEL_DEPLOYMENT="el-ocupado")
    agent.run("TRAINED")
    service.fault(
        "GET", r"/deployments/el-ocupado$", "answer", status=404, body="<html>Not Found</html>"
    )
    assert "serving gpt-4o-mini" in agent.run_to_hold()
    assert service.faults_left() == 0
    assert service.arm("GET", "el-ocupado")["properties"]["model"]["name"] == "gpt-4o-mini"
    service.arm("DELETE", "el-ocupado")


@pytest.mark.parametrize("way", ["cancel", "restart"])
def test_what_somebody_put_in_the_place_of_our_deployment_stays(
    way: str, launch: Callable[..., Any], service: Any
) -> None:
    """The name is that of the settings, and ours no more: neither `cancel` nor a new generation deletes it."""
    agent = launch(FINE_TUNED_MODEL_DEPLOYMENT="el-nuestro")
    agent.run("ANALYZED")
    service.deploy("el-nuestro", "gpt-4o-mini")
    if way == "cancel":
        agent.operator.cancel(agent.name, False)
    else:
        agent.operator.retry(agent.name, restore=False, restart=True)
    assert service.arm("GET", "el-nuestro")["properties"]["model"]["name"] == "gpt-4o-mini"
    assert service.spent("delete_deployment") == 0
    service.arm("DELETE", "el-nuestro")


def test_a_deployment_that_says_succeeded_but_does_not_answer_is_waited_for(
    agent: Any, service: Any
) -> None:
    """404 DeploymentNotFound and 400 DeploymentNotReady in turn, for minutes."""
    service.behave(warmup_calls=12)
    agent.run("AWAITING_DEPLOY")
    for _ in range(12):
        agent.run_once()
        assert agent.project.attempts == 0
        assert agent.project.hold is None
        assert "not yet serving" in str(agent.project.waiting_for)
    agent.run("DEPLOYED")
    assert service.spent("create_deployment") == 1


def test_a_deployment_that_never_answers_is_held_and_goes_on_when_it_does(
    launch: Callable[..., Any], service: Any
) -> None:
    """It may be billed by the hour, so a person hears of it; and it is still asked."""
    service.behave(warmup_calls=1000)
    agent = launch(AGENT_POLL_SECONDS="300")
    hold = agent.run_to_hold()
    assert str(agent.project.facts.deployment_requested) in hold
    assert "billed by the hour" in hold
    assert "`retry`" in hold
    assert agent.run_once().outcome == "held"
    assert agent.project.attempts == 0
    service.reset()
    agent.run("DEPLOYED")
    assert agent.project.hold is None
    assert service.spent("create_deployment") == 1


def test_a_deployment_that_ends_as_failed_is_deleted_and_made_anew_by_a_retry(
    agent: Any, service: Any
) -> None:
    """No capacity, or a base model that is no longer deployed in this region: the training is kept."""
    service.behave(fail_deployments=True)
    reason = agent.run_to_failure()
    failed = str(agent.project.facts.deployment_requested)
    assert f"{failed} ended as failed" in reason
    assert "AGENT_DEPLOY_SKU" in reason
    service.reset()
    agent.retry()
    agent.run("DEPLOYED")
    assert failed not in {found["name"] for found in service.arm("GET")["value"]}
    assert (
        service.spent("create_job"),
        service.spent("create_deployment"),
        service.spent("delete_deployment"),
    ) == (1, 2, 1)


@pytest.fixture
def lagging(launch: Callable[..., Any]) -> Any:
    """An agent that has made its deployment, at a service whose listings may lag by a minute."""
    agent = launch(
        AGENT_POLL_SECONDS="20", AGENT_LISTING_LAG_SECONDS="60", AGENT_SETTLE_SECONDS="90"
    )
    agent.run("AWAITING_DEPLOY")
    return agent


def test_a_deployment_of_ours_that_somebody_deleted_is_made_anew_by_a_retry(
    lagging: Any, service: Any
) -> None:
    agent = lagging
    service.arm("DELETE", agent.project.facts.deployment_requested)
    assert "was deleted or replaced before it had answered" in agent.run_to_failure()
    agent.retry()
    agent.run("ANALYZED")
    assert agent.project.generation == 2
    assert (service.spent("create_job"), service.spent("create_deployment")) == (1, 2)


def test_a_deployment_of_ours_that_is_not_listed_for_a_minute_is_not_given_up(
    lagging: Any, service: Any
) -> None:
    agent = lagging
    # The listing is asked whether it says the same of the name, and then for others of the model.
    answers = (
        (r"/deployments/", 404, {"error": {"code": "ResourceNotFound"}}, 4),
        (r"/deployments$", 200, {"value": []}, 8),
    )
    rules = [
        {
            "match": {"method": "GET", "path": path},
            "times": times,
            "do": {"kind": "answer", "status": status, "body": body},
        }
        for path, status, body, times in answers
    ]
    service.emulator.control("PUT", "faults", rules)
    for _ in range(4):
        assert "does not show" in str(agent.run_once().text)
    agent.run("DEPLOYED")
    assert service.faults_left() == 0
    assert service.spent("create_deployment") == 1


CASES = [
    {"text": "Enciende el farol de la terraza", "expected": "encender"},
    {"text": "Apaga el farol de la terraza", "expected": "apagar"},
    {"text": "Pon luz en la escalera", "expected": "encender"},
    {"text": "Quita la luz de la escalera", "expected": "apagar"},
    {"text": "Que se apague todo, por favor", "expected": "apagar"},
]


@pytest.fixture
def evaluated(launch: Callable[..., Any], home: Any) -> Any:
    """An agent that has got its deployment and five cases to ask."""
    agent = launch()
    (home / "data/raw/test_cases.json").write_text(json.dumps(CASES))
    agent.run("DEPLOYED")
    return agent


def answered(agent: Any) -> int:
    return len(agent.app.store.memory(agent.name).answers(agent.project.facts.model))


def results(agent: Any) -> dict[str, Any]:
    return dict(json.loads((agent.home / "results/test_results.json").read_text()))


def test_a_deployment_deleted_during_the_evaluation_costs_no_answer_twice(
    evaluated: Any, service: Any
) -> None:
    agent = evaluated
    agent.ticks(4)  # the cases are fixed, then three are asked
    assert answered(agent) == 3
    service.arm("DELETE", agent.project.facts.deployment)
    before = service.spent("chat")
    reason = agent.run_to_failure()
    assert "was deleted during the evaluation" in reason
    assert "`retry`" in reason
    refused = service.spent("chat") - before
    agent.retry()
    agent.run("ANALYZED")
    assert (
        service.spent("chat") == before + refused + 1 + 2
    )  # one probe of the new deployment, and the two open cases
    assert (service.spent("create_job"), service.spent("create_deployment")) == (1, 2)


def test_an_evaluation_goes_on_with_the_next_case_after_a_crash(
    evaluated: Any, service: Any, launch: Callable[..., Any]
) -> None:
    evaluated.ticks(4)
    before = service.spent("chat")
    agent = launch()  # the former one never got to say goodbye
    agent.run("ANALYZED")
    assert service.spent("chat") == before + 2
    assert len(results(agent)["cases_answered"]) == len(CASES)


def test_a_filtered_case_counts_as_wrong_and_the_others_go_on(evaluated: Any, service: Any) -> None:
    service.behave(content_filter_substring="escalera")
    before = service.spent("chat")
    evaluated.run("ANALYZED")
    assert service.spent("chat") == before + len(CASES)  # a filtered case is not asked again either
    filtered = [case for case in results(evaluated)["cases_answered"] if case["filtered"]]
    assert [case["text"] for case in filtered] == [
        case["text"] for case in CASES if "escalera" in case["text"]
    ]
    assert not any(case["correct"] for case in filtered)


def test_a_case_whose_reply_is_lost_is_asked_again_and_only_that_one(
    evaluated: Any, service: Any
) -> None:
    before = service.spent("chat")
    service.fault("POST", r"/chat/", "drop_after", skip=2)
    evaluated.run("ANALYZED")
    assert service.spent("chat") == before + len(CASES) + 1


def test_a_busy_deployment_is_asked_at_its_own_pace(evaluated: Any, service: Any) -> None:
    before = service.spent("chat")
    service.fault("POST", r"/chat/", "answer", times=3, **too_many("10"))
    evaluated.run("ANALYZED")
    assert service.spent("chat") == before + len(CASES)


def test_a_deployment_that_sleeps_in_the_middle_is_waited_for(evaluated: Any, service: Any) -> None:
    evaluated.ticks(2)
    missing = {"error": {"code": "DeploymentNotFound", "message": "Not there."}}
    service.fault("POST", r"/chat/", "answer", times=2, status=404, body=missing)
    assert evaluated.tick().outcome == "retrying"
    evaluated.run("ANALYZED")
