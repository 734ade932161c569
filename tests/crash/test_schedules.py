"""Hundreds of random schedules, the same ones for the same seed: `AFINADOR_CRASH_SEED=… pytest tests/crash/test_schedules.py`."""

from __future__ import annotations

import pytest

from tests.crash import schedules
from tests.crash.conftest import Tell
from tests.crash.proofs import SEED

pytestmark = pytest.mark.usefixtures("quiet")
PARTS = 4  # each a seed of its own, so that two processes share the work


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("count", [pytest.param(52, id="short"), pytest.param(550, id="long", marks=pytest.mark.slow)])
def test_no_schedule_pays_twice_or_loses_anything(part: int, count: int, tell: Tell) -> None:
    """Ticks, crashes, lost and late requests, lag, a second agent, set clocks, a person's commands and edits, in any order."""
    done = schedules.prove(SEED + part, count)
    tell(f"{done} schedules, {schedules.Schedule.steps} steps checked, seed {SEED + part}: 0 duplicates, 0 lost, 0 hangs")
    assert done >= count
