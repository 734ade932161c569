"""What `pause` and `resume` have in common: a person's order to a training that goes on."""

from __future__ import annotations

import argparse
import time

from agent.bootstrap import Application
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import remark, tell
from agent.engine.pausing import finish_order, plan_order
from agent.views.language import Translate
from agent.views.status import name_project
from states.facts import known
from states.model import Project
from states.state import Event, State
from states.text import Text, say


def add_project(parser: argparse.ArgumentParser, _t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")


def give_order(app: Application, name: str | None, wants: str) -> int:
    """`wants`: PAUSE or RESUME. Returns the exit code, once the service has answered."""
    before = app.claim(app.find(name))

    def progress(text: Text) -> None:
        remark(app.translate(text))

    project = app.decisions.make(before.name, lambda found: plan_order(found, wants, time.time()))
    project = finish_order(project, app.ticker, progress, time.time)
    if project.hold is not None:
        remark(app.translate(project.hold))
        return IN_TROUBLE
    return _tell(app, before, project)


def _tell(app: Application, before: Project, project: Project) -> int:
    names = {"project": project.name, "state": project.state.value}
    if project.state is not State.TRAINING:
        tell(app, say("{project} is in {state}: its training is over.", **names))
        return FINE
    newest = app.store.history(project.name, last=1)[-1]
    if newest.version > before.version and newest.note is not None:
        note = name_project(project.name, app.translate(newest.note))
        tell(app, say("{project}: {note}", note=note, **names))
        return IN_TROUBLE if newest.event is Event.RELEASED else FINE
    if project.version == before.version:
        status = known(project.facts.created).status or "?"
        tell(app, say("{project}: the training job is {status} already.", status=status, **names))
        return FINE
    tell(
        app,
        say(
            "{project}: the service has taken the order, and the training job is {status}. `status"
            " {project}` shows how it goes on.",
            project=project.name,
            status=known(project.facts.created).status or "?",
        ),
    )
    return FINE
