"""No meter is forgotten, and nobody else's is stopped, wherever the process ends."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs.lives import every
from tests.crash.proofs.teardowns import WAYS, every_boundary_of_a_teardown

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(5, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stride", SAMPLED)
def test_a_teardown_ends_with_none_of_ours_and_all_of_theirs(
    stride: int, way: str, tell: Tell
) -> None:
    """One deletion; the project keeps its results."""
    tried = every_boundary_of_a_teardown(way, every(stride, stride // 2))
    tell(f"{tried} crashes in a teardown: 0 deployments of ours left, 0 of others deleted")
    assert tried > 1
