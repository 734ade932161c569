"""The window in which two generations are deployed: a process ends at every point of it."""

from __future__ import annotations

import pytest

from states.steps.succession import Standing
from tests.crash.conftest import Tell
from tests.crash.proofs import successions
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(14, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]
STRIDES = [pytest.param(150, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("stride", SAMPLED)
def test_of_two_deployments_the_right_one_stays(
    stride: int, standing: Standing, tell: Tell
) -> None:
    """One deletion, of ours alone, and at no moment is there none."""
    tried = successions.every_boundary_of_a_succession(standing, every(stride, stride // 2))
    tell(f"{tried} crashes while one of two deployments is given up: 0 lost, 0 orphans")


@pytest.mark.parametrize("afterwards", ["cancel", "keep the parent"])
@pytest.mark.parametrize("standing", [Standing.NOT_WORSE, Standing.WORSE])
@pytest.mark.parametrize("stride", SAMPLED)
def test_a_cancellation_in_the_middle_of_it_leaves_nothing(
    stride: int, standing: Standing, afterwards: str, tell: Tell
) -> None:
    """Neither of the two; or the old one alone, if it is asked for and still there."""
    points = every(2 * stride - 1, stride // 2)
    tried = successions.every_boundary_of_a_succession(standing, points, afterwards)
    tell(f"{tried} crashes, each followed by a cancellation: nothing left at the service")


@pytest.mark.parametrize("stride", STRIDES)
def test_an_iteration_that_is_interrupted_keeps_what_serves(stride: int, tell: Tell) -> None:
    """From the decision to the end: at every point there is a deployment, at the end the new one
    alone."""
    tried = successions.every_boundary_of_an_iteration(every(stride, stride // 3))
    tell(f"{tried} crashes in a life beside an older generation: 0 duplicates, 0 lost")
