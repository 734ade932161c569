"""Every checkpoint of a project, for a terminal. cli/history.py calls this."""

from __future__ import annotations

from collections.abc import Sequence

from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.status import name_project
from agent.views.times import local_time
from states.model import Checkpoint
from states.text import say

TITLES = (say("when"), say("from"), say("event"), say("to"), say("note"))


def render_history(
    screen: Screen, project: str, checkpoints: Sequence[Checkpoint], translate: Translate
) -> None:
    """A table where it fits, else two lines or more for each checkpoint."""
    titles = [translate(title) for title in TITLES]
    rows = [_row(project, checkpoint, translate) for checkpoint in checkpoints]
    if not print_table(screen, titles, rows):
        for row in rows:
            _print_stacked(screen, row)


def _row(project: str, checkpoint: Checkpoint, translate: Translate) -> list[Styled]:
    note = "" if checkpoint.note is None else name_project(project, translate(checkpoint.note))
    return [
        Styled(local_time(checkpoint.at)),
        Styled(checkpoint.from_state.value),
        Styled(checkpoint.event.value),
        Styled(checkpoint.to_state.value),
        Styled(note),
    ]


def _print_stacked(screen: Screen, row: Sequence[Styled]) -> None:
    when, before, event, after, note = (cell.plain for cell in row)
    way = after if before == after else f"{before} → {after}"
    screen.print(Styled(f"{when}  {way}"))
    print_wrapped(screen, Styled(f"  {event}{': ' if note else ''}{note}"), "    ")
