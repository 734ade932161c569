"""What Temporal adds to a tick: the product's own worker and workflows, with ticks that do nothing.

    .venv/bin/python -m tests.bench.scale_temporal [--projects 200] [--ticks 20]

The server is the one that the tests start, with its database in memory where there is enough. Each
project is ticked so many times, a second apart. Nothing is asserted: docs/scale.md has the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import structlog
from temporalio.client import Client

from agent.drivers.temporal.driver import Post, TemporalDriver
from agent.drivers.temporal.service import Workflows
from agent.settings.temporal import Temporal
from states.facts import Facts
from states.model import Project
from states.state import State
from tests.memory_disk import memory_disk
from tests.temporal_server import TemporalServer, make_server

GAP = 1.0  # seconds between two ticks of a project: the server's timers are no finer


class Still:
    """Store, sweep and watchdog of projects that wait, and then are done."""

    def __init__(self, projects: int, ticks: int) -> None:
        self._ticks, self.made = ticks, Counter[str]()
        self._names = [f"proyecto-{number}" for number in range(projects)]
        self._due = dict.fromkeys(self._names, time.time())
        self.late: list[float] = []
        self.began = 0.0

    def due(self, *_: object) -> Sequence[Project]:
        return [self._project(name, 0.0) for name in self._names]

    def load(self, name: str) -> Project:
        is_over = self.made[name] >= self._ticks
        self._due[name] = time.time() + GAP
        return self._project(name, None if is_over else self._due[name])

    def _project(self, name: str, due: float | None) -> Project:
        one = (name, f"{self._names.index(name):08x}", "emulator", State.TRAINING)
        return Project(*one, 1, 0, 0.0, due, None, None, 0, None, Facts())

    def advance(self, name: str, _: object) -> None:
        self.began = self.began or time.time()
        if self.made[name]:  # the first ones queue up: all of them were due at once
            self.late.append(time.time() - self._due[name])
        self.made[name] += 1

    def rests(self, _: str) -> bool:
        return False

    def look_alive(self) -> bool:
        return True

    def log_trouble(self, error: Exception) -> None:
        raise error

    def alive(self) -> None: ...

    def is_over(self) -> bool:
        return all(self.made[name] >= self._ticks for name in self._names)


def measure(server: TemporalServer, projects: int, ticks: int) -> None:
    still: Any = Still(projects, ticks)
    temporal = Temporal(server.address, "default", "bench", "off", None, None, None, None)
    post = Post(temporal, "emulator", lambda _: True, 0.1, 1.0)
    before = psutil.Process().memory_info().rss
    driver = TemporalDriver(still, still, post, still)
    assert server.process is not None
    there, here = psutil.Process(server.process.pid), time.process_time()
    spent = sum(there.cpu_times()[:2])
    driver.run(still.is_over)
    seconds, done = time.time() - still.began, projects * ticks
    rss = psutil.Process().memory_info().rss
    server_cpu = sum(there.cpu_times()[:2]) - spent
    events = asyncio.run(_events(temporal))
    load = os.getloadavg()[0]
    print(f"\n{projects} projects, {ticks} ticks each, {GAP:g} s apart (load {load:.1f})\n")
    late = sorted(still.late)
    last = late[int(0.99 * len(late))]
    worker_cpu = time.process_time() - here
    figures = {
        f"ticks a second, {projects / GAP:.0f} wanted": f"{done / seconds:.0f}",
        "a tick comes late by": f"{statistics.median(late):.2f} s; {last:.2f} s of 99 %",
        "time of a core, worker": f"{1000 * worker_cpu / done:.1f} ms a tick",
        "time of a core, server": f"{1000 * server_cpu / done:.1f} ms a tick",
        "memory of a worker, more than before": f"{(rss - before) / 2**20:.0f} MiB",
        "memory of the server": f"{there.memory_info().rss / 2**20:.0f} MiB",
        "events of history": f"{events / ticks:.1f} a tick",
    }
    print("| what | |\n|---|---|")
    for what, figure in figures.items():
        print(f"| {what} | {figure} |")


async def _events(temporal: Temporal) -> int:
    client = await Client.connect(temporal.address)
    queue = Workflows.queue_of(temporal, "emulator")
    handle = client.get_workflow_handle(f"00000000@{queue}")
    return len((await handle.fetch_history()).events)


def main() -> None:
    parser = argparse.ArgumentParser(description="What Temporal adds to a tick")
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--ticks", type=int, default=20)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(dir=memory_disk(2**28)) as folder:
        server = make_server(Path(folder))
        server.start()
        try:
            measure(server, given.projects, given.ticks)
        finally:
            server.kill()
    sys.stdout.flush()
    os._exit(0)  # as agent/__main__.py does, and why


if __name__ == "__main__":
    main()
