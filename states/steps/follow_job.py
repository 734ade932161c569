"""TRAINING: follow the job to its end and keep its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from states.errors import NeedsOperator, NotFound, NotYet, Permanent, Transient
from states.facts import known
from states.model import Project
from states.outcome import Done, GoOn, Outcome, Standing, Wait
from states.patience import doubt, is_believed, is_fresh, since_poll
from states.ports import Ports
from states.remote import Glimpse, JobEvent, Phase, RemoteJob
from states.stages import Progress, Trained
from states.state import Event
from states.steps import job_orders, slow_job
from states.text import Text, say

if TYPE_CHECKING:
    from states.evaluation.loss_curve import LossCurve

T = TypeVar("T")


def step(project: Project, ports: Ports) -> Outcome:
    kept = known(project.facts.created).record
    if kept is not None:
        raise Permanent(_describe_failure(ports.memory.recall(kept)), remote=True)
    created, poll = known(project.facts.created), ports.preferences.poll_seconds
    glimpse = ports.read.job_glimpse(created.id, since_poll(ports.now, poll))
    if glimpse is not None:
        return _wait(glimpse, project, ports)
    job = _look(project, ports)
    if job.phase is Phase.DEAD:
        return _keep_record(job, project, ports)
    # The model's name may come a moment after the status.
    if job.phase is Phase.READY and job.model:
        record, warning = _record(job, project, ports)
        kept = ports.memory.keep(record)
        trained = Trained(job.model, kept, tokens=job.trained_tokens)
        created = replace(
            created, status=job.status, progress=None, trouble=None, order=None, paused_at=None
        )
        facts = replace(project.facts, created=created, trained=trained)
        return Done(Event.JOB_SUCCEEDED, facts, warning)
    return _wait(job, project, ports)


def _wait(job: RemoteJob | Glimpse, project: Project, ports: Ports) -> Outcome:
    created = known(project.facts.created)
    trouble = slow_job.watch(job, project, ports)
    followed = job_orders.follow(job, trouble, project, ports)
    if followed is not None:
        return followed
    has_moved = job.status != created.status
    progress = _read_progress(job.id, ports) if has_moved or not ports.read.follows_many() else None
    progress = progress or created.progress
    rest = job_orders.describe_rest(job, created) if created.paused_at is not None else None
    unusual = slow_job.describe_unusual(job, project, ports)
    if rest is not None and not job_orders.is_asked(created):
        unusual = rest
    created = replace(created, status=job.status, progress=progress, trouble=trouble)
    until, poll = slow_job.usual_until(job, project, ports), ports.preferences.poll_seconds
    is_usual = unusual is None and trouble is None
    return Wait(
        poll,
        unusual or rest or slow_job.describe_usual(job, progress),
        replace(project.facts, created=created),
        unusual=unusual is not None,
        together=True,
        standing=Standing(job.id, job.status, until, poll) if is_usual else None,
    )


def _look(project: Project, ports: Ports) -> RemoteJob:
    job = known(project.facts.created).id
    try:
        return ports.read.job(job)
    except NotFound as error:
        if is_fresh(project, ports.now, slow_job.FRESH):
            raise NotYet(
                say("the training job {job}, which the service does not show yet", job=job),
                ports.preferences.poll_seconds,
            ) from error
        again = say(
            "The service does not find the training job {job} at the moment; it is asked again.",
            job=job,
        )
        doubt(project, again)
        # Not FAILED: if the job turned up again, a new training would be paid for nothing.
        raise NeedsOperator(_describe_absence(project, job), heals=True) from error


def _describe_absence(project: Project, job: str) -> Text:
    if known(project.facts.created).status is None:
        return say(
            "The service has made the training job {job}, and has never shown it. Look for it in"
            " the portal: if it is there, check AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_VERSION; if"
            " not, open a support ticket with its number. It goes on by itself as soon as the job"
            " is found, and nothing is sent again.",
            job=job,
        )
    return say(
        "The service no longer knows the training job {job}: somebody deleted it, or the endpoint"
        " is another one. It goes on by itself if the job is found again. To give it up: `cancel`,"
        " then `retry` (a new training, paid again).",
        job=job,
    )


def _keep_record(job: RemoteJob, project: Project, ports: Ports) -> GoOn:
    """Of a job that failed: its events often tell more than it does itself. Then it gives up."""
    record, _ = _record(job, project, ports)
    created = replace(
        known(project.facts.created), status=job.status, record=ports.memory.keep(record)
    )
    kept = say("the record of the training job {job}", job=job.id)
    return GoOn(kept, replace(project.facts, created=created))


def _describe_failure(record: Mapping[str, Any]) -> Text:
    job = record["job"]
    if job["cancelled"]:
        return say(
            "The training job {job} was cancelled at the service. `retry` starts a new one.",
            job=job["id"],
        )
    return say(
        "The training job {job} failed: {error}. Mend the cause and `retry` (a failed training is"
        " not billed).",
        job=job["id"],
        error=job["error"] or _find_last_error(record) or say("no reason given"),
    )


def _find_last_error(record: Mapping[str, Any]) -> str | None:
    errors = [event["message"] for event in record["events"] if event["level"].lower() == "error"]
    return errors[-1] if errors else None


def _read_progress(job: str, ports: Ports) -> Progress | None:
    """None where the events cannot be read: they only decorate what the job itself says."""
    try:
        return _find_progress(ports.read.newest_events(job))
    except (Transient, Permanent, NeedsOperator):
        return None


def _find_progress(events: Sequence[JobEvent]) -> Progress | None:
    steps = [event.data for event in events if event.data.get("step") is not None]
    newest = max(steps, key=lambda data: data["step"] or 0, default=None)
    if newest is None:
        return None
    return Progress(newest["step"] or 0, newest.get("train_loss"))


def _record(job: RemoteJob, project: Project, ports: Ports) -> tuple[dict[str, Any], Text | None]:
    """What results/fine_tuning_info.json needs, to write it without the service; and a warning.

    The training is over: what only decorates the record is left out if it cannot be
    read, and the warning says so.
    """
    from states.evaluation.loss_curve import LossCurve, parse

    no_events: Sequence[JobEvent] = ()
    events, without_events = read_or_explain(partial(ports.read.events, job.id), no_events, project)
    curve, without_curve = LossCurve(), None
    if job.result_files:
        content, without_curve = read_or_explain(
            partial(ports.read.content, job.result_files[0]), b"", project
        )
        curve = parse(content)
    record = {
        "job": {
            **asdict(job),
            "phase": job.phase.value,
            "result_files": list(job.result_files),
            "hyperparameters": dict(job.hyperparameters),
        },
        "events": [asdict(event) for event in _sort_oldest_first(events)],
        "loss_curve": list(curve.rows),
        "diverged_at": curve.diverged_at,
    }
    return record, _describe_gaps(without_events, without_curve, curve)


def read_or_explain(
    read: Callable[[], T], otherwise: T, project: Project
) -> tuple[T, Text | str | None]:
    """What `read` returns; `otherwise`, and why, once it is refused for good.

    Raises Transient for a fault that may pass, but not more often than a 404 is doubted.
    """
    try:
        return read(), None
    except Transient as fault:
        if not is_believed(project.attempts):
            raise
        return otherwise, fault.text
    except (Permanent, NeedsOperator) as refusal:
        return otherwise, refusal.text


def _describe_gaps(
    without_events: Text | str | None, without_curve: Text | str | None, curve: LossCurve
) -> Text | None:
    """What a person should know of a record that is not complete; None for a complete one."""
    if without_events is not None:
        return say("the events of the job could not be read: {problem}", problem=without_events)
    if without_curve is not None:
        return say("the loss curve could not be read: {problem}", problem=without_curve)
    if curve.unreadable:
        return say(
            "{count} line of the loss curve could not be read",
            "{count} lines of the loss curve could not be read",
            count=curve.unreadable,
        )
    return None


def _sort_oldest_first(events: Sequence[JobEvent]) -> list[JobEvent]:
    """The service lists the newest first, and many events share a second.

    Reversed, then sorted by a stable sort, equal ones stay in the order in which they happened.
    """
    return sorted(reversed(events), key=lambda event: event.at)  # noqa: C414  see above
