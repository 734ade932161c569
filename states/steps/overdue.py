"""The time of a deployment of ours is up (AGENT_TEARDOWN=ttl), and its project does not go on.

tick.py asks here before it runs the step of a state. What is done, by where the project stands:

- it goes on, DEPLOYED or EVALUATED: nothing. It is in the midst of its evaluation, which ends by
  itself, in ANALYZED or in one of the others: its deployment goes then;
- it goes on, AWAITING_DEPLOY: find_deployment.py, once what is asked for has not answered in time;
- ANALYZED: tear_down.py;
- FAILED, or held in any state: the deployment is deleted, and it stays as it is;
- in any other state: that of the generation before is deleted, and it goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from states.errors import NeedsOperator, Permanent, Transient
from states.facts import Facts
from states.model import Project
from states.money.ends import next_end, own_end, parent_end
from states.outcome import Done
from states.ports import Ports
from states.remote import DeploymentSpec
from states.stages import DELETED, TTL
from states.state import Event, State
from states.steps.generation import conclude_deployment
from states.steps.succession import end_parent
from states.text import Text, say

SOON = 60.0  # seconds after which a deletion that went wrong is tried again
_NEEDED_IN = (State.AWAITING_DEPLOY, State.DEPLOYED, State.EVALUATED)
_ELSEWHERE = (State.ANALYZED, State.CANCELLED)  # they have a step for it


@dataclass(frozen=True)
class Rest:
    """There is nothing to do before `until`, unix seconds; None: ever. `trouble`: what went wrong
    with a deletion."""

    until: float | None
    trouble: Text | None = None


def rest_of(project: Project, ports: Ports) -> Done | Rest | None:
    """What its deployments' time makes of a project; None where its step is to be run."""
    facts, is_over = project.facts, project.state is State.FAILED
    if project.state in _ELSEWHERE or facts.cleans is not None:
        return None
    is_resting = is_over or (project.hold is not None and facts.rests)
    if ports.preferences.teardown != TTL:
        return Rest(None) if is_resting else None
    own, parent = _is_past(own_end(facts), ports), _is_past(parent_end(facts), ports)
    if not is_over and project.hold is None:
        own, parent = False, parent and project.state not in _NEEDED_IN
    if not own and not parent:
        return Rest(next_end(facts)) if is_resting else None
    try:
        return end_deployments(project, ports, own=own, parent=parent)
    except (Transient, Permanent, NeedsOperator) as trouble:
        # It has its own reason to stand still, which must not be lost for this one.
        after = trouble.retry_after if isinstance(trouble, Transient) else None
        rest = Rest(ports.now + (after or SOON), trouble.text)
        return rest if is_resting else None


def _is_past(end: float | None, ports: Ports) -> bool:
    return end is not None and end <= ports.now


def end_deployments(project: Project, ports: Ports, *, own: bool, parent: bool) -> Done:
    """Which of the two is deleted. The model is kept."""
    facts, ended = project.facts, list(_delete(project, ports, own=own, parent=parent))
    if own:
        facts = facts.without_our_deployment()
    if parent:
        facts = _without_parent_s(facts)
    names = ", ".join(one.name for one in ended) or "—"
    return Done(
        Event.CLEANED_UP,
        facts,
        say("its time was up, so deleted: deployment {names}. The model is kept", names=names),
        goes_on=next_end(facts) is not None,
    )


def _delete(project: Project, ports: Ports, *, own: bool, parent: bool) -> Iterator[DeploymentSpec]:
    if own:
        found = conclude_deployment(project, ports)
        if found is not None:
            ports.do.delete_deployment(found)
            yield found
    if parent:
        former = end_parent(project, ports)
        if former is not None:
            yield former


def _without_parent_s(facts: Facts) -> Facts:
    """What it answered still counts: it has not given way."""
    parent = facts.parent
    if parent is None or parent.deployment is None:
        return facts
    gone = replace(parent.deployment, status=DELETED)
    return replace(facts, parent=replace(parent, deployment=gone))
