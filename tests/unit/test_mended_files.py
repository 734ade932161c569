"""A mistake in a person's file holds the project until another file stands there, and no longer.

Longer than most files: what is mended where is one of its tests each.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import agent.engine.artifacts
import agent.engine.tick
import states.intents.annotated_json
from agent.drivers.errand import Errand
from agent.drivers.progress import Progress
from states import facts_json
from states.facts import Facts
from states.places import Artifact
from states.stages import Refused
from states.state import Event, State
from states.steps.table import Step, step_of
from tests.unit.desk import Desk
from tests.unit.living import events

EXAMPLES = "data/raw/intent_examples.json"
INTENTS = "data/raw/intents.json"
CASES = "data/raw/test_cases.json"
PROMPTS = "data/processed/training_prompts.jsonl"
TRAINING = "data/training/train_data.jsonl"
GOOD = {
    "comprar": [f"Quiero el artículo {n}" for n in range(10)],
    "queja": [f"El artículo {n} llegó roto" for n in range(10)],
}
ASKED = [{"text": "Todo mal", "expected": "queja"}]


def count_steps(patch: pytest.MonkeyPatch) -> list[State]:
    """The state of each project whose step is run from now on."""
    ran: list[State] = []

    def count(state: State) -> Step:
        step = step_of(state)

        def counted(*given: Any) -> Any:
            ran.append(state)
            return step(*given)

        return counted

    patch.setattr(agent.engine.tick, "step_of", count)
    return ran


def held_in_draft(desk: Desk) -> str:
    desk.write(CASES, ASKED)
    desk.write(EXAMPLES, "{")
    return desk.go_to_hold()


def test_a_mended_file_is_noticed(desk: Desk) -> None:
    """Without a command, within a look of the poll and one more; nothing was paid before."""
    assert "Mend it: a running agent goes on by itself; otherwise `run`." in held_in_draft(desk)
    assert desk.project().state is State.DRAFT
    desk.write(EXAMPLES, GOOD)
    asked_at = desk.clock.wall()
    assert desk.look().hold is None
    assert desk.clock.wall() <= asked_at + desk.preferences.poll_seconds + 1
    assert desk.cloud.sent == []
    assert events(desk) == [Event.HELD, Event.RELEASED]
    desk.go(State.ANALYZED)


def test_an_unmended_file_is_not_run_again_and_pays_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest is compared, once in a poll: no step, no checkpoint, no request."""
    steps = count_steps(monkeypatch)
    held_in_draft(desk)
    began = desk.clock.wall()
    desk.look(times=20)
    desk.write(EXAMPLES, "{")  # saved anew, with the same in it
    assert desk.look(times=20).hold is not None
    assert desk.clock.wall() >= began + 38 * desk.preferences.poll_seconds
    assert (steps, events(desk), desk.cloud.sent) == ([State.DRAFT], [Event.HELD], [])


def test_a_file_that_is_still_being_saved_is_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken once it was the same at two looks, so half of it is never trained on."""
    steps = count_steps(monkeypatch)
    held_in_draft(desk)
    saved = json.dumps(GOOD)
    for size in range(10, 200, 10):
        desk.write(EXAMPLES, saved[:size])
        desk.look(times=1)
    assert steps == [State.DRAFT]
    desk.write(EXAMPLES, saved)
    assert desk.look().hold is None


def test_what_is_saved_while_it_is_read_is_not_overwritten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon reads at the very moment at which a person saves: their file is theirs."""
    desk.write(EXAMPLES, GOOD)
    desk.write(CASES, [*ASKED, {"text": "Otro", "expected": "queja"}])
    keep = desk.store.put_blob

    def saved_meanwhile(*given: Any) -> str:
        desk.write(CASES, ASKED)
        return keep(*given)

    monkeypatch.setattr(desk.store, "put_blob", saved_meanwhile)
    desk.create()
    desk.tick()
    assert json.loads((desk.home / CASES).read_text()) == ASKED


def test_each_mistake_is_told_once(desk: Desk) -> None:
    """One checkpoint for what was refused, and one for the file that took its place."""
    held_in_draft(desk)
    for said in ("[]", "{}", "{}", "[1"):
        desk.write(EXAMPLES, said)
        desk.look(times=6)
    assert events(desk) == [Event.HELD] + 3 * [Event.RELEASED, Event.HELD]
    assert "not valid JSON" in str(desk.project().hold)


