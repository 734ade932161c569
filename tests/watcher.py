"""Ends what a run of pytest has started, however pytest ends: by SIGTERM, say, or SIGKILL.

The root conftest starts one for each run. It is a process of its own, in a session of its own, that
waits at a pipe until nobody of the run holds the other end any more. What was started carries the
mark of the run in its environment, through pytest-xdist and pg_ctl too; so do the folders that
would stay in memory.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

RUN = "AFINADOR_TEST_RUN"
PATIENCE = 15.0  # seconds in which what is being ended may still start something
QUIET = 0.5  # seconds without anything left: nothing comes any more

_held: list[subprocess.Popen[bytes]] = []  # their pipes close when this process ends


def watch_run() -> None:
    """Whatever this process starts from now on ends with it. Once: a worker of pytest-xdist belongs
    to the run that has started it.
    """
    if RUN in os.environ:
        return
    environment = dict(os.environ)
    os.environ[RUN] = mark = secrets.token_hex(8)
    _held.append(
        subprocess.Popen(
            [sys.executable, "-I", __file__, mark],
            env=environment,  # unmarked: it is not to end itself
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


def folder_prefix(name: str) -> str:
    """So begins a folder of tempfile.mkdtemp that goes with the run."""
    return f"afinador-{name}-{os.environ.get(RUN, 'alone')}-"


def _clear(mark: str) -> None:
    end = time.monotonic() + PATIENCE
    quiet_since = time.monotonic()
    while time.monotonic() < min(end, quiet_since + QUIET):
        for process in marked(RUN, mark):
            with contextlib.suppress(psutil.Error):  # psutil looks whether the number is still its
                process.kill()
            quiet_since = time.monotonic()
        time.sleep(0.05)
    for place in {"/dev/shm", tempfile.gettempdir()}:  # noqa: S108  only what carries the mark
        for folder in Path(place).glob(f"afinador-*-{mark}-*"):
            shutil.rmtree(folder, ignore_errors=True)


def marked(name: str, mark: str) -> list[psutil.Process]:
    """The processes that live and have this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(name) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


if __name__ == "__main__":
    sys.stdin.buffer.read()
    _clear(sys.argv[1])
