"""What a project goes on from, and what two deployments cost. status.py and iterate call this."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from agent.views.times import span
from states.model import Project
from states.stages import DELETED
from states.text import Rounded, Text, say


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
    found = (lineage_of(project), cost, describe_end(project, time.time()))
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
    """When our deployment goes by itself, or that it should have gone; None where it stays."""
    requested, deployed = project.facts.requested, project.facts.deployed
    if requested is None or requested.until is None or not requested.is_ours:
        return None
    if DELETED in (requested.status, deployed and deployed.status):
        return None
    if now < requested.until:
        return say(
            "the deployment {name} is deleted in {time}, if `run` is going then",
            name=requested.name,
            time=span(requested.until - now),
        )
    return say(
        "the time of the deployment {name} was up {time} ago, and it is still there, which may"
        " cost: `run` deletes it once the project is ANALYZED, `teardown {project}` at once (before"
        " that: `cancel {project}`)",
        name=requested.name,
        time=span(now - requested.until),
        project=project.name,
    )


def describe_hosting(service: Mapping[str, Any], count: int) -> Text:
    """What so many deployments cost by the hour, by the catalogue (states/catalog)."""
    usd = service["prices"]["hosting"]["usd_per_hour"] * count
    return say(
        "While {count} deployments are there they may cost about {usd} USD an hour (Azure, but for"
        " the Developer tier).",
        count=count,
        usd=Rounded(usd, 2),
    )
