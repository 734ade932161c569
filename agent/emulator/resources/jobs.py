"""Fine-tuning jobs: what they are, and the operations on them."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol import surface
from agent.emulator.protocol.errors import ServiceError, invalid, not_found
from agent.emulator.protocol.paging import page
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources import events, files
from agent.emulator.resources.emulator import Emulator
from agent.emulator.resources.job_request import JobSpec, read_spec
from agent.emulator.state import ledger

ACTIVE = ("pending", "running")
_MOST_QUEUED = 20
_AUTO_MULTIPLIER = 0.1  # shown as a number even before it is resolved, as the service does


@dataclass(frozen=True)
class Job:
    """A row of the jobs table."""

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

    def asked(self) -> JobSpec:
        """What was asked for."""
        return JobSpec(**json.loads(self.spec))


def find(emulator: Emulator, job_id: str) -> Job | None:
    """The job, unless it never was or was deleted."""
    row = emulator.store.row("SELECT * FROM jobs WHERE id = ? AND NOT deleted", job_id)
    return Job(**row) if row else None


def create(emulator: Emulator, call: Call) -> Answer:
    """POST /fine_tuning/jobs."""
    spec = read_spec(call)
    for name, file_id in (
        ("training_file", spec.training_file),
        ("validation_file", spec.validation_file),
    ):
        if file_id is not None:
            _check_file(emulator, file_id, name)
    job_id = f"ftjob-{uuid.uuid4().hex}"
    now = time.time()
    with emulator.store.transaction() as db:
        _check_queue(emulator, db)
        db.execute(
            "INSERT INTO jobs(id, created_at, start_at, status, spec) VALUES(?, ?, ?,"
            " 'pending', ?)",
            (
                job_id,
                now,
                now + emulator.behaviours.seconds("queue_seconds"),
                json.dumps(spec.stored()),
            ),
        )
        events.add(db, job_id, 0, events.Event("Job enqueued. Waiting for jobs ahead to complete."))
        ledger.record(db, "create_job", job_id, **{**spec.stored(), "metadata": None})
    emulator.wake()
    job = find(emulator, job_id)
    assert job  # noqa: S101  it was written above
    return surface.created(call, f"fine_tuning/jobs/{job_id}", shown(job, "pending", call))


def listing(emulator: Emulator, call: Call) -> Answer:
    """GET /fine_tuning/jobs, newest first."""
    visible = time.time() - emulator.behaviours.now.listing_lag_seconds
    rows = emulator.store.rows(
        "SELECT * FROM jobs WHERE NOT deleted AND created_at <= ? ORDER BY seq DESC", visible
    )
    found, more = page(
        [Job(**row) for row in rows], lambda job: job.id, call.query, default=20, most=100
    )
    return surface.listing(call, [shown(job, job.status, call) for job in found], more)


def show(emulator: Emulator, call: Call) -> Answer:
    """GET /fine_tuning/jobs/{id}."""
    job = _not_hidden(emulator, call)
    return Answer(
        200, shown(job, emulator.behaviours.next_status("job_status_script", job.status), call)
    )


def cancel(emulator: Emulator, call: Call) -> Answer:
    """POST /fine_tuning/jobs/{id}/cancel."""
    job = _not_hidden(emulator, call)
    with emulator.store.transaction() as db:
        if not mark_cancelled(db, job.id):
            raise ServiceError(
                400, "unexpectedEntityState", f"The job '{job.id}' is over and cannot be cancelled."
            )
        ledger.record(db, "cancel_job", job.id)
    emulator.wake()
    return Answer(200, shown(_required(emulator, call), "cancelled", call))


def _not_hidden(emulator: Emulator, call: Call) -> Job:
    """Hidden: it is there, and the service says that it is not."""
    job = _required(emulator, call)
    if emulator.behaviours.now.hide_job:
        raise not_found("job", job.id)
    return job


def mark_cancelled(db: sqlite3.Connection, job_id: str) -> bool:
    """Ends a job that is not over. False if it was over already."""
    now = time.time()
    ended = db.execute(
        "UPDATE jobs SET status = 'cancelled', finished_at = ? WHERE id = ? AND status IN"
        " ('pending', 'running')",
        (now, job_id),
    ).rowcount
    if ended:
        events.add(db, job_id, None, events.Event("Job cancelled."))
    return bool(ended)


def delete(emulator: Emulator, call: Call) -> Answer:
    """DELETE /fine_tuning/jobs/{id}: the job and its model; refused while either is in use."""
    job = _required(emulator, call)
    if job.status in ACTIVE:
        raise ServiceError(409, "conflict", f"The job '{job.id}' is {job.status}; cancel it first.")
    used = emulator.store.row(
        "SELECT d.name FROM deployments d JOIN models m ON m.name = d.model WHERE m.job = ?", job.id
    )
    if used:
        raise ServiceError(
            409,
            "conflict",
            f"A model of the job '{job.id}' is deployed as '{used['name']}'; delete that first.",
        )
    heads = emulator.store.rows("SELECT head FROM models WHERE job = ?", job.id)
    with emulator.store.transaction() as db:
        db.execute("UPDATE jobs SET deleted = 1 WHERE id = ?", (job.id,))
        db.execute("DELETE FROM models WHERE job = ?", (job.id,))
        db.execute("DELETE FROM checkpoints WHERE job = ?", (job.id,))
        ledger.record(db, "delete_job", job.id)
    for row in heads:
        emulator.blobs.drop(row["head"])
    return Answer(204)


def job_events(emulator: Emulator, call: Call) -> Answer:
    """GET /fine_tuning/jobs/{id}/events, newest first."""
    job = _required(emulator, call)
    rows = emulator.store.rows("SELECT * FROM events WHERE job = ? ORDER BY n DESC", job.id)
    found, more = page(rows, lambda row: str(row["id"]), call.query, default=20, most=1000)
    return surface.listing(call, [events.shown(row) for row in found], more)


def checkpoints(emulator: Emulator, call: Call) -> Answer:
    """GET /fine_tuning/jobs/{id}/checkpoints, newest first."""
    job = _required(emulator, call)
    rows = emulator.store.rows("SELECT * FROM checkpoints WHERE job = ? ORDER BY step DESC", job.id)
    found, more = page(rows, lambda row: str(row["id"]), call.query, default=10, most=100)
    return surface.listing(call, [_checkpoint(row) for row in found], more)


def shown(job: Job, status: str, call: Call) -> dict[str, Any]:
    """The job as its surface shows it."""
    spec = job.asked()
    hyperparameters = json.loads(job.resolved) if job.resolved else _unresolved(spec)
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
        "estimated_finish": (
            int(job.running_at) + 60 if job.running_at and not job.finished_at else None
        ),
        "hyperparameters": hyperparameters,
        "integrations": None,
        "seed": spec.seed,
        "user_provided_suffix" if call.v1 else "suffix": spec.suffix,
    }
    if spec.training_type:
        body["trainingType"] = spec.training_type
    if spec.method:
        body["method"] = {"type": spec.method, spec.method: {"hyperparameters": hyperparameters}}
    if spec.prompt_loss_weight is not None:
        body["prompt_loss_weight"] = spec.prompt_loss_weight
    if call.v1:
        body["metadata"] = spec.metadata or {}
    return body


def _unresolved(spec: JobSpec) -> dict[str, float]:
    multiplier = (
        spec.learning_rate_multiplier if spec.learning_rate_multiplier > 0 else _AUTO_MULTIPLIER
    )
    return {
        "n_epochs": spec.n_epochs,
        "batch_size": spec.batch_size,
        "learning_rate_multiplier": multiplier,
    }


def _checkpoint(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": row["id"],
        "created_at": int(row["created_at"]),
        "fine_tuned_model_checkpoint": row["model"],
        "step_number": row["step"],
        "fine_tuning_job_id": row["job"],
        "metrics": json.loads(row["metrics"]),
    }


def _required(emulator: Emulator, call: Call) -> Job:
    job = find(emulator, call.path["job_id"])
    if job is None:
        raise not_found("job", call.path["job_id"])
    return job


def _check_file(emulator: Emulator, file_id: str, name: str) -> None:
    file = files.find(emulator, file_id)
    if file is None:
        raise invalid(f"The file '{file_id}' does not exist.", name)
    if file.purpose != "fine-tune":
        raise invalid(
            f"The file '{file_id}' has the purpose '{file.purpose}', not 'fine-tune'.", name
        )
    if file.status(time.time()) != "processed":
        raise invalid(
            f"The file '{file_id}' must be a finished import before a job may use it.", name
        )


def _check_queue(emulator: Emulator, db: sqlite3.Connection) -> None:
    queued = db.execute("SELECT count(*) FROM jobs WHERE status = 'pending'").fetchone()[0]
    if queued >= _MOST_QUEUED:
        status = emulator.behaviours.now.job_limit_status
        code = "tooManyRequests" if status == 429 else "quotaExceeded"
        raise ServiceError(
            status, code, f"{_MOST_QUEUED} jobs are queued already; wait for one to end."
        )
