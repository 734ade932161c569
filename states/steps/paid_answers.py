"""The answers that are paid for, by who gave them: read before a question, kept after it.

question_round.py keeps each as it arrives. A tuned model's name says which model it is, for good. A
deployment of a base model may get another one at any time: its answers are kept by what it says
that it serves, so that those of two models never count as one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from states.errors import Permanent
from states.evaluation.answers import Answer
from states.ports import Memory
from states.text import say

LONGEST_NAME = 180  # characters of what a stranger calls its model

Kept = dict[str, Mapping[str, Any]]  # digest of the question -> answer
Found = Mapping[str, tuple[Answer, str | None]]  # the same with the model that says it answered


class PaidAnswers(Protocol):
    """`known`: those that count. `model`: whose they are; empty while that is not known."""

    known: Kept

    @property
    def model(self) -> str: ...

    def keep(self, found: Found) -> None:
        """They are in the memory for good."""
        ...


class AnswersOfModel:
    """Of a model that has one name for ever."""

    def __init__(self, memory: Memory, model: str) -> None:
        self._memory, self.model = memory, model
        self.known: Kept = dict(memory.answers(model))

    def keep(self, found: Found) -> None:
        by_digest = {digest: answer.as_json() for digest, (answer, _) in found.items()}
        self._memory.keep_answers(self.model, by_digest)
        self.known |= by_digest


class AnswersOfDeployment:
    """Of whatever a deployment serves. `tuned`: the model that it must not be.

    The models that it has served are written down in order, each before its first answer. An answer
    that names none, as that of a filter does, counts as every model's."""

    def __init__(self, memory: Memory, deployment: str, tuned: str = "") -> None:
        self._memory, self._deployment, self._tuned = memory, deployment, tuned
        rows = memory.answers(self._register)
        self._served = [str(rows[number]["model"]) for number in sorted(rows, key=int)]
        self._heard: set[str] = set()
        self.known = self._recall()

    @property
    def model(self) -> str:
        return self._served[-1] if self._served else ""

    @property
    def _register(self) -> str:
        return f"served by {self._deployment}"

    def _recall(self) -> Kept:
        unnamed, own = (self._memory.answers(self._key(model)) for model in ("", self.model))
        return {**unnamed, **own}

    def _key(self, model: str) -> str:
        return f"{model} at {self._deployment}"

    def keep(self, found: Found) -> None:
        """Permanent where it answers as several models at once, or as the tuned one."""
        self._hear({name.strip()[:LONGEST_NAME] for _, name in found.values() if name})
        by_model: dict[str, Kept] = {}
        for digest, (answer, name) in found.items():
            by_model.setdefault(self.model if name else "", {})[digest] = answer.as_json()
        for model, answers in by_model.items():
            self._memory.keep_answers(self._key(model), answers)
            self.known |= answers

    def _hear(self, names: set[str]) -> None:
        self._heard |= names
        if self._tuned.casefold() in {name.casefold() for name in names}:
            raise Permanent(say("{name} serves the tuned model itself", name=self._deployment))
        if len(self._heard) > 1:
            models = ", ".join(sorted(self._heard))
            raise Permanent(
                say(
                    "{name} answers as several models in turn: {models}",
                    name=self._deployment,
                    models=models,
                )
            )
        for model in names - {self.model}:
            number = str(len(self._served))
            self._memory.keep_answers(self._register, {number: {"model": model}})
            self._served.append(model)
            self.known = self._recall()
