"""Homes that several tests look at: made once, copied before anything is changed in them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Daemon, environment_of
from tests.forked import start_forked


@dataclass(frozen=True)
class Finished:
    """A home that has reached ANALYZED, and what the command said on the way."""

    home: Path
    out: str
    err: str

    def read(self, place: str) -> Any:
        return json.loads((self.home / place).read_text())

    def lines(self, place: str) -> list[Any]:
        return [json.loads(line) for line in (self.home / place).read_text().splitlines()]


@pytest.fixture(scope="session")
def finished(cli: Any, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demo's run with the real encoder, as noisy in its logs as can be."""
    home = tmp_path_factory.mktemp("acabado") / "mi tienda española"
    home.mkdir()
    ended = cli(
        home, "run", "--until", "ANALYZED", env={"AGENT_LOG_LEVEL": "debug", "EMULATOR_ENCODER": ""}
    )
    assert ended.code == 0, ended.text
    return Finished(home, ended.out, ended.err)


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> Path:
    """A copy of the finished home, to be changed at will."""
    return Path(shutil.copytree(finished.home, tmp_path / "copia con espacio"))


@pytest.fixture(scope="session")
def state_of() -> Callable[..., str | None]:
    """`state_of(home)`: the project's state, read beside the running daemon."""

    def read(home: Path, project: str = "tienda") -> str | None:
        return _column(home, project, "state")

    return read


@pytest.fixture(scope="session")
def column_of() -> Callable[..., Any]:
    """`column_of(home, project, column)`: one value of the project's row."""
    return _column


def _column(home: Path, project: str, column: str) -> Any:
    path = home / "data" / "agent.db"
    if not path.exists():
        return None
    with (
        contextlib.suppress(sqlite3.OperationalError),  # not migrated yet
        contextlib.closing(
            sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
        ) as connection,
    ):
        row = connection.execute(
            f"SELECT {column} FROM projects WHERE name = ?",  # noqa: S608
            (project,),
        ).fetchone()
        return None if row is None else row[0]
    return None


@pytest.fixture(scope="session")
def digests() -> Callable[[Path], dict[str, str]]:
    """`digests(home)`: the content of everything a person sees below data/ and results/."""

    def taken(home: Path) -> dict[str, str]:
        return {
            str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in ("data", "results")
            for path in sorted((home / folder).rglob("*"))
            if path.is_file()
            and "emulator" not in path.parts
            and not path.name.startswith("agent.")
        }

    return taken


@pytest.fixture(scope="session")
def by_hand(clean_environment: dict[str, str]) -> Callable[[Path, str, str], str]:
    """`by_hand(home, model, name)`: deploys on the emulator of that home with its own command, as
    the guide says.
    """

    def deploy(home: Path, model: str, name: str) -> str:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "agent.emulator", "deploy"),
                *("--home", str(home / "data" / "emulator"), "--model", model, "--name", name),
            ],
            env=clean_environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return ended.stdout

    return deploy


@pytest.fixture
def forked_daemon(
    clean_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., Daemon]]:
    """As `daemon`, with the libraries loaded already: where starts are many, and prove nothing."""
    started: list[Daemon] = []

    def start(home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Daemon:
        errors = tmp_path / f"daemon-{len(started)}.err"
        errors.touch()
        environment = environment_of(home, clean_environment, env)
        process = start_forked(["run", *arguments], environment, home.parent, errors)
        started.append(Daemon(process, errors))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)
