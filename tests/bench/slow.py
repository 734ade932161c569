"""Eight slow answers among twenty projects: how often the other twelve are looked at.

    make bench ONLY=slow

Twenty projects in TRAINING at the daemon's own driver, sweep and store, a look each second; eight
of the service's answers take five. Shown are the gaps between two looks of the others.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.harness import PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE

_RUN = str(Path(__file__).with_name("slow_run.py"))
QUICK = "all quick"

TABLES = [
    Table(
        "eight slow answers among twenty projects",
        [
            Runner(QUICK, HERE, [_RUN, "0"]),
            Runner(PRODUCT, HERE, [_RUN, "8"]),
            Runner("with 8 threads, as before", HERE, [_RUN, "8", "--threads", "8"]),
        ],
        {"gap": "s", "longest": "s"},
        [Goal("gap", at_most=1.1, against=QUICK), Goal("longest", at_most=1.3, against=QUICK)],
        rounds=3,
    )
]
