"""What is waited for while a training goes on, and what a person should know of one that lingers.

follow_job.py calls this. Nothing here gives a job up: it may be paid for.
"""

from __future__ import annotations

from states.errors import NeedsOperator
from states.facts import known
from states.model import Project
from states.patience import continue_trouble
from states.ports import Ports
from states.remote import Glimpse, Phase, RemoteJob
from states.stages import Progress, Trouble
from states.text import Text, say

# Seconds of patience, all of it with what people have seen to pass within moments.
FRESH = 30 * 60.0  # a job that the service has just made may not be found everywhere yet
PAUSED = 5 * 60.0  # the service itself pauses a Developer training, and resumes it
NAMELESS = 10 * 60.0  # the model's name may come after the status


Followed = RemoteJob | Glimpse


def watch(job: Followed, project: Project, ports: Ports) -> Trouble | None:
    """What is odd about the job, and for how long. NeedsOperator where only a person can help."""
    is_over = isinstance(job, RemoteJob) and job.phase is Phase.READY
    kind = "paused" if job.paused else "nameless" if is_over else None
    if kind is None:
        return None
    before = known(project.facts.created).trouble
    trouble = continue_trouble(before, kind, job.id, ports.now, ports.preferences.poll_seconds)
    if kind == "nameless" and trouble.seconds > NAMELESS:
        raise NeedsOperator(
            say(
                "The training job {job} has succeeded, says the service, and names no model for"
                " {minutes} min. Look for the model in the portal: if the job shows one, the"
                " project goes on by itself as soon as the service names it; if not, open a support"
                " ticket with the number of the job. What was trained is paid for once, and nothing"
                " is sent again.",
                job=job.id,
                minutes=round(NAMELESS / 60),
            ),
            heals=True,
        )
    return trouble


def describe_unusual(job: Followed, project: Project, ports: Ports) -> Text | None:
    """What a person should know about a job that takes longer than usual. It is waited for."""
    if job.paused:
        return None  # job_orders.py tells of that
    hours = (ports.now - _since(project)) / 3600
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


def usual_until(job: Followed, project: Project, ports: Ports) -> float:
    """When the job, if it goes on as it is, begins to linger; unix seconds."""
    limits = ports.catalog.service["limits"]
    names = ("job_hours", "queue_hours") if job.queued else ("job_hours",)
    return _since(project) + 3600.0 * min(float(limits[name]["value"]) for name in names)


def _since(project: Project) -> float:
    """When it began, as if it had never been paused; unix seconds."""
    return project.since + known(project.facts.created).rested


def describe_usual(job: Followed, progress: Progress | None) -> Text:
    if progress:
        return say(
            "the training job ({status}, step {step})", status=job.status, step=int(progress.step)
        )
    return say("the training job ({status})", status=job.status)
