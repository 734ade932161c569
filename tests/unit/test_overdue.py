"""The time of a deployment is up, wherever its project stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.notices.notice import notice_of
from agent.views.generations import describe_end
from states.errors import NeedsOperator, Permanent, Unreachable
from states.model import Project
from states.money.ends import next_end
from states.stages import DELETED
from states.state import Event, State
from tests.unit.desk import Desk

OURS = "tienda-00c0ffee-g1"
HOUR = 3600.0


def wait(desk: Desk, hours: float, most: int = 50) -> Project:
    """Ticks whenever it is due, for so many hours."""
    end = desk.clock.wall() + hours * HOUR
    for _ in range(most):
        due = desk.project().due_at
        if due is None or due > end:
            break
        desk.clock.spend(max(due - desk.clock.wall(), 0))
        desk.tick()
    desk.clock.spend(max(end - desk.clock.wall(), 0))
    return desk.project()


def fail(desk: Desk, state: State = State.DEPLOYED) -> Project:
    """It gives up in that state, with its deployment there."""
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.go(state)
    desk.fault.append(Permanent("it broke"))
    desk.tick()
    return desk.project()


def hold(desk: Desk, *, heals: bool, state: State = State.DEPLOYED) -> Project:
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.go(state)
    desk.fault.append(NeedsOperator("and now?", heals=heals))
    desk.tick()
    return desk.project()


def test_a_failed_project_keeps_its_deployment_until_its_time_is_up(desk: Desk) -> None:
    """Then it goes, and the project stays FAILED for the reason that it failed for."""
    failed = fail(desk)
    assert OURS in wait(desk, 9).facts.requested.name and OURS in desk.cloud.deployments
    after = wait(desk, 2)
    assert not desk.cloud.deployments
    assert (after.state, after.due_at, str(after.last_error)) == (State.FAILED, None, "it broke")
    assert after.facts.failure == failed.facts.failure
    assert after.facts.deployed.status == DELETED
    newest = desk.store.history("tienda")[-1]
    assert newest.event is Event.CLEANED_UP and OURS in str(newest.note)
    assert notice_of(after, newest) is not None
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(State.ANALYZED).generation == 2
    assert len(desk.cloud.jobs) == 1


def test_a_held_project_keeps_its_hold_and_loses_its_deployment(desk: Desk) -> None:
    """Its step is not run meanwhile: a person is waited for. Their `retry` has it deployed anew."""
    held = hold(desk, heals=False)
    assert held.due_at is not None and held.facts.rests
    asked = len(desk.cloud.ledger)
    wait(desk, 9)
    assert len(desk.cloud.ledger) == asked and OURS in desk.cloud.deployments
    after = wait(desk, 2)
    assert not desk.cloud.deployments
    assert (after.state, after.due_at, str(after.hold)) == (State.DEPLOYED, None, "and now?")
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(State.ANALYZED).generation == 2
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g2"}


def test_a_hold_that_heals_goes_on_looking_without_its_deployment(desk: Desk) -> None:
    hold(desk, heals=True)
    desk.clock.spend(11 * HOUR)
    desk.tick()
    assert not desk.cloud.deployments
    assert str(desk.project().hold) == "and now?"
    assert desk.project().due_at is not None


def test_in_the_midst_of_its_evaluation_it_is_kept_to_the_end(desk: Desk) -> None:
    """However long nobody was at work; then it goes at once."""
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.go(State.DEPLOYED)
    desk.clock.spend(100 * HOUR)
    told = str(describe_end(desk.project(), desk.clock.wall()))
    assert "was up 4 d ago" in told and "as soon as the evaluation is over" in told
    desk.go(State.ANALYZED)
    assert OURS in desk.cloud.deployments
    for _ in range(5):
        desk.tick()
    assert not desk.cloud.deployments
    assert desk.project().facts.deployed.status == DELETED


def test_what_has_not_answered_in_its_time_is_given_up(desk: Desk) -> None:
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.cloud.deployment_status = "creating"
    desk.go(State.AWAITING_DEPLOY)
    desk.clock.spend(9 * HOUR)
    assert desk.tick().outcome == "waiting"
    desk.clock.spend(2 * HOUR)
    assert desk.tick().outcome == "failed"
    desk.tick()
    project = desk.project()
    assert (project.state, project.due_at) == (State.FAILED, None)
    assert "has not answered in the time" in str(project.last_error)
    assert not desk.cloud.deployments
    desk.cloud.deployment_status = "succeeded"
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(State.DEPLOYED).generation == 2


@pytest.mark.parametrize("state", [State.PROMPTED, State.TRAINING, State.TRAINED])
def test_that_of_the_generation_before_goes_while_the_next_one_is_made(
    desk: Desk, state: State
) -> None:
    """And what it answered still counts."""
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda")
    desk.go(state)
    desk.clock.spend(11 * HOUR)
    desk.tick()
    assert not desk.cloud.deployments
    parent = desk.project().facts.parent
    assert parent is not None and (parent.answers_at, parent.gives_way) == (None, False)
    assert desk.project().state is state
    assert desk.go(State.ANALYZED).facts.evaluated is not None


def test_two_that_both_stay_have_each_its_own_time(desk: Desk) -> None:
    """The one before was asked for earlier, and goes earlier."""
    desk.wish(teardown="ttl", deployment_hours=10.0)
    desk.go(State.ANALYZED)
    desk.clock.spend(5 * HOUR)
    desk.decisions.iterate("tienda")
    project = desk.go(State.ANALYZED)
    if len(desk.cloud.deployments) == 1:  # the one before has given way
        parent = project.facts.parent
        assert parent is not None and parent.answers_at is None
        return
    wait(desk, 6)
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g2"}
    assert wait(desk, 5).due_at is None
    assert not desk.cloud.deployments


def test_a_deletion_that_goes_wrong_hides_no_reason_and_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(desk, heals=False)
    desk.clock.spend(11 * HOUR)
    with monkeypatch.context() as patch:
        for trouble in (Permanent("not allowed"), Unreachable("nobody there")):

            def refuse(_name: str, trouble: Exception = trouble) -> None:
                raise trouble

            patch.setattr(desk.cloud, "delete_deployment", refuse)
            after = desk.tick().after
            assert (str(after.hold), str(after.last_error)) == ("and now?", str(trouble))
    wait(desk, 1)
    assert not desk.cloud.deployments


@pytest.mark.parametrize("make", [fail, lambda desk: hold(desk, heals=False)])
def test_another_policy_by_then_deletes_nothing(desk: Desk, make: object) -> None:
    make(desk)  # type: ignore[operator]
    desk.wish(teardown="never")
    assert wait(desk, 20).due_at is None
    assert OURS in desk.cloud.deployments


def test_what_a_person_made_has_no_end(desk: Desk) -> None:
    desk.wish(teardown="ttl", deployment_hours=1.0, deploy_automatically=False)
    model = desk.go(State.AWAITING_DEPLOY).facts.trained.model
    desk.cloud.deploy_by_hand("mano", model)
    desk.go(State.DEPLOYED)
    desk.fault.append(Permanent("it broke"))
    desk.tick()
    failed = desk.project()
    assert (failed.due_at, next_end(failed.facts)) == (None, None)
    asked = failed.facts.requested
    assert asked is not None
    assert next_end(replace(failed.facts, requested=replace(asked, until=1.0))) is None


def test_a_person_s_advance_tries_the_step_of_a_held_project(desk: Desk) -> None:
    """And it rests again where that is of no use, without another line in the history."""
    hold(desk, heals=False)
    lines = len(desk.store.history("tienda"))
    desk.fault.append(NeedsOperator("and now?"))
    after = desk.decisions.advance("tienda", None).after
    assert (str(after.hold), after.facts.rests) == ("and now?", True)
    assert len(desk.store.history("tienda")) == lines
    assert desk.decisions.advance("tienda", None).after.hold is None
    assert desk.go(State.ANALYZED).generation == 1
