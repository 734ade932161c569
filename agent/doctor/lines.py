"""One line of the examination: what was looked at, how it is, and what to do next.

Made by machine.py, data_plane.py and manager.py; shown by agent/cli/doctor.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from states.text import Text


class Status(StrEnum):
    """FAILED: a training would not go through. WARNING: it may not, or not as expected."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Line:
    """`name`: of what was looked at, the same in every language. `advice`: the next step, where
    `text` does not say it already."""

    name: str
    status: Status
    text: Text
    advice: Text | None = None


def ok(name: str, text: Text) -> Line:
    return Line(name, Status.OK, text)


def warning(name: str, text: Text, advice: Text | None = None) -> Line:
    return Line(name, Status.WARNING, text, advice)


def failed(name: str, text: Text, advice: Text | None = None) -> Line:
    return Line(name, Status.FAILED, text, advice)


def skipped(name: str, text: Text, advice: Text | None = None) -> Line:
    return Line(name, Status.SKIPPED, text, advice)
