"""`evaluate`: more or other cases for a model that is there; nothing is trained or paid twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from states.errors import SettingsError
from states.facts import known
from states.state import Event, State
from tests.unit.desk import Desk

CASES = "data/raw/test_cases.json"


def case(number: int, **more: str) -> dict[str, str]:
    return {"text": f"caso {number}", "expected": "queja", **more}


def asked(desk: Desk) -> int:
    """Questions that were paid for, without the probes of deployments."""
    return sum(act.kind == "chat" and not act.detail["probe"] for act in desk.cloud.ledger)


def evaluate(desk: Desk, cases: Any = None, *, deploys: bool = False) -> Any:
    if cases is not None:
        desk.write(CASES, cases)
    return desk.decisions.evaluate("tienda", deploys=deploys)


def scored(desk: Desk) -> tuple[int, int]:
    evaluated = known(desk.go(State.ANALYZED).facts.evaluated)
    return evaluated.cases, evaluated.correct


def test_only_new_cases_are_asked_and_nothing_is_trained(desk: Desk) -> None:
    """In another order, and some of those of before left out."""
    desk.cloud.answer = "queja"
    desk.create(cases=3)
    assert scored(desk) == (3, 3)
    desk.results.publish(desk.project())
    other = case(9, expected="comprar")
    after = evaluate(desk, [case(7), case(2), other, case(0)])
    assert (after.state, after.generation) == (State.DEPLOYED, 1)
    desk.results.publish(after)
    assert not (desk.home / "results/improvement_analysis.json").exists()
    assert scored(desk) == (4, 3)
    assert asked(desk) == 5
    assert desk.cloud.sent.count("create_job") == 1
    assert desk.cloud.sent.count("create_deployment") == 1
    assert [str(c.note) for c in desk.store.history("tienda")][-3] == "4 test cases"


def test_the_file_as_it_is_now_counts_and_again_costs_nothing(desk: Desk) -> None:
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    before = asked(desk)
    evaluate(desk)
    assert scored(desk)[0] == 2
    desk.write(CASES, [case(5)])
    evaluate(desk)
    assert scored(desk)[0] == 1
    assert asked(desk) == before + 1


def test_a_deleted_file_is_the_recorded_one(desk: Desk) -> None:
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    (desk.home / CASES).unlink()
    evaluate(desk)
    assert scored(desk)[0] == 2
    assert (desk.home / CASES).is_file()


@pytest.mark.parametrize("state", [State.DEPLOYED, State.EVALUATED])
def test_an_evaluation_that_goes_on_takes_the_new_cases(state: State, desk: Desk) -> None:
    desk.create(cases=6)
    desk.go(state)
    desk.tick()
    desk.write(CASES, [case(1), case(8)])
    evaluate(desk)
    assert scored(desk)[0] == 2


def test_cases_that_cannot_be_used_change_nothing(desk: Desk) -> None:
    desk.create(cases=2)
    before = desk.go(State.ANALYZED)
    with pytest.raises(SettingsError, match="'quexa', which is not one of the intents"):
        evaluate(desk, [case(1, expected="quexa")])
    assert desk.project() == before


@pytest.mark.parametrize("state", [State.DRAFT, State.TRAINING, State.AWAITING_DEPLOY])
def test_without_a_model_that_answers_there_is_nothing_to_evaluate(
    state: State, desk: Desk
) -> None:
    desk.create()
    before = desk.go(state)
    with pytest.raises(SettingsError, match="there is no answering model yet"):
        evaluate(desk)
    assert desk.project() == before


def test_a_cancelled_project_is_taken_up_again_first(desk: Desk) -> None:
    desk.create()
    desk.go(State.DEPLOYED)
    desk.decisions.cancel("tienda", False)
    with pytest.raises(SettingsError, match="`retry tienda` takes it up again first"):
        evaluate(desk)


def test_a_deleted_deployment_is_said_with_the_way_back_and_made_anew_when_asked_for(
    desk: Desk,
) -> None:
    """Of the same model: nothing is trained again, and paid answers are kept."""
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    before = desk.decisions.cancel("tienda", False)
    assert desk.cloud.deployments == {}
    with pytest.raises(SettingsError, match=r"is deleted; .*`evaluate tienda --deploy`"):
        evaluate(desk, [case(0), case(1), case(2)])
    assert desk.project() == before
    after = evaluate(desk, deploys=True)
    assert (after.state, after.generation) == (State.TRAINED, 2)
    assert scored(desk)[0] == 3
    assert asked(desk) == 3
    assert desk.cloud.sent.count("create_job") == 1
    events = [c.event for c in desk.store.history("tienda")]
    assert Event.DEPLOYMENT_REOPENED in events
    assert len(desk.cloud.deployments) == 1


def test_a_deployment_that_has_vanished_is_made_anew_when_asked_for(desk: Desk) -> None:
    """By a person, by its own end, or by a process that was killed behind the deletion."""
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    desk.cloud.deployments.clear()
    after = evaluate(desk, deploys=True)
    assert (after.state, after.generation) == (State.TRAINED, 2)
    assert scored(desk)[0] == 2
    assert asked(desk) == 2, "nothing is paid twice"
    assert len(desk.cloud.deployments) == 1


def test_a_deployment_that_is_there_is_not_made_again(desk: Desk) -> None:
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    assert evaluate(desk, [case(4)], deploys=True).state is State.DEPLOYED
    assert scored(desk)[0] == 1
    assert desk.cloud.sent.count("create_deployment") == 1


def test_a_sentence_that_stands_there_twice_is_one_case(desk: Desk) -> None:
    """Ten times the same answer are no ten trials: an interval of them would be surer than it may
    be, and McNemar's test would find one lucky sentence to be a better model."""
    desk.cloud.answer = "queja"
    desk.create(cases=2)
    desk.go(State.ANALYZED)
    again = [case(1, id=f"again-{number}") for number in range(9)]
    evaluate(desk, [case(1), *again, case(1, text="  CASO  1 ", id="loud"), case(2)])
    assert str(desk.store.history("tienda")[-1].note).startswith("2 test cases; 10 more repeat")
    assert scored(desk) == (2, 2)
    assert asked(desk) == 3


def test_repeated_cases_are_told_before_the_training_is_paid(desk: Desk) -> None:
    desk.write(CASES, [case(1), case(1, id="again"), case(2)])
    desk.create()
    desk.go(State.VALIDATED)
    summary = json.loads((desk.home / "data/processed/data_preparation_summary.json").read_text())
    assert any("repeats another one" in warning for warning in summary["warnings"]), summary
