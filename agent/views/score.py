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
        return None if evaluated is None else _mention_unanswered(None, evaluated.unanswered)
    low, high = wilson(evaluated.correct, evaluated.cases)
    accuracy = say(
        "{percent} % ({low}–{high})",
        percent=Rounded(evaluated.accuracy * 100, 1),
        low=Rounded(low * 100),
        high=Rounded(high * 100),
    )
    if analyzed is not None:
        accuracy = say("{accuracy}, grade {grade}", accuracy=accuracy, grade=analyzed.grade)
    return _mention_unanswered(accuracy, evaluated.unanswered)


def _mention_unanswered(accuracy: Text | None, count: int) -> Text | None:
    """An accuracy never hides that cases are missing from it."""
    if not count:
        return accuracy
    missing = say("{count} case without an answer", "{count} cases without an answer", count=count)
    return (
        missing if accuracy is None else say("{score}; {missing}", score=accuracy, missing=missing)
    )


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
        "unanswered": evaluated and evaluated.unanswered,
        "grade": analyzed and analyzed.grade,
    }
