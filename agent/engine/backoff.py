"""When to look again: at the next poll, or after a fault that may pass, and when to tell a person.

Used by the tick."""

from __future__ import annotations

import errno
import math
import random
from collections.abc import Callable
from pathlib import Path

from states.errors import Transient, Unreachable
from states.text import say

_PROGRAM = Path(__file__).parents[1]  # agent/, with the files that it brings
LONGEST_BACKOFF = 300.0  # seconds: spares a service in trouble, and soon notices its recovery
SHORTEST_RETRY = 1.0  # seconds; a service that says "0" would be asked thirty times in a blink
PATIENCE = 30  # faults in a row before a person is told: with the back-off about two hours
FIRST_CONTACT_PATIENCE = 3  # an endpoint that never answered is probably mistyped: say so soon
# What every program on the machine may run out of, and have again in a moment: no bug of ours,
# whichever file it was for.
SHORTAGES = (
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
)


def patience_for(fault: Transient, has_answered: Callable[[], bool]) -> float:
    """After how many faults in a row a person is told.

    A network that has been seen to work comes and goes: it is waited for without end. Asked of
    `has_answered` only if the service was not reached.
    """
    if not isinstance(fault, Unreachable):
        return PATIENCE
    return math.inf if has_answered() else FIRST_CONTACT_PATIENCE


def seconds_to_retry(fault: Transient, attempts: int) -> float:
    """What the service asked for, otherwise 1, 2, 4 … up to LONGEST_BACKOFF.

    Each of these is shortened by up to a quarter, so that several agents do not retry in step.
    """
    if fault.retry_after is not None:
        return max(fault.retry_after, SHORTEST_RETRY)
    # An outage of days counts thousands of attempts, too many for a power of two.
    doublings = min(attempts - 1, 20)
    return float(min(2.0**doublings, LONGEST_BACKOFF) * random.uniform(0.75, 1.0))


def next_poll(now: float, poll: float) -> float:
    """The next multiple of `poll`, unix seconds: whoever waits for as long is due with all others.

    Not the very next moment: what has been looked at just before it waits for one more."""
    due = now - now % poll + poll
    return due if due - now >= poll / 4 else due + poll


def as_shortage(error: Exception) -> Transient | None:
    """The fault, if this machine ran out of something, or of a part of this program; None if the
    error means anything else."""
    if _is_about_the_program(error):
        return Transient(
            say(
                "A part of this program cannot be loaded ({problem}): was it updated while it ran?"
                " It is tried again by itself; start `run` anew if that does not help.",
                problem=f"{type(error).__name__}: {error}",
            )
        )
    if not isinstance(error, OSError) or error.errno not in SHORTAGES:
        return None
    return Transient(
        say(
            "This machine is short of something ({problem}); it is tried again by itself.",
            problem=error.strerror or str(error),
        )
    )


def _is_about_the_program(error: Exception) -> bool:
    """Parts are loaded when they are first needed, and while an update puts its files in place some
    are missing, half of them written, or of another version than those that are loaded."""
    if isinstance(error, FileNotFoundError):
        return _PROGRAM in Path(str(error.filename)).parents
    return isinstance(error, ImportError | SyntaxError)
