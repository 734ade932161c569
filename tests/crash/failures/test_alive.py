"""The agent stays alive, shows that it is, and ends when it is not."""

from __future__ import annotations

import contextlib
import json
import os
import secrets as chance
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.drivers.local import WORKERS, LocalDriver, Pace
from agent.engine.decisions import new_uid
from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.engine.send_deadline import leaving_within
from agent.engine.tick import Ticker
from agent.providers.azure import AzureService, Endpoint
from agent.providers.errors import Errors
from states.errors import Throttled, Unclear
from states.model import Event, Project, State
from states.ports import Ports
from states.steps.table import STEPS
from states.store_port import Move
from states.text import say

ROOT = Path(__file__).parents[3]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"


class Dripper:
    """A server that goes on answering and does not finish: a byte every twentieth of a second, for five seconds."""

    def __init__(self, first: bytes) -> None:
        self._first = first
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._drip, args=(connection,)))
                self._threads[-1].start()

    def _drip(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._first)
            end = (
                time.monotonic() + 5
            )  # a client without a bound of its own fails its test, and does not hang it
            while not self._over.wait(0.05) and time.monotonic() < end:
                connection.sendall(b"H" if not self._first else b" ")

    def close(self) -> None:
        self._over.set()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()


@pytest.fixture(params=["headers", "body"])
def dripper(request: pytest.FixtureRequest) -> Iterator[Dripper]:
    found = Dripper(HEAD if request.param == "body" else b"")
    yield found
    found.close()


@pytest.fixture
def dripping(dripper: Dripper) -> Iterator[AzureService]:
    service = AzureService(
        Endpoint(dripper.url, "no-key", "2024-12-01-preview", 0.4), None, Errors(dripper.url, str)
    )
    yield service
    service.close()


def test_an_answer_that_drips_is_given_up_within_the_time_out(dripping: AzureService) -> None:
    """The libraries' time-outs begin anew with every byte; ours does not."""
    began = time.monotonic()
    with pytest.raises(Unclear, match="did not answer in time"):
        dripping.file("file-x")
    assert 0.3 < time.monotonic() - began < 1.5


def test_a_request_that_cannot_leave_in_time_never_leaves(service: Any, azure: Any) -> None:
    """The connection was made too late: nothing is sent, so nothing has to settle, and no later process is overtaken."""
    key = azure.azure["AZURE_OPENAI_KEY"]
    with closing(
        AzureService(Endpoint(service.url, key, "v1", 5.0), None, Errors(service.url, str))
    ) as provider:
        for left in (0.0, -3.0):
            with (
                pytest.raises(Throttled, match="too long to be sent"),
                leaving_within(lambda left=left: left),
            ):
                provider.upload("late.jsonl", b"{}")
        assert (service.spent("upload"), provider.files_named("late", ".jsonl")) == (0, [])


