"""A test case that was trained on shows what the model remembers: it is shown, and not counted."""

from __future__ import annotations

import json
from typing import Any

from agent.views.score import score_json, score_text
from states.errors import NoAnswer
from states.facts import known
from states.model import Project
from states.places import Artifact, place_of
from states.state import State
from tests.unit.desk import Desk

CASES = "data/raw/test_cases.json"
NEW = {"text": "un caso que nadie ha visto", "expected": "queja"}


def trained_rows(desk: Desk) -> list[dict[str, str]]:
    """What is trained, as cases."""
    desk.go(State.SPLIT)
    path = desk.home / place_of(Artifact.TRAINING, "tienda")
    found = []
    for line in path.read_text().splitlines():
        _, user, assistant = (message["content"] for message in json.loads(line)["messages"])
        found.append({"text": user, "expected": assistant})
    return found


def evaluate(desk: Desk, cases: list[dict[str, str]]) -> Project:
    desk.write(CASES, cases)
    desk.tick()
    desk.decisions.retry("tienda", restore=False, restart=False)  # these, and not those of before
    desk.cloud.answer = "queja"
    project = desk.go(State.ANALYZED)
    desk.results_in("en").publish(project)
    return project


def read(desk: Desk, name: str) -> Any:
    return json.loads((desk.home / "results" / name).read_text())


def test_no_figure_counts_a_case_that_was_trained_on(desk: Desk) -> None:
    """Also in another case and with other spaces; the score with them stands beside it."""
    complaint, other = [row for row in trained_rows(desk) if row["expected"] == "queja"][:2]
    spaced = {**other, "text": f"  {other['text'].upper()} "}
    wrong = {"text": "nada", "expected": "comprar"}
    project = evaluate(desk, [complaint, spaced, NEW, wrong])
    evaluated = known(project.facts.evaluated)
    assert (evaluated.cases, evaluated.correct, evaluated.trained) == (2, 1, 2)
    results = read(desk, "test_results.json")
    assert (results["cases"], results["accuracy"], results["cases_trained_on"]) == (2, 0.5, 2)
    everything = results["with_cases_trained_on"]
    assert (everything["cases"], everything["correct"], everything["accuracy"]) == (4, 3, 0.75)
    assert sum(score["cases"] for score in results["per_intent"].values()) == 2
    assert sum(score["cases"] for score in results["per_kind"].values()) == 2
    assert sum(map(sum, (row.values() for row in results["confusion_matrix"].values()))) == 2
    marked = [case.get("trained_on") for case in results["cases_answered"]]
    assert marked == [True, True, None, None]
    analysis = read(desk, "improvement_analysis.json")
    assert (analysis["accuracy"], analysis["cases"], analysis["cases_trained_on"]) == (0.5, 2, 2)
    assert (
        "2 more cases were trained on and do not count; with them 3 of 4 are right."
        in (analysis["reading"])
    )
    assert any("`trained_on`" in step for step in analysis["next_steps"])
    assert str(score_text(project)).endswith("; 2 cases that were trained on")
    assert score_json(project)["trained_on"] == 2
    notes = [str(checkpoint.note) for checkpoint in desk.store.history("tienda")]
    assert "2 test cases were trained on: they do not count" in notes


def test_where_all_cases_were_trained_on_there_is_no_grade_and_it_is_said(desk: Desk) -> None:
    project = evaluate(desk, trained_rows(desk)[:3])
    assert known(project.facts.evaluated).accuracy is None
    analysis = read(desk, "improvement_analysis.json")
    assert (analysis["grade"], analysis["accuracy"]) == ("—", None)
    assert analysis["reading"].startswith("All 3 test cases were trained on, so they prove nothing")
    assert read(desk, "test_results.json")["with_cases_trained_on"]["cases"] == 3
    assert str(score_text(project)) == "3 cases that were trained on"


def test_where_the_others_have_no_answer_none_counts(desk: Desk, monkeypatch: Any) -> None:
    row, honest = trained_rows(desk)[0], desk.cloud.chat

    def chat(name: str, messages: Any, *more: Any) -> Any:
        if messages[-1]["content"] == NEW["text"]:
            raise NoAnswer("none")
        return honest(name, messages, *more)

    monkeypatch.setattr(desk.cloud, "chat", chat)
    project = evaluate(desk, [row, NEW])
    analysis = read(desk, "improvement_analysis.json")
    assert analysis["reading"].startswith("None of the 2 test cases counts (1 trained on")
    assert str(score_text(project)) == "1 case without an answer; 1 case that was trained on"
    notes = [str(checkpoint.note) for checkpoint in desk.store.history("tienda")]
    assert any("it does not count; 1 test case was trained on" in note for note in notes)


def test_what_is_not_trained_counts_though_it_is_validated_with(desk: Desk) -> None:
    """The validation rows, where there is no file of cases."""
    said = {name: [f"{name} {n}" for n in range(12)] for name in ("queja", "pago")}
    desk.write(place_of(Artifact.EXAMPLES, "tienda"), said)
    desk.cloud.answer = "queja"
    evaluated = known(desk.go(State.ANALYZED).facts.evaluated)
    assert (evaluated.trained, evaluated.cases > 0) == (0, True)
