"""Starts jobs when their time in the queue is over, a few at a time."""

from __future__ import annotations

import threading
import time

from agent.emulator.resources.emulator import Emulator
from agent.emulator.resources.jobs import Job

_AT_ONCE = 3  # jobs a resource runs at the same time
_IDLE_SECONDS = 5.0  # in case a wake-up was missed


class Worker:
    """One thread that looks at the queue, and one per running job. All end with the process."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def wake(self) -> None:
        """There may be something to do."""
        self._event.set()

    def start(self, emulator: Emulator) -> None:
        """From now on jobs run, also those that a kill interrupted."""
        threading.Thread(target=self._loop, args=(emulator,), name="queue", daemon=True).start()

    def _loop(self, emulator: Emulator) -> None:
        while True:
            self._event.clear()
            self._threads = {
                job: thread for job, thread in self._threads.items() if thread.is_alive()
            }
            due = [
                Job(**row)
                for row in emulator.store.rows(
                    "SELECT * FROM jobs WHERE status IN ('pending', 'running') ORDER BY seq"
                )
            ]
            waiting = [job for job in due if job.id not in self._threads]
            for job in waiting:
                if len(self._threads) < _AT_ONCE and (
                    job.status == "running" or job.start_at <= time.time()
                ):
                    self._begin(emulator, job)
            self._event.wait(self._pause(waiting))

    def _pause(self, waiting: list[Job]) -> float:
        """Seconds until the next job is due; a thread that ends wakes the loop itself."""
        starts = [job.start_at - time.time() for job in waiting if job.id not in self._threads]
        if not starts or len(self._threads) >= _AT_ONCE:
            return _IDLE_SECONDS
        return max(0.0, min(_IDLE_SECONDS, *starts))

    def _begin(self, emulator: Emulator, job: Job) -> None:
        self._threads[job.id] = threading.Thread(
            target=self._run, args=(emulator, job), name=job.id, daemon=True
        )
        self._threads[job.id].start()

    def _run(self, emulator: Emulator, job: Job) -> None:
        from agent.emulator.resources.job_run import (
            JobRun,
        )  # numpy is not imported before there is a job

        try:
            JobRun(emulator, job).run()
        finally:
            self._event.set()
