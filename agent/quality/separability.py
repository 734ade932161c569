"""Pairs of intents that even the local classifier takes for each other.

A part of local_model.py. No number of sentences mends two intents that mean the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from agent.quality.classifier import Trial
from agent.quality.work import places
from states.intents.findings import Assessment, Finding
from states.text import Rounded, Text, say

KEPT = 50  # pairs in the figures
WORST_SHARE, WORST_COUNT = 0.1, 3  # of the sentences of both that a pair confuses to be told of
_SHOWN = 5


@dataclass(frozen=True)
class Confusion:
    """`count` of the `total` sentences of two intents were taken for the other one's."""

    one: str
    other: str
    count: int
    total: int

    @property
    def share(self) -> float:
        return self.count / self.total

    def as_json(self) -> dict[str, Any]:
        return {
            "intents": [self.one, self.other],
            "confused": self.count,
            "of": self.total,
            "share": round(self.share, 4),
        }


def assess(trial: Trial) -> Assessment:
    ranked = rank(trial)
    return Assessment(
        _tell(trial, ranked), {"confused_intents": [pair.as_json() for pair in ranked[:KEPT]]}
    )


def rank(trial: Trial) -> list[Confusion]:
    """The pairs that are confused at all, the largest share first."""
    sizes = Counter(trial.labels.tolist())
    pairs: Counter[tuple[int, int]] = Counter()
    for label, predicted in zip(trial.labels.tolist(), trial.predicted.tolist(), strict=True):
        if label != predicted:
            pairs[min(label, predicted), max(label, predicted)] += 1
    found = [
        Confusion(trial.intents[one], trial.intents[other], count, sizes[one] + sizes[other])
        for (one, other), count in pairs.items()
    ]
    return sorted(found, key=lambda pair: (-pair.share, pair.one, pair.other))


def _tell(trial: Trial, ranked: list[Confusion]) -> list[Finding]:
    worst = [p for p in ranked if p.share >= WORST_SHARE and p.count >= WORST_COUNT]
    if not worst:
        return []
    text = say(
        "{count} pair of intents is hard to tell apart. Join the two, or describe and word them"
        " more differently:\n{pairs}",
        "{count} pairs of intents are hard to tell apart. Join the two, or describe and word them"
        " more differently:\n{pairs}",
        count=len(worst),
        pairs=tuple(_describe(pair) for pair in worst[:_SHOWN]),
    )
    rows = places(_confused(trial, worst[0]))
    return [Finding(text, kind="confused_intents", rows=rows, count=len(worst))]


def _describe(pair: Confusion) -> Text:
    return say(
        "{one} and {other}: {count} of {total} sentences ({share} %)",
        one=repr(pair.one),
        other=repr(pair.other),
        count=pair.count,
        total=pair.total,
        share=Rounded(100 * pair.share, 0),
    )


def _confused(trial: Trial, pair: Confusion) -> list[Any]:
    """The sentences of the pair that were taken for the other intent's."""
    names = {pair.one, pair.other}
    return [
        one
        for one, predicted in zip(trial.sentences, trial.predicted.tolist(), strict=True)
        if {one.intent, trial.intents[predicted]} == names
    ]
