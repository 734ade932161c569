"""Hours of many projects in TRAINING by a clock that is turned: everything real but time and wire.

    .venv/bin/python -m tests.bench.poll_day [--hours 24] [--projects 10000]

The database on the disk, the sweep, the tick, the steps, the provider with its HTTP client; the
answers come from job_service.py in this process. A poll counts as missed where a job was not told
of for longer than one and a half of them.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
import structlog

from agent.engine.exactly_once import Timing
from agent.engine.standing import StandingWaits
from agent.engine.sweep import Sweep
from agent.engine.tick import Ticker
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.errors import Errors
from agent.redactor import Redactor
from agent.resources.catalog import PackagedCatalog
from states.model import Project
from states.ports import Ports, Preferences
from states.stages import Plan
from states.store_port import Instant
from store.engine import open_engine
from store.files import write_atomically
from store.sql import SqlStore
from tests.bench.job_service import Jobs
from tests.bench.poll_run import prefill, read_memory
from tests.wiring import wire_ports

POLL, HOST = 30.0, "127.0.0.1:1"


class Day:
    """The jobs, the clock, and how long each job was not told of."""

    def __init__(self, projects: int) -> None:
        self.now = 1_800_000_000.0
        self.jobs = Jobs(projects, self.wall)
        self.missed, self.longest, self.requests = 0, 0.0, 0
        self._told: dict[str, float] = {}

    def wall(self) -> float:
        return self.now

    def instant(self) -> Instant:
        return Instant(self.now, "start", self.now)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        status, body = self.jobs.answer(b"GET " + request.url.raw_path)
        self.requests += 1
        for name in self.jobs.told:
            gap = self.now - self._told.get(name, self.now)
            self.longest = max(self.longest, gap)
            self.missed += gap > 1.5 * POLL
            self._told[name] = self.now
        self.jobs.told.clear()
        return httpx2.Response(status, content=body)


def live(home: Path, projects: int, hours: float) -> dict[str, float]:
    """The figures of so many hours, after the first three polls."""
    day = Day(projects)
    prefill(home, projects, HOST, day.now)
    store = SqlStore(open_engine(f"sqlite:///{home}/data/agent.db"))
    url = f"http://{HOST}"
    service = AzureService(
        Endpoint(url, "key", "2024-10-21", 30.0), None, Errors(url, Redactor(()))
    )
    service.forget(day.wall)
    service._client._http._transport = httpx2.MockTransport(day.answer)
    plan = Plan("gpt-4o-mini-2024-07-18", 3, 4, 1.0, 7)
    wishes, catalog = Preferences(plan, 0.8, False, None, POLL, 60.0), PackagedCatalog()

    def ports_for(project: Project) -> Ports:
        return wire_ports(
            project,
            home,
            store,
            service,
            timing=Timing(120.0, 30.0),
            now=day.instant,
            write=write_atomically,
            catalog=catalog,
            preferences=wishes,
        )

    ticker = Ticker(store, ports_for, lambda _project: None, day.wall)
    standing = StandingWaits(store, lambda: service, day.wall)
    sweep = Sweep(ticker, store, day.wall, standing=standing, steady=day.wall)

    def pass_time(until: float) -> None:
        while day.now < until:
            names = sweep.begin()
            for name in names:
                sweep.advance(name)
            if not names:
                day.now += min(max(sweep.seconds_to_due(), 0.001), 5.0)

    pass_time(day.now + 3 * POLL)
    day.missed, day.longest, day.requests = 0, 0.0, 0
    began, cpu, memory = day.now, time.process_time(), read_memory(os.getpid())
    pass_time(day.now + 3600 * hours)
    lasted = day.now - began
    used = time.process_time() - cpu
    found = {
        "missed": float(day.missed),
        "longest gap": day.longest,
        "requests": day.requests * POLL / lasted,
        "core": 100 * used / lasted,
        "grown": read_memory(os.getpid()) - memory,
        "hours": lasted / 3600,
    }
    store.close()
    service.close()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--projects", type=int, default=10_000)
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(dir=Path(__file__).parents[2], prefix=".bench-") as folder:
        print(json.dumps(live(Path(folder) / "home", given.projects, given.hours)))


if __name__ == "__main__":
    main()
