"""A person's files joined to the sentences that a project has. import and iterate use them."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import replace

from agent.bootstrap import Application
from agent.cli.data_options import choices_of
from agent.cli.imported import Imported, read_given, show_given
from agent.cli.output import tell
from agent.engine.known_cases import read_known_cases
from agent.engine.preparation import Content, tables_of
from states.intents.example_set import ExampleSet
from states.intents.examples import read
from states.intents.gather_cases import CaseSet
from states.intents.joined_cases import join_cases
from states.intents.records import Table
from states.model import Project
from states.places import Artifact
from states.text import Text, say


def read_joined(
    app: Application, given: argparse.Namespace, project: Project, *, replaces: bool = False
) -> Imported:
    """The files of `given`, after what the project has; shown, and refused with every mistake.

    `replaces`: its sentences are to take the place of those; `--replace`: its cases as well."""
    known = _known_tables(app, project)
    before = sum(1 for table in known for _ in table.records)
    imported = read_given(app, given, given.examples, choices_of(given), () if replaces else known)
    kept = imported.with_prompt_of(project)
    show_given(app, kept)
    if [table.system_prompt for table in kept.tables] != [t.system_prompt for t in imported.tables]:
        tell(app, say("The system prompt of the file is not taken: a project keeps its own."))
    if imported.examples is not None and imported.cases is not None and not given.replace:
        intents = list(imported.examples.groups)
        joined = join_given_cases(app, project, imported.cases, intents)
        imported = replace(imported, cases=joined)
    imported.refuse_mistakes()
    if given.examples:
        tell(app, _describe_change(imported.examples, before, replaces))
    return imported


def find_dropped(
    app: Application, project: Project, imported: Imported, *, replaces: bool = False
) -> dict[Artifact, Content]:
    """The file of what was left out, after what it says already."""
    dropped = app.preparation.path(project.name, Artifact.DROPPED)
    is_kept = dropped.is_file() and not replaces
    return imported.drop_file(dropped.read_bytes() if is_kept else b"")


def join_given_cases(
    app: Application, project: Project, given: CaseSet, intents: Sequence[str]
) -> CaseSet:
    """The test cases that the project has, and then those of the files."""
    known = read_known_cases(project, app.ports_for(project).artifacts, intents)
    joined = join_cases(known, given)
    joined.found.refuse_mistakes()
    if known.cases:
        tell(
            app,
            say(
                "{count} test case is added to {old}: {total} now.",
                "{count} test cases are added to {old}: {total} now.",
                count=joined.added,
                old=len(known.cases),
                total=len(joined.found.cases),
            ),
        )
    if joined.corrected:
        tell(
            app,
            say(
                "{count} test case was there and expects another intent now.",
                "{count} test cases were there and expect another intent now.",
                count=joined.corrected,
            ),
        )
    return joined.found


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
        return say(
            "{count} sentence is replaced by {new}.",
            "{count} sentences are replaced by {new}.",
            count=before,
            new=count,
        )
    return say(
        "{count} sentence is added to {old}: {total} now.",
        "{count} sentences are added to {old}: {total} now.",
        count=count - before,
        old=before,
        total=count,
    )
