"""An agent inside the test's own process, against the emulator over real HTTP, with clocks that a
test may set.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap import Application
from agent.settings.config import load
from store.engine import open_engine
from store.migrate import upgrade
from tests.crash.failures.agent import NAME, Agent, Clock
from tests.crash.failures.remote import Service
from tests.restored_logging import restored_logging


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
        "AGENT_DATA_CHECK": "rules",  # a second of imports in every life; nothing here is about it
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
    """`launch(**settings)`: an agent on this test's home.

    A second call is the same agent, started again.
    """
    umask = os.umask(0o077)
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

    with restored_logging():
        yield start
        for agent in agents:
            agent.close()
    os.umask(umask)


@pytest.fixture
def agent(launch: Callable[..., Agent]) -> Agent:
    """An agent with a fresh project."""
    return launch()


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
    """Under every failure of this room: the key is in no file of the agent or the emulator, and in
    nothing that was printed.
    """
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
