"""What becomes of answers that did not end as answers do: kept, counted, and told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.score import score_json, score_text
from states.errors import NoAnswer
from states.evaluation.analysis import read as read_score
from states.evaluation.answers import Answer
from states.evaluation.scores import Score
from states.facts import known
from states.model import Project
from states.patience import GLITCHES
from states.remote import Finish, Reply
from states.state import State
from tests.unit.desk import Desk

RIGHT = "queja"  # what each case of the desk expects


def evaluate(desk: Desk, monkeypatch: pytest.MonkeyPatch, *replies: Any) -> Project:
    """The project, ANALYZED; each of the three cases is answered by its replies, in turn."""
    desk.create(cases=3)
    desk.go(State.DEPLOYED)
    waiting = {
        f"caso {number}": list(reply) if isinstance(reply, list) else [reply]
        for number, reply in enumerate(replies)
    }

    def chat(_name: str, messages: Any, *_: Any) -> Reply:
        reply = waiting[messages[-1]["content"]].pop(0)
        if isinstance(reply, Exception):
            raise reply
        return Reply(*reply) if isinstance(reply, tuple) else Reply(reply, None, 0.1)

    monkeypatch.setattr(desk.cloud, "chat", chat)
    project = desk.go(State.ANALYZED)
    assert not any(waiting.values())
    desk.results_in("en").publish(project)
    return project


def read(desk: Desk, name: str) -> Any:
    return json.loads((desk.home / "results" / name).read_text())


def test_a_reply_without_an_answer_is_asked_for_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = evaluate(desk, monkeypatch, [NoAnswer("none"), RIGHT], RIGHT, RIGHT)
    assert known(project.facts.evaluated).accuracy == 1.0
    results = read(desk, "test_results.json")
    assert [case["attempts"] for case in results["cases_answered"]] == [2, 1, 1]


def test_a_case_that_is_never_answered_does_not_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out of every figure, and named wherever a person looks."""
    nothing = [NoAnswer("none")] * (GLITCHES + 2)  # once beside the others, then alone
    project = evaluate(desk, monkeypatch, RIGHT, nothing, "comprar")
    evaluated = known(project.facts.evaluated)
    assert (evaluated.cases, evaluated.correct, evaluated.unanswered) == (2, 1, 1)
    results = read(desk, "test_results.json")
    assert (results["cases"], results["accuracy"]) == (2, 0.5)
    assert results["finish_reasons"] == {"stop": 2, "unanswered": 1}
    assert results["cases_answered"][1]["finish_reason"] == "unanswered"
    assert sum(results["confusion_matrix"][RIGHT].values()) == 2
    assert "without an answer" in str(score_text(project))
    assert score_json(project)["unanswered"] == 1
    steps = " ".join(read(desk, "improvement_analysis.json")["next_steps"])
    assert "1 test case got no answer" in steps
    notes = [str(c.note) for c in desk.store.history("tienda") if c.note]
    assert any("does not count" in note for note in notes)


def test_an_evaluation_without_one_answer_ends_and_has_no_grade(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the worst one: the model was not heard."""
    nothing = [NoAnswer("none")] * (GLITCHES + 1)
    project = evaluate(desk, monkeypatch, nothing, nothing, nothing)
    assert known(project.facts.evaluated).accuracy is None
    assert str(score_text(project)) == "3 cases without an answer"
    analysis = read(desk, "improvement_analysis.json")
    assert (analysis["grade"], analysis["best_intent"], analysis["accuracy"]) == ("—", None, None)
    assert "None of the 3 test cases" in analysis["reading"]


@pytest.mark.parametrize(
    ("finish", "text", "told"),
    [
        (Finish.CONTENT_FILTER, RIGHT, "content filter"),
        (Finish.REFUSAL, RIGHT, "refused"),
        (Finish.LENGTH, f"{RIGHT} porque el cliente se queja de", "cut off"),
    ],
)
def test_what_the_filter_stops_or_the_model_does_not_say_is_wrong_and_told(
    finish: Finish, text: str, told: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a statement: of the filter, or of the model."""
    project = evaluate(desk, monkeypatch, RIGHT, (text, None, 0.1, finish), RIGHT)
    evaluated = known(project.facts.evaluated)
    assert (evaluated.cases, evaluated.correct, evaluated.unanswered) == (3, 2, 0)
    case = read(desk, "test_results.json")["cases_answered"][1]
    assert (case["finish_reason"], case["predicted"]) == (finish.value, None)
    assert case["filtered"] is (finish is Finish.CONTENT_FILTER)
    steps = " ".join(read(desk, "improvement_analysis.json")["next_steps"])
    assert told in steps
    assert "test_results.json" in steps


def test_an_answer_that_was_cut_off_after_the_intents_name_is_right(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = evaluate(desk, monkeypatch, RIGHT, (RIGHT, None, 0.1, Finish.LENGTH), RIGHT)
    assert known(project.facts.evaluated).accuracy == 1.0


@pytest.mark.parametrize(("filtered", "finish"), [(True, "content_filter"), (False, "stop")])
def test_an_answer_of_an_older_version_is_read(filtered: bool, finish: str) -> None:
    old = {"text": "x", "latency_seconds": 0.1, "attempts": 1, "filtered": filtered}
    assert Answer.from_json(old).finish.value == finish
    unknown = {"probability": None, "prompt_tokens": None, "completion_tokens": None}
    assert Answer.from_json(old).as_json() == {**old, "finish_reason": finish, **unknown}


def test_what_a_refusal_has_taught_is_kept_with_the_model(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question is asked in that dialect, also by another process."""
    seen: list[tuple[str, ...]] = []
    honest = desk.cloud.chat

    def chat(name: str, messages: Any, unsupported: Any) -> Reply:
        seen.append(tuple(unsupported))
        reply = honest(name, messages, unsupported)
        return Reply(reply.text, reply.served_model, 0.1, unsupported=("max_tokens",))

    monkeypatch.setattr(desk.cloud, "chat", chat)
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    assert seen == [(), ("max_tokens",), ("max_tokens",)]
    assert known(desk.project().facts.trained).unsupported == ("max_tokens",)


def test_a_score_has_the_same_bounds_wherever_it_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16.504 % is 16.5 in the results: from there on nobody rounds it to 17."""
    project = evaluate(desk, monkeypatch, RIGHT, RIGHT, RIGHT)
    evaluated = replace(known(project.facts.evaluated), cases=40, correct=2, accuracy=0.05)
    project = replace(project, facts=replace(project.facts, evaluated=evaluated))
    assert str(score_text(project)).startswith("5.0 % (1–16)")
    reading = read_score(Score(40, 2), PackagedCatalog().service["grades"])
    assert "between 1 % and 16 %" in str(reading)
