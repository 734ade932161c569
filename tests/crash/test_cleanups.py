"""Nothing of a project that is over stays by a crash, and nothing of anybody else's goes."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs.cleanups import every_boundary_of_a_cleanup
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
# in `make test` some of the points; all of them in `make test-crash`
SAMPLED = [pytest.param(23, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("stride", SAMPLED)
def test_a_cleanup_ends_with_none_of_ours_and_all_of_theirs(stride: int, tell: Tell) -> None:
    """Each deleted once; the project keeps its results."""
    tried = every_boundary_of_a_cleanup(every(stride, stride // 2))
    tell(f"{tried} crashes in a cleanup: 0 files and models of ours left, 0 of others deleted")
    assert tried > 1
