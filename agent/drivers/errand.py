"""What `run` was asked for, and why it came back. Made by the command line, read by the daemon."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

from agent.engine.teardown import is_overdue, is_tearing_down
from states.model import Project
from states.state import State

LOCAL, TEMPORAL = "local", "temporal"  # the drivers


@dataclass(frozen=True)
class Errand:
    """Which project (None: all), until which state (None: for ever), or one sweep only.

    `service`: projects of another one are left alone. `driver`: who calls the ticks.
    """

    project: str | None
    until: State | None
    once: bool
    service: str
    driver: str = LOCAL

    def wants(self, project: Project) -> bool:
        """True while the project has somewhere to go, or a deployment to give up."""
        is_there = self.until is not None and project.state.has_reached(self.until)
        return self.selects(project) and (
            not is_there or is_tearing_down(project) or is_overdue(project, time.time())
        )

    def selects(self, project: Project) -> bool:
        return self.project in (None, project.name) and project.service == self.service


class Ending(Enum):
    """Why `run` came back."""

    REACHED = "every selected project is where it should be, or can go no further by itself"
    STOPPED = "it was told to"
    ABANDONED = "it was told to, and a tick took too long to end: only the process can end it"
    DIED = "the scheduler stopped: a supervisor should start the process again"
