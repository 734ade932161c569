"""What people are told though nothing has happened: a retirement, a meter that runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.notices.watched import IDLE_DAYS, NEAR_DAYS, reminders
from states.facts import Deployed
from states.state import State
from tests.unit.desk import Desk
from tests.unit.told import Channel, open_outbox

DAY = 86400.0


def test_a_retirement_is_told_at_each_stage_once(desk: Desk) -> None:
    """Of a model that is deployed where it costs money; never twice the same stage."""
    channel = Channel()
    outbox = open_outbox(desk, channel)
    project = desk.go(State.ANALYZED)
    service = dict(desk.catalog.service)
    now = 0.0
    told = []
    for days in (200, 89, 60, 29, 6, 0):
        ends = "2027-10-01"
        now = 1822348800.0 - days * DAY  # noon UTC of that day
        found = [r for r in reminders(project, service, now) if r.topic.startswith("ends")]
        told.append(found[0].stage if found else 0)
        assert not found or ends in found[0].topic
    assert told == [0, 1, 1, 2, 3, len(NEAR_DAYS)]
    outbox.remind()
    assert channel.sent == []  # the emulator's models never retire


def test_a_meter_is_told_while_nothing_else_happens(desk: Desk) -> None:
    project = replace(desk.go(State.ANALYZED), since=0.0)
    assert project.facts.deployed is not None
    stages = [
        next((r.stage for r in reminders(project, {"models": {"aliases": {}}}, d * DAY)), 0)
        for d in (0.5, 1, 8, 100)
    ]
    assert stages == [0, 1, 2, len(IDLE_DAYS)]
    gone = replace(project.facts, deployed=Deployed("x", True, "deleted"), requested=None)
    quiet = replace(project, facts=gone.without_our_deployment())
    assert not list(reminders(quiet, {"models": {"aliases": {}}}, 8 * DAY))


def test_a_reminder_is_sent_and_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not again after a restart; again when it is a stage further."""
    desk.go(State.ANALYZED)
    monkeypatch.setattr("agent.notices.outbox.Service.charges_money", True)
    channel = Channel()
    for days in (2, 0.1, 6):
        desk.clock.spend(days * DAY)
        open_outbox(desk, channel).remind()
    assert [t for t in channel.titles if "meter" in t] == ["Afinador: tienda: a meter runs"] * 2
