"""Mistakes nobody has thought of, in a step, a report or a row: they stop their own project
only.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.ownership import new_uid
from agent.engine.sweep import Sweep
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import Nobody
from tests.crash.failures.remote import Service


def test_an_unexpected_error_holds_its_project_only(
    agent: Agent, service: Service, small_set: Any
) -> None:
    agent.run("PROMPTED")
    small_set(agent.home, project="roto")
    broken = agent.app.store.create(
        "roto", new_uid(), agent.app.settings.service.name, agent.clock.wall()
    )
    for _ in range(2):
        agent.ticker.tick(broken.name)
    with contextlib.closing(sqlite3.connect(agent.home / "data/agent.db")) as connection:
        connection.execute("UPDATE projects SET facts = '{}' WHERE name = 'roto'")
        connection.commit()
    end = time.monotonic() + 20
    driver = LocalDriver(
        Sweep(agent.ticker, agent.app.store, agent.clock.wall), Pace(0.05, 60), Nobody()
    )
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    held = agent.app.store.load("roto")
    assert "An unexpected error stopped this project: KeyError" in str(held.hold)
    assert "`retry`" in str(held.hold)
    assert "Traceback" in (agent.home / "logs/agent.jsonl").read_text()


def written_by_hand(home: Path, columns: str) -> None:
    with contextlib.closing(sqlite3.connect(home / "data/agent.db")) as connection:
        connection.execute(f"UPDATE projects SET {columns} WHERE name = 'roto'")  # noqa: S608
        connection.commit()


def test_a_report_that_breaks_stops_nobody(agent: Agent, service: Service) -> None:
    """At the start, where every project is published, and at every sweep, where it is tried
    again.
    """
    agent.app.store.create("roto", new_uid(), agent.app.settings.service.name, agent.clock.wall())
    written_by_hand(agent.home, "state = 'ANALYZED', due_at = NULL, facts = '{\"job_id\": \"x\"}'")
    agent.app.recover()
    agent.ticker.publish(agent.app.store.load("roto"))
    end = time.monotonic() + 20
    driver = LocalDriver(
        Sweep(agent.ticker, agent.app.store, agent.clock.wall), Pace(0.05, 60), Nobody()
    )
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    assert (agent.home / "results/improvement_analysis.json").is_file()
    told = [json.loads(line) for line in (agent.home / "logs/agent.jsonl").read_text().splitlines()]
    told = [line for line in told if line["event"] == "not_published"]
    assert [line["project"] for line in told] == [
        "roto",
        "roto",
    ]  # by each of the two tickers, once
    assert "LookupError" in told[0]["exception"]


@pytest.mark.slow
def test_a_row_that_cannot_be_read_stops_nobody(
    agent: Agent, service: Service, cli: Any, home: Path, environment: dict[str, str]
) -> None:
    """Written by another version, or by hand: `run` takes the others on, `status` says it, and no
    command writes over it.
    """
    agent.app.store.create("roto", new_uid(), agent.app.settings.service.name, agent.clock.wall())
    written_by_hand(home, "state = 'PAUSED'")
    ended = cli(home, "run", "--until", "ANALYZED", env=environment)
    assert ended.code == 1
    assert agent.project.state.value == "ANALYZED"
    shown = cli(home, "status", env=environment)
    assert "Traceback" not in ended.text + shown.text
    assert "project roto cannot be read" in ended.err
    assert "project roto cannot be read" in shown.out
    assert "ANALYZED" in shown.out
    for command in ("retry", "cancel", "advance"):
        refused = cli(home, command, "roto", env=environment)
        assert refused.code == 2
        assert "project roto cannot be read" in refused.err


def test_an_unexpected_error_that_quotes_the_key_does_not_tell_it(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room's own check looks into the row, the log and whatever was printed."""
    key = agent.app.settings.key

    def breaks(*_arguments: Any) -> Any:
        raise RuntimeError(f"header api-key: {key} cannot be encoded; {key}")

    monkeypatch.setattr("agent.engine.tick.step_of", lambda _state: breaks)
    ticked = agent.app.ticker.tick(agent.name)
    assert ticked.outcome == "held"
    assert "cannot be encoded; [secret]" in str(agent.project.hold)
    assert key not in str(ticked.text)
