"""What every room shares: clean homes, the command line and the emulator as real processes, and a check that none of them is left."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.memory_disk import memory_disk

ROOT = Path(__file__).resolve().parents[1]
MARK = "AFINADOR_TEST_MARK"
OWN = ("AZURE_", "AGENT_", "OPENAI_", "EMULATOR_", "FINE_TUN", "TRAIN_SPLIT", "VALIDATION_SPLIT")
QUICK = {
    "EMULATOR_FILE_SECONDS": "0",
    "EMULATOR_QUEUE_SECONDS": "0",
    "EMULATOR_TRAIN_SECONDS": "0",
    "EMULATOR_DEPLOY_SECONDS": "0",
    "AGENT_POLL_SECONDS": "0.05",
}
KEY = "clave-de-prueba-7f3a91"
TOKEN = "testigo-de-prueba-55c0de"
# In every process of these tests: reaching beyond loopback is an error that cannot be overlooked.
GUARD = """
import sys

def _only_loopback(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if host not in (None, "", "localhost", "127.0.0.1", "::1", b"127.0.0.1", b"localhost"):
        sys.stderr.write(f"BEYOND LOOPBACK: {host}\\n")
        raise PermissionError(f"a test reached beyond loopback: {host}")

sys.addaudithook(_only_loopback)
"""


def pytest_configure() -> None:
    """Every home lives in memory, where there is enough: commits and fsyncs then cost nothing."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and (memory := memory_disk(2**30)) is not None:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(memory)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups of tests stay together: pytest 9.2 no longer reads the attribute in which pytest-xdist 3.8 writes the group down."""
    for item in items:
        grouped = vars(item).get("_nodeid")
        if grouped is not None and item.nodeid != grouped:
            from _pytest.nodeid import coerce_node_id

            item._id = coerce_node_id(grouped)  # type: ignore[attr-defined]


# Processes --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _no_process_left() -> Iterator[None]:
    """Whatever these tests start inherits a mark; at the end nobody carries it any more."""
    mark = secrets.token_hex(8)
    os.environ[MARK] = mark
    yield
    os.environ.pop(MARK)
    deadline = time.monotonic() + 10
    while (left := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    told = [" ".join(process.cmdline()) for process in left]
    for process in left:
        process.kill()
    assert not left, f"processes were left behind: {told}"


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of every child: this checkout, none of our settings, no proxy, and no way beyond loopback."""
    guard = tmp_path_factory.mktemp("guard")
    (guard / "sitecustomize.py").write_text(GUARD)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OWN) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": f"{guard}{os.pathsep}{ROOT}"}


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ended]


@pytest.fixture(scope="session")
def cli(clean_environment: dict[str, str]) -> Cli:
    """`cli(home, *arguments, env={...})`: one command of the agent, to its end."""

    def run(
        home: Path, *arguments: str, env: Mapping[str, str] | None = None, seconds: float = 150
    ) -> Ended:
        environment = {
            **clean_environment,
            **QUICK,
            "AGENT_HOME": str(home),
            "AGENT_ENV_FILE": os.devnull,
            **(env or {}),
        }
        ended = subprocess.run(
            [sys.executable, "-m", "agent", *arguments],
            env=environment,
            cwd=home.parent,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
        found = Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert "BEYOND LOOPBACK" not in found.err
        return found

    return run


@dataclass
class Daemon:
    """An agent that goes on running."""

    process: subprocess.Popen[bytes]
    errors: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self, number: int = signal.SIGTERM, seconds: float = 60) -> Ended:
        """Sends the signal and waits for the end."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.ended(seconds)

    def ended(self, seconds: float = 90) -> Ended:
        code = self.process.wait(timeout=seconds)
        return Ended(code, "", self.errors.read_text())


@pytest.fixture
def daemon(clean_environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """`daemon(home, *arguments, env={...})`: starts `run`; whatever still runs at the end of the test is killed."""
    started: list[Daemon] = []

    def start(home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Daemon:
        environment = {
            **clean_environment,
            **QUICK,
            "AGENT_HOME": str(home),
            "AGENT_ENV_FILE": os.devnull,
            **(env or {}),
        }
        errors = tmp_path / f"daemon-{len(started)}.err"
        with errors.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "agent", "run", *arguments],
                env=environment,
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


# The emulator -----------------------------------------------------------------------------------------------------------


@dataclass
class RunningEmulator:
    """An emulator of its own, reached as the agent reaches Azure: at an endpoint with a key."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def azure(self) -> dict[str, str]:
        """The settings of an agent for which this is Azure, with durations for tests."""
        return {
            "AGENT_PROVIDER": "azure",
            "AZURE_OPENAI_ENDPOINT": self.url,
            "AZURE_OPENAI_KEY": KEY,
            "AZURE_ARM_ENDPOINT": self.url,
            "AZURE_ARM_TOKEN": TOKEN,
            "AZURE_SUBSCRIPTION_ID": "suscripcion",
            "AZURE_RESOURCE_GROUP": "grupo",
            "AGENT_REQUEST_TIMEOUT_SECONDS": "5",
            "AGENT_LISTING_LAG_SECONDS": "0",
            "AGENT_SETTLE_SECONDS": "6",
        }

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/_emulator/{path}",
            method=method,
            data=data,
            headers={"content-type": "application/json"},
        )
        with _no_proxy().open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def behave(self, **changes: Any) -> None:
        self.control("PUT", "behaviour", changes)

    def fault(self, do: dict[str, Any], method: str = "POST", path: str = "", **more: Any) -> None:
        self.control(
            "PUT", "faults", [{"match": {"method": method, "path": path}, "do": do, **more}]
        )

    def reset(self) -> None:
        self.control("DELETE", "faults")
        self.control("DELETE", "behaviour")

    def counts(self) -> dict[str, int]:
        return dict(self.control("GET", "ledger")["counts"])

    def deploy(self, name: str, model: str) -> None:
        """As a person does in the portal; ready at once with quick times."""
        body = {
            "sku": {"name": "standard", "capacity": 50},
            "properties": {"model": {"format": "OpenAI", "name": model}},
        }
        path = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments/{name}"
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}{path}?api-version=2024-10-01",
            method="PUT",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "authorization": "Bearer x"},
        )
        with _no_proxy().open(request, timeout=10) as answer:
            assert answer.status in (200, 201)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def _no_proxy() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _launched(environment: Mapping[str, str], home: Path) -> RunningEmulator:
    home.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.err").open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.emulator", "--home", str(home), "--until-stdin-closes"],
            env=dict(environment),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the emulator did not start: {(home.parent / f'{home.name}.err').read_text()}"
    return RunningEmulator(process, home, json.loads(line)["url"])


@pytest.fixture
def start_emulator(
    clean_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., RunningEmulator]]:
    """`start_emulator(**EMULATOR_…)`: one of this test's own, quick and without the encoder unless told otherwise."""
    started: list[RunningEmulator] = []

    def start(home: Path | None = None, **settings: str) -> RunningEmulator:
        environment = {**clean_environment, **QUICK, "EMULATOR_ENCODER": "hash", **settings}
        started.append(_launched(environment, home or tmp_path / f"emulador-{len(started)}"))
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
    running = _launched(environment, tmp_path_factory.mktemp("emulador") / "casa")
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
    """`ledger(home)`: how often each kind of mutation was accepted by the emulator of that home, read from its own record."""

    def counted(home: Path) -> dict[str, int]:
        path = home / "data" / "emulator" / "emulator.sqlite3"
        with contextlib.closing(
            sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        ) as connection:
            return dict(
                connection.execute("SELECT kind, count(*) FROM ledger GROUP BY kind").fetchall()
            )

    return counted


# Homes ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder; a space and an accent in its name, as on people's machines."""
    path = tmp_path / "mi tienda española"
    path.mkdir()
    return path


SMALL = {
    "encender": (
        [
            f"Enciende la luz {place}"
            for place in ("del salón", "de la cocina", "del baño", "de la entrada", "de arriba")
        ]
        + ["Pon la lámpara", "Dale a la luz", "Que haya luz"]
    ),
    "apagar": (
        [
            f"Apaga la luz {place}"
            for place in ("del salón", "de la cocina", "del baño", "de la entrada", "de arriba")
        ]
        + ["Quita la lámpara", "Corta la luz", "Déjalo a oscuras"]
    ),
}
SMALL_CASES = [
    {"text": "Enciende todas las luces", "expected": "encender"},
    {"text": "Apaga todas las luces", "expected": "apagar"},
]


@pytest.fixture(scope="session")
def small_set() -> Callable[..., None]:
    """`small_set(home)`: another set of intents than the shop's, of the least size, so that a run is short."""

    def write(
        home: Path, *, project: str | None = None, cases: bool = True, examples: Any = None
    ) -> None:
        folder = home / "data" / (f"projects/{project}/raw" if project else "raw")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "intent_examples.json").write_text(
            json.dumps(examples or SMALL, ensure_ascii=False)
        )
        if cases:
            (folder / "test_cases.json").write_text(json.dumps(SMALL_CASES, ensure_ascii=False))

    return write


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
    found = SqlStore(
        open_engine(f"sqlite:///{shutil.copy(_migrated, tmp_path / 'datos' / 'agent.db')}")
    )
    yield found
    found.close()
