"""Two generations at once: the deployment of the one before stays until the new one is not worse.

analyze.py calls `succeed` once the new generation is judged; clean_up.py and engine/decisions.py
call `end_parent`. Whatever is deleted goes through the exactly-once mutation, so that a process
which ends in between deletes nothing twice and forgets nothing.
"""

from __future__ import annotations

from enum import StrEnum

from states.errors import NotFound
from states.facts import Facts, known
from states.model import Project
from states.ports import Ports
from states.remote import DeploymentSpec
from states.stages import DELETED, Deployed, Parent
from states.steps.generation import conclude_deployment
from states.text import Text, say


class Standing(StrEnum):
    """What is known of the new generation beside the one before."""

    NOT_WORSE = "not_worse"
    WORSE = "worse"
    UNKNOWN = "unknown"


def end_parent(project: Project, ports: Ports) -> DeploymentSpec | None:
    """Deletes the deployment of the generation before, if this program made it.

    Returns what was deleted."""
    spec = _spec_of_ours(project.facts)
    if spec is not None:
        ports.do.delete_deployment(spec)
    return spec


def succeed(project: Project, ports: Ports, standing: Standing) -> tuple[Facts, Text | None]:
    """One of the two deployments is given up, as the answers say; the facts, and what to tell.

    Both stay where nobody can say which is better: a person decides then."""
    facts = project.facts
    parent, name = facts.parent, facts.parent.answers_at if facts.parent else None
    if parent is None or name is None:
        return facts, None
    if parent.gives_way or standing is Standing.NOT_WORSE:
        return _give_way(project, ports, parent, name)
    is_there = _is_there(ports, parent, name)
    if is_there is False:
        gone = say(
            "the deployment {name} of generation {generation} is gone: this one stays",
            name=name,
            generation=parent.generation,
        )
        return facts.after_parent(), gone
    if standing is Standing.WORSE and is_there:
        return _step_back(project, ports, parent, name)
    return facts, say(
        "nobody can say whether this generation is worse than generation {generation}: both"
        " deployments stay, {name} and {own}, and may be billed by the hour. {ways}",
        generation=parent.generation,
        name=name,
        own=known(facts.deployed).name,
        ways=_describe_ways(project),
    )


def _give_way(
    project: Project, ports: Ports, parent: Parent, name: str
) -> tuple[Facts, Text | None]:
    """The new generation takes the place of its parent."""
    facts = project.facts.after_parent()
    if end_parent(project, ports) is not None:
        return facts, say(
            "the deployment {name} of generation {generation} is deleted: this generation takes"
            " its place",
            name=name,
            generation=parent.generation,
        )
    if name == known(project.facts.deployed).name:
        return facts, None  # a person has put the new model under the old name
    return facts, say(
        "this generation takes the place of generation {generation}. Its deployment {name}, which a"
        " person made, stays there and may go on costing: delete it in the portal when it is no"
        " longer needed",
        name=name,
        generation=parent.generation,
    )


def _step_back(
    project: Project, ports: Ports, parent: Parent, name: str
) -> tuple[Facts, Text | None]:
    """The parent goes on serving; the model of the new generation stays, undeployed."""
    ours = conclude_deployment(project, ports)
    if ours is None:
        return project.facts, say(
            "this generation is worse than generation {generation}, whose deployment {name} stays."
            " The new one, {own}, a person made, and it may go on costing: delete it in the portal."
            " To take it all the same: `iterate {project} --accept`",
            own=known(project.facts.deployed).name,
            generation=parent.generation,
            name=name,
            project=project.name,
        )
    ports.do.delete_deployment(ours)
    return project.facts.without_our_deployment(), say(
        "this generation is worse than generation {generation}, whose deployment {name} stays. The"
        " new one, {own}, is deleted; its model is kept. To take it all the same (it is deployed"
        " again): `iterate {project} --accept`",
        own=ours.name,
        generation=parent.generation,
        name=name,
        project=project.name,
    )


def _describe_ways(project: Project) -> Text:
    return say(
        "To keep the new one: `iterate {project} --accept`; to keep the old one: `cancel {project}"
        " --keep-parent`",
        project=project.name,
    )


def _is_there(ports: Ports, parent: Parent, name: str) -> bool | None:
    """The parent's deployment still serves its model; None where nobody can tell."""
    try:
        found = ports.read.deployment(name)
    except NotFound:
        return None
    return found is not None and found.model == parent.model


def _spec_of_ours(facts: Facts) -> DeploymentSpec | None:
    """Our deployment of the generation before, while it is there, under a name of its own."""
    parent = facts.parent
    if parent is None or not _is_alive(parent.deployment):
        return None
    found = known(parent.deployment)
    present = facts.deployed or facts.requested
    if not found.is_ours or (present is not None and present.name == found.name):
        return None
    return DeploymentSpec(found.name, parent.model)


def _is_alive(deployment: Deployed | None) -> bool:
    return deployment is not None and deployment.status != DELETED
