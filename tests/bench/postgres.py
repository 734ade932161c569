"""What PostgreSQL costs as the store, beside SQLite in the same run. Nothing is asserted.

    .venv/bin/python -m tests.bench.postgres [ROUNDS]

Both wait for the disk at each commit, and lie in a folder of the machine's own disk; the server is
on this machine, over a unix socket: each round trip of a network comes on top.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from states.facts import Facts
from states.state import Event, State
from states.store_port import Move, Pause
from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore
from tests.postgres import Postgres

SECONDS = 1.0  # of each measurement
MEGABYTE = 2**20
FORTH = Move(Event.PROMPTS_BUILT, State.PROMPTED, Facts(), 1.0, 1)
NAMES = (f"proyecto-{number}" for number in count())


def rate(act: Callable[[], object]) -> float:
    """How often a second."""
    done, end, start = 0, time.perf_counter() + SECONDS, time.perf_counter()
    while time.perf_counter() < end:
        act()
        done += 1
    return done / (time.perf_counter() - start)


def moves(store: SqlStore) -> float:
    project = store.create(next(NAMES), "aaaaaaaa", "emulator", 1.0)

    def move() -> None:
        nonlocal project
        project = store.move(project, FORTH, 2.0)

    return rate(move)


def waits(store: SqlStore) -> float:
    project = store.create(next(NAMES), "aaaaaaaa", "emulator", 1.0)

    def wait() -> None:
        nonlocal project
        project = store.pause(project, Pause(3.0, None, 0, None))

    return rate(wait)


def locks(store: SqlStore) -> float:
    def lock() -> None:
        with store.lock_project("tienda") as held:
            assert held is not None

    return rate(lock)


def blob(store: SqlStore) -> float:
    """MB a second, put and read again, of what does not shrink."""
    import random

    piece, number = random.Random(1).randbytes(MEGABYTE), next(NAMES).encode()
    start = time.perf_counter()
    name = store.put_pieces([number, *[piece] * 64])
    for _ in store.get_pieces(name):
        pass
    return 64 / (time.perf_counter() - start)


def wakes(store: SqlStore) -> float:
    """Milliseconds from a word to whoever listens."""
    heard, took = threading.Event(), []
    listen_no_more = store.listen(heard.set)
    heard.wait(10)
    for _ in range(20):
        heard.clear()
        start = time.perf_counter()
        store.wake()
        heard.wait(10)
        took.append(1000 * (time.perf_counter() - start))
    listen_no_more()
    return statistics.median(took)


FIGURES: dict[str, Callable[[SqlStore], float]] = {
    "durable moves a second": moves,
    "pauses a second": waits,
    "a lock taken and given, a second": locks,
    "64 MB put and read, MB a second": blob,
    "from a command's word to the worker, ms": wakes,
}


def main(rounds: int) -> None:
    server = Postgres(waits_for_disk=True)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        stores = {
            "SQLite": SqlStore(open_engine(f"sqlite:///{folder}/agent.db")),
            "PostgreSQL": SqlStore(open_engine(server.database())),
        }
        upgrade(stores["SQLite"].engine)
        for what, measure in FIGURES.items():
            for name, store in stores.items():
                if name == "SQLite" and measure in (locks, wakes):
                    continue
                found = sorted(measure(store) for _ in range(rounds))
                told = f"{statistics.median(found):,.1f} ({found[0]:,.1f}–{found[-1]:,.1f})"
                print(f"{what:42} {name:11} {told}", flush=True)
        for store in stores.values():
            store.close()
    server.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
