"""`run`: one process per home that ticks whatever is due, until it is stopped or all is reached.

Built by bootstrap, called by the command line.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol, TypeVar

import structlog

from agent.drivers.choice import Driver
from agent.drivers.errand import Ending, Errand
from agent.drivers.home_lock import hold_home
from agent.drivers.local import GRACE
from agent.drivers.progress import Progress, Tell
from agent.engine.heartbeat import beat
from agent.engine.mended import is_watched
from agent.engine.ownership import select_projects
from agent.settings.services import Service
from states.errors import StoreBusy, StoreError, Superseded
from states.model import Project
from states.places import Artifact
from states.store_port import Pause, Store

log = structlog.get_logger()

START_PATIENCE = 60.0  # seconds to wait for a database that another process keeps for itself
LAST_WORDS = 10.0  # seconds that people may take to hear of the end, once all is reached
T = TypeVar("T")


class Notices(Protocol):
    """Tells people elsewhere what happens (agent/notices)."""

    def follow(self) -> None:
        """What happens from now on is told, now or later."""
        ...

    def begin(self) -> None: ...
    def end(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Daemon:
    """What `run` needs of the application.

    `recover_going` makes good what a killed predecessor left behind of the projects that are due;
    `recover_resting` of all others, while what it is given says so; `take_mended` ends a hold about
    a file that a person has mended since; `given`: what a person has put below the home for a
    project that is created; `connect` reaches the service;
    `build_driver` makes the driver that the errand asks for; `notices` tells of them."""

    home: Path
    store: Store
    service: Service
    recover_going: Callable[[], None]
    recover_resting: Callable[[Callable[[], bool]], None]
    take_mended: Callable[[Project], Project]
    given: Callable[[str], Mapping[Artifact, str]]
    connect: Callable[[], None]
    build_driver: Callable[[Errand], Driver]
    notices: Notices

    def run(self, errand: Errand, tell: Tell, rest: Callable[[], None]) -> Ending:
        """Takes the selected projects as far as the errand says; see Progress for the rest."""
        with hold_home(self.home):
            progress = Progress(self.store, errand, tell, rest)
            retry_while_busy(lambda: self._prepare(errand, progress))
            ending = Ending.STOPPED
            self.notices.begin()
            try:
                ending = self._work(errand, progress)
            finally:
                self.notices.end(LAST_WORDS if ending is Ending.REACHED else GRACE)
            return ending

    def _work(self, errand: Errand, progress: Progress) -> Ending:
        if errand.once or progress.is_over():
            retry_while_busy(lambda: self.recover_resting(lambda: True))
        if progress.is_over():
            return Ending.REACHED
        self.connect()
        return self._drive(self.build_driver(errand), errand, progress)

    @contextmanager
    def _recovering(self) -> Iterator[Callable[[], None]]:
        """What is called again and again begins, the first time, to make good what rests.

        Beside the work: of thousands of finished projects it takes minutes."""
        ended = threading.Event()
        thread = threading.Thread(target=self._recover_resting, args=(ended,), daemon=True)

        def begin() -> None:
            if thread.ident is None:
                thread.start()

        try:
            yield begin
        finally:
            ended.set()
            if thread.ident is not None:
                thread.join(GRACE)

    def _recover_resting(self, ended: threading.Event) -> None:
        """Raises nothing: nobody would hear of it, and the work goes on without."""
        try:
            _load_steps()
            retry_while_busy(lambda: self.recover_resting(lambda: not ended.is_set()))
        except Exception as error:
            is_bug = not isinstance(error, StoreError)
            log.warning("not_recovered", reason=str(error), exc_info=is_bug)

    def _prepare(self, errand: Errand, progress: Progress) -> None:
        """Everything that precedes the first sweep. May be repeated."""
        projects = select_projects(
            self.store, errand.project, self.service, time.time(), self.given
        )
        self.recover_going()
        self.notices.follow()
        for project in projects:
            _make_healing_hold_due(self.store, self.take_mended(project))
        progress.observe()
        if not progress.is_over():
            beat(self.store, time.time())

    def _drive(self, driver: Driver, errand: Errand, progress: Progress) -> Ending:
        if errand.once:
            driver.run_once()
            progress.observe()
            return Ending.REACHED

        with _stopping_on_signals(driver), self._recovering() as recover:

            def observe() -> None:
                progress.observe()
                recover()

            if not driver.run(progress.is_over, observe):
                return Ending.DIED
            if progress.is_over():
                return Ending.REACHED
            return Ending.ABANDONED if driver.has_left_ticks else Ending.STOPPED


def _load_steps() -> None:
    # Each is loaded when it is needed, too: when there are file handles again, or an update that
    # takes place just now has put all of its files there.
    with suppress(OSError, ImportError, SyntaxError):
        from states.steps.table import load_steps

        load_steps()


def retry_while_busy(begin: Callable[[], T]) -> T:
    """Repeats `begin` while another process keeps the database for itself, for a while.

    At the start of a machine a backup, say, may do so for longer than one statement waits.
    """
    end = time.monotonic() + START_PATIENCE
    while True:
        try:
            return begin()
        except StoreBusy as error:
            if time.monotonic() > end:
                raise
            log.warning("store_busy", reason=str(error))
            time.sleep(0.5)


def _make_healing_hold_due(store: Store, project: Project) -> None:
    """The cause of the hold may be gone (a new key in .env, say), so the first sweep looks again.

    It is not ticked here: a dozen projects that time out in a row would delay the start too long.
    """
    if project.hold is not None and (project.due_at is not None or is_watched(project)):
        pause = Pause(time.time(), project.waiting_for, project.attempts, project.last_error)
        with suppress(Superseded):
            store.pause(project, pause)


@contextmanager
def _stopping_on_signals(driver: Driver) -> Iterator[None]:
    """SIGTERM and SIGINT end the daemon; the ticks in hand have a few seconds to end first."""

    def stop(number: int, _frame: FrameType | None) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        driver.stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
