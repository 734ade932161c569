"""A desk to work at: the real store, steps and ticker, with a service in memory and a clock that
only moves when told to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.engine.decisions import Decisions
from agent.engine.exactly_once import Timing
from agent.engine.tick import Ticked, Ticker
from agent.resources.catalog import PackagedCatalog
from agent.views.results import Results
from states.model import Project
from states.places import Artifact, place_of
from states.ports import Ports, Preferences
from states.stages import Plan
from states.state import State
from store.files import write_atomically
from store.sql import SqlStore
from tests.fake_objects import Clock
from tests.fake_service import Service
from tests.wiring import notes_of, wire_ports, wire_results

SETTLE = 100.0


TIMING = Timing(SETTLE, send=20.0)


PREFERENCES = Preferences(
    plan=Plan("gpt-4o-mini", 3, 1, 0.1, 42),
    train_split=0.8,
    deploy_automatically=True,
    deployment_name=None,
    poll_seconds=1.0,
    listing_lag_seconds=10.0,
)


def ready_service(clock: Clock) -> Service:
    """Statuses do not depend on time, and what a mutation names need not exist."""
    service = Service(clock)
    service.file_status = "processed"
    service.job_status = service.deployment_status = "succeeded"
    service.job_error, service.answer = None, "comprar"
    service.forgiving = True
    return service


@dataclass
class Desk:
    """One home with its store, service, clock and ticker."""

    home: Path
    store: SqlStore
    clock: Clock = field(default_factory=Clock)
    cloud: Service = field(init=False)
    preferences: Preferences = PREFERENCES
    published: list[Project] = field(default_factory=list)
    fault: list[Exception] = field(default_factory=list)  # raised instead of the next step
    catalog: PackagedCatalog = field(default_factory=PackagedCatalog)
    is_ending: Callable[[], bool] = lambda: False  # the process is told to

    def __post_init__(self) -> None:
        self.cloud = ready_service(self.clock)

    def ports_for(self, project: Project) -> Ports:
        if self.fault:
            raise self.fault.pop(0)
        ports = wire_ports(
            project,
            self.home,
            self.store,
            self.cloud,
            timing=TIMING,
            now=self.clock.now,
            write=write_atomically,
            catalog=self.catalog,
            preferences=self.preferences,
        )
        return replace(ports, goes_on=lambda: not self.is_ending())

    @property
    def ticker(self) -> Ticker:
        notes = notes_of(self.home, self.store, write_atomically)
        home = None if notes is None else notes.identity()
        return Ticker(self.store, self.ports_for, self.published.append, self.clock.wall, home=home)

    @property
    def decisions(self) -> Decisions:
        return Decisions(self.store, self.ticker, self.ports_for, self.clock.wall, self.clock.spend)

    @property
    def results(self) -> Results:
        return self.results_in("es")

    def results_in(self, language: str) -> Results:
        return wire_results(self.home, self.store, self.catalog, write_atomically, language)

    def create(self, name: str = "tienda", *, cases: int = 3) -> Project:
        """With a few test cases instead of the shop's forty: each is a tick."""
        path = self.home / place_of(Artifact.CASES, name)
        if not path.exists() and not (self.home / place_of(Artifact.EXAMPLES, name)).exists():
            self.write(
                place_of(Artifact.CASES, name),
                [{"text": f"caso {n}", "expected": "queja"} for n in range(cases)],
            )
        return self.store.create(name, "00c0ffee", "emulator", self.clock.wall())

    def project(self, name: str = "tienda") -> Project:
        found = self.store.load(name)
        assert found is not None
        return found

    def tick(self, name: str = "tienda") -> Ticked:
        return self.ticker.tick(name)

    def go(self, until: State, name: str = "tienda") -> Project:
        """Ticks, with time passing as the project asks for, until it stands in `until`."""
        if self.store.load(name) is None:
            self.create(name)
        for _ in range(400):
            project = self.project(name)
            if project.state is until:
                return project
            assert project.hold is None, project.hold
            assert project.due_at is not None, project
            self.clock.spend(max(project.due_at - self.clock.wall(), 0))
            self.tick(name)
        raise AssertionError(f"stuck in {self.project(name)}")

    def go_to_hold(self, name: str = "tienda") -> str:
        """Ticks until the project is held; what it says then."""
        if self.store.load(name) is None:
            self.create(name)
        for _ in range(400):
            project = self.project(name)
            if project.hold is not None:
                return str(project.hold)
            assert project.due_at is not None, project
            self.clock.spend(max(project.due_at - self.clock.wall(), 0))
            self.tick(name)
        raise AssertionError(f"never held: {self.project(name)}")

    def look(self, times: int = 2, name: str = "tienda") -> Project:
        """Ticks a project that is held about a file, each time when it is due."""
        for _ in range(times):
            due = self.project(name).due_at
            assert due is not None
            self.clock.spend(max(due - self.clock.wall(), 0))
            self.tick(name)
        return self.project(name)

    def write(self, place: str, content: str | bytes | Any) -> Path:
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def wish(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
