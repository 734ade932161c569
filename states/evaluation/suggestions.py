"""What to change next, by weight: what costs most cases comes first. analysis.py calls it.

The thresholds are in states/catalog/service.toml, section [analysis].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.evaluation.advice_on_answers import suggest_for_answers
from states.evaluation.advice_on_cases import suggest_for_cases
from states.evaluation.advice_on_training import suggest_for_curve
from states.evaluation.evidence import Evidence, Suggestion


def suggest(evidence: Evidence, bounds: Mapping[str, Any]) -> list[Suggestion]:
    """Each with its reason. What has no weight comes last; of equal ones, as they are found.

    Empty where nothing was graded."""
    if not evidence.graded:
        return []
    found = [
        *suggest_for_answers(evidence, bounds),
        *suggest_for_curve(evidence, bounds),
        *suggest_for_cases(evidence, bounds),
    ]
    return sorted(found, key=lambda one: (one.weight is None, -(one.weight or 0.0)))
