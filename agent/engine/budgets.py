"""A budget for one project: the move that sets it. Called by decisions.py."""

from __future__ import annotations

from states.model import Project
from states.state import Event, State
from states.store_port import Move
from states.text import Rounded, say

_JUDGED_IN = (State.VALIDATED, State.UPLOADED)  # there a project may be held for want of money


def plan_budget(project: Project, budget: float | str, now: float) -> Move | None:
    """`budget`: USD, or the word for none, as the project's row keeps it.

    A hold where the training is judged ends: it is judged anew at once. Others stay. None where
    the project has this budget already, said again after a kill, perhaps."""
    if project.settings.get("budget") == budget:
        return None
    is_judged = project.state in _JUDGED_IN
    usd = Rounded(budget, 2) if isinstance(budget, int | float) else budget
    return Move(
        Event.BUDGET_SET,
        project.state,
        project.facts,
        now if is_judged else project.due_at,
        project.generation,
        note=say("a budget of {usd} USD", usd=usd),
        hold=None if is_judged else project.hold,
        settings={**project.settings, "budget": budget},
    )
