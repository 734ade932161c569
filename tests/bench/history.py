"""What a history of 100,000 checkpoints costs: its first page, and all of it as JSON.

    make bench ONLY=history

Beside a history of one page. All are real rows, with facts of the usual size, on the disk.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, House, Runner, Table
from tests.bench.rivals import HERE, find_before

LONG, SHORT = 100_000, 100
_SHORT = "one page of history"
_FACTS = json.dumps({"schema": 2, "asks": "a document" * 100})
_NOTE = json.dumps({"template": "The training was confirmed.", "values": {}})
_NEW = {
    PRODUCT: ("new", "bench", "--sample"),
    BEFORE: ("run", "--project", "bench", "--until", "VALIDATED"),
}


def _make_homes(folder: Path) -> None:
    for name, house, count in (
        (_SHORT, HERE, SHORT),
        (PRODUCT, HERE, LONG),
        (BEFORE, find_before(), LONG),
    ):
        if not house.missing:
            home = folder / name.replace(" ", "-")
            home.mkdir()
            _make(home, house, _NEW[BEFORE if name == BEFORE else PRODUCT])
            _lengthen(home / "data" / "agent.db", count)


def _make(home: Path, house: House, words: tuple[str, ...]) -> None:
    subprocess.run(
        [house.python, "-m", "agent", *words],
        cwd=house.source,
        env={**house.environment, "AGENT_HOME": str(home), "AGENT_PROVIDER": "emulator"},
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _lengthen(database: Path, count: int) -> None:
    connection = sqlite3.connect(database)
    (version,) = connection.execute("SELECT version FROM projects").fetchone()
    line = ("bench", 1e9, "DRAFT", "HELD", "DRAFT", 1, _NOTE, _FACTS)
    connection.executemany(
        "INSERT INTO checkpoints (project, at, from_state, event, to_state, generation, note,"
        " facts, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*line, version + number + 1) for number in range(count - version)),
    )
    connection.execute("UPDATE projects SET version = ?", (count,))
    connection.commit()
    connection.close()


def _say(name: str, house: House, *words: str) -> Runner:
    home = "{folder}/" + name.replace(" ", "-")
    own = {"AGENT_HOME": home, "AGENT_PROVIDER": "emulator"}
    return Runner(name, house, ("-m", "agent", *words), own)


def _table(title: str, words: tuple[str, ...], goals: tuple[Goal, ...]) -> Table:
    homes = ((_SHORT, HERE), (PRODUCT, HERE), (BEFORE, find_before()))
    return Table(
        title,
        [_say(name, house, *words) for name, house in homes],
        {"cpu": "s", "wall": "s", "peak": "MiB"},
        goals,
        rounds=3,
        prepare=_make_homes,
    )


TABLES = [
    _table(
        "history of 100,000 checkpoints, first page",
        ("history", "bench"),
        (
            Goal("cpu", at_most=0.3),
            Goal("cpu", at_most=1.1, against=_SHORT),
            Goal("peak", at_most=1.05, against=_SHORT),
        ),
    ),
    _table(
        "history of 100,000 checkpoints, all as JSON",
        ("history", "bench", "--json"),
        (Goal("peak", at_most=1.05, against=_SHORT),),
    ),
]
