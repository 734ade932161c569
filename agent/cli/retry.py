"""`retry`: a person sends a project on its way again."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import tell
from agent.views.language import Translate
from states.facts import deployment_of
from states.model import Project
from states.stages import DELETED
from states.steps.budgeting import describe_training
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", metavar="PROJECT")
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--restore",
        action="store_true",
        help=t(say("put an edited file back to what was checked")),
    )
    way.add_argument(
        "--restart",
        action="store_true",
        help=t(
            say(
                "begin anew from DRAFT with the data as it is now: a new training, paid again; the"
                " agent's deployment is deleted"
            )
        ),
    )


def tell_gone(app: Application, name: str) -> None:
    tell(app, say("The deployment {name}, made by the agent, is gone from the service.", name=name))


def tell_of_theirs(app: Application, name: str) -> None:
    tell(
        app,
        say(
            "The deployment {name}, which a person made, stays there and may go on costing: delete"
            " it in the portal when it is no longer needed.",
            name=name,
        ),
    )


def _tell_price(app: Application, project: Project) -> None:
    """Before anything is sent. What is wrong with the data is told by the ticks."""
    checked = app.preparation.check(project.name)
    if checked.facts.prepared is not None:
        tell(app, describe_training(checked.facts, app.local_ports(checked)))


def _retry(app: Application, given: argparse.Namespace) -> int:
    found = app.claim(app.find(given.project))
    facts = found.facts
    before, answered = deployment_of(facts), facts.deployed
    project = app.decisions.retry(given.project, restore=given.restore, restart=given.restart)
    is_deleted_now = before is not None and before.is_ours and before.status != DELETED
    if before and is_deleted_now and not deployment_of(project.facts):
        tell_gone(app, before.name)
    # One that was only asked of a person may not be there: it is not told to be.
    if given.restart and answered and not answered.is_ours and answered.status != DELETED:
        tell_of_theirs(app, answered.name)
    tell(
        app,
        say(
            "{project} goes on from {state} (generation {generation}).",
            project=project.name,
            state=project.state.value,
            generation=project.generation,
        ),
    )
    is_trained_again = project.generation > found.generation and facts.created is not None
    if given.restart or is_trained_again:
        tell(app, say("It trains anew, which is paid again."))
        _tell_price(app, project)
    daemon = app.heartbeat()
    if daemon is None or daemon["running"] is False:
        tell(app, say("No daemon is running: start `run`, and it goes on."))
    return FINE


COMMAND = Command(_retry, _add_arguments)
