"""Two workers with a home each on one PostgreSQL, as real processes: one is killed every few
seconds, the server is restarted, and every project ends with one job.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from states.errors import StoreError
from states.model import Project
from states.state import State
from store.engine import open_engine
from store.sql import SqlStore
from tests.commands import QUICK, Cli
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import SEED
from tests.crash.workers import Worker, check, gap, read
from tests.emulator_process import RunningEmulator
from tests.postgres import GROUP, Postgres
from tests.small_set import write_small_set

pytestmark = [pytest.mark.slow, GROUP]
PROJECTS = 16
KILLS = 10
TAKEN_OVER = 15.0  # seconds in which a survivor ticks what a dead worker had in hand
PATIENCE = 240.0
LOOK = 0.2  # seconds between two looks at the rows: what is seen then was done before


@pytest.fixture
def emulator(start_emulator: Callable[..., RunningEmulator]) -> RunningEmulator:
    return start_emulator(
        EMULATOR_FILE_SECONDS="0.5",
        EMULATOR_QUEUE_SECONDS="1",
        EMULATOR_TRAIN_SECONDS="8",
        EMULATOR_DEPLOY_SECONDS="2",
    )


@pytest.fixture
def settings(
    postgres: Postgres, emulator: RunningEmulator, clean_environment: dict[str, str]
) -> dict[str, str]:
    return {
        **clean_environment,
        **QUICK,
        **emulator.azure,
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_DATABASE_URL": postgres.database(),
        "AGENT_DEPLOY": "auto",
        "AGENT_POLL_SECONDS": "0.5",
        "FINE_TUNING_EPOCHS": "1",
    }


@pytest.fixture
def workers(tmp_path: Path, settings: dict[str, str]) -> Iterator[list[Worker]]:
    made = [Worker(tmp_path / name, settings) for name in ("uno", "dos")]
    yield made
    for one in made:
        one.kill()


class Watcher(threading.Thread):
    """When each project was looked after: its row is another one then. The log does not tell:
    many that wait for their jobs are looked after together."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._store = SqlStore(open_engine(settings["AGENT_DATABASE_URL"]))
        self._rows: dict[str, Project] = {}
        self.seen: list[tuple[float, str]] = []
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(LOOK):
            with suppress(StoreError):  # it is being restarted
                self._look()
        self._store.close()

    def _look(self) -> None:
        for project in self._store.all():
            if self._rows.get(project.name) != project:
                self._rows[project.name] = project
                self.seen.append((time.time(), project.name))


def _given(cli: Cli, home: Path, settings: Mapping[str, str], names: list[str]) -> None:
    """From a third home, which is gone then: what was given there is in the database."""
    home.mkdir()
    write_small_set(home)
    raw = home / "data" / "raw"
    for name in names:
        files = ["--examples", str(raw / "intent_examples.json")]
        cases = ["--cases", str(raw / "test_cases.json")]
        ended = cli(home, "new", name, *files, *cases, env=settings)
        assert ended.code == 0, ended.text
    home.rename(home.with_name("weg"))


def test_a_worker_dies_every_few_seconds_and_all_is_made_once(
    cli: Cli,
    tmp_path: Path,
    settings: dict[str, str],
    postgres: Postgres,
    emulator: RunningEmulator,
    tell: Tell,
    request: pytest.FixtureRequest,
) -> None:
    """All ANALYZED with one upload per file, one job and one deployment each, graded on what was
    given in a home that is gone; a survivor takes over in time; the server is restarted in
    between."""
    tell(f"seed {SEED}")
    chance = random.Random(SEED)
    names = [f"proyecto-{number}" for number in range(PROJECTS)]
    _given(cli, tmp_path / "casa", settings, names)
    watcher = Watcher(settings)
    watcher.start()
    workers: list[Worker] = request.getfixturevalue("workers")
    kills: list[tuple[float, dict[str, float]]] = []
    restarts: list[float] = []
    end = time.monotonic() + PATIENCE
    while (open_ones := _unfinished(settings, names)) and time.monotonic() < end:
        time.sleep(chance.uniform(1.5, 4))
        for worker in workers:
            if worker.process.poll() is not None:
                worker.start()
        victim, survivor = chance.sample(workers, 2)
        if not _is_at_work(survivor):
            continue
        if len(kills) == KILLS // 2 and not restarts:
            restarts.append(time.time())
            postgres.restart()
        if len(kills) < KILLS:
            victim.kill()
            kills.append((time.time(), _unfinished(settings, names)))
    assert not open_ones, f"not ended: {sorted(open_ones)}"
    time.sleep(1)
    watcher.ended.set()
    watcher.join()
    assert kills
    assert restarts
    # From the kill, or from when it was due: the service may have asked for a rest.
    gaps = [
        gap(watcher.seen, name, max(at + LOOK, due))
        for at, left in kills
        for name, due in left.items()
    ]
    check(settings, names, emulator, kills=len(kills))
    told = "".join((worker.home / "stderr.txt").read_text() for worker in workers)
    assert "Traceback" not in told, told[-3000:]
    shares = [len({name for _, name in worker.ticks()}) for worker in workers]
    tell(
        f"{len(kills)} SIGKILLs, one restart of PostgreSQL, {PROJECTS} projects, of which the two"
        f" workers ticked {shares}: one of each; taken over in {max(gaps, default=0.0):.1f} s",
        SIGKILLs=len(kills),
    )
    assert max(gaps, default=0.0) < TAKEN_OVER


def _is_at_work(worker: Worker) -> bool:
    """It has ticked since it was started: while it starts it is no survivor."""
    lives = worker.process.poll() is None
    return lives and any(at > worker.started_at for at, _ in worker.ticks())


def _unfinished(settings: Mapping[str, str], names: list[str]) -> dict[str, float]:
    """Those that are not ANALYZED, and since when they are due, in unix seconds."""
    found = {project.name: project for project in read(settings, lambda store: store.all())}
    held = [project for project in found.values() if project.hold is not None]
    assert not held, held
    left = {name: found[name] for name in names if found[name].state is not State.ANALYZED}
    return {name: project.due_at or 0.0 for name, project in left.items()}
