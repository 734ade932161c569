"""TRAINING, while somebody has a say in it: the job is paused, and goes on again.

follow_job.py calls `follow` at each look. Whoever paused or resumed the job, be it a person here,
somebody in the portal or the service itself, is told of. What the service refuses stops nothing:
the training goes on as it was.
"""

from __future__ import annotations

from dataclasses import replace

from states.errors import AfinadorError, NeedsOperator, NotYet, Permanent, TooSoon, Transient
from states.facts import known
from states.model import Project
from states.outcome import Done, GoOn, Outcome, Wait
from states.patience import is_believed
from states.ports import Ports
from states.stages import PAUSE, RESUME, Job, Order, Trouble
from states.state import Event
from states.steps.slow_job import PAUSED, Followed
from states.text import Text, and_then, say


def follow(
    job: Followed, trouble: Trouble | None, project: Project, ports: Ports
) -> Outcome | None:
    """None where nothing is ordered, and nothing has changed."""
    order = known(project.facts.created).order
    if order is not None and not order.is_done:
        return _carry_out(job, order, project, ports)
    return _notice(job, trouble, project, ports)


def is_asked(created: Job) -> bool:
    """A person here has had it paused."""
    return created.order is not None and created.order.wants == PAUSE and created.order.is_done


def _carry_out(job: Followed, order: Order, project: Project, ports: Ports) -> Outcome:
    created = known(project.facts.created)
    if order.wants == RESUME and job.pausing:
        poll = ports.preferences.poll_seconds
        return Wait(poll, say("the training job {job} to be paused, to resume it then", job=job.id))
    if order.wants == RESUME and not job.paused:
        told = say("the training job {job} goes on already ({status})", **_name(job))
        return _go_on(job, created, told, project, ports)
    done = replace(created, status=job.status, order=replace(order, is_done=True))
    try:
        ports.do.order_job(job.id, order)
    except NotYet:
        raise
    except Transient as fault:
        # A pause that comes too soon (the job is pending) is refused: a person stands there, and
        # nothing is lost. A job that rests is to go on, so that is asked for again.
        if isinstance(fault, TooSoon) and order.wants == PAUSE:
            return _refuse(job, order, fault, project)
        if not is_believed(project.attempts):
            raise
        # It may have been heard all the same.
        return _drop(project, done, _describe_refusal(job, order, fault.text))
    except (Permanent, NeedsOperator) as refusal:
        return _refuse(job, order, refusal, project)
    return GoOn(_describe_work(job, order), replace(project.facts, created=done))


def _describe_work(job: Followed, order: Order) -> Text:
    if order.wants == PAUSE:
        return say("the training job {job} to be paused", job=job.id)
    return say("the training job {job} to go on", job=job.id)


def _notice(job: Followed, trouble: Trouble | None, project: Project, ports: Ports) -> Done | None:
    """That the job rests, or goes on again; what nobody here has asked for, once it lasts."""
    created = known(project.facts.created)
    if not job.paused:
        return _notice_going_on(job, created, project, ports)
    if created.paused_at is not None:
        return None
    lasts = trouble is not None and trouble.seconds > PAUSED
    if not is_asked(created) and not lasts:
        return None
    after = replace(created, status=job.status, paused_at=ports.now, trouble=trouble)
    note = describe_rest(job, created)
    return Done(Event.JOB_PAUSED, replace(project.facts, created=after), note)


def _notice_going_on(job: Followed, created: Job, project: Project, ports: Ports) -> Done | None:
    if created.paused_at is None or job.pausing:
        return None
    note = (
        say("the training job {job} goes on ({status})", **_name(job))
        if created.order is not None and created.order.wants == RESUME
        else say("the training job {job} goes on ({status}): it was not resumed here", **_name(job))
    )
    return _go_on(job, created, note, project, ports)


def _go_on(job: Followed, created: Job, note: Text, project: Project, ports: Ports) -> Done:
    """Whatever was ordered is done; what it has rested is no running time."""
    rested = created.rested
    if created.paused_at is not None:
        rested += max(ports.now - created.paused_at, 0.0)
    after = replace(
        created, status=job.status, order=None, paused_at=None, rested=rested, trouble=None
    )
    return Done(Event.JOB_RESUMED, replace(project.facts, created=after), note)


def describe_rest(job: Followed, created: Job) -> Text:
    """Of a job that is paused: who may resume it, and what that time costs."""
    if is_asked(created):
        return say(
            "the training job {job}, which is paused as you asked: `resume` lets it go on. What it"
            " has trained is charged, the time of the pause is not",
            job=job.id,
        )
    return say(
        "the training job {job}, which is paused, and not by this program: `resume` lets it go on,"
        " and so does the portal (a Developer training is paused, and resumed, by the service). Do"
        " not send it again",
        job=job.id,
    )


def _refuse(job: Followed, order: Order, refusal: AfinadorError, project: Project) -> Done:
    refused = replace(known(project.facts.created), status=job.status, order=None)
    return _drop(project, refused, _describe_refusal(job, order, refusal.text))


def _drop(project: Project, created: Job, note: Text) -> Done:
    return Done(Event.RELEASED, replace(project.facts, created=created), note)


def _describe_refusal(job: Followed, order: Order, told: Text) -> Text:
    """In the service's own words where it has any: its advice is not for a project that goes on."""
    problem = told.values.get("detail", told)
    if order.wants == PAUSE:
        refused = say(
            "the training job {job} ({status}) is not paused, and goes on as it was: {problem}",
            problem=problem,
            **_name(job),
        )
        return and_then(refused, say("A job can be paused once it runs and has done a step."))
    return say(
        "the training job {job} ({status}) is not resumed, and stays as it was: {problem}",
        problem=problem,
        **_name(job),
    )


def _name(job: Followed) -> dict[str, str]:
    return {"job": job.id, "status": job.status}