def test_a_file_that_is_gone_is_not_mended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor may be about to write it: the shop's sample is not put in its place."""
    steps = count_steps(monkeypatch)
    held_in_draft(desk)
    (desk.home / EXAMPLES).unlink()
    assert desk.look(times=6).hold is not None
    assert not (desk.home / EXAMPLES).exists()
    assert steps == [State.DRAFT]
    desk.write(EXAMPLES, GOOD)
    assert desk.look().hold is None


def test_descriptions_are_mended_on_either_side(desk: Desk) -> None:
    """In the file of the descriptions, or by adding the intent that they speak of."""
    desk.write(EXAMPLES, GOOD)
    desk.write(INTENTS, {"regalar": "Pide un regalo"})
    assert "there is no intent 'regalar'" in desk.go_to_hold()
    desk.write(EXAMPLES, {**GOOD, "regalar": ["Un regalo, por favor", "Para regalar"]})
    desk.look()
    desk.go(State.VALIDATED)


def test_mended_cases_are_noticed_before_anything_is_sent(desk: Desk) -> None:
    """They were recorded with the mistake: the mended ones take their place."""
    desk.write(EXAMPLES, GOOD)
    desk.write(CASES, [{"text": "x", "expected": "nada"}])
    assert "case 1 expects 'nada'" in desk.go_to_hold()
    assert desk.project().state is State.SPLIT
    desk.write(CASES, ASKED)
    desk.look()
    assert desk.go(State.VALIDATED).generation == 1
    assert desk.cloud.sent == []
    desk.go(State.ANALYZED)


def test_cases_that_come_late_are_mended_before_the_first_question(desk: Desk) -> None:
    """The model is trained and deployed, and nothing of it is done again."""
    desk.write(EXAMPLES, GOOD)
    desk.go(State.TRAINING)
    desk.write(CASES, [{"text": "x"}])
    assert 'has no "expected"' in desk.go_to_hold()
    assert desk.project().state is State.DEPLOYED
    desk.write(CASES, ASKED)
    desk.look()
    assert desk.go(State.ANALYZED).generation == 1
    assert desk.cloud.sent.count("create_job") == 1


def refused_in_split(desk: Desk) -> None:
    """Nine sentences are left for the training: the service wants ten."""
    few = {"a": [f"Una frase {n}" for n in range(6)], "b": [f"Otra cosa {n}" for n in range(6)]}
    desk.write(EXAMPLES, few)
    assert "8 training examples" in desk.go_to_hold()
    assert desk.project().state is State.SPLIT


def test_sentences_are_mended_after_the_split(desk: Desk) -> None:
    """What was made of them is made anew."""
    refused_in_split(desk)
    desk.write(CASES, ASKED)
    desk.write(EXAMPLES, GOOD)
    assert desk.look().state is State.DRAFT
    desk.go(State.VALIDATED)
    assert "Quiero el art" in (desk.home / TRAINING).read_text()


def test_the_training_file_is_mended_after_the_split(desk: Desk) -> None:
    """What a person wrote there is what is trained on."""
    refused_in_split(desk)
    row = json.loads((desk.home / TRAINING).read_text().splitlines()[0])
    more = []
    for number in range(4):
        row["messages"][1]["content"] = f"Otra más {number}"
        more.append(json.dumps(row, ensure_ascii=False) + "\n")
    written = (desk.home / TRAINING).read_text() + "".join(more)
    desk.write(TRAINING, written)
    desk.look()
    desk.go(State.TRAINING)
    assert written.encode() in [file.content for file in desk.cloud.files.values()]


def test_prompts_are_mended(desk: Desk) -> None:
    """Those that a person edited, chose to keep, and that cannot be read."""
    desk.write(EXAMPLES, GOOD)
    desk.go(State.PROMPTED)
    good = (desk.home / PROMPTS).read_text()
    desk.write(PROMPTS, good + "{")
    desk.go_to_hold()
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert "The prompts cannot be read" in desk.go_to_hold()
    desk.write(PROMPTS, good.replace("roto", "rota"))
    desk.look()
    desk.go(State.SPLIT)
    assert "rota" in (desk.home / TRAINING).read_text()


