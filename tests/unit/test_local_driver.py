"""The local driver's end: nothing is begun any more, and nothing is waited for in vain."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from agent.drivers.local import LocalDriver, Pace


class Sweep:
    """Counts how often it is begun; no project is ever due."""

    def __init__(self) -> None:
        self.begun = 0

    def begin(self) -> Sequence[str]:
        self.begun += 1
        return ()

    def seconds_to_due(self) -> float:
        return 1.0

    def is_next_due(self) -> bool:
        return False


class Watchdog:
    def alive(self) -> None:
        return


def test_who_works_for_long_hears_that_the_driver_stops() -> None:
    told: list[str] = []
    driver = LocalDriver(
        Sweep(),  # type: ignore[arg-type]
        Pace(60.0, 600.0),
        Watchdog(),
        lambda: told.append("stop"),
    )
    driver.stop()
    assert told == ["stop"]


def test_a_sweep_that_comes_too_late_holds_up_no_end() -> None:
    """The scheduler may hand one to its thread just as the driver ends: Python waits for that
    thread at the end of the process, so it must end by itself, and begin nothing.
    """
    sweep = Sweep()
    driver = LocalDriver(sweep, Pace(60.0, 600.0), Watchdog())  # type: ignore[arg-type]
    assert driver.run(lambda: True)
    before = sweep.begun
    late = threading.Thread(target=driver.sweep, daemon=True)
    late.start()
    late.join(10)
    assert not late.is_alive()
    assert sweep.begun == before
