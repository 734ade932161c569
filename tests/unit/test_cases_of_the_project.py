"""What a project is graded on is the project's own, once read, in whichever home it goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk

CASES = "data/raw/test_cases.json"
OTHERS = [{"text": "otro caso", "expected": "comprar"}]


def other_home(desk: Desk, tmp_path: Path) -> Desk:
    """The same project and service, seen from a home of its own."""
    home = tmp_path / "other"
    home.mkdir()
    other = replace(desk, home=home)
    other.cloud = desk.cloud
    return other


def sources(desk: Desk) -> tuple[str, int]:
    """Where the cases came from, and how many there were."""
    questions = desk.store.memory("tienda").recall(str(desk.project().facts.questions))
    return questions["source"], len(questions["cases"])


@pytest.mark.parametrize("state", [State.PROMPTED, State.SPLIT, State.TRAINING, State.DEPLOYED])
def test_another_home_grades_on_the_same_cases(state: State, desk: Desk, tmp_path: Path) -> None:
    """It has no file: the project's is written there."""
    desk.go(state)
    elsewhere = other_home(desk, tmp_path)
    elsewhere.go(State.ANALYZED)
    assert sources(desk) == (CASES, 3)
    assert (elsewhere.home / CASES).read_bytes() == (desk.home / CASES).read_bytes()


@pytest.mark.parametrize("state", [State.SPLIT, State.DEPLOYED])
def test_other_cases_than_the_projects_hold_before_they_are_asked(state: State, desk: Desk) -> None:
    """Kept, they are asked and nothing is trained anew; put back, the old ones are."""
    desk.go(state)
    before = (desk.home / CASES).read_bytes()
    desk.write(CASES, OTHERS)
    desk.tick()
    assert f"{CASES} was changed after it had been used" in str(desk.project().hold)
    desk.decisions.retry("tienda", restore=True, restart=False)
    assert (desk.home / CASES).read_bytes() == before
    desk.write(CASES, OTHERS)
    desk.tick()
    kept = desk.decisions.retry("tienda", restore=False, restart=False)
    assert (kept.state, kept.generation) == (state, 1)
    desk.go(State.ANALYZED)
    assert sources(desk) == (CASES, 1)
    assert desk.cloud.sent.count("create_job") == 1


def test_an_edit_after_the_first_question_is_told(desk: Desk) -> None:
    """The cases of before are asked to the end."""
    desk.go(State.DEPLOYED)
    desk.tick()
    desk.write(CASES, OTHERS)
    desk.go(State.ANALYZED)
    assert sources(desk) == (CASES, 3)
    notes = [str(c.note) for c in desk.store.history("tienda") if c.note]
    assert any(f"{CASES} was changed after the evaluation had begun" in note for note in notes)


def test_cases_that_come_during_the_training_count(desk: Desk) -> None:
    """None had been read before."""
    desk.create(cases=0)
    (desk.home / CASES).unlink()
    examples = {
        "a": [f"Una frase {n}" for n in range(10)],
        "b": [f"Otra cosa {n}" for n in range(10)],
    }
    desk.write("data/raw/intent_examples.json", examples)
    project = desk.go(State.TRAINING)
    assert Artifact.CASES not in project.facts.artifacts
    desk.write(CASES, json.dumps([{"text": "x", "expected": "a"}]))
    project = desk.go(State.ANALYZED)
    assert sources(desk) == (CASES, 1)
    assert Artifact.CASES in project.facts.artifacts
