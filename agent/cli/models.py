"""`models`: what can be trained here today, at what price, and until when. Nothing is spent."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json
from agent.views.language import Translate
from agent.views.models import render_models
from states.money.offers import list_offers
from states.remote import RemoteModel
from states.text import Text, say

SCHEMA = 1


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument(
        "--offline",
        action="store_true",
        help=t(say("by this program's catalogue alone: the service is not asked")),
    )
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _models(app: Application, given: argparse.Namespace) -> int:
    listed, problem = ([], None) if given.offline else _ask(app)
    settings, now = app.settings, time.time()
    offers = list_offers(app.catalog.service, listed, settings.deploy_sku, now)
    if given.json:
        print_json(
            {
                "schema": SCHEMA,
                "service": settings.service.name,
                "is_asked": bool(listed),
                "problem": problem and app.redactor(str(problem)),
                "models": [one.as_json(now) for one in offers],
            }
        )
    else:
        render_models(open_screen(), offers, _describe(app, listed, problem), app.translate, now)
    return FINE


def _ask(app: Application) -> tuple[Sequence[RemoteModel], Text | None]:
    # Only here: it loads the SDK, and every other command must start without.
    from agent.doctor.base_models import read_models

    return read_models(app.settings, app.redactor)


def _describe(app: Application, listed: Sequence[RemoteModel], problem: Text | None) -> Text:
    if listed:
        return say(
            "By the lists of {service}; prices, and what they do not say, by this program's"
            " catalogue.",
            service=app.settings.service.name,
        )
    if problem is None:
        return say("By this program's catalogue alone: the service was not asked.")
    return say(
        "By this program's catalogue alone: {problem}", problem=app.redactor(app.translate(problem))
    )


COMMAND = Command(
    _models,
    _add_arguments,
)
