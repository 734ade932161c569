"""What a worker of Temporal does with a project: the tick of every driver, and when the next is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("temporalio")

from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from agent.drivers.temporal.activities import LATE, Activities
from agent.drivers.temporal.workflows import Rest, Subject
from agent.engine.sweep import Sweep
from agent.engine.tick import LONGEST_WAIT
from states.errors import StoreError
from states.model import Project
from states.state import State
from states.store_port import Pause
from states.text import say

SUBJECT = Subject("tienda", "00c0ffee")
SHORTEST, POLL = 2.0, 30.0


@dataclass
class Woken:
    """Stands where service.py asks Temporal."""

    projects: list[str] = field(default_factory=list)
    seconds: float = 0.0

    async def wake(self, projects: Iterable[Project]) -> None:
        await asyncio.sleep(self.seconds)
        self.projects += [project.name for project in projects]


@pytest.fixture
def activities(desk: Any) -> Callable[..., Activities]:
    def made(
        wanted: Callable[[Project], bool] = lambda _: True,
        sees: Callable[[Project], bool] = lambda _: True,
    ) -> Activities:
        sweep = Sweep(desk.ticker, desk.store, desk.clock.wall, wanted=sees)
        workflows: Any = Woken()
        times = (desk.clock.wall, SHORTEST, POLL)
        return Activities(
            sweep, desk.store, workflows, "emulator", wanted, *times, ThreadPoolExecutor(1)
        )

    return made


def tick(made: Activities, subject: Subject = SUBJECT) -> Rest:
    return asyncio.run(ActivityEnvironment().run(made.tick, subject))


def test_a_tick_goes_as_far_as_it_can_and_says_when_the_next_is(desk: Any, activities: Any) -> None:
    desk.create()
    desk.cloud.file_status = "running"
    rest = tick(activities())
    project = desk.project()
    assert project.state is State.VALIDATED
    assert rest.seconds == max(project.due_at - desk.clock.wall(), SHORTEST)


def test_a_project_that_is_done_needs_no_tick_until_a_person_decides(
    desk: Any, activities: Any
) -> None:
    desk.create()
    made = activities()
    for _ in range(100):
        if (rest := tick(made)).seconds is None:
            break
        desk.clock.spend(rest.seconds)
    assert (desk.project().state, rest.seconds) == (State.ANALYZED, None)
    assert desk.cloud.sent.count("create_job") == 1


def test_a_project_of_another_service_is_left_alone(desk: Any, activities: Any) -> None:
    desk.create()
    assert tick(activities(lambda _: False, lambda _: False)) == Rest(None)
    assert desk.project().state is State.DRAFT


def test_a_hold_about_a_file_of_another_home_is_asked_for_again_in_a_while(
    desk: Any, activities: Any
) -> None:
    """Another worker has the file; whichever gets the tick then."""
    held = replace(desk.create(), hold=say("a file"))
    desk.store.pause(held, Pause(desk.clock.wall(), None, 0, None))

    class Held:
        def load(self, _: str) -> Project:
            return held

    made = activities(sees=lambda _: False)
    assert tick(replace(made, store=Held())) == Rest(POLL)


def test_trouble_of_the_store_is_told_without_its_words_and_tried_again(
    desk: Any, activities: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal waits ever longer, as every driver does, and learns no path and no sentence."""
    desk.create()

    def full(*_: Any) -> Any:
        raise StoreError("disk full: /srv/secret")

    monkeypatch.setattr("agent.engine.tick.Ticker.tick_loaded", full)
    rests = []
    for attempt in (1, 2, 5, 7, 100_000):
        env = ActivityEnvironment()
        env.info = replace(env.info, attempt=attempt)
        with pytest.raises(ApplicationError) as caught:
            asyncio.run(env.run(activities().tick, SUBJECT))
        assert not caught.value.non_retryable
        assert "secret" not in str(caught.value)
        assert caught.value.next_retry_delay is not None
        rests.append(caught.value.next_retry_delay.total_seconds())
    assert rests == [1.0, 2.0, 16.0, 60.0, 60.0]


def test_a_bug_is_told_without_its_words_and_tried_ever_more_seldom(
    desk: Any, activities: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the tick as of the survey: else each would come again every second, with what it said."""

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret")

    desk.create()
    made = activities()
    monkeypatch.setattr(made.sweep, "advance", broken)
    monkeypatch.setattr(desk.store, "due", broken)
    for run in (lambda env: env.run(made.tick, SUBJECT), lambda env: env.run(made.survey)):
        env = ActivityEnvironment()
        env.info = replace(env.info, attempt=4)
        with pytest.raises(ApplicationError) as caught:
            asyncio.run(run(env))
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.next_retry_delay == timedelta(seconds=8)


@pytest.mark.parametrize("subject", [Subject("nadie", "1"), Subject("tienda", "1")])
def test_a_project_of_another_database_is_left_to_a_worker_that_knows_it(
    desk: Any, activities: Any, subject: Subject
) -> None:
    """Its workflow must not end for that: it would, if this worker said that nothing is due."""
    desk.go(State.ANALYZED)
    with pytest.raises(ApplicationError):
        tick(activities(), subject)


def test_a_worker_that_is_told_to_end_gives_the_rest_away_at_once(
    desk: Any, activities: Any
) -> None:
    desk.create()
    made = activities()
    made.ending.set()
    assert tick(made) == Rest(0.0)
    assert desk.project().state is State.DRAFT


def test_a_tick_that_is_given_to_another_begins_no_further_state(
    desk: Any, activities: Any
) -> None:
    """Temporal has not heard of this worker for too long, and has told it so."""
    desk.create()
    made, env = activities(), ActivityEnvironment()
    entered, may_go_on = threading.Event(), threading.Event()
    real = made.sweep.advance

    def slow(name: str, goes_on: Callable[[], bool]) -> Any:
        entered.set()
        may_go_on.wait(10)
        return real(name, goes_on)

    made.sweep.advance = slow

    async def given_up() -> None:
        running = asyncio.create_task(env.run(made.tick, SUBJECT))
        await asyncio.to_thread(entered.wait, 10)
        env.cancel()
        with pytest.raises(ApplicationError):
            await running
        may_go_on.set()

    asyncio.run(given_up())
    made.pool.shutdown(wait=True)
    assert desk.project().state is State.PROMPTED


@pytest.mark.parametrize(
    ("ahead", "woken"),
    [(-LATE - 1, True), (-1, False), (60, False), (LONGEST_WAIT + 60, True)],
)
def test_the_survey_wakes_those_that_nobody_ticks(
    desk: Any, activities: Any, ahead: float, woken: bool
) -> None:
    desk.store.pause(desk.create(), Pause(desk.clock.wall() + ahead, None, 0, None))
    made = activities()
    assert asyncio.run(ActivityEnvironment().run(made.survey)) == int(woken)
    assert made.workflows.projects == (["tienda"] if woken else [])


def test_a_survey_that_takes_long_is_known_to_live(
    desk: Any, activities: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand may be late: else another worker would begin it again, and never end."""
    monkeypatch.setattr("agent.drivers.temporal.activities.BEAT", 0.01)
    desk.store.pause(desk.create(), Pause(desk.clock.wall() - 2 * LATE, None, 0, None))
    made, env, beats = activities(), ActivityEnvironment(), list[object]()
    made.workflows.seconds = 0.1
    env.on_heartbeat = lambda *_: beats.append(1)
    assert asyncio.run(env.run(made.survey)) == 1
    assert len(beats) > 1
