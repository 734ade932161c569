"""Watches the files that a hold is about, and takes the project on when one of them is mended.

Called by tick.py while a project is held; by decisions.py and the daemon's start, through it, when
a person asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from agent.engine.mended import SETTLING, find_mended, is_settled, is_watched, note_seen
from states.graph import destination
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts, Ports
from states.store_port import Move, Pause, Store
from states.text import say

log = structlog.get_logger()


@dataclass(frozen=True)
class Watch:
    """`look` costs one reading of each file, whatever the step would cost."""

    store: Store
    publish: Callable[[Project], None]
    wall: Callable[[], float]

    def look(self, project: Project, ports: Ports) -> Project:
        """The project, held until a file is another one at two looks in a row."""
        mended = find_mended(project, ports.artifacts)
        if mended and is_settled(project.facts, mended):
            return self._take(project, ports.artifacts, mended)
        rest = ports.preferences.poll_seconds
        due = self.wall() + (min(rest, SETTLING) if mended else rest)
        facts = note_seen(project.facts, mended)
        pause = Pause(due, None, project.attempts, project.last_error, facts)
        return self.store.pause(project, pause)

    def take_mended(
        self, project: Project, artifacts_of: Callable[[Project], Artifacts]
    ) -> Project:
        """A person asks, so a file that they have mended counts at once."""
        if not is_watched(project):
            return project
        artifacts = artifacts_of(project)
        mended = find_mended(project, artifacts)
        return self._take(project, artifacts, mended) if mended else project

    def _take(
        self, project: Project, artifacts: Artifacts, mended: Mapping[Artifact, str]
    ) -> Project:
        """The hold is over, and the project goes on with the files as they are now."""
        from agent.engine.retry_plan import plan_mended

        plan, now = plan_mended(project, artifacts, mended), self.wall()
        to = destination(project.state, plan.event)
        note = say("{place} is another one now", place=artifacts.place(min(mended)))
        move = Move(plan.event, to, plan.facts, now, project.generation, note=note)
        after = self.store.move(project, move, now)
        log.info("moved", event_name=move.event.value, to=to.value, version=after.version)
        self.publish(after)
        return after
