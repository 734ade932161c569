"""The two ordinary endings of a step; the other three are errors (errors.py)."""

from __future__ import annotations

from dataclasses import dataclass

from states.model import Event, Facts
from states.text import Text


@dataclass(frozen=True)
class Done:
    """This happened: the tick commits the move and the facts in one transaction. `note`: what a person should hear of it."""

    event: Event
    facts: Facts
    note: Text | None = None


@dataclass(frozen=True)
class Wait:
    """Nothing to decide yet, and that is fine. `delay`: seconds until it is worth looking again; `facts` replace the project's.

    `unusual`: nothing is wrong, but a person may want to know; told once in the log."""

    delay: float
    reason: Text
    facts: Facts | None = None
    unusual: bool = False


Outcome = Done | Wait
