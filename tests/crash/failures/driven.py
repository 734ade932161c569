"""The real scheduler and its threads, until something has happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.sweep import Sweep


def slowly(*values: Any) -> Any:
    """A further variant of the same proof, for the long form."""
    return pytest.param(*values, marks=pytest.mark.slow)


class Nobody:
    """A watchdog that does not exist."""

    def alive(self) -> None:
        return


def driven(agent: Any, finished: Callable[[], bool], *, seconds: float = 20) -> None:
    """The real scheduler and its threads, until `finished`."""
    end = time.monotonic() + seconds
    driver = LocalDriver(
        Sweep(agent.ticker, agent.app.store, agent.clock.wall), Pace(0.05, 60), Nobody()
    )
    assert driver.run(lambda: finished() or time.monotonic() > end)
    assert finished(), agent.project
