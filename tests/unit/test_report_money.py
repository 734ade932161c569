"""What was spent stands in the report and beside it, as of the newest checkpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.engine.spending import Spending
from agent.report.money import count_money
from agent.report.speech import Speech
from agent.views.language import translator
from agent.views.result_money import MoneyContent
from states.money.budget import Account, describe_spent, limit_of
from states.money.spending import Spent
from states.places import Result
from states.state import State
from tests.prepared_reports import STORIES
from tests.unit.desk import Desk
from tests.unit.test_report import documents_of, render

HOUR = 3600.0
SPENT: dict[str, Any] = {
    "charges_money": True,
    "currency": "USD",
    "as_of": "2026-11-27T05:32:40+00:00",
    "spent_usd": 12.5,
    "training_usd": 3.3,
    "trained_tokens": 600_000,
    "hosting_usd": 9.0,
    "hosting_hours": 5.25,
    "answers_usd": 0.2,
    "set_aside_usd": 0.0,
    "unknown_prices": [],
    "budget_usd": 20.0,
    "budget_of": "project",
    "deployed_now": ["tienda-g1"],
    "usd_per_hour_now": 1.7,
    "usd_per_day_now": 40.8,
    "hosting_price": {"usd": 1.7, "source": "a page", "date": "2026-03-01", "is_verified": False},
}


def money_of(
    desk: Desk, budget: float | None = None, sku: str = "standard"
) -> dict[str, Any] | None:
    spending = Spending(desk.store, desk.catalog, sku, desk.clock.wall)
    return MoneyContent(spending, lambda _: budget, None).render(desk.project())


def test_the_same_facts_give_the_same_figures_at_any_time(desk: Desk) -> None:
    desk.cloud.sku = "standard"
    desk.go(State.ANALYZED)
    first = money_of(desk, 20.0)
    assert first is not None and json.dumps(first, allow_nan=False)
    assert (first["trained_tokens"], first["usd_per_hour_now"]) == (1000, 1.7)
    assert (first["budget_usd"], first["budget_of"]) == (20.0, "project")
    desk.clock.spend(100 * HOUR)
    assert money_of(desk, 20.0) == first
    desk.decisions.cancel("tienda", delete_files=False)
    after = money_of(desk, float("inf"))
    assert after is not None
    assert after["hosting_hours"] == pytest.approx(100, abs=0.1)
    assert (after["usd_per_hour_now"], after["deployed_now"], after["budget_usd"]) == (0, [], None)


def test_the_price_of_an_hour_is_that_of_what_is_deployed(desk: Desk) -> None:
    """A person deploys as they like, whatever AGENT_DEPLOY_SKU says."""
    desk.cloud.sku = "standard"
    desk.go(State.ANALYZED)
    found = money_of(desk, sku="developertier")
    assert found is not None
    assert (found["usd_per_hour_now"], found["hosting_price"]["usd"]) == (1.7, 1.7)


def test_the_report_of_an_earlier_generation_has_none(desk: Desk) -> None:
    """Its questions cannot be told from those of now."""
    former = desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda")
    spending = Spending(desk.store, desk.catalog, None, desk.clock.wall)
    assert spending.of_report(former) is None


def test_both_forms_say_what_was_spent_and_what_goes_on(desk: Desk) -> None:
    documents = documents_of(desk, next(iter(STORIES.values())))
    for page in render(documents):
        assert "What was spent" not in page  # results of an older version
    documents[Result.ANALYSIS]["spending"] = SPENT
    for page in render(documents):
        for told in ("What was spent", "3.30 USD", "600000 tokens", "5.25 h", "12.50 USD"):
            assert told in page, told
        assert "40.80 USD a day, used or not: tienda" in page
        assert "of a budget of 20.00 USD" in page and "2026" in page
    spanish = render(documents, "es")[0]
    assert "Lo que se ha gastado" in spanish and "40,80 USD al día" in spanish


def test_after_the_teardown_nothing_goes_on(desk: Desk) -> None:
    speech = Speech(translator("en"), "en")
    gone = {"deployed_now": [], "usd_per_hour_now": 0.0, "usd_per_day_now": 0.0}
    found = count_money({"spending": {**SPENT, **gone, "budget_of": "home"}}, speech)
    assert found is not None
    assert (found.figures[-1].value, found.figures[-1].note) == ("0.00 USD", "nothing is deployed")
    assert found.figures[3].note == "all projects together may spend 20.00 USD"
    unknown = {**SPENT, "usd_per_hour_now": None, "usd_per_day_now": None, "set_aside_usd": 2.0}
    found = count_money({"spending": {**unknown, "unknown_prices": ["gpt-x"]}}, speech)
    assert found is not None
    assert found.figures[-1].note == "tienda-g1, whose price is not known"
    assert found.figures[4].value == "2.00 USD" and "gpt-x" in found.remarks[-1]


def test_what_is_told_of_a_budget_adds_up() -> None:
    """What is left is never rounded up to the price that exceeds it; 0 USD have no share."""
    account = Account(Spent(training=0.0053), Spent(), {})
    tight = limit_of(0.101, None, account)
    assert tight is not None and tight.left_shown.number == 0.09
    told = str(describe_spent(account.own, limit_of(0.0, None, account)))
    assert told.endswith("0.00 USD left of the budget of 0.00 USD: exceeded by 0.0053 USD")
    full = str(describe_spent(Spent(), limit_of(0.0, None, Account(Spent(), Spent(), {}))))
    assert full.endswith("100 % of it are spent or set aside")
    cents = limit_of(0.3, None, Account(Spent(training=0.1), Spent(), {}))
    assert cents is not None and cents.left_shown.number == 0.2
