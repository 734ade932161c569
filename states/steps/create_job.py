"""UPLOADED: create the training job, once. This is what is paid for."""

from __future__ import annotations

from dataclasses import replace

from states.model import Project
from states.outcome import Done, Outcome
from states.places import Artifact
from states.ports import Ports
from states.stages import Job
from states.state import Event
from states.steps.budgeting import refuse_over_budget
from states.steps.generation import job_spec_of
from states.steps.mind_deployment import refuse_misfit

MADE_FROM = (Artifact.TRAINING, Artifact.VALIDATION, Artifact.EXAMPLES, Artifact.INTENTS)


def step(project: Project, ports: Ports) -> Outcome:
    job_id = ports.do.create_job(job_spec_of(project), lambda: _look_once_more(project, ports))
    return Done(Event.JOB_CREATED, replace(project.facts, created=Job(job_id)))


def _look_once_more(project: Project, ports: Ports) -> None:
    _refuse_edited_files(project, ports)
    refuse_misfit(project, ports)
    refuse_over_budget(project, ports)


def _refuse_edited_files(project: Project, ports: Ports) -> None:
    """Raises FileEdited: a file edited since it was used means that its owner wants another one."""
    for artifact in MADE_FROM:
        if artifact in project.facts.artifacts:
            ports.artifacts.check(artifact)
