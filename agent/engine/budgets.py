"""A budget for one project: the move that sets it, called by decisions.py. And what a project is
measured by, for the notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.engine.spending import Spending
from states.model import Project
from states.money.budget import Account, Limit, limit_of
from states.money.spending import Spent, sum_up
from states.state import Event, State
from states.store_port import Move
from states.text import dollars, say

_JUDGED_IN = (State.VALIDATED, State.UPLOADED)  # there a project may be held for want of money


def plan_budget(project: Project, budget: float | str, now: float) -> Move | None:
    """`budget`: USD, or the word for none, as the project's row keeps it.

    A hold where the training is judged ends: it is judged anew at once. Others stay. None where
    the project has this budget already, said again after a kill, perhaps."""
    if project.settings.get("budget") == budget:
        return None
    is_judged = project.state in _JUDGED_IN
    usd = dollars(budget) if isinstance(budget, int | float) else budget
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


@dataclass(frozen=True)
class Limits:
    """Of one look at all projects: what they share is added up once.

    `own`: the budget of a project in USD, None where it has none of its own; `home`: that of all
    projects together."""

    spending: Spending
    own: Callable[[Project], float | None]
    home: float | None
    _of_service: dict[str, Spent] = field(default_factory=dict)

    def of(self, project: Project) -> Limit | None:
        """With all that is set aside; None where nothing limits it."""
        own = self.own(project)
        if own is not None:
            return limit_of(own, None, Account(self.spending.of(project), Spent(), {}))
        if self.home is None:
            return None
        service = project.service
        if service not in self._of_service:
            everyone = [one for one in self.spending.store.each() if one.service == service]
            self._of_service[service] = sum_up(map(self.spending.of, everyone))
        return limit_of(None, self.home, Account(self._of_service[service], Spent(), {}))
