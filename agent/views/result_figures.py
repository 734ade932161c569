"""The figures of results/test_results.json that an expert looks for, of an evaluation alone; and
the suggestions of results/improvement_analysis.json.

result_content.py puts them beside the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.views.language import Translate
from states.evaluation.answers import Evaluation
from states.evaluation.candidates import list_candidates
from states.evaluation.confidence import measure_confidence
from states.evaluation.evidence import Suggestion
from states.evaluation.intent_scores import (
    macro_f1,
    measure_intents,
    pairs_of_cases,
    weighted_f1,
)
from states.evaluation.out_of_scope import measure_out_of_scope
from states.evaluation.scores import score, score_per_kind


def render_figures(evaluation: Evaluation, deployment: str, model: str) -> dict[str, Any]:
    """Per intent, per kind, per candidate, and what the model's confidence is worth."""
    measured = measure_intents(pairs_of_cases(evaluation.graded))
    confidence = measure_confidence(evaluation.graded)
    outside, tariff = measure_out_of_scope(evaluation), evaluation.tariff
    robustness = evaluation.robustness
    candidates = list_candidates(evaluation, deployment, model)
    per_kind = score_per_kind(evaluation.graded)
    return {
        "macro_f1": macro_f1(measured),
        "weighted_f1": weighted_f1(measured),
        "candidates": [candidate.as_json() for candidate in candidates],
        "monthly_volume": tariff and tariff.monthly_volume,
        "hosting_usd_per_hour": tariff and tariff.hosting_usd_per_hour,
        "per_intent": {intent: one.as_json() for intent, one in measured.items()},
        "per_kind": {kind: one.as_json() for kind, one in per_kind.items()},
        "confidence": confidence and confidence.as_json(),
        "out_of_scope": outside and outside.as_json(),
        "robustness": robustness and [one.as_json() for one in robustness],
    }


def render_uncounted(evaluation: Evaluation) -> dict[str, Any]:
    """How many cases do not count, being trained on, or nearly, and the score with them.

    null where nobody looked for the near ones."""
    everything = score(evaluation.in_scope)
    return {
        "cases_trained_on": evaluation.trained,
        "cases_near_training": evaluation.near if evaluation.knows_near else None,
        "with_cases_trained_on": everything.as_json(),
    }


def render_cases(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Each case with its answer, and the training sentences near to it where they are known."""
    near = evaluation.neighbours
    return [
        {
            **one.as_json(),
            **(
                {"neighbours": [neighbour.as_json() for neighbour in near[one.case.id]]}
                if one.case.id in near
                else {}
            ),
        }
        for one in evaluation.cases
    ]


def render_suggestions(
    suggestions: Sequence[Suggestion], translate: Translate
) -> list[dict[str, Any]]:
    """The weightiest first, as they were made."""
    return [{**one.as_json(), "text": translate(one.text)} for one in suggestions]
