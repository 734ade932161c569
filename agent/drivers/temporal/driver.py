"""The Temporal driver: this process is a worker, and Temporal decides who is ticked when.

Built by bootstrap and run by agent/drivers/daemon.py, as the local driver is. It has no scheduler,
no lock and no election: one workflow per project makes for one tick at a time, and a worker that
gives no heartbeat loses its ticks to others.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.workflow import NondeterminismError

from agent.drivers.local import GRACE, WORKERS, Watchdog
from agent.drivers.temporal.activities import BEAT, Activities
from agent.drivers.temporal.service import (
    Workflows,
    connect,
    problem_in,
    refuse_unknown_namespace,
)
from agent.drivers.temporal.workflows import ProjectWorkflow, SurveyWorkflow
from agent.engine.sweep import Sweep
from agent.settings.temporal import Temporal
from states.errors import StoreError, Unreachable
from states.model import Project
from states.store_port import ProjectStore

log = structlog.get_logger()

FOR_EVER = 1e12  # unix seconds: whoever is due at all is due by then
PATIENCE = 60.0  # seconds in which Temporal may come up after this worker
AGAIN = 30.0  # seconds: Temporal may have lost its database, or a person has ended the survey
DEAF = 90.0  # seconds without a word of Temporal's, after which no sign of life is given
STICKY = timedelta(seconds=3)  # for so long a workflow waits for the worker that knows it
WORKFLOWS_AT_ONCE = 8  # decisions of workflows, milliseconds each
WORKFLOWS_KEPT = 200  # in memory; another is read from its history, which is short


@dataclass(frozen=True)
class Post:
    """Where this worker works: whose projects (`service`, `wanted`), and how often it looks up."""

    temporal: Temporal
    service: str
    wanted: Callable[[Project], bool]
    every: float  # seconds
    poll: float  # seconds between two looks at what a person is waited for


class TemporalDriver:
    """Works until it is finished or stopped, or until the worker dies.

    `on_stop` is called once it is told to stop, so that long ticks do no more than they must."""

    def __init__(
        self,
        sweep: Sweep,
        store: ProjectStore,
        post: Post,
        watchdog: Watchdog,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._sweep, self._store, self._post = sweep, store, post
        self._watchdog, self._on_stop = watchdog, on_stop
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="tick")
        self._ending = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        self._heard_at = time.monotonic()  # of Temporal
        self.has_left_ticks = False  # after `run`: some did not end in time, and go on

    def stop(self) -> None:
        """No new tick begins. Those in hand end, or are left behind after GRACE."""
        self._ending.set()
        self._on_stop()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    def run(
        self, is_finished: Callable[[], bool], observe: Callable[[], None] = lambda: None
    ) -> bool:
        """True when finished or stopped in order; False when the worker itself died.

        In that case a supervisor should start the process again. `observe` is called now and then,
        then `is_finished`. Unreachable where Temporal is not there from the beginning."""
        return asyncio.run(self._run(is_finished, observe))

    def run_once(self) -> None:
        """Every project that has something to do has its workflow. The workers that are there tick
        it: this process is none."""
        asyncio.run(self._run_once())

    async def _run_once(self) -> None:
        self._loop = asyncio.get_running_loop()
        client = await self._connect()
        if client is not None:
            await self._begin(self._workflows(client))

    async def _run(self, is_finished: Callable[[], bool], observe: Callable[[], None]) -> bool:
        self._loop = asyncio.get_running_loop()
        client = await self._connect()
        if client is None:
            return True
        workflows = self._workflows(client)
        worker = self._make_worker(client, workflows)
        working = asyncio.create_task(worker.run())
        log.info("worker_began", queue=workflows.queue)
        beginning = asyncio.create_task(self._keep_begun(workflows))
        try:
            return await self._watch(working, is_finished, observe)
        finally:
            self._ending.set()
            beginning.cancel()
            await self._shut_down(worker, working)

    async def _connect(self) -> Client | None:
        """None where this process is told to stop before Temporal is there."""
        end = time.monotonic() + PATIENCE
        while not self._ending.is_set():
            try:
                client = await connect(self._post.temporal)
            except Unreachable as error:
                if time.monotonic() > end:
                    raise
                log.warning("temporal_unreachable", reason=error.text.for_log())
                await self._pause(2.0)
            else:
                await refuse_unknown_namespace(client, self._post.temporal)
                return client
        return None

    def _workflows(self, client: Client) -> Workflows:
        return Workflows(client, Workflows.queue_of(self._post.temporal, self._post.service))

    def _make_worker(self, client: Client, workflows: Workflows) -> Worker:
        activities = Activities(
            self._sweep,
            self._store,
            workflows,
            self._post.service,
            self._post.wanted,
            time.time,
            self._post.every,
            self._post.poll,
            self._pool,
            self._ending,
        )
        return Worker(
            client,
            task_queue=workflows.queue,
            workflows=[ProjectWorkflow, SurveyWorkflow],
            activities=[activities.tick, activities.survey],
            max_concurrent_activities=WORKERS,
            max_concurrent_workflow_tasks=WORKFLOWS_AT_ONCE,
            max_cached_workflows=WORKFLOWS_KEPT,
            sticky_queue_schedule_to_start_timeout=STICKY,
            max_heartbeat_throttle_interval=timedelta(seconds=BEAT),
            graceful_shutdown_timeout=timedelta(seconds=GRACE),
            # A workflow of another version of this program cannot go on. It knows nothing that the
            # store does not, so it ends, and the survey begins it anew.
            workflow_failure_exception_types=[NondeterminismError],
        )

    async def _begin(self, workflows: Workflows) -> None:
        """Every project that has something to do has its workflow, and there is a survey."""
        while True:
            try:
                living = await asyncio.to_thread(self._find_living)
                await workflows.begin_survey()
                await workflows.begin(living)
                self._heard_at = time.monotonic()
            except (RPCError, StoreError) as error:
                told = problem_in(error) if isinstance(error, RPCError) else error
                log.warning("not_begun", reason=str(told))
                await asyncio.sleep(self._post.every)
            else:
                return

    async def _keep_begun(self, workflows: Workflows) -> None:
        """And there is one later on, also where nothing of this is known there any more: what
        nobody ticks is found by the survey, but nobody else looks for the survey."""
        await self._begin(workflows)
        while True:
            await asyncio.sleep(AGAIN)
            try:
                await workflows.begin_survey()
                self._heard_at = time.monotonic()
            except RPCError as error:
                log.warning("not_begun", reason=str(problem_in(error)))

    def _find_living(self) -> list[Project]:
        found = self._store.due(FOR_EVER, FOR_EVER, self._post.service)
        return [project for project in found if self._post.wanted(project)]

    async def _watch(
        self,
        working: asyncio.Task[None],
        is_finished: Callable[[], bool],
        observe: Callable[[], None],
    ) -> bool:
        while not self._stopped.is_set():
            await asyncio.to_thread(self._look, observe)
            if is_finished():
                return True
            await self._pause(self._post.every, working)
            if working.done():
                log.critical("worker_died", error=repr(working.exception()))
                return False
        return True

    def _look(self, observe: Callable[[], None]) -> None:
        """`status --check` goes by the sign of life: without Temporal nobody is ticked here."""
        is_at_work = time.monotonic() < self._heard_at + DEAF
        if not is_at_work or self._sweep.look_alive():
            try:
                observe()
            except StoreError as error:
                self._sweep.log_trouble(error)
        self._watchdog.alive()

    async def _pause(self, seconds: float, working: asyncio.Task[None] | None = None) -> None:
        """Until the seconds are over, or it is told to stop, or the worker has ended."""
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait(
            {stopped} if working is None else {stopped, working},
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        stopped.cancel()

    async def _shut_down(self, worker: Worker, working: Awaitable[None]) -> None:
        """The worker takes nothing more, and its ticks have GRACE to end."""
        ending = asyncio.gather(worker.shutdown(), working, return_exceptions=True)
        done, _ = await asyncio.wait({ending}, timeout=2 * GRACE)
        self._pool.shutdown(wait=False, cancel_futures=True)
        threads = [t for t in threading.enumerate() if t.name.startswith("tick")]
        self.has_left_ticks = not done or any(t.is_alive() for t in threads)
