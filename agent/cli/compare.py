"""`compare`: two projects, or two generations of one, on the cases that both were asked."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json
from agent.engine.evaluated import Graded, find_graded, split_name
from agent.views.language import Translate
from agent.views.two_graded import compared_json, render_compared
from states.errors import SettingsError
from states.evaluation.answers import Evaluation
from states.evaluation.side_by_side import lay_side_by_side
from states.text import Text, say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument(
        "first", metavar="PROJECT[@N]", help=t(say("a project, or its generation N"))
    )
    parser.add_argument(
        "second",
        nargs="?",
        metavar="PROJECT[@N]",
        help=t(say("with whom; without: the generation that the first goes on from")),
    )
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _count_cases(evaluation: Evaluation) -> Text:
    return say("{count} case", "{count} cases", count=len(evaluation.graded))


def _compare(app: Application, given: argparse.Namespace) -> int:
    first = _find(app, given.first)
    second = _find(app, given.second) if given.second else _find_parent(app, first)
    found = lay_side_by_side(first.evaluation, second.evaluation)
    if not found.pairs:
        raise SettingsError(
            say(
                "{first} and {second} have no test case in common that counts for both ({ours} and"
                " {theirs}). The same cases are asked with `evaluate PROJECT --cases FILE`.",
                first=first.name,
                second=second.name,
                ours=_count_cases(first.evaluation),
                theirs=_count_cases(second.evaluation),
            )
        )
    if given.json:
        print_json(compared_json(first, second, found))
    else:
        render_compared(open_screen(), first, second, found, app.translate)
    return FINE


def _find(app: Application, said: str) -> Graded:
    name, generation = split_name(said)
    return find_graded(app.store, app.find(name), generation)


def _find_parent(app: Application, first: Graded) -> Graded:
    parent = first.project.facts.parent
    if parent is None:
        raise SettingsError(
            say(
                "{first} goes on from no other generation: name a second project, or a generation"
                " as {project}@1.",
                first=first.name,
                project=first.project.name,
            )
        )
    return find_graded(app.store, app.find(first.project.name), parent.generation)


COMMAND = Command(
    _compare,
    _add_arguments,
)
