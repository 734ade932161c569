"""What is reached without a training, told before it is paid: a free model, and untuned ones.

weigh_training.py keeps it; results/fine_tuning_info.json shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Any

from states.evaluation.answers import Rival, RivalKind
from states.evaluation.left_out import LeftOut
from states.evaluation.scores import Score
from states.intents.cases import Case
from states.text import Rounded, Text, and_then, ended, say


@dataclass(frozen=True)
class Reached:
    """Of `cases` sentences that it had not seen. `accuracy`, `low`, `high` (of 95 %): 0..1."""

    kind: str  # that of a rival
    name: str
    cases: int
    accuracy: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """The form in results/*.json."""
        found = asdict(self)
        return {**found, "interval_95": [found.pop("low"), found.pop("high")]}

    @property
    def text(self) -> Text:
        values: dict[str, Any] = {
            "accuracy": _percent(self.accuracy),
            "low": _percent(self.low),
            "high": _percent(self.high),
        }
        if self.kind == RivalKind.LOCAL:
            return say(
                "a free model reaches {accuracy} % [{low}–{high}] on {count} sentence",
                "a free model reaches {accuracy} % [{low}–{high}] on {count} sentences",
                count=self.cases,
                **values,
            )
        return say(
            "{name}, not fine-tuned, {accuracy} % [{low}–{high}] on {count} validation sentence",
            "{name}, not fine-tuned, {accuracy} % [{low}–{high}] on {count} validation sentences",
            count=self.cases,
            name=self.name,
            **values,
        )


def _add(one: Text, other: Text) -> Text:
    return say("{one}; {other}", one=one, other=other)


def _percent(share: float) -> Rounded:
    return Rounded(100 * share, 1)


def read_local(figures: Mapping[str, Any] | None) -> list[Reached]:
    """`figures`: `local_accuracy` of the check, cross-validated; nothing where it found none."""
    if not figures:
        return []
    name = str(figures["features"])
    shares = (float(figures[key]) for key in ("accuracy", "low", "high"))
    return [Reached(RivalKind.LOCAL.value, name, int(figures["n"]), *shares)]


def measure(rival: Rival, cases: Sequence[Case]) -> Reached:
    """Over the cases that it has answered."""
    asked = zip(cases, rival.answers, rival.predicted, strict=True)
    right = [predicted == case.expected for case, answer, predicted in asked if answer is not None]
    found = Score(len(right), sum(right))
    return Reached(
        rival.kind.value, rival.name, found.cases, found.accuracy or 0.0, *found.interval
    )


@dataclass(frozen=True)
class Weighing:
    """`target`: the accuracy that the project wants, 0..1."""

    reached: Sequence[Reached]
    left_out: Sequence[LeftOut] = ()
    target: float | None = None

    @property
    def text(self) -> Text | None:
        """Sentences; None where there was nobody to be asked."""
        parts = [one.text for one in self.reached]
        if not parts and not self.left_out:
            return None
        if self.target is not None:
            parts.append(say("your target is {target} %", target=_percent(self.target)))
        told = (
            [say("Before the training: {figures}.", figures=reduce(_add, parts))] if parts else []
        )
        # Why not is a sentence, or several: it cannot stand among the figures.
        told += [
            say("{name} was not asked: {reason}", name=one.name, reason=one.reason)
            for one in self.left_out
        ]
        return ended(reduce(and_then, told))

    def as_json(self) -> dict[str, Any]:
        return {
            "reached": [asdict(one) for one in self.reached],
            "left_out": [one.as_json() for one in self.left_out],
            "target": self.target,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Weighing:
        return Weighing(
            tuple(Reached(**one) for one in data["reached"]),
            tuple(LeftOut.from_json(one) for one in data["left_out"]),
            data["target"],
        )
