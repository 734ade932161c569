"""One daemon per home. Taken by agent/drivers/daemon.py before anything else."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from states.errors import SettingsError, StoreError, problem_of
from states.text import say


def refuse_unwritable(home: Path) -> None:
    """StoreError where nothing can be kept in this home. Makes nothing."""
    folder = home / "data"
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        is_read_only = os.statvfs(there).f_flag & os.ST_RDONLY
    except OSError as error:
        raise _unwritable(folder, error) from error
    if is_read_only or not os.access(there, os.W_OK | os.X_OK):
        raise _unwritable(folder, OSError(errno.EROFS if is_read_only else errno.EACCES, ""))


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        say(
            "{path} cannot be written: {problem}. Check AGENT_HOME and its permissions.",
            path=str(folder),
            problem=problem_of(error),
        )
    )


@contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """No second daemon works on this home; the folders exist, readable by their owner only.

    The lock dies with its process, so one that was killed is no obstacle. It is for order, not for
    safety: two agents on one database are safe by the guards of the store.
    """
    folder = home / "data"
    pid_file = folder / "agent.pid"
    lock = _acquire(home, folder, pid_file)
    try:
        with suppress(OSError):  # only for a message: a full disk is met where it matters
            _write_pid(pid_file)
        yield
    finally:
        with suppress(OSError):
            pid_file.unlink(missing_ok=True)
        lock.release()


def _acquire(home: Path, folder: Path, pid_file: Path) -> FileLock:
    try:
        for name in ("data", "results", "logs"):
            (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            (home / name).chmod(0o700)  # a clone brings them along, readable for everybody
        lock = FileLock(folder / "agent.lock", mode=0o600)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SettingsError(
            say(
                "Another daemon (pid {pid}) works on {home} already. Stop it first, or set another"
                " AGENT_HOME.",
                pid=_read_pid(pid_file),
                home=str(home),
            )
        ) from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    return lock


def _write_pid(path: Path) -> None:
    """Into a new file: a link that somebody put there is replaced, not followed."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(str(os.getpid()))


def _read_pid(path: Path) -> str:
    for _ in range(20):  # the winner writes it a moment after it has won
        try:
            content = path.read_text().strip()
        except (OSError, ValueError):
            content = ""
        if content.isdecimal():
            return content
        time.sleep(0.05)
    return "?"
