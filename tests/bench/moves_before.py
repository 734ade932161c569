"""Store.move as it was at the commit that moves.py compares with. Run with that version's Python:

.bench/26aa9e6/.venv/bin/python tests/bench/moves_before.py
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 2.0


def measure(folder: Path) -> dict[str, float]:
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
    move = Move(Event.HELD, State.DRAFT, facts, 1.0, 1, note=say("The training was confirmed."))
    project = store.create("bench", "00c0ffee", "emulator", 1.0)
    for _ in range(50):
        project = store.move(project, move, 1.0)
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < began + SECONDS:
        project = store.move(project, move, 1.0)
        count += 1
    passed, used = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": count / passed, "cpu_us": used / count * 1e6}


if __name__ == "__main__":
    # Not in a folder in memory: what is measured are commits to a disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as name:
        print(json.dumps(measure(Path(name))))
