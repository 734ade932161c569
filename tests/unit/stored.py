"""A project as the store's tests write it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from states.facts import Facts
from states.model import Project
from states.stages import Job
from states.state import Event, State
from states.store_port import Instant, Move
from store.sql import SqlStore

NOW = 1_800_000_000.0


STAMP = Instant(NOW, "boot", 5.0)


TIENDA = Project(
    "tienda", "00c0ffee", "emulator", State.DRAFT, 1, 0, NOW, NOW, None, None, 0, None, Facts()
)


def move(to: State = State.PROMPTED, **changes: Any) -> Move:
    return replace(Move(Event.PROMPTS_BUILT, to, Facts(created=Job("j")), NOW, 1), **changes)


def path_of(store: SqlStore) -> Path:
    return Path(str(store.engine.url.database))
