"""`retry` and `retry --restart`: what goes on where it stood, and what begins anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from states.errors import NeedsOperator, SettingsError, Unclear
from states.state import State
from states.steps.generation import job_spec_of
from tests.unit.desk import Desk
from tests.unit.living import LIVING, fail


@pytest.mark.parametrize("remote", [True, False])
@pytest.mark.parametrize("state", LIVING)
def test_retry_after_a_failure_anywhere_comes_to_the_end(
    desk: Desk, state: State, remote: bool
) -> None:
    """A remote failure begins a new generation with new keys; a failure of ours keeps them, and
    nothing is sent twice.
    """
    fail(desk, state, remote=remote)
    project = desk.decisions.retry("tienda", restore=False, restart=False)
    assert project.generation == (2 if remote else 1)
    assert (project.facts.failure, project.hold, project.last_error) == (None, None, None)
    done = desk.go(State.ANALYZED)
    assert done.facts.analyzed.grade is not None
    assert len(desk.cloud.files) == 2
    begun = LIVING.index(state) >= LIVING.index(State.TRAINING)
    from_the_data = state in LIVING[:6]
    assert len(desk.cloud.jobs) == (2 if remote and begun and from_the_data else 1)


def test_a_restart_that_was_not_carried_out_to_its_end_can_be_repeated(desk: Desk) -> None:
    """Killed after the job was called off, and the daemon went on meanwhile: it asks, and what it
    asks for is possible.
    """
    from states.steps.generation import end_generation

    project = desk.go(State.VALIDATED)
    end_generation(project, desk.ports_for(project))
    desk.go(State.UPLOADED)
    desk.tick()
    assert "retry --restart" in str(desk.project().hold)
    assert desk.decisions.retry("tienda", restore=False, restart=True).generation == 2
    desk.go(State.ANALYZED)
    assert len(desk.cloud.jobs) == 1


def test_a_restart_never_begins_beside_a_job(desk: Desk) -> None:
    """One that is there, though its answer was lost, is a training that goes on."""
    desk.go(State.UPLOADED)
    desk.cloud.after["create_job"] = [Unclear("lost")]
    desk.tick()
    with pytest.raises(SettingsError, match="`cancel` it first"):
        desk.decisions.retry("tienda", restore=False, restart=True)


@pytest.mark.parametrize("state", LIVING)
def test_a_released_hold_goes_on_where_it_stood(desk: Desk, state: State) -> None:
    """The same state and generation."""
    desk.go(state)
    desk.fault.append(NeedsOperator("look at it"))
    assert desk.tick().after.hold is not None
    assert desk.project().due_at is None
    project = desk.decisions.retry("tienda", restore=False, restart=False)
    assert (project.state, project.hold, project.generation) == (state, None, 1)
    desk.go(State.ANALYZED)


@pytest.mark.parametrize("state", LIVING)
def test_retry_where_nothing_is_wrong_is_refused(desk: Desk, state: State) -> None:
    """It would change nothing, or begin a training that nobody asked for."""
    desk.go(state)
    with pytest.raises(SettingsError, match="nothing is wrong"):
        desk.decisions.retry("tienda", restore=False, restart=False)


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.VALIDATED, State.TRAINED, State.AWAITING_DEPLOY, State.ANALYZED]
)
def test_a_restart_begins_anew(desk: Desk, state: State) -> None:
    """From DRAFT in a new generation, to a model of its own."""
    desk.go(state)
    before = desk.project().facts.trained
    project = desk.decisions.retry("tienda", restore=False, restart=True)
    assert (project.state, project.generation, project.facts.trained) == (State.DRAFT, 2, None)
    assert desk.go(State.ANALYZED).facts.trained != before
    assert len(desk.cloud.files) == 2  # the same bytes are not sent twice


def test_a_later_generation_has_a_seed_that_the_service_takes(desk: Desk) -> None:
    """At most 2147483647: after the largest comes the smallest."""
    desk.wish(plan=replace(desk.preferences.plan, seed=2**31 - 1))
    project = desk.go(State.UPLOADED)
    assert [
        job_spec_of(replace(project, generation=generation)).seed for generation in (1, 2, 3)
    ] == [
        2**31 - 1,
        0,
        1,
    ]
