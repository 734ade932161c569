"""ANALYZED, where something is left to do: our deployment is deleted, at once or in its time.

The project stays ANALYZED and its model is kept. The wish is written down (Facts.gives_up) before
anything is deleted: by analyze.py with AGENT_TEARDOWN=after_analysis, by a person's `teardown`, or
here once the time has passed that was fixed when the deployment was asked for. A deployment that a
person made is theirs, and is told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from states.errors import NeedsOperator, Permanent
from states.facts import BOTH, OWN, Facts
from states.model import Project
from states.money.ends import next_end, own_end, parent_end
from states.outcome import Done, GoOn, Outcome, Wait
from states.ports import Ports
from states.stages import TTL
from states.state import Event
from states.steps.clean_away import clean_away
from states.steps.generation import conclude_deployment
from states.steps.overdue import end_deployments
from states.steps.renewal import may_be_renewed, renew
from states.steps.succession import end_parent
from states.text import Text, say

LOOK_AGAIN = 600.0  # seconds, at a Developer deployment that is there though its time is over


def step(project: Project, ports: Ports) -> Outcome:
    facts = project.facts
    if facts.gives_up is not None:
        return _refused_is_held(lambda: _delete(project, ports))
    if facts.cleans is not None:
        return clean_away(project, ports)
    deployed = facts.deployed if may_be_renewed(facts, ports) else None
    renewed_at = None if deployed is None else deployed.ends
    if renewed_at is not None and renewed_at <= ports.now:
        return renew(project, ports) or Wait(LOOK_AGAIN, _describe_end_of_developer())
    own, parent = own_end(facts), parent_end(facts)
    ends = next_end(facts) if ports.preferences.teardown == TTL else None
    if ends is None and renewed_at is None:
        return Done(Event.RELEASED, _without_ends(facts), _describe_staying(facts))
    if renewed_at is not None and (ends is None or renewed_at < ends):
        return Wait(renewed_at - ports.now, _describe_end_of_developer())
    assert ends is not None  # noqa: S101  one of the two is
    left = ends - ports.now
    if left > 0:
        at = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return Wait(left, say("the end of the deployment, at {time}", time=at))
    is_parent_s = parent is not None and parent <= ports.now
    if own is not None and own <= ports.now:
        return GoOn(_describe_work(), replace(facts, gives_up=BOTH if is_parent_s else OWN))
    return _refused_is_held(lambda: end_deployments(project, ports, own=False, parent=True))


def _without_ends(facts: Facts) -> Facts:
    requested = facts.requested and replace(facts.requested, until=None)
    deployed = facts.deployed and replace(facts.deployed, until=None)
    parent = facts.parent
    if parent is not None and parent.deployment is not None:
        parent = replace(parent, deployment=replace(parent.deployment, until=None))
    return replace(facts, requested=requested, deployed=deployed, parent=parent)


def _refused_is_held(act: Callable[[], Done]) -> Done:
    """What the service refuses is no failure of a project that has its results."""
    try:
        return act()
    except Permanent as refusal:
        raise NeedsOperator(refusal.text, heals=True) from refusal


def _delete(project: Project, ports: Ports) -> Done:
    own = conclude_deployment(project, ports)
    if own is not None:
        ports.do.delete_deployment(own)
    former = end_parent(project, ports) if project.facts.gives_up == BOTH else None
    facts = project.facts.without_our_deployment()
    if former is not None:
        facts = facts.after_parent()
    names = [one.name for one in (own, former) if one is not None]
    told = _describe_deleted(project, names)
    return Done(Event.CLEANED_UP, facts, told, goes_on=next_end(facts) is not None)


def _describe_end_of_developer() -> Text:
    return say("the Developer deployment to end by itself, to be made anew")


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
    if next_end(facts) is None:
        return None
    return say("AGENT_TEARDOWN is not ttl any more: the deployment stays until `teardown`")
