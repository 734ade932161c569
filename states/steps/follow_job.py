"""TRAINING: follow the job to its end and keep its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from states.errors import NeedsOperator, NotFound, Permanent
from states.intents import loss_curve as curve
from states.model import Event, Project
from states.outcome import Done, Outcome, Wait
from states.patience import doubt
from states.ports import Ports
from states.remote import JobEvent, Phase, RemoteJob
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    job = _look(project, ports)
    facts = replace(project.facts, job_status=job.status)
    if job.phase is Phase.DEAD:
        raise Permanent(_why(job), remote=True)
    # The model's name may come a moment after the status.
    if job.phase is Phase.READY and job.model:
        record = ports.memory.keep(_record(job, ports, project))
        return Done(
            Event.JOB_SUCCEEDED,
            replace(facts, model=job.model, training_record=record, job_progress=None),
        )
    progress = _progress(_events(job, ports))
    unusual = _unusual(job, project, ports)
    reason = unusual or _usual(job, progress)
    return Wait(
        ports.preferences.poll_seconds,
        reason,
        replace(facts, job_progress=progress),
        unusual=unusual is not None,
    )


def _look(project: Project, ports: Ports) -> RemoteJob:
    try:
        return ports.read.job(str(project.facts.job_id))
    except NotFound as error:
        job = str(project.facts.job_id)
        doubt(
            project,
            say(
                "The service does not find the training job {job} at the moment; it is asked"
                " again.",
                job=job,
            ),
        )
        # Not FAILED: should the job turn up again, a new training would have been paid for nothing.
        raise NeedsOperator(
            say(
                "The service no longer knows the training job {job}: somebody deleted it, or the"
                " endpoint is another one. It goes on by itself if the job is found again. To give"
                " it up: `cancel`, then `retry` (a new training, paid again).",
                job=job,
            ),
            heals=True,
        ) from error


def _why(job: RemoteJob) -> Text:
    if job.cancelled:
        return say(
            "The training job {job} was cancelled at the service. `retry` starts a new one.",
            job=job.id,
        )
    return say(
        "The training job {job} failed: {error}. Mend the cause and `retry` (a failed training is"
        " not billed).",
        job=job.id,
        error=job.error or say("no reason given"),
    )


def _progress(events: Sequence[JobEvent]) -> Mapping[str, Any] | None:
    steps = [event.data for event in events if event.data.get("step") is not None]
    newest = max(steps, key=lambda data: data["step"] or 0, default=None)
    return None if newest is None else {"step": newest["step"], "loss": newest.get("train_loss")}


def _unusual(job: RemoteJob, project: Project, ports: Ports) -> Text | None:
    """What a person should know about a job that takes longer than jobs do. It is waited for all the same."""
    hours = (ports.now - project.since) / 3600
    limits = ports.catalog.service["limits"]
    if hours > limits["job_hours"]["value"]:
        return say(
            "the training job {job}, which has run for {hours} h though the service allows"
            " {longest} h: look at it in the portal",
            job=job.id,
            hours=round(hours),
            longest=limits["job_hours"]["value"],
        )
    if job.queued and hours > limits["queue_hours"]["value"]:
        return say(
            "the training job {job}, which has stood in the queue ({status}) for {hours} h: its"
            " region probably has no capacity left. Do not send it again, the new one would queue"
            " behind it. If it lasts, open a support ticket; other projects may fare better with"
            " AGENT_TRAINING_TYPE=GlobalStandard",
            job=job.id,
            status=job.status,
            hours=round(hours),
        )
    return None


def _usual(job: RemoteJob, progress: Mapping[str, Any] | None) -> Text:
    if progress:
        return say(
            "the training job ({status}, step {step})",
            status=job.status,
            step=int(progress["step"]),
        )
    return say("the training job ({status})", status=job.status)


def _record(job: RemoteJob, ports: Ports, project: Project) -> dict[str, Any]:
    """Everything results/fine_tuning_info.json needs, so that it can be written again without the service."""
    return {
        "job": {
            **asdict(job),
            "phase": job.phase.value,
            "result_files": list(job.result_files),
            "hyperparameters": dict(job.hyperparameters),
        },
        "events": [asdict(event) for event in _oldest_first(_events(job, ports))],
        "loss_curve": _curve(job, ports),
    }


def _events(job: RemoteJob, ports: Ports) -> Sequence[JobEvent]:
    try:
        return ports.read.events(job.id)
    except NotFound:
        return []  # the job itself was there a moment ago; its diary is not worth failing for


def _oldest_first(events: Sequence[JobEvent]) -> list[JobEvent]:
    """The service lists the newest first, and many share a second: turned round, then sorted without disturbing equals."""
    return sorted(reversed(events), key=lambda event: event.at)  # noqa: C414  the order of equals is the point


def _curve(job: RemoteJob, ports: Ports) -> list[dict[str, Any]]:
    if not job.result_files:
        return []
    try:
        return curve.parsed(ports.read.content(job.result_files[0]))
    except NotFound:
        return []  # the training is done and paid; a lost curve is no reason to fail
