"""Every request of a life over real HTTP, with the real SDK, against an emulator process."""

from __future__ import annotations

import pytest

from tests.crash import sockets
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import every

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.parametrize(
    "stride", [pytest.param(6, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_a_crash_around_every_request_changes_nothing(stride: int, tell: Tell) -> None:
    """Before it leaves, while it is on its way, after its reply: one of each on the emulator's own
    ledger.
    """
    tell(
        f"{sockets.every_request(every(stride))} crashes around requests over HTTP: 0 duplicates, 0"
        " lost"
    )


def test_a_lost_reply_makes_nobody_send_again(tell: Tell) -> None:
    """Neither the SDK nor the agent."""
    tell(f"{sockets.every_lost_reply()} lost replies over HTTP: 0 duplicates")
