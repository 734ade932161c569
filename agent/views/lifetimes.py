"""How long what is deployed may go on, since its base model retires. status and run tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from states.bases.lifetime import Lifetime, choose, days_left, describe_deployment_left
from states.bases.table import base_of, find_entry
from states.model import Project
from states.stages import DELETED
from states.text import Text, say


def describe_lifetime(
    project: Project, service: Mapping[str, Any], now: float, *, only_soon: bool = False
) -> Text | None:
    """The days that are left to the deployment, and, where they are few, what to do about it.

    `service`: the catalogue; `now`: unix seconds. None where there is no deployment, or no date."""
    for model, found in _lifetimes_of(project, service):
        told = describe_deployment_left(model, found, now, service["advice"])
        if told is None or (only_soon and not told[1]):
            continue
        if not told[1]:
            return told[0]
        return say(
            "{told}. `models` lists what can be trained; `retrain {project} --model NEW` trains the"
            " same data on another one, and compares it with this one",
            told=told[0],
            project=project.name,
        )
    return None


def lifetime_json(
    project: Project, service: Mapping[str, Any], now: float
) -> dict[str, Any] | None:
    """The same for a program."""
    for model, found in _lifetimes_of(project, service):
        return {
            "base_model": model,
            "lifecycle": found.lifecycle,
            "training_ends": found.training_ends,
            "deployment_ends": found.deployment_ends,
            "deployment_days_left": days_left(found.deployment_ends, now),
            "source": found.source,
            "source_date": found.read,
        }
    return None


def _lifetimes_of(project: Project, service: Mapping[str, Any]) -> Iterator[tuple[str, Lifetime]]:
    """Base model and dates of what is deployed: of this generation, then of the one before."""
    facts = project.facts
    if facts.trained and facts.deployed and facts.deployed.status != DELETED:
        base = facts.prepared.plan.base_model if facts.prepared else base_of(facts.trained.model)
        found = choose(facts.offered, find_entry(service, base))
        if found is not None:
            yield base, found
    if facts.parent is not None and facts.parent.answers_at is not None:
        base = base_of(facts.parent.model)
        found = choose(None, find_entry(service, base))
        if found is not None:
            yield base, found
