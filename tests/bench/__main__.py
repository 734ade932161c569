"""The whole table, or the scripts that are named:

    make bench [ONLY="moves resume"] [ROUNDS=3]
    .venv/bin/python -m tests.bench [NAME...] [--rounds N] [--json FILE]

Each file of SCRIPTS declares its TABLES. Nothing is asserted: figures are read by people, and what
they were on one machine stands in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.bench import rivals
from tests.bench.harness import BEFORE, PRODUCT, Found, Table, measure
from tests.bench.printed import judged, lines, show, to_json

SCRIPTS = ("moves", "resume", "starts", "prepare", "evaluate", "idle", "slow", "history", "poll")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCRIPTS))
    parser.add_argument("--rounds", type=_count, help="in place of each table's own number")
    parser.add_argument("--install", action="store_true", help="the rivals, where they are not")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every value of every round")
    given = parser.parse_args(arguments)
    # Only then the rivals: a name mistyped is told at once, and not after minutes.
    if unknown := set(given.names) - set(SCRIPTS):
        parser.error(f"{', '.join(sorted(unknown))}: there is {', '.join(SCRIPTS)}")
    if given.install:
        rivals.main()
    # So that what is running is ended, and the temporary folder removed, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores. Medians (lowest–highest).")
    found: list[Found] = []
    for name in given.names or SCRIPTS:
        tables = import_module(f"tests.bench.{name}").TABLES
        found += [_measure(table, given.rounds) for table in tables]
    summarize(found)
    if given.json:
        given.json.write_text(json.dumps([to_json(one) for one in found], indent=1) + "\n")


def _count(given: str) -> int:
    if not given.isdecimal() or int(given) == 0:
        raise argparse.ArgumentTypeError(f"{given} is no number of rounds: 1 or more")
    return int(given)


def _measure(table: Table, rounds: int | None) -> Found:
    print(f"\n{table.title} (load {os.getloadavg()[0]:.1f})", flush=True)
    found = measure(table, rounds)
    print("\n".join(lines(found)), flush=True)
    return found


def summarize(found: Sequence[Found]) -> None:
    """One row a goal, as docs/performance.md has it."""
    print(f"\n| what | {PRODUCT} | {BEFORE} | goal, as measured |\n|---|---|---|---|")
    for one in found:
        for goal in one.table.goals:
            own, old = (list(one.values(who, goal.figure).values()) for who in (goal.of, BEFORE))
            unit = one.table.figures.get(goal.figure, "")
            figure = f"{one.table.title}: {goal.figure} {unit}".strip()
            print(f"| {figure} | {show(own)} | {show(old)} | {judged(one, goal)} |")


if __name__ == "__main__":
    main()
