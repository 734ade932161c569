"""The options about a person's files, and reading those files. new, import and check use them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from agent.bootstrap import Application
from agent.views.language import Translate
from states.errors import SettingsError
from states.intents.example_set import Choices, ExampleSet
from states.intents.gather import gather
from states.intents.gather_cases import CaseSet, gather_cases
from states.intents.records import Columns, Table
from states.text import say

CHUNK = 1 << 20  # bytes
# The options about reading a file, which mean nothing where none is read.
READING = (
    "--text",
    "--intent",
    "--kind",
    "--sheet",
    "--drop-conflicts",
    "--drop-duplicates",
    "--merge-labels",
)
OFTEN = 1000  # rows between two updates of the bar


def add_column_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    group = parser.add_argument_group(t(say("which columns to take, by name or number from 1")))
    group.add_argument("--text", metavar="COLUMN", help=t(say("of the sentence")))
    group.add_argument("--intent", metavar="COLUMN", help=t(say("of the intent")))
    group.add_argument("--kind", metavar="COLUMN", help=t(say("of a test case's kind")))
    group.add_argument("--sheet", metavar="NAME", help=t(say("of an XLSX file")))


def add_choice_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    group = parser.add_argument_group(t(say("decisions for the whole file")))
    group.add_argument(
        "--drop-conflicts",
        action="store_true",
        help=t(say("leave out every sentence that stands under two intents")),
    )
    group.add_argument(
        "--drop-duplicates",
        action="store_true",
        help=t(say("leave out a sentence that stands under its intent already")),
    )
    group.add_argument(
        "--merge-labels",
        action="store_true",
        help=t(say("make one intent of names that differ in case, accents, spaces, _ or - alone")),
    )


def given_of(given: argparse.Namespace, options: Sequence[str]) -> str:
    """Those of the options that a person has given, for a message; empty for none."""
    return ", ".join(one for one in options if getattr(given, one[2:].replace("-", "_")))


def columns_of(given: argparse.Namespace) -> Columns:
    return Columns(given.text, given.intent, given.kind, given.sheet)


def choices_of(given: argparse.Namespace) -> Choices:
    return Choices(given.drop_conflicts, given.drop_duplicates, given.merge_labels)


def read_tables(paths: Sequence[str], columns: Columns) -> list[Table]:
    """SettingsError, with file and row, for what cannot be read."""
    from agent.formats.reading import read_file

    return [read_file(Path(path), columns) for path in paths]


def gather_with_progress(
    app: Application, tables: Sequence[Table], paths: Sequence[str], choices: Choices
) -> ExampleSet:
    """The example set of these files; a bar on a terminal tells how far it is."""
    with _progress(app, paths) as tick:
        return gather(tables, choices, tick)


def gather_given_cases(
    paths: Sequence[str], columns: Columns, examples: ExampleSet, choices: Choices
) -> tuple[list[Table], CaseSet]:
    tables = [_read_cases(path, columns) for path in paths]
    return tables, gather_cases(tables, examples, choices)


def _read_cases(path: str, columns: Columns) -> Table:
    """The options name the columns of the sentences; those of the cases may go by other names."""
    try:
        return read_tables([path], columns)[0]
    except SettingsError:
        found = replace(columns, text=None, intent=None)
        if found == columns:
            raise
        with suppress(SettingsError):
            return read_tables([path], found)[0]
        raise


@contextmanager
def _progress(app: Application, paths: Sequence[str]) -> Iterator[Callable[[], None]]:
    """On a terminal a bar with the time that is left; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeRemaining

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemaining(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(app.translate(say("Reading")), total=_count_lines(paths))
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            if not done % OFTEN:
                bar.update(task, completed=done)

        yield tick


def _count_lines(paths: Sequence[str]) -> int:
    """About as many rows as the files have; counted in a fraction of the time to read them."""
    count = 0
    for path in paths:
        with Path(path).open("rb") as file:
            while chunk := file.read(CHUNK):
                count += chunk.count(b"\n")
    return count
