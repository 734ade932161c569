"""The accuracy that a project wants, and whether the answers show that it is there.

Called by analysis.py, for a project whose settings give a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.evaluation.scores import Score
from states.text import Text, say


@dataclass(frozen=True)
class Goal:
    """`is_reached`: even the low end of the interval is at or above `accuracy` (0..1)."""

    accuracy: float
    is_reached: bool
    text: Text

    def as_json(self) -> dict[str, Any]:
        return {
            "accuracy": self.accuracy,
            "reached": self.is_reached,
            "text": self.text.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Goal | None:
        text = data and Text.from_json(data["text"])
        return Goal(data["accuracy"], data["reached"], text) if data and text else None


def compare(total: Score, target: float) -> Goal:
    """The goal, with what the interval says of it."""
    low, high = total.interval
    wanted = round(target * 100, 1)
    percents = {
        "target": int(wanted) if wanted == int(wanted) else wanted,
        "low": round(low * 100),
        "high": round(high * 100),
    }
    if low >= target:
        text = say(
            "The target of {target} % is reached: even the low end of the interval is {low} %.",
            target=percents["target"],
            low=percents["low"],
        )
    elif high >= target:
        text = say(
            "Whether the target of {target} % is reached cannot be told: the interval goes from"
            " {low} % to {high} %.",
            **percents,
        )
    else:
        text = say(
            "The target of {target} % is not reached: even the high end of the interval is"
            " {high} %.",
            target=percents["target"],
            high=percents["high"],
        )
    return Goal(target, low >= target, text)
