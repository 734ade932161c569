"""Before the training is paid: what is reached without one, and a person who may say no."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from states.errors import NotFound
from states.facts import known
from states.facts_json import read
from states.intents.findings import Assessment
from states.places import Artifact
from states.remote import Reply
from states.state import Event, State
from states.steps.weigh_training import draw
from tests.unit.desk import Desk

BASE, SERVED = "gpt-4o-mini", "gpt-4o-mini-2024-07-18"
FIGURES = {"accuracy": 0.914, "low": 0.904, "high": 0.923, "n": 10, "features": "words"}


class Free:
    """A look at the data that finds what a free model reaches."""

    def assess(self, *_: Any) -> Assessment:
        return Assessment((), {"local_accuracy": FIGURES})

    def answer(self, *_: Any) -> None:
        return None


@pytest.fixture
def weighed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """With a free model, a base model at hand, and a target."""
    ports_for = desk.ports_for
    monkeypatch.setattr(desk, "ports_for", lambda p: replace(ports_for(p), quality=Free()))
    desk.wish(base_deployments=(BASE,), target=0.9)
    desk.cloud.deploy_by_hand(BASE, SERVED)
    return desk


def kinds(desk: Desk) -> Counter[str]:
    return Counter(act.kind for act in desk.cloud.ledger)


def asked(desk: Desk) -> list[str]:
    acts = [act for act in desk.cloud.ledger if act.kind == "chat" and not act.detail["probe"]]
    return [f"{act.detail['model']} {act.subject}" for act in acts]


def notes(desk: Desk) -> str:
    return "\n".join(str(line.note) for line in desk.store.history("tienda"))


def test_what_is_reached_without_a_training_is_told_before_it_is_paid(weighed: Desk) -> None:
    weighed.go(State.UPLOADED)
    told = notes(weighed)
    assert "Before the training: a free model reaches 91.4 % [90.4–92.3] on 10 sentences;" in told
    assert f"{BASE}, not fine-tuned, " in told
    assert f"{BASE}, 24-shot, not fine-tuned, " in told
    assert told.rstrip().endswith("your target is 90.0 %.")
    weighed.go(State.ANALYZED)
    weighed.results.publish(weighed.project())
    info = json.loads((weighed.home / "results/fine_tuning_info.json").read_text())
    reached = info["before_training"]["reached"]
    assert [one["kind"] for one in reached] == ["local", "base", "few_shot"]
    assert reached[0]["interval_95"] == [0.904, 0.923]


def test_the_answers_of_before_the_training_are_those_of_the_evaluation(weighed: Desk) -> None:
    """Where the cases are the validation sentences, the untuned models are asked them once."""
    weighed.write(
        "data/raw/intent_examples.json",
        {name: [f"{name} {number}" for number in range(20)] for name in ("comprar", "queja")},
    )
    weighed.store.create("tienda", "00c0ffee", "emulator", weighed.clock.wall())
    weighed.go(State.UPLOADED)
    before = [one for one in asked(weighed) if one.startswith(SERVED)]
    assert len(before) == len({*before}) == 16
    weighed.go(State.ANALYZED)
    assert [one for one in asked(weighed) if one.startswith(f"{SERVED} ")] == before


def test_the_training_waits_for_a_person_who_is_told_its_price(weighed: Desk) -> None:
    weighed.wish(confirms_training=True)
    hold = weighed.go_to_hold()
    assert "a free model reaches 91.4 %" in hold
    assert "costs about" in hold
    assert "`advance`" in hold
    assert kinds(weighed).keys() == {"chat"}
    assert read(json.loads(json.dumps(weighed.project().facts.as_json()))) == (
        weighed.project().facts
    )
    questions = len(asked(weighed))
    weighed.decisions.advance("tienda", None)
    weighed.go(State.ANALYZED)
    assert kinds(weighed)["create_job"] == 1
    events = [line.event for line in weighed.store.history("tienda")]
    assert events.count(Event.TRAINING_CONFIRMED) == 1
    assert len([one for one in asked(weighed)[questions:] if one.startswith(SERVED)]) > 0


def test_advance_that_is_said_of_another_hold_confirms_nothing(weighed: Desk) -> None:
    weighed.wish(confirms_training=True)
    weighed.go(State.VALIDATED)
    weighed.decisions.advance("tienda", None)
    assert weighed.project().facts.confirmed is None
    weighed.go_to_hold()
    assert kinds(weighed)["upload"] == 0


def test_cancelled_before_the_training_costs_nothing_for_it(weighed: Desk) -> None:
    weighed.wish(confirms_training=True)
    weighed.go_to_hold()
    weighed.decisions.cancel("tienda", delete_files=False)
    weighed.go(State.CANCELLED)
    assert kinds(weighed).keys() == {"chat"}


def test_the_same_data_is_not_asked_about_twice_and_other_data_is(weighed: Desk) -> None:
    weighed.wish(confirms_training=True)
    weighed.go_to_hold()
    weighed.decisions.advance("tienda", None)
    weighed.cloud.job_status = "failed"
    weighed.go(State.FAILED)
    weighed.cloud.job_status = "succeeded"
    weighed.decisions.retry("tienda", restore=False, restart=False)
    weighed.go(State.TRAINED)  # it was agreed to
    weighed.decisions.cancel("tienda", delete_files=False)
    weighed.go(State.CANCELLED)
    while weighed.project().due_at is not None:
        weighed.tick()
    weighed.write(
        "data/raw/intent_examples.json",
        {name: [f"{name} {number}" for number in range(20)] for name in ("comprar", "queja")},
    )
    weighed.decisions.retry("tienda", restore=False, restart=False)
    weighed.go_to_hold()
    assert weighed.project().state is State.VALIDATED


def test_retry_of_what_waits_for_a_person_goes_on_waiting(weighed: Desk) -> None:
    weighed.wish(confirms_training=True)
    first = weighed.go_to_hold()
    weighed.decisions.retry("tienda", restore=False, restart=False)
    assert weighed.go_to_hold() == first
    assert kinds(weighed)["upload"] == 0


def test_an_untuned_model_that_does_not_answer_keeps_nobody_from_the_training(
    weighed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = weighed.cloud.chat

    def chat(deployment: str, *given: Any) -> Reply:
        if deployment == BASE:
            raise NotFound("There is no such deployment.")
        return honest(deployment, *given)

    monkeypatch.setattr(weighed.cloud, "chat", chat)
    project = weighed.go(State.UPLOADED)
    assert f"{BASE} was not asked: There is no such deployment." in notes(weighed)
    assert project.facts.rivals is None  # the evaluation tries it again
    assert known(project.facts.weighed).comparison is not None


def test_without_a_comparison_nothing_is_told_and_nothing_kept(desk: Desk) -> None:
    project = desk.go(State.UPLOADED)
    assert known(project.facts.weighed).comparison is None
    assert "Before the training" not in notes(desk)


def test_of_many_sentences_each_intent_has_its_share() -> None:
    rows = [
        (f"{intent} {n}", intent)
        for intent, n_ in (("a", 900), ("b", 99), ("c", 1))
        for n in range(n_)
    ]
    drawn = Counter(intent for _, intent in draw(rows, 100))
    assert drawn == {"a": 90, "b": 9, "c": 1}
    assert draw(rows, 100) == draw(rows, 100)
    assert len(draw(rows, 1000)) == 1000


def test_what_was_checked_is_read_where_it_was_recorded(desk: Desk) -> None:
    """Of a project of version 0.1 there is no summary, and none is needed."""
    project = desk.go(State.VALIDATED)
    artifacts = {a: d for a, d in project.facts.artifacts.items() if a is not Artifact.PREPARATION}
    with pytest.MonkeyPatch.context() as patch:
        bare = replace(project, facts=replace(project.facts, artifacts=artifacts))
        patch.setattr(type(desk.store), "load", lambda *_: bare)
        ticked = desk.tick()
    assert ticked.after.state is State.UPLOADED


def test_what_asking_costs_is_told_before_anything_is_paid(weighed: Desk) -> None:
    """Of each candidate: the cases, and before the training the validation sentences."""
    weighed.create(cases=3)
    weighed.go(State.VALIDATED)
    place = weighed.home / "data/processed/data_preparation_summary.json"
    summary = json.loads(place.read_text())
    cost, validation = summary["estimated_cost_of_questions"], list(summary["files"].values())[1]
    each = {one["candidate"]: one for one in cost["candidates"]}
    assert list(each) == ["tuned", BASE, f"{BASE}, 24-shot"]
    assert each["tuned"]["questions"] == 3
    assert each[BASE]["questions"] == 3 + validation["examples"]
    assert each[f"{BASE}, 24-shot"]["tokens"] > each[BASE]["tokens"]
    assert cost["questions"] == sum(one["questions"] for one in each.values())
    assert (
        0 < cost["amount"] == pytest.approx(sum(one["amount"] for one in each.values()), abs=1e-5)
    )
    assert not weighed.cloud.ledger
