"""Lags of the service, and refusals that pass: waited for, told in time, and nothing paid twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.engine.mutations import Mutations
from states.errors import Missing, NotFound, Throttled
from states.facts import Facts, known
from states.facts_json import read
from states.model import Project
from states.patience import GLITCHES, GLITCHES_OF_AN_ACT
from states.remote import Phase, RemoteJob
from states.state import Event, State
from states.steps.slow_job import FRESH, NAMELESS, PAUSED
from tests.unit.desk import SETTLE, TIMING, Desk

GONE = NotFound("There is no such thing (HTTP 404).")


def look(desk: Desk, pause: float = 0.0) -> Project:
    """One tick, at the time it is due or `pause` later than now."""
    due = desk.project().due_at
    assert due is not None, desk.project()
    desk.clock.spend(max(due - desk.clock.wall(), pause))
    return desk.tick().after


def watch(desk: Desk, seconds: float) -> Project:
    began = desk.clock.wall()
    project = desk.project()
    while desk.clock.wall() - began < seconds and project.hold is None:
        project = look(desk)
    return project


# A job that is not found ----------------------------------------------------------------------


def test_a_fresh_job_that_is_not_found_is_waited_for(desk: Desk) -> None:
    """For as long as a fresh deployment, without counting attempts, and without advice to pay."""
    desk.wish(poll_seconds=30.0)
    desk.go(State.TRAINING)
    desk.cloud.before["job"] = [GONE] * 99
    project = watch(desk, FRESH - 60)
    assert (project.state, project.hold, project.attempts) == (State.TRAINING, None, 0)
    assert "does not show yet" in str(project.waiting_for)
    desk.cloud.before["job"] = []
    assert look(desk).state is State.TRAINED
    assert desk.cloud.sent.count("create_job") == 1


def test_a_job_that_is_never_shown_is_held_without_advice_to_pay(desk: Desk) -> None:
    desk.wish(poll_seconds=60.0)
    desk.go(State.TRAINING)
    desk.cloud.before["job"] = [GONE] * 50
    hold = str(watch(desk, 2 * FRESH).hold)
    assert "portal" in hold
    assert "retry" not in hold
    assert "paid again" not in hold
    desk.cloud.before["job"] = []
    assert look(desk).state is State.TRAINED


def test_a_job_that_was_seen_and_has_vanished_can_be_given_up(desk: Desk) -> None:
    desk.cloud.job_status = "running"
    desk.go(State.TRAINING)
    look(desk)
    desk.clock.spend(FRESH)
    desk.cloud.before["job"] = [GONE] * 9
    assert "paid again" in str(watch(desk, 600).hold)


def test_a_clock_that_was_set_back_makes_no_job_fresh(desk: Desk) -> None:
    """It would be waited for as long as the clock is behind."""
    desk.go(State.TRAINING)
    desk.clock.offset -= 86400.0
    desk.cloud.before["job"] = [GONE] * 9
    for _ in range(GLITCHES + 1):
        project = desk.tick().after
    assert project.hold is not None


def test_a_fresh_job_is_not_believed_gone_when_it_is_cancelled(desk: Desk) -> None:
    """It would go on, and be paid for, though the project says CANCELLED."""
    project = desk.go(State.TRAINING)
    job = known(project.facts.created).id
    desk.cloud.job_status = "running"
    effects = Mutations(project, desk.store, desk.cloud, TIMING, desk.clock.now)
    desk.cloud.before["cancel_job"] = [GONE] * (GLITCHES + 5)
    for _ in range(GLITCHES + 4):
        with pytest.raises(Missing):
            effects.cancel_job(job)
    desk.clock.spend(SETTLE)
    assert effects.cancel_job(job) == job


def test_a_fresh_file_that_is_not_found_is_waited_for(desk: Desk) -> None:
    """It was uploaded, and is not uploaded again."""
    desk.wish(poll_seconds=30.0)
    desk.go(State.VALIDATED)
    desk.cloud.before["file"] = [GONE] * 8
    project = desk.project()
    while project.state is State.VALIDATED:
        assert project.attempts == 0
        project = look(desk)
    assert (project.state, desk.cloud.sent.count("upload")) == (State.UPLOADED, 2)


# A job that lingers ---------------------------------------------------------------------------


@pytest.fixture
def job_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`job_says(status="paused")`: what the service says of the job from now on."""
    honest = desk.cloud.job

    def say_of_job(**changes: Any) -> None:
        def job(job_id: str) -> RemoteJob:
            return replace(honest(job_id), **changes)

        monkeypatch.setattr(desk.cloud, "job", job)

    return say_of_job


