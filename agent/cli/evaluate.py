"""`evaluate`: more or other test cases for a model that is there, without a new training."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.data_options import (
    add_column_arguments,
    columns_of,
    gather_given_cases,
    given_of,
)
from agent.cli.going_on import go_on
from agent.cli.imported import describe_cases
from agent.cli.joined import join_given_cases
from agent.cli.output import open_screen, tell
from agent.engine.evaluation import refuse_evaluation, trained_intents
from agent.engine.preparation import encode_case_file
from agent.engine.robustness_price import estimate_robustness
from agent.views.language import Translate
from agent.views.understood import render_understood
from states.errors import SettingsError
from states.intents.example_set import Choices, ExampleSet, Group
from states.model import Project
from states.text import say

_OF_FILES = ("--text", "--intent", "--kind", "--sheet", "--drop-conflicts", "--replace")


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--cases",
        nargs="+",
        metavar="FILE",
        help=t(
            say(
                "test cases beside those it has: CSV, TSV, XLSX, JSON, JSONL or Parquet; without,"
                " the project's file as it is now"
            )
        ),
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help=t(say("take these cases in place of those that the project has")),
    )
    parser.add_argument(
        "--deploy",
        action="store_true",
        help=t(say("have the model deployed again, where its deployment was deleted")),
    )
    parser.add_argument(
        "--robustness",
        action="store_true",
        help=t(
            say(
                "ask each case also without accents, without ¿ and ¡, in another case, with a slip"
                " and with a courtesy; says first how many calls that are"
            )
        ),
    )
    add_column_arguments(parser, t)
    parser.add_argument(
        "--drop-conflicts",
        action="store_true",
        help=t(say("leave out every case that expects two intents")),
    )


def _evaluate(app: Application, given: argparse.Namespace) -> int:
    project = app.claim(app.find(given.project))
    refuse_evaluation(project, given.deploy)
    if given.cases:
        _take_cases(app, given, project)
    elif given_of(given, _OF_FILES):
        raise SettingsError(
            say("{options}: only with `--cases FILE`.", options=given_of(given, _OF_FILES))
        )
    if given.robustness:
        tell(app, estimate_robustness(project, app.ports_for(project)).describe())
    project = app.decisions.evaluate(
        project.name, deploys=given.deploy, robustness=given.robustness
    )
    tell(
        app,
        say(
            "{project} goes on from {state}: only cases that were never answered are asked, each"
            " of which is paid.",
            project=project.name,
            state=project.state.value,
        ),
    )
    return go_on(app, project)


def _take_cases(app: Application, given: argparse.Namespace, project: Project) -> None:
    """The files become the project's test cases. SettingsError before anything is written."""
    intents = trained_intents(app.ports_for(project).artifacts)
    choices = Choices(drop_conflicts=given.drop_conflicts)
    examples = ExampleSet(groups={intent: Group() for intent in intents})
    tables, found = gather_given_cases(given.cases, columns_of(given), examples, choices)
    render_understood(open_screen(), tables, found.rows, app.translate)
    if not found.cases and not found.findings:
        raise SettingsError(say("There is no test case in these files: nothing was changed."))
    if given.replace:
        found.refuse_mistakes()
    else:
        found = join_given_cases(app, project, found, intents)
    tell(app, describe_cases(found))
    app.preparation.write_files(project.name, encode_case_file(found))


COMMAND = Command(
    _evaluate,
    _add_arguments,
)
