"""A worker of Temporal sees to it that there is a survey, for as long as it works."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("temporalio")

from temporalio.service import RPCError, RPCStatusCode

from agent.drivers.temporal import driver as drivers
from agent.drivers.temporal.driver import Post, TemporalDriver


class Forgetful:
    """A Temporal that is away for a moment, and has then lost its database."""

    def __init__(self) -> None:
        self.surveys = 0
        self.asked = asyncio.Event()

    async def begin(self, _projects: object) -> None: ...

    async def begin_survey(self) -> None:
        self.surveys += 1
        if self.surveys == 2:
            raise RPCError("tcp connect error", RPCStatusCode.UNAVAILABLE, b"")
        if self.surveys == 3:
            self.asked.set()


def test_the_survey_is_begun_again_where_temporal_has_lost_its_database(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workflow finds the projects that nobody ticks, but no workflow finds that one."""
    monkeypatch.setattr(drivers, "AGAIN", 0.01)
    nobody: Any = None
    post = Post(nobody, "emulator", lambda _: True, 0.01, 0.01)
    driver = TemporalDriver(nobody, desk.store, post, nobody)

    async def work() -> int:
        temporal: Any = Forgetful()
        keeping = asyncio.create_task(driver._keep_begun(temporal))
        await asyncio.wait_for(temporal.asked.wait(), 10)
        keeping.cancel()
        return int(temporal.surveys)

    assert asyncio.run(work()) == 3


def test_a_worker_that_hears_nothing_of_temporal_gives_no_sign_of_life(desk: Any) -> None:
    """Whoever watches it (`status --check`) has to hear that nothing is ticked; it goes on looking
    at the store, and tells of its life again with Temporal's next word."""
    lived, looked = [], []
    sweep = SimpleNamespace(look_alive=lambda: lived.append(1) or True)
    nobody: Any = None
    post = Post(nobody, "emulator", lambda _: True, 0.01, 0.01)
    watchdog: Any = SimpleNamespace(alive=lambda: None)
    driver = TemporalDriver(sweep, desk.store, post, watchdog)  # type: ignore[arg-type]
    driver._look(lambda: looked.append(1))
    driver._heard_at -= drivers.DEAF
    driver._look(lambda: looked.append(1))
    assert (len(lived), len(looked)) == (1, 2)

    async def hear() -> None:
        temporal: Any = Forgetful()
        keeping = asyncio.create_task(driver._keep_begun(temporal))
        await asyncio.sleep(0.1)
        keeping.cancel()

    asyncio.run(hear())
    driver._look(lambda: looked.append(1))
    assert (len(lived), len(looked)) == (2, 3)
