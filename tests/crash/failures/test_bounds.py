"""What has no measure: answers, listings, and a person's files. Nothing of it stops a project, and
none of it is read to its end.
"""

from __future__ import annotations

from typing import Any

import pytest

from agent.engine import artifacts
from agent.providers import reply_size
from states.intents import annotated_json
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

JSON = {"content-type": "application/json"}
NOT_JSON = "not the JSON it promised"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"id": "x", "more": "' + "y" * 2**21 + '"}', "more than 1 MB"),
        ("[" * 100_000 + "]" * 100_000, NOT_JSON),
        ('{"a":' * 900 + "1" + "}" * 900, NOT_JSON),
        ('{"id": "x", "created_at": ' + "7" * 5000 + "}", NOT_JSON),
        ('{"id": "somebody-elses", "status": "succeeded", "fine_tuned_model": "m"}', NOT_JSON),
    ],
    ids=["size", "depth", "nested", "digits", "another"],
)
def test_an_answer_without_measure_is_asked_for_again(
    body: str, told: str, agent: Agent, service: Service
) -> None:
    agent.run("TRAINING")
    service.fault("GET", r"/jobs/[^/]+$", "answer", status=200, body=body, headers=JSON)
    agent.run_once()
    assert told in str(agent.project.last_error)
    agent.run("TRAINED")
    assert service.spent("create_job") == 1


def test_a_result_file_without_measure_costs_the_curve_only(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training is paid for: TRAINED, with a note."""
    monkeypatch.setitem(reply_size.LARGER, "/content", reply_size.MEGABYTE)
    agent.run("TRAINING")
    body = "step,train_loss\n" + "1,1.0\n" * 2**18
    service.fault("GET", r"/content", "answer", status=200, body=body, times=9)
    agent.run("TRAINED")
    assert "more than 1 MB" in str(agent.app.store.history(agent.name)[-1].note)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (r"/files$", {"data": [{"id": "a", "filename": "x"}], "has_more": True}),
        (r"/deployments$", {"value": [], "nextLink": "HERE/subscriptions/s/deployments"}),
    ],
)
def test_a_listing_without_end_is_read_again_and_proves_nothing(
    path: str, body: dict[str, Any], agent: Agent, service: Service
) -> None:
    """It goes round: what is not in it may be there all the same, so nothing is made."""
    before, after = ("VALIDATED", "UPLOADED") if "files" in path else ("TRAINED", "DEPLOYED")
    agent.run(before)
    if "nextLink" in body:
        body = {**body, "nextLink": body["nextLink"].replace("HERE", service.url)}
    service.fault("GET", path, "answer", status=200, body=body, times=2)
    ticked = agent.run_once()
    while service.faults_left():
        ticked = agent.run_once()
    assert "no end" in str(ticked.text)
    agent.run(after)
    assert service.spent("upload") == 2


def test_a_strangers_file_under_our_name_is_not_taken_for_ours(
    agent: Agent, service: Service
) -> None:
    """Its number of bytes is another one."""
    agent.run("VALIDATED")
    digest = str(agent.project.facts.artifacts["data/training/train_data.jsonl"])[:16]
    name = f"{agent.project.remote_name}-training-{digest}.jsonl"
    theirs = service.upload(name, b"{}")
    service.fault("POST", r"/files$", "drop_before")
    agent.run("UPLOADED")
    assert agent.project.facts.uploaded.training_file != theirs
    assert service.spent("upload") == 3


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("data/raw/intent_examples.json", "DRAFT"),
        ("data/raw/test_cases.json", "SPLIT"),
        ("data/training/train_data.jsonl", "SPLIT"),
    ],
)
def test_a_file_beyond_the_limit_is_named_and_a_smaller_one_is_enough(
    place: str, state: str, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred megabytes would take gigabytes of memory, and minutes in which nothing ends."""
    monkeypatch.setattr(artifacts, "LARGEST", 10**6)
    monkeypatch.setattr(annotated_json, "LARGEST", 10**6)
    if state != "DRAFT":
        agent.run(state)
    path = agent.home / place
    content = path.read_bytes()
    path.write_bytes(content + b" " * 10**6)
    assert f"{place} is larger than 1 MB" in agent.run_to_hold()
    path.write_bytes(content)
    agent.run("VALIDATED")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 950 + "1" + "}" * 950, "nested too deeply"),
        ("[" + "7" * 5000 + "]", "so many digits"),
    ],
)
@pytest.mark.parametrize("place", ["data/raw/intent_examples.json", "data/raw/test_cases.json"])
def test_sentences_in_json_without_measure_are_refused(
    place: str, content: str, told: str, agent: Agent
) -> None:
    (agent.home / place).write_text(content)
    assert told in agent.run_to_hold()
