"""The same sentence written in other ways: what is asked, what it costs, and what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.robustness_price import Estimate, estimate_robustness
from states.errors import NoAnswer, Transient
from states.evaluation.answers import Answer, AnsweredCase, Evaluation
from states.evaluation.perturbations import Perturbation, perturb
from states.evaluation.robustness import change_cases, measure_robustness
from states.evaluation.stability import Stability, describe_robustness
from states.facts import known
from states.facts_json import read
from states.intents.cases import Case
from states.remote import Finish
from states.state import State
from states.text import say
from tests.unit.desk import Desk

SENTENCE = "¿Cuándo llegará mi señal del pingüino?"


@pytest.mark.parametrize(
    ("kind", "text", "changed"),
    [
        (Perturbation.NO_ACCENTS, SENTENCE, "¿Cuando llegara mi señal del pinguino?"),
        (Perturbation.NO_OPENING_MARKS, SENTENCE, "Cuándo llegará mi señal del pingüino?"),
        (Perturbation.OTHER_CASE, "Quiero PAGAR", "quiero pagar"),
        (Perturbation.OTHER_CASE, "quiero pagar", "QUIERO PAGAR"),
        (Perturbation.TYPO, "hola", "hloa"),
    ],
)
def test_a_sentence_is_changed_in_one_way(kind: Perturbation, text: str, changed: str) -> None:
    assert perturb(kind, text) == changed


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Perturbation.NO_ACCENTS, "mañana"),
        (Perturbation.NO_OPENING_MARKS, "hola"),
        (Perturbation.NO_OPENING_MARKS, "¿¡"),
        (Perturbation.OTHER_CASE, "123"),
        (Perturbation.TYPO, "no va eee"),
    ],
)
def test_what_changes_nothing_or_leaves_nothing_is_not_asked(kind: Perturbation, text: str) -> None:
    assert perturb(kind, text) is None


def test_a_slip_moves_two_letters_inside_one_word_and_is_always_the_same() -> None:
    slipped = {perturb(Perturbation.TYPO, SENTENCE) for _ in range(3)}
    [text] = slipped
    assert text is not None
    moved = [at for at, letter in enumerate(text) if letter != SENTENCE[at]]
    assert sorted(text) == sorted(SENTENCE)
    assert moved == [moved[0], moved[0] + 1]
    assert SENTENCE[moved[0] - 1 : moved[0] + 3].isalpha()


def test_courtesies_are_those_of_the_language() -> None:
    """And differ from sentence to sentence."""
    said = {str(perturb(Perturbation.COURTESY, f"frase {n}")).split(" frase")[0] for n in range(40)}
    assert len(said) > 2
    assert str(perturb(Perturbation.COURTESY, "my card", "en")).endswith(", my card")
    assert not said & {str(perturb(Perturbation.COURTESY, "x", "en")).removesuffix(" x")}
    changed = change_cases([Case("1", "typical", "where is my card and what is it", "card")])
    polite = next(case.text for _, case in changed if case.kind == "courtesy")
    assert perturb(Perturbation.COURTESY, "where is my card and what is it", "en") == polite


def answered(text: str, predicted: str | None) -> AnsweredCase:
    return AnsweredCase(Case(text, "t", text, "queja"), Answer(predicted or "", 0, 1), predicted)


def test_the_share_is_of_answers_that_stay_right_or_wrong() -> None:
    """A sentence without an answer says nothing, and an answer that names no intent is one too."""
    cases = [answered("a", "queja"), answered("b", "pago"), answered("c", None)]
    said = [("queja", 0), ("pago", 1), ("ni idea", 2), ("pago", 0)]
    changed = [((at, Case("", "typo", "", "queja")), Answer(text, 0, 1)) for text, at in said]
    silent = ((1, Case("", "courtesy", "", "queja")), Answer("", 0, 1, Finish.UNANSWERED))
    [found] = measure_robustness(cases, [*changed, silent], ("queja", "pago"))
    assert (found.perturbation, found.cases, found.same, found.share) == ("typo", 4, 3, 0.75)
    assert found.as_json()["interval_95"] == [0.3006, 0.9544]
    assert Stability.from_json(found.as_json()) == found


def test_one_sentence_tells_the_whole_and_the_worst() -> None:
    found = (Stability("typo", 10, 7), Stability("courtesy", 10, 9))
    assert str(describe_robustness(found)) == (
        "Written in another way, 80 % of 20 sentences keep their answer; the least, 70 %, where two"
        " letters have changed places."
    )
    assert describe_robustness(()) is None


def test_what_it_costs_is_told_as_far_as_it_is_known() -> None:
    assert str(Estimate(5, 1.234, True).describe()) == (
        "For the robustness up to 5 more sentences are asked, for about 1.23 USD."
    )
    assert str(Estimate(5, 0.001, True).describe()).endswith("for about 0.001 USD.")
    assert "not known" in str(Estimate(5, None, True).describe())
    assert str(Estimate(0, 0.0, True).describe()).endswith("costs nothing.")
    assert str(Estimate(5, 1.0, False).describe()).endswith("costs nothing.")


# A project -------------------------------------------------------------------------------------


def asked(desk: Desk) -> int:
    return sum(act.kind == "chat" and not act.detail["probe"] for act in desk.cloud.ledger)


def results(desk: Desk) -> Any:
    desk.results_in("en").publish(desk.project())
    return json.loads((desk.home / "results" / "test_results.json").read_text())


@pytest.fixture
def evaluated(desk: Desk) -> Desk:
    """Two cases that count: of each the case, a slip and a courtesy can be changed."""
    desk.cloud.answer = "queja"
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    return desk


def test_changed_sentences_are_asked_once_and_told_in_results_and_reading(evaluated: Desk) -> None:
    """As many as were told before; and again they cost nothing."""
    assert results(evaluated)["robustness"] is None
    before = asked(evaluated)
    estimate = estimate_robustness(evaluated.project(), evaluated.ports_for(evaluated.project()))
    assert estimate.calls == 6
    evaluated.decisions.evaluate("tienda", deploys=False, robustness=True)
    project = evaluated.go(State.ANALYZED)
    assert asked(evaluated) == before + 6
    told = results(evaluated)["robustness"]
    assert [(one["perturbation"], one["cases"], one["same"]) for one in told] == [
        ("other_case", 2, 2),
        ("typo", 2, 2),
        ("courtesy", 2, 2),
    ]
    analysis = known(known(project.facts.analyzed).analysis)
    reading = str(evaluated.store.memory("tienda").recall(analysis)["reading"])
    assert "keep their answer" in reading
    again = estimate_robustness(project, evaluated.ports_for(project))
    evaluated.decisions.evaluate("tienda", deploys=False, robustness=True)
    evaluated.go(State.ANALYZED)
    assert (again.calls, asked(evaluated)) == (0, before + 6)
    evaluated.decisions.evaluate("tienda", deploys=False)
    evaluated.go(State.ANALYZED)
    assert results(evaluated)["robustness"] is None


def test_an_interrupted_round_goes_on_with_what_is_left(
    evaluated: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish is among the facts, and so is the evaluation that is already there."""
    honest, before = evaluated.cloud.chat, asked(evaluated)

    def chat(name: str, messages: Any, *more: Any) -> Any:
        if messages[-1]["content"].isupper():
            raise Transient(say("down"))
        return honest(name, messages, *more)

    monkeypatch.setattr(evaluated.cloud, "chat", chat)
    evaluated.decisions.evaluate("tienda", deploys=False, robustness=True)
    for _ in range(6):
        evaluated.tick()
        evaluated.clock.spend(60)
    project = evaluated.project()
    assert project.state is State.DEPLOYED
    assert read(json.loads(json.dumps(project.facts.as_json()))) == project.facts
    assert project.facts.robustness
    assert project.facts.answered is not None
    monkeypatch.setattr(evaluated.cloud, "chat", honest)
    evaluated.go(State.ANALYZED)
    assert (asked(evaluated), len(results(evaluated)["robustness"])) == (before + 6, 3)
    assert evaluated.project().facts.answered is None


