"""Many questions at once: what is asked when, and that nothing which was answered gets lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from agent.providers import together
from agent.providers.limiter import Limiter
from agent.providers.together import Batch
from states.errors import NotYet, Throttled
from states.remote import Heard, Question, Reply
from tests.unit.test_limiter import Steady

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


def test_what_a_refusal_has_taught_is_told_with_what_is_heard() -> None:
    ask = refusing(0, retry_after=0.01)
    heard = [one for some in Batch(ask, Limiter(), 4).run(taking(3)) for one in some]
    assert {one.at_once for one in heard} <= {None, 1, 2}
    assert heard[-1].at_once is not None


def test_what_one_project_is_told_holds_for_another_that_asks_the_same_deployment() -> None:
    """Its next batch neither forgets the rest nor asks before it is over."""
    steady = Steady()
    limiter = Limiter(steady, steady.spend)
    assert isinstance(
        listen(Batch(refusing(0, retry_after=60.0), limiter, 1).run(taking(1)))[0], Throttled
    )
    asked: list[int] = []

    def ask(messages: Any, _unsupported: Any, _hear: Hear) -> Reply:
        asked.append(number_of(messages))
        return RIGHT

    with pytest.raises(NotYet) as told:
        listen(Batch(ask, limiter, 4).run(taking(3)))
    assert 59 < (told.value.retry_after or 0) <= 60
    steady.spend(59)
    assert len(listen(Batch(ask, limiter, 4).run(taking(3)))) == 3  # the last second is waited for
    assert sorted(asked) == [0, 1, 2]


def test_two_projects_together_ask_no_more_at_once_than_one_may() -> None:
    lock, here, most_at_once = threading.Lock(), [0], [0]

    def ask(_messages: Any, _unsupported: Any, _hear: Hear) -> Reply:
        with lock:
            here[0] += 1
            most_at_once[0] = max(here[0], most_at_once[0])
        threading.Event().wait(0.01)
        with lock:
            here[0] -= 1
        return RIGHT

    limiter, heard = Limiter(), list[int]()

    def work() -> None:
        heard.append(len(listen(Batch(ask, limiter, 3).run(taking(12)))))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert heard == [12, 12, 12]
    assert most_at_once[0] == 3
