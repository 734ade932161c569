"""agent/engine/standing.py: many that only wait are looked after together, and nobody is lost."""

from __future__ import annotations

import pytest

from agent.engine.standing import FEW, StandingWaits
from agent.engine.sweep import TOGETHER, Sweep
from states.errors import Unreachable
from states.state import State
from states.store_port import Pause
from tests.fake_service import Service
from tests.unit.desk import Desk

NAMES = [f"tienda-{number}" for number in range(FEW + 3)]
POLL = 30.0


class House:
    """Projects in TRAINING, a sweep that looks after them together, and who was ticked."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.ticked = desk, list[str]()
        self.fault: Exception | None = None
        desk.wish(poll_seconds=POLL)
        for name in NAMES:
            desk.create(name)
            desk.go(State.TRAINING, name)
        desk.cloud.of_many, desk.cloud.job_status = True, "running"
        standing = StandingWaits(desk.store, self._look, desk.clock.wall)
        self.sweep = Sweep(
            desk.ticker,
            desk.store,
            desk.clock.wall,
            standing=standing,
            steady=lambda: desk.clock.ticks,
        )
        self.poll()
        self.poll()

    def _look(self) -> Service:
        if self.fault is not None:
            raise self.fault
        return self.desk.cloud

    def poll(self) -> list[str]:
        """The next poll begins. Who was handed out, round by round."""
        self.desk.clock.spend(POLL)
        return self.rounds()

    def rounds(self) -> list[str]:
        found = []
        while names := self.sweep.begin():
            found += names
            for name in names:
                self.sweep.advance(name)
        return found

    def due(self) -> set[float | None]:
        projects = [self.desk.store.load(name) for name in NAMES]
        return {project.due_at for project in projects if project is not None}


@pytest.fixture
def house(desk: Desk) -> House:
    return House(desk)


def test_who_waits_as_before_is_due_at_the_next_poll_and_nobody_is_ticked(house: House) -> None:
    versions = [house.desk.project(name) for name in NAMES]
    for _ in range(3):
        assert house.poll() == [TOGETHER]
        assert house.due() == {house.desk.clock.wall() - house.desk.clock.wall() % POLL + POLL}
    after = [house.desk.project(name) for name in NAMES]
    assert [(p.version, p.facts) for p in after] == [(p.version, p.facts) for p in versions]


def test_a_job_that_has_moved_is_ticked_at_once(house: House) -> None:
    jobs = {house.desk.project(name).facts.created.id: name for name in NAMES}  # type: ignore[union-attr]
    honest = house.desk.cloud.job_glimpse
    moved = next(iter(jobs))

    def glimpse(job: str, within: float) -> object:
        return None if job == moved else honest(job, within)

    house.desk.cloud.job_glimpse = glimpse  # type: ignore[method-assign,assignment]
    assert house.poll() == [TOGETHER, jobs[moved]]
    assert len(house.due()) == 1


def test_what_a_person_did_meanwhile_counts(house: House) -> None:
    """The row is not as it was left: it is ticked, and its new due time is not lost."""
    project = house.desk.project(NAMES[0])
    house.desk.clock.spend(1)
    now = house.desk.clock.wall()
    house.desk.store.pause(project, Pause(now, project.waiting_for, 0, None))
    house.desk.clock.spend(POLL - 1)
    assert house.rounds() == [NAMES[0], TOGETHER]
    assert house.poll() == [TOGETHER]


def test_what_a_person_does_in_this_very_moment_counts(house: House) -> None:
    """Between the sweep and the write: of that project nothing is written, and it is ticked."""
    house.desk.clock.spend(POLL)
    assert house.sweep.begin() == [TOGETHER]
    project, now = house.desk.project(NAMES[0]), house.desk.clock.wall()
    house.desk.store.pause(project, Pause(now - 1, project.waiting_for, 0, None))
    house.sweep.advance(TOGETHER)
    assert house.desk.project(NAMES[0]).due_at == now - 1
    assert house.rounds() == [NAMES[0]]
    assert house.poll() == [TOGETHER]


def test_a_service_out_of_reach_is_met_by_the_ticks(house: House) -> None:
    house.fault = Unreachable("nobody there")
    assert house.poll() == [TOGETHER, *NAMES]
    house.fault = None
    assert house.poll() == [TOGETHER]


def test_who_is_looked_after_is_not_handed_out_twice(house: House) -> None:
    house.desk.clock.spend(POLL)
    assert house.sweep.begin() == [TOGETHER]
    assert house.sweep.begin() == [TOGETHER]
    house.sweep.advance(TOGETHER, lambda: False)  # the process is to end
    assert house.rounds() == [TOGETHER]


def test_a_job_that_lingers_is_ticked(house: House) -> None:
    house.desk.clock.spend(31 * 24 * 3600.0)
    assert house.rounds() == NAMES
    told = house.desk.project(NAMES[0]).waiting_for
    assert told is not None
    assert "has run for" in str(told)


def test_the_driver_is_woken_when_the_next_project_is_due(house: House) -> None:
    assert house.sweep.begin() == []
    left = house.sweep.seconds_to_due()
    assert 0 < left <= POLL
    assert not house.sweep.is_next_due()
    house.desk.clock.spend(left)
    assert house.sweep.is_next_due()
    assert not house.sweep.is_next_due()  # once
