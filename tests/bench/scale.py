"""What one project costs in requests, rows and bytes, and what many would cost at Azure:

    .venv/bin/python -m tests.bench.scale [--projects 50]

One life each on the real store, steps and ticks, with a service in memory and a clock that only
moves when told to: two hours of training looked at every 30 s, a deployment that takes ten minutes,
48 sentences and 40 cases. From that and the limits of a resource (docs/scale.md has their sources)
follow the figures for 10^5 and 10^6 projects. Nothing is asserted: docs/scale.md has them.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from states.state import State
from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore
from tests.fake_objects import Clock
from tests.fake_service import Service
from tests.unit.desk import PREFERENCES, Desk, ready_service

TRAINING, DEPLOYING = 2 * 3600.0, 600.0  # seconds; assumed, Azure promises nothing
POLL = 30.0
MONTH = 30 * 86400.0
MANY = (10**5, 10**6)
EVENTS, SERVER = 11, 0.011  # a tick, and seconds of a core: tests/bench/scale_temporal.py


@dataclass(frozen=True)
class Limit:
    """`projects`: how many a resource holds, or takes through in a month, by this limit alone."""

    what: str
    says: str
    projects: float


class Counted(Service):
    """Every request that would go over the wire is counted by its name."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.counts: Counter[str] = Counter()

    def fare(self, name: str, given: tuple[Any, ...]) -> Any:
        self.counts[name] += 1
        return super().fare(name, given)


@dataclass
class Life:
    """What was counted of `projects` lives."""

    projects: int
    ticks: int = 0
    seconds: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    rows: Mapping[str, float] = field(default_factory=dict)
    size: float = 0.0

    def each(self, name: str) -> float:
        return self.requests[name] / self.projects


def live(folder: Path, projects: int) -> Life:
    """So many projects, from DRAFT to ANALYZED, one after the other."""
    path = folder / "agent.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    store = SqlStore(engine)
    empty = _size_of(path)
    desk = Desk(folder, store)
    plain = ready_service(desk.clock)
    cloud = desk.cloud = Counted(desk.clock)
    cloud.__dict__.update({k: v for k, v in plain.__dict__.items() if k != "counts"})
    desk.preferences = replace(PREFERENCES, poll_seconds=POLL, listing_lag_seconds=60.0)
    life = Life(projects)
    for number in range(projects):
        name = f"proyecto-{number}"
        desk.store.create(name, f"{number:08x}", "emulator", desk.clock.wall())
        _go(desk, name, life)
    life.requests = cloud.counts
    life.size = (_size_of(path) - empty) / projects
    life.rows = {name: count / projects for name, count in _rows_of(path).items()}
    store.close()
    return life


def _go(desk: Desk, name: str, life: Life) -> None:
    ends: dict[State, float] = {}
    while (project := desk.project(name)).state is not State.ANALYZED:
        assert project.due_at is not None, project
        desk.clock.spend(max(project.due_at - desk.clock.wall(), 0))
        now, state = desk.clock.wall(), project.state
        spans = {State.TRAINING: TRAINING, State.AWAITING_DEPLOY: DEPLOYING}
        over = now >= ends.setdefault(state, now + spans.get(state, 0.0))
        is_training = state is State.TRAINING and not over
        desk.cloud.job_status = "running" if is_training else "succeeded"
        is_deploying = state is State.AWAITING_DEPLOY and not over
        desk.cloud.deployment_status = "creating" if is_deploying else "succeeded"
        began = time.process_time()
        desk.tick(name)
        life.seconds += time.process_time() - began
        life.ticks += 1


def _size_of(path: Path) -> float:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _rows_of(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        counted = {
            name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608
            for name in tables
        }
    return {name: count for name, count in counted.items() if count > 1}


def limits(life: Life) -> list[Limit]:
    """Of one resource, by the tightest published figure; see docs/scale.md for sources."""
    polls = life.each("job") + life.each("events")
    others = sum(life.requests.values()) / life.projects - polls
    return [
        Limit("deployments of tuned models, each serving on", "10", 10),
        Limit("files kept (2 a project), where nothing is cleaned up", "100", 100 / 2),
        Limit("trainings kept, where nothing is cleaned up", "100 (500 seen)", 100),
        Limit("trainings at once, two hours each", "3", 3 * MONTH / TRAINING),
        Limit("deployments made one after the other", "1", MONTH / DEPLOYING),
        Limit("requests, polls one by one", "30/s", 30 * MONTH / (polls + others)),
        Limit("requests, polls by lists of a hundred", "30/s", 30 * MONTH / (polls / 100 + others)),
    ]


def show(life: Life) -> None:
    each = 1 / life.projects
    print(f"\n{life.projects} projects, one life each; a project costs:\n")
    print("| what | a project |\n|---|---|")
    print(f"| ticks | {life.ticks * each:.0f} |")
    per_tick = 1000 * life.seconds / life.ticks
    print(f"| time of a core | {life.seconds * each:.2f} s ({per_tick:.1f} ms a tick) |")
    total = sum(life.requests.values()) * each
    print(f"| requests | {total:.0f} |")
    for name, count in life.requests.most_common():
        print(f"| – {name} | {count * each:.1f} |")
    rows = ", ".join(f"{name} {count:.0f}" for name, count in sorted(life.rows.items()))
    print(f"| rows | {sum(life.rows.values()):.0f} ({rows}) |")
    print(f"| database | {life.size / 1024:.0f} KiB |")


def show_limits(life: Life) -> None:
    print("\n| limit of a resource | is | projects by it | resources for 10^5 | for 10^6 |")
    print("|---|---|---|---|---|")
    for limit in sorted(limits(life), key=lambda one: one.projects):
        needed = " | ".join(f"{math.ceil(many / limit.projects):,}" for many in MANY)
        print(f"| {limit.what} | {limit.says} | {limit.projects:,.0f} | {needed} |")


def show_fleet(life: Life, share: float) -> None:
    """`share`: of a core that may be busy on average, so that a burst is no queue."""
    ticks = [many * life.ticks / life.projects / MONTH for many in MANY]
    print("\nOne life of each project in a month:\n")
    print("| | 10^5 | 10^6 |\n|---|---|---|")
    lines = {
        "ticks a second": ticks,
        "requests a second": [
            many * sum(life.requests.values()) / life.projects / MONTH for many in MANY
        ],
        "rows a month (millions)": [many * sum(life.rows.values()) / 1e6 for many in MANY],
        "database (GiB a month)": [many * life.size / 2**30 for many in MANY],
        f"cores, {share:.0%} busy": [
            many * life.seconds / life.projects / MONTH / share for many in MANY
        ],
        "projects in training at a time": [many * TRAINING / MONTH for many in MANY],
        "by Temporal: events a second": [EVENTS * a_second for a_second in ticks],
        f"by Temporal: cores of its server, {share:.0%} busy": [
            SERVER * a_second / share for a_second in ticks
        ],
    }
    for what, figures in lines.items():
        print(f"| {what} | {' | '.join(f'{figure:,.1f}' for figure in figures)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description="What many projects would cost")
    parser.add_argument("--projects", type=int, default=50)
    parser.add_argument("--share", type=float, default=0.3)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        life = live(Path(folder), given.projects)
    show(life)
    show_limits(life)
    show_fleet(life, given.share)


if __name__ == "__main__":
    main()
