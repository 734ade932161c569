"""`checkpoints`: what the service keeps of a training beside its final model."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json, tell
from agent.engine.checkpoints import job_of
from agent.views.checkpoints import mark, render_checkpoints
from agent.views.language import Translate
from states.text import say

SCHEMA = 1


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _checkpoints(app: Application, given: argparse.Namespace) -> int:
    project = app.claim(app.find(given.project))
    job = job_of(project)
    shown = mark(project, app.ports_for(project).read.checkpoints(job.id))
    if given.json:
        print_json(
            {
                "schema": SCHEMA,
                "project": project.name,
                "job": job.id,
                "checkpoints": [one.as_json() for one in shown],
            }
        )
    elif shown:
        render_checkpoints(open_screen(), project, shown, app.translate)
    else:
        tell(
            app,
            say(
                "The service keeps no checkpoint of the training {job}: it makes one at the end of"
                " each epoch, and keeps the last three.",
                job=job.id,
            ),
        )
    return FINE


COMMAND = Command(_checkpoints, _add_arguments)
