"""UPLOADED: create the training job, once. This is what is paid for."""

from __future__ import annotations

from dataclasses import replace

from states import places
from states.model import Event, Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.steps.generation import spec_of


def step(project: Project, ports: Ports) -> Outcome:
    job_id = ports.do.create_job(spec_of(project), lambda: _refuse_edited_files(project, ports))
    return Done(
        Event.JOB_CREATED, replace(project.facts, job_id=job_id, job_status=None, job_progress=None)
    )


def _refuse_edited_files(project: Project, ports: Ports) -> None:
    """A file edited since it was used means that its owner wants something else trained."""
    for name in (places.TRAINING, places.VALIDATION, places.EXAMPLES):
        place = places.of_project(project.name, name)
        ports.artifacts.load(place, project.facts.artifacts[place])
