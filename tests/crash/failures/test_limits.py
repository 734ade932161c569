"""A real daemon that may write nothing, or open nothing, for a while."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from states.errors import StoreError
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import slowly
from tests.crash.failures.observed import said, spent, state, state_of
from tests.crash.failures.remote import Service
from tests.handles import file_handles


@pytest.fixture
def training_daemon(
    daemon: Any,
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    eventually: Any,
) -> Iterator[Any]:
    """A real daemon that polls a job, which ends a moment later."""
    small_set(home)
    service.behave(train_seconds=1.2)
    running = daemon(home, "--until", "ANALYZED", env=environment)
    eventually(lambda: (home / "data/agent.db").exists() and state(home) == "TRAINING")
    yield running


def test_a_full_disk_under_the_daemons_own_number_does_not_keep_it_from_starting(
    cli: Any, home: Path, small_set: Any, service: Service, environment: dict[str, str]
) -> None:
    """agent.pid is there for one message only: a folder in its place cannot be written either."""
    small_set(home)
    (home / "data/agent.pid").mkdir()
    ended = cli(home, "run", "--until", "ANALYZED", env=environment)
    assert ended.code == 0, ended.text
    assert spent(service) == (2, 1, 1)


@pytest.mark.slow
def test_a_daemon_that_may_write_nothing_for_a_while_goes_on_afterwards(
    training_daemon: Any, home: Path, service: Service
) -> None:
    """Database, log and results at once: the limit on the size of files of this very process falls
    to nothing.
    """
    former = resource.prlimit(
        training_daemon.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)
    )
    time.sleep(1.6)
    assert training_daemon.process.poll() is None
    assert state_of(home) == "TRAINING"
    resource.prlimit(training_daemon.pid, resource.RLIMIT_FSIZE, former)
    ended = training_daemon.ended()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)


@pytest.mark.slow
def test_a_daemon_without_file_handles_goes_on_when_there_are_some(
    training_daemon: Any, home: Path, service: Service
) -> None:
    """EMFILE for every new file and connection."""
    former = resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE, (3, former[1]))
    time.sleep(1.6)
    assert training_daemon.process.poll() is None
    resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE, former)
    ended = training_daemon.ended()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert state_of(home) == "ANALYZED"
    assert (home / "results/test_results.json").is_file()
    assert spent(service) == (2, 1, 1)


STATES = (
    "DRAFT",
    "PROMPTED",
    "SPLIT",
    "VALIDATED",
    "UPLOADED",
    "TRAINED",
    "AWAITING_DEPLOY",
    "DEPLOYED",
    "EVALUATED",
)


@pytest.mark.parametrize(
    "state",
    [slowly(state) if state in ("VALIDATED", "UPLOADED", "TRAINED") else state for state in STATES],
)
def test_file_handles_that_run_out_anywhere_hold_nothing(
    state: str, launch: Callable[..., Agent], service: Service
) -> None:
    """In each state, for whatever a freshly started process has to open there: its data files, the
    vocabulary, a connection.
    """
    launch().run(state)
    for left in range(4):
        agent = launch()
        agent.app.connect()
        with file_handles(left), contextlib.suppress(StoreError):
            agent.tick()
        assert agent.project.hold is None
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


def can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return (
        subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],  # noqa: S607
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


@pytest.mark.slow
def test_a_daemon_on_a_really_full_disk_goes_on_when_there_is_room(
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    clean_environment: dict[str, str],
    eventually: Any,
) -> None:
    """A file system of four megabytes, filled to the last byte while a job trains."""
    if not can_mount():
        pytest.skip("mounting a small file system is not allowed here")
    small_set(home)
    service.behave(train_seconds=1.5)
    script = (
        'cp -a "$1" "$1.copy" && mount -t tmpfs -o size=4m,mode=700 tmpfs "$1" && cp -a "$1.copy/."'
        ' "$1" && shift && exec "$@"'
    )
    process = subprocess.Popen(
        [  # noqa: S607
            "unshare",
            "-m",
            "sh",
            "-c",
            script,
            "sh",
            str(home),
            sys.executable,
            "-m",
            "agent",
            "run",
            "--until",
            "ANALYZED",
        ],
        env={**clean_environment, **environment},
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    inside = Path(f"/proc/{process.pid}/root{home}")
    try:
        eventually(
            lambda: (
                (inside / "logs/agent.jsonl").exists()
                and "TRAINING" in [line["to"] for line in said(inside, "moved")]
            )
        )
        filler = inside / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)
        time.sleep(2)
        assert process.poll() is None
        filler.unlink()
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
    assert spent(service) == (2, 1, 1)
