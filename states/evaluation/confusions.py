"""Which pairs of intents are mixed up, in either direction, and how many cases that costs.

advice_on_answers.py speaks of the dearest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from states.evaluation.answers import AnsweredCase, Neighbour

NEAREST = 3  # training sentences that are quoted


@dataclass(frozen=True)
class Confusion:
    """`there`: cases of `expected` that are answered `answered`, and `back` the other way; there
    are never fewer of the first."""

    expected: str
    answered: str
    there: tuple[AnsweredCase, ...]
    back: tuple[AnsweredCase, ...] = ()

    @property
    def count(self) -> int:
        return len(self.there) + len(self.back)

    @property
    def cases(self) -> tuple[AnsweredCase, ...]:
        return self.there + self.back

    def find_nearest(self, neighbours: Mapping[str, Sequence[Neighbour]]) -> list[Neighbour]:
        """The training sentences of the intent that is answered which are most like these cases:
        what leads the model astray. Each once, the most similar first."""
        astray = {
            found.text: found
            for case in self.cases
            for found in sorted(neighbours.get(case.case.id, ()), key=lambda one: one.similarity)
            if found.intent == case.predicted
        }
        ranked = sorted(astray.values(), key=lambda one: (-one.similarity, one.text))
        return ranked[:NEAREST]


def find_confusions(cases: Sequence[AnsweredCase]) -> list[Confusion]:
    """Of these cases, the pair that costs most first; an answer that names no intent is in none."""
    found: dict[tuple[str, str], list[AnsweredCase]] = {}
    for case in cases:
        if not case.is_correct and case.predicted is not None and case.case.expected is not None:
            found.setdefault((case.case.expected, case.predicted), []).append(case)
    pairs = [
        Confusion(expected, answered, tuple(there), tuple(found.get((answered, expected), ())))
        for (expected, answered), there in found.items()
        if _leads(found, expected, answered)
    ]
    return sorted(pairs, key=lambda one: (-one.count, one.expected, one.answered))


def _leads(
    found: Mapping[tuple[str, str], Sequence[AnsweredCase]], expected: str, answered: str
) -> bool:
    """Of the two directions the more frequent one comes first; of equal ones, by the alphabet."""
    there, back = len(found[expected, answered]), len(found.get((answered, expected), ()))
    return (there, answered) > (back, expected)
