"""What a project has spent, in results/improvement_analysis.json: result_content.py puts it there.

As of its newest checkpoint, so that the same facts give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.engine.spending import Spending
from agent.views.times import foreign_time
from states.facts import deployment_of
from states.model import Project

Json = dict[str, Any]


@dataclass(frozen=True)
class MoneyContent:
    """`budget_of`: a project's own budget in USD; `home_budget`: that of all projects together."""

    spending: Spending
    budget_of: Callable[[Project], float | None]
    home_budget: float | None

    def render(self, project: Project) -> Json | None:
        """None for a generation that is not the newest."""
        from states.money.prices import HOURS_OF_A_DAY, price_of_hosting
        from states.money.spending import price_now

        found = self.spending.of_report(project)
        if found is None:
            return None
        spent, at = found
        service, sku = self.spending.service, self.spending.sku
        names, usd = price_now(project.facts, service, sku)
        deployed = deployment_of(project.facts)
        price = price_of_hosting(service, (deployed and deployed.sku) or sku)
        return {
            "currency": "USD",
            "as_of": foreign_time(at),
            **spent.as_json(),
            **self._render_budget(project),
            "deployed_now": list(names),
            "usd_per_hour_now": usd,
            "usd_per_day_now": None if usd is None else usd * HOURS_OF_A_DAY,
            "hosting_price": price and price.as_json(),
        }

    def _render_budget(self, project: Project) -> Json:
        """A project's own takes the place of the home's; infinite is none."""
        own = self.budget_of(project)
        usd = self.home_budget if own is None else own
        if usd is None or math.isinf(usd):
            return {"budget_usd": None, "budget_of": None}
        return {"budget_usd": usd, "budget_of": "home" if own is None else "project"}
