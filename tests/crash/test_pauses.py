"""An order to a training is carried out once, wherever the process ends."""

from __future__ import annotations

import pytest

from states.stages import PAUSE, RESUME
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import every
from tests.crash.proofs.pauses import every_boundary_of_an_order

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(23, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("afterwards", ["go on", "cancel"])
@pytest.mark.parametrize("wants", [PAUSE, RESUME])
@pytest.mark.parametrize("stride", SAMPLED)
def test_an_order_is_carried_out_once_wherever_the_process_ends(
    stride: int, wants: str, afterwards: str, tell: Tell
) -> None:
    """The training is one, whatever is made of it afterwards."""
    tried = every_boundary_of_an_order(wants, every(stride, stride // 2), afterwards)
    tell(f"{tried} crashes while a training is to {wants}: 0 orders lost, 0 sent twice")
    assert tried > 1
