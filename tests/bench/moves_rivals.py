"""A durable step of a rival, on SQLite. moves.py runs it with the rivals' Python:

.venv-bench/bin/python tests/bench/moves_rivals.py dbos|langgraph SECONDS
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).parents[2]
CONTENT = {"state": "TRAINING", "note": "x" * 300}


class Kept(TypedDict):
    number: int
    note: str


def measure_dbos(seconds: float) -> tuple[int, float, float]:
    """Steps of one workflow: each is recorded before the next begins."""
    from dbos import DBOS

    DBOS(
        config={
            "name": "bench",
            "system_database_url": "sqlite:///dbos.sqlite",
            "log_level": "ERROR",
        }
    )

    @DBOS.step()
    def step(number: int) -> dict[str, Any]:
        return {**CONTENT, "number": number}

    @DBOS.workflow()
    def work(seconds: float) -> list[float]:
        for number in range(20):
            step(number)
        count, began, cpu = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() < began + seconds:
            step(count)
            count += 1
        return [count, time.perf_counter() - began, time.process_time() - cpu]

    DBOS.launch()
    count, passed, cpu = work(seconds)
    DBOS.destroy()
    return int(count), passed, cpu


def measure_langgraph(seconds: float) -> tuple[int, float, float]:
    """Steps of a graph of one node that leads to itself, each checkpointed before the next."""
    import sqlite3

    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph

    marks: list[tuple[float, float, int]] = []
    end = time.perf_counter() + seconds + 0.5

    def step(kept: Kept) -> Kept:
        if kept["number"] == 20:
            marks.append((time.perf_counter(), time.process_time(), 20))
        return {"number": kept["number"] + 1, "note": CONTENT["note"]}

    def way(kept: Kept) -> str:
        return END if time.perf_counter() > end else "step"

    graph = StateGraph(Kept)
    graph.add_node("step", step)
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", way)
    connection = sqlite3.connect("langgraph.sqlite", check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    saver = SqliteSaver(connection)
    saver.setup()  # WAL
    compiled = graph.compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "1"}, "recursion_limit": 10_000_000}
    kept = compiled.invoke({"number": 0, "note": ""}, config, durability="sync")
    began, cpu, first = marks[0]
    return kept["number"] - first, time.perf_counter() - began, time.process_time() - cpu


def main() -> None:
    measure = {"dbos": measure_dbos, "langgraph": measure_langgraph}[sys.argv[1]]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    # Not in a folder in memory: what is measured are commits to a disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
        os.chdir(folder)
        count, passed, cpu = measure(seconds)
        print(json.dumps({"rate": count / passed, "cpu_us": cpu / count * 1e6}))


if __name__ == "__main__":
    main()
