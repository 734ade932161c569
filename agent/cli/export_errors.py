"""`export-errors`: wrong and uncertain answers as a CSV, to be corrected and imported again."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from typing import IO

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.export import delimiter_of, open_new
from agent.cli.output import remark, tell
from agent.engine.evaluated import Graded, find_graded
from agent.views.language import Translate
from states.errors import SettingsError
from states.evaluation.answers import AnsweredCase
from states.evaluation.to_correct import choose_to_correct
from states.intents.spreadsheet import guard
from states.text import Text, say

UNCERTAIN = 20
# An import finds `text` and `intent` by their names, and takes no notice of the others.
NAMES = ("text", "intent", "answered", "confidence", "nearest sentence", "nearest intent")


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--out", metavar="FILE", help=t(say("a new file; else it goes to the standard output"))
    )
    parser.add_argument(
        "--uncertain",
        type=int,
        default=UNCERTAIN,
        metavar="N",
        help=t(say("so many right answers as well, the least certain ones (20)")),
    )


def _export_errors(app: Application, given: argparse.Namespace) -> int:
    if given.uncertain < 0:
        raise SettingsError(say("--uncertain takes a number from 0 on."))
    project = app.find(given.project)
    graded = find_graded(app.store, project, None)
    cases = choose_to_correct(graded.evaluation, given.uncertain)
    wrong = sum(not case.is_correct for case in cases)
    if given.out is None:
        write_errors(sys.stdout, graded, cases, delimiter_of(app))
        return FINE
    if not cases:
        tell(app, say("{project}: every answer is right; nothing to correct.", project=graded.name))
        return FINE
    with open_new(given.out, "csv") as file:
        write_errors(file, graded, cases, delimiter_of(app))
    count = say(
        "{path}: {count} wrong answer, {uncertain}.",
        "{path}: {count} wrong answers, {uncertain}.",
        path=given.out,
        count=wrong,
        uncertain=say("{count} uncertain one", "{count} uncertain ones", count=len(cases) - wrong),
    )
    tell(app, count)
    for told in _describe_way(graded, given.out):
        remark(app.translate(told))
    return FINE


def _describe_way(graded: Graded, path: str) -> Iterator[Text]:
    """What to do with the file, and what that takes away."""
    name = graded.project.name
    if graded.evaluation.source == "validation":
        yield say(
            "These are sentences of the project itself (it has no test cases of its own): correct"
            " them where they come from, and `import {project} FILE --replace`.",
            project=name,
        )
        return
    yield say(
        "Correct the column `intent`, delete the rows that teach nothing, then `iterate {project}"
        " --examples {path}`: they are joined to the sentences, and trained on.",
        project=name,
        path=path,
    )
    yield say(
        "From then on they are no test any more: what is trained on is shown, and not counted."
        " Collect new cases in their place: `evaluate {project} --cases FILE`.",
        project=name,
    )


def write_errors(
    file: IO[str], graded: Graded, cases: Sequence[AnsweredCase], delimiter: str
) -> None:
    """One row each. `intent` holds what was expected: the file can be imported as it is."""
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(NAMES)
    writer.writerows(map(guard, _row(graded, case, delimiter)) for case in cases)


def _row(graded: Graded, case: AnsweredCase, delimiter: str) -> tuple[str, ...]:
    near = next(iter(graded.evaluation.neighbours.get(case.case.id, ())), None)
    chance = case.answer.probability
    confidence = "" if chance is None else f"{chance:.3f}"
    return (
        case.case.text,
        case.case.label,
        case.predicted or case.answer.text,
        confidence.replace(".", ",") if delimiter == ";" else confidence,
        near.text if near else "",
        near.intent if near else "",
    )


COMMAND = Command(
    _export_errors,
    _add_arguments,
)
