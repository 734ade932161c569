"""TRAINING: follow the job to its end and keep its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from states.errors import NeedsOperator, NotFound, Permanent
from states.facts import Progress, Trained, known
from states.intents import loss_curve
from states.model import Project
from states.outcome import Done, Outcome, Wait
from states.patience import doubt
from states.ports import Ports
from states.remote import JobEvent, Phase, RemoteJob
from states.state import Event
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    job = _look(project, ports)
    created = replace(known(project.facts.created), status=job.status)
    if job.phase is Phase.DEAD:
        raise Permanent(_describe_failure(job), remote=True)
    # The model's name may come a moment after the status.
    if job.phase is Phase.READY and job.model:
        trained = Trained(job.model, ports.memory.keep(_record(job, ports)))
        created = replace(created, progress=None)
        return Done(Event.JOB_SUCCEEDED, replace(project.facts, created=created, trained=trained))
    progress = _find_progress(_read_events(job, ports))
    unusual = _describe_unusual(job, project, ports)
    return Wait(
        ports.preferences.poll_seconds,
        unusual or _describe_usual(job, progress),
        replace(project.facts, created=replace(created, progress=progress)),
        unusual=unusual is not None,
    )


def _look(project: Project, ports: Ports) -> RemoteJob:
    job = known(project.facts.created).id
    try:
        return ports.read.job(job)
    except NotFound as error:
        again = say(
            "The service does not find the training job {job} at the moment; it is asked again.",
            job=job,
        )
        doubt(project, again)
        # Not FAILED: if the job turned up again, a new training would be paid for nothing.
        raise NeedsOperator(
            say(
                "The service no longer knows the training job {job}: somebody deleted it, or the"
                " endpoint is another one. It goes on by itself if the job is found again. To give"
                " it up: `cancel`, then `retry` (a new training, paid again).",
                job=job,
            ),
            heals=True,
        ) from error


def _describe_failure(job: RemoteJob) -> Text:
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


def _find_progress(events: Sequence[JobEvent]) -> Progress | None:
    steps = [event.data for event in events if event.data.get("step") is not None]
    newest = max(steps, key=lambda data: data["step"] or 0, default=None)
    if newest is None:
        return None
    return Progress(newest["step"] or 0, newest.get("train_loss"))


def _describe_unusual(job: RemoteJob, project: Project, ports: Ports) -> Text | None:
    """What a person should know about a job that takes longer than usual. It is waited for."""
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


def _describe_usual(job: RemoteJob, progress: Progress | None) -> Text:
    if progress:
        return say(
            "the training job ({status}, step {step})", status=job.status, step=int(progress.step)
        )
    return say("the training job ({status})", status=job.status)


def _record(job: RemoteJob, ports: Ports) -> dict[str, Any]:
    """Everything that results/fine_tuning_info.json needs, to write it without the service."""
    return {
        "job": {
            **asdict(job),
            "phase": job.phase.value,
            "result_files": list(job.result_files),
            "hyperparameters": dict(job.hyperparameters),
        },
        "events": [asdict(event) for event in _sort_oldest_first(_read_events(job, ports))],
        "loss_curve": _read_curve(job, ports),
    }


def _read_events(job: RemoteJob, ports: Ports) -> Sequence[JobEvent]:
    try:
        return ports.read.events(job.id)
    except NotFound:
        return []  # the job itself was there a moment ago; its events are not worth failing for


def _sort_oldest_first(events: Sequence[JobEvent]) -> list[JobEvent]:
    """The service lists the newest first, and many events share a second.

    Reversed, then sorted by a stable sort, equal ones stay in the order in which they happened.
    """
    return sorted(reversed(events), key=lambda event: event.at)  # noqa: C414  see above


def _read_curve(job: RemoteJob, ports: Ports) -> list[dict[str, Any]]:
    if not job.result_files:
        return []
    try:
        return loss_curve.parse(ports.read.content(job.result_files[0]))
    except NotFound:
        return []  # the training is done and paid; a lost curve is no reason to fail
