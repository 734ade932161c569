"""A project that trains for a week, looked at four times an hour: what it leaves is bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from agent import logs
from agent.engine.sweep import Sweep
from agent.engine.tick_log import HOUR
from states.facts import known
from states.remote import JobEvent
from states.state import State
from tests.restored_logging import restored_logging
from tests.unit.desk import Desk

POLL, DAY = 900.0, 24 * 3600.0
# The log-structured file is copied into the database at a thousand pages, and begun anew.
WAL_BOUND = 1500 * 4096


@pytest.fixture
def logged(home: Path) -> Iterator[Path]:
    """The log as the daemon writes it."""
    with restored_logging():
        logs.configure(home / "logs", "info", (), rotate=True)
        yield home / "logs" / "agent.jsonl"


def pass_days(desk: Desk, sweep: Sweep, days: int) -> int:
    """How often it was looked at."""
    looks, end = 0, desk.clock.wall() + days * DAY
    while desk.clock.wall() < end:
        for name in sweep.begin():
            sweep.advance(name)
            looks += 1
        desk.clock.spend(POLL / 2)
    return looks


def _step(number: float) -> JobEvent:
    loss = {"step": int(number), "train_loss": 1 / (1 + number)}
    return JobEvent(f"e{number}", int(number), "info", f"Step {number}", loss)


def count_rows(desk: Desk) -> dict[str, int]:
    with desk.store.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608
            for name in tables.scalars().all()
        }


@pytest.mark.parametrize("moves_on", [False, True])
def test_a_week_of_training_leaves_no_more_than_an_hour(
    moves_on: bool, desk: Desk, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a checkpoint nor a row for each look, and a line an hour in the log; also where each
    look tells of another step."""
    desk.wish(poll_seconds=POLL)
    desk.cloud.job_status = "running"
    if moves_on:
        monkeypatch.setattr(desk.cloud, "newest_events", lambda _job: [_step(desk.clock.ticks)])
    desk.go(State.TRAINING)
    sweep = Sweep(desk.ticker, desk.store, desk.clock.wall, steady=lambda: desk.clock.ticks)
    pass_days(desk, sweep, 1)
    rows, version = count_rows(desk), desk.project().version
    database, lines = Path(str(desk.store.engine.url.database)), logged.read_text().splitlines()
    size = database.stat().st_size
    assert pass_days(desk, sweep, 6) > 6 * DAY / POLL * 0.9
    assert (count_rows(desk), desk.project().version) == (rows, version)
    assert desk.project().state is State.TRAINING
    progress = known(desk.project().facts.created).progress
    assert progress is not None
    assert (progress.step > DAY) == moves_on
    assert database.stat().st_size <= size + 16 * 4096
    assert database.with_name(f"{database.name}-wal").stat().st_size <= WAL_BOUND
    new = [json.loads(line) for line in logged.read_text().splitlines()[len(lines) :]]
    assert 6 * DAY / HOUR * 0.9 <= len(new) <= 6 * DAY / HOUR * 1.1
    assert {line["event"] for line in new} == {"tick"}
