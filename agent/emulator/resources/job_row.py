"""A row of the jobs table, the transitions of its status, and its JSON form.

jobs.py serves it, server/job_queue.py picks the job that is due, training_run.py moves it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.http import Request
from agent.emulator.resources.context import Context
from agent.emulator.resources.job_events import Event, add_event
from agent.emulator.resources.job_spec import JobSpec
from agent.emulator.state.progression import ManagedStatus, Transition, TransitionRefusedError

_AUTO_MULTIPLIER = 0.1  # shown as a number even before it is resolved, as the service does
_ENDS = ("succeeded", "failed", "cancelled")
_LIVING = ("pending", "running", "pausing", "paused", "resuming")
_TRANSITIONS = (
    # A job that was killed while it ran is started again, and says so once more.
    Transition("running", "running", by_work=True),
    Transition("running", "pausing", by_work=True),
    Transition("pausing", "paused", by_work=True),
    Transition("paused", "resuming", by_work=True),
    Transition("resuming", "running", by_work=True),
    *(Transition(source, end, by_work=True) for source in _LIVING for end in _ENDS),
)


@dataclass(frozen=True)
class Job:
    """The columns. `status` is stored: the work behind a job moves it, not the clock."""

    seq: int
    id: str
    created_at: float
    start_at: float
    status: str
    spec: str
    running_at: float | None
    finished_at: float | None
    resolved: str | None
    result_file: str | None
    fine_tuned_model: str | None
    trained_tokens: int | None
    error: str | None
    deleted: int

    @property
    def hex(self) -> str:
        """The part of the id that the model's name shares."""
        return self.id.removeprefix("ftjob-")

    @property
    def progress(self) -> ManagedStatus:
        """The status with its transitions; a pending job may run when its queue time is over."""
        start = Transition("pending", "running", self.start_at, by_work=True)
        return ManagedStatus(self.status, (start, *_TRANSITIONS))

    def may_run(self, now: float) -> bool:
        """A worker may take it. One that was killed while it paused has still to come to rest."""
        return self.status == "pausing" or self.progress.may_become("running", now)

    def parse_spec(self) -> JobSpec:
        """What the client asked for."""
        return JobSpec(**json.loads(self.spec))


def find_job(context: Context, job_id: str) -> Job | None:
    """The job, or None if it never existed or was deleted."""
    row = context.store.row("SELECT * FROM jobs WHERE id = ? AND NOT deleted", job_id)
    return Job(**row) if row else None


def read_job(db: sqlite3.Connection, job_id: str) -> Job:
    """The job as it is within the caller's transaction."""
    return Job(**db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone())


def move_job(db: sqlite3.Connection, job_id: str, status: str, now: float) -> None:
    """The one place that changes a job's status. Raises TransitionRefusedError once it is over."""
    job = read_job(db, job_id)
    status = job.progress.move(status, now)
    running_at = job.running_at or (now if status == "running" else None)
    finished_at = now if status in _ENDS else None
    db.execute(
        "UPDATE jobs SET status = ?, running_at = ?, finished_at = ? WHERE id = ?",
        (status, running_at, finished_at, job_id),
    )


def cancel_if_active(db: sqlite3.Connection, job_id: str, now: float) -> bool:
    """Ends a job that is not over, with its event. False if it was over already."""
    try:
        move_job(db, job_id, "cancelled", now)
    except TransitionRefusedError:
        return False
    add_event(db, job_id, None, Event("Job cancelled."))
    return True


@dataclass(frozen=True)
class Pause:
    """The last one of a job. `step`: the last that was done; `events`: so many were there when it
    went on."""

    step: int
    events: int


def find_pause(context: Context, job_id: str) -> Pause | None:
    """None for a job that has run without one so far."""
    row = context.store.row("SELECT step, events FROM pauses WHERE job = ?", job_id)
    return Pause(**row) if row else None


def keep_pause(db: sqlite3.Connection, job_id: str, step: int) -> None:
    """The job rests after that step, where it goes on one day."""
    db.execute("INSERT OR REPLACE INTO pauses VALUES(?, ?, 0)", (job_id, step))
    move_job(db, job_id, "paused", time.time())


def resume_if_paused(db: sqlite3.Connection, job_id: str) -> bool:
    """False for a job that does not rest."""
    try:
        move_job(db, job_id, "resuming", time.time())
    except TransitionRefusedError:
        return False
    add_event(db, job_id, None, Event("Job resumed."))
    db.execute(
        "UPDATE pauses SET events = (SELECT max(n) FROM events WHERE job = ?1) WHERE job = ?1",
        (job_id,),
    )
    return True


def pause_if_training(db: sqlite3.Connection, job_id: str) -> bool:
    """Only what runs, and has done a step, can be paused: False for anything else."""
    has_begun = db.execute(
        "SELECT 1 FROM events WHERE job = ? AND type = 'metrics' LIMIT 1", (job_id,)
    ).fetchone()
    if has_begun is None:
        return False
    try:
        move_job(db, job_id, "pausing", time.time())
    except TransitionRefusedError:
        return False
    return True


def job_to_json(job: Job, status: str, request: Request) -> dict[str, Any]:
    """The job as its surface shows it."""
    spec = job.parse_spec()
    hyperparameters = json.loads(job.resolved) if job.resolved else _show_unresolved(spec)
    is_running = job.running_at and not job.finished_at
    body = {
        "object": "fine_tuning.job",
        "id": job.id,
        "created_at": int(job.created_at),
        "status": status,
        "model": spec.model,
        "fine_tuned_model": job.fine_tuned_model,
        "training_file": spec.training_file,
        "validation_file": spec.validation_file,
        "result_files": [job.result_file] if job.result_file else None,
        "finished_at": int(job.finished_at) if job.finished_at else None,
        "organization_id": None,
        "trained_tokens": job.trained_tokens,
        "error": _show_error(job.error, request) if job.error else None,
        "estimated_finish": int(job.running_at or 0) + 60 if is_running else None,
        "hyperparameters": hyperparameters,
        "integrations": None,
        "seed": spec.seed,
    }
    if request.is_v1:
        body["user_provided_suffix"] = spec.suffix
    elif spec.suffix is not None:
        body["suffix"] = spec.suffix
    if spec.training_type:
        body["trainingType"] = spec.training_type
    if spec.method:
        body["method"] = {"type": spec.method, spec.method: {"hyperparameters": hyperparameters}}
    if spec.prompt_loss_weight is not None:
        body["prompt_loss_weight"] = spec.prompt_loss_weight
    if request.is_v1:
        body["metadata"] = spec.metadata or {}
    return body


def _show_error(stored: str, request: Request) -> dict[str, Any]:
    """On v1 with a null where no parameter is at fault."""
    error: dict[str, Any] = json.loads(stored)
    return {name: one for name, one in error.items() if one is not None or request.is_v1}


def _show_unresolved(spec: JobSpec) -> dict[str, float]:
    multiplier = spec.learning_rate_multiplier
    return {
        "n_epochs": spec.n_epochs,
        "batch_size": spec.batch_size,
        "learning_rate_multiplier": multiplier if multiplier > 0 else _AUTO_MULTIPLIER,
    }
