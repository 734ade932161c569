"""Databases that are locked, damaged, or somebody else's."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.sweep import Sweep
from states.errors import StoreError
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import Nobody, driven, slowly
from tests.crash.failures.locked import locked
from tests.crash.failures.observed import said, spent, state_of
from tests.crash.failures.remote import Service


def test_a_database_locked_for_longer_than_anything_waits_is_waited_for(
    launch: Callable[..., Agent], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon goes on by itself. 0.1 s to 1 s here as 10 s to 30 s there."""
    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0.1)
    agent = launch()
    agent.run("UPLOADED")
    with locked(agent.home, 1.0):
        with pytest.raises(
            StoreError, match="is locked by another process; it is tried again by itself"
        ):
            agent.tick()
        driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)
    assert said(agent.home, "store_trouble")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["NORMAL", "EXCLUSIVE"])
def test_a_daemon_that_starts_while_the_database_is_locked_waits(
    mode: str,
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    clean_environment: dict[str, str],
    _empty_database: bytes,
) -> None:
    """A backup that runs when the machine starts must not keep the agent from starting."""
    small_set(home)
    (home / "data/agent.db").write_bytes(_empty_database)
    script = (
        "import sys, store.engine as e; e.BUSY_SECONDS = 0.1\nfrom agent.cli import"
        " main\nsys.exit(main(['run', '--until', 'ANALYZED']))"
    )
    with locked(home, 2.5, mode=mode):
        ended = subprocess.run(
            [sys.executable, "-c", script],
            env={**clean_environment, **environment},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)


def a_table_of_somebody(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()


def another_programs_migrations(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES"
            " ('8f3a1c'); CREATE TABLE recipes (name TEXT)"
        )


def a_newer_schema(path: Path) -> None:
    from store.engine import open_engine
    from store.migrate import upgrade

    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


DATABASES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "another kind of file": (
        lambda path: path.write_bytes(b"%PDF-1.7 " + b"x" * 8192),
        "not a usable database",
    ),
    "a damaged header": (
        lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192),
        "not a usable database",
    ),
    "of another program": (a_table_of_somebody, "the database of another program"),
    "of another program that migrates as well": (
        another_programs_migrations,
        "the database of another program",
    ),
    "of a newer version": (
        a_newer_schema,
        "written by a newer version of this program (schema 0999",
    ),
}


@pytest.mark.parametrize(
    "kind", [slowly(kind) if kind in ("a damaged header",) else kind for kind in DATABASES]
)
def test_a_database_that_is_not_ours_is_refused_and_left_as_it_is(
    kind: str, cli: Any, home: Path, service: Service, environment: dict[str, str]
) -> None:
    make, words = DATABASES[kind]
    path = home / "data/agent.db"
    path.parent.mkdir()
    make(path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    ended = cli(home, "run", "--until", "ANALYZED", env=environment)
    assert ended.code == 2
    assert words in ended.err
    assert "agent.db" in ended.err
    assert "Traceback" not in ended.err
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert spent(service) == (0, 0, 0)


def test_a_database_that_is_damaged_while_it_is_used_makes_no_crash_loop(
    agent: Agent, service: Service
) -> None:
    """And whoever puts a copy back goes on from there."""
    agent.run("UPLOADED")
    agent.app.store.close()
    path = agent.home / "data/agent.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.read_bytes()
    path.write_bytes(copy[:4096] + os.urandom(len(copy) - 4096))
    over = time.monotonic() + 0.5
    driver = LocalDriver(Sweep(agent.ticker, agent.app.store, time.time), Pace(0.05, 60), Nobody())
    assert driver.run(lambda: time.monotonic() > over)
    assert "not a usable database" in said(agent.home, "store_trouble")[0]["reason"]
    assert len(said(agent.home, "store_trouble")) == 1
    agent.app.store.close()
    path.write_bytes(copy)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)
