"""What a free local classifier says of the test cases, and which training sentences are near them.

The port `Quality` gives it (states/ports.py); ask_cases makes a rival of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from states.evaluation.answers import Answer, Neighbour, Rival, RivalKind

MODEL = "logistic regression"


@dataclass(frozen=True)
class LocalAnswers:
    """One entry per text in each tuple, in the order of the texts.

    `features`: what the classifier sees of a sentence. `chances`: the probabilities, 0 to 1, of the
    likeliest intents, the predicted one among them. `neighbours`: the most similar training
    sentences, the nearest first. `is_near`: it nearly is a training sentence (also where it is one
    up to case and spaces). `seconds`: what one answer takes."""

    features: str
    predicted: tuple[str, ...]
    chances: tuple[Mapping[str, float], ...]
    neighbours: tuple[tuple[Neighbour, ...], ...]
    is_near: tuple[bool, ...]
    seconds: float = 0.0


def to_rival(local: LocalAnswers) -> Rival:
    """The classifier as a candidate among the others, for the cases that it was asked."""
    answers = tuple(
        Answer(
            text=intent,
            latency_seconds=local.seconds,
            attempts=1,
            probability=chances.get(intent),
            others={other: chance for other, chance in chances.items() if other != intent},
        )
        for intent, chances in zip(local.predicted, local.chances, strict=True)
    )
    return Rival(RivalKind.LOCAL, local.features, MODEL, answers, local.predicted)
