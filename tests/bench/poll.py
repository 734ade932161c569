"""Many projects in TRAINING, looked at every 30 seconds: requests, CPU, memory, time between looks.

    make bench ONLY=poll

The service (job_service.py) tells of jobs that go on; the daemon is the real one, on its database
on the disk. poll_day.py lets hours of 10,000 projects pass by a clock that is turned.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, find_before

RUN = str(Path(__file__).with_name("poll_run.py"))
POLL, POLLS = 30, 4
FIGURES = {
    "requests": "a poll",
    "core": "% of a core",
    "gap": "s between two looks at a job",
    "longest gap": "s",
    "memory": "MiB",
    "over idle": "MiB more than with one project",
    "first sight": "s until all were looked at",
}


def _follow(projects: int) -> tuple[str, ...]:
    return (RUN, "{folder}", str(projects), str(POLL), str(POLLS))


TABLES = (
    Table(
        "1,000 projects in TRAINING",
        (
            Runner(PRODUCT, HERE, _follow(1_000)),
            Runner(BEFORE, find_before(), _follow(1_000)),
        ),
        FIGURES,
        (
            Goal("requests", at_most=11),
            Goal("core", at_most=4),
            Goal("longest gap", at_most=31),
        ),
        rounds=2,
    ),
    Table(
        "10,000 projects in TRAINING",
        (Runner(PRODUCT, HERE, _follow(10_000)),),
        FIGURES,
        (
            Goal("requests", at_most=101),
            Goal("core", at_most=15),
            Goal("longest gap", at_most=31),
            Goal("over idle", at_most=40),
        ),
        rounds=1,
        longest=1800.0,
    ),
    Table(
        "An hour of 10,000 projects by a clock that is turned",
        (
            Runner(
                PRODUCT,
                HERE,
                ("-m", "tests.bench.poll_day", "--hours", "1"),
            ),
        ),
        {
            "missed": "polls of 1,200,000",
            "longest gap": "s",
            "requests": "a poll",
            "core": "% of a core",
            "grown": "MiB",
        },
        (Goal("missed", at_most=0), Goal("core", at_most=15)),
        rounds=1,
        longest=1800.0,
    ),
)
