"""TRAINED: ask for a deployment, of a person or, where that is wanted, of the service."""

from __future__ import annotations

from dataclasses import replace

from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.steps.generation import deployment_of


def step(project: Project, ports: Ports) -> Outcome:
    spec = deployment_of(project, ports.preferences.deployment_name)
    asked = replace(
        project.facts,
        deployment=None,
        deployment_status=None,
        deployment_trouble=None,
        deployment_requested=spec.name,
        deployment_is_ours=False,
    )
    if not ports.preferences.deploy_automatically:
        return Done(Event.DEPLOYMENT_REQUESTED, asked)
    ports.do.create_deployment(spec)
    return Done(
        Event.DEPLOYMENT_REQUESTED,
        replace(asked, deployment_is_ours=True, deployment_status="creating"),
    )
