"""Watches the projects of an errand: `observe` tells what has changed, `is_over` answers.

Used by agent/drivers/daemon.py, which passes both to the driver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.drivers.errand import Errand
from agent.engine.mended import is_watched
from agent.engine.sweep import is_due
from agent.engine.teardown import is_tearing_down
from states.facts import Facts
from states.model import Checkpoint, Project
from states.store_port import ProjectStore
from states.text import Text

PAUSE = 2.0  # seconds between two lines that tell of the same checkpoint

Tell = Callable[[Project, Text | None], None]


class Progress:
    """`tell` hears of every change of a project, with the note of its newest checkpoint if that is
    what is new; `rest` hears once that nothing happens by itself any more."""

    def __init__(
        self, store: ProjectStore, errand: Errand, tell: Tell, rest: Callable[[], None]
    ) -> None:
        self._store, self._errand, self._tell, self._rest = store, errand, tell, rest
        self._is_resting = self._is_over = False
        self._seen: dict[str, tuple[int, str | None]] = {}
        self._told_at = 0.0

    def observe(self) -> None:
        """Reads the projects and tells what is new."""
        projects = [p for p in self._store.all() if self._errand.selects(p)]
        for project in projects:
            if not _is_in_doubt(project):
                self._tell_change(project)
        until = self._errand.until
        if until is not None:
            self._is_over = all(
                _is_held(p)
                or ((p.state.has_reached(until) or p.state.is_terminal) and not is_tearing_down(p))
                for p in projects
            )
        elif not self._errand.once:
            self._tell_rest(projects)

    def is_over(self) -> bool:
        """True if every project, as last observed, has gone as far as the errand says, or can."""
        return self._is_over

    def _tell_rest(self, projects: Sequence[Project]) -> None:
        is_resting = all(p.due_at is None or is_watched(p) for p in projects)
        if is_resting and not self._is_resting:
            self._rest()
        self._is_resting = is_resting

    def _tell_change(self, project: Project) -> None:
        """Every move at once; what changes in between (case 7 of 40 …) now and then."""
        text = project.hold or project.last_error or project.waiting_for
        shown = (project.version, None if text is None else str(text))
        before = self._seen.get(project.name, (-1, None))
        is_new = shown[0] != before[0]
        if shown == before or (not is_new and time.monotonic() < self._told_at + PAUSE):
            return
        self._seen[project.name] = shown
        self._told_at = time.monotonic()
        self._tell(project, self._tell_notes(project, before[0]) if is_new else None)

    def _tell_notes(self, project: Project, seen: int) -> Text | None:
        """The newest note; those of moves that nobody has looked at (a price, say) are told."""
        history = [one for one in self._store.history(project.name) if one.version > max(seen, 0)]
        for passed in history[:-1] if seen >= 0 else ():
            if passed.note is not None:
                self._tell(_as_it_was(project, passed), passed.note)
        return history[-1].note if history else None


def _as_it_was(project: Project, passed: Checkpoint) -> Project:
    """For a line about that move: nothing held it up."""
    return replace(
        project, state=passed.to_state, hold=None, last_error=None, waiting_for=None, facts=Facts()
    )


def _is_held(project: Project) -> bool:
    return project.hold is not None and not _is_in_doubt(project)


def _is_in_doubt(project: Project) -> bool:
    """Held, but about to be ticked once more before the hold is believed.

    Not a hold about a file: that waits for a person, however often it is looked at."""
    is_believed = project.hold is None or is_watched(project)
    return not is_believed and is_due(project, time.time())
