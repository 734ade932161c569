"""When a 404 is believed: gateways err, and what is new may be listed late.

Used by the steps that follow a file, a job or a deployment, and by agent/engine/exactly_once for
what is to be cancelled or deleted.
"""

from __future__ import annotations

from states.errors import Transient
from states.model import Project
from states.text import Text

GLITCHES = 3  # 404 answers in a row that may all be mistakes; the next one is believed


def is_believed(earlier_answers: int) -> bool:
    """True if so many 404 answers in a row before this one suffice to believe this one."""
    return earlier_answers >= GLITCHES


def doubt(project: Project, not_found: Text) -> None:
    """Raises Transient(not_found), so that the tick asks again, until the 404 is believed.

    For a step that has just been told 404. The answers in a row are counted by the project's
    attempts, as long as the last error of the project is this very sentence.
    """
    if project.last_error != not_found or not is_believed(project.attempts):
        raise Transient(not_found)
