"""Hundreds of random schedules, the same ones for the same seed: `AFINADOR_CRASH_SEED=… pytest
tests/crash/test_schedules.py`.
"""

from __future__ import annotations

import pytest

from tests.crash import schedules
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import SEED

pytestmark = pytest.mark.usefixtures("quiet")
PARTS = 4  # each a seed of its own, so that two processes share the work
SHORT, LONG = 200, 2000  # schedules in all, at least: `make test`, `make test-crash`


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "count",
    [
        pytest.param(SHORT // PARTS, id="short"),
        pytest.param(LONG // PARTS, id="long", marks=pytest.mark.slow),
    ],
)
def test_no_schedule_pays_twice_or_loses_anything(part: int, count: int, tell: Tell) -> None:
    """Ticks, crashes, lost and late requests, lag, a second agent, set clocks, a person's commands
    and edits, in any order.
    """
    tell(f"seed {SEED + part}")  # before anything can fail
    done = schedules.prove(SEED + part, count)
    tell(
        f"{done} schedules, {schedules.Schedule.steps} steps checked: 0 duplicates, 0 lost, 0"
        " hangs",
        schedules=done,
    )
    assert done >= count, f"{done} of {count} schedules, seed {SEED + part}"


def test_a_schedule_that_fails_has_told_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody could repeat it."""

    def prove(_number: int, _count: int) -> int:
        raise AssertionError("paid twice")

    monkeypatch.setattr(schedules, "prove", prove)
    told: list[str] = []
    with pytest.raises(AssertionError, match="paid twice"):
        test_no_schedule_pays_twice_or_loses_anything(1, 1, lambda line, **_: told.append(line))
    assert told == [f"seed {SEED + 1}"]
