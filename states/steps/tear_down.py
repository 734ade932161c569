"""ANALYZED, where something is left to do: our deployment is deleted, at once or in its time.

The project stays ANALYZED and its model is kept. The wish is written down (Facts.gives_up) before
anything is deleted: by analyze.py with AGENT_TEARDOWN=after_analysis, by a person's `teardown`, or
here once the time has passed that was fixed when the deployment was asked for. A deployment that a
person made is theirs, and is told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from states.errors import NeedsOperator, Permanent
from states.facts import BOTH, OWN, Facts
from states.model import Project
from states.outcome import Done, GoOn, Outcome, Wait
from states.ports import Ports
from states.stages import DELETED, TTL
from states.state import Event
from states.steps.clean_away import clean_away
from states.steps.generation import conclude_deployment
from states.steps.succession import end_parent
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    facts = project.facts
    if facts.gives_up is not None:
        return _delete(project, ports)
    if facts.cleans is not None:
        return clean_away(project, ports)
    ends = find_end(facts)
    if ends is None or ports.preferences.teardown != TTL:
        requested = facts.requested and replace(facts.requested, until=None)
        return Done(Event.RELEASED, replace(facts, requested=requested), _describe_staying(facts))
    left = ends - ports.now
    if left > 0:
        at = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return Wait(left, say("the end of the deployment, at {time}", time=at))
    return GoOn(_describe_work(), replace(facts, gives_up=OWN))


def find_end(facts: Facts) -> float | None:
    """Unix seconds, when our deployment is to be deleted; None where that is left to a person."""
    requested, deployed = facts.requested, facts.deployed
    if requested is None or requested.until is None:
        return None
    is_there = deployed is not None and deployed.is_ours and deployed.status != DELETED
    return requested.until if is_there else None


def _delete(project: Project, ports: Ports) -> Done:
    """What the service refuses is no failure of a project that has its results."""
    try:
        own = conclude_deployment(project, ports)
        if own is not None:
            ports.do.delete_deployment(own)
        former = end_parent(project, ports) if project.facts.gives_up == BOTH else None
    except Permanent as refusal:
        raise NeedsOperator(refusal.text, heals=True) from refusal
    facts = project.facts.without_our_deployment()
    if former is not None:
        facts = facts.after_parent()
    names = [one.name for one in (own, former) if one is not None]
    return Done(Event.CLEANED_UP, facts, _describe_deleted(project, names))


def _describe_work() -> Text:
    return say("the deployment to be deleted")


def _describe_deleted(project: Project, names: list[str]) -> Text:
    told = say(
        "deleted: deployment {names}. The model is kept: `evaluate {project} --deploy` has it"
        " deployed again",
        names=", ".join(names) or "—",
        project=project.name,
    )
    deployed = project.facts.deployed
    if deployed is None or deployed.is_ours:
        return told
    return say(
        "{note}. The deployment {name}, which a person made, stays there and may go on costing:"
        " delete it in the portal when it is no longer needed",
        note=told,
        name=deployed.name,
    )


def _describe_staying(facts: Facts) -> Text | None:
    if find_end(facts) is None:
        return None
    return say("AGENT_TEARDOWN is not ttl any more: the deployment stays until `teardown`")
