"""The handlers of /fine_tuning/jobs: create, show, cancel, pause, delete, events, checkpoints."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from typing import Any

from agent.emulator.protocol.errors import ServiceError, invalid, not_found
from agent.emulator.protocol.http import Request, Response
from agent.emulator.protocol.paging import take_page
from agent.emulator.protocol.responses import respond_created, respond_list
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_end import remove_expired
from agent.emulator.resources.file_row import find_file
from agent.emulator.resources.job_events import Event, add_event, event_to_json
from agent.emulator.resources.job_row import (
    Job,
    cancel_if_active,
    find_job,
    job_to_json,
    pause_if_training,
    resume_if_paused,
)
from agent.emulator.resources.job_spec import JobSpec, parse_job_spec
from agent.emulator.state import ledger

_MOST_QUEUED = 20


def create_job(context: Context, request: Request) -> Response:
    """POST /fine_tuning/jobs."""
    spec = parse_job_spec(request)
    _check_file(context, spec.training_file, "training_file")
    if spec.validation_file is not None:
        _check_file(context, spec.validation_file, "validation_file")
    job = _insert(context, spec)
    context.wake_queue()
    path = f"fine_tuning/jobs/{job.id}"
    return respond_created(request, path, job_to_json(job, "pending", request))


def list_jobs(context: Context, request: Request) -> Response:
    """GET /fine_tuning/jobs, newest first."""
    visible_until = time.time() - context.behaviour.current.listing_lag_seconds
    rows = context.store.rows(
        "SELECT * FROM jobs WHERE NOT deleted AND created_at <= ? ORDER BY seq DESC", visible_until
    )
    jobs = [Job(**row) for row in rows]
    page, more = take_page(jobs, lambda job: job.id, request.query, default=20, most=100)
    return respond_list(request, [job_to_json(job, job.status, request) for job in page], more)


def show_job(context: Context, request: Request) -> Response:
    """GET /fine_tuning/jobs/{id}."""
    job = _require_shown_job(context, request)
    status = context.behaviour.reported_status("job", job.status)
    return Response(200, job_to_json(job, status, request))


def cancel_job(context: Context, request: Request) -> Response:
    """POST /fine_tuning/jobs/{id}/cancel."""
    job = _require_shown_job(context, request)
    with context.store.transaction() as db:
        if not cancel_if_active(db, job.id, time.time()):
            raise ServiceError(
                400, "unexpectedEntityState", f"The job '{job.id}' is over and cannot be cancelled."
            )
        ledger.record(db, "cancel_job", job.id)
    context.wake_queue()
    return Response(200, job_to_json(_require_job(context, request), "cancelled", request))


def pause_job(context: Context, request: Request) -> Response:
    """POST /fine_tuning/jobs/{id}/pause: it stops after the present step, with a checkpoint."""
    job = _require_shown_job(context, request)
    with context.store.transaction() as db:
        if not pause_if_training(db, job.id):
            raise ServiceError(
                400,
                "unexpectedEntityState",
                f"The job '{job.id}' is {job.status}; only one that runs, and has done at least one"
                " step, can be paused.",
            )
        ledger.record(db, "pause_job", job.id)
    return Response(200, job_to_json(_require_job(context, request), "pausing", request))


def resume_job(context: Context, request: Request) -> Response:
    """POST /fine_tuning/jobs/{id}/resume: it goes on with the step after the last one."""
    job = _require_shown_job(context, request)
    with context.store.transaction() as db:
        if not resume_if_paused(db, job.id):
            raise ServiceError(
                400,
                "unexpectedEntityState",
                f"The job '{job.id}' is {job.status}; only a paused one can be resumed.",
            )
        ledger.record(db, "resume_job", job.id)
    context.wake_queue()
    return Response(200, job_to_json(_require_job(context, request), "resuming", request))


def delete_job(context: Context, request: Request) -> Response:
    """DELETE /fine_tuning/jobs/{id}: the job and its model; refused while either is in use."""
    job = _require_job(context, request)
    if not job.progress.is_final(time.time()):
        raise ServiceError(409, "conflict", f"The job '{job.id}' is {job.status}; cancel it first.")
    remove_expired(context)
    used = context.store.row(
        "SELECT d.name FROM deployments d JOIN models m ON m.name = d.model WHERE m.job = ?", job.id
    )
    if used:
        raise ServiceError(
            409,
            "conflict",
            f"A model of the job '{job.id}' is deployed as '{used['name']}'; delete that first.",
        )
    heads = context.store.rows("SELECT head FROM models WHERE job = ?", job.id)
    with context.store.transaction() as db:
        db.execute("UPDATE jobs SET deleted = 1 WHERE id = ?", (job.id,))
        db.execute("DELETE FROM models WHERE job = ?", (job.id,))
        db.execute("DELETE FROM checkpoints WHERE job = ?", (job.id,))
        ledger.record(db, "delete_job", job.id)
    for row in heads:
        context.blobs.drop(row["head"])
    return Response(204)


def list_events(context: Context, request: Request) -> Response:
    """GET /fine_tuning/jobs/{id}/events, newest first."""
    job = _require_job(context, request)
    rows = context.store.rows("SELECT * FROM events WHERE job = ? ORDER BY n DESC", job.id)
    page, more = take_page(rows, _row_id, request.query, default=20, most=1000)
    return respond_list(request, [event_to_json(row) for row in page], more)


def list_checkpoints(context: Context, request: Request) -> Response:
    """GET /fine_tuning/jobs/{id}/checkpoints, newest first."""
    job = _require_job(context, request)
    rows = context.store.rows("SELECT * FROM checkpoints WHERE job = ? ORDER BY step DESC", job.id)
    page, more = take_page(rows, _row_id, request.query, default=10, most=100)
    return respond_list(request, [_checkpoint_to_json(row) for row in page], more)


def _insert(context: Context, spec: JobSpec) -> Job:
    job_id = f"ftjob-{uuid.uuid4().hex}"
    now = time.time()
    start_at = now + context.behaviour.seconds("queue_seconds")
    with context.store.transaction() as db:
        _check_queue(context, db)
        db.execute(
            "INSERT INTO jobs(id, created_at, start_at, status, spec)"
            " VALUES(?, ?, ?, 'pending', ?)",
            (job_id, now, start_at, json.dumps(spec.to_json())),
        )
        add_event(db, job_id, 0, Event("Job enqueued. Waiting for jobs ahead to complete."))
        ledger.record(db, "create_job", job_id, **{**spec.to_json(), "metadata": None})
    job = find_job(context, job_id)
    assert job  # noqa: S101  it was written above
    return job


def _row_id(row: sqlite3.Row) -> str:
    return str(row["id"])


def _checkpoint_to_json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": row["id"],
        "created_at": int(row["created_at"]),
        "fine_tuned_model_checkpoint": row["model"],
        "step_number": row["step"],
        "fine_tuning_job_id": row["job"],
        "metrics": json.loads(row["metrics"]),
    }


def _require_job(context: Context, request: Request) -> Job:
    job = find_job(context, request.path["job_id"])
    if job is None:
        raise not_found("job", request.path["job_id"])
    return job


def _require_shown_job(context: Context, request: Request) -> Job:
    """As _require_job, but a test may have ordered that jobs seem not to exist (hide_job)."""
    job = _require_job(context, request)
    if context.behaviour.current.hide_job:
        raise not_found("job", job.id)
    return job


def _check_file(context: Context, file_id: str, field: str) -> None:
    file = find_file(context, file_id)
    if file is None:
        raise invalid(f"The file '{file_id}' does not exist.", field)
    if file.purpose != "fine-tune":
        raise invalid(
            f"The file '{file_id}' has the purpose '{file.purpose}', not 'fine-tune'.", field
        )
    if file.status(time.time()) != "processed":
        raise invalid(
            f"The file '{file_id}' must be a finished import before a job may use it.", field
        )


def _check_queue(context: Context, db: sqlite3.Connection) -> None:
    queued = db.execute("SELECT count(*) FROM jobs WHERE status = 'pending'").fetchone()[0]
    if queued >= _MOST_QUEUED:
        status = context.behaviour.current.job_limit_status
        code = "tooManyRequests" if status == 429 else "quotaExceeded"
        raise ServiceError(
            status, code, f"{_MOST_QUEUED} jobs are queued already; wait for one to end."
        )
