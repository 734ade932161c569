"""`cancel`: nothing of ours goes on, and nothing of a person's is touched."""

from __future__ import annotations

import pytest

from states.errors import SettingsError
from states.state import Event, State
from tests.unit.desk import Desk
from tests.unit.living import LIVING, events


@pytest.mark.parametrize("later", ["manual", "auto"])
def test_what_a_person_deployed_under_the_suggested_name_stays_theirs(
    desk: Desk, later: str
) -> None:
    """The guide suggests the name that the agent would use itself; `cancel` and a restart leave it
    alone, whatever the settings say by then.
    """
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    name = str(project.facts.requested.name)
    desk.cloud.deploy_by_hand(name, str(project.facts.trained.model))
    desk.go(State.ANALYZED)
    desk.wish(deploy_automatically=later == "auto")
    with pytest.raises(SettingsError, match="made by hand"):
        desk.decisions.cancel("tienda", False)
    desk.decisions.retry("tienda", restore=False, restart=True)
    assert name in desk.cloud.deployments


def test_a_cancelled_project_that_moves_stays_cancelled(desk: Desk) -> None:
    """New settings are no decision to train again, let alone to pay."""
    from agent.engine.ownership import adopt_service
    from agent.settings.services import Service

    desk.go(State.PROMPTED)
    desk.decisions.cancel("tienda", False)
    desk.tick()
    moved = adopt_service(
        desk.store, desk.project(), Service("azure", "contoso.openai.azure.com"), desk.clock.wall()
    )
    assert (moved.state, moved.due_at, moved.service) == (
        State.CANCELLED,
        None,
        "contoso.openai.azure.com",
    )


@pytest.mark.parametrize("state", LIVING)
@pytest.mark.parametrize("delete", [False, True])
def test_cancelling_leaves_nothing_of_ours_going_on(desk: Desk, state: State, delete: bool) -> None:
    """The job is over, our deployment is gone, files only where asked for; then it rests, and can
    be taken up again.
    """
    desk.cloud.job_status = "running" if state is State.TRAINING else "succeeded"
    desk.go(state)
    assert desk.decisions.cancel("tienda", delete).state is State.CANCELLED
    for _ in range(6):
        desk.clock.spend(200)
        desk.tick()
    project = desk.project()
    assert (project.state, project.due_at, project.hold) == (State.CANCELLED, None, None)
    assert desk.cloud.deployments == {}
    assert state is not State.TRAINING or desk.cloud.job_status == "cancelled"
    if delete:
        assert desk.cloud.files == {}
    desk.cloud.job_status = "succeeded"
    again = desk.decisions.retry("tienda", restore=False, restart=False)
    assert (again.state, again.generation) == (State.DRAFT, 2)
    desk.go(State.ANALYZED)


def test_a_finished_project_keeps_its_state_and_loses_its_deployment(desk: Desk) -> None:
    """`cancel` at ANALYZED: what is billed by the hour goes, the results stay; a person's own
    deployment is not touched.
    """
    done = desk.go(State.ANALYZED)
    after = desk.decisions.cancel("tienda", False)
    assert (after.state, after.facts.analyzed.grade, after.due_at) == (
        State.ANALYZED,
        done.facts.analyzed.grade,
        None,
    )
    assert desk.cloud.deployments == {}
    assert events(desk)[-1] is Event.CLEANED_UP
    with pytest.raises(SettingsError):
        desk.decisions.cancel("tienda", False)


def test_a_persons_deployment_survives_a_cancellation(desk: Desk) -> None:
    """Made by hand, deleted by hand."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    desk.cloud.deploy_by_hand("suya", project.facts.trained.model)
    desk.go(State.ANALYZED)
    with pytest.raises(SettingsError, match="by hand"):
        desk.decisions.cancel("tienda", False)
    assert list(desk.cloud.deployments) == ["suya"]
