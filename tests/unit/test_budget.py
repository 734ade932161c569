"""A budget: what exceeds what is left of it is not started, whatever happens."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from dataclasses import replace

import pytest

from agent.engine.spending import Spending
from agent.resources.catalog import PackagedCatalog
from agent.settings.config import load
from states.facts_json import read
from states.model import Project
from states.money.budget import Account, Limit, describe_spent, limit_of
from states.money.spending import Spent
from states.ports import Ports
from states.state import Event, State
from tests.unit.desk import Desk
from tests.unit.stored import TIENDA

LITTLE = 0.0001


class Purposeful(Desk):
    """A desk where a project's row may hold its own budget."""

    def ports_for(self, project: Project) -> Ports:
        ports = super().ports_for(project)
        own = project.settings.get("budget")
        budget = math.inf if own == "none" else own
        return replace(ports, preferences=replace(ports.preferences, budget=budget))

    @property
    def spending(self) -> Spending:
        return Spending(self.store, self.catalog, "standard", self.clock.wall)

    def spent(self, name: str = "tienda") -> Spent:
        return self.spending.of(self.project(name))


@pytest.fixture
def purse(desk: Desk) -> Purposeful:
    return Purposeful(desk.home, desk.store)


def kinds(desk: Desk) -> Counter[str]:
    return Counter(act.kind for act in desk.cloud.ledger)


def test_a_training_that_exceeds_what_is_left_is_not_started(purse: Purposeful) -> None:
    """Nothing is sent, not even a file; the hold has the figures, and `advance` alone changes
    nothing."""
    purse.wish(home_budget=LITTLE)
    told = purse.go_to_hold()
    assert "it is over the home's budget (0.0001 of 0.0001 USD are left" in told
    assert "`advance --budget N`" in told
    purse.decisions.advance("tienda", None)
    assert (purse.project().state, purse.project().hold is not None) == (State.VALIDATED, True)
    assert not purse.cloud.ledger
    assert purse.project().facts.reserved is None


def test_a_person_s_budget_lets_it_go_on_once(purse: Purposeful) -> None:
    """Said twice, it is one checkpoint; the money is set aside before anything is sent."""
    purse.wish(home_budget=LITTLE)
    purse.go_to_hold()
    purse.decisions.advance("tienda", None, 5.0)
    purse.decisions.advance("tienda", None, 5.0)
    project = purse.go(State.UPLOADED)
    assert project.facts.reserved == pytest.approx(project.facts.prepared.tokens * 3.3e-6)
    assert purse.spent().committed == project.facts.reserved
    assert read(json.loads(json.dumps(project.facts.as_json()))) == project.facts
    purse.go(State.ANALYZED)
    assert kinds(purse)["create_job"] == 1
    events = [line.event for line in purse.store.history("tienda")]
    assert events.count(Event.BUDGET_SET) == 1
    assert purse.project().settings == {"budget": 5.0}


def test_a_price_that_nobody_knows_counts_as_over_the_budget(purse: Purposeful) -> None:
    """However large that is; only a person who wants none goes on."""
    plan = replace(purse.preferences.plan, base_model="qwen3-32b", training_type="GlobalStandard")
    purse.wish(home_budget=1e6, plan=plan)
    assert "no price of qwen3-32b is known" in purse.go_to_hold()
    purse.decisions.advance("tienda", None, 1e9)
    assert purse.project().hold is not None
    assert not purse.cloud.ledger
    purse.decisions.advance("tienda", None, "none")
    purse.go(State.TRAINING)


def test_the_hold_heals_where_the_budget_is_raised(purse: Purposeful) -> None:
    purse.wish(home_budget=LITTLE)
    purse.go_to_hold()
    purse.wish(home_budget=5.0)
    purse.clock.spend(1000)
    purse.tick()
    assert purse.project().hold is None


def test_a_budget_that_is_cut_before_the_job_is_paid_stops_it(purse: Purposeful) -> None:
    purse.wish(home_budget=5.0)
    purse.go(State.UPLOADED)
    purse.wish(home_budget=LITTLE)
    assert "over the home's budget" in purse.go_to_hold()
    assert kinds(purse)["create_job"] == 0
    purse.decisions.advance("tienda", None, 5.0)
    purse.go(State.TRAINED)
    assert kinds(purse)["create_job"] == 1


@pytest.mark.parametrize("order", ["abab", "aabb", "abba", "baab", "bbaa"])
def test_of_two_that_share_what_is_enough_for_one_one_is_started(
    purse: Purposeful, order: str
) -> None:
    """Whichever is ticked first, and however their ticks fall between each other's."""
    for name in "ab":
        purse.go(State.VALIDATED, name)
    usd = purse.project("a").facts.prepared.tokens * 3.3e-6
    purse.wish(home_budget=1.5 * usd)
    purse.cloud.job_status = "running"  # once it is over, its real tokens count
    for name in order * 5:
        purse.tick(name)
        assert kinds(purse)["create_job"] <= 1
    purse.clock.spend(5.0)
    for name in order * 20:
        project = purse.project(name)
        if project.due_at is not None and project.due_at <= purse.clock.wall():
            purse.tick(name)
        purse.clock.spend(1.0)
    assert kinds(purse)["create_job"] == 1
    assert sum(purse.project(name).hold is not None for name in "ab") == 1


