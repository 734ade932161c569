"""A person's files as they were understood: what `new`, `import` and `check` show and write."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.bootstrap import Application
from agent.cli.data_options import (
    columns_of,
    gather_given_cases,
    gather_with_progress,
    read_tables,
)
from agent.cli.output import open_screen, tell
from agent.engine.preparation import Content, encode_dropped
from agent.views.understood import describe_set, render_understood
from states.errors import SettingsError
from states.intents.example_set import Choices, ExampleSet
from states.intents.findings import Finding
from states.intents.forms import tidy
from states.intents.gather_cases import CaseSet
from states.intents.records import Table
from states.model import Project
from states.places import Artifact
from states.steps.threshold_round import MOST
from states.text import Text, say


@dataclass(frozen=True)
class Imported:
    """`examples` None: the sample. `cases` None: no file of cases was given.

    `known`: tables that stand before those of the person's files, and are not shown."""

    examples: ExampleSet | None
    cases: CaseSet | None
    tables: Sequence[Table] = ()
    case_tables: Sequence[Table] = ()
    known: int = 0
    notes: Sequence[Text] = field(default_factory=tuple)

    @property
    def system_prompt(self) -> str:
        """That of ready chat records. SettingsError if two files have different ones."""
        prompts = {tidy(table.system_prompt).strip() for table in self.tables} - {""}
        if len(prompts) > 1:
            raise SettingsError(
                say(
                    "The files have different system prompts: give the one to use with"
                    " `--system-prompt FILE`."
                )
            )
        return next(iter(prompts), "")

    def with_prompt_of(self, project: Project) -> Imported:
        """The same without the system prompts that are not the project's, which keeps its own."""
        own = project.settings.get("system_prompt")
        tables = [
            table if tidy(table.system_prompt).strip() == own else replace(table, system_prompt="")
            for table in self.tables
        ]
        return replace(self, tables=tables)

    @property
    def findings(self) -> list[Finding]:
        parts = [part for part in (self.examples, self.cases) if part is not None]
        return [finding for part in parts for finding in part.findings]

    def refuse_mistakes(self) -> None:
        for part in (self.examples, self.cases):
            if part is not None:
                part.refuse_mistakes()

    def drop_file(self, earlier: bytes = b"") -> dict[Artifact, Content]:
        """What was left out, as a file, after what was `earlier`; nothing if nothing was."""
        if self.examples is None or not self.examples.dropped:
            return {}
        return {Artifact.DROPPED: encode_dropped(self.examples.dropped, earlier)}


def read_given(
    app: Application,
    given: argparse.Namespace,
    paths: Sequence[str],
    choices: Choices,
    known: Sequence[Table] = (),
) -> Imported:
    """The files of the command line, gathered after `known`, what the project has already."""
    columns = columns_of(given)
    tables = read_tables(paths, columns)
    examples = gather_with_progress(app, [*known, *tables], paths, choices)
    if not given.cases:
        return Imported(examples, None, tables, known=len(known))
    case_tables, cases = gather_given_cases(given.cases, columns, examples, choices)
    return Imported(examples, cases, tables, case_tables, len(known))


def show_given(app: Application, imported: Imported) -> None:
    """What was understood, what was left out, and how many sentences and cases there are."""
    examples, cases, screen = imported.examples, imported.cases, open_screen()
    if examples is None:
        return
    render_understood(screen, imported.tables, examples.rows[imported.known :], app.translate)
    if cases is not None:
        tables = [replace(table, system_prompt="") for table in imported.case_tables]
        render_understood(screen, tables, cases.rows, app.translate)
    for old, new in examples.merged.items():
        tell(app, say("{one} is joined to {other}.", one=repr(old), other=repr(new)))
    if examples.dropped:
        tell(app, _describe_dropped(examples))
    if cases is not None and cases.dropped:
        tell(
            app,
            say(
                "{count} contradicting test case is left out.",
                "{count} contradicting test cases are left out.",
                count=cases.dropped,
            ),
        )
    tell(app, describe_set(examples))
    if cases is not None:
        tell(app, describe_cases(cases))


def describe_cases(found: CaseSet) -> Text:
    """How many there are, and how many of them no intent fits: a slip is seen by its number."""
    told = say("{count} test case.", "{count} test cases.", count=len(found.cases))
    outside = sum(case.expected is None for case in found.cases)
    if not outside:
        return told
    aside = say(
        "{count} of them expects that no intent is named: up to {most} validation sentences are"
        " asked as well, for a threshold.",
        "{count} of them expect that no intent is named: up to {most} validation sentences are"
        " asked as well, for a threshold.",
        count=outside,
        most=MOST,
    )
    return say("{reading} {aside}", reading=told, aside=aside)


def _describe_dropped(examples: ExampleSet) -> Text:
    count = len(examples.dropped)
    conflicts = sum(one.reason != "duplicate" for one in examples.dropped)
    if not conflicts:
        return say(
            "{count} repeated row is left out.", "{count} repeated rows are left out.", count=count
        )
    if conflicts == count:
        return say(
            "{count} contradicting row is left out.",
            "{count} contradicting rows are left out.",
            count=count,
        )
    return say(
        "{count} row is left out: {conflicts} contradicting, {duplicates} repeated.",
        "{count} rows are left out: {conflicts} contradicting, {duplicates} repeated.",
        count=count,
        conflicts=conflicts,
        duplicates=count - conflicts,
    )
