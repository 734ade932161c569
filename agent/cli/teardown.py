"""`teardown`: the deployment that the agent made is deleted now; the project stays ANALYZED."""

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


def _teardown(app: Application, given: argparse.Namespace) -> int:
    before = app.claim(app.find(given.project))

    def progress(text: Text) -> None:
        remark(app.translate(text))

    project = app.tear_down(given.project, progress)
    if project.hold is not None:
        remark(app.translate(project.hold))
        return IN_TROUBLE
    newest = app.store.history(project.name, last=1)[-1]
    if project.version == before.version:
        tell(app, say("{project} has no deployment any more.", project=project.name))
    elif newest.note is not None:
        tell(app, newest.note)
    return FINE


COMMAND = Command(
    _teardown,
    _add_arguments,
)
