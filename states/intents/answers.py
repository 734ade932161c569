"""The answers of a model: what is paid for, kept, and graded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.intents.cases import Case
from states.remote import Finish


@dataclass(frozen=True)
class Answer:
    """One paid answer. `latency_seconds`: of the call that was answered."""

    text: str
    latency_seconds: float
    attempts: int
    finish: Finish = Finish.STOP

    @property
    def statement(self) -> str:
        """What the model says of the question, which may name an intent."""
        return self.text if self.finish in (Finish.STOP, Finish.LENGTH) else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "latency_seconds": self.latency_seconds,
            "attempts": self.attempts,
            "filtered": self.finish is Finish.CONTENT_FILTER,
            "finish_reason": self.finish.value,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Answer:
        """Answers that an older version kept say no more than whether they were filtered."""
        former = Finish.CONTENT_FILTER if data.get("filtered") else Finish.STOP
        return Answer(
            text=str(data["text"]),
            latency_seconds=float(data["latency_seconds"]),
            attempts=int(data["attempts"]),
            finish=Finish(data.get("finish_reason", former)),
        )


@dataclass(frozen=True)
class AnsweredCase:
    """A case and its answer. `predicted`: the intent that the answer names, None for no intent.

    `is_trained`: the model was trained on this very sentence, so that a right answer is memory."""

    case: Case
    answer: Answer
    predicted: str | None
    is_trained: bool = False

    @property
    def is_correct(self) -> bool:
        return self.predicted == self.case.expected

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        answer = self.answer.as_json()
        return {
            **self.case.as_json(),
            "answer": answer.pop("text"),
            "predicted": self.predicted,
            "correct": self.is_correct,
            **answer,
            **({"trained_on": True} if self.is_trained else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnsweredCase:
        return AnsweredCase(
            Case(data["id"], data["kind"], data["text"], data["expected"]),
            Answer.from_json({**data, "text": data["answer"]}),
            data["predicted"],
            bool(data.get("trained_on")),
        )


@dataclass(frozen=True)
class Evaluation:
    """Every case with its answer. `source`: where the cases came from."""

    intents: tuple[str, ...]
    source: str
    cases: tuple[AnsweredCase, ...]

    @property
    def graded(self) -> tuple[AnsweredCase, ...]:
        """The cases that count: neither those that were trained on nor those without an answer."""
        return tuple(case for case in self.heard if not case.is_trained)

    @property
    def heard(self) -> tuple[AnsweredCase, ...]:
        """The cases that got an answer, also those that were trained on."""
        return tuple(c for c in self.cases if c.answer.finish is not Finish.UNANSWERED)

    @property
    def trained(self) -> int:
        """How many of the cases were trained on."""
        return sum(case.is_trained for case in self.cases)

    @property
    def finishes(self) -> Counter[Finish]:
        """How many answers ended in each way."""
        return Counter(case.answer.finish for case in self.cases)

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
