"""A deployment of ours that is no longer needed goes, and nobody else's ever does."""

from __future__ import annotations

import pytest

from agent.drivers.errand import Errand
from agent.engine.cancellation import finish_cancellation
from agent.engine.teardown import plan_teardown
from states.errors import Permanent, SettingsError
from states.model import Project
from states.stages import DELETED
from states.state import Event, State
from tests.unit.desk import Desk

OURS = "tienda-00c0ffee-g1"
HOUR = 3600.0


def tear_down(desk: Desk, *, and_wait: bool = True) -> Project:
    decisions = desk.decisions
    project = decisions.make("tienda", lambda found: plan_teardown(found, desk.clock.wall()))
    if not and_wait:
        return project
    wall, spend = desk.clock.wall, desk.clock.spend
    return finish_cancellation(project, desk.ticker, lambda _: None, wall, spend)


def settle(desk: Desk) -> Project:
    """Until nothing happens by itself any more."""
    for _ in range(50):
        project = desk.project()
        if project.due_at is None or project.hold is not None:
            return project
        desk.clock.spend(max(project.due_at - desk.clock.wall(), 0))
        desk.tick()
    raise AssertionError(desk.project())


def test_a_teardown_deletes_ours_and_keeps_the_results(desk: Desk) -> None:
    """Said twice it is once; the model can be deployed again, without a training."""
    done = desk.go(State.ANALYZED)
    after = tear_down(desk)
    assert (after.state, after.due_at, after.hold) == (State.ANALYZED, None, None)
    assert after.facts.deployed.status == DELETED
    assert after.facts.analyzed == done.facts.analyzed
    assert not desk.cloud.deployments
    note = str(desk.store.history("tienda")[-1].note)
    assert OURS in note and "`evaluate tienda --deploy`" in note
    assert tear_down(desk) == after
    desk.decisions.evaluate("tienda", deploys=True)
    desk.go(State.ANALYZED)
    assert set(desk.cloud.deployments) == {"tienda-00c0ffee-g2"}
    assert len(desk.cloud.jobs) == 1


def test_what_a_person_made_is_never_deleted(desk: Desk) -> None:
    desk.wish(deploy_automatically=False, teardown="after_analysis")
    model = desk.go(State.AWAITING_DEPLOY).facts.trained.model
    desk.cloud.deploy_by_hand("mano", model)
    project = desk.go(State.ANALYZED)
    assert (project.due_at, project.facts.gives_up) == (None, None)
    assert "mano" in desk.cloud.deployments
    with pytest.raises(SettingsError, match="The deployment mano of tienda was made by a person"):
        tear_down(desk)


def test_only_an_analyzed_project_is_torn_down(desk: Desk) -> None:
    desk.go(State.DEPLOYED)
    with pytest.raises(SettingsError, match="`cancel tienda` ends the project"):
        tear_down(desk)


def test_after_the_analysis_ours_goes_by_itself(desk: Desk) -> None:
    """Once there is one; the run that was to end at ANALYZED waits for it."""
    desk.wish(teardown="after_analysis")
    project = desk.go(State.ANALYZED)
    assert OURS in desk.cloud.deployments
    assert Errand(None, State.ANALYZED, False, "emulator").wants(project)
    after = settle(desk)
    assert not desk.cloud.deployments
    assert not Errand(None, State.ANALYZED, False, "emulator").wants(after)
    assert [c.event for c in desk.store.history("tienda")][-2:] == [
        Event.ANALYSIS_MADE,
        Event.CLEANED_UP,
    ]


def test_when_its_time_is_up_ours_goes_by_itself(desk: Desk) -> None:
    """However long nobody ticked: the time was fixed when it was asked for."""
    desk.wish(teardown="ttl", deployment_hours=48.0)
    requested = desk.go(State.ANALYZED).facts.requested
    asked_at = next(
        c.at for c in desk.store.history("tienda") if c.event is Event.DEPLOYMENT_REQUESTED
    )
    assert requested.until == pytest.approx(asked_at + 48 * HOUR, abs=60)
    desk.wish(deployment_hours=1.0)
    desk.clock.spend(40 * HOUR)
    ticked = desk.tick()
    assert "the end of the deployment, at 2" in str(ticked.text)
    assert OURS in desk.cloud.deployments
    desk.clock.spend(100 * HOUR)
    settle(desk)
    assert not desk.cloud.deployments


def test_where_the_policy_is_another_by_then_it_stays(desk: Desk) -> None:
    desk.wish(teardown="ttl", deployment_hours=1.0)
    desk.go(State.ANALYZED)
    desk.wish(teardown="never")
    desk.clock.spend(2 * HOUR)
    assert settle(desk).due_at is None
    assert OURS in desk.cloud.deployments


def test_a_policy_that_comes_later_deletes_nothing_that_serves(desk: Desk) -> None:
    """What was asked for without a time has none."""
    desk.go(State.ANALYZED)
    desk.wish(teardown="ttl", deployment_hours=0.01)
    desk.clock.spend(HOUR)
    assert desk.project().due_at is None
    desk.tick()
    assert OURS in desk.cloud.deployments


def test_a_deletion_that_is_refused_holds_the_project_and_heals(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.go(State.ANALYZED)
    with monkeypatch.context() as patch:

        def refuse(_name: str) -> None:
            raise Permanent("not allowed")

        patch.setattr(desk.cloud, "delete_deployment", refuse)
        held = tear_down(desk)
        assert (held.state, str(held.hold)) == (State.ANALYZED, "not allowed")
        assert held.due_at is not None
    desk.clock.spend(1000)
    desk.tick()
    assert settle(desk).hold is None
    assert not desk.cloud.deployments


def test_what_is_being_deleted_is_neither_asked_nor_a_parent(desk: Desk) -> None:
    desk.go(State.ANALYZED)
    tear_down(desk, and_wait=False)
    for decide in (
        lambda: desk.decisions.evaluate("tienda", deploys=False),
        lambda: desk.decisions.iterate("tienda"),
    ):
        with pytest.raises(SettingsError, match="is being deleted"):
            decide()
    assert tear_down(desk).due_at is None
    assert len([a for a in desk.cloud.ledger if a.kind == "delete_deployment"]) == 1
