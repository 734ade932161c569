"""`estimate`: what a project will cost, with the source of every price. Nothing is sent."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json
from agent.views.language import Translate
from agent.views.money import render_estimate
from states.errors import SettingsError
from states.steps.budgeting import estimate_all
from states.text import say

SCHEMA = 1


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _estimate(app: Application, given: argparse.Namespace) -> int:
    project = app.find(given.project)
    if project.facts.prepared is None:
        raise SettingsError(
            say(
                "The data of {project} is not checked yet, and its tokens not counted: `run"
                " --project {project} --until VALIDATED` does that, and sends nothing.",
                project=project.name,
            )
        )
    ports = app.local_ports(project)
    found, charges = estimate_all(project.facts, ports), ports.charges_money
    if given.json:
        print_json(
            {
                "schema": SCHEMA,
                "project": project.name,
                "service": project.service,
                "charges_money": charges,
                **found.as_json(),
            }
        )
    else:
        render_estimate(open_screen(), found, app.translate, charges_money=charges)
    return FINE


COMMAND = Command(
    _estimate,
    _add_arguments,
)
