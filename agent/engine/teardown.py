"""A person has the deployment of an analyzed project deleted: the move that says so.

Called by the command `teardown`. The deletion itself is the step of ANALYZED
(states/steps/tear_down.py): a process that ends in between leaves it to the next one."""

from __future__ import annotations

from dataclasses import replace

from states.errors import SettingsError
from states.facts import BOTH, Facts
from states.model import Project
from states.money.ends import next_end
from states.stages import DELETED
from states.state import Event, State
from states.store_port import Move
from states.text import say


def plan_teardown(project: Project, now: float) -> Move | None:
    """None where it is under way, or over, already. SettingsError where it is a person's."""
    facts = project.facts
    if project.state is not State.ANALYZED:
        raise SettingsError(
            say(
                "{project} is in {state}: only an ANALYZED project keeps its results without its"
                " deployment. `cancel {project}` ends the project and deletes it.",
                project=project.name,
                state=project.state.value,
            )
        )
    if facts.gives_up == BOTH and project.hold is None:
        return None
    if facts.gives_up is None and not _has_ours(facts):
        _refuse_a_person_s(project)
        return None
    return Move(
        Event.TEARDOWN_ASKED,
        project.state,
        replace(facts, gives_up=BOTH),
        now,
        project.generation,
    )


def is_tearing_down(project: Project) -> bool:
    """Something that it has at the service is to be deleted, and nobody is asked about that."""
    is_asked = project.state is State.ANALYZED and project.facts.gives_up is not None
    return (is_asked or project.facts.cleans is not None) and project.hold is None


def is_overdue(project: Project, now: float) -> bool:
    """It stands still, the time of its deployment is up, and nobody has tried to delete it yet.

    `now`: unix seconds. One whose deletion went wrong is due later (states/steps/overdue.py)."""
    end, due = next_end(project.facts), project.due_at
    is_resting = project.state in (State.ANALYZED, State.FAILED) or project.facts.rests
    return is_resting and end is not None and end <= now and due is not None and due <= now


def refuse_while_tearing_down(project: Project) -> None:
    """SettingsError: what is about to be deleted is not to be asked, nor to be anybody's parent."""
    if project.facts.gives_up is not None:
        raise SettingsError(
            say(
                "The deployment of {project} is being deleted: `teardown {project}` carries that to"
                " its end.",
                project=project.name,
            )
        )


def _has_ours(facts: Facts) -> bool:
    parent = facts.parent
    is_own = facts.deployed is not None and facts.deployed.is_ours
    if is_own and facts.deployed is not None and facts.deployed.status != DELETED:
        return True
    return parent is not None and parent.is_ours and parent.answers_at is not None


def _refuse_a_person_s(project: Project) -> None:
    deployed = project.facts.deployed
    if deployed is not None and not deployed.is_ours:
        raise SettingsError(
            say(
                "The deployment {name} of {project} was made by a person, so a person deletes it:"
                " in the portal, or `az cognitiveservices account deployment delete`.",
                name=deployed.name,
                project=project.name,
            )
        )