@pytest.mark.parametrize("state", [State.SPLIT, State.VALIDATED, State.UPLOADED])
def test_an_edit_that_is_undone_is_noticed(state: State, desk: Desk) -> None:
    """Put back as it was checked: nothing is to be decided. Any other edit waits for a person."""
    desk.go(state)
    checked = (desk.home / TRAINING).read_bytes()
    desk.write(TRAINING, checked + b"\n")
    desk.go_to_hold()
    desk.write(TRAINING, checked + b"\n\n")
    assert desk.look(times=5).hold is not None
    (desk.home / TRAINING).unlink()
    assert desk.look(times=5).hold is not None
    assert desk.cloud.sent.count("create_job") == 0
    desk.write(TRAINING, checked)
    assert desk.look(times=1).hold is None
    assert desk.go(State.TRAINING).generation == 1


def put_a_folder(path: Path, patch: pytest.MonkeyPatch) -> None:
    path.mkdir(parents=True)
    (path / "fichero").touch()


def put_too_much(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Of gigabytes, no more than the limit is read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(5 * 2**30)


@pytest.mark.parametrize("put", [put_a_folder, put_too_much])
def test_something_else_in_the_place_of_a_file_is_watched(
    put: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch)
    monkeypatch.setattr(states.intents.annotated_json, "LARGEST", 10**6)
    monkeypatch.setattr(agent.engine.artifacts, "LARGEST", 10**8)
    path = desk.home / EXAMPLES
    put(path, monkeypatch)
    assert EXAMPLES in desk.go_to_hold()
    desk.look(times=5)
    assert steps == [State.DRAFT]
    if path.is_dir():
        (path / "fichero").unlink()
        path.rmdir()
    desk.write(EXAMPLES, GOOD)
    assert desk.look().hold is None


def test_only_the_project_whose_file_was_mended_goes_on(desk: Desk) -> None:
    """Each looks at its own."""
    desk.write(EXAMPLES, "{")
    desk.write("data/projects/dos/raw/intent_examples.json", "{")
    desk.go_to_hold()
    desk.go_to_hold("dos")
    desk.write(EXAMPLES, GOOD)
    desk.look(name="dos")
    desk.look()
    assert desk.project("dos").hold is not None
    assert desk.project().hold is None


@pytest.mark.parametrize("command", ["retry", "advance", "run"])
def test_a_person_who_asks_need_not_wait(command: str, desk: Desk) -> None:
    """What they have mended counts at the first look."""
    held_in_draft(desk)
    desk.write(EXAMPLES, GOOD)
    if command == "retry":
        desk.decisions.retry("tienda", restore=False, restart=False)
        desk.tick()
    elif command == "advance":
        assert desk.decisions.advance("tienda", None).outcome == "moved"
    else:
        desk.ticker.take_mended(desk.project(), lambda p: desk.ports_for(p).artifacts)
        desk.tick()
    assert desk.project().state is State.PROMPTED


def test_retry_runs_the_step_again_though_the_file_is_the_same(desk: Desk) -> None:
    """A setting may have been the cause: what SPLIT has refused is made anew with those of now."""
    refused_in_split(desk)
    desk.wish(train_split=0.9)
    desk.decisions.retry("tienda", restore=False, restart=False)
    desk.go(State.VALIDATED)


def test_a_script_does_not_wait_for_a_file(desk: Desk) -> None:
    """`run --until` ends, however often the file is looked at; a daemon has nothing more to do."""
    held_in_draft(desk)
    assert desk.project().due_at is not None
    rested: list[bool] = []
    errand = Errand(None, State.VALIDATED, False, "emulator")
    until = Progress(desk.store, errand, lambda *_: None, lambda: None)
    until.observe()
    assert until.is_over()
    forever = replace(errand, until=None)
    Progress(desk.store, forever, lambda *_: None, lambda: rested.append(True)).observe()
    assert rested == [True]


def test_the_files_of_a_hold_are_kept_with_the_facts() -> None:
    """And those of a database that knows of none are read."""
    files = {Artifact.EXAMPLES: "a" * 64, Artifact.CASES: ""}
    for refused in (Refused(files), Refused(files, {Artifact.EXAMPLES: "b" * 64}), None):
        written = json.loads(json.dumps(Facts(refused=refused).as_json()))
        assert facts_json.read(written).refused == refused
    assert facts_json.read({"schema": 2}).refused is None
