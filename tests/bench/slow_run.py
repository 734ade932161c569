"""One runner of slow.py: so many of twenty projects are answered slowly.

PYTHONPATH=. .venv/bin/python tests/bench/slow_run.py SLOW [--threads 64]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROJECTS, SECONDS, ANSWER, POLL = 20, 20.0, 5.0, 1.0


class Watchdog:
    def alive(self) -> None:
        return


def measure(home: Path, slow: int) -> dict[str, float]:
    """The gaps in seconds between two looks at a project that is answered at once."""
    import structlog

    import agent.engine.tick
    from agent.drivers.local import LocalDriver, Pace
    from agent.engine.sweep import Sweep
    from agent.engine.tick import Ticker
    from states.facts import Facts
    from states.outcome import Wait
    from states.state import Event, State
    from states.store_port import Move
    from states.text import say
    from store.engine import open_engine
    from store.migrate import upgrade
    from store.sql import SqlStore
    from tests.unit.desk import Desk

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    engine = open_engine(f"sqlite:///{home}/agent.db")
    upgrade(engine)
    store = SqlStore(engine)
    looks: dict[str, list[float]] = {}

    def look(project: Any, _: object) -> Wait:
        looks.setdefault(project.name, []).append(time.monotonic())
        if int(project.name[1:]) < slow:
            time.sleep(ANSWER)
        return Wait(POLL, say("the training job to end"))

    agent.engine.tick.step_of = lambda _state: look
    for number in range(PROJECTS):
        new = store.create(f"p{number}", "00c0ffee", "service", time.time())
        there = Move(Event.RELEASED, State.TRAINING, Facts(), time.time(), 1)
        store.move(new, there, time.time())
    ticker = Ticker(store, Desk(home, store).ports_for, lambda _: None, time.time)
    driver = LocalDriver(Sweep(ticker, store, time.time), Pace(POLL / 4, 600.0), Watchdog())
    threading.Timer(SECONDS, driver.stop).start()
    driver.run(lambda: False)
    quick = [times for name, times in looks.items() if int(name[1:]) >= slow]
    gaps = [b - a for times in quick for a, b in pairwise(times)]
    return {"gap": statistics.median(gaps), "longest": max(gaps)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("slow", type=int)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    if given.threads:
        import agent.drivers.local

        agent.drivers.local.WORKERS = given.threads
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
        print(json.dumps(measure(Path(folder), given.slow)))


if __name__ == "__main__":
    main()
