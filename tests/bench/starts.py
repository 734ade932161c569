"""Cold starts: the CPU seconds of whole processes that say something and end.

    make bench ONLY=starts

`status` finds one project. The floors: an interpreter alone, with argparse and sqlite3, and with
SQLAlchemy Core.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, House, find_before, find_peers

_AGENT, _PEER = ("-m", "agent"), "procrastinate --help"
_HOMES = {PRODUCT: HERE, BEFORE: find_before()}


def _make_homes(folder: Path) -> None:
    """One project in a home of each version's own, made without any service."""
    for name, house in _HOMES.items():
        if house.missing:
            continue
        home = folder / name.replace(" ", "-")
        home.mkdir()
        subprocess.run(
            [house.python, *_AGENT, *_NEW[name]],
            cwd=house.source,
            env={**house.environment, "AGENT_HOME": str(home), "AGENT_PROVIDER": "emulator"},
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


_NEW = {
    PRODUCT: ("new", "bench", "--sample"),
    BEFORE: ("run", "--project", "bench", "--until", "VALIDATED"),
}


def _say(name: str, house: House, *words: str) -> Runner:
    home = "{folder}/" + name.replace(" ", "-")
    own = {"AGENT_HOME": home, "AGENT_PROVIDER": "emulator"}
    return Runner(name, house, (*_AGENT, *words), own, fine=(0, 1))


def _table(*words: str, at_most: float) -> Table:
    return Table(
        "Cold start: " + " ".join(words),
        (
            *(_say(name, house, *words) for name, house in _HOMES.items()),
            Runner(_PEER, find_peers(), ("-m", "procrastinate", "--help")),
            Runner("interpreter", HERE, ("-c", "")),
            Runner("argparse, sqlite3", HERE, ("-c", "import argparse, sqlite3")),
            Runner("SQLAlchemy Core", HERE, ("-c", "import sqlalchemy")),
        ),
        {"cpu": "s", "wall": "s"},
        (Goal("cpu", at_most=at_most, against=_PEER),),
        rounds=7,
        prepare=_make_homes if words == ("status",) else None,
    )


TABLES = (
    _table("--version", at_most=0.4),
    _table("--help", at_most=0.4),
    _table("status", at_most=1.1),
)
