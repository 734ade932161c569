"""A person has what a project has left at the service deleted: the move that says so.

Called by the command `cleanup`. What may go: states/steps/leftovers.py; the deletion itself is the
step of a state in which projects rest (states/steps/clean_away.py): a process that ends in between
leaves it to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.engine.teardown import refuse_while_tearing_down
from states.errors import SettingsError
from states.model import Project
from states.ports import Memory
from states.state import Event, State
from states.steps.leftovers import Leftover
from states.store_port import Move
from states.text import say


def refuse_cleanup(project: Project) -> None:
    """SettingsError while something of the project may still need what it has at the service."""
    names = {"project": project.name, "state": project.state.value}
    if not project.state.is_terminal:
        raise SettingsError(
            say(
                "{project} is in {state}, and needs what it has at the service: `cleanup` is for"
                " projects that are ANALYZED, CANCELLED or FAILED.",
                **names,
            )
        )
    if (
        project.state is State.CANCELLED
        and (project.due_at or project.hold)
        and not is_asked(project)
    ):
        raise SettingsError(
            say("{project} is still being cancelled: `cancel {project}` ends that.", **names)
        )
    refuse_while_tearing_down(project)


def is_asked(project: Project) -> bool:
    """It was asked for and has not come to its end."""
    return project.facts.cleans is not None


def is_free_for_all(project: Project) -> bool:
    """It is among those that `cleanup` without a name is about.

    A project that gave up with a model that it has paid for is named by whoever gives it up."""
    if not project.state.is_terminal or project.facts.gives_up is not None or project.hold:
        return False
    if project.state is State.CANCELLED and project.due_at and not is_asked(project):
        return False
    return project.state is not State.FAILED or project.facts.trained is None


def plan_cleanup(
    project: Project, going: Sequence[Leftover], memory: Memory, now: float
) -> Move | None:
    """None where it is under way already. `going`: what a person was shown."""
    refuse_cleanup(project)
    if is_asked(project):
        return None
    items = [
        {key: one.as_json()[key] for key in ("kind", "id", "name", "generation")} for one in going
    ]
    count = len(items)
    return Move(
        Event.CLEANUP_ASKED,
        project.state,
        replace(project.facts, cleans=memory.keep({"items": items})),
        now,
        project.generation,
        note=say(
            "{count} file or training is to be deleted at the service",
            "{count} files and trainings are to be deleted at the service",
            count=count,
        ),
    )


def refuse_while_cleaning(project: Project) -> None:
    """SettingsError until what was asked for is done."""
    if is_asked(project):
        raise SettingsError(
            say(
                "What {project} has at the service is being deleted: `cleanup {project}` carries"
                " that to its end.",
                project=project.name,
            )
        )


def refuse_without_model(project: Project) -> None:
    """SettingsError where the model was deleted, or is about to be: nobody can ask it any more."""
    if project.facts.cleaned or is_asked(project):
        raise SettingsError(
            say(
                "`cleanup` has deleted what {project} had at the service, so its model can neither"
                " be deployed nor asked any more. Its results, sentences and paid answers are"
                " kept; `retry {project} --restart` trains anew, which is paid again.",
                project=project.name,
            )
        )
