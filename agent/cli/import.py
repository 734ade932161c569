"""`import`: more sentences or test cases for a project, or others in their place."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.data_options import add_choice_arguments, add_column_arguments
from agent.cli.exit_codes import FINE
from agent.cli.joined import find_dropped, read_joined
from agent.cli.output import tell
from agent.cli.prepared import show_prepared
from agent.engine.preparation import LOCAL, Content, encode_case_file, encode_set
from agent.views.language import Translate
from states.errors import SettingsError
from states.model import Project
from states.places import Artifact
from states.state import State
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", metavar="PROJECT")
    parser.add_argument(
        "examples",
        nargs="*",
        metavar="FILE",
        help=t(say("sentences: CSV, TSV, XLSX, JSON, JSONL or Parquet")),
    )
    parser.add_argument(
        "--cases", nargs="+", metavar="FILE", help=t(say("test cases, in the same formats"))
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help=t(say("take these in place of what the project has; else they are added")),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=t(say("show what is understood, write nothing"))
    )
    add_column_arguments(parser, t)
    add_choice_arguments(parser, t)


def _import(app: Application, given: argparse.Namespace) -> int:
    project = app.claim(app.find(given.project))
    if not given.examples and not given.cases:
        raise SettingsError(say("Name a file of sentences, or `--cases FILE`."))
    replaces = given.replace and bool(given.examples)
    given.drop_duplicates |= bool(given.examples) and not given.replace
    imported = read_joined(app, given, project, replaces=replaces)
    if given.dry_run:
        tell(app, say("Nothing was written (--dry-run)."))
        return FINE
    files: dict[Artifact, Content] = {}
    if given.examples and imported.examples is not None:
        files |= encode_set(imported.examples)
    if imported.cases is not None:
        files |= encode_case_file(imported.cases)
    if _is_settled(app.find(project.name)) and _has_all(app, project, files):
        tell(app, say("The project has all of it already: nothing was changed."))
        return FINE
    if given.examples:
        files |= find_dropped(app, project, imported, replaces=replaces)
    app.preparation.write_files(project.name, files)
    del imported, files  # a million sentences, which the check reads anew
    # To read a million sentences takes a minute, in which a daemon may have begun the training.
    return _go_on(app, app.find(project.name), is_of_cases=not given.examples)


def _is_settled(project: Project) -> bool:
    """Checked, or on its way there: nothing is paid yet, and no person is waited for."""
    is_in_trouble = project.hold is not None or project.facts.failure is not None
    return project.state in (*LOCAL, State.VALIDATED) and not is_in_trouble


def _has_all(app: Application, project: Project, files: Mapping[Artifact, Content]) -> bool:
    """The sentences and cases are those that it has, whichever files they come from now."""
    given = {kind: files[kind] for kind in (Artifact.EXAMPLES, Artifact.CASES) if kind in files}
    return all(app.preparation.holds(project.name, *file) for file in given.items())


def _go_on(app: Application, project: Project, *, is_of_cases: bool) -> int:
    """Checks the data again where nothing is paid yet; else says what it takes to use it."""
    failed = project.facts.failure
    state = failed.state if failed is not None else project.state
    if state is State.DRAFT and project.hold is None and failed is None:
        plan = app.home_view.plan_taking
        app.decisions.make(project.name, lambda found: plan(found, time.time()))
        return show_prepared(app, app.preparation.check(project.name))
    if state in (*LOCAL, State.VALIDATED):
        app.decisions.retry(project.name, restore=False, restart=True)
        return show_prepared(app, app.preparation.check(project.name))
    if is_of_cases and state.has_reached(State.DEPLOYED):
        tell(app, say("To be graded on these: `evaluate {project}`.", project=project.name))
        return FINE
    tell(
        app,
        say(
            "{project} is in {state}: it goes on with the sentences it has. To train on the new"
            " ones (paid again): `retry {project} --restart`.",
            project=project.name,
            state=project.state.value,
        ),
    )
    return FINE


COMMAND = Command(
    _import,
    _add_arguments,
)
