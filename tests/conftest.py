"""What every room shares: clean homes, the command line and the emulator as real processes.

At the end of the session it checks that none of these processes is left.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands import GUARD, OWN, QUICK, ROOT, Cli, Daemon, Ended, environment_of
from tests.emulator_process import KEY, RunningEmulator, launch_emulator, read_ledger
from tests.forked import may_be_forked, run_anew, run_forked
from tests.memory_disk import memory_disk
from tests.processes_left import no_process_left
from tests.small_set import write_small_set
from tests.statements import share_compiled_statements
from tests.watcher import watch_run


def pytest_configure() -> None:
    """Every home lives in memory, where there is enough: commits and fsyncs then cost nothing.

    And whatever the tests start ends with them, though they be killed."""
    watch_run()
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and (memory := memory_disk(2**30)) is not None:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(memory)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again takes a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups of tests stay together: pytest 9.2 no longer reads the attribute in which pytest-xdist
    3.8 writes the group down.
    """
    for item in items:
        grouped = vars(item).get("_nodeid")
        if grouped is not None and item.nodeid != grouped:
            from _pytest.nodeid import coerce_node_id

            item._id = coerce_node_id(grouped)  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def _no_process_left() -> Iterator[None]:
    """Whatever these tests start inherits a mark; at the end nobody carries it any more."""
    with no_process_left():
        yield


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of every child: this checkout, none of our settings, no proxy, and no way
    beyond loopback.
    """
    guard = tmp_path_factory.mktemp("guard")
    (guard / "sitecustomize.py").write_text(GUARD)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OWN) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": f"{guard}{os.pathsep}{ROOT}"}


@pytest.fixture(scope="session")
def cli(clean_environment: dict[str, str]) -> Cli:
    """`cli(home, *arguments, env={...})`: one command of the agent, to its end."""

    def run(
        home: Path, *arguments: str, env: Mapping[str, str] | None = None, seconds: float = 150
    ) -> Ended:
        environment = environment_of(home, clean_environment, env)
        start = run_forked if may_be_forked(env) else run_anew
        ended = start(arguments, environment, home.parent, seconds)
        assert "BEYOND LOOPBACK" not in ended.err
        return ended

    return run


@pytest.fixture
def daemon(clean_environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """`daemon(home, *arguments, env={...})`: starts `run`; whatever still runs at the end of the
    test is killed.
    """
    started: list[Daemon] = []

    def start(home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Daemon:
        errors = tmp_path / f"daemon-{len(started)}.err"
        with errors.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "agent", "run", *arguments],
                env=environment_of(home, clean_environment, env),
                cwd=home.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
            )
        started.append(Daemon(process, errors))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """`eventually(question)`: its first true answer, before the deadline."""
    return _eventually


def _eventually(question: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.03)
    return answer


@pytest.fixture
def start_emulator(
    clean_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., RunningEmulator]]:
    """`start_emulator(**EMULATOR_…)`: one of this test's own, quick and without the encoder unless
    told otherwise.
    """
    started: list[RunningEmulator] = []

    def start(home: Path | None = None, **settings: str) -> RunningEmulator:
        environment = {**clean_environment, **QUICK, "EMULATOR_ENCODER": "hash", **settings}
        started.append(launch_emulator(environment, home or tmp_path / f"emulador-{len(started)}"))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="session")
def _shared_emulator(
    clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEmulator]:
    environment = {
        **clean_environment,
        **QUICK,
        "EMULATOR_ENCODER": "hash",
        "EMULATOR_API_KEY": KEY,
    }
    running = launch_emulator(environment, tmp_path_factory.mktemp("emulador") / "casa")
    yield running
    running.kill()


@pytest.fixture
def azure(_shared_emulator: RunningEmulator) -> Iterator[RunningEmulator]:
    """A resource that many tests use: its faults and behaviour are put back after each of them."""
    _shared_emulator.reset()
    yield _shared_emulator
    _shared_emulator.reset()


@pytest.fixture
def emulator(azure: RunningEmulator) -> RunningEmulator:
    """The same by its other name (the contract room has one of its own under it)."""
    return azure


@pytest.fixture(scope="session")
def ledger() -> Callable[[Path], dict[str, int]]:
    """`ledger(home)`: how often each kind of mutation was accepted by the emulator of that home,
    read from its own record.
    """

    return read_ledger


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real server for all tests marked with tests.postgres.GROUP; skipped where none starts."""
    from tests.postgres import Postgres

    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder; a space and an accent in its name, as on people's machines."""
    path = tmp_path / "mi tienda española"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def small_set() -> Callable[..., None]:
    """`small_set(home)`: writes the smallest set of intents, and its cases, for a project."""
    return write_small_set


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the newest schema: migrating takes longer than most tests."""
    from store.engine import open_engine
    from store.migrate import upgrade

    path = tmp_path_factory.mktemp("esquema") / "agent.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def store(tmp_path: Path, _migrated: Path) -> Iterator[Any]:
    """A real SqlStore on an SQLite file of its own with the newest schema."""
    from store.engine import open_engine
    from store.sql import SqlStore

    (tmp_path / "datos").mkdir()
    engine = open_engine(f"sqlite:///{shutil.copy(_migrated, tmp_path / 'datos' / 'agent.db')}")
    share_compiled_statements(engine)
    opened = SqlStore(engine)
    yield opened
    opened.close()
