"""How well each intent is told from the others: precision, recall, F1, and what it is taken for.

Pure arithmetic over (expected, predicted) pairs, so that every candidate is measured alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.answers import AnsweredCase
from states.evaluation.scores import Score
from states.intents.forms import NO_INTENT

Pair = tuple[str, str | None]  # the expected intent, and the one that the answer names, if any


@dataclass(frozen=True)
class IntentScore:
    """One intent that cases expect.

    `named`: answers, right or wrong, that name it. `confused_with`: what its wrong answers name
    (an intent, or NO_INTENT), by count, the most frequent first.
    """

    outcome: Score
    named: int
    confused_with: tuple[tuple[str, int], ...] = ()

    @property
    def support(self) -> int:
        return self.outcome.cases

    @property
    def precision(self) -> float:
        """The share of right ones among the answers that name it, 0..1; 0 where none does."""
        return self.outcome.correct / self.named if self.named else 0.0

    @property
    def recall(self) -> float:
        """The share of its cases that are answered right, 0..1: its accuracy."""
        return self.outcome.correct / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both, 2·correct / (support + named); 0 without either."""
        both = self.support + self.named
        return 2 * self.outcome.correct / both if both else 0.0

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json; shares with four decimals."""
        return {
            **self.outcome.as_json(),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "support": self.support,
            "confused_with": [
                {"intent": intent, "count": count} for intent, count in self.confused_with
            ],
        }


def pairs_of_cases(cases: Iterable[AnsweredCase]) -> list[Pair]:
    """What was expected and what was named, of the cases that an intent fits."""
    return [(c.case.expected, c.predicted) for c in cases if c.case.expected is not None]


def measure_intents(pairs: Sequence[Pair]) -> dict[str, IntentScore]:
    """Of each expected intent, in order of appearance."""
    named = Counter(predicted for _, predicted in pairs)
    support = Counter(expected for expected, _ in pairs)
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    for expected, predicted in pairs:
        if predicted != expected:
            wrong[expected][predicted or NO_INTENT] += 1
    return {
        intent: IntentScore(
            Score(cases, cases - wrong[intent].total()),
            named[intent],
            tuple(sorted(wrong[intent].items(), key=lambda item: (-item[1], item[0]))),
        )
        for intent, cases in support.items()
    }


def macro_f1(measured: Mapping[str, IntentScore]) -> float | None:
    """The mean F1 of the intents that have cases, four decimals; None without one.

    An intent without cases has no recall. All candidates are asked the same cases, so they are all
    averaged over the same intents."""
    if not measured:
        return None
    return round(sum(one.f1 for one in measured.values()) / len(measured), 4)


def weighted_f1(measured: Mapping[str, IntentScore]) -> float | None:
    """The mean F1 weighted by the number of cases, four decimals; None without a case."""
    cases = sum(one.support for one in measured.values())
    if not cases:
        return None
    return round(sum(one.f1 * one.support for one in measured.values()) / cases, 4)
