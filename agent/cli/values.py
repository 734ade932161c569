"""Values that a person types: checked here, and refused with what would be right.

argparse calls these functions; the commands name them as `type`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from agent.settings.checks import DEPLOYMENT_NAME
from agent.views.language import Translate
from states.state import State
from states.text import say, with_suggestion

PROJECT_NAME = r"[a-z0-9][a-z0-9-]{0,31}"
# Nobody runs a project in order to see it fail.
GOALS = tuple(state for state in State if state not in (State.FAILED, State.CANCELLED))


def goal(t: Translate) -> Callable[[str], State]:
    """A state that lies on the way, in capitals or not."""

    def parse(value: str) -> State:
        if value.upper() in GOALS:
            return State(value.upper())
        unknown = say("{value}: {allowed}", value=repr(value), allowed=", ".join(GOALS))
        raise argparse.ArgumentTypeError(t(with_suggestion(unknown, value.upper(), GOALS)))

    return parse


def deployment_name(value: str) -> str:
    if not re.fullmatch(DEPLOYMENT_NAME, value):
        raise argparse.ArgumentTypeError(f"{value!r}: A-Z, a-z, 0-9, '-', '.', '_' (2-64)")
    return value


def count(value: str) -> int:
    """At least one."""
    if not re.fullmatch(r"[1-9]\d{0,8}", value):
        raise argparse.ArgumentTypeError(f"{value!r}: 1, 2, 3 …")
    return int(value)


def project_name(value: str) -> str:
    """Project names become part of file names, deployment names and job suffixes."""
    if not re.fullmatch(PROJECT_NAME, value):
        raise argparse.ArgumentTypeError(f"{value!r}: a-z, 0-9, '-' (1-32)")
    return value
