"""Full disks under the database, the files, the log: nothing is lost, nothing is doubled.

Longer than most files: a full disk under each thing that is written.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from agent.drivers.local import LocalDriver, Pace
from agent.engine.sweep import Sweep
from states.errors import StoreError
from states.model import Project
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import Nobody, driven, slowly
from tests.crash.failures.locked import locked
from tests.crash.failures.observed import said, spent, state_of
from tests.crash.failures.remote import Service

PLENTY = 1_000_000  # pages


@pytest.fixture
def disk_of_the_database() -> Callable[[Any], Callable[[bool], None]]:
    """`disk_of_the_database(agent)(full)`: SQLite finds no page more, as on a full disk, or plenty
    of them again.
    """

    def of(agent: Agent) -> Callable[[bool], None]:
        pages = [PLENTY]

        def limit(connection: Any, _record: Any, _proxy: Any) -> None:
            connection.execute(
                f"PRAGMA max_page_count={pages[0]}"
            )  # 1 means: no more than there are

        event.listen(agent.app.store.engine, "checkout", limit)
        return lambda full: pages.__setitem__(0, 1 if full else PLENTY)

    return of


@pytest.mark.parametrize(
    "state", [slowly("DRAFT"), "VALIDATED", "UPLOADED", slowly("TRAINING"), "DEPLOYED"]
)
def test_a_full_disk_under_the_database_loses_and_doubles_nothing(
    state: str, agent: Agent, service: Service, disk_of_the_database: Any
) -> None:
    """Also where the service has acted and the receipt cannot be written any more."""
    full = disk_of_the_database(agent)
    agent.run(state)
    history = agent.app.store.history(agent.name)
    full(True)
    troubles = []
    for _ in range(12):
        try:
            agent.tick()
        except StoreError as error:
            troubles.append(str(error))
    assert troubles
    assert all("is full. Free some space; nothing recorded is lost." in text for text in troubles)
    assert list(agent.app.store.history(agent.name))[: len(history)] == list(history)
    full(False)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


@pytest.mark.parametrize("trouble", ["full", "locked"])
def test_no_answer_is_paid_for_that_could_not_be_kept(
    trouble: str,
    launch: Callable[..., Agent],
    service: Service,
    disk_of_the_database: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However often it is ticked meanwhile, by a person's `advance`, say, who has no daemon's
    patience.
    """
    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0.05)
    agent = launch()
    cases = [
        {"text": f"Enciende el farol número {number}", "expected": "encender"}
        for number in range(40)
    ]
    (agent.home / "data/raw/test_cases.json").write_text(json.dumps(cases))
    full = disk_of_the_database(agent)
    agent.run("DEPLOYED")
    agent.tick()
    probed, troubles = service.spent("chat"), 0
    full(
        trouble == "full"
    )  # the last pages have some room left: what is asked for still finds a place
    with locked(agent.home, 1.0) if trouble == "locked" else contextlib.nullcontext():
        for _ in range(45 if trouble == "full" else 5):
            try:
                agent.tick()
            except StoreError:
                troubles += 1
    assert troubles >= 5
    assert service.spent("chat") - probed == len(
        agent.app.store.memory(agent.name).answers(agent.project.facts.trained.model)
    )
    full(False)
    agent.run("ANALYZED")
    assert service.spent("chat") == probed + len(cases)


def test_the_daemon_outlives_a_full_disk_and_says_so_once(
    agent: Agent, service: Service, disk_of_the_database: Any
) -> None:
    full = disk_of_the_database(agent)
    agent.run("UPLOADED")
    full(True)
    over = time.monotonic() + 0.8
    driven(agent, lambda: time.monotonic() > over)
    assert len(said(agent.home, "store_trouble")) == 1
    full(False)
    driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)


class Unwritten:
    """A ticker whose every tick ends unrecorded."""

    def __init__(self) -> None:
        self.ticks: list[float] = []

    def publish_pending(self) -> None:
        return

    def tick_loaded(self, _project: Project) -> Any:
        self.ticks.append(time.monotonic())
        raise StoreError("disk full")


def test_a_tick_that_cannot_be_recorded_is_repeated_ever_more_seldom(agent: Agent) -> None:
    """It may be paid for. Each rest is twice as long as the one before, up to a minute."""
    ticker = Unwritten()
    sweep = Sweep(ticker, agent.app.store, agent.clock.wall, shortest_rest=0.02)  # type: ignore[arg-type]
    driver = LocalDriver(sweep, Pace(0.02, 60), Nobody())
    end = time.monotonic() + 1.2
    assert driver.run(lambda: time.monotonic() > end)
    rests = [later - earlier for earlier, later in itertools.pairwise(ticker.ticks)]
    assert 3 <= len(rests) <= 6  # 0.02, 0.04, 0.08, 0.16, 0.32, 0.64; without rests sixty
    assert all(rest >= 0.02 * 2**number for number, rest in enumerate(rests))
    for _ in range(20):
        sweep.rest(agent.name)
    assert sweep.rest(agent.name) == 60


@pytest.fixture
def disk_of_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """`disk_of_files(part)`: writing a file whose path contains `part` fails with ENOSPC; None:
    there is room again.
    """
    full: list[str | None] = [None]
    real = os.fsync

    def fsync(handle: int) -> None:
        if full[0] is not None and full[0] in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return lambda part: full.__setitem__(0, part)


@pytest.mark.parametrize(
    ("part", "state"),
    [
        ("training_prompts", "DRAFT"),
        ("validation_data", "PROMPTED"),
        ("data_preparation_summary", "SPLIT"),
    ],
)
def test_a_full_disk_under_an_artifact_stops_only_until_there_is_room(
    part: str, state: str, agent: Agent, service: Service, disk_of_files: Any
) -> None:
    agent.run(state)
    disk_of_files(part)
    for _ in range(3):
        with pytest.raises(
            StoreError, match=r"No space left on device. What was there before is untouched"
        ):
            agent.tick()
    assert agent.project.state.value == state
    assert "No space left on device" in str(agent.project.last_error)
    assert not list(agent.home.rglob("*.part"))
    disk_of_files(None)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


def test_a_full_disk_under_the_results_does_not_stop_the_project(
    agent: Agent, service: Service, disk_of_files: Any
) -> None:
    """They are a view of the database, and are written as soon as there is room."""
    agent.run("UPLOADED")
    disk_of_files("/results/")
    agent.run("ANALYZED")
    assert not (agent.home / "results/test_results.json").exists()
    disk_of_files(None)
    driven(agent, lambda: len(list((agent.home / "results").glob("*.json"))) == 4)
    assert said(agent.home, "not_published")


def test_results_that_cannot_be_read_do_not_stop_the_project(
    agent: Agent, service: Service
) -> None:
    """Something that is no file stands where one should be."""
    (agent.home / "results/test_results.json").mkdir(parents=True)
    agent.run("ANALYZED")
    agent.app.recover()
    assert said(agent.home, "not_published")
    (agent.home / "results/test_results.json").rmdir()
    agent.ticker.publish_pending()
    assert (agent.home / "results/test_results.json").is_file()


def test_a_full_disk_under_the_log_and_the_terminals_output_stops_nothing(
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    clean_environment: dict[str, str],
) -> None:
    """`run --until … 2>> file` on a full disk: /dev/full answers every write as that does.

    Nobody hears of it, and it is done.
    """
    small_set(home)
    (home / "logs").mkdir()
    (home / "logs/agent.jsonl").symlink_to("/dev/full")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "agent", "run", "--until", "ANALYZED"],
            env={**clean_environment, **environment},
            cwd=home.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=full,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)
