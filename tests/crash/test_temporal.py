"""Three workers of Temporal with a home each on one PostgreSQL, as real processes: one is killed
every few seconds, Temporal's server is killed once, and every project ends with one job.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from states.state import State
from store.locks import key_of
from tests.commands import QUICK
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import SEED
from tests.crash.workers import Worker, check, read
from tests.emulator_process import RunningEmulator
from tests.postgres import GROUP, Postgres
from tests.small_set import write_small_set
from tests.temporal_server import TemporalServer, make_server

pytestmark = [pytest.mark.slow, GROUP]
PROJECTS = 200
AT_ONCE = 20  # projects that are under way; the next are made when some have ended
WORKERS = ("uno", "dos", "tres")
TAKEN_OVER = 15.0  # seconds in which a survivor ticks what a dead worker had in hand
PATIENCE = 900.0  # until it hangs: it takes two to three minutes on two cores that nobody else uses
HELD = """
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND application_name = '{worker}'
"""


@pytest.fixture
def emulator(start_emulator: Callable[..., RunningEmulator]) -> RunningEmulator:
    # Without delays: the service makes one deployment at a time, and two hundred would queue up.
    started = start_emulator()
    started.behave(most_files=2 * PROJECTS)
    return started


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TemporalServer]:
    made = make_server(tmp_path / "temporal")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def settings(
    postgres: Postgres,
    emulator: RunningEmulator,
    server: TemporalServer,
    clean_environment: dict[str, str],
) -> dict[str, str]:
    return {
        **clean_environment,
        **QUICK,
        **emulator.azure,
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_DATABASE_URL": postgres.database(),
        "AGENT_DEPLOY": "auto",
        "AGENT_POLL_SECONDS": "2",
        "AGENT_TEMPORAL_ADDRESS": server.address,
        "FINE_TUNING_EPOCHS": "1",
    }


@dataclass
class Site:
    """Where the projects come from: a home that no worker has."""

    home: Path
    settings: Mapping[str, str]
    made: list[str] = field(default_factory=list)

    def make(self, count: int) -> None:
        """So many more projects, as `new` makes them, without what it says."""
        from agent.bootstrap import Application
        from agent.settings.config import load

        own = {**self.settings, "AGENT_HOME": str(self.home)}
        app = Application(load(own), is_look=True)
        app.make_home()
        for _ in range(count):
            name = f"proyecto-{len(self.made)}"
            write_small_set(self.home, project=name)
            made = app.preparation.create(name, app.settings.service.name, time.time(), {})
            app.decided.note(made)
            self.made.append(name)
        app.tell_workers()
        app.close()


@pytest.fixture
def workers(tmp_path: Path, settings: dict[str, str]) -> Iterator[list[Worker]]:
    url = settings["AGENT_DATABASE_URL"]
    made = [
        Worker(
            tmp_path / name,
            {**settings, "AGENT_DATABASE_URL": f"{url}&application_name={name}"},
            *("--driver", "temporal"),
        )
        for name in WORKERS
    ]
    yield made
    for one in made:
        one.kill()


def test_a_worker_dies_every_few_seconds_and_so_does_temporal(
    tmp_path: Path,
    settings: dict[str, str],
    postgres: Postgres,
    server: TemporalServer,
    emulator: RunningEmulator,
    workers: list[Worker],
    tell: Tell,
) -> None:
    """All ANALYZED with one upload per file, one job and one deployment each; what a dead worker
    had in hand a survivor ticks in time."""
    tell(f"seed {SEED}")
    chance, began = random.Random(SEED), time.monotonic()
    site = Site(tmp_path / "casa", settings)
    kills: list[tuple[float, set[str]]] = []
    restarted = 0.0
    while (open_ones := _unfinished(settings, site.made)) or len(site.made) < PROJECTS:
        site.make(min(AT_ONCE - len(open_ones), PROJECTS - len(site.made)))
        assert time.monotonic() < began + PATIENCE, f"not ended: {sorted(open_ones)[:5]}"
        time.sleep(chance.uniform(2, 5))
        at_work = [number for number, worker in enumerate(workers) if _works(worker)]
        if len(at_work) < 2:
            continue  # somebody has to survive
        if not restarted and len(site.made) > PROJECTS // 2:
            server.kill()
            restarted = time.time()
            server.start()
            continue
        number = chance.choice(at_work)
        held = _in_hand(postgres, WORKERS[number], site.made)
        kills.append((time.time(), held))
        workers[number].kill()
        workers[number].start()
    ticks = sorted(tick for worker in workers for tick in worker.began())
    gaps = sorted(_gaps(ticks, kills, restarted))
    check(settings, site.made, emulator, kills=len(kills))
    told = "".join((worker.home / "stderr.txt").read_text() for worker in workers)
    assert "Traceback" not in told, told[-3000:]
    shares = [len({name for _, name in worker.ticks()}) for worker in workers]
    longest = gaps[-1][0] if gaps else 0.0
    tell(
        f"{len(kills)} SIGKILLs, one of Temporal, {PROJECTS} projects in"
        f" {time.monotonic() - began:.0f} s, of which the workers ticked {shares}: one of each;"
        f" {len(gaps)} were in a dead worker's hand, taken over in {longest:.1f} s",
        SIGKILLs=len(kills),
    )
    assert restarted
    assert gaps
    assert longest < TAKEN_OVER, gaps[-5:]


def _gaps(
    ticks: list[tuple[float, str]], kills: list[tuple[float, set[str]]], restarted: float
) -> list[tuple[float, str, float]]:
    """Seconds until a survivor began to tick what was in a dead worker's hand; which project, and
    when that died. Not of what had just ended there, nor while Temporal was away; and where that
    survivor died over it as well, from then on.
    """
    found = []
    for number, (at, held) in enumerate(kills):
        for name in held if not at < restarted < at + 2 * TAKEN_OVER else ():
            after = next((when for when, ticked in ticks if ticked == name and when > at), None)
            again = next((other for other, more in kills[number + 1 :] if name in more), None)
            if after is not None and not (again is not None and again < after):
                found.append((after - at, name, at))
    return found


def _unfinished(settings: Mapping[str, str], names: list[str]) -> set[str]:
    found = {project.name: project for project in read(settings, lambda store: store.all())}
    held = [(one.name, str(one.hold)) for one in found.values() if one.hold is not None]
    assert not held, held
    return {name for name in names if found[name].state is not State.ANALYZED}


def _works(worker: Worker) -> bool:
    """It takes ticks since it was last started."""
    return any(one["at"] > worker.started_at for one in worker.events("worker_began"))


def _in_hand(postgres: Postgres, worker: str, names: list[str]) -> set[str]:
    """The projects that the worker is ticking at this moment: it holds their locks."""
    keys = {key for (key,) in postgres.execute(HELD.format(worker=worker))}
    return {name for name in names if key_of(f"project {name}") in keys}
