"""A person edits or deletes what a later state relies on: nothing is trained that was not checked,
and nothing they wrote is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from states.places import Artifact
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

TRAINING = "data/training/train_data.jsonl"
VALIDATION = "data/validation/validation_data.jsonl"
PROMPTS = "data/processed/training_prompts.jsonl"


def with_one_row_more(agent: Agent, place: str = TRAINING) -> bytes:
    """The file as a person leaves it: one example more, of the same shape."""
    path = agent.home / place
    row = json.loads(path.read_text().splitlines()[0])
    row["messages"][1]["content"] = "Ilumina el desván, que no veo nada"
    path.write_text(path.read_text() + json.dumps(row, ensure_ascii=False) + "\n")
    return bytes(path.read_bytes())


def trained_on(agent: Agent, service: Service) -> bytes:
    """The training file of the job that was paid for, as the service keeps it."""
    job = service.ask(
        "GET",
        f"/openai/fine_tuning/jobs/{agent.project.facts.created.id}?api-version=2024-12-01-preview",
    )
    return bytes(service.content(job["training_file"]))


@pytest.mark.parametrize(("state", "uploads"), [("SPLIT", 2), ("VALIDATED", 2), ("UPLOADED", 3)])
def test_an_edit_holds_and_retry_keeps_it(
    state: str, uploads: int, agent: Agent, service: Service
) -> None:
    """Checked again, and the new file is trained on; what has not changed is not uploaded again."""
    agent.run(state)
    edited = with_one_row_more(agent)
    hold = agent.run_to_hold()
    assert TRAINING in hold
    assert "was changed after it had been used" in hold
    assert "`retry`" in hold
    assert "`retry --restore`" in hold
    assert service.spent("create_job") == 0
    agent.retry()
    assert agent.project.state.value == "SPLIT"
    agent.run("TRAINED")
    assert trained_on(agent, service) == edited
    assert (agent.home / TRAINING).read_bytes() == edited
    summary = json.loads((agent.home / "data/processed/data_preparation_summary.json").read_text())
    assert summary["files"][TRAINING]["examples"] == len(edited.splitlines())
    assert (service.spent("upload"), service.spent("create_job")) == (uploads, 1)


@pytest.mark.parametrize("state", ["SPLIT", "VALIDATED", "UPLOADED"])
def test_an_edit_holds_and_restore_puts_the_checked_file_back(
    state: str, agent: Agent, service: Service
) -> None:
    agent.run(state)
    checked = (agent.home / TRAINING).read_bytes()
    with_one_row_more(agent)
    agent.run_to_hold()
    agent.retry(restore=True)
    assert (agent.home / TRAINING).read_bytes() == checked
    agent.run("TRAINED")
    assert trained_on(agent, service) == checked
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


@pytest.mark.parametrize("place", [VALIDATION, PROMPTS])
def test_the_other_files_are_watched_as_well(place: str, agent: Agent, service: Service) -> None:
    agent.run("PROMPTED" if place == PROMPTS else "VALIDATED")
    with_one_row_more(agent, place)
    assert place in agent.run_to_hold()
    agent.retry()
    agent.run("TRAINED")
    assert service.spent("create_job") == 1


EXAMPLES = "data/raw/intent_examples.json"


def with_a_sentence_more(agent: Agent) -> None:
    """The sentences as a person leaves them."""
    path = agent.home / EXAMPLES
    examples = json.loads(path.read_text())
    examples["encender"].append("Ilumina el desván, que no veo nada")
    path.write_text(json.dumps(examples, ensure_ascii=False))


@pytest.mark.parametrize("state", ["PROMPTED", "VALIDATED", "UPLOADED"])
def test_sentences_edited_before_the_training_are_not_ignored(
    state: str, agent: Agent, service: Service
) -> None:
    """They are the file that people edit; what was made of them is on its way already."""
    agent.run(state)
    with_a_sentence_more(agent)
    assert EXAMPLES in agent.run_to_hold()
    assert service.spent("create_job") == 0
    agent.retry()
    agent.run("TRAINED")
    assert service.spent("create_job") == 1
    prompts = (agent.home / PROMPTS).read_text()
    assert "Ilumina el desván" in prompts
    assert agent.decisions.newer_examples(agent.project) is None
    with_a_sentence_more(agent)
    agent.run("ANALYZED")
    assert agent.decisions.newer_examples(agent.project) == EXAMPLES


def test_sentences_mended_after_a_failure_are_what_retry_trains_on(
    agent: Agent, service: Service
) -> None:
    """The service refused them; training once more on the same ones would be of no use."""
    service.behave(
        fail_job={"code": "contentFilter", "message": "The data did not pass the checks."}
    )
    agent.run("TRAINING")
    agent.run_to_failure()
    service.behave(fail_job=None)
    with_a_sentence_more(agent)
    assert agent.retry().state.value == "DRAFT"
    agent.run("TRAINED")
    assert b"Ilumina el desv" in service.content(
        agent.project.facts.uploaded.training_file
    ) + service.content(agent.project.facts.uploaded.validation_file)
    assert service.spent("create_job") == 2


def test_a_project_of_ones_own_is_never_trained_on_the_shops_sentences(
    launch: Callable[..., Agent], service: Service
) -> None:
    """Where it costs money. It says where the sentences belong, and goes on when they are there."""
    agent = launch(name="clinica")
    place = "data/projects/clinica/raw/intent_examples.json"
    assert place in agent.run_to_hold()
    path = agent.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(agent.home / EXAMPLES, path)
    agent.clock.skip(300)
    agent.run("VALIDATED")
    assert service.spent("upload") == 0


def test_an_edit_that_the_check_refuses_can_be_mended_in_place(
    agent: Agent, service: Service
) -> None:
    """What the person wrote is not overwritten by what the program would have written."""
    agent.run("VALIDATED")
    path = agent.home / TRAINING
    good = path.read_text()
    path.write_text(good + "this is no JSON\n")
    agent.run_to_hold()
    agent.retry()
    assert TRAINING in agent.run_to_hold()
    mended = good.replace("Dale a la luz", "Dale a la luz, por favor")
    path.write_text(mended)
    agent.run("TRAINED")
    assert trained_on(agent, service) == mended.encode()
    assert service.spent("create_job") == 1


def test_the_test_cases_belong_to_the_project(agent: Agent) -> None:
    """A home without them, or with other ones, does not change what the project is graded on."""
    agent.run("PROMPTED")
    path = agent.home / "data/raw/test_cases.json"
    before = path.read_bytes()
    path.unlink()
    agent.run("SPLIT")
    agent.tick()
    assert path.read_bytes() == before
    agent.run("VALIDATED")
    assert agent.project.facts.artifacts[Artifact.CASES] == hashlib.sha256(before).hexdigest()


def test_other_test_cases_hold_until_a_person_chooses(agent: Agent) -> None:
    """Keeping them trains nothing anew."""
    agent.run("SPLIT")
    path = agent.home / "data/raw/test_cases.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "test_cases.json was changed after it had been used" in agent.run_to_hold()
    agent.retry()
    assert agent.run("VALIDATED").generation == 1


def test_a_deleted_file_is_made_again(agent: Agent, service: Service) -> None:
    agent.run("VALIDATED")
    before = (agent.home / TRAINING).read_bytes()
    shutil.rmtree(agent.home / "data/training")
    agent.run("TRAINED")
    assert (agent.home / TRAINING).read_bytes() == before
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


def test_deleted_results_are_made_again(agent: Agent, service: Service) -> None:
    agent.run("ANALYZED")
    before = {path.name: path.read_bytes() for path in (agent.home / "results").iterdir()}
    shutil.rmtree(agent.home / "results")
    agent.app.recover()
    assert {path.name: path.read_bytes() for path in (agent.home / "results").iterdir()} == before


def test_an_edit_after_the_training_has_begun_changes_nothing(
    agent: Agent, service: Service
) -> None:
    agent.run("TRAINING")
    with_one_row_more(agent)
    agent.run("ANALYZED")
    assert service.spent("create_job") == 1


@pytest.mark.parametrize(
    ("put", "take_away"),
    [(Path.mkdir, Path.rmdir), (os.mkfifo, Path.unlink)],
    ids=["folder", "pipe"],
)
def test_something_else_in_the_place_of_a_file_is_named_and_mending_it_is_enough(
    put: Any, take_away: Any, agent: Agent, service: Service
) -> None:
    agent.run("VALIDATED")
    path = agent.home / TRAINING
    path.unlink()
    put(path)
    assert TRAINING in agent.run_to_hold()
    take_away(path)
    agent.run("TRAINED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)
