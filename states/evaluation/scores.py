"""What the answers are worth: accuracy with its interval, confusion, error patterns, grade.

Pure arithmetic over `AnsweredCase`s; analysis.py turns it into advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import pvariance
from typing import Any

from states.evaluation.answers import AnsweredCase
from states.evaluation.statistics import wilson
from states.intents.forms import NO_INTENT, answer_forms, name_form


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
    by_form = _name_forms(tuple(intents))
    return next((by_form[form] for form in answer_forms(answer) if form in by_form), None)


@lru_cache(maxsize=8)  # the same ones are looked for in every answer to thousands of cases
def _name_forms(intents: tuple[str, ...]) -> Mapping[str, str]:
    return {name_form(intent): intent for intent in intents}


def score(cases: Sequence[AnsweredCase]) -> Score:
    return Score(len(cases), sum(case.is_correct for case in cases))


def score_per_intent(cases: Sequence[AnsweredCase]) -> dict[str, Score]:
    """The score of each expected intent, in order of appearance."""
    return _score_each((case.case.expected or NO_INTENT, case) for case in cases)


def score_per_kind(cases: Sequence[AnsweredCase]) -> dict[str, Score]:
    """The score of each kind of case, in order of appearance."""
    return _score_each((case.case.kind, case) for case in cases)


def _score_each(named: Iterable[tuple[str, AnsweredCase]]) -> dict[str, Score]:
    """In one pass: a file may have a kind for every case."""
    groups: dict[str, list[AnsweredCase]] = {}
    for name, case in named:
        groups.setdefault(name, []).append(case)
    return {name: score(group) for name, group in groups.items()}


def count_confusions(
    cases: Sequence[AnsweredCase], intents: Sequence[str]
) -> dict[str, dict[str, int]]:
    """expected -> answered -> count; an answer that is no intent counts as NO_INTENT."""
    matrix = {expected: dict.fromkeys([*intents, NO_INTENT], 0) for expected in intents}
    for case in cases:
        matrix[case.case.expected or NO_INTENT][case.predicted or NO_INTENT] += 1
    return matrix


def find_error_patterns(cases: Sequence[AnsweredCase]) -> list[ErrorPattern]:
    """Wrong answers grouped by (expected, answered), the most frequent first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        if not case.is_correct:
            key = (case.case.expected or NO_INTENT, case.predicted or NO_INTENT)
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
