"""`history`: every checkpoint of one project, as a table or as JSON."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json
from agent.views.history import render_history
from agent.views.language import Translate
from agent.views.status_json import history_json
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _history(app: Application, given: argparse.Namespace) -> int:
    project = app.find(given.project)
    checkpoints = app.store.history(project.name)
    if given.json:
        print_json(history_json(project.name, checkpoints))
    else:
        render_history(open_screen(), project.name, checkpoints, app.translate)
    return FINE


COMMAND = Command(_history, _add_arguments, is_look=True)
