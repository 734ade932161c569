"""A training is paused and goes on: by a person here, by somebody in the portal, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.pausing import finish_order, is_under_way, plan_order
from agent.notices.notice import notice_of
from agent.notices.watched import DAY, Look, remind_of_pause
from states.errors import (
    NeedsOperator,
    NotFound,
    Permanent,
    SettingsError,
    Throttled,
    TooSoon,
    Unclear,
)
from states.facts import known
from states.facts_json import read
from states.model import Project
from states.stages import PAUSE, RESUME
from states.state import Event, State
from states.text import Text
from tests.unit.desk import Desk


@pytest.fixture
def training(desk: Desk) -> Desk:
    """A desk with a job that runs, and takes its time."""
    desk.cloud.job_status = None
    desk.go(State.TRAINING)
    desk.clock.spend(1.5)
    desk.tick()
    assert known(desk.project().facts.created).status == "running"
    return desk


def give(desk: Desk, wants: str) -> Project:
    """As the command does."""
    order = desk.decisions.make("tienda", lambda found: plan_order(found, wants, desk.clock.wall()))
    told: list[Text] = []
    return finish_order(order, desk.ticker, told.append, desk.clock.wall, desk.clock.spend)


def events(desk: Desk) -> Sequence[str]:
    """Since the job was created."""
    found = [one.event.value for one in desk.store.history("tienda")]
    return found[found.index("JOB_CREATED") + 1 :]


def sent(desk: Desk) -> Sequence[str]:
    return [name for name in desk.cloud.sent if name in ("pause_job", "resume_job", "cancel_job")]


@pytest.mark.parametrize("many", [False, True])
def test_a_training_rests_as_long_as_a_person_likes_and_ends_as_ever(
    training: Desk, many: bool
) -> None:
    """Nothing about it is unusual, however long it lasts; and it is no running time.

    `many`: it is followed through the listing of all."""
    training.cloud.of_many = many
    project = give(training, PAUSE)
    assert events(training) == ["PAUSE_ASKED", "JOB_PAUSED"]
    assert known(project.facts.created).paused_at == training.clock.wall()
    assert read(project.facts.as_json()) == project.facts
    training.clock.spend(100 * DAY)
    ticked = training.tick()
    assert "paused as you asked" in str(ticked.after.waiting_for)
    assert ticked.after.hold is None
    after = give(training, RESUME)
    assert events(training)[2:] == ["RESUME_ASKED", "JOB_RESUMED"]
    assert known(after.facts.created).rested == pytest.approx(100 * DAY, abs=60)
    assert "though the service allows" not in str(training.tick().text)
    assert training.go(State.TRAINED).facts.created.order is None
    assert sent(training) == ["pause_job", "resume_job"]


def test_it_can_be_paused_again_and_again(training: Desk) -> None:
    """Each order is one of its own; the same one twice is one."""
    for _ in range(2):
        give(training, PAUSE)
        version = training.project().version
        assert give(training, PAUSE).version == version, "it is paused already"
        give(training, RESUME)
    assert sent(training) == ["pause_job", "resume_job"] * 2


def test_what_goes_on_already_is_not_resumed(training: Desk) -> None:
    """Said, and nothing is sent."""
    give(training, RESUME)
    assert sent(training) == []
    assert "goes on already (running)" in str(training.store.history("tienda")[-1].note)


@pytest.mark.parametrize("state", [State.UPLOADED, State.AWAITING_DEPLOY, State.ANALYZED])
def test_only_a_training_is_paused(desk: Desk, state: State) -> None:
    desk.go(state)
    with pytest.raises(SettingsError, match=f"is in {state}: only a training"):
        plan_order(desk.project(), PAUSE, 0.0)


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Permanent("Only a running job.", remote=True), "is not paused, and goes on as it was"),
        (NotFound("There is no such address."), "only the v1 surface of Azure can"),
        (TooSoon("The job's status is pending."), "is not paused, and goes on as it was"),
        (NeedsOperator("The roles."), "is not paused, and goes on as it was"),
    ],
)
def test_what_the_service_refuses_is_told_and_the_training_goes_on(
    training: Desk, refusal: Exception, told: str
) -> None:
    """At once. Not failed, not held, and it can be asked for again."""
    training.cloud.before["pause_job"] = [refusal]
    project = give(training, PAUSE)
    assert (len(sent(training)), events(training)) == (1, ["PAUSE_ASKED", "RELEASED"])
    newest = training.store.history("tienda")[-1]
    assert (newest.event, project.state, project.hold) == (Event.RELEASED, State.TRAINING, None)
    assert told in str(newest.note)
    give(training, PAUSE)
    assert events(training)[-1] == "JOB_PAUSED"


@pytest.mark.parametrize("fault", [Unclear("a conflict"), Throttled("busy")])
def test_a_conflict_without_end_stops_nothing(training: Desk, fault: Exception) -> None:
    """It is asked a few times more; then it is told, and the training is followed as before."""
    training.cloud.job_status = "running"  # whatever the time
    training.cloud.before["pause_job"] = [fault] * 99
    give(training, PAUSE)
    assert events(training)[:2] == ["PAUSE_ASKED", "RELEASED"]
    assert training.project().hold is None
    assert 2 <= len(sent(training)) <= 5


def test_an_answer_that_is_lost_is_no_second_order(training: Desk) -> None:
    """The look before the next try sees that the job rests."""
    training.cloud.after["pause_job"] = [Unclear("no answer")]
    give(training, PAUSE)
    assert events(training) == ["PAUSE_ASKED", "JOB_PAUSED"]
    assert sent(training) == ["pause_job"]


def test_a_refusal_of_what_is_done_already_is_none(training: Desk) -> None:
    """It is being paused: the service says that it cannot be, yet."""
    training.cloud.after["pause_job"] = [TooSoon("The job is being paused.")]
    give(training, PAUSE)
    assert events(training) == ["PAUSE_ASKED", "JOB_PAUSED"]
    assert sent(training) == ["pause_job"]


def test_a_resumption_that_comes_too_soon_is_asked_for_again(training: Desk) -> None:
    """A job that rests is to go on: nobody wants to be sent away for a moment."""
    give(training, PAUSE)
    training.cloud.before["resume_job"] = [TooSoon("The job is being paused.")]
    give(training, RESUME)
    assert events(training)[2:] == ["RESUME_ASKED", "JOB_RESUMED"]


def test_a_job_that_is_paused_in_the_portal_is_understood(training: Desk) -> None:
    """Told once it lasts; and once it goes on again, that it was not resumed here."""
    job = training.cloud.jobs["job-1"]
    job.paused = training.clock.true
    training.wish(poll_seconds=60.0)
    for _ in range(10):
        training.tick()
        training.clock.spend(60)
    assert events(training) == ["JOB_PAUSED"]
    assert "not by this program" in str(training.project().waiting_for)
    give(training, RESUME)
    assert events(training)[1:] == ["RESUME_ASKED", "JOB_RESUMED"]
    give(training, PAUSE)
    training.cloud.resume_job("job-1")
    training.tick()
    assert "was not resumed here" in str(training.store.history("tienda")[-1].note)


def test_a_paused_training_is_given_up_like_any_other(training: Desk) -> None:
    give(training, PAUSE)
    training.decisions.cancel("tienda", False)
    training.tick()
    assert training.project().state is State.CANCELLED
    assert not training.cloud.jobs["job-1"].lives(training.clock.true)
    assert sent(training) == ["pause_job", "cancel_job"]


def test_who_is_told_of_it(training: Desk) -> None:
    """At once, and after a day, a week and so on."""
    project = give(training, PAUSE)
    notice = notice_of(project, training.store.history("tienda")[-1])
    assert notice is not None and "`resume` lets it go on" in str(notice.body)
    now = training.clock.wall()
    assert remind_of_pause(project, Look({}, now + DAY / 2)) is None
    stages = [remind_of_pause(project, Look({}, now + days * DAY)) for days in (1, 8, 31)]
    assert [one and one.stage for one in stages] == [1, 2, 3]
    assert remind_of_pause(give(training, RESUME), Look({}, now + DAY)) is None


def test_the_process_may_end_between_the_wish_and_the_order(training: Desk) -> None:
    """Whoever ticks next carries it out."""
    training.decisions.make("tienda", lambda found: plan_order(found, PAUSE, training.clock.wall()))
    assert is_under_way(training.project())
    training.tick()
    training.tick()
    assert events(training) == ["PAUSE_ASKED", "JOB_PAUSED"]


def test_an_order_that_comes_too_late_is_forgotten(training: Desk) -> None:
    """The training is over, and the project goes on."""
    training.clock.spend(100)
    project = give(training, PAUSE)
    assert project.state is State.TRAINED
    assert known(project.facts.created).order is None
    assert sent(training) == []


def test_while_it_is_being_paused_a_resumption_waits(
    training: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service resumes only what rests."""
    honest: Any = training.cloud.job
    give(training, PAUSE)
    monkeypatch.setattr(
        training.cloud,
        "job",
        lambda job_id: replace(honest(job_id), status="pausing", paused=False, pausing=True),
    )
    training.decisions.make(
        "tienda", lambda found: plan_order(found, RESUME, training.clock.wall())
    )
    assert "to be paused, to resume it then" in str(training.tick().text)
    monkeypatch.setattr(training.cloud, "job", honest)
    training.tick()
    assert sent(training) == ["pause_job", "resume_job"]
