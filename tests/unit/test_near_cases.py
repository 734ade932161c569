"""The free local classifier beside the tuned model, and cases nearly of the training data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.views.score import score_json, score_text
from states.evaluation.analysis import Subject, analyze
from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Neighbour, RivalKind
from states.evaluation.local_answers import LocalAnswers, to_rival
from states.evaluation.loss_curve import LossCurve
from states.evaluation.uncounted import describe_missing
from states.facts import known
from states.intents.cases import Case
from states.intents.sentences import Sentence
from states.model import Project
from states.places import Artifact, place_of
from states.ports import Ports
from states.quality_port import NoQuality
from states.state import State
from states.steps import local_rival
from states.text import Text, say
from tests.unit.desk import Desk

NEAR = Neighbour("casi el caso 0", "queja", 0.97)


class Quality(NoQuality):
    """Answers "queja" to everything; the first text is nearly a training sentence."""

    def __init__(self) -> None:
        self.given: list[tuple[Sequence[Sentence], Sequence[str]]] = []

    def answer(self, training: Sequence[Sentence], texts: Sequence[str]) -> LocalAnswers | None:
        self.given.append((training, texts))
        rest = len(texts) - 1
        return LocalAnswers(
            features="words",
            predicted=("queja",) * (rest + 1),
            chances=({"queja": 0.75, "pago": 0.25},) * (rest + 1),
            neighbours=((NEAR,), *[()] * rest),
            is_near=(True, *[False] * rest),
            seconds=0.001,
        )


def evaluate(desk: Desk, monkeypatch: pytest.MonkeyPatch, quality: NoQuality) -> Project:
    ports_for = desk.ports_for

    def with_quality(_: Desk, project: Project) -> Ports:
        return replace(ports_for(project), quality=quality)

    monkeypatch.setattr(Desk, "ports_for", with_quality)
    desk.cloud.answer = "queja"
    desk.create()
    project = desk.go(State.ANALYZED)
    desk.results_in("en").publish(project)
    return project


def read(desk: Desk, name: str) -> Any:
    return json.loads((desk.home / "results" / name).read_text())


def recall(desk: Desk, project: Project) -> Evaluation:
    document = known(project.facts.evaluated).evaluation
    return Evaluation.from_json(desk.store.memory("tienda").recall(document))


def test_the_local_classifier_is_a_rival_trained_on_what_the_model_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked once, all cases; and each case has the training sentences that are near to it."""
    quality = Quality()
    project = evaluate(desk, monkeypatch, quality)
    [(training, texts)] = quality.given
    assert list(texts) == ["caso 0", "caso 1", "caso 2"]
    trained = (desk.home / place_of(Artifact.TRAINING, "tienda")).read_text().splitlines()
    assert len(training) == len(trained)
    assert all(json.dumps(one.text, ensure_ascii=False) in trained[one.row - 1] for one in training)
    [rival] = recall(desk, project).rivals
    assert (rival.kind, rival.name, rival.predicted) == (RivalKind.LOCAL, "words", ("queja",) * 3)
    answered = read(desk, "test_results.json")["cases_answered"]
    assert [one.get("neighbours") for one in answered] == [[NEAR.as_json()], None, None]


def test_where_the_local_classifier_ended_it_is_said_that_it_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ending(NoQuality):
        def answer(self, *_: Any) -> Text:
            return say("it gave no answer")

    evaluate(desk, monkeypatch, Ending())
    assert read(desk, "test_results.json")["candidates_left_out"] == [
        {"kind": "local", "name": "scikit-learn", "reason": "it gave no answer"}
    ]


def test_a_case_that_nearly_is_a_training_sentence_is_shown_and_not_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And everybody who tells a score says so, with the score that includes it."""
    project = evaluate(desk, monkeypatch, Quality())
    evaluated = known(project.facts.evaluated)
    assert (evaluated.cases, evaluated.trained, evaluated.near) == (2, 0, 1)
    results, analysis = read(desk, "test_results.json"), read(desk, "improvement_analysis.json")
    assert (results["cases"], results["cases_trained_on"], results["cases_near_training"]) == (
        2,
        0,
        1,
    )
    assert results["with_cases_trained_on"]["cases"] == 3
    assert [one.get("near_training") for one in results["cases_answered"]] == [True, None, None]
    assert (
        "1 more case does not count (0 trained on, 1 nearly); with it 3 of 3 are right"
        in (analysis["reading"])
    )
    assert any("`near_training`" in step for step in analysis["next_steps"])
    assert str(score_text(project)).endswith("; 1 case that nearly repeats a training sentence")
    assert (score_json(project)["trained_on"], score_json(project)["near_training"]) == (0, 1)
    notes = [str(checkpoint.note) for checkpoint in desk.store.history("tienda")]
    assert "1 test case nearly repeats a training sentence: it does not count" in notes


def test_without_the_libraries_nobody_knows_of_near_ones_and_the_results_say_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = evaluate(desk, monkeypatch, NoQuality())
    assert known(project.facts.evaluated).cases == 3
    assert read(desk, "test_results.json")["cases_near_training"] is None
    assert recall(desk, project).rivals == ()


def test_of_very_many_training_sentences_as_many_as_are_looked_at_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the whole file, the same each time."""
    monkeypatch.setattr(local_rival, "_MOST", 20)
    drawn = [local_rival._draw(range(1000)) for _ in range(2)]  # type: ignore[arg-type]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 20
    assert max(map(int, drawn[0])) > 500  # type: ignore[call-overload]


ROW = AnsweredCase(Case("1", "typical", "hola", "queja"), Answer("queja", 0.1, 1), "queja")
EXACT, ALIKE = replace(ROW, is_trained=True), replace(ROW, is_near=True)


@pytest.mark.parametrize(
    ("cases", "begins"),
    [
        ([ALIKE], "The test case nearly repeats a training sentence, so it proves nothing"),
        ([EXACT, ALIKE], "All 2 test cases are training sentences, or nearly repeat one"),
    ],
)
def test_where_no_case_counts_there_is_no_grade(
    cases: list[AnsweredCase], begins: str, desk: Desk
) -> None:
    subject = Subject(Evaluation(("queja",), "x", tuple(cases)), LossCurve((), None), "t", "r", "e")
    analysis = analyze(subject, desk.catalog.service)
    assert (analysis.grade, str(analysis.reading)[: len(begins)]) == ("—", begins)
    assert any("near_training" in str(step) for step in analysis.next_steps)


def test_what_does_not_count_is_told_apart() -> None:
    first, *others = str(describe_missing(1, 2, 3)).split("; ")
    assert first.startswith("1 test case got no answer")
    assert others == [
        "2 test cases were trained on: they do not count",
        "3 test cases nearly repeat a training sentence: they do not count",
    ]
    assert describe_missing(0, 0, 0) is None


def test_an_evaluation_reads_back_what_is_near() -> None:
    """And one of an older version, which knew nothing of it."""
    rival = to_rival(LocalAnswers("words", ("queja",), ({"queja": 1.0},), ((NEAR,),), (True,)))
    whole = Evaluation(("queja",), "x", (ALIKE,), (rival,), {"1": (NEAR,)})
    assert Evaluation.from_json(json.loads(json.dumps(whole.as_json()))) == whole
    old = Evaluation(("queja",), "x", (ROW,)).as_json()
    del old["rivals"], old["neighbours"]
    assert (Evaluation.from_json(old).near, Evaluation.from_json(old).knows_near) == (0, False)
