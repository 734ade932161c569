"""The local driver: APScheduler's clock calls the sweep, and threads advance the projects.

Built by bootstrap and run by agent/drivers/daemon.py. What is due and how far it goes is decided
by agent/engine/sweep.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from agent.drivers.memory import give_back, settle, share_pools
from agent.engine.sweep import PREPARED_AT_ONCE, Sweep
from agent.engine.tick import Ticked
from states.errors import StoreError

if TYPE_CHECKING:
    from apscheduler.events import JobExecutionEvent
    from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()

HEAD_START = 0.25  # seconds that the ticks of the first sweep have before all else is loaded
GRACE = 3.0  # seconds that the ticks in hand have to end once the driver is stopped
# Projects advanced at once. Most wait for the service, each for no longer than its time-out, and a
# thread that waits costs next to nothing. What prepares data has threads of its own.
WORKERS = 64
MANY = 500  # projects that are due at once: their ticks take memory that later ones do not need


class Watchdog(Protocol):
    """Wants to know that the sweeps go on (systemd, through sdnotify)."""

    def alive(self) -> None: ...


@dataclass(frozen=True)
class Pace:
    """`sweep`: seconds between two sweeps; `dead_after`: seconds without one that mean death."""

    sweep: float
    dead_after: float


class LocalDriver:
    """Sweeps until it is finished or stopped, or until the scheduler dies.

    `on_stop` is called once it is told to stop, so that long ticks do no more than they must.
    `listen`: as of states.store_port.WakeStore; a person's decision elsewhere is swept for at once.
    """

    def __init__(
        self,
        sweep: Sweep,
        pace: Pace,
        watchdog: Watchdog,
        on_stop: Callable[[], None] = lambda: None,
        listen: Callable[[Callable[[], None]], Callable[[], None]] = lambda _: lambda: None,
    ) -> None:
        self._listen = listen
        self._sweep, self._pace, self._watchdog = sweep, pace, watchdog
        self._on_stop = on_stop
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="tick")
        self._preparing = ThreadPoolExecutor(PREPARED_AT_ONCE, thread_name_prefix="prepare")
        self._busy: dict[str, Future[Ticked | None]] = {}
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._swept_at = time.monotonic()
        self._sweeping = threading.Lock()
        self._is_flooded = False
        self.has_left_ticks = False  # after `run`: some did not end in time, and go on

    def stop(self) -> None:
        """No new tick begins. Those in hand end, or are left behind after GRACE."""
        self._stopped.set()
        self._on_stop()
        self._wake.set()

    def run(
        self, is_finished: Callable[[], bool], observe: Callable[[], None] = lambda: None
    ) -> bool:
        """True when finished or stopped in order; False when the scheduler itself died.

        In that case a supervisor should start the process again. After each change `observe` is
        called, then `is_finished`.
        """
        scheduler: BackgroundScheduler | None = None
        alive, listen_no_more = True, self._listen(self.sweep)
        try:
            # The first sweep waits neither for the first interval nor for the scheduler to be
            # loaded, and what it has begun goes first.
            self.sweep()
            wait(list(self._busy.values()), HEAD_START)
            scheduler = self._make_scheduler()
            scheduler.start()
            settle()
            alive = self._watch(is_finished, observe, scheduler)
            return alive
        finally:
            patience = GRACE if self._stopped.is_set() else None
            self._stopped.set()  # a sweep may still be on its way to a thread of the scheduler
            listen_no_more()
            if scheduler is not None:
                scheduler.shutdown(wait=False)
            # What has died or hangs is not waited for: whoever called us ends the process.
            self.has_left_ticks = not alive or not self._wait_for_ticks(patience)

    def _wait_for_ticks(self, patience: float | None) -> bool:
        """True once the sweep and the ticks in hand have ended."""
        if not self._sweeping.acquire(timeout=-1 if patience is None else patience):
            return False
        self._sweeping.release()
        for pool in (self._preparing, self._pool):  # no sweep hands them ticks any more
            pool.shutdown(wait=False, cancel_futures=True)
        running = [future for future in self._busy.values() if future.running()]
        return not wait(running, patience).not_done

    def _make_scheduler(self) -> BackgroundScheduler:
        from apscheduler.events import EVENT_JOB_ERROR
        from apscheduler.executors.pool import ThreadPoolExecutor as SchedulerPool
        from apscheduler.jobstores.memory import MemoryJobStore
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": SchedulerPool(1)},
            timezone="UTC",
        )
        # A late sweep is still wanted (no misfire), but never two at once, nor a queue of missed
        # ones.
        scheduler.add_job(
            self.sweep,
            "interval",
            seconds=self._pace.sweep,
            id="sweep",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.add_listener(self._log_failure, EVENT_JOB_ERROR)
        return scheduler

    def run_once(self) -> None:
        """One sweep: every due project goes on until it has to wait."""
        self.sweep()
        while running := [future for future in list(self._busy.values()) if not future.done()]:
            wait(running)
        self._preparing.shutdown(wait=True)
        self._pool.shutdown(wait=True)

    def sweep(self) -> None:
        """Everything due is being advanced; nothing is waited for."""
        with self._sweeping:
            self._forget_ended()
            names = () if self._stopped.is_set() else self._sweep.begin()
            if len(names) > MANY:
                share_pools()
                self._is_flooded = True
            for name in names:
                self._begin(name)
        self._swept_at = time.monotonic()
        self._watchdog.alive()

    def _forget_ended(self) -> None:
        """Of ten thousand projects each would leave one."""
        for name, tick in list(self._busy.items()):
            if tick.done() and self._busy.get(name) is tick:
                del self._busy[name]
        if self._is_flooded and len(self._busy) <= WORKERS:
            self._is_flooded = False
            give_back()

    def _begin(self, name: str) -> None:
        running = self._busy.get(name)
        is_busy = running is not None and not running.done()
        if not is_busy and not self._stopped.is_set():
            self._submit(name)

    def _submit(self, name: str) -> None:
        is_preparing = self._sweep.is_preparing(name)
        pool = self._preparing if is_preparing else self._pool
        self._busy[name] = pool.submit(self._advance, name, is_preparing)

    def _advance(self, name: str, is_preparing: bool) -> Ticked | None:
        def goes_on() -> bool:
            return self._goes_on() and self._sweep.is_preparing(name) == is_preparing

        try:
            ticked = self._sweep.advance(name, goes_on)
            if ticked is not None and self._sweep.is_preparing(name) != is_preparing:
                with suppress(RuntimeError):  # the driver ends: nothing is begun any more
                    self._submit(name)
            return ticked
        finally:
            self._wake.set()

    def _goes_on(self) -> bool:
        self._wake.set()  # a tick has ended: the observer wants to see it
        return not self._stopped.is_set()

    def _watch(
        self,
        is_finished: Callable[[], bool],
        observe: Callable[[], None],
        scheduler: BackgroundScheduler,
    ) -> bool:
        # Loaded now. APScheduler itself would load it at its first use, and that may come when this
        # process is out of file handles, which is to cost it a sweep and not its life.
        from apscheduler.triggers.date import DateTrigger

        while not self._stopped.is_set():
            try:
                observe()
                if is_finished():
                    return True
            except StoreError as error:
                self._sweep.log_trouble(error)
            late = time.monotonic() - self._swept_at
            if late > self._pace.dead_after:
                log.critical("scheduler_died", seconds=round(late))
                return False
            if late > self._pace.dead_after / 4:
                # APScheduler plans by the wall clock: after that was set back by a day, the next
                # sweep would be tomorrow's.
                scheduler.reschedule_job("sweep", trigger="interval", seconds=self._pace.sweep)
            self._wake.wait(min(self._pace.sweep, self._sweep.seconds_to_due()))
            self._wake.clear()
            if self._sweep.is_next_due() and not self._sweeping.locked():
                # Not up to a sweep later: polls keep their time.
                now = DateTrigger(timezone="UTC")
                scheduler.add_job(self.sweep, now, misfire_grace_time=None)
        return True

    def _log_failure(self, event: JobExecutionEvent) -> None:
        # Not a sign of life: sweeps that only break are as good as none, and a restart may help.
        log.error("sweep_failed", error=repr(event.exception))
