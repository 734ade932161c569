"""What the projects of a home have spent, read from the store. Implements states.money.purse.Purse.

Bootstrap builds it for the steps, and for `status`. How it is added up is loaded when it is first
asked for: neither a look at a training nor a `status` without money needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.engine.jobs_made import jobs_made
from states.model import Project
from states.ports import Catalog
from states.state import State
from states.store_port import Store

if TYPE_CHECKING:
    from states.money.budget import Account
    from states.money.spending import Spent


@dataclass(frozen=True)
class Spending:
    """`sku`: that of the settings; `wall`: unix seconds."""

    store: Store
    catalog: Catalog
    sku: str | None
    wall: Callable[[], float]

    @property
    def service(self) -> Mapping[str, Any]:
        """The catalogue's prices among others; read when they are first asked for."""
        return self.catalog.service

    def of(self, project: Project) -> Spent:
        from states.money.spending import Spent, Trail, add_up

        if project.version < 0:  # a row that cannot be read
            return Spent()
        store = self.store
        trail = Trail(
            store.moments(project), jobs_made(store.intents(project)), store.asked(project)
        )
        return add_up(project, trail, self.service, self.sku, self.wall())

    def of_report(self, project: Project) -> tuple[Spent, float] | None:
        """What was spent until its newest checkpoint, and when that was made: the same facts give
        the same figures whenever they are asked for. None for a generation that is not the newest.
        """
        from states.money.spending import Trail, add_up

        moments = self.store.moments(project)
        if not moments or moments[-1].generation != project.generation:
            return None
        trail = Trail(moments, jobs_made(self.store.intents(project)), self.store.asked(project))
        at = moments[-1].at
        return add_up(project, trail, self.service, self.sku, at), at

    def account(self, project: Project) -> Account:
        """`project` as it is given; the others as they are now. Its own part without what is set
        aside for the training that is judged."""
        import structlog

        from states.money.budget import Account
        from states.money.spending import sum_up

        everyone = self._others(project)
        asking = {
            other.name: other.facts.reserved or 0.0
            for other in everyone
            if other.state is State.VALIDATED and other.facts.reserved
        }
        own, others = replace(self.of(project), committed=0.0), sum_up(map(self.of, everyone))
        log = structlog.get_logger()
        log.info(
            "money",
            project=project.name,
            spent=round(own.total, 4),
            others_spent=round(others.total, 4),
            others_set_aside=round(others.committed, 4),
        )
        return Account(own, others, asking)

    def _others(self, project: Project) -> list[Project]:
        """Those of the home that live at the same service."""
        everyone, service = self.store.all(), project.service
        return [one for one in everyone if one.service == service and one.name != project.name]
