"""What a project goes on from, and what two deployments cost. status.py and iterate call this."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from agent.views.times import span
from states.model import Project
from states.money.ends import next_end, own_end
from states.money.prices import LIFE_OF_A_DEVELOPER
from states.stages import DELETED
from states.state import State
from states.text import Text, dollars, say


def lineage_of(project: Project) -> Text | None:
    """Generation 2, from generation 1; None for one that goes on from nothing."""
    parent = project.facts.parent
    if parent is None:
        return None
    return say(
        "generation {generation}, from generation {parent}",
        generation=project.generation,
        parent=parent.generation,
    )


def describe_checkpoint(project: Project) -> Text | None:
    """None where its model is that of the last step."""
    trained = project.facts.trained
    if trained is None or trained.checkpoint is None:
        return None
    return say(
        "the checkpoint of step {step} is its model, in place of the final one",
        step=trained.checkpoint.step,
    )


def deployments_of(project: Project) -> list[str]:
    """The names of those that are there, of the present generation and of the one before."""
    facts = project.facts
    found = facts.deployed or facts.requested
    names = [] if found is None or found.status in (None, DELETED) else [found.name]
    if facts.parent is not None and facts.parent.answers_at is not None:
        names.append(facts.parent.answers_at)
    return list(dict.fromkeys(names))


def describe_generations(project: Project, service: Mapping[str, Any] | None) -> list[Text]:
    """What is worth telling of its lineage, and of the deployments that are there."""
    cost = None if service is None else describe_two(project, service)
    now = time.time()
    ends = (describe_end(project, now), describe_developer(project, now))
    found = (lineage_of(project), describe_checkpoint(project), cost, *ends)
    return [told for told in found if told is not None]


def describe_two(project: Project, service: Mapping[str, Any]) -> Text | None:
    """That two deployments are there at once, and what that costs; None where there are not."""
    names = deployments_of(project)
    if len(names) < 2:
        return None
    return say(
        "two deployments, {names}: {cost}",
        names=", ".join(names),
        cost=describe_hosting(service, len(names)),
    )


def describe_end(project: Project, now: float) -> Text | None:
    """When a deployment of ours goes by itself, or that it should have; None where it stays."""
    facts, end = project.facts, next_end(project.facts)
    if end is None:
        return None
    requested, parent = facts.requested, facts.parent
    name = requested.name if requested is not None and end == own_end(facts) else ""
    name = name or (parent and parent.answers_at) or "—"
    if now < end:
        return say(
            "the deployment {name} is deleted in {time}, if `run` is going then",
            name=name,
            time=span(end - now),
        )
    told = say(
        "the time of the deployment {name} was up {time} ago, and it is still there and may cost",
        name=name,
        time=span(now - end),
    )
    if project.state is State.ANALYZED:
        way = say("`run` deletes it, `teardown {project}` at once", project=project.name)
    elif project.state.has_reached(State.AWAITING_DEPLOY) and project.hold is None:
        way = say(
            "`run` deletes it as soon as the evaluation is over, or goes no further; `cancel"
            " {project}` at once",
            project=project.name,
        )
    else:
        way = say("`run` deletes it, `cancel {project}` at once", project=project.name)
    return say("{told}: {way}", told=told, way=way)


def describe_developer(project: Project, now: float) -> Text | None:
    """That it ends by itself, or has; None where nothing of the Developer tier is deployed."""
    deployed = project.facts.deployed
    if deployed is None or deployed.ends is None or deployed.status == DELETED:
        return None
    if now < deployed.ends:
        return say(
            "the Developer deployment {name} ends by itself in {time}",
            name=deployed.name,
            time=span(deployed.ends - now),
        )
    return say(
        "the Developer deployment {name} has ended by itself, {time} ago: such ones are there for"
        " {hours} hours",
        name=deployed.name,
        time=span(now - deployed.ends),
        hours=LIFE_OF_A_DEVELOPER,
    )


def describe_hosting(service: Mapping[str, Any], count: int) -> Text:
    """What so many deployments cost by the hour, by the catalogue (states/catalog)."""
    usd = service["prices"]["hosting"]["usd_per_hour"] * count
    return say(
        "While {count} deployments are there they may cost about {usd} USD an hour (Azure, but for"
        " the Developer tier).",
        count=count,
        usd=dollars(usd),
    )
