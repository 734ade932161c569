"""Workers that share a database, as real processes, and what they have made of its projects."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from store.engine import open_engine
from store.sql import SqlStore
from tests.crash.processes import ONCE
from tests.crash.sockets import ledger
from tests.emulator_process import RunningEmulator
from tests.small_set import SMALL_CASES


class Worker:
    """`run ARGUMENTS` on a home of its own; started anew whenever it is not there."""

    def __init__(self, home: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self.home, self._environment = home, {**environment, "AGENT_HOME": str(home)}
        self._arguments = arguments
        home.mkdir()
        self.start()

    def start(self) -> None:
        self.started_at = time.time()
        with (self.home / "stderr.txt").open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent", "run", *self._arguments],
                env=self._environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ticks(self) -> list[tuple[float, str]]:
        """When a tick of which project ended, in unix seconds."""
        return [(one["at"], one["project"]) for one in self.events("tick")]

    def began(self) -> list[tuple[float, str]]:
        """When a tick of which project began, in unix seconds."""
        return [(one["at"] - one["seconds"], one["project"]) for one in self.events("tick")]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Its log lines of that name, with the time in unix seconds as `at`."""
        path = self.home / "logs" / "agent.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        # The line that was being written when it was killed is half a line, or one with the next.
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [
            {**one, "at": datetime.fromisoformat(one["timestamp"]).timestamp()}
            for one in found
            if one["event"] == name
        ]


def gap(ticks: list[tuple[float, str]], name: str, at: float) -> float:
    """Seconds from a kill to the next tick of the project."""
    return next(when - at for when, ticked in ticks if ticked == name and when > at)


def read(settings: Mapping[str, str], look: Callable[[SqlStore], Any]) -> Any:
    store = SqlStore(open_engine(settings["AGENT_DATABASE_URL"]))
    try:
        return look(store)
    finally:
        store.close()


def check(
    settings: Mapping[str, str], names: Sequence[str], emulator: RunningEmulator, kills: int
) -> None:
    """One of each at the service for every project, and a history without holes."""
    found = read(settings, lambda store: [(one, store.history(one.name)) for one in store.all()])
    for project, history in found:
        if project.name not in names:
            continue
        made = ledger(emulator.home, project.uid)
        answers = made.pop("chat", 0)
        assert made == ONCE, f"{project.name}: {made}"
        # The cases and the probe; what was on its way when a worker was killed is asked again.
        least = len(SMALL_CASES) + 1
        assert least <= answers <= least + 2 * kills, f"{project.name}: {answers} answers"
        assert [one.version for one in history] == list(range(1, len(history) + 1))
