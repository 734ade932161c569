"""Many questions at once: what is asked when, and that nothing which was answered gets lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from agent.providers import together
from agent.providers.error_answer import seconds_of
from agent.providers.limiter import Limiter
from agent.providers.together import Batch
from states.errors import Throttled
from states.remote import Heard, Question, Reply

Hear = Callable[[Mapping[str, str]], None]
RIGHT = Reply("comprar", None, 0.1)


def taking(count: int) -> Callable[[], Question | None]:
    """So many questions, numbered from 0."""
    waiting = iter([Question(n, [{"role": "user", "content": str(n)}]) for n in range(count)])
    return lambda: next(waiting, None)


def number_of(messages: Sequence[Mapping[str, str]]) -> int:
    return int(messages[0]["content"])


def listen(heard: Iterator[Sequence[Heard]]) -> dict[int, Reply | Exception]:
    return {one.number: one.reply for some in heard for one in some}


def test_as_many_as_are_allowed_are_asked_at_once() -> None:
    """No answer comes before that many are waiting for one."""
    together_now = threading.Barrier(4)

    def ask(_messages: Any, _unsupported: Any, _hear: Hear) -> Reply:
        together_now.wait(30)
        return RIGHT

    assert len(listen(Batch(ask, Limiter(), 4).run(taking(8)))) == 8


def test_what_has_arrived_is_handed_out_while_others_are_on_their_way() -> None:
    """Else a process that ends would lose it."""
    is_heard = threading.Event()

    def ask(messages: Any, _unsupported: Any, _hear: Hear) -> Reply:
        if number_of(messages) == 0:
            assert is_heard.wait(30)
        return RIGHT

    heard = Batch(ask, Limiter(), 2).run(taking(2))
    assert [one.number for one in next(heard)] == [1]
    is_heard.set()
    assert list(listen(heard)) == [0]


def test_what_one_refusal_teaches_the_next_question_knows() -> None:
    seen: list[tuple[str, ...]] = []

    def ask(_messages: Any, unsupported: Sequence[str], _hear: Hear) -> Reply:
        seen.append(tuple(unsupported))
        return Reply("comprar", None, 0.1, unsupported=(*unsupported, "system"))

    listen(Batch(ask, Limiter(), 1, ["max_tokens"]).run(taking(2)))
    assert seen == [("max_tokens",), ("max_tokens", "system")]


def test_a_batch_takes_no_more_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on its way is waited for: it is paid for."""
    monkeypatch.setattr(together, "BATCH", 0.0)
    take = taking(9)
    found = listen(Batch(lambda *_: RIGHT, Limiter(), 3).run(take))
    assert sorted(found) == [0, 1, 2]
    assert take() is not None


def test_whoever_stops_listening_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    heard = Batch(lambda *_: RIGHT, Limiter(), 3).run(taking(9))
    next(heard)
    heard.close()  # type: ignore[attr-defined]
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(10)
    assert threading.active_count() <= before


def test_a_machine_without_threads_asks_with_those_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[threading.Thread] = []
    honest = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if len(begun) == most:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        honest(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    most = 1
    assert len(listen(Batch(lambda *_: RIGHT, Limiter(), 4).run(taking(8)))) == 8
    most = len(begun)
    with pytest.raises(OSError, match="thread"):
        listen(Batch(lambda *_: RIGHT, Limiter(), 4).run(taking(8)))


def refusing(*numbers: int, retry_after: float | None) -> Any:
    """Refuses each of these questions once."""
    left = set(numbers)

    def ask(messages: Any, _unsupported: Any, _hear: Hear) -> Reply:
        if number_of(messages) in left:
            left.remove(number_of(messages))
            raise Throttled("busy", retry_after)
        return RIGHT

    return ask


def test_a_long_rest_ends_the_batch_and_a_short_one_does_not() -> None:
    ask = refusing(0, retry_after=60.0)
    found = listen(Batch(ask, Limiter(), 1).run(taking(3)))
    assert list(found) == [0]
    assert isinstance(found[0], Throttled)
    ask = refusing(0, retry_after=0.01)
    assert len(listen(Batch(ask, Limiter(), 1).run(taking(3)))) == 3


class Steady:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def grow(limiter: Limiter, most: int) -> None:
    while limiter.allows(most) < most:
        limiter.answered(most, {})


def test_a_deployment_of_which_nothing_is_known_is_not_met_with_all_there_is() -> None:
    """A process that begins anew cannot know what another was told: it asks a few, then more."""
    limiter = Limiter()
    assert limiter.allows(64) == 8
    assert limiter.allows(2) == 2
    for _ in range(8):
        limiter.answered(64, {})
    assert (limiter.allows(64), limiter.learnt) == (16, None)
    grow(limiter, 16)
    limiter.answered(2, {})  # another who wants fewer takes nothing away
    assert limiter.allows(16) == 16


def test_what_another_process_has_learnt_is_where_this_one_begins() -> None:
    steady = Steady()
    limiter = Limiter(steady)
    limiter.remember(2)
    assert (limiter.allows(16), limiter.learnt) == (2, 2)
    limiter.answered(16, {})
    assert limiter.allows(16) == 2  # by one more after two answers, not with each
    limiter.answered(16, {})
    limiter.remember(9)  # what it has learnt itself is newer
    assert limiter.allows(16) in (2, 3)
    fresh = Limiter(steady)
    fresh.refused(steady(), 2, None)
    fresh.remember(None)
    assert fresh.learnt == 1


def test_what_a_refusal_has_taught_is_told_with_what_is_heard() -> None:
    ask = refusing(0, retry_after=0.01)
    heard = [one for some in Batch(ask, Limiter(), 4).run(taking(3)) for one in some]
    assert {one.at_once for one in heard} <= {None, 1, 2}
    assert heard[-1].at_once is not None


def test_after_a_refusal_half_as_many_are_asked_and_with_each_answer_more_again() -> None:
    steady = Steady()
    limiter = Limiter(steady)
    grow(limiter, 16)
    sent = steady()
    limiter.refused(sent, 16, 5.0)
    limiter.refused(sent, 15, 5.0)  # the same wave
    assert limiter.allows(16) == 8
    assert 4 < limiter.rest() <= 5
    limiter.refused(steady(), 8, 5.0)
    assert limiter.allows(16) == 4
    for _ in range(200):
        limiter.answered(16, {})
    assert limiter.allows(16) == 16
    for _ in range(9):
        limiter.refused(steady(), 1, 5.0)
    assert limiter.allows(16) == 1


def test_a_limit_that_is_used_up_by_its_header_is_waited_for_once_it_was_met() -> None:
    """Of a deployment that refuses nothing they may be old, or another's."""
    steady = Steady()
    limiter = Limiter(steady)
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s"}
    limiter.answered(16, used_up)
    assert limiter.rest() == 0
    grow(limiter, 16)
    limiter.refused(steady(), 16, 0.0)
    limiter.answered(16, used_up)
    assert 1 < limiter.rest() <= 1.5


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("1.5s", 1.5), ("250ms", 0.25), ("6m0s", 360.0), ("", None), ("soon", None)],
)
def test_a_duration_of_a_header_is_read(said: str, seconds: float | None) -> None:
    assert seconds_of(said) == seconds
