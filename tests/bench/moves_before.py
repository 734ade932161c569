"""A move and a tick as they were at the commit that moves.py compares with.

Run with that version's Python: .bench/26aa9e6/.venv/bin/python tests/bench/moves_before.py KIND
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 2.0


def move(folder: Path) -> Callable[[], None]:
    from states.records import Move

    from states.model import Event, Facts, State
    from states.text import say
    from store.engine import opened
    from store.migrate import upgrade
    from store.sql import SqlStore

    engine = opened(f"sqlite:///{folder}/agent.db")
    upgrade(engine)
    store = SqlStore(engine)
    # As many bytes as those of moves_run.py.
    facts: Any = Facts(artifacts={f"data/processed/file-{n}.jsonl": f"{n:064}" for n in range(5)})
    wanted = Move(Event.HELD, State.DRAFT, facts, 1.0, 1, note=say("The training was confirmed."))
    project = store.create("bench", "00c0ffee", "emulator", 1.0)

    def step() -> None:
        nonlocal project
        project = store.move(project, wanted, 1.0)

    return step


def moves(folder: Path) -> Callable[[], None]:
    from states.model import Event
    from states.outcome import Done

    return _tick(folder, lambda project: Done(Event.HELD, project.facts))


def waits(folder: Path) -> Callable[[], None]:
    from states.outcome import Wait
    from states.text import say

    reason = say("the training job to end")
    return _tick(folder, lambda _project: Wait(0.0, reason))


def _tick(folder: Path, outcome: Callable[[Any], Any]) -> Callable[[], None]:
    """As in moves_run.py: the application as `run` wires it; the service is never asked."""
    from agent.config import load
    from poll_run import prefill

    from agent.bootstrap import Application
    from states.model import State
    from states.steps import STEPS

    os.environ.update(
        AGENT_HOME=str(folder),
        AGENT_PROVIDER="azure",
        AZURE_OPENAI_ENDPOINT="http://127.0.0.1:9",
        AZURE_OPENAI_KEY="a-key-of-the-bench",
        AZURE_OPENAI_MODEL="gpt-4.1-mini",
    )
    prefill(folder, 1, "http://127.0.0.1:9", time.time())
    app = Application(load(), is_daemon=True)
    STEPS[State.TRAINING] = lambda project, _ports: outcome(project)
    ticker = app.ticker

    def step() -> None:
        ticked = ticker.tick("p000000")
        assert ticked.outcome in ("moved", "waiting"), ticked

    return step


def measure(step: Callable[[], None]) -> dict[str, float]:
    for _ in range(50):
        step()
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < began + SECONDS:
        step()
        count += 1
    passed, used = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": count / passed, "cpu_us": used / count * 1e6}


if __name__ == "__main__":
    # Not in a folder in memory: what is measured are commits to a disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as name:
        kind = {"move": move, "moves": moves, "waits": waits}[sys.argv[1]]
        print(json.dumps(measure(kind(Path(name)))))
