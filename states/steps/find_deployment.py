"""AWAITING_DEPLOY: find a deployment of this very model, and go on only once it answers.

Why a deployment is refused, or not yet taken, is decided here: `_search` looks by name and by
model, `_choose` ranks those of the model, `_judge` refuses one that is listed, `_probe` one that
answers wrongly. What a listing says of one: states/remote.py, agent/providers/translate.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from states.errors import DeploymentNotReady, NeedsOperator, NotFound, Permanent
from states.facts import Deployed, Requested, Trouble, known
from states.model import Project
from states.outcome import Done, Outcome, Wait
from states.patience import is_believed
from states.places import Result, place_of
from states.ports import Ports
from states.remote import Phase, RemoteDeployment
from states.state import Event
from states.text import Text, say

PROBE = ({"role": "user", "content": "Hola"},)


@dataclass(frozen=True)
class Candidate:
    """A deployment worth asking. `is_verified`: a listing says which model it serves.

    `is_absent`: deployments can be listed here, and none of this model is.
    """

    name: str
    status: str
    is_verified: bool
    is_absent: bool = False


@dataclass(frozen=True)
class Obstacle:
    """No deployment is worth asking yet. `reason`: None where there is simply none."""

    status: str | None
    reason: Text | None
    is_absent: bool = False


def step(project: Project, ports: Ports) -> Outcome:
    requested = known(project.facts.requested)
    found = _search(project, ports)
    if isinstance(found, Candidate):
        objection = _probe(project, ports, found)
    else:
        objection = found.reason or _describe_absence(project)
    if objection is not None:
        trouble = _watch_trouble(project, ports, found)
        requested = replace(requested, status=found.status, trouble=trouble)
        facts = replace(project.facts, requested=requested)
        return Wait(ports.preferences.poll_seconds, objection, facts)
    assert isinstance(found, Candidate)  # noqa: S101  only a candidate has no objection
    is_ours = requested.is_ours and found.name == requested.name
    facts = replace(
        project.facts,
        requested=replace(requested, status="succeeded", trouble=None),
        deployed=Deployed(found.name, is_ours),
    )
    return Done(Event.MODEL_ANSWERED, facts)


def _search(project: Project, ports: Ports) -> Candidate | Obstacle:
    requested, model = known(project.facts.requested), known(project.facts.trained).model
    name = requested.named or requested.name
    try:
        named = ports.read.deployment(name)
        if named is not None and named.model == model:
            return _judge(project, named)
        found = _choose(project, ports.read.deployments_of(model))
    except NotFound:
        # Nothing can be listed here: ask the named deployment directly and believe its answer.
        return Candidate(name, "unlisted", is_verified=False)
    if found is not None:
        return found
    if named is not None:
        reason = _describe_other_model(project, named.name, named.model)
        return Obstacle("other_model", reason, is_absent=True)
    if requested.named:
        # The list may be old, or of another resource. The person says it is there, so ask it.
        return Candidate(requested.named, "unlisted", is_verified=False, is_absent=True)
    return Obstacle(None, None, is_absent=True)


def _choose(
    project: Project, deployments: Sequence[RemoteDeployment]
) -> Candidate | Obstacle | None:
    """The readiest of the deployments; None without any."""
    if known(project.facts.requested).is_ours:
        # While ours is not shown, what became of others does not matter to it.
        deployments = [d for d in deployments if d.phase is not Phase.DEAD]
    ranked = sorted(
        deployments, key=lambda d: (d.phase is not Phase.READY, d.phase is Phase.DEAD, d.name)
    )
    return _judge(project, ranked[0]) if ranked else None


def _judge(project: Project, deployment: RemoteDeployment) -> Candidate | Obstacle:
    """What a listed deployment of this model means. Raises Permanent where ours has failed."""
    if deployment.phase is Phase.READY:
        return Candidate(deployment.name, "succeeded", is_verified=True)
    if deployment.phase is Phase.WORKING:
        reason = say(
            "the deployment {name} ({status})", name=deployment.name, status=deployment.status
        )
        return Obstacle("creating", reason)
    if known(project.facts.requested).is_ours:
        raise Permanent(
            say(
                "The deployment {name} ended as {status}: perhaps the region has no capacity, or no"
                " longer deploys this base model. `retry` deletes it and makes another one, as"
                " AGENT_DEPLOY_SKU and AGENT_DEPLOY_CAPACITY then say.",
                name=deployment.name,
                status=deployment.status,
            ),
            remote=True,
        )
    reason = say(
        "The deployment {name} ended as {status}. Delete it, deploy {model} again, and `retry`.",
        name=deployment.name,
        status=deployment.status,
        model=known(project.facts.trained).model,
    )
    return Obstacle(deployment.status, reason)


def _watch_trouble(project: Project, ports: Ports, found: Candidate | Obstacle) -> Trouble | None:
    """What must not last for ever; None while only somebody else, or time, is waited for."""
    if found.is_absent and known(project.facts.requested).is_ours:
        return _watch_missing(project, ports)
    if isinstance(found, Candidate) and found.is_verified:
        return _watch_silent(project, ports, found.name)
    return None


def _watch_missing(project: Project, ports: Ports) -> Trouble:
    """Ours was certainly made: it is gone if it stays away for longer than listings lag."""
    name = known(project.facts.requested).name
    trouble = _continue_trouble(project, ports, "missing", name)
    is_recent = trouble.seconds <= ports.preferences.listing_lag_seconds
    if is_recent or not is_believed(earlier_answers=trouble.looks - 1):
        return trouble
    raise Permanent(
        say(
            "The deployment {name} was deleted or replaced before it had answered. `retry` asks for"
            " a new deployment.",
            name=name,
        ),
        remote=True,
    )


def _watch_silent(project: Project, ports: Ports, name: str) -> Trouble:
    """Ready, and yet it does not answer: that may last for minutes, or for ever."""
    trouble = _continue_trouble(project, ports, "silent", name)
    longest = ports.catalog.service["limits"]["deployment_warmup_minutes"]["value"]
    if trouble.seconds <= longest * 60:
        return trouble
    if known(project.facts.requested).is_ours:
        way = say("Delete it in the portal; as soon as that is noticed, `retry` makes another one.")
    else:
        model = known(project.facts.trained).model
        way = say("Delete it, deploy {model} again, and `retry`.", model=model)
    raise NeedsOperator(
        say(
            "The deployment {name} is ready, says the service, and has not answered for {minutes}"
            " min; unless it is of the Developer tier it is billed by the hour all the same. {way}"
            " Should it answer after all, the project goes on by itself.",
            name=name,
            minutes=longest,
            way=way,
        ),
        heals=True,
    )


def _continue_trouble(project: Project, ports: Ports, kind: str, name: str) -> Trouble:
    """The trouble with one more look, as long as it is the same with the same deployment."""
    before = known(project.facts.requested).trouble
    if before is None or (before.kind, before.name) != (kind, name):
        return Trouble(kind, name, looks=1, seconds=0.0, at=ports.now)
    # At most one poll: a clock that was set, or a night in which nobody looked, proves nothing.
    passed = min(max(ports.now - before.at, 0.0), ports.preferences.poll_seconds)
    return replace(before, looks=before.looks + 1, seconds=before.seconds + passed, at=ports.now)


def _probe(project: Project, ports: Ports, candidate: Candidate) -> Text | None:
    """Asks the deployment. None once it answers and is what it should be; else the objection."""
    model = known(project.facts.trained).model
    # The answer is paid for, and would be again if its outcome could not be written down.
    ports.memory.expect_answer()
    try:
        reply = ports.read.chat(candidate.name, PROBE)
    except (NotFound, DeploymentNotReady):
        return _describe_silence(project, candidate)
    if candidate.is_verified or reply.served_model == model:
        return None
    return _describe_other_model(project, candidate.name, reply.served_model or "?")


def _describe_silence(project: Project, candidate: Candidate) -> Text:
    if candidate.is_verified:
        return say(
            "the deployment {name} to answer (created, but not yet serving)", name=candidate.name
        )
    if known(project.facts.requested).named:
        return say(
            "a deployment of {model}: there is none named {name} here that answers",
            model=known(project.facts.trained).model,
            name=candidate.name,
        )
    return _describe_absence(project)


def _describe_other_model(project: Project, name: str, model: str) -> Text:
    return say(
        "a deployment of {wanted}: {name} serves {model}, another model",
        wanted=known(project.facts.trained).model,
        name=name,
        model=model,
    )


def _describe_absence(project: Project) -> Text:
    requested: Requested = known(project.facts.requested)
    if requested.is_ours:
        return say(
            "the deployment {name}, which the service does not show at the moment",
            name=requested.name,
        )
    return say(
        "a deployment of {model} by you: see {place}, then `advance` (the name {name} is"
        " suggested)",
        model=known(project.facts.trained).model,
        name=requested.name,
        place=place_of(Result.DEPLOYMENT_INFO, project.name),
    )
