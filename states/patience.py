"""When a 404, or a reply without an answer, is believed: gateways err, and what is new lags.

Used by the steps that follow a file, a job or a deployment or ask a model, and by
agent/engine/exactly_once for what is to be cancelled or deleted.
"""

from __future__ import annotations

from dataclasses import replace

from states.errors import Transient
from states.model import Project
from states.stages import Trouble
from states.text import Text

GLITCHES = 3  # 404 answers in a row that may all be mistakes; the next one is believed
# To a request that makes something: what it names is new, and may not be known everywhere yet.
# With the pauses of the tick, about ten minutes.
GLITCHES_OF_AN_ACT = 10


def is_believed(earlier_answers: int, glitches: int = GLITCHES) -> bool:
    """True if so many 404 answers in a row before this one suffice to believe this one."""
    return earlier_answers >= glitches


def is_fresh(project: Project, now: float, seconds: float) -> bool:
    """The project came to its state so short a time ago that a 404 of what it made says nothing."""
    return 0 <= now - project.since < seconds


def doubt(project: Project, told: Text) -> None:
    """Raises Transient(told), so that the tick asks again, until what was told is believed.

    For a step that has just been told 404, say. The answers in a row are counted by the project's
    attempts, as long as the last error of the project is this very sentence.
    """
    if project.last_error != told or not is_believed(project.attempts):
        raise Transient(told)


def since_poll(now: float, poll_seconds: float) -> float:
    """How old, in seconds, what a listing tells may be: of this poll, which many make together.

    A little more, for those that are not in step with the others."""
    return now % poll_seconds + poll_seconds / 10


def continue_trouble(
    before: Trouble | None, kind: str, name: str, now: float, poll_seconds: float
) -> Trouble:
    """The trouble with one more look, as long as it is the same with the same object."""
    if before is None or (before.kind, before.name) != (kind, name):
        return Trouble(kind, name, looks=1, seconds=0.0, at=now)
    # At most one poll: a clock that was set, or a night in which nobody looked, proves nothing.
    passed = min(max(now - before.at, 0.0), poll_seconds)
    return replace(before, looks=before.looks + 1, seconds=before.seconds + passed, at=now)
