"""The answers of a model: what is paid for, kept, and graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from states.intents.cases import Case


@dataclass(frozen=True)
class Answer:
    """One paid answer. `latency_seconds`: of the call that was answered."""

    text: str
    latency_seconds: float
    attempts: int
    filtered: bool  # the service's content filter stopped it

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Answer:
        return Answer(
            text=str(data["text"]),
            latency_seconds=float(data["latency_seconds"]),
            attempts=int(data["attempts"]),
            filtered=bool(data.get("filtered", False)),
        )


@dataclass(frozen=True)
class AnsweredCase:
    """A case and its answer. `predicted`: the intent that the answer names, None for no intent."""

    case: Case
    answer: Answer
    predicted: str | None

    @property
    def is_correct(self) -> bool:
        return self.predicted == self.case.expected

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        return {
            **self.case.as_json(),
            "answer": self.answer.text,
            "predicted": self.predicted,
            "correct": self.is_correct,
            "latency_seconds": self.answer.latency_seconds,
            "attempts": self.answer.attempts,
            "filtered": self.answer.filtered,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnsweredCase:
        return AnsweredCase(
            Case(data["id"], data["kind"], data["text"], data["expected"]),
            Answer.from_json({**data, "text": data["answer"]}),
            data["predicted"],
        )


@dataclass(frozen=True)
class Evaluation:
    """Every case with its answer. `source`: where the cases came from."""

    intents: tuple[str, ...]
    source: str
    cases: tuple[AnsweredCase, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "intents": list(self.intents),
            "source": self.source,
            "cases": [case.as_json() for case in self.cases],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Evaluation:
        cases = tuple(AnsweredCase.from_json(case) for case in data["cases"])
        return Evaluation(tuple(data["intents"]), data["source"], cases)
