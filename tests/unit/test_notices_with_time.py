"""What people are told though nothing has happened: a retirement, a meter that runs."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from agent.engine.budgets import Limits
from agent.engine.spending import Spending
from agent.notices.watched import IDLE_DAYS, NEAR_DAYS, Look, reminders
from states.model import Project
from states.money.budget import Limit
from states.money.spending import Spent
from states.state import State
from tests.unit.desk import Desk
from tests.unit.told import Channel, open_outbox

DAY = 86400.0
NO_MODELS: dict[str, Any] = {"aliases": {}}


def _stages(project: Project, service: dict[str, Any], topic: str, *days: float) -> list[int]:
    """Of the reminder about `topic`, at these days since 1970; 0 for none."""
    found = [
        {r.topic[: len(topic)]: r for r in reminders(project, Look(service, d * DAY))} for d in days
    ]
    return [one[topic].stage if topic in one else 0 for one in found]


def test_a_retirement_is_told_at_each_stage_once(desk: Desk) -> None:
    """Of a model that is deployed where it costs money; a date that is moved is told anew."""
    project = desk.go(State.ANALYZED)
    service = desk.catalog.service
    ends = date(2027, 10, 1)  # of gpt-4o-mini, by the catalogue
    days = [(ends - date(1970, 1, 1)).days - left for left in (200, 179, 89, 60, 29, 6, 0)]
    assert _stages(project, service, "ends 2027-10-01", *days) == [0, 1, 2, 2, 3, 4, len(NEAR_DAYS)]
    channel = Channel()
    open_outbox(desk, channel).remind()
    assert channel.sent == []  # the emulator's models never retire


def test_a_meter_is_told_while_nothing_else_happens(desk: Desk) -> None:
    """Not of what is deleted already, nor of what is to be."""
    project = replace(desk.go(State.ANALYZED), since=0.0)
    service, meter = desk.catalog.service, "meter since 0"
    assert _stages(project, service, meter, 0.5, 1, 8, 100) == [0, 1, 2, len(IDLE_DAYS)]
    requested = project.facts.requested
    assert requested is not None
    ended = replace(project.facts, requested=replace(requested, until=9 * DAY))
    for quiet in (ended, project.facts.without_our_deployment()):
        assert _stages(replace(project, facts=quiet), service, meter, 8) == [0]
    living = replace(project, state=State.TRAINED)
    assert _stages(living, service, meter, 8) == [0]


@pytest.mark.parametrize(
    ("sku", "told"), [("standard", "40.80 USD a day"), (None, "may be billed")]
)
def test_a_meter_is_told_with_its_price_where_that_is_known(
    desk: Desk, sku: str | None, told: str
) -> None:
    project = desk.go(State.ANALYZED)
    assert project.facts.deployed is not None
    billed = replace(project.facts, deployed=replace(project.facts.deployed, sku=sku))
    [found] = reminders(
        replace(project, since=0.0, facts=billed),
        Look({**desk.catalog.service, "models": NO_MODELS}, DAY),
    )
    assert told in str(found.notice.body)


def test_a_reminder_is_sent_and_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not again after a restart; again when it is a stage further."""
    desk.go(State.ANALYZED)
    monkeypatch.setattr("agent.notices.outbox.Service.charges_money", True)
    channel = Channel()
    for days in (2, 0.1, 6):
        desk.clock.spend(days * DAY)
        open_outbox(desk, channel).remind()
    assert [t for t in channel.titles if "meter" in t] == ["Afinador: tienda: a meter runs"] * 2


def spent(usd: float) -> Spent:
    return Spent(training=usd)


@pytest.mark.parametrize(
    ("usd", "stage", "what"),
    [(7.99, 0, ""), (8, 1, "nearly spent"), (10, 1, "nearly spent"), (10.01, 2, "over the budget")],
)
def test_a_budget_is_told_of_from_80_percent_on(
    desk: Desk, usd: float, stage: int, what: str
) -> None:
    project = desk.go(State.TRAINING)
    look = Look(desk.catalog.service, DAY, Limit(10.0, False, spent(usd)))
    found = [one for one in reminders(project, look) if one.topic == "budget 10.00"]
    assert [one.stage for one in found] == ([stage] if stage else [])
    assert what in "".join(str(one.notice.what) for one in found)


def test_each_crossing_of_each_budget_is_told_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the home once for all projects, that of a project once for each; with the figures."""
    desk.go(State.TRAINING)
    desk.create("otra")
    monkeypatch.setattr("agent.notices.outbox.Service.charges_money", True)
    channel = Channel()

    def remind(usd: float, budget: float, is_home: bool) -> None:
        outbox = open_outbox(desk, channel)
        limit = Limit(budget, is_home, spent(usd))
        outbox._telling = replace(outbox._telling, limits=lambda: lambda _project: limit)
        outbox.remind()

    for usd, budget in ((7, 10), (8, 10), (9, 10), (9, 20), (17, 20), (21, 20), (30, 20)):
        remind(usd, budget, is_home=True)
    assert channel.titles == [
        "Afinador: otra: the budget is nearly spent",
        "Afinador: otra: the budget is nearly spent",
        "Afinador: otra: over the budget",
    ]
    assert "spent about 8.00 USD; 2.00 USD left of the home's budget of 10.00 USD" in (
        channel.sent[0].body
    )
    channel.sent.clear()
    remind(8, 10, is_home=False)
    assert len(channel.sent) == 2


def test_the_home_s_budget_counts_every_project_at_the_service(desk: Desk) -> None:
    """One with a budget of its own is measured by that alone."""
    project, other = desk.go(State.ANALYZED), desk.create("otra")
    spending = Spending(desk.store, desk.catalog, "standard", desk.clock.wall)
    limits = Limits(spending, lambda one: 3.0 if one.name == "otra" else None, 5.0)
    home, own = limits.of(project), limits.of(other)
    assert home is not None and own is not None
    assert (home.usd, home.is_home, home.spent) == (5.0, True, spending.of(project))
    assert (own.usd, own.is_home, own.used) == (3.0, False, 0.0)
    assert Limits(spending, lambda _: None, None).of(project) is None
    assert Limits(spending, lambda _: math.inf, 5.0).of(project) is None
