"""`iterate`: a new generation of an evaluated project, beside the one that serves."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.data_options import (
    READING,
    add_choice_arguments,
    add_column_arguments,
    given_of,
)
from agent.cli.going_on import go_on
from agent.cli.joined import find_dropped, read_joined
from agent.cli.named_model import refuse_forbidden
from agent.cli.output import tell
from agent.cli.prepared import show_prepared
from agent.cli.project_options import add_setting_arguments, given_settings, read_settings
from agent.engine.iteration import outlives, refuse_iteration, refuse_model
from agent.engine.preparation import encode_set
from agent.views.generations import describe_hosting
from agent.views.language import Translate
from states.errors import SettingsError
from states.model import Project
from states.stages import DELETED
from states.text import say

OPTIONS = ("--model", "--epochs", "--batch-size", "--learning-rate")


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--examples",
        nargs="+",
        metavar="FILE",
        help=t(say("more sentences, joined to those it has, in the formats of `import`")),
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--replace",
        action="store_true",
        help=t(say("delete the old deployment now, and not once the new one is not worse")),
    )
    way.add_argument(
        "--accept",
        action="store_true",
        help=t(say("take the present generation though it is not better: the old one gives way")),
    )
    add_setting_arguments(parser, t, OPTIONS)
    add_column_arguments(parser, t)
    add_choice_arguments(parser, t)
    parser.set_defaults(cases=None)


def _iterate(app: Application, given: argparse.Namespace) -> int:
    project = app.claim(app.find(given.project))
    if given.accept:
        return _accept(app, given, project)
    refuse_iteration(project)
    _refuse_no_change(app, given, project)
    row = given_settings(given)
    settings = read_settings(app, {**project.settings, **row}) if row else None
    refuse_forbidden(
        app,
        app.settings.for_project(
            project if settings is None else replace(project, settings=settings)
        ),
    )
    if given.examples:
        refuse_model(settings, app.ports_for(project))  # before the sentences are written down
        _join(app, given, project)
    return begin(app, project, settings, given.replace)


def _accept(app: Application, given: argparse.Namespace, project: Project) -> int:
    others = ("--examples", *READING)
    told = given_of(given, others) or ", ".join(given_settings(given))
    if told:
        raise SettingsError(say("{options}: not with `--accept`.", options=told))
    project = app.decisions.accept(project.name)
    tell(
        app,
        say(
            "{project} goes on from {state}: nothing is trained, and no answer is paid again."
            " The old deployment goes once the new one has answered.",
            project=project.name,
            state=project.state.value,
        ),
    )
    return go_on(app, project)


def _refuse_no_change(app: Application, given: argparse.Namespace, project: Project) -> None:
    """The same training once more costs the same, and teaches nothing."""
    if not given.examples and given_of(given, READING):
        raise SettingsError(
            say("{options}: only with `--examples FILE`.", options=given_of(given, READING))
        )
    if given.examples or given_settings(given) or app.decisions.newer_examples(project):
        return
    raise SettingsError(
        say(
            "Say what is to be different: `--examples FILE`, {options}. (The same once more:"
            " `retry {project} --restart`.)",
            options=", ".join(f"`{option}`" for option in OPTIONS),
            project=project.name,
        )
    )


def _join(app: Application, given: argparse.Namespace, project: Project) -> None:
    given.drop_duplicates = True
    imported = read_joined(app, given, project)
    if imported.examples is None:
        return
    files = {**encode_set(imported.examples), **find_dropped(app, project, imported)}
    app.preparation.write_files(project.name, files)


def begin(
    app: Application, project: Project, settings: dict[str, Any] | None, replaces: bool
) -> int:
    """The next generation begins, and what that means is told. `settings`: its own, if others."""
    before, stays = project.facts.deployed, outlives(project) and not replaces
    project = app.decisions.iterate(project.name, settings, replaces=replaces)
    parent = project.facts.parent
    tell(
        app,
        say(
            "{project} begins generation {generation}, which is compared with generation {parent}.",
            project=project.name,
            generation=project.generation,
            parent=parent.generation if parent else project.generation - 1,
        ),
    )
    if parent is not None and parent.answers_at is not None:
        tell(
            app,
            say(
                "The deployment {name} stays until the new one has answered and is not worse."
                " {cost}",
                name=parent.answers_at,
                cost=describe_hosting(app.catalog.service, 2),
            ),
        )
    if before is not None and before.is_ours and before.status != DELETED and not stays:
        tell(
            app,
            say(
                "The deployment {name}, made by the agent, is gone from the service.",
                name=before.name,
            ),
        )
    return show_prepared(app, app.preparation.check(project.name))


COMMAND = Command(
    _iterate,
    _add_arguments,
)
