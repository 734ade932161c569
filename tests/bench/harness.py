"""What the benchmarks share: a table of runners, figures and goals, measured in rounds.

A script here declares `TABLES`; `python -m tests.bench` runs all, or those named. Each runner is a
process: its CPU, wall seconds and peak are measured from outside, and what it measured by itself is
the JSON object in the last line of its output. In a round every runner has its turn, so that what
else the machine does falls on all of them; a ratio is that of two runners in one round. A runner
that is missing or fails is said and left out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.rivals import COMMIT, ROOT, House

PRODUCT, BEFORE = "this version", COMMIT
Figures = dict[str, float]


@dataclass(frozen=True)
class Runner:
    """Does the work of a table once, as a process: `house.python *arguments`.

    `{folder}` in an argument or in `environment` is the table's temporary folder.
    """

    name: str
    house: House
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    # The exit codes that count as done.
    fine: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Goal:
    """The figure of the first runner over that of the second, in the same round.

    Without `against` it is the figure of `of` itself.
    """

    figure: str
    at_least: float | None = None
    at_most: float | None = None
    against: str | None = None
    of: str = PRODUCT
    # In words, where the figure's name does not say it.
    what: str = ""

    def describe(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        over = f" / {self.against}" if self.against else ""
        of = "" if self.of == PRODUCT else f"{self.of}: "
        return f"{of}{self.what or self.figure}{over} {sign} {bound:g}"

    def is_met(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Table:
    """One comparison: who runs, which figures are shown (name and unit), what is aimed at."""

    title: str
    runners: Sequence[Runner]
    figures: Mapping[str, str]
    goals: Sequence[Goal] = ()
    rounds: int = 5
    # Makes what all runners find in the table's folder, before the first round.
    prepare: Callable[[Path], None] | None = None
    # A runner that takes longer is ended and left out, seconds.
    longest: float = 900.0


@dataclass
class Found:
    """What the rounds of a table gave: for each runner the figures of every round it finished."""

    table: Table
    rounds: dict[str, dict[int, Figures]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def values(self, runner: str, figure: str) -> dict[int, float]:
        """By round."""
        rounds = self.rounds.get(runner, {})
        return {number: found[figure] for number, found in rounds.items() if figure in found}

    def judge(self, goal: Goal) -> list[float]:
        """The goal's value in each round that has it."""
        own = self.values(goal.of, goal.figure)
        if goal.against is None:
            return list(own.values())
        other = self.values(goal.against, goal.figure)
        return [own[number] / other[number] for number in own if other.get(number)]


def measure(table: Table, rounds: int | None = None) -> Found:
    found = Found(table)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as name:
        if table.prepare:
            table.prepare(Path(name))
        for number in range(rounds or table.rounds):
            for runner in table.runners:
                if runner.name not in found.missing:
                    _take_turn(found, runner, number, Path(name))
    return found


def _take_turn(found: Found, runner: Runner, number: int, folder: Path) -> None:
    if runner.house.missing:
        found.missing[runner.name] = runner.house.missing
        return
    try:
        figures = run(runner, folder, found.table.longest)
    except Failed as error:
        found.missing[runner.name] = str(error)
        return
    found.rounds.setdefault(runner.name, {})[number] = figures


class Failed(Exception):
    """A runner did not do its work."""


def run(runner: Runner, folder: Path, longest: float = 900.0) -> Figures:
    """One turn: `cpu` and `wall` in seconds, `peak` in MiB, and what the runner printed.

    CPU and peak count the processes it waited for as well.

    Raises:
        Failed: its exit code is not among the fine ones, or it took too long.
    """

    def fill(text: str) -> str:
        return text.replace("{folder}", str(folder))

    added = {name: fill(value) for name, value in runner.environment.items()}
    command = [str(runner.house.python), *map(fill, runner.arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=runner.house.source,
            env={**runner.house.environment, **added},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            status, used = _wait(process.pid, began + longest)
        finally:
            with suppress(ProcessLookupError):  # whatever it left behind
                os.killpg(process.pid, signal.SIGKILL)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said, complaint = out.read(), err.read().decode(errors="replace").strip()
    if process.returncode not in runner.fine:
        last = complaint.splitlines()[-1] if complaint else "no complaint"
        raise Failed(f"exit code {process.returncode}: {last}")
    cpu = used.ru_utime + used.ru_stime
    return {"cpu": cpu, "wall": wall, "peak": used.ru_maxrss / 1024, **_read(said)}


def _wait(pid: int, until: float) -> tuple[int, Any]:
    """Raises Failed once the time is over. The process is ended by then."""
    rest = 0.0005
    while True:
        found, status, used = os.wait4(pid, os.WNOHANG)
        if found:
            return status, used
        if time.perf_counter() > until:
            os.killpg(pid, signal.SIGKILL)
            os.wait4(pid, 0)
            raise Failed("it took too long")
        time.sleep(rest)
        rest = min(rest * 1.5, 0.005)


def _read(said: bytes) -> Figures:
    lines = said.strip().splitlines()
    try:
        last = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return {name: float(value) for name, value in last.items()} if isinstance(last, dict) else {}
