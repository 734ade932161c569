"""What is asked of the service for one project and generation, and how all of it comes to an end."""

from __future__ import annotations

from states.model import Project
from states.ports import Ports
from states.remote import DeploymentSpec, JobSpec

SEEDS = 2**31  # the service takes 0 to 2147483647


def spec_of(project: Project) -> JobSpec:
    """The training job of this generation. Needs the plan and both files."""
    plan = project.facts.agreed_plan()
    return JobSpec(
        base_model=plan.base_model,
        training_file=str(project.facts.training_file),
        validation_file=str(project.facts.validation_file),
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        learning_rate_multiplier=plan.learning_rate_multiplier,
        seed=(plan.seed + project.generation - 1)
        % SEEDS,  # another per generation, so that the job can be told by it
        training_type=plan.training_type,
    )


def deployment_of(project: Project, chosen_name: str | None) -> DeploymentSpec:
    """The deployment of this generation's model, under the name chosen in the settings or else one of our own."""
    return DeploymentSpec(
        project.facts.deployment_requested or chosen_name or project.remote_name,
        str(project.facts.model),
    )


def end_generation(project: Project, ports: Ports) -> None:
    """Nothing of this generation goes on at the service (job, deployment made by us), and nothing of it can begin any more.

    What was begun is known to the effects, not to the facts: going back forgets facts, and another process may have been creating
    something in this very moment."""
    facts = project.facts
    if facts.model is None:
        job_id = facts.job_id or conclude_job(project, ports)
        if job_id:
            ports.do.cancel_job(job_id)
    deployment = conclude_deployment(project, ports)
    if deployment is not None:
        ports.do.delete_deployment(
            deployment
        )  # it serves a model that is given up, and may be billed by the hour


def conclude_job(project: Project, ports: Ports) -> str | None:
    """The job of this generation; None once there certainly is none, and never will be."""
    facts = project.facts
    can_tell = facts.plan is not None and facts.training_file and facts.validation_file
    return ports.do.conclude_job(spec_of(project) if can_tell else None)


def conclude_deployment(project: Project, ports: Ports) -> DeploymentSpec | None:
    """The deployment this program made for this generation; None once there certainly is none, and never will be."""
    facts = project.facts
    # Under the suggested name a person may have deployed by hand: only where this program deploys is what bears it its own.
    deploys = (
        facts.deployment_is_ours if facts.deployment else ports.preferences.deploy_automatically
    )
    return ports.do.conclude_deployment(
        deployment_of(project, None) if facts.model and deploys else None
    )
