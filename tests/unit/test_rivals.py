"""The other candidates are asked the same cases, each question once, and hold nobody up."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import AfinadorError, NeedsOperator, NotFound, Throttled, Unclear
from states.evaluation.answers import Evaluation, RivalKind
from states.facts import known
from states.intents.cases import Case, Questions, digest
from states.intents.few_shot import MOST_TOKENS, choose_examples
from states.model import Project
from states.remote import Reply
from states.state import State
from tests.unit.desk import Desk

BASE, SERVED = "gpt-4o-mini", "gpt-4o-mini-2024-07-18"


@pytest.fixture
def compared(desk: Desk) -> Desk:
    """Of three cases, with a base model at hand."""
    desk.create()
    desk.go(State.DEPLOYED)
    desk.wish(base_deployments=(BASE,))  # by now, so that nothing was asked before the training
    desk.cloud.deploy_by_hand(BASE, SERVED)
    return desk


def evaluation_of(desk: Desk) -> Evaluation:
    name = known(desk.project().facts.evaluated).evaluation
    return Evaluation.from_json(desk.store.memory("tienda").recall(name))


def questions_of(desk: Desk) -> list[str]:
    """Model and question of all that were asked, but for the probe of the deployment."""
    acts = [act for act in desk.cloud.ledger if act.kind == "chat" and not act.detail["probe"]]
    return [f"{act.detail['model']} {act.subject}" for act in acts]


def fail(desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """The base model does, whatever it is asked."""
    honest = desk.cloud.chat

    def chat(deployment: str, *given: Any) -> Reply:
        if deployment == BASE:
            raise fault
        return honest(deployment, *given)

    monkeypatch.setattr(desk.cloud, "chat", chat)


def test_the_base_model_answers_the_same_cases_with_and_without_examples(compared: Desk) -> None:
    compared.go(State.ANALYZED)
    plain, taught = evaluation_of(compared).rivals
    assert (plain.kind, plain.name, plain.model) == (RivalKind.BASE, BASE, SERVED)
    assert taught.kind is RivalKind.FEW_SHOT
    assert taught.name.startswith(f"{BASE}, ")
    assert taught.name.endswith("-shot")
    assert [answer and answer.text for answer in plain.answers] == ["comprar"] * 3
    asked = questions_of(compared)
    assert len(asked) == len({*asked}) == 9


def test_a_rival_is_asked_only_what_it_was_not_asked_before(compared: Desk) -> None:
    compared.go(State.ANALYZED)
    before = len(questions_of(compared))
    compared.write(
        "data/raw/test_cases.json",
        [{"text": f"caso {n}", "expected": "queja"} for n in range(4)],
    )
    compared.decisions.evaluate("tienda", deploys=False)
    compared.go(State.ANALYZED)
    assert len(questions_of(compared)) == before + 3
    assert [len(rival.answers) for rival in evaluation_of(compared).rivals] == [4, 4]


def test_answers_of_two_models_under_one_name_never_count_as_one_s(compared: Desk) -> None:
    """The service updates a base model by itself: it is noticed by its next answer."""
    compared.go(State.ANALYZED)
    compared.cloud.deploy_by_hand(BASE, "gpt-5")
    cases = [{"text": f"caso {n}", "expected": "queja"} for n in range(4)]
    compared.write("data/raw/test_cases.json", cases)
    compared.decisions.evaluate("tienda", deploys=False)
    compared.go(State.ANALYZED)
    asked = [one for one in questions_of(compared) if one.startswith("gpt-5 ")]
    assert len(asked) == len({*asked}) == 8
    assert {rival.model for rival in evaluation_of(compared).rivals} == {"gpt-5"}


@pytest.mark.parametrize(
    "fault",
    [
        NotFound("There is no such deployment."),
        NeedsOperator("The key is refused.", heals=True),
        Unclear("The service is in trouble."),
        Throttled("No capacity.", 3600.0),
    ],
)
def test_a_rival_that_does_not_answer_is_left_out_and_it_is_said_why(
    compared: Desk, monkeypatch: pytest.MonkeyPatch, fault: AfinadorError
) -> None:
    fail(compared, monkeypatch, fault)
    began = compared.clock.wall()
    project = compared.go(State.ANALYZED)
    evaluation = evaluation_of(compared)
    assert evaluation.rivals == ()
    assert [one.kind for one in evaluation.left_out] == ["base", "few_shot"]
    assert {str(one.reason) for one in evaluation.left_out} == {str(fault)}
    assert known(project.facts.evaluated).cases == 3
    assert compared.clock.wall() - began < 15 * 60
    notes = [str(line.note) for line in compared.store.history("tienda")]
    assert f"{BASE} is left out of the comparison: {fault}" in notes


def test_a_rival_is_asked_again_when_it_said_and_no_sooner(
    compared: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment that is refused for five minutes answers after them."""
    honest, opens, refused = compared.cloud.chat, compared.clock.wall() + 290, set[float]()

    def chat(deployment: str, *given: Any) -> Reply:
        if deployment == BASE and compared.clock.wall() < opens:
            refused.add(compared.clock.wall() // 30)
            raise Throttled("No capacity.", 300.0)
        return honest(deployment, *given)

    monkeypatch.setattr(compared.cloud, "chat", chat)
    compared.go(State.ANALYZED)
    assert evaluation_of(compared).left_out == ()
    assert len(refused) == 1


def test_a_deployment_that_serves_the_tuned_model_is_no_rival_of_it(compared: Desk) -> None:
    compared.cloud.deploy_by_hand(BASE, known(compared.project().facts.trained).model)
    compared.go(State.ANALYZED)
    (first, _) = evaluation_of(compared).left_out
    assert str(first.reason) == f"{BASE} serves the tuned model itself"


def test_what_a_rival_does_not_support_is_not_taken_for_the_tuned_model_s(
    compared: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, sent = compared.cloud.chat, list[Any]()

    def chat(deployment: str, messages: Any, unsupported: Any = ()) -> Reply:
        if deployment == BASE:
            sent.append(tuple(unsupported))
            return Reply("queja", SERVED, 0.1, unsupported=("temperature",))
        return honest(deployment, messages, unsupported)

    monkeypatch.setattr(compared.cloud, "chat", chat)
    compared.cloud.batch = 1
    project = compared.go(State.ANALYZED)
    assert known(project.facts.trained).unsupported == ()
    assert sent == [(), ("temperature",), ("temperature",)] * 2


def test_a_rival_whose_process_dies_in_the_middle_is_asked_nothing_twice(
    compared: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was kept counts, though no checkpoint says so."""

    class Killed(BaseException):
        pass

    def pause(*_: Any) -> Project:
        raise Killed

    compared.cloud.batch = 2
    while compared.project().facts.rivals is None:
        compared.tick()
    with monkeypatch.context() as patch:
        patch.setattr(compared.store, "pause", pause)
        with pytest.raises(Killed):
            compared.tick()
    compared.go(State.ANALYZED)
    asked = questions_of(compared)
    assert len(asked) == len({*asked}) == 9


def test_the_generation_before_answers_with_what_was_paid_for_and_only_new_cases_cost(
    desk: Desk,
) -> None:
    desk.create()
    first = known(desk.go(State.ANALYZED).facts.trained).model
    before = questions_of(desk)
    desk.decisions.iterate("tienda")
    cases = [{"text": f"caso {n}", "expected": "queja"} for n in range(4)]
    desk.write("data/raw/test_cases.json", cases)
    desk.go(State.ANALYZED)
    (parent,) = evaluation_of(desk).rivals
    assert (parent.kind, parent.name) == (RivalKind.PARENT, "generation 1")
    assert parent.model == first
    assert [answer and answer.text for answer in parent.answers] == ["comprar"] * 4
    again = [one for one in questions_of(desk)[len(before) :] if one.startswith(f"{first} ")]
    assert len(again) == 1


def test_of_a_generation_whose_deployment_is_gone_only_paid_answers_count(desk: Desk) -> None:
    desk.create()
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda", replaces=True)
    cases = [{"text": f"caso {n}", "expected": "queja"} for n in range(4)]
    desk.write("data/raw/test_cases.json", cases)
    desk.go(State.ANALYZED)
    (parent,) = evaluation_of(desk).rivals
    assert [answer is not None for answer in parent.answers] == [True, True, True, False]


def test_another_model_under_the_name_of_the_generation_before_is_not_asked(desk: Desk) -> None:
    desk.create()
    name = known(desk.go(State.ANALYZED).facts.deployed).name
    desk.decisions.iterate("tienda")
    cases = [{"text": f"caso {n}", "expected": "queja"} for n in range(4)]
    desk.write("data/raw/test_cases.json", cases)
    desk.cloud.deploy_by_hand(name, "another")
    desk.go(State.ANALYZED)
    (left_out,) = evaluation_of(desk).left_out
    assert str(left_out.reason) == f"{name} serves another now, another model"


def test_with_examples_a_question_has_another_digest() -> None:
    case = Case("1", "typical", "«¿Dónde está?»", "queja")
    questions = Questions("Di cuál", ("queja",), (case,), "validation", (("Mal", "queja"),))
    messages = questions.messages(case, questions.examples)
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert questions.digests(questions.examples) == [digest(messages)]
    assert questions.digests() != questions.digests(questions.examples)
    assert Questions.from_json(questions.as_json()) == questions


def test_examples_are_of_every_intent_in_turn() -> None:
    rows = [(f"{intent} {n}", intent) for intent in "abc" for n in range(30)]
    chosen = choose_examples(rows, lambda _: 1)
    assert [intent for _, intent in chosen] == ["a", "b", "c"] * 8
    assert chosen[:4] == [("a 0", "a"), ("b 0", "b"), ("c 0", "c"), ("a 1", "a")]
    many = [(f"frase {n}", f"intent {n}") for n in range(150)]
    assert len(choose_examples(many[:80] * 2, lambda _: 1)) == 80
    assert len(choose_examples(many, lambda _: 1)) == 100


def test_examples_that_would_cost_more_than_they_tell_are_left_out() -> None:
    rows = [("largo", "a"), ("corto", "a"), ("corto", "b")]
    prices = {"largo": MOST_TOKENS, "corto": 10}
    chosen = choose_examples(rows, lambda text: prices.get(text, 1))
    assert chosen == [("corto", "b"), ("corto", "a")]
