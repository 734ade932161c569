"""`export`: the sentences or test cases of a project, as a file for other programs."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import tell
from agent.views.language import Translate
from states.errors import SettingsError, problem_of
from states.intents import cases
from states.intents.example_set import ExampleSet
from states.intents.examples import read
from states.intents.no_intent import word_for_no_intent
from states.intents.spreadsheet import guard
from states.model import Project
from states.places import Artifact
from states.text import say

FORMATS = ("csv", "jsonl")
Rows = Iterator[dict[str, str | None]]


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--cases", action="store_true", help=t(say("the test cases, not the sentences"))
    )
    parser.add_argument("--format", choices=FORMATS, default="csv", help=t(say("csv or jsonl")))
    parser.add_argument(
        "--out", metavar="FILE", help=t(say("a new file; else it goes to the standard output"))
    )


def _export(app: Application, given: argparse.Namespace) -> int:
    project = app.find(given.project)
    rows = _cases(app, project, given.format) if given.cases else _sentences(app, project)
    if given.out is None:
        write_rows(sys.stdout, rows, given.format, given.cases, delimiter_of(app))
        return FINE
    with open_new(given.out, given.format) as file:
        written = write_rows(file, rows, given.format, given.cases, delimiter_of(app))
    tell(app, say("{path}: {count} row.", "{path}: {count} rows.", path=given.out, count=written))
    return FINE


@contextmanager
def open_new(out: str, chosen: str) -> Iterator[IO[str]]:
    """A file that was not there. SettingsError if it was, or cannot be written."""
    path = Path(out)
    # utf-8-sig: without the mark Excel takes a CSV for another encoding.
    encoding = "utf-8-sig" if chosen == "csv" else "utf-8"
    is_ours = False  # half of it is not left behind, where the disk is full
    try:
        with path.open("x", encoding=encoding, newline="") as file:
            is_ours = True
            yield file
    except FileExistsError as error:
        raise SettingsError(
            say("{path} is there already. Choose another name.", path=str(path))
        ) from error
    except OSError as error:
        if is_ours:
            path.unlink(missing_ok=True)
        raise SettingsError(
            say("{path} cannot be written: {problem}.", path=str(path), problem=problem_of(error))
        ) from error


def _read(app: Application, project: Project, artifact: Artifact) -> bytes:
    path = app.preparation.path(project.name, artifact)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise SettingsError(
            say("{place} is not a file. Remove it, or put the file there.", place=str(path))
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            say("{place} cannot be read: {problem}.", place=str(path), problem=problem_of(error))
        ) from error


def _sentences(app: Application, project: Project) -> Rows:
    document = read(_read(app, project, Artifact.EXAMPLES), Artifact.EXAMPLES.value)
    for intent, texts in document.data.items():
        for text in texts:
            yield {"text": text, "intent": intent}


def sentences_of(found: ExampleSet) -> Rows:
    """The rows of a set that was gathered just now."""
    for sentence in found.sentences():
        yield {"text": sentence.text, "intent": sentence.intent}


def _cases(app: Application, project: Project, chosen: str) -> Rows:
    """A case that no intent fits is null in JSONL, and a word in a CSV, where nothing is empty."""
    document = read(_read(app, project, Artifact.EXAMPLES), Artifact.EXAMPLES.value)
    content = _read(app, project, Artifact.CASES)
    none = word_for_no_intent(document.data) if chosen == "csv" else None
    for case in cases.parse(content, Artifact.CASES.value, list(document.data)).cases:
        intent = none if case.expected is None else case.expected
        yield {"text": case.text, "intent": intent, "kind": case.kind, "id": case.id}


def delimiter_of(app: Application) -> str:
    """What Excel expects in a CSV: where commas are decimal, a semicolon."""
    return ";" if app.settings.language == "es" else ","


def write_rows(
    file: IO[str], rows: Rows, chosen: str, is_of_cases: bool, delimiter: str = ","
) -> int:
    """The rows as CSV, in which nothing is computed, or as JSONL. Returns how many there are."""
    number = count()
    if chosen == "jsonl":
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.writelines(line for line, _ in zip(lines, number, strict=False))
        return next(number)
    names = ("text", "intent", "kind", "id") if is_of_cases else ("text", "intent")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(names)
    cells = ([guard(row[name] or "") for name in names] for row in rows)
    writer.writerows(row for row, _ in zip(cells, number, strict=False))
    return next(number)


COMMAND = Command(
    _export,
    _add_arguments,
)
