"""AWAITING_DEPLOY: find a deployment of this very model, and go on only once it answers.

Why a deployment is refused, or not yet taken, is decided here: `_search` looks by name and by
model, `_judge` refuses one that is listed; probe.py refuses one that answers wrongly. What a
listing says of one: states/remote.py, agent/providers/translate.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from states.errors import NeedsOperator, NotFound, Permanent, Transient
from states.facts import known
from states.model import Project
from states.money.ends import own_end
from states.money.prices import end_of_developer
from states.outcome import Done, Outcome, Wait
from states.patience import continue_trouble, is_believed
from states.ports import Ports
from states.remote import Phase, RemoteDeployment
from states.stages import TTL, Deployed, Trouble
from states.state import Event
from states.steps.listed_deployments import find_named, list_all, look_together
from states.steps.probe import (
    Candidate,
    Probed,
    Verdict,
    describe_absence,
    describe_other_model,
    probe,
)
from states.steps.renewal import deploy_again
from states.text import Text, say

SELDOM = 3600.0  # seconds at most between two questions that are paid for in vain


@dataclass(frozen=True)
class Obstacle:
    """No deployment is worth asking yet. `reason`: None where there is simply none."""

    status: str | None
    reason: Text | None
    is_absent: bool = False


def step(project: Project, ports: Ports) -> Outcome:
    """The first deployment that answers is taken; of the first one it is told why none was."""
    if (again := deploy_again(project, ports)) is not None:
        return again
    told: tuple[Candidate | Obstacle, Probed] | Exception | None = None
    for found in _search(project, ports):
        try:
            probed = _examine(project, ports, found)
        except (Transient, Permanent, NeedsOperator) as fault:
            told = told or fault  # the trouble of one is not that of the next
            continue
        if isinstance(found, Candidate) and probed.verdict is Verdict.TAKEN:
            return _take(found, probed)
        told = told or (found, probed)
    if isinstance(told, Exception):
        raise told
    assert told is not None  # noqa: S101  something is always found, be it an obstacle
    return _wait(project, ports, *told)


def _examine(project: Project, ports: Ports, found: Candidate | Obstacle) -> Probed:
    if isinstance(found, Candidate):
        return probe(project, ports, found)
    return Probed(Verdict.SILENT, found.reason or describe_absence(project), project.facts)


def _take(found: Candidate, probed: Probed) -> Done:
    requested = known(probed.facts.requested)
    is_ours = requested.is_ours and found.name == requested.name
    facts = replace(
        probed.facts,
        requested=replace(requested, status="succeeded", trouble=None),
        deployed=Deployed(
            found.name,
            is_ours=is_ours,
            is_verified=probed.is_verified,
            sku=found.sku or (requested.sku if is_ours else None),
            until=requested.until if is_ours else None,
            ends=found.ends or (requested.ends if is_ours else None),
        ),
    )
    return Done(Event.MODEL_ANSWERED, facts, probed.text)


def _wait(project: Project, ports: Ports, found: Candidate | Obstacle, probed: Probed) -> Wait:
    """Raises what must not last for ever."""
    _end_in_time(project, ports)
    trouble = _watch_trouble(project, ports, found, probed)
    requested = replace(known(project.facts.requested), status=found.status, trouble=trouble)
    assert probed.text is not None  # noqa: S101  only what is taken may have no objection
    delay = poll = ports.preferences.poll_seconds
    if trouble is not None and trouble.kind == "unverified":
        delay = max(delay, min(delay * 2.0 ** min(trouble.looks - 1, 20), SELDOM))
    facts, is_usual = replace(probed.facts, requested=requested), delay <= poll
    return Wait(delay, probed.text, facts, together=is_usual)


def _end_in_time(project: Project, ports: Ports) -> None:
    """Ours has not answered in the time that it was to be there for: nothing is lost with it."""
    end = own_end(project.facts)
    if end is None or end > ports.now or ports.preferences.teardown != TTL:
        return
    raise Permanent(
        say(
            "The deployment {name} has not answered in the time that AGENT_DEPLOYMENT_TTL_HOURS"
            " gave it, and goes. `retry` asks for a new one.",
            name=known(project.facts.requested).name,
        ),
        remote=True,
    )


def _search(project: Project, ports: Ports) -> Iterator[Candidate | Obstacle]:
    """What may be the deployment, the likeliest first; at least one.

    Whoever has found one that answers looks for no other."""
    requested, trained = known(project.facts.requested), known(project.facts.trained)
    name = requested.named or requested.name
    seen = look_together(requested, ports)
    try:
        named = find_named(requested, trained, ports, seen)
        if named is not None and trained.is_named(named.model):
            yield _judge(project, named)
            if requested.is_ours and named.phase is Phase.WORKING:
                return  # ours is on its way
        others = [d for d in list_all(trained, ports, seen) if d.name != name]
    except NotFound:
        # Nothing can be listed here: ask the named deployment directly and believe its answer.
        yield Candidate(name, "unlisted", is_verified=False)
        return
    yield from (_judge(project, other) for other in _rank(project, others))
    if named is None and requested.named:
        # The list may be old, or of another resource. The person says it is there, so ask it.
        yield Candidate(requested.named, "unlisted", is_verified=False, is_absent=not others)
    elif named is not None and not trained.is_named(named.model):
        reason = describe_other_model(project, named.name, named.model)
        yield Obstacle("other_model", reason, is_absent=True)
    else:
        yield Obstacle(None, None, is_absent=True)


def _rank(project: Project, deployments: Sequence[RemoteDeployment]) -> list[RemoteDeployment]:
    """The readiest first."""
    if known(project.facts.requested).is_ours:
        # While ours is not shown, what became of others does not matter to it.
        deployments = [d for d in deployments if d.phase is not Phase.DEAD]
    return sorted(
        deployments, key=lambda d: (d.phase is not Phase.READY, d.phase is Phase.DEAD, d.name)
    )


def _judge(project: Project, deployment: RemoteDeployment) -> Candidate | Obstacle:
    """What a listed deployment of this model means. Raises Permanent where ours has failed."""
    if deployment.phase is Phase.READY:
        sku, ends = deployment.sku, end_of_developer(deployment.sku, deployment.created_at)
        return Candidate(deployment.name, "succeeded", is_verified=True, sku=sku, ends=ends)
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


def _watch_trouble(
    project: Project, ports: Ports, found: Candidate | Obstacle, probed: Probed
) -> Trouble | None:
    """What must not last for ever; None while only somebody else, or time, is waited for."""
    if found.is_absent and known(project.facts.requested).is_ours:
        return _watch_missing(project, ports)
    if not isinstance(found, Candidate):
        return None
    if probed.verdict is Verdict.REFUSED:
        return _continue(project, ports, "unverified", found.name)
    return _watch_silent(project, ports, found.name) if found.is_verified else None


def _watch_missing(project: Project, ports: Ports) -> Trouble:
    """Ours was certainly made: it is gone if it stays away for longer than listings lag."""
    name = known(project.facts.requested).name
    trouble = _continue(project, ports, "missing", name)
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
    trouble = _continue(project, ports, "silent", name)
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


def _continue(project: Project, ports: Ports, kind: str, name: str) -> Trouble:
    before = known(project.facts.requested).trouble
    return continue_trouble(before, kind, name, ports.now, ports.preferences.poll_seconds)
