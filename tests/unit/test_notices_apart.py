"""What goes wrong with one address, agent or project keeps nothing from the others."""

from __future__ import annotations

from typing import Any

import pytest

from agent.notices.channel import Undelivered
from states.errors import NeedsOperator, StoreError
from states.text import say
from tests.unit.desk import Desk
from tests.unit.told import Channel, open_outbox


def _hold(desk: Desk, text: str, name: str = "tienda") -> None:
    desk.fault.append(NeedsOperator(say("{what}", what=text)))
    desk.ticker.tick(name)


def test_two_addresses_and_two_agents_are_told_apart(desk: Desk) -> None:
    """One that takes nothing keeps nothing from the other; another home follows its own."""
    desk.create()
    deaf, other = Channel("deaf", trouble=[Undelivered(say("no"))]), Channel("other")
    first, second = open_outbox(desk, deaf), open_outbox(desk, other, follows=False)
    desk.store.follow(first._telling.home, ["deaf", "other"])
    desk.store.follow("another home", ["deaf"])
    _hold(desk, "now")
    with pytest.raises(Undelivered):
        first.deliver()
    second.deliver()
    assert len(other.sent) == 1
    assert set(desk.store.untold("another home", "deaf")) == {"tienda"}
    desk.store.follow("another home", [])
    assert desk.store.untold(first._telling.home, "deaf") == {"tienda": 0}


def test_a_history_that_nobody_can_read_silences_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.create("mala")
    desk.create("otra")
    channel = Channel()
    outbox = open_outbox(desk, channel)
    _hold(desk, "x", "mala")
    _hold(desk, "x", "otra")
    read = desk.store.checkpoints_after

    def breaks(name: str, version: int) -> Any:
        if name == "mala":
            raise StoreError("unreadable")
        return read(name, version)

    monkeypatch.setattr(desk.store, "checkpoints_after", breaks)
    with pytest.raises(StoreError):
        outbox.deliver()
    assert channel.titles == ["Afinador: otra: held: it needs you"]
