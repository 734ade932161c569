"""One process of the agent. Everything is the product's own but for its clock and its service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import select

import store.files
from agent.engine.decisions import Decisions
from agent.engine.exactly_once import Timing
from agent.engine.home_view import HomeView
from agent.engine.mended import is_watched
from agent.engine.sweep import Sweep
from agent.engine.tick import LONGEST_WAIT, Ticked, Ticker
from states.errors import AfinadorError, StoreError
from states.model import Project
from states.places import Artifact
from states.ports import Ports
from states.state import State
from store.engine import reading
from store.migrate import upgrade
from store.schema import checkpoints
from store.sql import SqlStore
from tests.crash.boundary import Boundary
from tests.crash.disk import Os, RenamedPath
from tests.crash.engine import Engine
from tests.crash.shop import CATALOG, NAME
from tests.crash.wire import Wire
from tests.wiring import wire_ports, wire_results

if TYPE_CHECKING:
    from tests.crash.world import World


LOOKS = 2  # at a file that a hold is about: nobody has mended it by then


def is_paused(project: Project) -> bool:
    """Its training rests, and nobody has said that it is to go on."""
    created = project.facts.created
    if project.state is not State.TRAINING or created is None or created.status != "paused":
        return False
    return created.order is None or created.order.is_done


class Agent:
    """One process. After `Ended` only `close` may be called."""

    def __init__(self, world: World, point: Boundary) -> None:
        self.world, self.point = world, point
        # between the last look at the deadline and the sending: no time may pass here
        # (docs/guarantees.md)
        self.sending = False
        self._engine = Engine(self, world.url)
        world.agents.append(self)
        self.store = SqlStore(self._engine)
        clock = world.clock
        self.results = wire_results(world.home, self.store, CATALOG, self.write)
        # Without points: a home has its name before any of this.
        view = HomeView(world.home, self.store, store.files.write_atomically)
        self.ticker = Ticker(
            self.store,
            self.ports_for,
            self.results.publish,
            clock.wall,
            home=view.identity,
        )
        self.decisions = Decisions(self.store, self.ticker, self.ports_for, clock.wall, clock.spend)
        self._sweep = Sweep(self.ticker, self.store, clock.wall)

    def begin(self) -> Agent:
        """What the daemon does before its first sweep."""
        upgrade(self._engine.real)
        if self.store.load(NAME) is None:
            self.store.create(NAME, self.world.uid, "emulator", self.world.clock.wall())
        for project in self.store.all():
            self.results.publish(project)
            held = self.ticker.take_mended(project, lambda p: self.ports_for(p).artifacts)
            if held.hold is not None and held.due_at is not None:
                self.ticker.tick(project.name)
        return self

    def locked(self, name: str) -> None:
        """A point inside a transaction: a process can end here, but nobody else can write."""
        if self.point.then is None or self.point.over:
            self.point(name)

    def ports_for(self, project: Project) -> Ports:
        wire: Any = Wire(self)
        return wire_ports(
            project,
            self.world.home,
            self.store,
            wire,
            timing=Timing(self.world.settle, self.world.send),
            now=self.world.clock.now,
            write=self.write,
            catalog=CATALOG,
            preferences=replace(self.world.preferences, budget=project.settings.get("budget")),
        )

    def write(self, path: Path, content: bytes | Iterable[bytes]) -> None:
        with (
            patch.object(store.files, "os", Os(self)),
            patch.object(store.files, "Path", lambda name: RenamedPath(self, name)),
        ):
            self.world.write(path, content)

    @property
    def project(self) -> Project:
        found = self.store.load(NAME)
        assert found is not None
        return found

    @property
    def model(self) -> str | None:
        trained = self.project.facts.trained
        return None if trained is None else trained.model

    def due(self) -> bool:
        return bool(self._sweep.due())

    def tick(self) -> Ticked:
        self.sending = False
        return self.ticker.tick(NAME)

    def sweep(self) -> None:
        """One tick of the daemon, if the project is due."""
        if self.due():
            self.tick()

    def wait(self, project: Project | None = None) -> bool:
        """Time passes until the project is due. False if it never will be by itself."""
        due, now = (project or self.project).due_at, self.world.clock.wall()
        if due is None:
            return False
        if (
            now < due <= now + LONGEST_WAIT
        ):  # further off counts as due: the clock has been set back
            self.world.clock.spend(due - now + 0.001)
        return True

    def rest(self, most: int = 150) -> Project:
        """Ticks on, and lets time pass, until nothing happens by itself any more."""
        project, looks = self.project, 0
        for _ in range(most):
            if looks > LOOKS or self._waits_for_a_person(project) or not self.wait(project):
                return project
            project = self.tick().after
            looks = looks + 1 if is_watched(project) else 0
        raise AssertionError(f"it does not come to rest: {project}")

    def _waits_for_a_person(self, project: Project) -> bool:
        if is_paused(project):
            return True
        if self.world.auto or project.state is not State.AWAITING_DEPLOY:
            return False
        return all(
            d.model != project.facts.trained.model for d in self.world.service.deployments.values()
        )

    def decide(self, decision: Callable[[Decisions], object]) -> str | None:
        """A person's command; the reason if it is refused."""
        try:
            decision(self.decisions)
        except StoreError:
            raise
        except AfinadorError as refusal:
            return str(refusal)
        return None

    def close(self) -> None:
        if self in self.world.agents:
            self.world.agents.remove(self)
        self._engine.cut_off()

    # What was written down ------------------------------------------------------------------------

    def accepted(self) -> dict[int, set[str]]:
        """Generation -> digests of the training data that passed every check in it."""
        with reading(self._engine.real) as connection:
            rows = connection.execute(
                select(checkpoints.c.generation, checkpoints.c.event, checkpoints.c.facts)
            ).all()
        found: dict[int, set[str]] = {}
        for row in rows:
            if row.event == "DATA_ACCEPTED":
                found.setdefault(row.generation, set()).add(
                    row.facts["artifacts"][Artifact.TRAINING]
                )
        return found
