"""What is asked of the service for one project and generation, and how all of it ends.

create_job, request_deployment and clean_up call this, and engine/decisions.py before a person's
decision begins a new generation.
"""

from __future__ import annotations

from collections.abc import Sequence

from states.facts import known
from states.model import Project
from states.ports import Ports
from states.remote import DeploymentSpec, JobSpec
from states.text import Text, say

LONGEST_NAME = 64  # characters of a deployment's name
SEEDS = 2**31  # the service takes 0 to 2147483647


def job_spec_of(project: Project) -> JobSpec:
    """The training job of this generation. Needs the plan and both files."""
    plan, files = known(project.facts.prepared).plan, known(project.facts.uploaded)
    return JobSpec(
        base_model=plan.base_model,
        training_file=files.training_file,
        validation_file=files.validation_file,
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        learning_rate_multiplier=plan.learning_rate_multiplier,
        # A seed of its own per generation: where the suffix is not shown, it identifies the job.
        seed=(plan.seed + project.generation - 1) % SEEDS,
        training_type=plan.training_type,
    )


def deployment_spec_of(project: Project, chosen_name: str | None) -> DeploymentSpec:
    """The deployment of this generation's model: under the name asked for, chosen, or our own."""
    requested = project.facts.requested
    name = (requested and requested.name) or chosen_name or project.remote_name
    if requested is None and name == _name_taken(project):
        # Both are there at once, until the new one is found to be not worse.
        ending = f"-g{project.generation}"
        name = name[: LONGEST_NAME - len(ending)] + ending
    return DeploymentSpec(name, known(project.facts.trained).model)


def _name_taken(project: Project) -> str | None:
    """The name under which the generation before still answers."""
    parent = project.facts.parent
    return None if parent is None else parent.answers_at


def end_generation(project: Project, ports: Ports) -> DeploymentSpec | None:
    """Cancels the job and deletes our deployment of this generation; nothing of it can begin later.

    Returns the deployment that was deleted.

    The intents in the store know what was begun, not the facts: going back drops facts, and
    another process may be creating something at this moment.
    """
    facts = project.facts
    if facts.trained is None:
        job_id = facts.created.id if facts.created else conclude_job(project, ports)
        if job_id:
            ports.do.cancel_job(job_id)
    deployment = conclude_deployment(project, ports)
    if deployment is not None:
        # It serves a model that is given up, and may be billed by the hour.
        ports.do.delete_deployment(deployment)
    return deployment


def describe_clean_up(project: Project, files: int, deleted: Sequence[DeploymentSpec]) -> Text:
    """What was deleted at the service, and what of a person's stays there."""
    names = [one.name for one in deleted]
    note = say(
        "deleted: {count} file, deployment {name}",
        "deleted: {count} files, deployment {name}",
        count=files,
        name=", ".join(names) or "—",
    )
    deployed, parent = project.facts.deployed, project.facts.parent
    if deployed is not None and not deployed.is_ours:
        note = say(
            "{note}. The deployment {name}, which a person made, stays there and may go on costing:"
            " delete it in the portal when it is no longer needed",
            note=note,
            name=deployed.name,
        )
    if parent is None or parent.answers_at is None or parent.answers_at in names:
        return note
    return say(
        "{note}. The deployment {name} of generation {generation} stays and may go on costing",
        note=note,
        name=parent.answers_at,
        generation=parent.generation,
    )


def conclude_job(project: Project, ports: Ports) -> str | None:
    """The job of this generation; None once there is none and never will be."""
    can_tell = project.facts.prepared and project.facts.uploaded
    return ports.do.conclude_job(job_spec_of(project) if can_tell else None)


def conclude_deployment(project: Project, ports: Ports) -> DeploymentSpec | None:
    """The deployment that this program made for this generation; None once there never will be."""
    facts = project.facts
    # A person may have deployed by hand under the suggested name: a deployment that bears it is
    # ours only where this program deploys.
    is_ours = facts.deployed.is_ours if facts.deployed else ports.preferences.deploy_automatically
    return ports.do.conclude_deployment(
        deployment_spec_of(project, None) if facts.trained and is_ours else None
    )
