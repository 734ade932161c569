"""Deployments that are taken, slow, failed, deleted or replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service


def test_a_deployment_of_another_model_under_the_name_holds(
    launch: Callable[..., Agent], service: Service
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
        service.arm("GET", "el-mejor")["properties"]["model"]["name"]
        == agent.project.facts.trained.model
    )
    service.arm("DELETE", "el-mejor")


def test_a_name_is_not_taken_to_be_free_because_a_gateway_says_404(
    launch: Callable[..., Agent], service: Service
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
    way: str, launch: Callable[..., Agent], service: Service
) -> None:
    """The name is that of the settings, and ours no more: neither `cancel` nor a new generation
    deletes it.
    """
    agent = launch(FINE_TUNED_MODEL_DEPLOYMENT="el-nuestro")
    agent.run("ANALYZED")
    service.deploy("el-nuestro", "gpt-4o-mini")
    if way == "cancel":
        agent.decisions.cancel(agent.name, False)
    else:
        agent.decisions.retry(agent.name, restore=False, restart=True)
    assert service.arm("GET", "el-nuestro")["properties"]["model"]["name"] == "gpt-4o-mini"
    assert service.spent("delete_deployment") == 0
    service.arm("DELETE", "el-nuestro")


def test_a_deployment_that_says_succeeded_but_does_not_answer_is_waited_for(
    agent: Agent, service: Service
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
    launch: Callable[..., Agent], service: Service
) -> None:
    """It may be billed by the hour, so a person hears of it; and it is still asked."""
    service.behave(warmup_calls=1000)
    agent = launch(AGENT_POLL_SECONDS="300")
    hold = agent.run_to_hold()
    assert str(agent.project.facts.requested.name) in hold
    assert "billed by the hour" in hold
    assert "`retry`" in hold
    assert agent.run_once().outcome == "held"
    assert agent.project.attempts == 0
    service.reset()
    agent.run("DEPLOYED")
    assert agent.project.hold is None
    assert service.spent("create_deployment") == 1


def test_a_deployment_that_ends_as_failed_is_deleted_and_made_anew_by_a_retry(
    agent: Agent, service: Service
) -> None:
    """No capacity, or a base model that is no longer deployed in this region: the training
    is kept.
    """
    service.behave(fail_deployments=True)
    reason = agent.run_to_failure()
    failed = str(agent.project.facts.requested.name)
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
def lagging(launch: Callable[..., Agent]) -> Any:
    """An agent that has made its deployment, at a service whose listings may lag by a minute."""
    agent = launch(
        AGENT_POLL_SECONDS="20", AGENT_LISTING_LAG_SECONDS="60", AGENT_SETTLE_SECONDS="90"
    )
    agent.run("AWAITING_DEPLOY")
    return agent


def test_a_deployment_of_ours_that_somebody_deleted_is_made_anew_by_a_retry(
    lagging: Agent, service: Service
) -> None:
    agent = lagging
    service.arm("DELETE", agent.project.facts.requested.name)
    assert "was deleted or replaced before it had answered" in agent.run_to_failure()
    agent.retry()
    agent.run("ANALYZED")
    assert agent.project.generation == 2
    assert (service.spent("create_job"), service.spent("create_deployment")) == (1, 2)


def test_a_deployment_of_ours_that_is_not_listed_for_a_minute_is_not_given_up(
    lagging: Agent, service: Service
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


@pytest.mark.parametrize("status", [405, 410])
def test_the_old_listing_of_deployments_may_be_gone(
    status: int, launch: Callable[..., Agent], service: Service
) -> None:
    """The deployment is asked itself, as where nothing could ever be listed."""
    agent = launch(AGENT_DEPLOY="manual", AZURE_SUBSCRIPTION_ID="", AZURE_RESOURCE_GROUP="")
    agent.run("TRAINED")
    service.fault("GET", r"/openai/deployments$", "answer", status=status, body="", times=None)
    agent.run("AWAITING_DEPLOY")
    name = str(agent.project.facts.requested.name)
    service.deploy(name, agent.project.facts.trained.model)
    agent.run("DEPLOYED")
    service.arm("DELETE", name)


def test_an_answer_in_the_name_of_the_base_model_needs_a_persons_word(
    launch: Callable[..., Agent], service: Service
) -> None:
    """Nothing can be listed on this surface without Resource Manager."""
    agent = launch(
        AGENT_DEPLOY="manual",
        AZURE_SUBSCRIPTION_ID="",
        AZURE_RESOURCE_GROUP="",
        AZURE_OPENAI_VERSION="v1",
    )
    agent.run("AWAITING_DEPLOY")
    service.deploy("tienda-ft", agent.project.facts.trained.model)
    answer = {
        "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{"message": {"content": "Hola"}, "finish_reason": "stop"}],
    }
    service.fault("POST", r"/chat/completions", "answer", status=200, body=answer)
    ticked = agent.decisions.advance(agent.name, "tienda-ft")
    assert "at your word" in str(ticked.text)
    assert agent.project.facts.deployed.is_verified is False
    service.arm("DELETE", "tienda-ft")


@pytest.mark.parametrize("renewals", ["0", "1"])
def test_a_developer_deployment_that_ends_in_the_middle_is_made_anew_or_told_of(
    renewals: str, launch: Callable[..., Agent], service: Service
) -> None:
    """After a day of the emulator's own clock; no answer is paid twice."""
    agent = launch(AGENT_DEVELOPER_RENEW=renewals)
    agent.run("DEPLOYED")
    day = 86_400 + 60
    service.behave(clock_ahead_seconds=day)
    agent.clock.skip(day)
    if renewals == "0":
        reason = agent.run_to_failure()
        assert "is gone, as such ones are after 24 hours" in reason and "`retry`" in reason
        agent.retry()
    agent.run("ANALYZED")
    assert agent.project.generation == 2
    assert (service.spent("create_job"), service.spent("create_deployment")) == (1, 2)


def test_a_failed_project_s_deployment_goes_when_its_time_is_up(
    launch: Callable[..., Agent], service: Service
) -> None:
    """Nobody tears it down, and the reason of the failure stays."""
    agent = launch(AGENT_TEARDOWN="ttl", AGENT_DEPLOYMENT_TTL_HOURS="1")
    service.behave(fail_deployments=True)
    reason = agent.run_to_failure()
    agent.clock.skip(3700)
    agent.ticks(3)
    assert service.spent("delete_deployment") == 1
    assert (agent.project.due_at, str(agent.project.last_error)) == (None, reason)
