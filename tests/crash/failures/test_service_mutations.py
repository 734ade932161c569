"""Every mutation under every way of not being answered: it happens once, whatever the service or
the network does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
BUSY = {"error": {"code": "conflict", "message": "Somebody else is changing this."}}
BROKEN = {"error": {"code": "internalFailure", "message": "Something went wrong."}}


@dataclass(frozen=True)
class Case:
    """One mutation: how it looks on the wire, how far the project goes first, and what makes it
    happen.
    """

    method: str
    path: str
    kind: str
    before: str
    after: Callable[[Any], Any]
    times: int = 1


def goes_on(state: str) -> Callable[[Any], Any]:
    return lambda agent: agent.run(state)


def cancelled(agent: Agent) -> None:
    agent.run_to_cancelled()


def cancelled_with_files(agent: Agent) -> None:
    agent.run_to_cancelled(delete_files=True)


def cleaned(agent: Agent) -> None:
    agent.run_to_cleaned()


MUTATIONS = {
    "upload": Case("POST", r"/files$", "upload", "VALIDATED", goes_on("UPLOADED"), times=2),
    "create_job": Case(
        "POST", r"/fine_tuning/jobs$", "create_job", "UPLOADED", goes_on("TRAINING")
    ),
    "create_deployment": Case(
        "PUT", r"/deployments/", "create_deployment", "TRAINED", goes_on("DEPLOYED")
    ),
    "cancel_job": Case("POST", r"/cancel$", "cancel_job", "TRAINING", cancelled),
    "delete_deployment": Case(
        "DELETE", r"/deployments/", "delete_deployment", "DEPLOYED", cancelled
    ),
    "delete_file": Case(
        "DELETE", r"/files/", "delete_file", "UPLOADED", cancelled_with_files, times=2
    ),
    "delete_job": Case("DELETE", r"/fine_tuning/jobs/", "delete_job", "DEPLOYED", cleaned),
}
LOST = {
    "reply_lost": {"kind": "drop_after"},
    "request_lost": {"kind": "drop_before"},
    "408": {
        "kind": "answer",
        "status": 408,
        "body": {"error": {"code": "408", "message": "Request timed out."}},
    },
    "409": {"kind": "answer", "status": 409, "body": BUSY},
    "409_acted": {"kind": "answer", "status": 409, "body": BUSY, "after_act": True},
    "500": {"kind": "answer", "status": 500, "body": BROKEN},
    "500_acted": {"kind": "answer", "status": 500, "body": BROKEN, "after_act": True},
    "502_html": {
        "kind": "answer",
        "status": 502,
        "body": HTML,
        "headers": {"content-type": "text/html"},
    },
    "502_html_acted": {
        "kind": "answer",
        "status": 502,
        "body": HTML,
        "headers": {"content-type": "text/html"},
        "after_act": True,
    },
    "503": {
        "kind": "answer",
        "status": 503,
        "body": {"statusCode": 503, "message": "Service unavailable"},
    },
    "truncated": {"kind": "truncate"},
    "200_html_acted": {
        "kind": "answer",
        "status": 200,
        "body": HTML,
        "headers": {"content-type": "text/html"},
        "after_act": True,
    },
    "200_other_acted": {"kind": "answer", "status": 200, "body": {"id": "x"}, "after_act": True},
    "200_empty_object": {"kind": "answer", "status": 200, "body": {}},
    "302": {
        "kind": "answer",
        "status": 302,
        "body": HTML,
        "headers": {"content-type": "text/html", "location": "https://login.example.test/"},
    },
    "307_acted": {
        "kind": "answer",
        "status": 307,
        "body": "",
        "headers": {"location": "https://login.example.test/"},
        "after_act": True,
    },
    "429": {
        "kind": "answer",
        "status": 429,
        "body": {"error": {"code": "429", "message": "Retry after 3 seconds."}},
    },
}


# For every mutation; what is paid for suffers all of them.
QUICK = ("reply_lost", "200_other_acted")


def every_combination() -> list[Any]:
    return [
        pytest.param(
            mutation,
            lost,
            marks=[] if mutation == "create_job" or lost in QUICK else [pytest.mark.slow],
        )
        for mutation in MUTATIONS
        for lost in LOST
    ]


def prepared(case: Case, agent: Agent, service: Service) -> None:
    if case.kind == "cancel_job":
        service.behave(train_seconds=60)
    agent.run(case.before)


@pytest.mark.parametrize(("mutation", "lost"), every_combination())
def test_a_mutation_without_a_clear_answer_still_happens_once(
    mutation: str, lost: str, agent: Agent, service: Service
) -> None:
    """Rows 1-9 of docs/failures.md: whatever becomes of the request or its answer, the service is
    changed once.
    """
    case = MUTATIONS[mutation]
    prepared(case, agent, service)
    service.fault(case.method, case.path, **LOST[lost])
    case.after(agent)
    assert service.faults_left() == 0, "the fault never struck"
    assert service.spent(case.kind) == case.times


@pytest.mark.parametrize("mutation", ["upload", "create_job", "create_deployment"])
def test_an_unanswered_request_is_not_repeated_before_it_has_settled(
    mutation: str, agent: Agent, service: Service
) -> None:
    """Row 2: it may still come true; until `settle` has passed the agent only looks."""
    case = MUTATIONS[mutation]
    prepared(case, agent, service)
    service.fault(case.method, case.path, "drop_before")
    lost = agent.tick()
    assert lost.outcome == "retrying"
    assert "it is asked again" in str(lost.text)
    spare = 20.0  # seconds, for the real clock goes on
    agent.clock.skip(agent.app.settings.settle_seconds - spare)
    for ticked in agent.ticks(3):
        assert ticked.outcome == "waiting"
        assert "to settle before it is sent again" in str(ticked.text)
    assert service.spent(case.kind) == 0
    agent.clock.skip(spare)
    agent.tick()
    assert service.spent(case.kind) == case.times


@pytest.mark.parametrize("version", ["2024-12-01-preview", "2025-04-01-preview", "v1"])
def test_a_lost_reply_is_found_again_on_every_surface(
    version: str, launch: Callable[..., Agent], service: Service
) -> None:
    """Row 1: both replies of what is paid or kept get lost, on each version of the interface."""
    agent = launch(AZURE_OPENAI_VERSION=version)
    agent.run("VALIDATED")
    service.fault("POST", r"/files$|/fine_tuning/jobs$", "drop_after", times=3)
    agent.run("TRAINED")
    assert service.faults_left() == 0
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


@pytest.mark.parametrize("path", [r"/files$", r"/fine_tuning/jobs$"])
def test_an_act_that_comes_true_only_after_the_time_out_is_adopted(
    path: str, launch: Callable[..., Agent], service: Service
) -> None:
    """Row 10: the agent has given up waiting, and then it happens.

    By the real clock, for the emulator has no other.
    """
    agent = launch(AGENT_REQUEST_TIMEOUT_SECONDS="0.6", AGENT_SETTLE_SECONDS="120")
    agent.run("VALIDATED" if "files" in path else "UPLOADED")
    service.fault("POST", path, "act_later", seconds=0.9)
    assert agent.tick().outcome == "retrying"
    assert service.spent("upload" if "files" in path else "create_job") == 0
    agent.run_by_the_real_clock("UPLOADED" if "files" in path else "TRAINING")
    assert (service.spent("upload"), service.spent("create_job")) == (
        2,
        0 if "files" in path else 1,
    )


@pytest.mark.parametrize("path", [r"/files$", r"/fine_tuning/jobs$"])
def test_a_listing_that_lags_behind_a_lost_reply_makes_no_second_one(
    path: str, launch: Callable[..., Agent], service: Service
) -> None:
    """Row 11: it happened, the reply is lost, and the listing does not show it yet.

    By the real clock.
    """
    agent = launch(
        AGENT_REQUEST_TIMEOUT_SECONDS="0.5",
        AGENT_LISTING_LAG_SECONDS="0.7",
        AGENT_SETTLE_SECONDS="1.25",
    )
    agent.run("VALIDATED" if "files" in path else "UPLOADED")
    service.behave(listing_lag_seconds=0.7)
    service.fault("POST", path, "drop_after")
    agent.run_by_the_real_clock("UPLOADED" if "files" in path else "TRAINING")
    assert service.faults_left() == 0
    assert (service.spent("upload"), service.spent("create_job")) == (
        2,
        0 if "files" in path else 1,
    )
