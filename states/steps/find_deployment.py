"""AWAITING_DEPLOY: find a deployment of this very model, and believe in it only once it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from states import places
from states.errors import DeploymentNotReady, NeedsOperator, NotFound, Permanent
from states.model import Event, Project
from states.outcome import Done, Outcome, Wait
from states.patience import is_believed
from states.ports import Ports
from states.remote import Phase, RemoteDeployment
from states.text import Text, say

PROBE = ({"role": "user", "content": "Hola"},)


@dataclass(frozen=True)
class _Found:
    """What was seen: a name worth asking, whether its model was read from a listing, or why there is none. `gone`: no deployment
    of this model is listed, where they can be."""

    name: str | None
    verified: bool
    status: str | None
    reason: Text | None = None
    gone: bool = False


def step(project: Project, ports: Ports) -> Outcome:
    found = _search(project, ports)
    facts = replace(project.facts, deployment_status=found.status, deployment_trouble=None)
    objection = _probe(project, ports, found) if found.name else found.reason or _nothing(project)
    if objection is not None:
        return Wait(
            ports.preferences.poll_seconds,
            objection,
            replace(facts, deployment_trouble=_trouble(project, ports, found)),
        )
    ours = facts.deployment_is_ours and found.name == facts.deployment_requested
    return Done(
        Event.MODEL_ANSWERED,
        replace(
            facts, deployment=found.name, deployment_status="succeeded", deployment_is_ours=ours
        ),
    )


def _search(project: Project, ports: Ports) -> _Found:
    named = project.facts.deployment_named or project.facts.deployment_requested
    try:
        there = ports.read.deployment(named) if named else None
        if there is not None and there.model == project.facts.model:
            return _judged(project, there)
        found = _any_of(project, ports.read.deployments_of(str(project.facts.model)))
    except NotFound:
        # No way to list deployments here: ask the named one directly and believe what it says it is.
        return _Found(named, verified=False, status="unlisted")
    if found is None and there is not None:
        return _Found(
            None, False, "other_model", _other_model(project, there.name, there.model), gone=True
        )
    if found is None and project.facts.deployment_named:
        # The list may be old, or not of this resource: the person says it is there, so it is asked itself.
        return _Found(named, verified=False, status="unlisted", gone=True)
    return found or _Found(None, False, status=None, gone=True)


def _any_of(project: Project, deployments: Sequence[RemoteDeployment]) -> _Found | None:
    """The readiest of the deployments; None without any. While ours is not shown, what has become of others is no concern of it."""
    if project.facts.deployment_is_ours:
        deployments = [d for d in deployments if d.phase is not Phase.DEAD]
    ranked = sorted(
        deployments, key=lambda d: (d.phase is not Phase.READY, d.phase is Phase.DEAD, d.name)
    )
    return _judged(project, ranked[0]) if ranked else None


def _judged(project: Project, deployment: RemoteDeployment) -> _Found:
    if deployment.phase is Phase.READY:
        return _Found(deployment.name, verified=True, status="succeeded")
    if deployment.phase is Phase.WORKING:
        reason = say(
            "the deployment {name} ({status})", name=deployment.name, status=deployment.status
        )
        return _Found(None, True, "creating", reason)
    if project.facts.deployment_is_ours:
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
    trouble = say(
        "The deployment {name} ended as {status}. Delete it, deploy {model} again, and `retry`.",
        name=deployment.name,
        status=deployment.status,
        model=str(project.facts.model),
    )
    return _Found(None, True, deployment.status, trouble)


def _trouble(project: Project, ports: Ports, found: _Found) -> Mapping[str, Any] | None:
    """What must not last for ever, for the facts; None while only somebody else, or time, is waited for."""
    if found.gone and project.facts.deployment_is_ours:
        return _missing(project, ports)
    return _silent(project, ports, found.name) if found.name and found.verified else None


def _missing(project: Project, ports: Ports) -> Mapping[str, Any]:
    """Ours was certainly made: it is gone if it stays away for longer than listings lag."""
    name = str(project.facts.deployment_requested)
    trouble = _lasting(project, ports, "missing", name)
    earlier_looks = trouble["looks"] - 1
    if (
        not is_believed(earlier_looks)
        or trouble["seconds"] <= ports.preferences.listing_lag_seconds
    ):
        return trouble
    raise Permanent(
        say(
            "The deployment {name} was deleted or replaced before it had answered. `retry` asks for"
            " a new deployment.",
            name=name,
        ),
        remote=True,
    )


def _silent(project: Project, ports: Ports, name: str) -> Mapping[str, Any]:
    """Ready, and yet it does not answer: that may last for minutes, or for ever."""
    trouble = _lasting(project, ports, "silent", name)
    longest = ports.catalog.service["limits"]["deployment_warmup_minutes"]["value"]
    if trouble["seconds"] <= longest * 60:
        return trouble
    if project.facts.deployment_is_ours:
        way = say("Delete it in the portal; as soon as that is noticed, `retry` makes another one.")
    else:
        way = say("Delete it, deploy {model} again, and `retry`.", model=str(project.facts.model))
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


def _lasting(project: Project, ports: Ports, kind: str, name: str) -> Mapping[str, Any]:
    """The same trouble with the same deployment, as often and for as long as it has been seen without a break."""
    before = project.facts.deployment_trouble
    if before is None or (before["kind"], before["name"]) != (kind, name):
        return {"kind": kind, "name": name, "looks": 1, "seconds": 0.0, "at": ports.now}
    # At most what was to be waited for: a clock that was set, or a night in which nobody looked, proves nothing.
    passed = min(max(ports.now - before["at"], 0.0), ports.preferences.poll_seconds)
    return {
        **before,
        "looks": before["looks"] + 1,
        "seconds": before["seconds"] + passed,
        "at": ports.now,
    }


def _probe(project: Project, ports: Ports, found: _Found) -> Text | None:
    """None once the deployment has answered and is what it should be; else what is still in the way."""
    name = str(found.name)
    ports.memory.expect_answer()  # it is paid for, and would be again if its outcome could not be written down
    try:
        reply = ports.read.chat(name, PROBE)
    except (NotFound, DeploymentNotReady):
        if not found.verified and project.facts.deployment_named:
            return say(
                "a deployment of {model}: there is none named {name} here that answers",
                model=str(project.facts.model),
                name=name,
            )
        if not found.verified:
            return _nothing(project)
        return say("the deployment {name} to answer (created, but not yet serving)", name=name)
    if found.verified or reply.served_model == project.facts.model:
        return None
    return _other_model(project, name, reply.served_model or "?")


def _other_model(project: Project, name: str, model: str) -> Text:
    return say(
        "a deployment of {wanted}: {name} serves {model}, another model",
        wanted=str(project.facts.model),
        name=name,
        model=model,
    )


def _nothing(project: Project) -> Text:
    name = str(project.facts.deployment_requested)
    if project.facts.deployment_is_ours:
        return say(
            "the deployment {name}, which the service does not show at the moment", name=name
        )
    return say(
        "a deployment of {model} by you: see {place}, then `advance` (the name {name} is"
        " suggested)",
        model=str(project.facts.model),
        name=name,
        place=places.of_project(project.name, places.DEPLOYMENT_INFO),
    )