def test_a_paused_job_is_told_within_minutes(desk: Desk, job_says: Any) -> None:
    """It goes on only when somebody resumes it; until then nothing is wrong with the project."""
    desk.wish(poll_seconds=30.0)
    desk.go(State.TRAINING)
    job_says(status="paused", phase=Phase.WORKING, paused=True, model=None)
    assert "resume" not in str(look(desk).waiting_for)
    project = watch(desk, PAUSED + 90)
    assert "paused, and not by this program: `resume` lets it go on" in str(project.waiting_for)
    assert project.hold is None
    job_says()
    assert look(desk).state is State.TRAINED
    assert [one.event for one in desk.store.history("tienda")].count(Event.JOB_PAUSED) == 1


@pytest.mark.parametrize("model", [None, ""])
def test_a_job_that_succeeded_without_a_model_is_told_within_minutes(
    model: str | None, desk: Desk, job_says: Any
) -> None:
    """Held with what to do, still asked, and gone on with when the name comes."""
    desk.wish(poll_seconds=30.0)
    desk.go(State.TRAINING)
    job_says(status="succeeded", phase=Phase.READY, model=model)
    assert watch(desk, NAMELESS / 2).hold is None
    hold = str(watch(desk, NAMELESS).hold)
    assert "names no model" in hold
    assert "support ticket" in hold
    assert look(desk).hold is not None
    job_says()
    assert look(desk).state is State.TRAINED


def test_a_job_that_is_resumed_gets_its_time_again(desk: Desk, job_says: Any) -> None:
    """Only what lasts without a break is told."""
    desk.wish(poll_seconds=60.0)
    desk.go(State.TRAINING)
    for status in ("paused", "running") * 9:
        job_says(status=status, phase=Phase.WORKING, paused=status == "paused", model=None)
        assert "resumes" not in str(watch(desk, PAUSED / 2).waiting_for)


def test_what_is_watched_of_a_job_is_kept(desk: Desk, job_says: Any) -> None:
    """By the next process as well; facts of an older version have none of it."""
    desk.go(State.TRAINING)
    job_says(status="paused", phase=Phase.WORKING, paused=True, model=None)
    facts = look(desk).facts
    assert known(facts.created).trouble is not None
    assert read(facts.as_json()) == facts
    old: dict[str, Any] = {"schema": 2, "created": {"id": "j", "status": "running"}}
    assert isinstance(read(old), Facts)


# Acts -----------------------------------------------------------------------------------------

ACTS = [
    ("upload", State.VALIDATED, State.UPLOADED),
    ("create_job", State.UPLOADED, State.TRAINING),
    ("create_deployment", State.TRAINED, State.AWAITING_DEPLOY),
]


@pytest.mark.parametrize(("act", "before", "after"), ACTS)
@pytest.mark.parametrize("refusal", [GONE, Throttled("is not ready, try again later")])
def test_an_act_that_is_refused_for_now_is_repeated_and_happens_once(
    act: str, before: State, after: State, refusal: Exception, desk: Desk
) -> None:
    """Nothing was made, so nothing settles, and no generation begins."""
    desk.go(before)
    desk.cloud.before[act] = [refusal] * 4
    project = desk.project()
    while project.state is before:
        project = look(desk)
    assert (project.state, project.generation, project.hold) == (after, 1, None)
    made = [done for done in desk.cloud.ledger if done.kind == act]
    assert len(made) == (2 if act == "upload" else 1)


@pytest.mark.parametrize(("act", "before", "after"), ACTS)
def test_an_act_whose_404_lasts_fails_with_what_to_do(
    act: str, before: State, after: State, desk: Desk
) -> None:
    """Minutes later, not at once; `retry` looks at everything anew."""
    desk.go(before)
    desk.cloud.before[act] = [GONE] * 99
    began, project = desk.clock.wall(), desk.project()
    while project.state is before:
        project = look(desk)
    assert project.state is State.FAILED
    assert desk.cloud.sent.count(act) == GLITCHES_OF_AN_ACT + 1
    assert 5 * 60 < desk.clock.wall() - began < 20 * 60
    assert "`retry`" in str(project.last_error)
    desk.cloud.before[act] = []
    desk.decisions.retry("tienda", restore=False, restart=False)
    assert desk.go(after).generation == 2