def test_what_is_spent_are_the_real_tokens_of_each_generation(purse: Purposeful) -> None:
    """The service has billed 1,000 each; one that failed is not billed, one that was cancelled
    counts as it was estimated."""
    purse.go(State.TRAINED)
    assert purse.spent().training == pytest.approx(1000 * 3.3e-6)
    purse.decisions.retry("tienda", restore=False, restart=True)
    purse.go(State.TRAINED)
    assert purse.spent().training == pytest.approx(2000 * 3.3e-6)
    assert purse.spent().committed == 0
    purse.cloud.job_status = "failed"
    purse.decisions.retry("tienda", restore=False, restart=True)
    purse.go(State.FAILED)
    assert purse.spent().training == pytest.approx(2000 * 3.3e-6)
    purse.cloud.job_status = "running"
    purse.decisions.retry("tienda", restore=False, restart=False)
    project = purse.go(State.TRAINING)
    estimate = project.facts.prepared.tokens * 3.3e-6
    assert purse.spent().committed == pytest.approx(estimate)
    purse.decisions.cancel("tienda", delete_files=False)
    while purse.project().due_at is not None:
        purse.tick()
    assert purse.spent().committed == 0
    assert purse.spent().training == pytest.approx(2000 * 3.3e-6 + estimate)


def test_hosting_is_counted_by_the_hour_while_a_deployment_lives(purse: Purposeful) -> None:
    purse.wish(deploy_sku="standard")
    purse.go(State.ANALYZED)
    purse.clock.spend(10 * 3600.0)
    assert purse.spent().hosting == pytest.approx(17.0, abs=0.1)
    purse.decisions.cancel("tienda", delete_files=False)
    at_its_end = purse.spent().hosting
    purse.clock.spend(10 * 3600.0)
    assert purse.spent().hosting == at_its_end


def test_a_developer_deployment_has_no_hourly_fee(purse: Purposeful) -> None:
    plan = replace(purse.preferences.plan, base_model="gpt-4.1-mini")
    purse.wish(deploy_sku="developertier", plan=plan)
    purse.go(State.ANALYZED)
    purse.clock.spend(10 * 3600.0)
    assert purse.spent().hosting == 0
    assert purse.spent().training > 0


def test_answers_are_counted_by_their_tokens(purse: Purposeful) -> None:
    """Each that was paid for once, by model; what a service does not tell is said."""
    purse.create()
    memory = purse.store.memory("tienda")
    answer = {"text": "x", "prompt_tokens": 1000, "completion_tokens": 10}
    memory.keep_answers("gpt-4o-mini-2024-07-18.ft-1", {"a": answer, "b": answer})
    memory.keep_answers("gpt-4o-mini-2024-07-18 at base", {"a": answer})
    memory.keep_answers("served by base", {"0": {"model": "gpt-4o-mini-2024-07-18"}})
    spent = purse.spent()
    assert spent.answers == pytest.approx(3 * (1000 * 0.165 + 10 * 0.66) / 1e6)
    assert spent.unknown == ()
    memory.keep_answers("nobody-s-model at other", {"a": answer})
    assert purse.spent().unknown == ("nobody-s-model",)


def test_what_was_spent_elsewhere_is_another_service_s(purse: Purposeful) -> None:
    """A home's budget is for the projects at the same service."""
    purse.go(State.TRAINED)
    other = replace(purse.project(), name="otra", service="a.openai.azure.com")
    assert purse.spending.account(other).others == Spent()
    assert purse.spending.account(replace(other, service="emulator")).others.training > 0


def test_the_line_of_status_warns_from_80_percent_on() -> None:
    calm = Limit(10.0, False, Spent(training=5.0, committed=2.0))
    assert str(describe_spent(calm.spent, calm)) == (
        "spent about 5.00 USD, 2.00 set aside; 3.00 USD left of the budget of 10.00 USD"
    )
    near = Limit(10.0, True, Spent(training=8.0))
    assert str(describe_spent(near.spent, near)).endswith(
        "2.00 USD left of the home's budget of 10.00 USD: 80 % of it are spent or set aside"
    )
    assert near.as_json()["is_warned"] and not calm.as_json()["is_warned"]
    assert describe_spent(Spent(), None) is None


def test_a_project_s_own_budget_takes_the_place_of_the_home_s() -> None:
    account = Account(Spent(training=1.0), Spent(training=10.0), {})
    own, home = limit_of(5.0, 8.0, account), limit_of(None, 8.0, account)
    assert own is not None and (own.is_home, own.left) == (False, 4.0)
    assert home is not None and (home.is_home, home.left) == (True, -3.0)
    assert limit_of(math.inf, 8.0, account) is None
    assert limit_of(None, None, account) is None


def test_the_settings_know_both_budgets() -> None:
    settings = load({"AGENT_ENV_FILE": os.devnull, "AGENT_BUDGET": "20"})
    of_home = settings.preferences_for(TIENDA)
    assert (of_home.budget, of_home.home_budget) == (None, 20.0)
    of_project = settings.preferences_for(replace(TIENDA, settings={"budget": "none"}))
    assert (of_project.budget, of_project.home_budget) == (math.inf, 20.0)
    _, mistakes = settings.read_row({"budget": "mucho"})
    assert "it must be a number from 0 to 1000000000." in str(mistakes[0])
    assert PackagedCatalog().service["prices"]["currency"] == "USD"


def test_little_that_is_left_is_told_before_the_job_is_paid(purse: Purposeful) -> None:
    usd = purse.go(State.VALIDATED).facts.prepared.tokens * 3.3e-6
    purse.wish(home_budget=1.1 * usd)
    purse.go(State.UPLOADED)
    told = str(purse.store.history("tienda")[-1].note)
    assert "left of the home's budget" in told and "91 % of it are" in told
