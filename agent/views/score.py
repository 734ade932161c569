"""What a project scored, never without its interval. status.py and the command line call this."""

from __future__ import annotations

from typing import Any

from states.model import Project
from states.stages import Evaluated
from states.text import Rounded, Text, say


def score_text(project: Project) -> Text | None:
    """The accuracy, its 95 % interval, the grade, the verdict: 82.5 % (68–91), grade B-; better,
    ship: yes. None before the end."""
    evaluated, analyzed = project.facts.evaluated, project.facts.analyzed
    if evaluated is None or evaluated.accuracy is None or not evaluated.cases:
        return None if evaluated is None else _mention_missing(None, evaluated)
    # Loaded here, for nothing of it is needed before the end.
    from agent.views.verdict import verdict_line
    from states.evaluation.scores import Score

    low, high = Score(evaluated.cases, evaluated.correct).interval
    accuracy = say(
        "{percent} % ({low}–{high})",
        percent=Rounded(evaluated.accuracy * 100, 1),
        low=Rounded(low * 100),
        high=Rounded(high * 100),
    )
    if analyzed is not None:
        accuracy = say("{accuracy}, grade {grade}", accuracy=accuracy, grade=analyzed.grade)
        verdict = verdict_line(analyzed)
        if verdict is not None:
            accuracy = say("{score}; {verdict}", score=accuracy, verdict=verdict)
    return _mention_missing(accuracy, evaluated)


def _mention_missing(told: Text | None, evaluated: Evaluated) -> Text | None:
    """An accuracy never hides that cases are missing from it."""
    count = evaluated.unanswered
    silent = say("{count} case without an answer", "{count} cases without an answer", count=count)
    known = say(
        "{count} case that was trained on",
        "{count} cases that were trained on",
        count=evaluated.trained,
    )
    nearly = say(
        "{count} case that nearly repeats a training sentence",
        "{count} cases that nearly repeat a training sentence",
        count=evaluated.near,
    )
    everything = ((count, silent), (evaluated.trained, known), (evaluated.near, nearly))
    for missing in (one for how_many, one in everything if how_many):
        told = missing if told is None else say("{score}; {missing}", score=told, missing=missing)
    return told


def score_json(project: Project) -> dict[str, Any]:
    """The same for a program. `interval_95`: Wilson's, as in results/; null before the end."""
    evaluated, analyzed = project.facts.evaluated, project.facts.analyzed
    interval = None
    if evaluated is not None and evaluated.cases:
        from states.evaluation.scores import Score

        interval = list(Score(evaluated.cases, evaluated.correct).interval)
    return {
        "accuracy": evaluated and evaluated.accuracy,
        "interval_95": interval,
        "cases": evaluated.cases if interval and evaluated else None,
        "correct": evaluated.correct if interval and evaluated else None,
        "unanswered": evaluated and evaluated.unanswered,
        "trained_on": evaluated and evaluated.trained,
        "near_training": evaluated and evaluated.near,
        "grade": analyzed and analyzed.grade,
        "verdict": analyzed and analyzed.verdict,
        "ship": analyzed and analyzed.ship,
    }
