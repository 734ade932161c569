"""Over the budget: 0 jobs, wherever the process ends; and one, once a person gives the money."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs.budgets import every_boundary_over_budget
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
STRIDES = [
    pytest.param(31, id="sampled"),
    pytest.param(1, id="all", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("stride", STRIDES)
def test_what_is_over_the_budget_is_never_sent(stride: int, tell: Tell) -> None:
    tried = every_boundary_over_budget(every(stride, stride // 3))
    tell(f"{tried} crashes on the way to a training over the budget: 0 files, 0 jobs; then one")
    assert tried
