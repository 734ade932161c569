"""The workflows: when a project is ticked. What a tick does is activities.py's business.

Temporal replays this code from its history, so it must decide the same each time: it has no clock,
no store and no randomness of its own, and imports nothing that has (the SDK's sandbox sees to it).
It keeps nothing either. All that is known of a project stands in the store, so a workflow may end,
be begun anew, or fail by a change of this code, at any moment, and nothing is lost by that.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

TICK, SURVEY = "tick", "survey"  # the activities
LONGEST_TICK = timedelta(hours=12)  # a million examples are checked in one
# A worker that has not been heard of for so long is dead, and another takes its tick.
HEARTBEAT = timedelta(seconds=4)
# After a worker that died over it: soon, however many have died before, for what is promised are 15
# seconds. A tick that broke off says itself how long it must not be repeated (activities.py).
AGAIN = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1.0)
LONGEST_HISTORY = 1000  # events; each tick that waits adds eleven
SURVEY_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Subject:
    """Which project. `uid` tells it from one of the same name in another database."""

    name: str
    uid: str


@dataclass(frozen=True)
class Rest:
    """How long nothing has to be done: `seconds` from now; None until a person decides."""

    seconds: float | None


@workflow.defn(name="afinador-project")
class ProjectWorkflow:
    """One project: ticked, then asleep until it is due or somebody wakes it. Its id is unique, so
    there is one tick at a time.

    It ends when nothing is due any more; a decision begins it again."""

    def __init__(self) -> None:
        self._is_woken = False

    @workflow.signal
    def wake(self) -> None:
        """Something was decided: the project is looked at now."""
        self._is_woken = True

    @workflow.run
    async def run(self, subject: Subject) -> None:
        while not _is_history_long():
            self._is_woken = False
            rest = await workflow.execute_activity(
                TICK,
                subject,
                result_type=Rest,
                start_to_close_timeout=LONGEST_TICK,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=AGAIN,
            )
            if rest.seconds is None and not self._is_woken:
                return
            await self._sleep(rest.seconds or 0.0)
        workflow.continue_as_new(subject)

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._is_woken, timeout=seconds)


@workflow.defn(name="afinador-survey")
class SurveyWorkflow:
    """Looks now and then for projects that are due and that nobody ticks: a decision whose signal
    got lost, a workflow that a person terminated. One for all workers of a task queue."""

    @workflow.run
    async def run(self) -> None:
        while not _is_history_long():
            await workflow.execute_activity(
                SURVEY,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=HEARTBEAT,
                retry_policy=AGAIN,
            )
            await workflow.sleep(SURVEY_EVERY)
        workflow.continue_as_new()


def _is_history_long() -> bool:
    """Then the workflow goes on as a new one: whoever takes it over reads all of its history."""
    info = workflow.info()
    return (
        info.get_current_history_length() >= LONGEST_HISTORY or info.is_continue_as_new_suggested()
    )
