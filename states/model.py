"""What a project is, and one line of its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from states.facts import Facts
from states.state import Event, State
from states.text import Text


@dataclass(frozen=True)
class Project:
    """One row of the store. Times are unix seconds (UTC)."""

    name: str
    uid: str  # 8 hex digits, random at creation: tells our remote names from those of others
    service: str  # "emulator", or the host of the Azure resource that holds files, job, deployment
    state: State
    generation: int  # grows when the service failed or a person starts over: new idempotency keys
    version: int  # grows with every checkpoint; guards every write
    since: float
    due_at: float | None  # None: not ticked until a person acts
    waiting_for: Text | None
    hold: Text | None
    attempts: int
    last_error: Text | None
    facts: Facts
    settings: Mapping[str, Any] = field(default_factory=dict)  # its own; the rest: environment

    @property
    def remote_name(self) -> str:
        """`<name>-<uid>-g<generation>`: the correlation tag of all that this generation makes."""
        return f"{self.name}-{self.uid}-g{self.generation}"


@dataclass(frozen=True)
class Checkpoint:
    """One line of a project's history."""

    version: int
    at: float
    from_state: State
    event: Event
    to_state: State
    generation: int
    note: Text | None = None
