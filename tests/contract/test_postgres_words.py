"""What workers on one PostgreSQL tell each other, and people: that somebody has decided something,
that they are alive, and each thing once.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.heartbeat import beat, read_heartbeat
from agent.engine.sweep import Sweep
from agent.notices.courier import Courier
from agent.notices.outbox import Outbox, Telling
from agent.resources.catalog import PackagedCatalog
from states.facts import Facts
from states.state import Event, State
from states.store_port import Move
from states.text import say
from store.engine import open_engine
from store.sql import SqlStore
from tests.postgres import GROUP, Postgres

pytestmark = GROUP


@pytest.fixture
def workers(postgres: Postgres) -> Iterator[list[SqlStore]]:
    """Two, each with connections of its own."""
    url = postgres.database()
    made = [SqlStore(open_engine(url)) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_a_decision_elsewhere_wakes_the_workers_also_after_a_restart(
    postgres: Postgres, workers: list[SqlStore], eventually: Callable[..., Any]
) -> None:
    """Once for each word, and once more after a break, in which one may have been missed."""
    one, other = workers
    words: list[float] = []
    listen_no_more = one.listen(lambda: words.append(time.monotonic()))
    try:
        eventually(lambda: len(words) == 1, 10)  # it listens now
        other.wake()
        eventually(lambda: len(words) == 2, 10)
        postgres.restart()
        eventually(lambda: len(words) >= 3, 20)
        heard = len(words)
        other.wake()
        eventually(lambda: len(words) > heard, 10)
    finally:
        listen_no_more()


def test_a_driver_sweeps_at_once_when_it_is_woken(
    workers: list[SqlStore], eventually: Callable[..., Any]
) -> None:
    """And not only when its hour of rest is over."""
    one, other = workers
    swept: list[float] = []

    class Idle:
        def publish_pending(self) -> None: ...

    class Counted(Sweep):
        def begin(self) -> Any:
            swept.append(time.monotonic())
            return super().begin()

    class Nobody:
        def alive(self) -> None: ...

    pace = Pace(3600.0, dead_after=7200.0)
    sweep = Counted(Idle(), one, time.time)  # type: ignore[arg-type]
    driver = LocalDriver(sweep, pace, Nobody(), listen=one.listen)
    running = threading.Thread(target=driver.run, args=(lambda: False,))
    running.start()
    try:
        eventually(lambda: len(swept) == 2, 10)  # at its start, and as it begins to listen
        other.wake()
        eventually(lambda: len(swept) == 3, 10)
    finally:
        driver.stop()
        running.join()


def test_every_worker_gives_a_sign_of_life(workers: list[SqlStore]) -> None:
    """One that is alive here is named; how many there are is counted; the dead of last week are
    forgotten."""
    for number, store in enumerate(workers):
        beat(store, 1000.0 + number)  # the same process, so one row
        store.beat(number + 1, "elsewhere", 2000.0 + number)
        store.beat(number + 1, "elsewhere", 2010.0 + number)
    found = read_heartbeat(workers[0])
    assert found is not None
    assert (found["pid"], found["running"], found["workers"]) == (os.getpid(), True, 2)
    workers[0].beat(3, "elsewhere", 1e6)
    assert [one["pid"] for one in workers[1].heartbeats()] == [3]


def test_a_worker_that_tells_nobody_silences_no_other(workers: list[SqlStore]) -> None:
    """Workers on one database tell as one, each thing once; of several at once, one does."""
    telling = [
        Telling(store, Path(name), str, str, PackagedCatalog())
        for store, name in zip(workers, "ab", strict=True)
    ]
    told: list[str] = []
    mail = SimpleNamespace(digest="d", name="1 mailto", send=lambda one: told.append(one.title))
    one, other = (Outbox(mail, each) for each in telling)  # type: ignore[arg-type]
    Courier([mail], telling[0], 1.0).follow()  # type: ignore[list-item]
    Courier([], telling[1], 1.0).follow()
    project = workers[0].create("tienda", "aaaaaaaa", "emulator", 1.0)
    move = Move(Event.GAVE_UP, State.FAILED, Facts(), None, 1, note=say("no"))
    workers[0].move(project, move, 2.0)
    with workers[1].lock_project("notices to d"):
        assert not one.go(False)
    assert other.go(False)
    assert one.go(False)
    assert len(told) == 1
