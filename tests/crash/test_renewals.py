"""A deployment that ended by itself is made anew once, wherever the process ends."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs.lives import every
from tests.crash.proofs.renewals import every_boundary_of_a_renewal

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(37, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_renewal_makes_one_deployment_and_pays_no_answer_twice(stride: int, tell: Tell) -> None:
    tried = every_boundary_of_a_renewal(every(stride, stride // 2))
    tell(f"{tried} crashes in a renewal: one deployment made anew, no answer lost")
    assert tried > 1
