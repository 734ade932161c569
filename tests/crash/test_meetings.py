"""Two agents at once on one database: at every point one of them is stopped while others do as they
like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs import lives, meetings
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")
STRIDE = 13  # in `make test` a meeting at every thirteenth point
LATE = 3  # an awakening at every third
GUESTS = [
    (meetings.another_agent, lives.all_once),
    (meetings.another_agent_that_dies, lives.all_once),
    (meetings.a_person_cancels, lives.all_gone),
]


@pytest.mark.parametrize(("guest", "check"), GUESTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "stride",
    [pytest.param(STRIDE, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)],
)
def test_an_agent_stopped_at_every_boundary_finds_things_done(
    guest: Callable[..., Any], check: Callable[..., Any], stride: int, tell: Tell
) -> None:
    """Still one upload per file, one job, one deployment; the loser of a compare-and-swap notices
    and goes on.
    """
    tried = meetings.every_meeting(every(stride, stride // 4), guest, check)
    tell(f"{tried} meetings: 0 duplicates, nothing left over")


@pytest.mark.parametrize(
    "stride", [pytest.param(LATE, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_an_agent_that_wakes_late_begins_nothing_in_what_was_given_up(
    stride: int, tell: Tell
) -> None:
    """It had loaded the project before it was cancelled, or begun anew, and goes on, or dies
    sending, at every point of that.
    """
    tell(f"{meetings.every_stale_tick(every(stride))} late awakenings: nothing left over")
