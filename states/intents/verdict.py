"""What the answers are worth: accuracy with its interval, confusion, error patterns, grade.

Pure arithmetic over `AnsweredCase`s; analysis.py turns it into advice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, pvariance
from typing import Any

from states.intents.answers import AnsweredCase
from states.intents.forms import answer_forms, name_form

Z_95 = NormalDist().inv_cdf(0.975)  # two-sided 95 % quantile of the normal distribution
NO_INTENT = "(none)"  # in tables, for an answer that names no intent; no person would choose it


def wilson(correct: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927), as shares. (0, 1) for no cases.

    Unlike the normal approximation it is honest for the small counts seen here.
    """
    if total == 0:
        return (0.0, 1.0)
    share = correct / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half = z * spread / (1 + z * z / total)
    return (max(0.0, centre - half), min(1.0, centre + half))


def cases_for_half_width(accuracy: float, half: float) -> int:
    """Cases for a 95 % interval of ± `half` at this accuracy.

    The accuracy is taken as at most 0.95, because a perfect score would ask for no case at all.
    """
    share = min(max(accuracy, 0.05), 0.95)
    return int(math.ceil(Z_95**2 * share * (1 - share) / half**2 / 10) * 10)


@dataclass(frozen=True)
class Score:
    """How many of some cases were answered right."""

    cases: int
    correct: int

    @property
    def accuracy(self) -> float | None:
        """0..1, four decimals; None without cases."""
        return round(self.correct / self.cases, 4) if self.cases else None

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the true accuracy, four decimals."""
        low, high = wilson(self.correct, self.cases)
        return round(low, 4), round(high, 4)

    def as_json(self) -> dict[str, Any]:
        """The form in results/*.json."""
        return {
            "cases": self.cases,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval_95": list(self.interval),
        }


@dataclass(frozen=True)
class ErrorPattern:
    """Wrong answers of one kind: `answered` instead of `expected`, with the sentences."""

    expected: str
    answered: str  # an intent, or NO_INTENT
    texts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "expected": self.expected,
            "answered": self.answered,
            "count": len(self.texts),
            "texts": list(self.texts),
        }


def find_intent(answer: str, intents: Sequence[str]) -> str | None:
    """The intent that an answer names, up to case and the punctuation around it; else None."""
    by_form = {name_form(intent): intent for intent in intents}
    return next((by_form[form] for form in answer_forms(answer) if form in by_form), None)


def score(cases: Sequence[AnsweredCase]) -> Score:
    return Score(len(cases), sum(case.is_correct for case in cases))


def score_per_intent(cases: Sequence[AnsweredCase]) -> dict[str, Score]:
    """The score of each expected intent, in order of appearance."""
    names = dict.fromkeys(case.case.expected for case in cases)
    return {name: score([c for c in cases if c.case.expected == name]) for name in names}


def score_per_kind(cases: Sequence[AnsweredCase]) -> dict[str, Score]:
    """The score of each kind of case, in order of appearance."""
    names = dict.fromkeys(case.case.kind for case in cases)
    return {name: score([c for c in cases if c.case.kind == name]) for name in names}


def count_confusions(
    cases: Sequence[AnsweredCase], intents: Sequence[str]
) -> dict[str, dict[str, int]]:
    """expected -> answered -> count; an answer that is no intent counts as NO_INTENT."""
    matrix = {expected: dict.fromkeys([*intents, NO_INTENT], 0) for expected in intents}
    for case in cases:
        matrix[case.case.expected][case.predicted or NO_INTENT] += 1
    return matrix


def find_error_patterns(cases: Sequence[AnsweredCase]) -> list[ErrorPattern]:
    """Wrong answers grouped by (expected, answered), the most frequent first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        if not case.is_correct:
            key = (case.case.expected, case.predicted or NO_INTENT)
            groups.setdefault(key, []).append(case.case.text)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [ErrorPattern(e, a, tuple(texts)) for (e, a), texts in ranked]


def grade(accuracy: float, bounds: Sequence[Mapping[str, Any]]) -> str:
    """The letter of the highest bound that is not above `accuracy`."""
    for bound in sorted(bounds, key=lambda b: -float(b["at_least"])):
        if accuracy >= bound["at_least"]:
            return str(bound["letter"])
    return str(bounds[-1]["letter"])


def variance_of(per_intent: Mapping[str, Score]) -> float:
    """Population variance of the intents' accuracies, four decimals."""
    values = [s.accuracy for s in per_intent.values() if s.accuracy is not None]
    return round(pvariance(values), 4) if values else 0.0


def find_extremes(per_intent: Mapping[str, Score]) -> tuple[str, str]:
    """(best, worst) intent by accuracy; of equal ones, by the alphabet."""
    ranked = sorted(per_intent, key=lambda intent: (-(per_intent[intent].accuracy or 0.0), intent))
    return ranked[0], ranked[-1]


def find_ties(intent: str, per_intent: Mapping[str, Score]) -> list[str]:
    """The other intents with the same accuracy."""
    own = per_intent[intent].accuracy
    return sorted(i for i, s in per_intent.items() if i != intent and s.accuracy == own)
