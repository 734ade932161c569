"""`gate`: the verdict as an exit code, for CI: 0 ship it, 1 do not, 3 undecided."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE, UNDECIDED
from agent.cli.output import tell
from agent.views.junit import Judged, render_junit
from agent.views.language import Translate
from agent.views.verdict import verdict_line
from states.errors import SettingsError, problem_of
from states.evaluation.comparison import compare_rivals
from states.evaluation.verdict import Ship
from states.facts import known
from states.model import Project
from states.text import Text, say

CODES = {Ship.YES: FINE, Ship.NO: IN_TROUBLE, Ship.UNDECIDED: UNDECIDED}


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--junit", metavar="FILE", help=t(say("the same as JUnit XML, for a CI system"))
    )


def _gate(app: Application, given: argparse.Namespace) -> int:
    """Only what is known is told: nothing is asked or changed."""
    project = app.find(given.project)
    judged = _judge(app, project)
    if given.junit is not None:
        _write(Path(given.junit), render_junit(judged, app.translate))
    for text in (judged.headline, *judged.reasons):
        tell(app, text)
    return CODES[judged.ship]


def _judge(app: Application, project: Project) -> Judged:
    analyzed = project.facts.analyzed
    if analyzed is None:
        return Judged(project, Ship.UNDECIDED, _describe_missing(project))
    verdict, line = app.result_content.read_analysis(project).verdict, verdict_line(analyzed)
    if verdict is None or line is None:
        missing = say(
            "{project} was analyzed by an older version, which gave no verdict. `evaluate"
            " {project}` gives one; paid answers are kept.",
            project=project.name,
        )
        return Judged(project, Ship.UNDECIDED, missing)
    evaluated = known(project.facts.evaluated)
    evaluation = app.result_content.read_evaluation(project, evaluated)
    headline = say("{project}: {reading}", project=project.name, reading=line)
    return Judged(project, verdict.ship, headline, verdict, compare_rivals(evaluation))


def _describe_missing(project: Project) -> Text:
    if project.hold is not None:
        return say(
            "{project} has no verdict yet: it is held in {state}. {reason}",
            project=project.name,
            state=project.state.value,
            reason=project.hold,
        )
    return say(
        "{project} has no verdict yet: it is in {state}, and gets one in ANALYZED.",
        project=project.name,
        state=project.state.value,
    )


def _write(path: Path, content: bytes) -> None:
    """SettingsError where it cannot be. What an earlier run of the pipeline left is replaced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(
            say("{path} cannot be written: {problem}.", path=str(path), problem=problem_of(error))
        ) from error


COMMAND = Command(
    _gate,
    _add_arguments,
)
