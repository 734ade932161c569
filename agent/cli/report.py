"""`report`: results/ is written again from the database alone."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import list_files
from agent.views.language import Translate
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, _t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")


def _report(app: Application, given: argparse.Namespace) -> int:
    projects = [app.find(given.project)] if given.project else list(app.store.all())
    for project in projects:
        app.results.publish_everything(project)
    list_files(app, projects)
    return FINE


COMMAND = Command(
    "report", say("Write results/ again from the database alone."), _report, _add_arguments
)
