"""An agent inside the test's own process, with clocks that a test may set."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from agent.bootstrap import Application
from agent.engine.cleanup import plan_cleanup
from agent.engine.decisions import Decisions
from agent.engine.ownership import new_uid
from agent.engine.tick import Ticked, Ticker
from agent.providers.azure import AzureService
from states.model import Project
from states.ports import Ports
from states.state import State
from states.steps.leftovers import survey
from states.store_port import Instant

NAME = "tienda"


SECONDS = 20.0  # no test here needs more to get anywhere


class Clock:
    """The two clocks of the machine, each with a shift: `skip` lets time pass, `set_wall` is a
    person or a time server.
    """

    def __init__(self) -> None:
        self._wall_shift = self._ticks_shift = 0.0

    def wall(self) -> float:
        return time.time() + self._wall_shift

    def now(self) -> Instant:
        return Instant(self.wall(), "this-boot", time.monotonic() + self._ticks_shift)

    def steady(self) -> float:
        return time.monotonic() + self._ticks_shift

    def skip(self, seconds: float) -> None:
        self._wall_shift += seconds
        self._ticks_shift += seconds

    def set_wall(self, by: float) -> None:
        self._wall_shift += by


class Agent:
    """One application with one project.

    Ticks when it is told to, and lets the clock pass whatever it waits for.
    """

    def __init__(self, app: Application, clock: Clock, name: str = NAME) -> None:
        self.app, self.clock, self.name = app, clock, name
        self.ticker = Ticker(app.store, self._ports_for, app.results.publish, clock.wall)
        self.decisions = Decisions(app.store, self.ticker, self._ports_for, clock.wall, clock.skip)
        self._told: object = None

    def _ports_for(self, project: Project) -> Ports:
        """The application's; its provider waits by the clock of the test."""
        provider = self.app.connection.provider()
        if provider is not self._told and isinstance(provider, AzureService):
            provider.forget(self.clock.steady, self.clock.skip)
            self._told = provider
        return self.app.ports_for(project)

    @property
    def home(self) -> Path:
        return self.app.settings.home

    @property
    def project(self) -> Project:
        found = self.app.store.load(self.name)
        assert found is not None
        return found

    def create(self) -> Project:
        return self.app.store.create(
            self.name, new_uid(), self.app.settings.service.name, self.clock.wall()
        )

    def tick(self) -> Ticked:
        return self.ticker.tick(self.name)

    def ticks(self, times: int) -> list[Ticked]:
        return [self.tick() for _ in range(times)]

    def run(self, state: str) -> Project:
        """Until the project has reached `state`; an assertion with its words if it cannot."""
        return self._run(
            lambda project: project.state.has_reached(State(state)), f"never reached {state}"
        )

    def run_to_hold(self) -> str:
        """Until the project is held; what it then says."""
        return str(self._run(lambda project: project.hold is not None, "was never held").hold)

    def run_to_failure(self) -> str:
        """Until the project is FAILED; the reason it gives."""
        project = self._run(lambda project: project.state is State.FAILED, "never failed")
        return str(project.last_error)

    def run_to_cancelled(self, *, delete_files: bool = False) -> Project:
        """A person cancels, and everything is tidied up."""
        self.decisions.cancel(self.name, delete_files)
        return self._run(
            lambda project: project.state is State.CANCELLED and project.due_at is None,
            "was not tidied up",
        )

    def run_to_cleaned(self) -> Project:
        """A person cancels, and has all that is left at the service deleted."""
        self.run_to_cancelled()
        memory, wall = self.app.store.memory(self.name), self.clock.wall
        left = survey(self.project, self.app.ports_for(self.project))
        self.decisions.make(
            self.name, lambda found: plan_cleanup(found, left.going, memory, wall())
        )
        return self._run(lambda project: project.due_at is None, "was not cleaned")

    def run_by_the_real_clock(self, state: str) -> Project:
        """The same, but nothing is skipped: for what the service does in its own time."""
        end = time.monotonic() + SECONDS
        while not self.project.state.has_reached(State(state)):
            assert time.monotonic() < end, self.project
            assert self.project.hold is None, self.project.hold
            self.tick()
            time.sleep(0.05)
        return self.project

    def run_once(self) -> Ticked:
        """One tick, at the time it is due."""
        due = self.project.due_at
        assert due is not None, self.project
        self.clock.skip(max(due - self.clock.wall(), 0.0))
        return self.tick()

    def _run(self, there: Callable[[Project], bool], failure: str) -> Project:
        end = time.monotonic() + SECONDS
        while not there(project := self.project):
            assert time.monotonic() < end, f"{failure}: {project}"
            assert project.due_at is not None, (
                f"{failure}: {project.state} {project.hold} {project.last_error}"
            )
            if project.due_at > self.clock.wall():
                self.clock.skip(project.due_at - self.clock.wall())
                time.sleep(0.005)  # the emulator trains by the real clock
            self.tick()
        return project

    def retry(self, *, restore: bool = False) -> Project:
        return self.decisions.retry(self.name, restore=restore, restart=False)

    def close(self) -> None:
        self.app.close()