def test_a_case_that_does_not_count_is_not_changed(evaluated: Desk) -> None:
    """Nor counted among the calls, once that is known of it."""
    project = evaluated.project()
    memory = evaluated.store.memory("tienda")
    document = known(project.facts.evaluated)
    former = Evaluation.from_json(memory.recall(document.evaluation))
    near = replace(former, cases=(replace(former.cases[0], is_near=True), *former.cases[1:]))
    kept = memory.keep(near.as_json())
    facts = replace(project.facts, evaluated=replace(document, evaluation=kept))
    project = replace(project, facts=facts)
    assert estimate_robustness(project, evaluated.ports_for(project)).calls == 3


def test_silence_on_a_changed_sentence_ends_nothing(
    evaluated: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = evaluated.cloud.chat

    def chat(name: str, messages: Any, *more: Any) -> Any:
        if messages[-1]["content"].isupper():
            raise NoAnswer("nothing")
        return honest(name, messages, *more)

    monkeypatch.setattr(evaluated.cloud, "chat", chat)
    evaluated.decisions.evaluate("tienda", deploys=False, robustness=True)
    evaluated.go(State.ANALYZED)
    told = results(evaluated)["robustness"]
    assert [one["perturbation"] for one in told] == ["typo", "courtesy"]
    assert results(evaluated)["cases"] == 2
