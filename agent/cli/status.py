"""`status`: where every project stands, as a table or as JSON."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import exit_code_of
from agent.cli.output import console, print_json, tell
from agent.settings.services import Service
from agent.views.language import Translate
from agent.views.status import render_status
from agent.views.status_json import status_json
from states.model import Project
from states.money.budget import Limit, describe_spent
from states.money.spending import Spent
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _status(app: Application, given: argparse.Namespace) -> int:
    if app.is_empty and given.project is None:  # looking makes no database
        projects, heartbeat = [], None
    else:
        projects = [app.find(given.project)] if given.project else list(app.store.all())
        projects = [app.results.with_counts(project) for project in projects]
        heartbeat = app.heartbeat()
    found = {project.name: _money_of(app, project) for project in projects}
    money = {name: one for name, one in found.items() if one is not None}
    if given.json:
        print_json(status_json(projects, heartbeat, money))
    elif projects:
        told = {name: describe_spent(*one) for name, one in money.items()}
        render_status(console(), projects, heartbeat, app.translate, app.catalog.service, told)
    else:
        tell(app, say("There is no project yet. `run` creates one."))
    return exit_code_of(projects)


def _money_of(app: Application, project: Project) -> tuple[Spent, Limit | None] | None:
    """What was spent, and the budget; None where nothing costs money and none is set."""
    row, home = project.settings, app.settings.project.budget
    charges = Service.named(project.service).charges_money
    if "budget" not in row and home is None and not charges:
        return None
    own = app.settings.read_row(row)[0].budget if "budget" in row else None
    spent = app.spending.of(project)
    return spent, app.spending.limit(project, spent, own, home)


COMMAND = Command("status", say("Show where every project stands."), _status, _add_arguments)
