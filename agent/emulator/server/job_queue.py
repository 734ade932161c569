"""The queue of jobs: starts each when its time in the queue is over, a few at the same time.

http_server.py starts it; jobs.py wakes it through the context.
"""

from __future__ import annotations

import threading
import time

from agent.emulator.resources.context import Context
from agent.emulator.resources.job_row import Job

_AT_ONCE = 3  # jobs a resource runs at the same time
_IDLE_SECONDS = 5.0  # in case a wake-up was missed


class JobQueue:
    """One thread that looks at the queue, and one per running job. All end with the process."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._is_warm = False
        self._threads: dict[str, threading.Thread] = {}

    def wake(self) -> None:
        """There may be something to do."""
        self._event.set()

    def start(self, context: Context) -> None:
        """From now on jobs run, also those that a kill interrupted."""
        threading.Thread(target=self._loop, args=(context,), name="queue", daemon=True).start()

    def _loop(self, context: Context) -> None:
        while True:
            self._event.clear()
            self._warm_up(context)
            self._threads = {
                job_id: thread for job_id, thread in self._threads.items() if thread.is_alive()
            }
            rows = context.store.rows(
                "SELECT * FROM jobs WHERE status IN ('pending', 'running', 'pausing', 'resuming')"
                " ORDER BY seq"
            )
            waiting = [job for job in (Job(**row) for row in rows) if job.id not in self._threads]
            for job in waiting:
                if job.may_run(time.time()) and len(self._threads) < _AT_ONCE:
                    self._run_in_thread(context, job)
            self._event.wait(self._choose_pause(waiting))

    def _warm_up(self, context: Context) -> None:
        """With the first job begins the loading of what it, and the chat after it, would otherwise
        wait for; an emulator without jobs needs none of it.
        """
        if not self._is_warm and context.store.row("SELECT id FROM jobs LIMIT 1") is not None:
            self._is_warm = True
            threading.Thread(target=_load, args=(context,), name="warm", daemon=True).start()

    def _choose_pause(self, waiting: list[Job]) -> float:
        """Seconds until the next job is due; a thread that ends wakes the loop itself."""
        starts = [job.start_at - time.time() for job in waiting if job.id not in self._threads]
        if not starts or len(self._threads) >= _AT_ONCE:
            return _IDLE_SECONDS
        return max(0.0, min(_IDLE_SECONDS, *starts))

    def _run_in_thread(self, context: Context, job: Job) -> None:
        thread = threading.Thread(target=self._run, args=(context, job), name=job.id, daemon=True)
        self._threads[job.id] = thread
        thread.start()

    def _run(self, context: Context, job: Job) -> None:
        # Imported here because numpy is not needed before there is a job.
        from agent.emulator.resources.training_run import TrainingRun

        try:
            TrainingRun(context, job).run()
        finally:
            self._event.set()


def _load(context: Context) -> None:
    from agent.emulator.model import tokens
    from agent.emulator.resources import inference, training_run  # noqa: F401

    context.encoder.load()
    tokens.encoding()
