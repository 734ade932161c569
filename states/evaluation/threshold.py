"""The probability below which an answer is not believed: chosen on validation data alone.

out_of_scope.py judges it on the test cases, which have no part in the choice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 0.95  # the share of the right validation answers that stay above the threshold


@dataclass(frozen=True)
class Threshold:
    """`probability`: answers below it are rejected. `answers`: right ones that it was chosen by."""

    probability: float
    answers: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Threshold | None:
        return Threshold(data["probability"], data["answers"]) if data else None


def choose_threshold(scored: Sequence[tuple[float, bool]], kept: float = KEPT) -> Threshold | None:
    """The highest threshold that keeps the share `kept` of the right answers; None without one.

    `scored`: (probability, right) of each scored answer to validation data."""
    right = sorted((probability for probability, is_right in scored if is_right), reverse=True)
    if not right:
        return None
    # Rounded: 0.95 * 20 is a little more than 19 in floating point.
    return Threshold(right[math.ceil(round(kept * len(right), 9)) - 1], len(right))
