"""Of the models of one training one is deployed by us, wherever the process ends."""

from __future__ import annotations

import pytest

from states.state import State
from tests.crash.conftest import Tell
from tests.crash.proofs.choices import every_boundary_of_a_choice
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(29, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]
STATES = [State.TRAINED, State.AWAITING_DEPLOY, State.ANALYZED]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("stride", SAMPLED)
def test_a_checkpoint_takes_the_place_of_the_model_with_one_deployment_of_ours(
    stride: int, state: State, tell: Tell
) -> None:
    """Until the new one answers: nothing is trained, and at no moment are there two."""
    tried = every_boundary_of_a_choice(state, every(stride, stride // 2), "go on")
    tell(f"{tried} crashes while a checkpoint takes the model's place: 0 second meters, 0 jobs")
    assert tried > 1


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_cancellation_in_the_middle_of_that_leaves_nothing(stride: int, tell: Tell) -> None:
    tried = every_boundary_of_a_choice(State.ANALYZED, every(stride, stride // 2), "cancel")
    tell(f"{tried} crashes, each followed by a cancellation: nothing of ours left")
