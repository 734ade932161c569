"""The agent's commands as processes that are forked with the libraries already loaded.

A second of each command's start went into importing the SDK and SQLAlchemy, a hundred times over.
What the program itself imports it still imports in each process. The fixture `cli` of conftest.py
calls `run_forked`, and `forked_daemon` of e2e calls `start_forked`, for the twenty that are killed;
the other daemons, and the tests of the start itself, are started as a person does.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.commands import GUARD, OWN, Ended
from tests.processes_left import unmarked

LIBRARIES = [
    "openai",
    "sqlalchemy.dialects.sqlite",
    "apscheduler.schedulers.background",
    "tiktoken",
]
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(LIBRARIES)


def may_be_forked(more: Mapping[str, str] | None) -> bool:
    """False for an environment that Python or a library may read while it is loaded."""
    return all(name.startswith(OWN) for name in more or {})


def run_anew(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, seconds: float
) -> Ended:
    """`python -m agent ARGUMENTS` to its end, as a person starts it."""
    ended = subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def run_forked(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, seconds: float
) -> Ended:
    """The same in a fork; TimeoutError, and it is killed, after `seconds`."""
    with ExitStack() as opened:
        out, err = (opened.enter_context(tempfile.NamedTemporaryFile()) for _ in range(2))
        process = _fork(arguments, environment, folder, out.name, err.name)
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{arguments} still ran after {seconds} s")
        return Ended(process.exitcode, out.read().decode(), err.read().decode())


class Forked:
    """An agent that goes on running, with what tests use of a subprocess.Popen."""

    def __init__(self, process: Any) -> None:
        self._process, self.pid = process, process.pid

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"process {self.pid} still ran after {timeout} s")
        return int(self._process.exitcode)


def start_forked(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, errors: Path
) -> Forked:
    """`python -m agent ARGUMENTS` in a fork that goes on; what it says to stderr is in `errors`."""
    return Forked(_fork(arguments, environment, folder, os.devnull, str(errors)))


def _fork(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, out: str, err: str
) -> Any:
    process = _forks.Process(
        target=_become_agent, args=(list(arguments), dict(environment), str(folder), out, err)
    )
    with unmarked():  # the server of the forks outlives this session's tests by a moment
        process.start()
    return process


def _become_agent(
    arguments: list[str], environment: dict[str, str], folder: str, out: str, err: str
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate((os.devnull, out, err)):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    exec(GUARD, {})  # noqa: S102  what sitecustomize does for the others
    sys.argv[1:] = arguments
    runpy.run_module("agent", run_name="__main__", alter_sys=True)
