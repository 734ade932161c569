"""What a daemon costs that has nothing to do: beside one finished project, and beside ten thousand.

    make bench ONLY=idle

Its CPU is measured for half a minute, once it has come to rest. The projects have been cancelled:
they have facts of the usual size, and no results, which would be written anew at the start.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, find_before

_RUN = str(Path(__file__).with_name("idle_run.py"))
ONE, MANY = 1, 10_000
BESIDE_ONE = "one project"

TABLES = [
    Table(
        "a daemon with 10,000 finished projects",
        [
            Runner(BESIDE_ONE, HERE, [_RUN, str(ONE)]),
            Runner(PRODUCT, HERE, [_RUN, str(MANY)]),
            Runner(BEFORE, find_before(), [_RUN, str(MANY)]),
        ],
        {"percent": "% of a core", "resident": "MiB"},
        [
            Goal("percent", at_most=0.3),
            Goal("resident", at_most=1.06, against=BESIDE_ONE, what="resident (+8 MiB)"),
        ],
        rounds=3,
    )
]
