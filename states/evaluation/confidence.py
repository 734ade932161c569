"""Whether a model is surer where it is right: what its own probabilities are worth.

Only answers that somebody scored count (`Answer.probability`); no number is made up for the others.
Pure arithmetic; the pages of results/ show it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from states.evaluation.answers import AnsweredCase
from states.evaluation.scores import Score

FEWEST = 2  # scored answers, below which there is nothing to compare
FEWEST_FOR_ECE = 100  # a calibration error of fewer is mostly chance
MOST_POINTS = 50  # of the curve
BINS = 10
EDGES = tuple(number / BINS for number in range(BINS + 1))
Scored = tuple[float, bool]  # the probability of the intent that is named, and whether it is right


@dataclass(frozen=True)
class Point:
    """What happens if only answers with at least the probability `threshold` are believed.

    `coverage`: the share of scored answers that are; `outcome`: how many of those are right."""

    threshold: float
    coverage: float
    outcome: Score

    def as_json(self) -> dict[str, Any]:
        return {
            "threshold": round(self.threshold, 6),
            "coverage": round(self.coverage, 4),
            "accuracy": self.outcome.accuracy,
            "interval_95": list(self.outcome.interval),
        }


@dataclass(frozen=True)
class Bin:
    """The answers with a probability above `low` and up to `high`; the first one includes 0."""

    low: float
    high: float
    mean_confidence: float | None  # None for an empty one
    outcome: Score

    def as_json(self) -> dict[str, Any]:
        mean = self.mean_confidence
        return {
            "low": self.low,
            "high": self.high,
            "count": self.outcome.cases,
            "mean_confidence": None if mean is None else round(mean, 4),
            "accuracy": self.outcome.accuracy,
            "interval_95": list(self.outcome.interval),
        }


@dataclass(frozen=True)
class Confidence:
    """`ece`: expected calibration error, the mean distance of confidence and accuracy over the
    bins, weighted by their counts (Naeini and others 2015); None for fewer than FEWEST_FOR_ECE."""

    scored: int
    coverage: tuple[Point, ...]
    reliability: tuple[Bin, ...]
    ece: float | None

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        return {
            "scored": self.scored,
            "coverage": [point.as_json() for point in self.coverage],
            "reliability": [one.as_json() for one in self.reliability],
            "ece": None if self.ece is None else round(self.ece, 4),
            "histogram": {
                "edges": list(EDGES),
                "right": [one.outcome.correct for one in self.reliability],
                "wrong": [one.outcome.cases - one.outcome.correct for one in self.reliability],
            },
        }


def measure_confidence(cases: Sequence[AnsweredCase]) -> Confidence | None:
    """None where fewer than FEWEST of these cases have a scored answer."""
    scored = list_scored(cases)
    if len(scored) < FEWEST:
        return None
    bins = measure_reliability(scored)
    ece = _error_of(bins) if len(scored) >= FEWEST_FOR_ECE else None
    return Confidence(len(scored), measure_coverage(scored), bins, ece)


def list_scored(cases: Sequence[AnsweredCase]) -> list[Scored]:
    """(probability, right) of the cases with a scored answer; rounding may put one beyond 1."""
    return [
        (min(max(case.answer.probability, 0.0), 1.0), case.is_correct)
        for case in cases
        if case.answer.probability is not None
    ]


def measure_coverage(scored: Sequence[Scored]) -> tuple[Point, ...]:
    """A point for each distinct probability, from the highest on, thinned evenly to MOST_POINTS.

    The last one believes every answer."""
    points: list[Point] = []
    cases = correct = 0
    ordered = sorted(scored, reverse=True)
    for threshold, group in groupby(ordered, key=itemgetter(0)):
        right = [is_right for _, is_right in group]
        cases, correct = cases + len(right), correct + sum(right)
        points.append(Point(threshold, cases / len(ordered), Score(cases, correct)))
    last = len(points) - 1
    if last < MOST_POINTS:
        return tuple(points)
    kept = (round(number * last / (MOST_POINTS - 1)) for number in range(MOST_POINTS))
    return tuple(points[number] for number in kept)


def measure_reliability(scored: Sequence[Scored]) -> tuple[Bin, ...]:
    """BINS bins of equal width, as scikit-learn's `calibration_curve` has them."""
    groups: list[list[Scored]] = [[] for _ in range(BINS)]
    for one in scored:
        groups[bisect_left(EDGES[1:-1], one[0])].append(one)
    return tuple(
        Bin(
            low,
            high,
            sum(probability for probability, _ in group) / len(group) if group else None,
            Score(len(group), sum(is_right for _, is_right in group)),
        )
        for low, high, group in zip(EDGES, EDGES[1:], groups, strict=False)
    )


def _error_of(bins: Sequence[Bin]) -> float:
    total = sum(one.outcome.cases for one in bins)
    return sum(
        abs(one.outcome.correct - one.mean_confidence * one.outcome.cases) / total
        for one in bins
        if one.mean_confidence is not None
    )
