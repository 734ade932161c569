"""Sentences that are perhaps under the wrong intent, the most doubtful first.

A part of local_model.py. cleanlab says how many labels are wrong, from how sure the classifier is
of each intent; that many sentences with the least probability for their own intent are suspects.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from agent.quality.classifier import Trial
from agent.quality.quoting import quote
from agent.quality.work import places
from states.evaluation.statistics import wilson
from states.intents.findings import Assessment, Finding
from states.intents.sentences import Sentence
from states.text import Text, say

ENOUGH = 8  # sentences of an intent: with fewer, what is rare in it looks wrong
# A classifier that may be right in fewer than four of five cases is believed only where it is sure:
# of the 48 faultless sentences that come with the program it suspects five, the surest at 0.58.
TRUSTED, SURE = 0.8, 0.62
KEPT = 1_000  # suspects in the figures
_SHOWN, _NEAREST = 5, 3


@dataclass(frozen=True)
class Suspect:
    """`confidence`: the probability of `suggested`, 0 to 1; `nearest`: its most similar ones."""

    sentence: Sentence
    suggested: str
    confidence: float
    nearest: tuple[Sentence, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "where": str(self.sentence.where),
            "given": self.sentence.intent,
            "suggested": self.suggested,
            "confidence": round(self.confidence, 4),
            "nearest": [str(one.where) for one in self.nearest],
        }


def assess(trial: Trial) -> Assessment:
    ranked = rank(trial)
    listed = [_describe(trial, at) for at in ranked[:KEPT]]
    figures = {
        "label_errors": {"count": len(ranked), "suspects": [one.as_json() for one in listed]}
    }
    if wilson(int((trial.predicted == trial.labels).sum()), len(trial.labels))[0] >= TRUSTED:
        return Assessment(_tell(listed, len(ranked)), figures)
    sure = [one for one in listed if one.confidence >= SURE]
    return Assessment(_tell(sure, len(sure)), figures)


def rank(trial: Trial) -> list[int]:
    """Indices of the suspects, the most doubtful first."""
    from cleanlab.filter import find_label_issues

    found = find_label_issues(
        trial.labels,
        trial.probabilities,
        filter_by="low_self_confidence",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    counts = Counter(trial.labels.tolist())
    predicted = trial.predicted
    return [
        at
        for at in found.tolist()
        if counts[trial.labels[at]] >= ENOUGH and predicted[at] != trial.labels[at]
    ]


def _describe(trial: Trial, at: int) -> Suspect:
    import numpy as np

    suggested = int(trial.predicted[at])
    others = np.flatnonzero(trial.labels == suggested)
    rows = trial.features.rows
    order = np.argsort(-(rows[others] @ rows[at]), kind="stable")[:_NEAREST]
    return Suspect(
        trial.sentences[at],
        trial.intents[suggested],
        float(trial.probabilities[at, suggested]),
        tuple(trial.sentences[other] for other in others[order]),
    )


def _tell(suspects: list[Suspect], count: int) -> list[Finding]:
    if not suspects:
        return []
    text = say(
        "{count} sentence is perhaps under the wrong intent. Look at it:\n{suspects}",
        "{count} sentences are perhaps under the wrong intent. Look at the most doubtful first:"
        "\n{suspects}",
        count=count,
        suspects=tuple(_show(one) for one in suspects[:_SHOWN]),
    )
    rows = places([one.sentence for one in suspects])
    return [Finding(text, kind="label_errors", rows=rows, count=count)]


def _show(suspect: Suspect) -> Text:
    return say(
        "{one} is under {given}; the others say {suggested}, such as {nearest}",
        one=quote(suspect.sentence),
        given=repr(suspect.sentence.intent),
        suggested=repr(suspect.suggested),
        nearest=quote(suspect.nearest[0]),
    )
