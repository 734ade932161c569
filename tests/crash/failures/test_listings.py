"""Listings that break off, change, hide something, or show two of one key."""

from __future__ import annotations

import pytest

from tests.crash.failures.agent import Agent
from tests.crash.failures.observed import spent
from tests.crash.failures.remote import Service

SUMMARY = "data/training/train_data.jsonl"


@pytest.mark.parametrize("path", ["/files", r"/fine_tuning/jobs$"])
def test_a_truncated_listing_is_read_again_and_not_taken_for_an_empty_one(
    path: str, agent: Agent, service: Service
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
    path: str, state: str, agent: Agent, service: Service
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
    assert spent(service) == (2, 1, 1)


@pytest.mark.parametrize(
    ("path", "state"),
    [(r"/files/[^/]+$", "VALIDATED"), (r"/jobs/[^/]+$", "TRAINING"), (r"/deployments/", "TRAINED")],
)
def test_an_object_of_ours_that_cannot_be_read_is_read_again(
    path: str, state: str, agent: Agent, service: Service
) -> None:
    """And not taken for another one, nor for none."""
    agent.run(state)
    service.fault("GET", path, "answer", status=200, body={"status": "running"}, times=1)
    assert agent.tick().outcome == "retrying"
    assert "not the JSON it promised" in str(agent.project.last_error)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


@pytest.mark.parametrize(
    ("path", "state", "mark"),
    [(r"/files$", "VALIDATED", "filename"), (r"/jobs$", "UPLOADED", "training_file")],
)
def test_a_listing_that_may_hide_ours_is_read_again(
    path: str, state: str, mark: str, agent: Agent, service: Service
) -> None:
    """What carries our mark and cannot be read is not skipped: it would be made, and paid for, a
    second time.
    """
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


def digest(agent: Agent, place: str) -> str:
    return str(agent.project.facts.artifacts[place])[:16]


def test_two_files_with_one_key_hold_and_both_are_named(agent: Agent, service: Service) -> None:
    agent.run("VALIDATED")
    name = f"{agent.project.remote_name}-training-{digest(agent, SUMMARY)}.jsonl"
    content = (agent.home / SUMMARY).read_bytes()
    twins = [service.upload(name, content) for _ in range(2)]
    hold = agent.run_to_hold()
    assert all(twin in hold for twin in twins)
    service.ask("DELETE", f"/openai/files/{twins[0]}?api-version=2024-12-01-preview")
    agent.retry()
    agent.run("UPLOADED")
    assert agent.project.facts.uploaded.training_file == twins[1]
    assert service.spent("upload") == 3  # the two twins, and our validation file


def test_two_jobs_with_one_key_hold_and_both_are_named(agent: Agent, service: Service) -> None:
    from agent.engine.mutations import job_suffix

    agent.run("UPLOADED")
    service.behave(queue_seconds=60)
    facts = agent.project.facts
    twins = [
        service.job(
            facts.uploaded.training_file, facts.uploaded.validation_file, job_suffix(agent.project)
        )
        for _ in range(2)
    ]
    hold = agent.run_to_hold()
    assert all(twin in hold for twin in twins)
    assert service.spent("create_job") == 2


def test_objects_of_others_are_never_taken_for_ours(agent: Agent, service: Service) -> None:
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
    service.job(
        facts.uploaded.training_file, facts.uploaded.validation_file, "somebody-else", seed=7
    )
    agent.run("TRAINED")
    assert service.spent("create_job") == 2


def test_what_a_lost_reply_left_is_found_beyond_the_first_page(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.providers.azure_client.PAGE", 2)
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
        service.job(
            facts.uploaded.training_file,
            facts.uploaded.validation_file,
            f"other-{number}",
            seed=number,
        )
    agent.run("TRAINED")
    assert service.spent("create_job") == 6


def test_a_listing_that_changes_while_it_is_paged_through_is_begun_again(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody deletes the very file that the next page was to begin after: 400, and no reason to
    give up.
    """
    monkeypatch.setattr("agent.providers.azure_client.PAGE", 2)
    agent.run("VALIDATED")
    for number in range(5):
        service.upload(f"other-{number}.jsonl", b"{}")
    gone = {"error": {"code": "invalidPayload", "message": "The cursor is not in this list."}}
    service.fault("GET", r"/files$", "answer", skip=1, status=400, body=gone)
    agent.run("UPLOADED")
    assert service.faults_left() == 0
    assert service.spent("upload") == 7
