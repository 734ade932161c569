"""A candidate that could not be asked, and why. ask_rivals.py tells it; results/ shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.text import Text, say


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
