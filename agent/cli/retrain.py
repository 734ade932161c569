"""`retrain`: the same data and cases on another base model, compared with the old one.

It is `iterate --model`, under the name that the notice of a retirement makes people look for."""

from __future__ import annotations

import argparse
from dataclasses import replace

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.iterate import begin
from agent.cli.project_options import add_setting_arguments, given_settings, read_settings
from agent.engine.iteration import refuse_iteration
from agent.views.language import Translate
from states.bases.table import find_entry, resolve
from states.errors import SettingsError
from states.facts import known
from states.intents import model_rules
from states.model import Project
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
    _refuse_forbidden(app, replace(project, settings=settings))
    return begin(app, project, settings, given.replace)


def _refuse_forbidden(app: Application, project: Project) -> None:
    """A generation that is begun keeps its model: what cannot be trained with it is not begun."""
    wanted, service = app.settings.preferences_for(project), app.catalog.service
    model = resolve(service, wanted.plan.base_model)
    entry, kind = find_entry(service, model), wanted.plan.training_type
    sku, deploys = wanted.deploy_sku, wanted.deploy_automatically
    for finding in (
        *model_rules.check_method(model, entry),
        *model_rules.check_training_type(model, entry, kind),
        *model_rules.check_deployment_sku(model, entry, sku, deploys),
    ):
        if finding.is_error:
            raise SettingsError(finding.text)


COMMAND = Command(
    _retrain,
    _add_arguments,
)
