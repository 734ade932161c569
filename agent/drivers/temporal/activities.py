"""The activities: the tick of every driver (agent/engine/sweep.py), and the survey.

Run by the worker (driver.py); what they return decides in workflows.py when they run again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from agent.drivers.temporal.service import Workflows
from agent.drivers.temporal.workflows import SURVEY, TICK, Rest, Subject
from agent.engine.sweep import LONGEST_REST, Sweep, is_due
from agent.engine.tick import LONGEST_WAIT
from states.errors import StoreError
from states.model import Project
from states.store_port import ProjectStore

log = structlog.get_logger()

BEAT = 1.0  # seconds between two heartbeats
LATE = 20.0  # seconds overdue that mean that nobody ticks a project
T = TypeVar("T")


@dataclass(frozen=True)
class Activities:
    """`service`, `wanted`: whose projects they are. `shortest`, `poll`: seconds between two looks
    at what waits, and at what is held.

    Ticks run on the threads of `pool`. What goes wrong is told to Temporal without its words, which
    may hold what people wrote: the log of the worker has them."""

    sweep: Sweep
    store: ProjectStore
    workflows: Workflows
    service: str
    wanted: Callable[[Project], bool]
    wall: Callable[[], float]
    shortest: float
    poll: float
    pool: Executor
    ending: threading.Event = field(default_factory=threading.Event)

    @activity.defn(name=TICK)
    async def tick(self, subject: Subject) -> Rest:
        """Takes the project as far as it goes without waiting."""
        is_given_up = threading.Event()  # Temporal has given this tick to somebody else
        work = partial(self._tick, subject, is_given_up)
        try:
            with _without_words(project=subject.name):
                return await _beating(self._in_thread(work))
        except asyncio.CancelledError:
            # What is in hand goes on to its end, and is guarded as ever; nothing begins after it.
            log.warning("tick_given_up", project=subject.name)
            raise _failure("the worker was not heard of in time, or is told to end", 0) from None
        finally:
            is_given_up.set()

    @activity.defn(name=SURVEY)
    async def survey(self) -> int:
        """Wakes the projects that nobody ticks. Returns how many."""
        with _without_words():
            return await _beating(self._survey())

    async def _survey(self) -> int:
        late = await self._in_thread(self._find_late)
        if late:
            log.info("woken", projects=len(late))
            await self.workflows.wake(late)
        return len(late)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop, context = asyncio.get_running_loop(), copy_context()
        return await loop.run_in_executor(self.pool, partial(context.run, work))

    def _tick(self, subject: Subject, is_given_up: threading.Event) -> Rest:
        def goes_on() -> bool:
            return not self.ending.is_set() and not is_given_up.is_set()

        if not goes_on():
            return Rest(0.0)
        ticked = self.sweep.advance(subject.name, goes_on)
        if ticked is None and self.sweep.rests(subject.name):
            raise _failure("the tick broke off")
        after = ticked.after if ticked is not None else self._load(subject)
        if after is None or after.uid != subject.uid:
            # Never so in the database that it was begun for, so another worker may know it.
            log.error("unknown_project", project=subject.name, uid=subject.uid)
            raise _failure("no such project in the database of this worker")
        return Rest(self._seconds_left(after, goes_on()))

    def _load(self, subject: Subject) -> Project | None:
        try:
            return self.store.load(subject.name)
        except StoreError as error:
            self.sweep.log_trouble(error)
            raise _failure("the store is in trouble") from None

    def _seconds_left(self, project: Project, goes_on: bool) -> float | None:
        if project.due_at is None or not self.wanted(project):
            return None
        now = self.wall()
        if not is_due(project, now):
            return max(project.due_at - now, self.shortest)
        if project.hold is not None:
            return self.poll  # about a file, say, that another worker's home has
        return self.shortest if goes_on else 0.0

    def _find_late(self) -> Sequence[Project]:
        now = self.wall()
        try:
            found = self.store.due(now - LATE, now + LONGEST_WAIT, self.service)
            return [project for project in found if self.wanted(project)]
        except StoreError as error:
            self.sweep.log_trouble(error)
            return ()


async def _beating(work: Coroutine[Any, Any, T]) -> T:
    """A heartbeat says that this process lives. `work` itself is bounded by its time-outs."""
    task = asyncio.ensure_future(work)
    try:
        while True:
            done, _ = await asyncio.wait({task}, timeout=BEAT)
            if done:
                return task.result()
            activity.heartbeat()
    finally:
        task.cancel()


@contextmanager
def _without_words(**about: str) -> Iterator[None]:
    """A bug, or Temporal away in the middle of it, is told as a failure without its words."""
    try:
        yield
    except ApplicationError:
        raise
    except Exception as error:
        log.exception("tick_failed", error=type(error).__name__, **about)
        raise _failure("it broke off") from None


def _failure(what: str, rest: float | None = None) -> ApplicationError:
    """It is tried again after `rest` seconds; without, ever more seldom: of a full disk, or a store
    that is away, it must not be repeated at once. BENIGN: the SDK need not log what our log tells.
    """
    if rest is None:
        rest = min(2.0 ** min(activity.info().attempt - 1, 9), LONGEST_REST)
    told = f"{what}: the log of the worker says why"
    delay, category = timedelta(seconds=rest), ApplicationErrorCategory.BENIGN
    return ApplicationError(told, next_retry_delay=delay, category=category)
