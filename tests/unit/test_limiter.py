"""How many a deployment takes at once: learnt from its answers, and for how long it rests."""

from __future__ import annotations

import pytest

from agent.providers.error_answer import seconds_of
from agent.providers.limiter import Limiter


class Steady:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


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
    fresh.refused(steady(), None)
    fresh.remember(None)
    assert fresh.learnt == 1


def test_after_a_refusal_half_as_many_are_asked_and_with_each_answer_more_again() -> None:
    steady = Steady()
    limiter = Limiter(steady)
    grow(limiter, 16)
    sent = steady()
    assert [limiter.take(16) for _ in range(17)] == [True] * 16 + [False]
    limiter.refused(sent, 5.0)
    limiter.refused(sent, 5.0)  # the same wave
    assert limiter.allows(16) == 8
    assert 4 < limiter.rest() <= 5
    assert not limiter.take(16)
    limiter.refused(steady(), 5.0)
    assert limiter.allows(16) == 4
    for _ in range(200):
        limiter.answered(16, {})
    assert limiter.allows(16) == 16
    for _ in range(9):
        limiter.refused(steady(), 5.0)
    assert limiter.allows(16) == 1


def test_a_limit_that_is_used_up_by_its_header_is_waited_for_once_it_was_met() -> None:
    """Of a deployment that refuses nothing they may be old, or another's."""
    steady = Steady()
    limiter = Limiter(steady)
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s"}
    limiter.answered(16, used_up)
    assert limiter.rest() == 0
    grow(limiter, 16)
    limiter.refused(steady(), 0.0)
    limiter.answered(16, used_up)
    assert 1 < limiter.rest() <= 1.5


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("1.5s", 1.5), ("250ms", 0.25), ("6m0s", 360.0), ("", None), ("soon", None)],
)
def test_a_duration_of_a_header_is_read(said: str, seconds: float | None) -> None:
    assert seconds_of(said) == seconds
