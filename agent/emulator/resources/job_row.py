"""A row of the jobs table, the transitions of its status, and its JSON form.

jobs.py serves it, server/job_queue.py picks the job that is due, training_run.py moves it.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.http import Request
from agent.emulator.resources.context import Context
from agent.emulator.resources.job_events import Event, add_event
from agent.emulator.resources.job_spec import JobSpec
from agent.emulator.state.progression import ManagedStatus, Transition, TransitionRefusedError

_AUTO_MULTIPLIER = 0.1  # shown as a number even before it is resolved, as the service does
_ENDS = ("succeeded", "failed", "cancelled")
_TRANSITIONS = (
    # A job that was killed while it ran is started again, and says so once more.
    Transition("running", "running", by_work=True),
    *(Transition(source, end, by_work=True) for source in ("pending", "running") for end in _ENDS),
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
        "error": json.loads(job.error) if job.error else None,
        "estimated_finish": int(job.running_at or 0) + 60 if is_running else None,
        "hyperparameters": hyperparameters,
        "integrations": None,
        "seed": spec.seed,
        "user_provided_suffix" if request.is_v1 else "suffix": spec.suffix,
    }
    if spec.training_type:
        body["trainingType"] = spec.training_type
    if spec.method:
        body["method"] = {"type": spec.method, spec.method: {"hyperparameters": hyperparameters}}
    if spec.prompt_loss_weight is not None:
        body["prompt_loss_weight"] = spec.prompt_loss_weight
    if request.is_v1:
        body["metadata"] = spec.metadata or {}
    return body


def _show_unresolved(spec: JobSpec) -> dict[str, float]:
    multiplier = spec.learning_rate_multiplier
    return {
        "n_epochs": spec.n_epochs,
        "batch_size": spec.batch_size,
        "learning_rate_multiplier": multiplier if multiplier > 0 else _AUTO_MULTIPLIER,
    }
