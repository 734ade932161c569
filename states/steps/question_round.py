"""A batch of the test cases: many are asked at once, and each paid answer is kept as it arrives.

ask_cases.py calls this once a tick for the tuned model, and ask_rivals.py for the others. What goes
wrong with one case stops none of the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.errors import NoAnswer, Permanent, Throttled, Transient
from states.evaluation.answers import Answer
from states.evaluation.label_chance import LabelChances
from states.intents.cases import Example, Questions
from states.ports import Ports
from states.remote import Finish, Heard, Question, Reply
from states.steps.paid_answers import PaidAnswers

TROUBLES = 3  # faults in a row, after which nothing more is asked for now


@dataclass(frozen=True)
class Asked:
    """What a candidate is asked: each case, with `examples` before its sentence."""

    questions: Questions
    examples: Sequence[Example] = ()


class QuestionRound:
    """The open questions to one candidate, of which `ask` asks as many as there is time for.

    Afterwards: `unsupported` and `at_once` with what asking has taught, `answered` how many were,
    `trouble` what stands in the way of the others, if anything does, and `silence` what was heard
    where nobody stated anything, and there was nothing else.
    """

    def __init__(
        self,
        ports: Ports,
        asked: Asked,
        paid: PaidAnswers,
        unsupported: Sequence[str] = (),
        attempts: int = 0,
    ) -> None:
        self._ports, self._asked, self._paid, self._attempts = ports, asked, paid, attempts
        self._digests = asked.questions.digests(asked.examples)
        self._last = max((n for n, d in enumerate(self._digests) if d in paid.known), default=-1)
        self._waiting = deque(self._list_open())
        self._chances = LabelChances(asked.questions.intents)
        self._silent: dict[int, NoAnswer] = {}
        self._busy: dict[int, Throttled] = {}
        self._in_a_row = 0
        self.unsupported = tuple(unsupported)
        self.at_once: int | None = None
        self.answered = 0
        self.trouble: Exception | None = None
        self.silence: NoAnswer | None = None

    def _list_open(self) -> list[int]:
        """One of each question, those last that were asked before and got no answer."""
        first: dict[str, int] = {}
        for number, digest in enumerate(self._digests):
            if digest not in self._paid.known:
                first.setdefault(digest, number)
        return sorted(first.values(), key=lambda number: (number < self._last, number))

    @property
    def is_over(self) -> bool:
        """Nothing is open."""
        return not self._waiting

    @property
    def answers(self) -> list[Mapping[str, Any] | None]:
        """Of each case, in order; None where there is none."""
        return [self._paid.known.get(digest) for digest in self._digests]

    def count_answered(self) -> int:
        """Cases that have their answer by now."""
        return sum(digest in self._paid.known for digest in self._digests)

    def ask(self, deployment: str, at_once: int | None = None) -> None:
        """Raises StoreError where an answer could not be kept, and nothing is asked any more.

        `at_once`: what an earlier round has learnt."""
        self.at_once, most = at_once, self._ports.preferences.concurrency
        self._ports.memory.expect_answers(most)
        many, taught = self._ports.read.chat_many, self.unsupported
        for heard in many(deployment, self._take, taught, most, at_once):
            self._hear(heard)
        self.trouble = self.trouble or next(reversed(self._busy.values()), None)
        if self._silent and not self.answered and self.trouble is None:
            self.silence = next(iter(self._silent.values()))

    def _take(self) -> Question | None:
        if self.trouble is not None or not self._waiting or not self._ports.goes_on():
            return None
        number = self._waiting.popleft()
        questions = self._asked.questions
        return Question(number, questions.messages(questions.cases[number], self._asked.examples))

    def _hear(self, heard: Sequence[Heard]) -> None:
        found: dict[int, tuple[Answer, str | None]] = {}
        for one in heard:
            self.at_once = one.at_once or self.at_once
            if isinstance(one.reply, Reply):
                self._in_a_row = 0
                # Of several that were asked at once each knows what it was told itself.
                taught = (*self.unsupported, *one.reply.unsupported)
                self.unsupported = tuple(dict.fromkeys(taught))
                self._busy.pop(one.number, None)
                answer = self._to_answer(one.number, one.reply)
                found[one.number] = answer, one.reply.served_model
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
        chance = self._chances.of(reply)
        return Answer(
            reply.text,
            round(reply.latency, 4),
            self._count_attempts(number),
            reply.finish,
            None if chance is None else chance.probability,
            {} if chance is None else chance.others,
            reply.prompt_tokens,
            reply.completion_tokens,
        )

    def _count_attempts(self, number: int) -> int:
        """A case that later ones have overtaken was asked before."""
        return self._attempts + 1 + (number < self._last)

    def _keep(self, found: Mapping[int, tuple[Answer, str | None]]) -> None:
        if found:
            try:
                self._paid.keep({self._digests[number]: kept for number, kept in found.items()})
            except Permanent as fault:  # they are not whose they should be
                self._fail_if(True, fault)
            else:
                self.answered += len(found)

    def believe_silence(self) -> None:
        """The cases that nobody states anything of have an answer that says so."""
        nothing = Finish.UNANSWERED
        self._keep(
            {n: (Answer("", 0.0, self._count_attempts(n), nothing), None) for n in self._silent}
        )
