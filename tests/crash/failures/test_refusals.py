"""The service refuses, is busy, or is asked in a way it does not understand.

Longer than most files: each way of refusing is one of its tests.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.observed import spent
from tests.crash.failures.refused import too_many
from tests.crash.failures.remote import Service


@pytest.mark.parametrize(
    ("header", "least", "most"), [("3", 3, 4), ("130", 130, 131), ("86400", 6 * 3600, 6 * 3600 + 1)]
)
def test_retry_after_is_honoured(
    header: str, least: float, most: float, agent: Agent, service: Service
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


def test_retry_after_in_milliseconds_and_as_a_date(agent: Agent, service: Service) -> None:
    agent.run("UPLOADED")
    both = too_many("900")
    both["headers"]["retry-after-ms"] = "2500"
    service.fault("POST", r"/jobs$", "answer", **both)
    before = agent.clock.wall()
    agent.tick()
    assert 2.4 <= agent.project.due_at - before <= 3.5
    agent.clock.skip(3)
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    service.fault("POST", r"/jobs$", "answer", **too_many(date))
    before = agent.clock.wall()
    agent.tick()
    assert 55 <= agent.project.due_at - before <= 62  # both dates are whole seconds
    agent.run("TRAINING")
    assert service.spent("create_job") == 1


@pytest.mark.parametrize(
    "nonsense", ["soon", "nan", "inf", "-5", "Mon, 99 Foo 2026 25:61:00 GMT", ""]
)
def test_a_retry_after_that_makes_no_sense_is_not_believed(
    nonsense: str, agent: Agent, service: Service
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
    status: int, agent: Agent, service: Service
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


def test_a_refused_key_holds_and_a_start_with_the_right_one_goes_on(
    launch: Callable[..., Agent], service: Service, azure: Any
) -> None:
    """401 in the middle: nothing is lost, the message names the setting, and the new start needs no
    `retry`.
    """
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
    agent: Agent, service: Service
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


def test_a_token_that_resource_manager_refuses_holds_and_is_not_blamed_on_the_key(
    agent: Agent, service: Service
) -> None:
    """It comes from elsewhere, lives an hour, and is looked at again by itself."""
    agent.run("TRAINED")
    body = {"error": {"code": "ExpiredAuthenticationToken", "message": "The token has expired."}}
    service.fault("GET", r"^/subscriptions/", "answer", times=1, status=401, body=body)
    told = agent.run_to_hold()
    assert "az login" in told
    assert "ExpiredAuthenticationToken: The token has expired." in told
    assert "AZURE_OPENAI_KEY" not in told
    agent.run("DEPLOYED")


@pytest.mark.parametrize(
    ("method", "path", "before"),
    [("POST", r"/jobs$", "UPLOADED"), ("PUT", r"/deployments/", "TRAINED")],
)
def test_a_missing_role_holds_and_its_grant_is_noticed(
    method: str, path: str, before: str, agent: Agent, service: Service
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
    method: str, path: str, before: str, code: str, agent: Agent, service: Service
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
    assert spent(service) == (2, 1, 1)


def test_a_conflict_with_another_deployment_is_waited_for(agent: Agent, service: Service) -> None:
    """409 RequestConflict: one operation per account at a time.

    Certainly not done, so nothing has to settle.
    """
    agent.run("TRAINED")
    body = {"error": {"code": "RequestConflict", "message": "Busy."}}
    service.fault("PUT", r"/deployments/", "answer", times=2, status=409, body=body)
    before = agent.clock.wall()
    assert [agent.run_once().outcome for _ in range(3)] == ["retrying", "retrying", "moved"]
    assert agent.clock.wall() - before < agent.app.settings.settle_seconds
    assert service.spent("create_deployment") == 1
    agent.run("DEPLOYED")


def test_a_request_the_service_refuses_for_good_fails_with_its_words(
    agent: Agent, service: Service
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


NO_SUCH_VERSION = {
    "status": 400,
    "body": {"error": {"code": "BadRequest", "message": "API version not supported"}},
}


@pytest.mark.parametrize("retried", [False, True], ids=["by itself", "retry"])
def test_a_refused_look_at_the_job_costs_nothing(
    retried: bool, agent: Agent, service: Service
) -> None:
    """The settings name another version of the API, say: the training goes on meanwhile, and is
    taken up where it is.
    """
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    job = agent.project.facts.created.id
    service.fault("GET", r"/jobs/[^/]+$", "answer", **NO_SUCH_VERSION)
    assert "API version not supported" in agent.run_to_hold()
    if retried:
        agent.retry()
    agent.clock.skip(300)
    agent.tick()
    assert agent.project.hold is None
    assert (agent.project.facts.created.id, agent.project.generation) == (job, 1)
    assert (service.spent("create_job"), service.spent("cancel_job")) == (1, 0)


def test_a_refused_question_costs_no_deployment(agent: Agent, service: Service) -> None:
    agent.run("DEPLOYED")
    refused = {
        "status": 400,
        "body": {"error": {"code": "OperationNotSupported", "message": "no chat with this model"}},
    }
    service.fault("POST", r"/chat/", "answer", **refused)
    assert "no chat with this model" in agent.run_to_hold()
    agent.retry()
    agent.run("ANALYZED")
    assert (service.spent("create_deployment"), service.spent("delete_deployment")) == (1, 0)
