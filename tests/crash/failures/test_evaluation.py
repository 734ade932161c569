"""Trouble while the cases are asked: no answer is paid for twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.refused import too_many
from tests.crash.failures.remote import Service

CASES = [
    {"text": "Enciende el farol de la terraza", "expected": "encender"},
    {"text": "Apaga el farol de la terraza", "expected": "apagar"},
    {"text": "Pon luz en la escalera", "expected": "encender"},
    {"text": "Quita la luz de la escalera", "expected": "apagar"},
    {"text": "Que se apague todo, por favor", "expected": "apagar"},
]


@pytest.fixture
def one_a_tick(
    evaluated: Agent, launch: Callable[..., Agent], monkeypatch: pytest.MonkeyPatch
) -> Agent:
    """It rests after each case, as if there were thousands."""
    monkeypatch.setattr("agent.providers.together.BATCH", 0.0)
    return launch(AGENT_CONCURRENCY="1")


@pytest.fixture
def evaluated(launch: Callable[..., Agent], home: Any) -> Any:
    """An agent that has got its deployment and five cases to ask."""
    agent = launch()
    (home / "data/raw/test_cases.json").write_text(json.dumps(CASES))
    agent.run("DEPLOYED")
    return agent


def answered(agent: Agent) -> int:
    return len(agent.app.store.memory(agent.name).answers(agent.project.facts.trained.model))


def results(agent: Agent) -> dict[str, Any]:
    return dict(json.loads((agent.home / "results/test_results.json").read_text()))


def test_a_deployment_deleted_during_the_evaluation_costs_no_answer_twice(
    one_a_tick: Agent, service: Service
) -> None:
    agent = one_a_tick
    agent.ticks(4)  # the cases are fixed, then three are asked
    assert answered(agent) == 3
    service.arm("DELETE", agent.project.facts.deployed.name)
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
    one_a_tick: Agent, service: Service, launch: Callable[..., Agent]
) -> None:
    one_a_tick.ticks(4)
    before = service.spent("chat")
    agent = launch()  # the former one never got to say goodbye
    agent.run("ANALYZED")
    assert service.spent("chat") == before + 2
    assert len(results(agent)["cases_answered"]) == len(CASES)


def test_a_filtered_case_counts_as_wrong_and_the_others_go_on(
    evaluated: Agent, service: Service
) -> None:
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
    evaluated: Agent, service: Service
) -> None:
    before = service.spent("chat")
    service.fault("POST", r"/chat/", "drop_after", skip=2)
    evaluated.run("ANALYZED")
    assert service.spent("chat") == before + len(CASES) + 1


def test_a_busy_deployment_is_asked_at_its_own_pace(evaluated: Agent, service: Service) -> None:
    before = service.spent("chat")
    service.fault("POST", r"/chat/", "answer", times=3, **too_many("10"))
    evaluated.run("ANALYZED")
    assert service.spent("chat") == before + len(CASES)


def test_a_deployment_that_sleeps_in_the_middle_is_waited_for(
    one_a_tick: Agent, service: Service
) -> None:
    one_a_tick.ticks(2)
    missing = {"error": {"code": "DeploymentNotFound", "message": "Not there."}}
    service.fault("POST", r"/chat/", "answer", times=2, status=404, body=missing)
    assert one_a_tick.tick().outcome == "retrying"
    one_a_tick.run("ANALYZED")


def test_what_goes_wrong_with_some_cases_loses_no_answer_of_the_others(
    evaluated: Agent, service: Service
) -> None:
    """Of five that are asked at once, the last three are refused, each in its way.

    Whoever is told to wait sends no more, so those that are answered come first.
    """
    missing = {"error": {"code": "DeploymentNotFound", "message": "Not there."}}
    trouble = [{"status": 404, "body": missing}, too_many("10"), {"status": 503, "body": "<p>no"}]
    rules = [
        {
            "match": {"method": "POST", "path": "/chat/"},
            "skip": 2,
            "do": {"kind": "answer", **answer},
        }
        for answer in trouble
    ]
    service.emulator.control("PUT", "faults", rules)
    before = service.spent("chat")
    evaluated.tick()
    ticked = evaluated.tick()
    assert (ticked.outcome, ticked.after.attempts, answered(evaluated)) == ("waiting", 0, 2)
    evaluated.run("ANALYZED")
    assert service.faults_left() == 0
    assert service.spent("chat") == before + len(CASES)


def test_an_answer_without_choices_is_asked_for_again(evaluated: Agent, service: Service) -> None:
    before = service.spent("chat")
    empty = {"id": "", "model": "", "choices": [], "prompt_filter_results": []}
    service.fault("POST", r"/chat/", "answer", skip=1, status=200, body=empty)
    evaluated.run("ANALYZED")
    assert service.faults_left() == 0
    assert service.spent("chat") == before + len(CASES)
    assert results(evaluated)["finish_reasons"] == {"stop": len(CASES)}


def test_a_parameter_that_is_refused_in_the_evaluation_costs_one_refusal(
    evaluated: Agent, service: Service
) -> None:
    refused = {"error": {"code": "unsupported_parameter", "param": "max_tokens", "message": ""}}
    service.fault("POST", r"/chat/", "answer", status=400, body=refused)
    evaluated.run("ANALYZED")
    assert service.faults_left() == 0
    assert evaluated.project.facts.trained.unsupported == ("max_tokens",)