def test_a_request_that_is_taken_too_slowly_is_broken_off() -> None:
    """Somebody accepts the connection and reads nothing: a large file would be under way for as long as that lasts."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        end = time.monotonic() + 0.4
        with (
            closing(
                AzureService(Endpoint(url, "a-key", "v1", 5.0), None, Errors(url, str))
            ) as provider,
            pytest.raises(Unclear, match="AGENT_SETTLE_SECONDS"),
            leaving_within(lambda: end - time.monotonic()),
        ):
            provider.upload("large.jsonl", bytes(32 * 2**20))


@pytest.mark.parametrize("dripper", ["body"], indirect=True)
def test_projects_that_hang_do_not_stop_the_others(
    agent: Any, service: Any, dripping: AzureService, small_set: Any
) -> None:
    """More of them than there are threads, and one whose service is well."""
    app, clock = agent.app, agent.clock
    for number in range(WORKERS + 2):
        small_set(agent.home, project=f"drip-{number}")
        app.store.create(f"drip-{number}", new_uid(), app.settings.service.name, clock.wall())

    def ports_for(project: Project) -> Ports:
        ports = app.ports_for(project)
        if not project.name.startswith("drip-"):
            return ports
        return replace(
            ports,
            read=dripping,
            do=Mutations(project, app.store, dripping, Timing(6, 1), clock.now),
        )

    ticker = Ticker(app.store, ports_for, lambda project: None, clock.wall)
    end = time.monotonic() + 20
    driver = LocalDriver(ticker, app.store, Pace(0.05, 60), Quiet(), clock.wall)
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    dripped = [p for p in app.store.all() if p.name.startswith("drip-")]
    assert {p.state.value for p in dripped} == {"VALIDATED"}
    assert all(
        p.last_error is not None and "did not answer in time" in str(p.last_error) for p in dripped
    )


class Quiet:
    """A watchdog that does not exist."""

    def alive(self) -> None:
        return


def test_an_unexpected_error_holds_its_project_only(
    agent: Any, service: Any, small_set: Any
) -> None:
    agent.run("PROMPTED")
    small_set(agent.home, project="roto")
    broken = agent.app.store.create(
        "roto", new_uid(), agent.app.settings.service.name, agent.clock.wall()
    )
    for _ in range(2):
        agent.ticker.tick(broken.name)
    with contextlib.closing(sqlite3.connect(agent.home / "data/agent.db")) as connection:
        connection.execute("UPDATE projects SET facts = '{}' WHERE name = 'roto'")
        connection.commit()
    end = time.monotonic() + 20
    driver = LocalDriver(agent.ticker, agent.app.store, Pace(0.05, 60), Quiet(), agent.clock.wall)
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    held = agent.app.store.load("roto")
    assert "An unexpected error stopped this project: KeyError" in str(held.hold)
    assert "`retry`" in str(held.hold)
    assert "Traceback" in (agent.home / "logs/agent.jsonl").read_text()


def written_by_hand(home: Path, columns: str) -> None:
    with contextlib.closing(sqlite3.connect(home / "data/agent.db")) as connection:
        connection.execute(f"UPDATE projects SET {columns} WHERE name = 'roto'")  # noqa: S608
        connection.commit()


def test_a_report_that_breaks_stops_nobody(agent: Any, service: Any) -> None:
    """At the start, where every project is published, and at every sweep, where it is tried again."""
    agent.app.store.create("roto", new_uid(), agent.app.settings.service.name, agent.clock.wall())
    written_by_hand(agent.home, "state = 'ANALYZED', due_at = NULL, facts = '{\"job_id\": \"x\"}'")
    agent.app.tidy()
    agent.ticker.publish(agent.app.store.load("roto"))
    end = time.monotonic() + 20
    driver = LocalDriver(agent.ticker, agent.app.store, Pace(0.05, 60), Quiet(), agent.clock.wall)
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    assert (agent.home / "results/improvement_analysis.json").is_file()
    told = [json.loads(line) for line in (agent.home / "logs/agent.jsonl").read_text().splitlines()]
    told = [line for line in told if line["event"] == "not_published"]
    assert [line["project"] for line in told] == [
        "roto",
        "roto",
    ]  # by each of the two tickers, once
    assert "LookupError" in told[0]["exception"]


def test_a_row_that_cannot_be_read_stops_nobody(
    agent: Any, service: Any, cli: Any, home: Path, environment: dict[str, str]
) -> None:
    """Written by another version, or by hand: `run` takes the others on, `status` says it, and no command writes over it."""
    agent.app.store.create("roto", new_uid(), agent.app.settings.service.name, agent.clock.wall())
    written_by_hand(home, "state = 'PAUSED'")
    ended = cli(home, "run", "--until", "ANALYZED", env=environment)
    assert ended.code == 1
    assert agent.project.state.value == "ANALYZED"
    shown = cli(home, "status", env=environment)
    assert "Traceback" not in ended.text + shown.text
    assert "project roto cannot be read" in ended.err
    assert "project roto cannot be read" in shown.out
    assert "ANALYZED" in shown.out
    for command in ("retry", "cancel", "advance"):
        refused = cli(home, command, "roto", env=environment)
        assert refused.code == 2
        assert "project roto cannot be read" in refused.err


def test_an_unexpected_error_that_quotes_the_key_does_not_tell_it(
    agent: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room's own check looks into the row, the log and whatever was printed."""
    key = agent.app.settings.key

    def breaks(*_arguments: Any) -> Any:
        raise RuntimeError(f"header api-key: {key} cannot be encoded; {key}")

    monkeypatch.setitem(STEPS, agent.project.state, breaks)
    ticked = agent.app.ticker.tick(agent.name)
    assert ticked.outcome == "held"
    assert "cannot be encoded; [secret]" in str(agent.project.hold)
    assert key not in str(ticked.text)


# The process ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    """The other end of NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0afinador-{chance.token_hex(8)}")
        listener.settimeout(15)
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
    service: Any,
    environment: dict[str, str],
) -> None:
    small_set(home)
    service.behave(train_seconds=60)
    running = daemon(home, env={**environment, "NOTIFY_SOCKET": address_of(systemd)})
    assert systemd.recv(100) == b"READY=1"
    assert [systemd.recv(100) for _ in range(4)] == [b"WATCHDOG=1"] * 4
    said = json.loads(cli(home, "status", "--json", env=environment).out)["daemon"]
    assert said["pid"] == running.pid
    assert abs(time.time() - _unix(said["last_tick"])) < 10
    title = Path(f"/proc/{running.pid}/cmdline").read_bytes()
    assert environment["AZURE_OPENAI_KEY"].encode() not in title
    assert running.end().code == 0


def test_a_start_is_told_before_the_holds_have_been_looked_at_again(
    systemd: socket.socket, launch: Any, daemon: Any, home: Path, environment: dict[str, str]
) -> None:
    """A dozen of them on a silent network: one after the other, systemd would give up waiting, and start it again, and again."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        environment |= {
            "AZURE_OPENAI_ENDPOINT": f"http://{address}",
            "AGENT_REQUEST_TIMEOUT_SECONDS": "3",
        }
        store = launch(**environment).app.store
        for number in range(12):
            project = store.create(f"held-{number}", new_uid(), address, time.time())
            facts = replace(project.facts, job_id="ftjob-x")
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
        "original, left = store.sql.SqlStore.beat, [3]\n"
        "def beat(self, *given):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: threading.Event().wait()\n"
        "    return original(self, *given)\n"
        "store.sql.SqlStore.beat = beat\n"
    ),
    # Every sweep breaks, for a reason nobody has thought of.
    "broken": (
        "import agent.drivers.local as l\n"
        "original, left = l.LocalDriver._due, [3]\n"
        "def due(self, now):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: raise ZeroDivisionError\n"
        "    return original(self, now)\n"
        "l.LocalDriver._due = due\n"
    ),
}


@pytest.mark.parametrize(
    "death", ["dead", "hanging", pytest.param("broken", marks=pytest.mark.slow)]
)
def test_a_scheduler_that_died_ends_the_process_with_an_error(
    death: str,
    home: Path,
    small_set: Any,
    service: Any,
    environment: dict[str, str],
    clean_environment: dict[str, str],
) -> None:
    """So that a supervisor starts it again. Sixty seconds in earnest, one here."""
    small_set(home)
    service.behave(train_seconds=60)
    script = (
        "import sys, agent.drivers.daemon as d\n"
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
