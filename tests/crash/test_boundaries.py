"""A process ends at every point it passes, one after the other, and another goes on from the disk
alone.

The points are found by running: 0, 1, 2, … until a run survives untouched, so no list of them can
go stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest

from states.state import State
from tests.crash.conftest import Tell
from tests.crash.proofs import boundaries, lives
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` every twenty-fifth point, from a place of its own for each proof; all of them in
# `make test-crash`
STRIDE = 25
# points in which the data files are written; what is done to one in the wrong order shows at two
# points running
DENSE = 64
BEFORE_A_DEPLOYMENT = lives.LIVING[: lives.LIVING.index(State.DEPLOYED)]
SAMPLED = [pytest.param(STRIDE, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


def _points(stride: int) -> Iterator[int]:
    """Every `stride`th, but among the first, where the files are, every second: else chance decides
    what is noticed.
    """
    return every() if stride == 1 else chain(range(0, DENSE, 2), every(stride, DENSE))


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_crash_at_every_boundary_changes_nothing(stride: int, tell: Tell) -> None:
    """One upload per file, one job, one deployment, no answer paid for again, a gapless history and
    the same files.
    """
    tried = boundaries.every_boundary(_points(stride))
    tell(f"{tried} crashes at {lives.untouched().points} boundaries: 0 duplicates, 0 lost")
    assert tried >= lives.untouched().points // stride


@pytest.mark.parametrize("stride", SAMPLED)
def test_three_crashes_in_a_row_change_nothing(stride: int, tell: Tell) -> None:
    """The process that goes on ends as well, and so does the next one."""
    tried = boundaries.every_boundary(every(stride, 1), crashes=3)
    tell(f"{tried} lives with up to three crashes each: 0 duplicates, 0 lost")


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_power_cut_at_every_boundary_changes_nothing(stride: int, tell: Tell) -> None:
    """What was not fsynced is gone: files are empty or the old ones, and all of it is made
    again.
    """
    tried = boundaries.every_boundary(_points(stride), power_cut=True)
    tell(f"{tried} power cuts: 0 duplicates, 0 lost")


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_cancellation_after_a_crash_at_every_boundary_leaves_nothing(
    stride: int, tell: Tell
) -> None:
    """No living job and no deployment of ours, wherever the process had ended."""
    tried = boundaries.cancel_after_every_boundary(every(stride, 3))
    tell(f"{tried} crashes, each followed by a cancellation: nothing left at the service")


@pytest.mark.parametrize("state", lives.LIVING)
@pytest.mark.parametrize("stride", SAMPLED)
def test_a_crash_at_every_boundary_of_a_cancellation_leaves_nothing(
    state: State, stride: int, tell: Tell
) -> None:
    """Cancelled in every living state, and the tidying up is cut off at every point."""
    tried = boundaries.every_boundary_of_a_cancellation(state, every(stride, 4 % stride))
    tried += (
        boundaries.every_boundary_of_a_cancellation(state, every(stride, 2 % stride), auto=False)
        if state in BEFORE_A_DEPLOYMENT
        else 0
    )
    tell(f"{tried} crashes while cancelling: nothing left at the service")
