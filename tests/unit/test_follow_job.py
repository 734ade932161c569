"""TRAINING where jobs of many projects are followed: by the listing, and events when one moves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from states.facts import known
from states.outcome import Wait
from states.remote import JobEvent
from states.state import State
from states.steps import follow_job
from tests.unit.desk import Desk


@pytest.fixture
def read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of the jobs, from now on."""
    found: list[str] = []
    job, events = desk.cloud.job, desk.cloud.newest_events

    def newest(job_id: str) -> Sequence[JobEvent]:
        found.append("events")
        return events(job_id)

    monkeypatch.setattr(desk.cloud, "newest_events", newest)
    monkeypatch.setattr(desk.cloud, "job", lambda job_id: found.append("job") or job(job_id))
    return found


def test_among_many_the_events_are_read_when_the_job_has_moved(desk: Desk, read: list[str]) -> None:
    desk.create()
    desk.go(State.TRAINING)
    desk.cloud.of_many, desk.cloud.job_status = True, "pending"
    for status in ("pending", "running"):
        desk.cloud.job_status = status
        for _ in range(3):
            desk.tick()
            desk.clock.spend(60)
    assert read == ["events", "events"]
    assert known(desk.project().facts.created).status == "running"


def test_alone_the_job_and_its_events_are_read_at_every_poll(desk: Desk, read: list[str]) -> None:
    desk.create()
    desk.go(State.TRAINING)
    desk.cloud.job_status = "running"
    for _ in range(3):
        desk.tick()
        desk.clock.spend(60)
    assert read == ["job", "events"] * 3


@pytest.mark.parametrize("lag", [0.0, 2.0])
def test_a_listing_that_lags_delays_nothing_but_the_next_look(desk: Desk, lag: float) -> None:
    desk.create()
    desk.go(State.TRAINING)
    desk.cloud.of_many, desk.cloud.lag = True, lag
    assert desk.go(State.TRAINED).state is State.TRAINED


def test_what_waits_as_usual_says_until_when_and_what_is_odd_does_not(desk: Desk) -> None:
    desk.create()
    project = desk.go(State.TRAINING)
    desk.cloud.of_many, desk.cloud.job_status = True, "running"
    outcome = follow_job.step(project, desk.ports_for(project))
    assert isinstance(outcome, Wait)
    assert outcome.together
    assert outcome.standing is not None
    assert outcome.standing.status == "running"
    assert outcome.standing.until > project.since + 3600
    desk.clock.spend(outcome.standing.until - desk.clock.wall() + 60)
    late = follow_job.step(project, desk.ports_for(project))
    assert isinstance(late, Wait)
    assert late.standing is None
