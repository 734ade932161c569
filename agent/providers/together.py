"""Many questions at once: threads that ask, and one that hands out what has arrived.

Called by azure.py. The threads end with the batch; one that hangs keeps no process from its end.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from agent.providers.limiter import LONGEST_REST, Limiter
from states.errors import NotYet, Throttled
from states.remote import Heard, Question, Reply
from states.text import say

BATCH = 5.0  # seconds in which questions are taken; those on their way are waited for

Headers = Mapping[str, str]


class Ask(Protocol):
    """Asks one question. `hear` gets the headers of the answer."""

    def __call__(
        self,
        messages: Sequence[Mapping[str, str]],
        unsupported: Sequence[str],
        hear: Callable[[Headers], None],
    ) -> Reply: ...


@dataclass(frozen=True)
class _Sent:
    question: Question
    unsupported: tuple[str, ...]
    at: float


@dataclass(frozen=True)
class _Done:
    sent: _Sent
    reply: Reply | Exception


class Batch:
    """Used by one thread: the others only ask what it gives them, and give it what they heard."""

    def __init__(
        self, ask: Ask, limiter: Limiter, most: int, unsupported: Sequence[str] = ()
    ) -> None:
        self._ask, self._limiter, self._most = ask, limiter, most
        self._unsupported = tuple(unsupported)
        self._to_ask: SimpleQueue[_Sent | None] = SimpleQueue()
        self._heard: SimpleQueue[_Done] = SimpleQueue()
        self._threads = self._in_flight = 0

    def run(self, take: Callable[[], Question | None]) -> Iterator[Sequence[Heard]]:
        """states.ports.Read.chat_many."""
        if (rest := self._limiter.rest()) > LONGEST_REST:
            raise NotYet(say("the deployment, which asks to be left alone for a while"), rest)
        end = time.monotonic() + BATCH
        try:
            has_more = self._send(take)
            while True:
                if self._in_flight:
                    yield [self._note(done) for done in self._wait()]
                elif 0 < self._limiter.rest() <= min(LONGEST_REST, end - time.monotonic()):
                    self._limiter.sleep()
                elif has_more and self._limiter.rest() <= 0 and time.monotonic() < end:
                    self._limiter.wait_for_room(self._most, end - time.monotonic())
                else:
                    return
                has_more = time.monotonic() < end and self._send(take)
        finally:
            for _ in range(self._threads):
                self._to_ask.put(None)

    def _send(self, take: Callable[[], Question | None]) -> bool:
        """True if there is no room for the next question; False if there is none."""
        while self._in_flight < self._most and self._limiter.take(self._most):
            question = None
            try:
                question = take()
                if question is not None and self._threads == self._in_flight:
                    self._hire()
            except BaseException:
                self._limiter.gave_up()
                raise
            if question is None:
                self._limiter.gave_up()
                return False
            self._to_ask.put(_Sent(question, self._unsupported, self._limiter.now()))
            self._in_flight += 1
        return True

    def _hire(self) -> None:
        """Without another thread the question waits for one of those that there are."""
        work = threading.Thread(target=copy_context().run, args=(self._work,), daemon=True)
        try:
            work.start()
        except RuntimeError as error:  # this machine has no thread left
            if self._threads == 0:
                raise OSError(errno.EAGAIN, str(error)) from error
        else:
            self._threads += 1

    def _work(self) -> None:
        while (sent := self._to_ask.get()) is not None:
            headers: list[Headers] = [{}]
            try:
                reply: Reply | Exception = self._ask(
                    sent.question.messages, sent.unsupported, headers.append
                )
            except Exception as error:
                reply = error
            self._tell_limiter(sent, reply, headers[-1])
            self._heard.put(_Done(sent, reply))

    def _tell_limiter(self, sent: _Sent, reply: Reply | Exception, headers: Headers) -> None:
        """At once: others may be waiting for room."""
        if isinstance(reply, Reply):
            self._limiter.answered(self._most, headers)
        elif isinstance(reply, Throttled):
            self._limiter.refused(sent.at, reply.retry_after)
        else:
            self._limiter.gave_up()

    def _wait(self) -> list[_Done]:
        """Whatever has arrived, at least one."""
        found = [self._heard.get()]
        while len(found) < self._in_flight:
            try:
                found.append(self._heard.get_nowait())
            except Empty:
                break
        return found

    def _note(self, done: _Done) -> Heard:
        if isinstance(done.reply, Reply):
            taught = (*self._unsupported, *done.reply.unsupported)
            self._unsupported = tuple(dict.fromkeys(taught))
        self._in_flight -= 1
        return Heard(done.sent.question.number, done.reply, self._limiter.learnt)
