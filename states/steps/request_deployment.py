"""TRAINED: ask for a deployment, of a person or, with AGENT_DEPLOY=auto, of the service."""

from __future__ import annotations

from dataclasses import replace

from states.bases.table import find_entry, format_of
from states.model import Project
from states.money.prices import LIFE_OF_A_DEVELOPER, is_developer
from states.money.spending import HOUR
from states.outcome import Done, Outcome
from states.ports import Ports
from states.stages import TTL, Requested
from states.state import Event, State
from states.steps.generation import deployment_spec_of


def step(project: Project, ports: Ports) -> Outcome:
    spec = deployment_spec_of(project, ports.preferences.deployment_name)
    facts = project.facts.back_to(State.TRAINED)
    if not ports.preferences.deploy_automatically:
        return Done(Event.DEPLOYMENT_REQUESTED, replace(facts, requested=Requested(spec.name)))
    prepared = project.facts.prepared
    base = spec.model if prepared is None else prepared.plan.base_model
    entry = find_entry(ports.catalog.service, base)
    ports.do.create_deployment(replace(spec, format=format_of(entry)))
    wanted = ports.preferences
    until = ports.now + wanted.deployment_hours * HOUR if wanted.teardown == TTL else None
    if facts.renewed is not None and facts.renewed.until is not None:
        until = facts.renewed.until
    ends = ports.now + LIFE_OF_A_DEVELOPER * HOUR if is_developer(wanted.deploy_sku) else None
    requested = Requested(
        spec.name, is_ours=True, status="creating", sku=wanted.deploy_sku, until=until, ends=ends
    )
    return Done(Event.DEPLOYMENT_REQUESTED, replace(facts, requested=requested))
