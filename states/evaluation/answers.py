"""The answers of a model: what is paid for, kept, and graded.

Longer than other files, so that everything that is kept of an evaluation stands in one place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from states.evaluation.costs import Tariff
from states.evaluation.left_out import LeftOut
from states.evaluation.stability import Stability
from states.evaluation.threshold import Threshold
from states.intents.cases import Case
from states.remote import Finish


@dataclass(frozen=True)
class Answer:
    """One paid answer. `latency_seconds`: of the call that was answered."""

    text: str
    latency_seconds: float
    attempts: int
    finish: Finish = Finish.STOP
    probability: float | None = None  # of the intent it names, 0..1; None: nobody scored it
    others: Mapping[str, float] = field(default_factory=dict)  # the likeliest other intents
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

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
            "probability": self.probability,
            **({"others": dict(self.others)} if self.others else {}),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
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
            probability=data.get("probability"),
            others=data.get("others", {}),
            prompt_tokens=data.get("prompt_tokens"),
            completion_tokens=data.get("completion_tokens"),
        )


@dataclass(frozen=True)
class AnsweredCase:
    """A case and its answer. `predicted`: the intent that the answer names, None for no intent.

    `is_trained`: the model was trained on this very sentence, so that a right answer is memory;
    `is_near`: on one that is nearly this one."""

    case: Case
    answer: Answer
    predicted: str | None
    is_trained: bool = False
    is_near: bool = False

    @property
    def counts(self) -> bool:
        """What a right answer shows is more than memory."""
        return not self.is_trained and not self.is_near

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
            **({"near_training": True} if self.is_near else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnsweredCase:
        return AnsweredCase(
            Case(data["id"], data["kind"], data["text"], data["expected"]),
            Answer.from_json({**data, "text": data["answer"]}),
            data["predicted"],
            bool(data.get("trained_on")),
            bool(data.get("near_training")),
        )


@dataclass(frozen=True)
class Neighbour:
    """A training sentence that is near to a case. `similarity`: cosine, at most 1."""

    text: str
    intent: str
    similarity: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class RivalKind(StrEnum):
    """Who may be asked the same cases beside the tuned model."""

    BASE = "base"  # a model that was not tuned, with the same instruction
    FEW_SHOT = "few_shot"  # the same with examples from the training data in its question
    PARENT = "parent"  # the model of the generation before
    LOCAL = "local"  # a classifier trained on this machine, which costs nothing


@dataclass(frozen=True)
class Rival:
    """Another candidate for the same cases, and its answers.

    `answers`, `predicted`: one for each case of the evaluation, in its order; None in `answers`:
    it was not asked, in `predicted`: it was not, or names no intent."""

    kind: RivalKind
    name: str  # by which people know it: a deployment, "generation 2", what the features are
    model: str
    answers: tuple[Answer | None, ...]
    predicted: tuple[str | None, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "name": self.name,
            "model": self.model,
            "answers": [answer and answer.as_json() for answer in self.answers],
            "predicted": list(self.predicted),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Rival:
        return Rival(
            RivalKind(data["kind"]),
            data["name"],
            data["model"],
            tuple(answer and Answer.from_json(answer) for answer in data["answers"]),
            tuple(data["predicted"]),
        )


@dataclass(frozen=True)
class Evaluation:
    """Every case with its answer. `source`: where the cases came from."""

    intents: tuple[str, ...]
    source: str
    cases: tuple[AnsweredCase, ...]
    rivals: tuple[Rival, ...] = ()  # who else was asked the same cases
    neighbours: Mapping[str, tuple[Neighbour, ...]] = field(default_factory=dict)  # by case id
    threshold: Threshold | None = None  # by which answers are believed; of validation data
    tariff: Tariff | None = None  # what the candidates cost; None in older documents
    left_out: tuple[LeftOut, ...] = ()  # who could not be asked
    robustness: tuple[Stability, ...] | None = None  # None: nobody wanted to know

    @property
    def graded(self) -> tuple[AnsweredCase, ...]:
        """The cases that count: neither those that were trained on, or nearly, nor those without
        an answer, nor those that no intent fits."""
        return tuple(case for case in self.in_scope if case.counts)

    @property
    def in_scope(self) -> tuple[AnsweredCase, ...]:
        """The answered cases that an intent fits, also those that were trained on, or nearly."""
        return tuple(case for case in self.heard if case.case.expected is not None)

    @property
    def out_of_scope(self) -> tuple[AnsweredCase, ...]:
        """The answered cases that no intent fits. One that was trained on, under an intent,
        counts no more than the others that were."""
        return tuple(case for case in self.heard if case.case.expected is None and case.counts)

    @property
    def heard(self) -> tuple[AnsweredCase, ...]:
        """The cases that got an answer, also those that were trained on, or nearly."""
        return tuple(c for c in self.cases if c.answer.finish is not Finish.UNANSWERED)

    @property
    def trained(self) -> int:
        """How many of the cases were trained on."""
        return sum(case.is_trained for case in self.cases)

    @property
    def near(self) -> int:
        """How many of the cases are nearly a sentence that was trained on."""
        return sum(case.is_near and not case.is_trained for case in self.cases)

    @property
    def knows_near(self) -> bool:
        """The cases were compared with the training sentences, which needs libraries."""
        return any(rival.kind is RivalKind.LOCAL for rival in self.rivals)

    @property
    def finishes(self) -> Counter[Finish]:
        """How many answers ended in each way."""
        return Counter(case.answer.finish for case in self.cases)

    def as_json(self) -> dict[str, Any]:
        return {
            "intents": list(self.intents),
            "source": self.source,
            "cases": [case.as_json() for case in self.cases],
            "rivals": [rival.as_json() for rival in self.rivals],
            "neighbours": {
                case: [neighbour.as_json() for neighbour in found]
                for case, found in self.neighbours.items()
            },
            **({"left_out": [one.as_json() for one in self.left_out]} if self.left_out else {}),
            **(
                {"robustness": [one.as_json() for one in self.robustness]}
                if self.robustness is not None
                else {}
            ),
            "threshold": self.threshold and self.threshold.as_json(),
            "tariff": self.tariff and self.tariff.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Evaluation:
        cases = tuple(AnsweredCase.from_json(case) for case in data["cases"])
        return Evaluation(
            tuple(data["intents"]),
            data["source"],
            cases,
            tuple(Rival.from_json(rival) for rival in data.get("rivals", ())),
            {
                case: tuple(Neighbour(**neighbour) for neighbour in found)
                for case, found in data.get("neighbours", {}).items()
            },
            Threshold.from_json(data.get("threshold")),
            Tariff.from_json(data.get("tariff")),
            tuple(LeftOut.from_json(one) for one in data.get("left_out", ())),
            tuple(Stability.from_json(one) for one in data["robustness"])
            if "robustness" in data
            else None,
        )
