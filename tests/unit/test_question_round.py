"""A batch of the evaluation: what is asked, what is kept, and what becomes of a fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.engine.sweep import Sweep
from states.errors import StoreError, Throttled, Unclear
from states.facts import known
from states.intents.cases import Case, Questions, digest
from states.remote import Heard, Reply, Token
from states.state import State
from tests.unit.desk import Desk

RIGHT = Reply("comprar", None, 0.1)


def kept(desk: Desk) -> int:
    model = known(desk.project().facts.trained).model
    return len(desk.store.memory("tienda").answers(model))


def test_no_question_is_begun_once_the_process_is_to_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was answered until then is kept."""
    desk.create(cases=9)
    desk.go(State.DEPLOYED)
    desk.tick()
    honest, asked = desk.cloud.chat, list[Any]()
    monkeypatch.setattr(desk.cloud, "chat", lambda *given: asked.append(given) or honest(*given))
    desk.is_ending = lambda: len(asked) >= 2
    desk.tick()
    assert (len(asked), kept(desk)) == (2, 2)
    desk.tick()
    assert len(asked) == 2
    desk.is_ending = lambda: False
    desk.go(State.ANALYZED)
    assert len(asked) == 9


def test_a_question_that_stands_twice_in_the_file_is_paid_once(desk: Desk) -> None:
    case = {"text": "quiero quejarme", "expected": "queja"}
    desk.create()
    desk.write("data/raw/test_cases.json", [{**case, "id": "a"}, {**case, "id": "b"}])
    desk.go(State.ANALYZED)
    chats = [act for act in desk.cloud.ledger if act.kind == "chat" and not act.detail["probe"]]
    assert len(chats) == 1
    assert known(desk.project().facts.evaluated).cases == 1


def test_an_answer_that_cannot_be_kept_ends_the_asking(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.create(cases=9)
    desk.go(State.DEPLOYED)
    desk.tick()

    def full(*_: Any) -> None:
        raise StoreError("The disk is full.")

    before = len(desk.cloud.ledger)
    with monkeypatch.context() as patch:
        patch.setattr("store.documents.SqlMemory.keep_answers", full)
        with pytest.raises(StoreError):
            desk.tick()
    assert len(desk.cloud.ledger) == before + 1
    with monkeypatch.context() as patch:
        patch.setattr("store.documents.SqlMemory.expect_answers", full)
        with pytest.raises(StoreError):
            desk.tick()
    assert len(desk.cloud.ledger) == before + 1


def test_a_fault_that_goes_on_is_met_three_times_and_not_with_every_case(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.create(cases=9)
    desk.cloud.batch = 9
    desk.go(State.DEPLOYED)
    desk.tick()
    asked: list[Any] = []

    def chat(*given: Any) -> Reply:
        asked.append(given)
        raise Unclear("The service is in trouble.")

    monkeypatch.setattr(desk.cloud, "chat", chat)
    assert desk.tick().outcome == "retrying"
    assert len(asked) == 3


def test_a_busy_deployment_is_waited_for_as_long_as_it_says_and_keeps_what_it_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.create(cases=3)
    desk.go(State.DEPLOYED)
    desk.tick()
    replies: list[Any] = [RIGHT, Throttled("busy", 7.0), Throttled("busy", 7.0)]

    def chat(*_: Any) -> Reply:
        found = replies.pop(0) if replies else Throttled("busy", 7.0)
        if isinstance(found, Exception):
            raise found
        return RIGHT

    monkeypatch.setattr(desk.cloud, "chat", chat)
    ticked = desk.tick()
    assert (ticked.outcome, kept(desk)) == ("waiting", 1)
    assert ticked.after.due_at == desk.clock.wall() + 7
    assert desk.tick().outcome == "retrying"  # nothing was answered at all
    assert desk.project().attempts == 1


def test_a_restarted_daemon_leaves_a_busy_deployment_alone_for_as_long_as_it_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rest is in the database, and so is how many it takes at once."""
    desk.create(cases=3)
    desk.go(State.DEPLOYED)
    desk.tick()
    limits: list[Any] = []

    def chat_many(_name: str, take: Any, _unsupported: Any, most: int, at_once: Any) -> Any:
        limits.append((most, at_once))
        question = take()
        if len(limits) == 1:
            yield [Heard(question.number, RIGHT)]
            question = take()
        yield [Heard(question.number, Throttled("busy", 60.0), 3)]

    monkeypatch.setattr(desk.cloud, "chat_many", chat_many)
    desk.tick()
    for _ in range(2):  # with some answers, and then without any
        again = Sweep(desk.ticker, desk.store, desk.clock.wall)
        assert list(again.due()) == []
        desk.clock.spend(59)
        assert list(again.due()) == []
        desk.clock.spend(1.5)
        assert list(again.due()) == ["tienda"]
        desk.tick()
    assert limits == [(1, None), (1, 3), (1, 3)]


def test_the_chance_of_the_intent_and_the_tokens_are_kept_with_the_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an answer that was paid before chances were told stays as it is."""
    desk.create(cases=2)
    desk.go(State.DEPLOYED)
    desk.tick()
    monkeypatch.setattr(desk.cloud, "chat", lambda *_: RIGHT)
    desk.is_ending = lambda: kept(desk) > 0
    desk.tick()
    desk.is_ending = lambda: False
    token = Token(b"comprar", -0.1, {b"queja": -2.5})
    monkeypatch.setattr(
        desk.cloud,
        "chat",
        lambda *_: replace(RIGHT, tokens=(token,), prompt_tokens=31, completion_tokens=2),
    )
    desk.tick()
    model = known(desk.project().facts.trained).model
    answers = list(desk.store.memory("tienda").answers(model).values())
    [before, after] = sorted(answers, key=lambda answer: answer["probability"] is not None)
    assert (before["probability"], before["prompt_tokens"]) == (None, None)
    assert 0.9 < after["probability"] < 1
    assert after["others"].keys() == {"queja"}
    assert (after["prompt_tokens"], after["completion_tokens"]) == (31, 2)


def test_the_digest_of_a_question_is_that_of_its_messages() -> None:
    """By which the answers of every version are found again."""
    cases = tuple(Case(str(n), "typical", text, "queja") for n, text in enumerate(['«"é\n', "b"]))
    questions = Questions('Di "sí"\n', ("queja",), cases, "validation")
    assert questions.digests() == [digest(questions.messages(case)) for case in cases]
