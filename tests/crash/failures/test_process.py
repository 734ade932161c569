"""The process shows that it is alive, and ends when it is not."""

from __future__ import annotations

import json
import os
import secrets as chance
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.engine.ownership import new_uid
from agent.engine.sweep import BEAT
from states.stages import Job
from states.state import Event, State
from states.store_port import Move
from states.text import say
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service

ROOT = Path(__file__).parents[3]


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    """The other end of NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0afinador-{chance.token_hex(8)}")
        listener.settimeout(60)
        yield listener


def address_of(listener: socket.socket) -> str:
    """As NOTIFY_SOCKET has it: an abstract one begins with @."""
    name = listener.getsockname()
    return "@" + (name[1:].decode() if isinstance(name, bytes) else name[1:])


def test_systemd_hears_that_the_agent_is_ready_and_alive_and_status_shows_the_last_tick(
    systemd: socket.socket,
    daemon: Any,
    cli: Any,
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
) -> None:
    small_set(home)
    service.behave(train_seconds=60)
    running = daemon(home, env={**environment, "NOTIFY_SOCKET": address_of(systemd)})
    assert systemd.recv(100) == b"READY=1"
    assert [systemd.recv(100) for _ in range(4)] == [b"WATCHDOG=1"] * 4
    said = json.loads(cli(home, "status", "--json", env=environment).out)["daemon"]
    assert said["pid"] == running.pid
    assert abs(time.time() - _unix(said["last_tick"])) < 10 + BEAT
    title = Path(f"/proc/{running.pid}/cmdline").read_bytes()
    assert environment["AZURE_OPENAI_KEY"].encode() not in title
    assert running.end().code == 0


def test_a_start_is_told_before_the_holds_have_been_looked_at_again(
    systemd: socket.socket,
    launch: Callable[..., Agent],
    daemon: Any,
    home: Path,
    environment: dict[str, str],
) -> None:
    """A dozen of them on a silent network: one after the other, systemd would give up waiting, and
    start it again, and again.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        environment |= {
            "AZURE_OPENAI_ENDPOINT": f"http://{address}",
            "AGENT_REQUEST_TIMEOUT_SECONDS": "3",
        }
        store = launch(**environment).app.store
        for number in range(12):
            project = store.create(f"held-{number}", new_uid(), address, time.time())
            facts = replace(project.facts, created=Job("ftjob-x"))
            due = time.time() + 300
            store.move(
                project,
                Move(Event.HELD, State.TRAINING, facts, due, 1, hold=say("no network")),
                time.time(),
            )
        running = daemon(home, env={**environment, "NOTIFY_SOCKET": address_of(systemd)})
        assert systemd.recv(100) == b"READY=1"  # it listens for 15 s, and 12 time-outs are 36 s
        assert running.end(signal.SIGKILL).code == -signal.SIGKILL


def _unix(iso: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(iso).timestamp()


DEATHS = {
    # The thread ends, as by a MemoryError.
    "dead": (
        "from apscheduler.schedulers.background import BackgroundScheduler as S\n"
        "original, S.left = S._process_jobs, 3\n"
        "def process(self):\n"
        "    S.left -= 1\n"
        "    if S.left < 0: raise SystemExit\n"
        "    return original(self)\n"
        "S._process_jobs = process\n"
    ),
    # The thread goes into the kernel and does not come back, as with a network file system.
    "hanging": (
        "import threading, store.sql\n"
        "original, left = store.sql.SqlStore.next_due, [3]\n"
        "def next_due(self, *given):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: threading.Event().wait()\n"
        "    return original(self, *given)\n"
        "store.sql.SqlStore.next_due = next_due\n"
    ),
    # Every sweep breaks, for a reason nobody has thought of.
    "broken": (
        "from agent.engine.sweep import Sweep\n"
        "original, left = Sweep.due, [3]\n"
        "def due(self):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: raise ZeroDivisionError\n"
        "    return original(self)\n"
        "Sweep.due = due\n"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "death", ["dead", "hanging", pytest.param("broken", marks=pytest.mark.slow)]
)
def test_a_scheduler_that_died_ends_the_process_with_an_error(
    death: str,
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    clean_environment: dict[str, str],
) -> None:
    """So that a supervisor starts it again. Sixty seconds in earnest, one here."""
    small_set(home)
    service.behave(train_seconds=60)
    script = (
        "import sys, agent.drivers.local as d\n"
        "from agent.drivers.local import Pace\n"
        "d.Pace = lambda sweep, dead_after: Pace(sweep, 1.0)\n"
        + DEATHS[death]
        + "from agent.cli import main\nsys.exit(main(['run']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**clean_environment, **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "scheduler_died" in (home / "logs/agent.jsonl").read_text()


def test_the_sample_unit_restarts_the_agent_and_feeds_on_its_watchdog() -> None:
    import configparser

    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "docs/afinador.service")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "on-failure"
    assert int(service["WatchdogSec"]) > 60
    assert service["UMask"] == "0077"
    assert service["ExecStart"].endswith(" run")
    assert os.access(ROOT / "agent/__main__.py", os.R_OK)
