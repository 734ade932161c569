"""The one helper for statuses of the emulator: by the clock, by work, as a test orders."""

from __future__ import annotations

import pytest

from agent.emulator.state.progression import (
    ManagedStatus,
    Transition,
    TransitionRefusedError,
    take_scripted,
)


def test_the_clock_moves_a_status_through_every_transition_that_is_due() -> None:
    file = ManagedStatus(
        "pending", (Transition("pending", "running", 10), Transition("running", "processed", 20))
    )
    assert [file.at(now) for now in (9.9, 10, 19.9, 20)] == [
        "pending",
        "running",
        "running",
        "processed",
    ]
    assert not file.is_final(19.9)
    assert file.is_final(20)


def test_without_a_delay_it_is_at_its_end_at_once() -> None:
    file = ManagedStatus(
        "pending", (Transition("pending", "running", 5), Transition("running", "processed", 5))
    )
    assert file.at(5) == "processed"


def test_work_moves_a_status_and_not_before_its_moment() -> None:
    job = ManagedStatus(
        "pending",
        (
            Transition("pending", "running", 10, by_work=True),
            Transition("pending", "cancelled", by_work=True),
        ),
    )
    assert job.at(1000) == "pending"
    assert not job.may_become("running", 9)
    with pytest.raises(TransitionRefusedError):
        job.move("running", 9)
    assert job.move("running", 10) == "running"
    assert job.move("cancelled", 0) == "cancelled"


def test_what_is_over_stays_over() -> None:
    job = ManagedStatus("cancelled", (Transition("running", "succeeded", by_work=True),))
    assert job.is_final(0)
    with pytest.raises(TransitionRefusedError):
        job.move("succeeded", 0)


def test_a_script_is_told_first_and_then_the_truth() -> None:
    assert take_scripted(("paused", "weird"), "succeeded") == ("paused", ("weird",))
    assert take_scripted((), "succeeded") == ("succeeded", ())
