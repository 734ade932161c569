"""The exit codes of every command, as the help and the README promise them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from states.state import State

if TYPE_CHECKING:
    from states.model import Project

FINE, IN_TROUBLE, WRONG_USAGE = 0, 1, 2
UNDECIDED = 3  # `gate`, for which 0 means: ship it, and 1: do not
INTERRUPTED = 130  # 128 + SIGINT, as shells count


def exit_code_of(projects: Sequence[Project]) -> int:
    """IN_TROUBLE if one of the projects waits for a person: FAILED, or held."""
    if any(p.state is State.FAILED or p.hold is not None for p in projects):
        return IN_TROUBLE
    return FINE
