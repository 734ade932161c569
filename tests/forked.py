"""The agent's commands as processes that are forked with the libraries already loaded.

A second of each command's start went into importing the SDK and SQLAlchemy, a hundred times over.
What the program itself imports it still imports in each process. The fixture `cli` of conftest.py
calls `run_forked`; the daemons, and the tests of the start itself, are started as a person does.
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
        process = _forks.Process(
            target=_become_agent,
            args=(list(arguments), dict(environment), str(folder), out.name, err.name),
        )
        with unmarked():  # the server of the forks outlives this session's tests by a moment
            process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{arguments} still ran after {seconds} s")
        return Ended(process.exitcode, out.read().decode(), err.read().decode())


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
