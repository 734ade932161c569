"""An agent inside the test's own process, against the emulator over real HTTP, with clocks that a test may set."""

from __future__ import annotations

import json
import logging
import os
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent.bootstrap import Application
from agent.engine.decisions import Operator, new_uid
from agent.engine.tick import Ticked, Ticker
from agent.settings.config import load
from states.model import Project, State
from states.store_port import Instant
from store.engine import open_engine
from store.migrate import upgrade

NAME = "tienda"
V = "api-version=2024-12-01-preview"
ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments"
)
SECONDS = 20.0  # no test here needs more to get anywhere


class Clock:
    """The two clocks of the machine, each with a shift: `skip` lets time pass, `set_wall` is a person or a time server."""

    def __init__(self) -> None:
        self._wall_shift = self._ticks_shift = 0.0

    def wall(self) -> float:
        return time.time() + self._wall_shift

    def now(self) -> Instant:
        return Instant(self.wall(), "this-boot", time.monotonic() + self._ticks_shift)

    def skip(self, seconds: float) -> None:
        self._wall_shift += seconds
        self._ticks_shift += seconds

    def set_wall(self, by: float) -> None:
        self._wall_shift += by


class Agent:
    """One application with one project. Ticks when it is told to, and lets the clock pass whatever it waits for."""

    def __init__(self, app: Application, clock: Clock, name: str = NAME) -> None:
        self.app, self.clock, self.name = app, clock, name
        self.ticker = Ticker(app.store, app.ports_for, app.report.publish, clock.wall)
        self.operator = Operator(app.store, self.ticker, app.ports_for, clock.wall, clock.skip)

    @property
    def home(self) -> Path:
        return self.app.settings.home

    @property
    def project(self) -> Project:
        found = self.app.store.load(self.name)
        assert found is not None
        return found

    def create(self) -> Project:
        return self.app.store.create(
            self.name, new_uid(), self.app.settings.service.name, self.clock.wall()
        )

    def tick(self) -> Ticked:
        return self.ticker.tick(self.name)

    def ticks(self, times: int) -> list[Ticked]:
        return [self.tick() for _ in range(times)]

    def run(self, state: str) -> Project:
        """Until the project has reached `state`; an assertion with its words if it cannot."""
        return self._run(
            lambda project: project.state.has_reached(State(state)), f"never reached {state}"
        )

    def run_to_hold(self) -> str:
        """Until the project is held; what it then says."""
        return str(self._run(lambda project: project.hold is not None, "was never held").hold)

    def run_to_failure(self) -> str:
        """Until the project is FAILED; the reason it gives."""
        project = self._run(lambda project: project.state is State.FAILED, "never failed")
        return str(project.last_error)

    def run_to_cancelled(self, *, delete_files: bool = False) -> Project:
        """A person cancels, and everything is tidied up."""
        self.operator.cancel(self.name, delete_files)
        return self._run(
            lambda project: project.state is State.CANCELLED and project.due_at is None,
            "was not tidied up",
        )

    def run_by_the_real_clock(self, state: str) -> Project:
        """The same, but nothing is skipped: for what the service does in its own time."""
        end = time.monotonic() + SECONDS
        while not self.project.state.has_reached(State(state)):
            assert time.monotonic() < end, self.project
            assert self.project.hold is None, self.project.hold
            self.tick()
            time.sleep(0.05)
        return self.project

    def run_once(self) -> Ticked:
        """One tick, at the time it is due."""
        due = self.project.due_at
        assert due is not None, self.project
        self.clock.skip(max(due - self.clock.wall(), 0.0))
        return self.tick()

    def _run(self, there: Callable[[Project], bool], failure: str) -> Project:
        end = time.monotonic() + SECONDS
        while not there(project := self.project):
            assert time.monotonic() < end, f"{failure}: {project}"
            assert project.due_at is not None, (
                f"{failure}: {project.state} {project.hold} {project.last_error}"
            )
            if project.due_at > self.clock.wall():
                self.clock.skip(project.due_at - self.clock.wall())
                time.sleep(0.005)  # the emulator trains by the real clock
            self.tick()
        return project

    def retry(self, *, restore: bool = False) -> Project:
        return self.operator.retry(self.name, restore=restore, restart=False)

    def close(self) -> None:
        self.app.close()


