"""A batch of the test cases: many are asked at once, and each paid answer is kept as it arrives.

ask_cases.py calls this once a tick. What goes wrong with one case stops none of the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from states.errors import NoAnswer, Throttled, Transient
from states.evaluation.answers import Answer
from states.facts import Facts, known
from states.intents.cases import Questions
from states.model import Project
from states.patience import doubt
from states.ports import Ports
from states.remote import Finish, Heard, Question, Reply
from states.steps.asking import learn

TROUBLES = 3  # faults in a row, after which nothing more is asked for now


class QuestionRound:
    """The open questions of a project, of which `ask` asks as many as there is time for.

    Afterwards: `facts` with what asking has taught, `answered` how many were, and `trouble` what
    stands in the way of the others, if anything does.
    """

    def __init__(
        self, project: Project, ports: Ports, questions: Questions, digests: Sequence[str]
    ) -> None:
        self._project, self._ports, self._questions = project, ports, questions
        self._digests, self._model = digests, known(project.facts.trained).model
        self._answers = dict(ports.memory.answers(self._model))
        self._last = max((n for n, d in enumerate(digests) if d in self._answers), default=-1)
        self._waiting = deque(self._list_open())
        self._silent: dict[int, NoAnswer] = {}
        self._busy: dict[int, Throttled] = {}
        self._in_a_row = 0
        self.facts: Facts = project.facts
        self.answered = 0
        self.trouble: Exception | None = None

    def _list_open(self) -> list[int]:
        """One of each question, those last that were asked before and got no answer."""
        first: dict[str, int] = {}
        for number, digest in enumerate(self._digests):
            if digest not in self._answers:
                first.setdefault(digest, number)
        return sorted(first.values(), key=lambda number: (number < self._last, number))

    @property
    def is_over(self) -> bool:
        """Nothing is open."""
        return not self._waiting

    @property
    def answers(self) -> list[Mapping[str, Any]]:
        """Of each case, in order, once nothing is open."""
        return [self._answers[digest] for digest in self._digests]

    def count_answered(self) -> int:
        """Cases that have their answer by now."""
        return sum(digest in self._answers for digest in self._digests)

    def ask(self, deployment: str) -> None:
        """Raises StoreError where an answer could not be kept, and nothing is asked any more."""
        most = self._ports.preferences.concurrency
        self._ports.memory.expect_answers(most)
        unsupported = known(self.facts.trained).unsupported
        for heard in self._ports.read.chat_many(deployment, self._take, unsupported, most):
            self._hear(heard)
        self.trouble = self.trouble or next(reversed(self._busy.values()), None)
        if self._silent and not self.answered and self.trouble is None:
            self._doubt_silence()

    def _take(self) -> Question | None:
        if self.trouble is not None or not self._waiting or not self._ports.goes_on():
            return None
        number = self._waiting.popleft()
        return Question(number, self._questions.messages(self._questions.cases[number]))

    def _hear(self, heard: Sequence[Heard]) -> None:
        found: dict[int, Answer] = {}
        for one in heard:
            if isinstance(one.reply, Reply):
                self._in_a_row, self.facts = 0, learn(self.facts, one.reply)
                self._busy.pop(one.number, None)
                found[one.number] = self._to_answer(one.number, one.reply)
            else:
                self._suffer(one.number, one.reply)
        self._keep(found)

    def _suffer(self, number: int, fault: Exception) -> None:
        if isinstance(fault, NoAnswer):
            self._silent[number] = fault
        elif isinstance(fault, Throttled):
            self._busy[number] = fault
            self._waiting.append(number)
        elif isinstance(fault, Transient):
            self._in_a_row += 1
            self._fail_if(self._in_a_row >= TROUBLES or not self._waiting, fault)
        else:
            self._fail_if(True, fault)

    def _fail_if(self, is_certain: bool, fault: Exception) -> None:
        """What only a person can mend is told before what may pass."""
        if is_certain and (self.trouble is None or isinstance(self.trouble, Transient)):
            self.trouble = fault

    def _to_answer(self, number: int, reply: Reply) -> Answer:
        latency = round(reply.latency, 4)
        return Answer(reply.text, latency, self._count_attempts(number), reply.finish)

    def _count_attempts(self, number: int) -> int:
        """A case that later ones have overtaken was asked before."""
        return self._project.attempts + 1 + (number < self._last)

    def _keep(self, found: Mapping[int, Answer]) -> None:
        if found:
            by_digest = {
                self._digests[number]: answer.as_json() for number, answer in found.items()
            }
            self._ports.memory.keep_answers(self._model, by_digest)
            self._answers |= by_digest
            self.answered += len(found)

    def _doubt_silence(self) -> None:
        """Raises Transient until it is believed that these cases get no answer: they then have one
        that says so."""
        doubt(self._project, next(iter(self._silent.values())).text)
        self._keep(
            {n: Answer("", 0.0, self._count_attempts(n), Finish.UNANSWERED) for n in self._silent}
        )
