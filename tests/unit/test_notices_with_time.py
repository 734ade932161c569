"""What people are told though nothing has happened: a retirement, a meter that runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from agent.notices.watched import IDLE_DAYS, NEAR_DAYS, reminders
from states.model import Project
from states.state import State
from tests.unit.desk import Desk
from tests.unit.told import Channel, open_outbox

DAY = 86400.0
NO_MODELS: dict[str, Any] = {"aliases": {}}


def _stages(project: Project, service: dict[str, Any], topic: str, *days: float) -> list[int]:
    """Of the reminder about `topic`, at these days since 1970; 0 for none."""
    found = [{r.topic[: len(topic)]: r for r in reminders(project, service, d * DAY)} for d in days]
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
        {**desk.catalog.service, "models": NO_MODELS},
        DAY,
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