class Service:
    """The emulator as these tests use it: its faults, what was spent since the test began, and other people's deeds."""

    def __init__(self, emulator: Any, key: str) -> None:
        self.emulator, self.url, self._key = emulator, emulator.url, key
        self._before = emulator.counts()

    def behave(self, **changes: Any) -> None:
        self.emulator.behave(**changes)

    def fault(
        self, method: str, path: str, kind: str, *, skip: int = 0, times: int | None = 1, **do: Any
    ) -> None:
        self.emulator.fault({"kind": kind, **do}, method=method, path=path, skip=skip, times=times)

    def faults_left(self) -> int:
        return sum(rule["times"] or 0 for rule in self.emulator.control("GET", "faults"))

    def reset(self) -> None:
        self.emulator.reset()

    def spent(self, kind: str) -> int:
        """How often the service has accepted this kind of mutation since the test began."""
        return int(self.emulator.counts()[kind] - self._before[kind])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A call by somebody else; None for an empty answer."""
        sent = {
            "api-key": self._key,
            "authorization": "Bearer somebody",
            "content-type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)  # noqa: S310  loopback
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None

    def upload(self, filename: str, content: bytes) -> str:
        """A file put there by somebody else."""
        mark = "----somebody"
        head = (
            f"--{mark}\r\nContent-Disposition: form-data;"
            f' name="purpose"\r\n\r\nfine-tune\r\n--{mark}\r\n'
        )
        head += f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/openai/files?{V}",
            method="POST",
            data=body,
            headers={"api-key": self._key, "content-type": f"multipart/form-data; boundary={mark}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            return str(json.loads(answer.read())["id"])

    def files(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/openai/files?{V}")["data"])

    def content(self, file_id: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/openai/files/{file_id}/content?{V}", headers={"api-key": self._key}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            return bytes(answer.read())

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/openai/fine_tuning/jobs?{V}&limit=100")["data"])

    def job(self, training: str, validation: str, suffix: str, seed: int = 42) -> str:
        """A job created by somebody else, or by a twin of ours."""
        body = {
            "model": "gpt-4o-mini",
            "training_file": training,
            "validation_file": validation,
            "suffix": suffix,
            "seed": seed,
            "hyperparameters": {"n_epochs": 1},
        }
        return str(self.ask("POST", f"/openai/fine_tuning/jobs?{V}", body)["id"])

    def cancel(self, job_id: str) -> None:
        self.ask("POST", f"/openai/fine_tuning/jobs/{job_id}/cancel?{V}")

    def arm(self, method: str, name: str = "", body: Any = None) -> Any:
        return self.ask(method, f"{ARM}{'/' if name else ''}{name}?api-version=2024-10-01", body)

    def deploy(self, name: str, model: str) -> None:
        self.emulator.deploy(name, model)

    def clear(self) -> None:
        """Nothing of this test is left to fill the resource's quota of files."""
        self.reset()
        for job in self.jobs():
            if job["status"] in ("pending", "running"):
                self._quietly(lambda job=job: self.cancel(job["id"]))
        for file in self.files():
            self._quietly(lambda file=file: self.ask("DELETE", f"/openai/files/{file['id']}?{V}"))

    @staticmethod
    def _quietly(deed: Callable[[], Any]) -> None:
        try:
            deed()
        except urllib.error.HTTPError as error:
            error.close()


@pytest.fixture
def service(azure: Any) -> Iterator[Service]:
    found = Service(azure, azure.azure["AZURE_OPENAI_KEY"])
    yield found
    found.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The agent's clocks, instead of the machine's."""
    found = Clock()
    monkeypatch.setattr("agent.engine.clock.now", found.now)
    return found


@pytest.fixture
def environment(service: Service, home: Path) -> dict[str, str]:
    """The settings of an agent for which the emulator is Azure."""
    return {
        **service.emulator.azure,
        "AGENT_HOME": str(home),
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_POLL_SECONDS": "0.05",
        "AGENT_DEPLOY": "auto",
        "AGENT_LANGUAGE": "en",
        "AGENT_LOG_LEVEL": "info",
    }


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with the newest schema: migrating takes longer than most tests here."""
    path = tmp_path_factory.mktemp("schema") / "agent.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def launch(
    environment: dict[str, str],
    home: Path,
    clock: Clock,
    small_set: Callable[..., None],
    _empty_database: bytes,
) -> Iterator[Callable[..., Agent]]:
    """`launch(**settings)`: an agent on this test's home. A second call is the same agent, started again."""
    umask = os.umask(0o077)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    agents: list[Agent] = []
    small_set(home)
    (home / "data" / "agent.db").write_bytes(_empty_database)

    def start(*, name: str = NAME, **settings: str) -> Agent:
        for former in agents:
            former.close()
        app = Application(load({**environment, **settings}), is_daemon=True)
        agents.append(Agent(app, clock, name))
        agents[-1].create()
        return agents[-1]

    yield start
    for agent in agents:
        agent.close()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()
    os.umask(umask)


@pytest.fixture
def agent(launch: Callable[..., Agent]) -> Agent:
    """An agent with a fresh project."""
    return launch()


# Secrets ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def secrets(azure: Any) -> tuple[bytes, ...]:
    return tuple(azure.azure[name].encode() for name in ("AZURE_OPENAI_KEY", "AZURE_ARM_TOKEN"))


@pytest.fixture(autouse=True)
def _no_secret_anywhere(
    secrets: tuple[bytes, ...],
    home: Path,
    tmp_path: Path,
    azure: Any,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[None]:
    """Under every failure of this room: the key is in no file of the agent or the emulator, and in nothing that was printed."""
    yield
    said = capfd.readouterr()
    printed = (said.out + said.err).encode()
    for secret in secrets:
        assert secret not in printed, "a secret was printed"
        found = [
            path
            for folder in (home, tmp_path, azure.home)
            for path in files_below(folder)
            if secret in path.read_bytes()
        ]
        assert not found, f"a secret was written to {found}"


def files_below(folder: Path) -> list[Path]:
    return (
        [path for path in folder.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
        if folder.is_dir()
        else []
    )


@pytest.fixture(scope="session")
def open_to_others() -> Callable[[Path], list[str]]:
    """`open_to_others(folder)`: whatever below it somebody else may look into."""
    return lambda folder: [
        f"{path} {path.stat().st_mode & 0o777:o}"
        for path in folder.rglob("*")
        if path.stat().st_mode & 0o077
    ]
