"""`cancel`: a person gives a project up, and what it has at the service is deleted."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import remark, tell
from agent.views.language import Translate
from states.text import Text, say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", metavar="PROJECT")
    parser.add_argument(
        "--delete-files", action="store_true", help=t(say("delete the uploaded files as well"))
    )
    parser.add_argument(
        "--keep-parent",
        action="store_true",
        help=t(say("leave the deployment of the generation before, which goes on serving")),
    )


def _cancel(app: Application, given: argparse.Namespace) -> int:
    app.claim(app.find(given.project))

    def progress(text: Text) -> None:
        remark(app.translate(text))

    project = app.cancel(
        given.project, given.delete_files, progress, keeps_parent=given.keep_parent
    )
    tell(app, say("{project} is {state}.", project=project.name, state=project.state.value))
    newest = app.store.history(project.name, last=1)[-1]
    if newest.note is not None and project.hold is None:
        tell(app, newest.note)
    return FINE if project.hold is None else IN_TROUBLE


COMMAND = Command(
    _cancel,
    _add_arguments,
)
