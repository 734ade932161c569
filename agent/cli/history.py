"""`history`: the checkpoints of one project, the newest of them as a table, or all as JSON."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json_stream, remark
from agent.cli.values import count
from agent.views.history import render_history
from agent.views.language import Translate
from agent.views.status_json import history_frame, history_line
from states.text import say

PAGE = 100  # checkpoints shown where nobody says how many


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--last",
        type=count,
        metavar="N",
        help=t(say("the newest N alone; without it {page}, and all with --json", page=PAGE)),
    )
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _history(app: Application, given: argparse.Namespace) -> int:
    project, store = app.find(given.project), app.store
    if given.json:
        every = given.last is None
        found = (
            store.each_checkpoint(project.name)
            if every
            else store.history(project.name, last=given.last)
        )
        print_json_stream(history_frame(project.name), "checkpoints", map(history_line, found))
        return FINE
    checkpoints = store.history(project.name, last=given.last or PAGE)
    render_history(open_screen(), project.name, checkpoints, app.translate)
    # Each checkpoint counts the version up by one.
    if len(checkpoints) < project.version:
        remark(
            app.translate(
                say(
                    "These are the last {shown} of {all}. More: `history {project} --last N`; all"
                    " of them: `history {project} --json`.",
                    shown=len(checkpoints),
                    all=project.version,
                    project=project.name,
                )
            )
        )
    return FINE


COMMAND = Command(_history, _add_arguments, is_look=True)
