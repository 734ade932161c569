"""Watches the projects of an errand: `observe` tells what has changed, `is_over` answers.

Used by agent/drivers/daemon.py, which passes both to the driver.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from sys import intern

from agent.drivers.errand import Errand
from agent.engine.finding import marks_of
from agent.engine.mended import is_watched
from agent.engine.sweep import is_due
from agent.engine.teardown import is_overdue, is_tearing_down
from states.facts import Facts
from states.model import Checkpoint, Project
from states.store_port import Store
from states.text import Text

MANY = 200  # a look at more projects is followed by SPARED times as long without one
SPARED = 20
LOOK = 60.0  # seconds until all are looked at, even if the sum of them says that nothing is new
NOTES = 100  # of so many moves at once each is told of
AT_ONCE = 20  # projects that are read to see what they wait for now
PAUSE = 2.0  # seconds between two lines that tell of the same checkpoint

NEW = (-1, None, -1, None)  # what is known of a project that nobody has looked at

Tell = Callable[[Project, Text | None], None]


class Progress:
    """`tell` hears of every change of a project, with the note of its newest checkpoint if that is
    what is new; `rest` hears once that nothing happens by itself any more.

    Kept of a project are a few numbers: there may be ten thousand, of which nothing is new."""

    def __init__(self, store: Store, errand: Errand, tell: Tell, rest: Callable[[], None]) -> None:
        self._store, self._errand, self._tell, self._rest = store, errand, tell, rest
        self._is_resting = self._is_over = False
        # Of each project, by name: its version and due time, and what was last told of it.
        self._known: dict[str, tuple[int, float | None, int, str | None]] = {}
        self._stamp: object = None
        self._looked_at = self._rests_until = -math.inf
        self._on_its_way: set[str] = set()  # the end of the errand waits for these
        # Those that time alone changes: in doubt, or with something that is told a little later.
        self._again: dict[str, Project] = {}
        self._later: dict[str, None] = {}  # those that may have something of the kind
        self._told_at = 0.0

    def observe(self) -> None:
        """Reads what has changed, and tells what is new."""
        again = list(self._again)
        if time.monotonic() >= self._rests_until:
            self._look_around()
        for name in again:
            if name in self._again:
                self._look_at(self._again[name])
        self._tell_some()
        if self._errand.until is not None:
            self._is_over = not self._on_its_way
        elif not self._errand.once:
            self._tell_rest()

    def _look_around(self) -> None:
        stamp, began = self._store.stamp(self._errand.service), time.monotonic()
        if stamp != self._stamp or began > self._looked_at + LOOK:
            self._look_at_changed()
            self._stamp, self._looked_at = stamp, time.monotonic()
            if len(self._known) > MANY:
                # Thousands of ticks may end within seconds: not after each all are gone through.
                self._rests_until = self._looked_at + SPARED * (self._looked_at - began)

    def is_over(self) -> bool:
        """True if every project, as last observed, has gone as far as the errand says, or can."""
        return self._is_over

    def _look_at_changed(self) -> None:
        only, known = self._errand.project, self._known
        gone, changed = set(known), dict[str, tuple[int, float | None]]()
        for name, version, due_at in marks_of(self._store, self._errand.service, only):
            gone.discard(name)
            before = known.get(name, NEW)
            if before[:2] == (version, due_at):
                continue
            if None in (due_at, before[1]) or before[0] != version or name in self._again:
                changed[name] = (version, due_at)
            else:  # it waits on, and perhaps says something new
                known[name], self._later[name] = (version, due_at, *before[2:]), None
        for name in gone:
            self._forget(name)
        for project in self._store.some(sorted(changed)):
            self._look_at(project)
            self._known[project.name] = (*changed[project.name], *self._told(project))

    def _tell_some(self) -> None:
        """Of those that only wait on, as far as there is time to tell of it."""
        for name in list(islice(self._later, AT_ONCE)):
            if time.monotonic() < self._told_at + PAUSE:
                return
            del self._later[name]
            for project in self._store.some([name]):
                self._look_at(project)

    def _forget(self, name: str) -> None:
        del self._known[name]
        self._later.pop(name, None)
        self._again.pop(name, None)
        self._on_its_way.discard(name)

    def _told(self, project: Project) -> tuple[int, str | None]:
        return self._known.get(project.name, NEW)[2:]

    def _look_at(self, project: Project) -> None:
        is_told = not _is_in_doubt(project) and self._tell_change(project)
        if not is_told or (project.hold is not None and project.due_at is not None):
            self._again[project.name] = project
        else:
            self._again.pop(project.name, None)
        if self._goes_on(project):
            self._on_its_way.add(project.name)
        else:
            self._on_its_way.discard(project.name)

    def _goes_on(self, project: Project) -> bool:
        """It has somewhere to go, and will go there by itself."""
        until = self._errand.until
        if until is None:
            return project.due_at is not None and not is_watched(project)
        if is_overdue(project, time.time()):
            return True  # also where it is held, or has failed
        is_there = project.state.has_reached(until) or project.state.is_terminal
        return not (_is_held(project) or (is_there and not is_tearing_down(project)))

    def _tell_rest(self) -> None:
        is_resting = not self._on_its_way
        if is_resting and not self._is_resting:
            self._rest()
        self._is_resting = is_resting

    def _tell_change(self, project: Project) -> bool:
        """Every move at once; what changes in between (case 7 of 40 …) now and then.

        False where it is to be told later."""
        text = project.hold or project.last_error or project.waiting_for
        shown = (project.version, None if text is None else intern(str(text)))  # many say the same
        before = self._told(project)
        is_new = shown[0] != before[0]
        if shown == before:
            return True
        if not is_new and time.monotonic() < self._told_at + PAUSE:
            return False
        note = self._tell_notes(project, before[0]) if is_new else None
        self._known[project.name] = (*self._known.get(project.name, NEW)[:2], *shown)
        self._told_at = time.monotonic()
        self._tell(project, note)
        return True

    def _tell_notes(self, project: Project, seen: int) -> Text | None:
        """The newest note; those of moves that nobody has looked at (a price, say) are told."""
        is_first = seen < 0
        history = self._store.history(
            project.name, after=max(seen, 0), last=1 if is_first else NOTES
        )
        for passed in history[:-1]:
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
