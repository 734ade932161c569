"""Carries a cancellation, or a teardown, to its end while a person waits.

Called by the commands `cancel` and `teardown`."""

from __future__ import annotations

import time
from collections.abc import Callable

from agent.engine.teardown import is_tearing_down
from agent.engine.tick import Ticker
from states.model import Project
from states.state import State
from states.text import Text, say

LONGEST_NAP = 5.0  # seconds between two looks; somebody is watching


def finish_cancellation(
    project: Project,
    ticker: Ticker,
    tell: Callable[[Text], None],
    wall: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> Project:
    """Ticks the project until it has cleaned up, or is held. Returns it as it is then.

    Should this process end before that, the daemon's ticks go on with it. `tell` hears what is
    waited for.
    """
    while _is_cleaning_up(project):
        ticked = ticker.tick(project.name)
        project = ticked.after
        left = 0.0 if project.due_at is None else project.due_at - wall()
        if left > 0:
            if ticked.text is not None:
                tell(ticked.text)
            sleep(min(left, LONGEST_NAP))
    return project


def _is_cleaning_up(project: Project) -> bool:
    is_due = project.due_at is not None and project.hold is None
    return is_due and (project.state is State.CANCELLED or is_tearing_down(project))


def describe_nothing_to_clean_up(project: Project, is_deleted: bool) -> Text:
    if is_deleted:
        return say(
            "{project} is ANALYZED, and its deployment is deleted already.", project=project.name
        )
    return say(
        "{project} is ANALYZED: there is nothing to cancel, and its deployment was made by hand, so"
        " it is deleted by hand.",
        project=project.name,
    )
