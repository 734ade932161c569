"""CANCELLED: nothing of ours goes on at the service: the job is cancelled and the deployment we made is deleted."""

from __future__ import annotations

from dataclasses import replace

from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.steps.generation import end_generation


def step(project: Project, ports: Ports) -> Outcome:
    facts = project.facts
    end_generation(project, ports)
    if facts.delete_files:
        for file_id in ports.do.conclude_uploads():
            ports.do.delete_file(file_id)
    over = replace(facts, deployment=None, deployment_status=None, deployment_is_ours=False)
    return Done(
        Event.CLEANED_UP,
        over if facts.model or not facts.job_id else replace(over, job_status="cancelled"),
    )
