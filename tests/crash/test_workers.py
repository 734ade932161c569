"""Two workers with a home each on one PostgreSQL, as real processes: one is killed every few
seconds, the server is restarted, and every project ends with one job.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from states.state import State
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
    workers: list[Worker] = request.getfixturevalue("workers")
    kills: list[tuple[float, set[str]]] = []
    end = time.monotonic() + PATIENCE
    while (open_ones := _unfinished(settings, names)) and time.monotonic() < end:
        time.sleep(chance.uniform(1.5, 4))
        for worker in workers:
            if worker.process.poll() is not None:
                worker.start()
        if len(kills) == KILLS // 2:
            postgres.restart()
        if len(kills) < KILLS:
            chance.choice(workers).kill()
            kills.append((time.time(), _unfinished(settings, names)))
    assert not open_ones, f"not ended: {open_ones}"
    ticks = sorted(tick for worker in workers for tick in worker.ticks())
    gaps = [gap(ticks, name, at) for at, left in kills for name in left]
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


def _unfinished(settings: Mapping[str, str], names: list[str]) -> set[str]:
    found = {project.name: project for project in read(settings, lambda store: store.all())}
    held = [project for project in found.values() if project.hold is not None]
    assert not held, held
    return {name for name in names if found[name].state is not State.ANALYZED}
