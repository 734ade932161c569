"""What a project scored, never without its interval. status.py and the command line call this."""

from __future__ import annotations

from typing import Any

from states.intents.verdict import wilson
from states.model import Project
from states.text import Rounded, Text, say


def score_text(project: Project) -> Text | None:
    """The accuracy, its 95 % interval, the grade: 82.5 % (68–91), grade B-. None before the end."""
    evaluated, analyzed = project.facts.evaluated, project.facts.analyzed
    if evaluated is None or evaluated.accuracy is None or not evaluated.cases:
        return None
    low, high = wilson(evaluated.correct, evaluated.cases)
    accuracy = say(
        "{percent} % ({low}–{high})",
        percent=Rounded(evaluated.accuracy * 100, 1),
        low=Rounded(low * 100),
        high=Rounded(high * 100),
    )
    if analyzed is None:
        return accuracy
    return say("{accuracy}, grade {grade}", accuracy=accuracy, grade=analyzed.grade)


def score_json(project: Project) -> dict[str, Any]:
    """The same for a program. `interval_95`: Wilson's, as in results/; null before the end."""
    evaluated, analyzed = project.facts.evaluated, project.facts.analyzed
    interval = None
    if evaluated is not None and evaluated.cases:
        interval = [round(bound, 4) for bound in wilson(evaluated.correct, evaluated.cases)]
    return {
        "accuracy": evaluated and evaluated.accuracy,
        "interval_95": interval,
        "cases": evaluated.cases if interval and evaluated else None,
        "correct": evaluated.correct if interval and evaluated else None,
        "grade": analyzed and analyzed.grade,
    }
