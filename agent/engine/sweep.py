"""What every driver does, whatever its clock and its threads: which projects are due, and how far.

A driver (agent/drivers) calls `begin` now and then, and `advance` for each name it returns; see
tests/unit/test_sweep.py for one of ten lines. Both may be called from any thread, but `advance` for
one project only from one thread at a time.

Longer than other files, so that what is due, how far it goes and its rests stand in one place.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from agent.engine.heartbeat import beat
from agent.engine.standing import StandingWaits
from agent.engine.tick import LONGEST_WAIT, Ticked, Ticker
from states.errors import StoreError
from states.model import Project
from states.state import State
from states.store_port import Mark, Store

log = structlog.get_logger()

TOGETHER = "*"  # no project's name
PREPARING = (State.DRAFT, State.PROMPTED, State.SPLIT)
PREPARED_AT_ONCE = 8  # projects: each takes memory, and all there is of CPU
BEAT = 15.0  # seconds between two signs of life
SILENCE = 600.0  # seconds until the same trouble of the store is logged again
SHORTEST_REST = 1.0  # seconds; the first rest after trouble, doubled each time
LONGEST_REST = 60.0  # seconds; a project goes on this soon once there is room on the disk again


def is_due(project: Project, now: float) -> bool:
    """True if the project is to be ticked now.

    A due time further off than anything ever waits for was set by a clock that has been set back
    since, so it counts as due as well.
    """
    return project.due_at is not None and not now < project.due_at <= now + LONGEST_WAIT


class Sweep:
    """Finds the projects that are due and takes each as far as it goes without waiting.

    `wanted`: which projects this driver is about. `wall`: unix seconds, for due times. `steady`:
    seconds of a clock that nobody sets, for rests.
    """

    def __init__(
        self,
        ticker: Ticker,
        store: Store,
        wall: Callable[[], float],
        wanted: Callable[[Project], bool] = lambda _: True,
        *,
        standing: StandingWaits | None = None,
        shortest_rest: float = SHORTEST_REST,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ticker, self._store, self._wall, self._wanted = ticker, store, wall, wanted
        self._shortest_rest, self._steady, self._standing = shortest_rest, steady, standing
        self._service: str | None = None
        self._only: str | None = None
        self._preparing: set[str] = set()
        self._turns = threading.BoundedSemaphore(PREPARED_AT_ONCE)
        self._beats_at = -math.inf
        self._next_due: float | None = None
        self._logged: dict[str, float] = {}  # a trouble of the store -> when it was last logged
        # project -> (until when it rests, for how many seconds)
        self._rests: dict[str, tuple[float, float]] = {}

    def only_at(self, service: str, only: str | None = None) -> Sweep:
        """Those at other services are not even read, nor any beside the one that is named."""
        self._service, self._only = service, only
        return self

    def begin(self) -> Sequence[str]:
        """Gives a sign of life, publishes what is pending, and returns who is to be advanced.

        TOGETHER among them stands for all that only wait on, to be advanced like a project.
        Trouble of the store is logged; nobody is advanced then, and the next sweep tries again.
        """
        if not self.look_alive():
            return ()
        try:
            due = [name for name in self.due() if not self.rests(name)]
            self._next_due = self._store.next_due(self._wall())
        except StoreError as error:
            self.log_trouble(error)
            return ()
        is_together = self._standing is not None and self._standing.is_busy
        return [*due, TOGETHER] if is_together else due

    def look_alive(self) -> bool:
        """Gives a sign of life, and publishes what is pending. False in trouble of the store."""
        try:
            self._beat()
            self._ticker.publish_pending()
        except StoreError as error:
            self.log_trouble(error)
            return False
        return True

    def _beat(self) -> None:
        """Each is a commit, and sweeps may come many times a second."""
        now = self._steady()
        if now >= self._beats_at:
            beat(self._store, self._wall())
            self._beats_at = now + BEAT

    def due(self) -> Sequence[str]:
        """The names of the wanted projects that are due now, but for those that only wait on."""
        now = self._wall()
        found: Iterable[Project]
        if self._standing is None or self.rests(TOGETHER):
            found = self._due_rows(now)
        else:
            # Ten thousand may be due at once: their rows are not all read for that.
            alone = self._standing.take(self._due_marks(now))
            found = (p for p in self._store.some(alone) if is_due(p, now))
        names = []
        for project in found:
            if self._wanted(project):
                names.append(project.name)
                if project.state in PREPARING:
                    self._preparing.add(project.name)
        return names

    def _due_rows(self, now: float) -> Iterable[Project]:
        if self._only is None:
            return self._store.due(now, now + LONGEST_WAIT, self._service)
        named = self._store.some([self._only])
        return [p for p in named if is_due(p, now) and self._service in (None, p.service)]

    def _due_marks(self, now: float) -> Sequence[Mark]:
        if self._only is None:
            return self._store.due_marks(now, now + LONGEST_WAIT, self._service)
        return [(p.name, p.version, p.due_at) for p in self._due_rows(now)]

    def is_preparing(self, name: str) -> bool:
        """Its data are being prepared: that takes CPU and memory here, and no service."""
        return name in self._preparing

    def is_next_due(self) -> bool:
        """True once after the time at which another project has become due: begin anew."""
        if self.seconds_to_due() > 0:
            return False
        self._next_due = None
        return True

    def seconds_to_due(self) -> float:
        """Until a project is due that was not at the last `begin`; infinite if none is known."""
        return math.inf if self._next_due is None else max(0.0, self._next_due - self._wall())

    def _expect(self, due_at: float | None) -> None:
        """Not what is due already: a file that is looked at once a sweep, say."""
        is_sooner = due_at is not None and (self._next_due is None or due_at < self._next_due)
        if is_sooner and due_at is not None and due_at > self._wall():
            self._next_due = due_at

    def advance(self, name: str, goes_on: Callable[[], bool] = lambda: True) -> Ticked | None:
        """Ticks the project on, a state a tick, while it is due at once.

        `goes_on` is asked after each tick. Returns the last tick. None if it broke off, and then
        the project rests for a while; or if there was nothing to tick, because another thread has
        taken the project on since it was found due; or if another worker on the same database is
        at it.
        """
        try:
            if name == TOGETHER and self._standing is not None:
                if self._standing.run(goes_on):
                    self._next_due = self._wall()
                self._rests.pop(name, None)
                return None
            with self._store.lock_project(name) as is_held:
                return None if is_held is None else self._advance(name, goes_on, is_held)
        except StoreError as error:
            self.log_trouble(error)
            self.rest(name)
            return None

    def _advance(
        self, name: str, goes_on: Callable[[], bool], is_held: Callable[[], bool]
    ) -> Ticked | None:
        ticked: Ticked | None = None
        while True:
            try:
                # What is judged here is what is ticked: whoever moves it in between wins.
                project = self._store.load(name) if ticked is None else ticked.after
                if project is None or not self._may_tick(project):
                    return ticked
                with self._turn(project, goes_on) as goes:
                    if not goes:
                        return ticked
                    ticked = self._ticker.tick_loaded(project)
            except StoreError as error:
                self.log_trouble(error)
                self.rest(name)
                return None
            except Exception:
                log.exception("tick_failed", project=name)
                self.rest(name)
                return None
            self._rests.pop(name, None)
            if ticked.after.state not in PREPARING:
                self._preparing.discard(name)
            if self._standing is not None:
                self._standing.note(ticked)
            if not goes_on() or not self._is_due_at_once(ticked) or not is_held():
                self._expect(ticked.after.due_at)
                return ticked

    @contextmanager
    def _turn(self, project: Project, goes_on: Callable[[], bool]) -> Iterator[bool]:
        """Only a few prepare their data at once. False where it is to end before its turn."""
        if project.state not in PREPARING:
            yield True
            return
        while not self._turns.acquire(timeout=0.2):
            if not goes_on():
                yield False
                return
        try:
            yield True
        finally:
            self._turns.release()

    def _may_tick(self, project: Project) -> bool:
        """A project that is where it should be goes no further: the next step may be paid for."""
        return self._wanted(project) and is_due(project, self._wall())

    def rest(self, name: str) -> float:
        """The project is left alone for a while, each time twice as long. Returns the seconds.

        A step whose outcome cannot be written down may be paid for, so it must not be repeated at
        every sweep.
        """
        _, former = self._rests.get(name, (0.0, 0.0))
        seconds = min(max(2 * former, self._shortest_rest), LONGEST_REST)
        self._rests[name] = (self._steady() + seconds, seconds)
        return seconds

    def log_trouble(self, error: StoreError) -> None:
        """Logged now and then, not at every sweep: a full disk must not fill the log as well."""
        now = self._steady()
        if now > self._logged.get(str(error), -SILENCE) + SILENCE:
            self._logged[str(error)] = now
            log.error("store_trouble", reason=str(error))

    def rests(self, name: str) -> bool:
        """True while the project is left alone after trouble."""
        return self._steady() < self._rests.get(name, (0.0, 0.0))[0]

    def _is_due_at_once(self, ticked: Ticked) -> bool:
        project = ticked.after
        return (
            project.hold is None and project.due_at is not None and (project.due_at <= self._wall())
        )
