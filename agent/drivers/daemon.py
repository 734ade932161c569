"""`run`: one process per home that ticks whatever is due, until it is told to stop or the wanted state is reached."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import TypeVar

import sdnotify
import structlog
from filelock import FileLock, Timeout

from agent.bootstrap import Application
from agent.drivers.local import LocalDriver, Pace
from agent.engine.decisions import adopt_service, new_uid
from states.errors import SettingsError, StoreBusy, StoreError, Superseded, problem_of
from states.model import Project, State
from states.store_port import Pause, Store
from states.text import Text, say

log = structlog.get_logger()

DEFAULT_PROJECT = "tienda"
NOTIFY_SECONDS = 1.0  # a systemd that does not read its socket must not stop the sweeps
START_PATIENCE = 60.0  # seconds to wait for a database that another process holds
T = TypeVar("T")


@dataclass(frozen=True)
class Errand:
    """What `run` was asked: which project (None: all), until which state (None: for ever), or one sweep only."""

    project: str | None
    until: State | None
    once: bool
    service: str  # projects of another one are left alone

    def wants(self, project: Project) -> bool:
        """True while it has somewhere to go."""
        return self.selects(project) and not (self.until and project.state.has_reached(self.until))

    def selects(self, project: Project) -> bool:
        return self.project in (None, project.name) and project.service == self.service


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """No second daemon works on this home. The lock dies with its process, so a killed one is no obstacle."""
    folder = home / "data"
    pid_file = folder / "agent.pid"
    try:
        for room in ("data", "results", "logs"):
            (home / room).mkdir(parents=True, exist_ok=True, mode=0o700)
            (home / room).chmod(0o700)  # a clone brings them along, readable for everybody
        lock = FileLock(folder / "agent.lock", mode=0o600)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SettingsError(
            say(
                "Another daemon (pid {pid}) works on {home} already. Stop it first, or set another"
                " AGENT_HOME.",
                pid=_pid_in(pid_file),
                home=str(home),
            )
        ) from error
    except OSError as error:
        raise StoreError(
            say(
                "{path} cannot be written: {problem}. Check AGENT_HOME and its permissions.",
                path=str(folder),
                problem=problem_of(error),
            )
        ) from error
    try:
        with suppress(OSError):  # only for the message above: a full disk is met where it matters
            pid_file.write_text(str(os.getpid()))
        yield
    finally:
        with suppress(OSError):
            pid_file.unlink(missing_ok=True)
        lock.release()


def _pid_in(path: Path) -> str:
    for _ in range(20):  # the winner writes it a moment after it has won
        try:
            content = path.read_text().strip()
        except OSError:
            content = ""
        if content:
            return content
        time.sleep(0.05)
    return "?"


def selected(app: Application, name: str | None) -> list[Project]:
    """The projects this run is about; the first one is created if there is none."""
    now = time.time()
    wanted = name or (None if app.store.all() else DEFAULT_PROJECT)
    if wanted is not None and app.store.load(wanted) is None:
        app.store.create(wanted, new_uid(), app.settings.service.name, now)
        log.info("project_created", project=wanted)
    everyone = app.store.all()
    if name is None and len(everyone) > 1:
        for project in everyone:
            if not app.is_ours(project):
                log.warning(
                    "left_alone",
                    project=project.name,
                    lives_at=project.service,
                    settings_say=app.settings.service.name,
                )
        return [project for project in everyone if app.is_ours(project)]
    found = [project for project in everyone if name in (None, project.name)]
    return [adopt_service(app.store, project, app.settings.service, now) for project in found]


class Ending(Enum):
    """Why `run` came back."""

    REACHED = "every selected project is where it should be, or can go no further by itself"
    STOPPED = "it was told to"
    DIED = "the scheduler stopped: a supervisor should start the process again"


def run(
    app: Application,
    errand: Errand,
    progress: Callable[[Project, Text | None], None],
    rest: Callable[[], None],
) -> Ending:
    """Takes the selected projects as far as the errand says."""
    with only_one(app.settings.home):
        app.warn_once()
        watch = _Watch(app, errand, progress, rest)
        if as_soon_as_free(lambda: _begun(app, errand, watch)):
            return Ending.REACHED
        app.connect()
        settings = app.settings
        sweep = min(max(settings.poll_seconds / 4, 0.05), 5.0)
        driver = LocalDriver(
            app.ticker,
            app.store,
            Pace(sweep, dead_after=max(60.0, 20 * sweep)),
            Systemd(),
            time.time,
            errand.wants,
        )
        if errand.once:
            driver.once()
            watch.finished()
            return Ending.REACHED
        with _signals(driver):
            if not driver.run(watch.finished):
                return Ending.DIED
            return Ending.REACHED if watch.is_over else Ending.STOPPED


def _begun(app: Application, errand: Errand, watch: _Watch) -> bool:
    """Whatever precedes the first sweep has happened. True when there is nothing to sweep for."""
    projects = selected(app, errand.project)
    app.tidy()
    for project in projects:
        _look_again(app.store, project)
    if watch.finished():
        return True
    app.store.beat(os.getpid(), socket.gethostname(), time.time())
    return False


def as_soon_as_free(begin: Callable[[], T]) -> T:
    """At the start of a machine a backup, say, may hold the database for longer than a statement waits. `begin` may be repeated."""
    end = time.monotonic() + START_PATIENCE
    while True:
        try:
            return begin()
        except StoreBusy as error:
            if time.monotonic() > end:
                raise
            log.warning("store_busy", reason=str(error))
            time.sleep(0.5)


def _look_again(store: Store, project: Project) -> None:
    """A hold that may have healed (a new key in .env, say) is due: not ticked here, for a dozen time-outs in a row take too long."""
    if project.hold is not None and project.due_at is not None:
        with suppress(Superseded):
            store.pause(
                project,
                Pause(time.time(), project.waiting_for, project.attempts, project.last_error),
            )


def _is_held(project: Project) -> bool:
    return project.hold is not None and not _is_doubtful(project)


def _is_doubtful(project: Project) -> bool:
    """Held, but about to be looked at once more before that is believed."""
    return project.hold is not None and project.due_at is not None and project.due_at <= time.time()


class _Watch:
    """Tells every change of a project to `progress`, to `rest` that nothing goes on any more, and when the errand is over."""

    def __init__(
        self,
        app: Application,
        errand: Errand,
        progress: Callable[[Project, Text | None], None],
        rest: Callable[[], None],
    ) -> None:
        self._app, self._errand, self._progress, self._rest = app, errand, progress, rest
        self._is_resting = False
        self._seen: dict[str, tuple[int, str | None]] = {}
        self._told_at = 0.0
        self.is_over = False

    def finished(self) -> bool:
        projects = [p for p in self._app.store.all() if self._errand.selects(p)]
        for project in projects:
            if not _is_doubtful(project):
                self._tell(project)
        until = self._errand.until
        if until is None:
            resting = all(p.due_at is None for p in projects)
            if resting and not self._is_resting and not self._errand.once:
                self._rest()
            self._is_resting = resting
            return False
        self.is_over = all(
            p.state.has_reached(until) or p.state.is_terminal or _is_held(p) for p in projects
        )
        return self.is_over

    def _tell(self, project: Project) -> None:
        """Every move at once; what changes in between (case 7 of 40 …) at most once in two seconds."""
        text = project.hold or project.last_error or project.waiting_for
        shown = (project.version, None if text is None else str(text))
        before = self._seen.get(project.name, (-1, None))
        if shown == before or (shown[0] == before[0] and time.monotonic() < self._told_at + 2):
            return
        self._seen[project.name] = shown
        self._told_at = time.monotonic()
        self._progress(project, self._note(project) if shown[0] != before[0] else None)

    def _note(self, project: Project) -> Text | None:
        history = self._app.store.history(project.name)
        return history[-1].note if history else None


class Systemd:
    """Feeds systemd's watchdog where there is one; does nothing anywhere else."""

    def __init__(self) -> None:
        self._notifier = sdnotify.SystemdNotifier()
        if self._notifier.socket is not None:
            self._notifier.socket.settimeout(NOTIFY_SECONDS)
        self._greeted = False

    def alive(self) -> None:
        if not self._greeted:
            self._greeted = True
            self._notifier.notify("READY=1")
        self._notifier.notify("WATCHDOG=1")


@contextmanager
def _signals(driver: LocalDriver) -> Iterator[None]:
    """SIGTERM and SIGINT let the ticks in hand end, then the daemon."""

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
