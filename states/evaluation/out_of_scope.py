"""Sentences that no intent fits: whether the model lets them go, and what that costs the others.

An answer *rejects* a sentence if it names no intent, or names one with a probability below the
threshold (threshold.py). Pure arithmetic; the pages of results/ show it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.answers import AnsweredCase, Evaluation
from states.evaluation.scores import Score
from states.text import Rounded, Text, say


@dataclass(frozen=True)
class OutOfScope:
    """`rejected`: of the cases that no intent fits; `in_scope`: of the others, how many are
    answered right *and* not rejected; `auroc`: area under the ROC curve, None if not known."""

    rejected: Score
    in_scope: Score
    threshold: float | None
    auroc: float | None
    chosen_by: int | None = None  # right validation answers; of a few, the threshold is a guess

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        return {
            "cases": self.rejected.cases,
            "rejected": self.rejected.correct,
            "recall": self.rejected.accuracy,
            "interval_95": list(self.rejected.interval),
            "threshold": None if self.threshold is None else round(self.threshold, 6),
            "threshold_chosen_by": self.chosen_by,
            "in_scope_cases": self.in_scope.cases,
            "in_scope_accuracy": self.in_scope.accuracy,
            "in_scope_interval_95": list(self.in_scope.interval),
            "auroc": None if self.auroc is None else round(self.auroc, 4),
        }


def measure_out_of_scope(evaluation: Evaluation) -> OutOfScope | None:
    """None where no case is out of scope."""
    outside, inside = evaluation.out_of_scope, evaluation.graded
    if not outside:
        return None
    chosen = evaluation.threshold
    threshold = None if chosen is None else chosen.probability
    kept = sum(c.is_correct and not is_rejected(c, threshold) for c in inside)
    return OutOfScope(
        Score(len(outside), sum(is_rejected(case, threshold) for case in outside)),
        Score(len(inside), kept),
        threshold,
        auroc(_list_confidences(inside), _list_confidences(outside)),
        None if chosen is None else chosen.answers,
    )


def describe_out_of_scope(evaluation: Evaluation) -> Text | None:
    """In one sentence; None where no case is out of scope."""
    found = measure_out_of_scope(evaluation)
    if found is None:
        return None
    if found.threshold is None:
        return say(
            "Of {count} case that no intent fits {rejected} is answered with none.",
            "Of {count} cases that no intent fits {rejected} are answered with none.",
            count=found.rejected.cases,
            rejected=found.rejected.correct,
        )
    return say(
        "Where answers of less than {threshold} % confidence are not believed, {rejected} of"
        " {count} case that no intent fits is let go, and {kept} of the other {cases} are still"
        " right.",
        "Where answers of less than {threshold} % confidence are not believed, {rejected} of"
        " {count} cases that no intent fits are let go, and {kept} of the other {cases} are still"
        " right.",
        threshold=Rounded(found.threshold * 100),
        kept=found.in_scope.correct,
        cases=found.in_scope.cases,
        count=found.rejected.cases,
        rejected=found.rejected.correct,
    )


def is_rejected(case: AnsweredCase, threshold: float | None) -> bool:
    """An answer that nobody scored is rejected only for naming no intent."""
    if case.predicted is None:
        return True
    probability = case.answer.probability
    return threshold is not None and probability is not None and probability < threshold


def _list_confidences(cases: Sequence[AnsweredCase]) -> list[float]:
    """By which the model tells the two apart. An answer that names no intent rejects at every
    threshold, so it stands below all others; one that names an intent unscored is left out."""
    return [
        -1.0 if case.predicted is None else case.answer.probability or 0.0
        for case in cases
        if case.predicted is None or case.answer.probability is not None
    ]


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """How likely a case in scope has a higher confidence than one out of scope; a tie counts half.

    The statistic of Mann and Whitney (1947) over the number of pairs. None without a pair, or
    where nothing was scored."""
    if not inside or not outside or max(*inside, *outside) < 0:
        return None
    ordered = sorted(outside)
    wins = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in inside)
    return wins / 2 / (len(inside) * len(outside))
