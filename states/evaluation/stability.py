"""The figures of robustness: how many answers stay the same when a sentence is written otherwise.

robustness.py makes them; analysis.py tells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.perturbations import Perturbation
from states.evaluation.statistics import wilson
from states.text import Rounded, Text, say


@dataclass(frozen=True)
class Stability:
    """Of the `cases` that a perturbation changes, how many have the same answer as before."""

    perturbation: str
    cases: int
    same: int

    @property
    def share(self) -> float:
        """0..1, four decimals."""
        return round(self.same / self.cases, 4)

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json. `interval_95`: Wilson's."""
        interval = [round(bound, 4) for bound in wilson(self.same, self.cases)]
        return {
            "perturbation": self.perturbation,
            "cases": self.cases,
            "same": self.same,
            "share": self.share,
            "interval_95": interval,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Stability:
        return Stability(data["perturbation"], data["cases"], data["same"])


def describe_robustness(found: Sequence[Stability]) -> Text | None:
    """In one sentence; None where nothing was asked."""
    if not found:
        return None
    worst = min(found, key=lambda one: one.share)
    cases, same = (sum(getattr(one, name) for one in found) for name in ("cases", "same"))
    return say(
        "Written in another way, {share} % of {count} sentence keep their answer; the least,"
        " {worst} %, where {change}.",
        "Written in another way, {share} % of {count} sentences keep their answer; the least,"
        " {worst} %, where {change}.",
        count=cases,
        share=Rounded(100 * same / cases),
        worst=Rounded(100 * worst.share),
        change=CHANGES[Perturbation(worst.perturbation)],
    )


CHANGES: Mapping[Perturbation, Text] = {
    Perturbation.NO_ACCENTS: say("the accents are missing"),
    Perturbation.NO_OPENING_MARKS: say("¿ and ¡ are missing"),
    Perturbation.OTHER_CASE: say("all is in small letters, or in capitals"),
    Perturbation.TYPO: say("two letters have changed places"),
    Perturbation.COURTESY: say("something polite is said first"),
}
