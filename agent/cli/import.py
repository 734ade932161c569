"""`import`: more sentences or test cases for a project, or others in their place."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.data_options import add_choice_arguments, add_column_arguments, choices_of
from agent.cli.exit_codes import FINE
from agent.cli.imported import read_given, show_given
from agent.cli.output import tell
from agent.cli.prepared import show_prepared
from agent.engine.preparation import LOCAL, Content, encode_case_file, encode_set, tables_of
from agent.views.language import Translate
from states.errors import SettingsError
from states.intents.example_set import ExampleSet
from states.intents.examples import read
from states.intents.records import Table
from states.model import Project
from states.places import Artifact
from states.state import State
from states.text import Text, say


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
    known = _known_tables(app, project)
    before = sum(1 for table in known for _ in table.records)
    replaces = given.replace and bool(given.examples)
    given.drop_duplicates |= bool(given.examples) and not given.replace
    imported = read_given(app, given, given.examples, choices_of(given), () if replaces else known)
    kept = imported.with_prompt_of(project)
    show_given(app, kept)
    if [table.system_prompt for table in kept.tables] != [t.system_prompt for t in imported.tables]:
        tell(app, say("The system prompt of the file is not taken: a project keeps its own."))
    imported.refuse_mistakes()
    if given.examples:
        tell(app, _describe_change(imported.examples, before, replaces))
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
        dropped = app.preparation.path(project.name, Artifact.DROPPED)
        is_kept = dropped.is_file() and not replaces
        files |= imported.drop_file(dropped.read_bytes() if is_kept else b"")
    app.preparation.write_files(project.name, files)
    del imported, files, known  # a million sentences, which the check reads anew
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


def _known_tables(app: Application, project: Project) -> Sequence[Table]:
    """What the project has now."""
    path = app.preparation.path(project.name, Artifact.EXAMPLES)
    if not path.is_file():
        return ()
    content = path.read_bytes()
    sources = app.preparation.path(project.name, Artifact.SOURCES)
    return tables_of(
        read(content, str(path)),
        sources.read_bytes() if sources.is_file() else None,
        hashlib.sha256(content).hexdigest(),
    )


def _describe_change(examples: ExampleSet | None, before: int, replaces: bool) -> Text:
    count = examples.count if examples else 0
    if replaces:
        return say("{old} sentences are replaced by {new}.", old=before, new=count)
    return say(
        "{count} sentence is added to {old}: {total} now.",
        "{count} sentences are added to {old}: {total} now.",
        count=count - before,
        old=before,
        total=count,
    )


def _go_on(app: Application, project: Project, *, is_of_cases: bool) -> int:
    """Checks the data again where nothing is paid yet; else says what it takes to use it."""
    failed = project.facts.failure
    state = failed.state if failed is not None else project.state
    if state is State.DRAFT and project.hold is None and failed is None:
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
    "import",
    say("Add sentences or test cases from your files to a project, or replace them."),
    _import,
    _add_arguments,
)
