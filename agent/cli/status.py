"""`status`: where every project stands, as a table or as JSON."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE, exit_code_of
from agent.cli.output import open_screen, print_json, tell
from agent.settings.services import Service
from agent.views.language import Translate
from agent.views.lifetimes import describe_lifetime, lifetime_json
from agent.views.status import SILENCE, render_status
from states.text import Text, say

if TYPE_CHECKING:
    from agent.bootstrap import Application
    from states.model import Project
    from states.money.budget import Limit
    from states.money.spending import Spent


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))
    parser.add_argument(
        "--check",
        action="store_true",
        help=t(say("say nothing: the exit code is 0 while a daemon gives signs of life, else 1")),
    )


def _status(app: Application, given: argparse.Namespace) -> int:
    if given.check:
        return FINE if _lives(app) else IN_TROUBLE
    if app.is_empty and given.project is None:  # looking makes no database
        projects, heartbeat = [], None
    else:
        projects = [app.find(given.project)] if given.project else list(app.store.all())
        projects = [_with_counts(app, project) for project in projects]
        heartbeat = app.heartbeat()
    money = _money_of(app, projects)
    service, now = _catalogue(app, projects), time.time()
    if given.json:
        from agent.views.status_json import status_json

        ends = {project.name: lifetime_json(project, service, now) for project in projects}
        print_json(status_json(projects, heartbeat, money, ends))
    elif projects:
        told = _describe_money(money)
        left = {project.name: _life_of(project, service, now) for project in projects}
        render_status(open_screen(), projects, heartbeat, app.translate, service, told, left)
        _tell_elsewhere(app, projects)
    else:
        tell(app, say("There is no project yet: `new NAME --examples FILE` makes one."))
    return exit_code_of(projects)


def _tell_elsewhere(app: Application, projects: Sequence[Project]) -> None:
    """Whose worker is not there is not seen by their state: they only wait."""
    ours = app.settings.service.name
    elsewhere = Counter(project.service for project in projects if project.service != ours)
    if not app.store.is_shared and len(projects) == 1:
        return  # `run` may take the only one along
    for theirs, count in sorted(elsewhere.items()):
        told = say(
            "{count} project lives at {theirs} and goes on with a worker of that service; these"
            " settings are for {ours}.",
            "{count} projects live at {theirs} and go on with a worker of that service; these"
            " settings are for {ours}.",
            count=count,
            theirs=theirs,
            ours=ours,
        )
        tell(app, told)


def _lives(app: Application) -> bool:
    """For the health check of a container: it is of the daemon on this machine, if there is one."""
    last = None if app.is_empty else app.heartbeat()
    if last is None or last["running"] is False:
        return False
    return bool(time.time() - last["last_tick"] < SILENCE)


# What only some projects need is loaded for those alone: this command is to start fast.


def _with_counts(app: Application, project: Project) -> Project:
    evaluated = project.facts.evaluated
    return project if evaluated is None or evaluated.cases else app.results.with_counts(project)


def _catalogue(app: Application, projects: Sequence[Project]) -> Mapping[str, Any]:
    """Empty where nothing is trained yet, of which it could tell the dates or the price."""
    is_wanted = any(one.facts.trained or one.facts.parent for one in projects)
    return app.catalog.service if is_wanted else {}


def _describe_money(money: Mapping[str, tuple[Spent, Limit | None]]) -> Mapping[str, Text | None]:
    if not money:
        return {}
    from states.money.budget import describe_spent

    return {name: describe_spent(*one) for name, one in money.items()}


def _life_of(project: Project, service: Mapping[str, Any], now: float) -> Text | None:
    """Of what the emulator serves only if it is short: nobody relies on that."""
    is_stand_in = Service.named(project.service).is_stand_in
    return describe_lifetime(project, service, now, only_soon=is_stand_in)


def _money_of(
    app: Application, projects: Sequence[Project]
) -> Mapping[str, tuple[Spent, Limit | None]]:
    """What was spent, and the budget; nothing where nothing costs money and none is set."""
    home = app.settings.project.budget
    told = [
        one
        for one in projects
        if "budget" in one.settings or home is not None or Service.named(one.service).charges_money
    ]
    if not told:
        return {}
    from agent.engine.budgets import Limits

    limits = Limits(app.spending, app.settings.budget_of, home)
    return {one.name: (app.spending.of(one), limits.of(one)) for one in told}


COMMAND = Command(_status, _add_arguments, is_look=True)
