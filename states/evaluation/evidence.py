"""What advice is taken from, and what one piece of it is. suggestions.py collects them.

The files advice_on_*.py each look at one side of the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.answers import AnsweredCase, Evaluation
from states.evaluation.loss_curve import LossCurve
from states.evaluation.scores import Score, score
from states.text import Text


@dataclass(frozen=True)
class Suggestion:
    """One thing to change, with its reason. `kind`: a stable word for programs.

    `weight`: the share of the graded cases that it concerns, 0..1; of cases that are too few, half
    the width of the interval, which is the share that may turn out otherwise. None: no share can be
    told, as of what was not asked."""

    kind: str
    text: Text
    weight: float | None = None

    def as_json(self) -> dict[str, Any]:
        weight = None if self.weight is None else round(self.weight, 4)
        return {"kind": self.kind, "text": self.text.as_json(), "weight": weight}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Suggestion:
        """Those of older versions have no weight."""
        text = Text.from_json(data["text"])
        if text is None:
            raise ValueError("a suggestion has no text")
        return Suggestion(data["kind"], text, data.get("weight"))


@dataclass(frozen=True)
class Evidence:
    """`epochs`: that the model was trained for, None if not known. `suspects`: (label, the one that
    the other sentences speak for) of each training sentence whose label may be wrong.

    `project`: its name, for the commands; `step`: of the checkpoint that was asked, None if it was
    the final model."""

    evaluation: Evaluation
    curve: LossCurve
    epochs: int | None = None
    suspects: Sequence[tuple[str, str]] = ()
    project: str = ""
    step: int | None = None

    @property
    def graded(self) -> Sequence[AnsweredCase]:
        return self.evaluation.graded

    @property
    def total(self) -> Score:
        return score(self.graded)

    def share(self, count: int) -> float:
        """Of the graded cases."""
        return count / len(self.graded)
