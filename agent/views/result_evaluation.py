"""What an evaluation has found, in results/: the answers with their figures, and the analysis.

result_content.py puts a head before either; a project that still trains has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.views.deployment_advice import advise_on_deployment
from agent.views.language import Translate
from agent.views.result_figures import (
    render_cases,
    render_figures,
    render_suggestions,
    render_uncounted,
)
from agent.views.result_rivals import render_left_out
from agent.views.result_sources import render_lineage
from agent.views.verdict import render_comparisons, render_judgement
from states.evaluation import scores
from states.evaluation.analysis import Analysis
from states.evaluation.answers import Evaluation
from states.evaluation.goal import Goal
from states.evaluation.scores import Score
from states.facts import known
from states.model import Project

Json = dict[str, Any]


def render_answers(project: Project, evaluation: Evaluation, translate: Translate) -> Json:
    cases, deployed = evaluation.graded, project.facts.deployed
    model, patterns = known(project.facts.trained).model, scores.find_error_patterns(cases)
    return {
        "model": model,
        "deployment": deployed and deployed.name,
        "cases_from": evaluation.source,
        **scores.score(cases).as_json(),
        **render_uncounted(evaluation),
        **render_figures(evaluation, (deployed and deployed.name) or "", model),
        "candidates_left_out": render_left_out(evaluation.left_out, translate),
        "confusion_matrix": scores.count_confusions(cases, evaluation.intents),
        "error_patterns": [pattern.as_json() for pattern in patterns],
        "comparisons": render_comparisons(evaluation),
        "finish_reasons": dict(evaluation.finishes),
        "lineage": render_lineage(project.facts),
        "cases_answered": render_cases(evaluation),
    }


def render_analysis(
    project: Project,
    evaluation: Evaluation,
    analysis: Analysis,
    spending: Json | None,
    is_stand_in: bool,
    translate: Translate,
) -> Json:
    """`spending`: by result_money.py."""
    total = scores.score(evaluation.graded)
    per_intent = scores.score_per_intent(evaluation.graded)
    best, worst = scores.find_extremes(per_intent) if per_intent else (None, None)
    patterns = scores.find_error_patterns(evaluation.graded)
    advice = advise_on_deployment(project, is_stand_in)
    return {
        **render_judgement(analysis, translate),
        "accuracy": total.accuracy,
        "cases": total.cases,
        "interval_95": list(total.interval),
        **render_uncounted(evaluation),
        "reading": translate(analysis.reading),
        **_render_goal(analysis.goal, translate),
        "best_intent": _render_extreme(best, per_intent),
        "worst_intent": _render_extreme(worst, per_intent),
        "variance": scores.variance_of(per_intent),
        "failures": [pattern.as_json() for pattern in patterns],
        "suggestions": render_suggestions(analysis.suggestions, translate),
        "next_steps": [translate(step) for step in (*analysis.next_steps, *advice)],
        "spending": spending and {"charges_money": not is_stand_in, **spending},
    }


def _render_goal(goal: Goal | None, translate: Translate) -> Json:
    """Nothing for a project without a target."""
    if goal is None:
        return {}
    text = translate(goal.text)
    return {"target": {"accuracy": goal.accuracy, "reached": goal.is_reached, "text": text}}


def _render_extreme(intent: str | None, per_intent: Mapping[str, Score]) -> Json | None:
    """`tied_with`: others of the same accuracy, which only the alphabet puts second."""
    if intent is None:
        return None
    ties = scores.find_ties(intent, per_intent)
    return {"intent": intent, "tied_with": ties, **per_intent[intent].as_json()}
