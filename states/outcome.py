"""The three ordinary endings of a step; the others are errors (errors.py). engine/tick.py acts."""

from __future__ import annotations

from dataclasses import dataclass

from states.facts import Facts
from states.state import Event
from states.text import Text


@dataclass(frozen=True)
class Done:
    """This happened. The tick commits the move and the facts in one transaction.

    `note`: what a person should hear of it. `goes_on`: something is left to do, though the state
    is one in which projects come to rest. `begins_generation`: the present one has been ended.
    """

    event: Event
    facts: Facts
    note: Text | None = None
    goes_on: bool = False
    begins_generation: bool = False


@dataclass(frozen=True)
class GoOn:
    """Part of the work is done and kept; the next part can begin at once.

    `facts` replace the project's; None leaves them.
    """

    progress: Text
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of a job, with which its project waits on: until then (unix seconds), from poll
    to poll (seconds)."""

    job: str
    status: str
    until: float
    poll: float


@dataclass(frozen=True)
class Wait:
    """There is nothing to decide yet, and that is fine.

    `delay`: seconds until another look is worth it. `facts` replace the project's; None leaves
    them. `unusual`: nothing is wrong, but a person may want to know; logged once. `together`: with
    all that wait for as long, so that one listing answers them all. `standing`: what would have to
    change for the next look to end in anything but this.
    """

    delay: float
    reason: Text
    facts: Facts | None = None
    unusual: bool = False
    together: bool = False
    standing: Standing | None = None


Outcome = Done | GoOn | Wait
