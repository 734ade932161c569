"""`retrain`: the same data and cases on another base model, compared with the old one.

It is `iterate --model`, under the name that the notice of a retirement makes people look for."""

from __future__ import annotations

import argparse
from dataclasses import replace

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.iterate import begin
from agent.cli.named_model import refuse_forbidden
from agent.cli.project_options import add_setting_arguments, given_settings, read_settings
from agent.engine.iteration import refuse_iteration
from agent.views.language import Translate
from states.bases.table import resolve
from states.errors import SettingsError
from states.facts import known
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", metavar="PROJECT")
    parser.add_argument(
        "--model",
        dest="base_model",
        metavar="NEW",
        help=t(say("the new base model; `models` lists them")),
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help=t(say("delete the old deployment now, and not once the new one is not worse")),
    )
    add_setting_arguments(parser, t, ("--training-type", "--epochs"))


def _retrain(app: Application, given: argparse.Namespace) -> int:
    if not (given.base_model or "").strip():
        raise SettingsError(say("Name the new base model: `--model NEW`; `models` lists them."))
    project = app.claim(app.find(given.project))
    refuse_iteration(project)
    former = known(project.facts.prepared).plan.base_model
    if resolve(app.catalog.service, given.base_model) == former:
        raise SettingsError(
            say(
                "{project} is trained on {model} already: name another base model, `models` lists"
                " them.",
                project=project.name,
                model=former,
            )
        )
    settings = read_settings(app, {**project.settings, **given_settings(given)})
    refuse_forbidden(app, app.settings.for_project(replace(project, settings=settings)))
    return begin(app, project, settings, given.replace)


COMMAND = Command(
    _retrain,
    _add_arguments,
)
