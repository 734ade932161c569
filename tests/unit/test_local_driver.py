"""The local driver's end: nothing is begun any more, and nothing is waited for in vain."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.sweep import PREPARED_AT_ONCE
from tests.handles import file_handles


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


class SoonDue(Sweep):
    """Time and again a project has just become due."""

    def seconds_to_due(self) -> float:
        return 0.01

    def is_next_due(self) -> bool:
        return True


class Crowd(Sweep):
    """So many projects, all due at the first sweep, and each at work until the last has begun.

    Those that prepare data go on with something else then, once."""

    def __init__(self, names: Sequence[str], *, preparing: bool = False) -> None:
        super().__init__()
        self._names, self._last_began = names, threading.Event()
        self._preparing = set(names) if preparing else set[str]()
        self._lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        self.went_on: list[str] = []

    def begin(self) -> Sequence[str]:
        self.begun += 1
        return self._names if self.begun == 1 else ()

    def is_preparing(self, name: str) -> bool:
        return name in self._preparing

    def advance(self, name: str, _goes_on: Callable[[], bool]) -> object:
        if not self.is_preparing(name):
            if name == self._names[-1]:
                self._last_began.set()
            assert self._last_began.wait(20)
            self.went_on.append(name)
            return object()
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        time.sleep(0.01)
        with self._lock:
            self.at_once -= 1
            self._preparing.discard(name)
        return object()


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


def test_who_waits_for_the_service_keeps_nobody_else_from_it() -> None:
    """Forty projects hang at once; the one that is due last begins all the same."""
    names = [f"p{number}" for number in range(40)]
    crowd = Crowd(names)
    driver = LocalDriver(crowd, Pace(60.0, 600.0), Watchdog())  # type: ignore[arg-type]
    driver.run_once()
    assert sorted(crowd.went_on) == sorted(names)


def test_few_prepare_their_data_at_once_and_then_go_on_with_the_others() -> None:
    """It takes memory, and one sweep takes each as far as it goes."""
    names = [f"p{number}" for number in range(40)]
    crowd = Crowd(names, preparing=True)
    driver = LocalDriver(crowd, Pace(60.0, 600.0), Watchdog())  # type: ignore[arg-type]
    driver.run_once()
    assert 1 < crowd.most_at_once <= PREPARED_AT_ONCE
    assert sorted(crowd.went_on) == sorted(names)


def test_a_sweep_out_of_turn_takes_no_file_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one may come when there are none any more, and nothing was loaded for it before."""
    monkeypatch.delitem(sys.modules, "apscheduler.triggers.date", raising=False)
    sweep, end = SoonDue(), time.monotonic() + 10
    driver = LocalDriver(sweep, Pace(60.0, 600.0), Watchdog())  # type: ignore[arg-type]
    taken, rest = contextlib.ExitStack(), iter([file_handles(0)])

    def take_the_rest() -> None:
        for handles in rest:
            taken.enter_context(handles)

    with taken:
        assert driver.run(lambda: sweep.begun > 1 or time.monotonic() > end, take_the_rest)
    assert sweep.begun > 1
