"""A process ends at points of a life in which an untuned model is asked the same cases."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs.lives import every
from tests.crash.proofs.rivals import every_boundary_of_a_comparison

pytestmark = pytest.mark.usefixtures("quiet")
STRIDES = [
    pytest.param(61, id="sampled"),
    pytest.param(1, id="all", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("stride", STRIDES)
def test_a_crash_while_rivals_are_asked_pays_for_no_answer_again(stride: int, tell: Tell) -> None:
    """Before the training and after it; each of them has answered every case in the end."""
    tried = every_boundary_of_a_comparison(every(stride, 150))
    tell(f"{tried} crashes while untuned models were asked: 0 answers paid for again")
    assert tried
