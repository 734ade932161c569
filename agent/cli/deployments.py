"""`deployments`: every fine-tuned deployment of the account, whose it is and what it costs."""

from __future__ import annotations

import argparse
import time

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json, tell
from agent.engine.hosting import Hosted, Owned, find_hosted
from agent.views.hosting import render_hosted
from agent.views.language import Translate
from states.text import say

SCHEMA = 1


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _deployments(app: Application, given: argparse.Namespace) -> int:
    found = _find(app)
    if given.json:
        service = app.settings.service
        print_json(
            {
                "schema": SCHEMA,
                "service": service.name,
                "charges_money": service.charges_money,
                "deployments": [one.as_json() for one in found],
            }
        )
    elif found:
        charges = app.settings.service.charges_money
        render_hosted(open_screen(), found, app.translate, charges_money=charges)
    else:
        tell(app, say("There is no deployment of a fine-tuned model."))
    return FINE


def _find(app: Application) -> list[Hosted]:
    """As the service lists them. Without a project no emulator was ever started here."""
    if app.is_empty and not app.settings.service.charges_money:
        return []
    projects = [] if app.is_empty else [one for one in app.store.all() if app.is_ours(one)]
    owned = Owned.read(projects, app.store) if projects else Owned()
    listed = app.connection.provider().deployments_listed()
    return find_hosted(listed, owned, app.catalog.service, time.time())


COMMAND = Command(
    _deployments,
    _add_arguments,
)
