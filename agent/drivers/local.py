"""The local driver: APScheduler's clock, one interval job that ticks whatever is due, on threads of its own."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor as SchedulerPool
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from agent.engine.tick import LONGEST_WAIT, Ticked, Ticker
from states.errors import StoreError
from states.model import Project
from states.store_port import Store

log = structlog.get_logger()

SILENCE = 600.0  # seconds until the same trouble of the store is said again
LONGEST_REST = 60.0  # seconds; so soon a project goes on once there is room on the disk again
WORKERS = 8  # projects ticked at once; each tick is bounded by the request time-out


class Watchdog(Protocol):
    """Whoever wants to know that the sweeps go on (systemd, through sdnotify)."""

    def alive(self) -> None: ...


@dataclass(frozen=True)
class Pace:
    """Seconds between two sweeps, and the seconds without one after which the scheduler counts as dead."""

    sweep: float
    dead_after: float


class LocalDriver:
    """Ticks the projects that are `wanted` until `finished` says so, `stop` is called, or the scheduler dies."""

    def __init__(
        self,
        ticker: Ticker,
        store: Store,
        pace: Pace,
        watchdog: Watchdog,
        wall: Callable[[], float],
        wanted: Callable[[Project], bool] = lambda _: True,
    ) -> None:
        self._ticker, self._store, self._pace, self._watchdog = ticker, store, pace, watchdog
        self._wall, self._wanted = wall, wanted
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="tick")
        self._busy: dict[str, Future[Ticked]] = {}
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._swept = time.monotonic()
        self._told: dict[str, float] = {}  # a trouble of the store -> when it was last said
        self._rests: dict[
            str, tuple[float, float]
        ] = {}  # project -> (until when it is left alone, for how long)

    def stop(self) -> None:
        """The ticks in hand end; no new one begins."""
        self._stopped.set()
        self._wake.set()

    def run(self, finished: Callable[[], bool]) -> bool:
        """True when finished or stopped in order; False when the scheduler itself died and a supervisor should start us again."""
        scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": SchedulerPool(1)},
            timezone="UTC",
        )
        # A late sweep is still wanted (no misfire), but never two at once, nor a queue of missed ones.
        scheduler.add_job(
            self.sweep,
            "interval",
            seconds=self._pace.sweep,
            id="sweep",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.add_listener(self._heard, EVENT_JOB_ERROR)
        scheduler.start()
        alive = True
        try:
            # The first sweep need not wait for the first interval.
            self.sweep()
            alive = self._watch(finished, scheduler)
            return alive
        finally:
            # What has died or hangs is not waited for: whoever called us ends the process.
            scheduler.shutdown(wait=alive)
            self._pool.shutdown(wait=alive, cancel_futures=True)

    def _watch(self, finished: Callable[[], bool], scheduler: BackgroundScheduler) -> bool:
        while not self._stopped.is_set():
            try:
                if finished():
                    return True
            except StoreError as error:
                self._trouble(error)
            late = time.monotonic() - self._swept
            if late > self._pace.dead_after:
                log.critical("scheduler_died", seconds=round(late))
                return False
            if late > self._pace.dead_after / 4:
                # It plans by the clock on the wall: set back by a day, its next sweep would be tomorrow's.
                scheduler.reschedule_job("sweep", trigger="interval", seconds=self._pace.sweep)
            self._wake.wait(self._pace.sweep)
            self._wake.clear()
        return True

    def _heard(self, event: JobExecutionEvent) -> None:
        # Not a sign of life: sweeps that do nothing but break are as good as none, and a new start may help.
        log.error("sweep_failed", error=repr(event.exception))

    def sweep(self) -> None:
        """Everything due is being ticked; nothing is waited for."""
        try:
            now = self._wall()
            self._store.beat(os.getpid(), socket.gethostname(), now)
            self._ticker.publish_pending()
            for name in self._due(now):
                self._begin(name)
        except StoreError as error:
            self._trouble(error)
        self._swept = time.monotonic()
        self._watchdog.alive()

    def _trouble(self, error: StoreError) -> None:
        """Said now and then, not at every sweep: the same full disk at 3 a.m. would fill the log as well."""
        now = time.monotonic()
        if now > self._told.get(str(error), -SILENCE) + SILENCE:
            self._told[str(error)] = now
            log.error("store_trouble", reason=str(error))

    def _due(self, now: float) -> Sequence[str]:
        # A due time further off than anything ever waits for comes from a clock that has been set back since.
        return [
            project.name
            for project in self._store.all()
            if self._wanted(project)
            and project.due_at is not None
            and (project.due_at <= now or project.due_at > now + LONGEST_WAIT)
        ]

    def _begin(self, name: str) -> None:
        running = self._busy.get(name)
        if (
            self._stopped.is_set()
            or (running is not None and not running.done())
            or self._rests_now(name)
        ):
            return
        self._busy[name] = self._pool.submit(self._advance, name)

    def _advance(self, name: str) -> Ticked:
        """Ticks on while there is something to do at once: a state a tick, and no pause between them."""
        while True:
            try:
                ticked = self._ticker.tick(name)
            except StoreError as error:
                self._trouble(error)
                self._rest(name)
                raise
            except Exception:
                log.exception("tick_failed", project=name)
                self._rest(name)
                raise
            finally:
                self._wake.set()
            self._rests.pop(name, None)
            # A project that is where it should be goes no further: the next step may be the one that is paid for.
            if (
                self._stopped.is_set()
                or not self._wanted(ticked.after)
                or not _is_due(ticked.after, self._wall())
            ):
                return ticked

    def _rest(self, name: str) -> None:
        """A step whose outcome cannot be written down is not repeated at every sweep: it may be paid for."""
        _, former = self._rests.get(name, (0.0, 0.0))
        pause = min(max(2 * former, self._pace.sweep), LONGEST_REST)
        self._rests[name] = (time.monotonic() + pause, pause)

    def _rests_now(self, name: str) -> bool:
        return time.monotonic() < self._rests.get(name, (0.0, 0.0))[0]

    def once(self) -> None:
        """One sweep: every due project goes on until it has to wait."""
        self.sweep()
        for future in list(self._busy.values()):
            future.exception()
        self._pool.shutdown(wait=True)


def _is_due(project: Project, now: float) -> bool:
    return project.hold is None and project.due_at is not None and project.due_at <= now
