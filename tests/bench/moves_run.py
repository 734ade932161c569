"""One runner of moves.py: does its step as often as it can, and prints how often that is.

PYTHONPATH=. .venv/bin/python tests/bench/moves_run.py KIND [--seconds 2] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]

UPDATE = (
    "UPDATE projects SET state = ?, generation = ?, version = ?, due_at = ?, waiting_for = ?,"
    " hold = ?, attempts = ?, facts = ?, last_error = ?, since = ?, service = ?"
    " WHERE name = ? AND version = ?"
)
INSERT = (
    "INSERT INTO checkpoints (project, version, at, from_state, event, to_state, generation, note,"
    " facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Bench:
    """One project in TRAINING, come there by its own steps, in a home on the disk."""

    def __init__(self, home: Path) -> None:
        import structlog

        from states.state import State
        from store.engine import open_engine
        from store.migrate import upgrade
        from store.sql import SqlStore
        from tests.unit.desk import Desk

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        (home / "data").mkdir()
        self.home, self.database = home, home / "data" / "agent.db"
        self.url = f"sqlite:///{self.database}"
        engine = open_engine(self.url)
        upgrade(engine)
        desk = Desk(home, SqlStore(engine))
        desk.cloud.job_status = "running"
        desk.go(State.TRAINING)
        desk.tick()
        self.store, self.project = desk.store, desk.project()

    def move(self) -> Any:
        from states.state import Event, State
        from states.store_port import Move
        from states.text import say

        note = say("The training was confirmed.")
        return Move(Event.TRAINING_CONFIRMED, State.TRAINING, self.project.facts, 1.0, 1, note=note)


def rate(step: Callable[[], None], seconds: float) -> dict[str, float]:
    """How often a second `step` is done, and its CPU in microseconds."""
    for _ in range(50):
        step()
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < began + seconds:
        step()
        count += 1
    passed, used = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": count / passed, "cpu_us": used / count * 1e6}


def raw(home: Path) -> Callable[[], None]:
    bench = Bench(home)
    project, facts = bench.project, json.dumps(bench.project.facts.as_json())
    note = json.dumps(bench.move().note.as_json())
    bench.store.close()
    connection = sqlite3.connect(bench.database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    version = project.version

    def step() -> None:
        nonlocal version
        connection.execute("BEGIN IMMEDIATE")
        new = ("TRAINING", 1, version + 1, 1.0, None, None, 0, facts, None, 1.0, project.service)
        assert connection.execute(UPDATE, (*new, project.name, version)).rowcount == 1
        line = (1.0, "TRAINING", "TRAINING_CONFIRMED", "TRAINING", 1, note, facts)
        connection.execute(INSERT, (project.name, version + 1, *line))
        connection.execute("COMMIT")
        version += 1

    return step


def core(home: Path) -> Callable[[], None]:
    from sqlalchemy import bindparam, insert, update

    from store.schema import checkpoints, projects

    bench = Bench(home)
    project, facts, note = bench.project, bench.project.facts.as_json(), bench.move().note.as_json()
    guard = (projects.c.name == bindparam("_n"), projects.c.version == bindparam("_v"))
    columns = [
        column.name for column in projects.c if column.name not in ("name", "uid", "settings")
    ]
    changing = update(projects).where(*guard).values({name: bindparam(name) for name in columns})
    adding, version = insert(checkpoints), project.version
    connection = bench.store.engine.connect()
    row = {name: getattr(project, name) for name in columns} | {"facts": facts, "due_at": 1.0}
    row |= {"waiting_for": None, "hold": None, "last_error": None}
    line = {"project": project.name, "at": 1.0, "from_state": "TRAINING", "generation": 1}
    line |= {"event": "TRAINING_CONFIRMED", "to_state": "TRAINING", "note": note, "facts": facts}

    def step() -> None:
        nonlocal version
        with connection.begin():
            new = {**row, "version": version + 1, "_n": project.name, "_v": version}
            assert connection.execute(changing, new).rowcount == 1
            connection.execute(adding, {**line, "version": version + 1})
        version += 1

    return step


def move(home: Path) -> Callable[[], None]:
    bench = Bench(home)
    project, wanted = bench.project, bench.move()

    def step() -> None:
        nonlocal project
        project = bench.store.move(project, wanted, 1.0)

    return step


def moves(home: Path) -> Callable[[], None]:
    from states.outcome import Done
    from states.state import Event

    return _tick(home, lambda project: Done(Event.TRAINING_CONFIRMED, project.facts))


def waits(home: Path) -> Callable[[], None]:
    from states.outcome import Wait
    from states.text import say

    reason = say("the training job to end")
    return _tick(home, lambda project: Wait(0.0, reason))


def untold(home: Path) -> Callable[[], None]:
    """`moves` without a line of the log and without results/: what could be left out at most."""
    from states.outcome import Done
    from states.state import Event

    return _tick(home, lambda project: Done(Event.TRAINING_CONFIRMED, project.facts), tells=False)


def _tick(home: Path, outcome: Callable[[Any], Any], *, tells: bool = True) -> Callable[[], None]:
    """A tick of the application as `run` wires it; the service is known, and never asked."""
    import agent.engine.tick
    from agent.bootstrap import Application
    from agent.settings.config import load

    bench = Bench(home)
    bench.store.close()
    for name in list(os.environ):
        if name.startswith(("AGENT_", "AZURE_")):
            del os.environ[name]
    os.environ.update(
        AGENT_HOME=str(home),
        AGENT_ENV_FILE=os.devnull,
        AGENT_PROVIDER="azure",
        AZURE_OPENAI_ENDPOINT="http://127.0.0.1:9",
        AZURE_OPENAI_KEY="a-key-of-the-bench",
        AZURE_OPENAI_MODEL="gpt-4.1-mini",
        AGENT_LOG_LEVEL="info" if tells else "error",
    )
    app = Application(load(), is_daemon=True)
    if not tells:
        app.__dict__["results"] = SimpleNamespace(publish=lambda _project: None)
    agent.engine.tick.step_of = lambda _state: lambda project, _ports: outcome(project)
    ticker, name = app.ticker, bench.project.name

    def step() -> None:
        ticked = ticker.tick(name)
        assert ticked.outcome in ("moved", "waiting"), ticked

    return step


KINDS = {
    **{"raw": raw, "core": core, "move": move},
    **{"moves": moves, "untold": untold, "waits": waits},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    given = parser.parse_args()
    # Not in a folder in memory: what is measured are commits to a disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
        step = KINDS[given.kind](Path(folder))
        if not given.profile:
            print(json.dumps(rate(step, given.seconds)))
            return
        profiler = cProfile.Profile()
        profiler.runcall(rate, step, given.seconds)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(50)


if __name__ == "__main__":
    main()
