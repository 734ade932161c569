"""A candidate that could not be asked, and why. ask_rivals.py tells it, and the verdict where
nobody else was; results/ shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.text import Text, ended, say


@dataclass(frozen=True)
class LeftOut:
    """`kind`: that of a rival (states/evaluation/answers.py)."""

    kind: str
    name: str
    reason: Text

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "reason": self.reason.as_json()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> LeftOut:
        reason = Text.from_json(data["reason"]) or say("it gave no answer")
        return LeftOut(data["kind"], data["name"], reason)


def describe_nothing(cases: int, left_out: Sequence[LeftOut]) -> Text:
    """Why there is no comparison. `cases`: how many count."""
    if not cases:
        return say("There is nothing to compare: no test case counts.")
    if not left_out:
        return say(
            "There is nothing to compare the model with: nobody else was asked these cases."
            " AZURE_OPENAI_BASE_DEPLOYMENT names deployments of untuned models, which are then"
            " asked too; AGENT_DATA_CHECK=full, with the libraries of the extra `data`, adds a"
            " free local model."
        )
    return ended(
        say(
            "There is nothing to compare the model with: {names} could not be asked. {name}:"
            " {reason}",
            names=", ".join(dict.fromkeys(one.name for one in left_out)),
            name=left_out[0].name,
            reason=left_out[0].reason,
        )
    )
