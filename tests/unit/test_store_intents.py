"""Intents in the store: written once, stamped by one, closed by their receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from states.errors import Superseded
from states.store_port import Instant
from store.schema import effects
from store.sql import SqlStore
from tests.unit.stored import NOW, STAMP, TIENDA, move


def test_what_was_done_at_another_service_is_not_known_at_this_one(store: SqlStore) -> None:
    """A project that moves to Azure takes nothing along from the emulator: no contact, no stamp, no
    files.
    """
    store.create("tienda", "00c0ffee", "emulator", NOW)
    store.set_last_sent_at(store.intend(TIENDA, "g1", "create-job", {"d": 1}, NOW), STAMP)
    store.receive("g1", "job-1", NOW)
    moved = replace(TIENDA, service="contoso.openai.azure.com", generation=2)
    assert (store.has_receipts(TIENDA), store.is_known_there(TIENDA)) == (True, True)
    assert (store.has_receipts(moved), store.is_known_there(moved), list(store.intents(moved))) == (
        False,
        False,
        [],
    )
    assert store.intend(moved, "g2", "create-job", {"d": 1}, NOW).last_sent_at is None


def test_an_intent_is_written_once_and_stamped_by_one(store: SqlStore) -> None:
    """Compare-and-swap on the tries: of two who stamp the same intent, one loses."""
    store.create("tienda", "00c0ffee", "emulator", NOW)
    intent = store.intend(TIENDA, "k", "create-job", {"d": 1}, NOW)
    won = store.claim(TIENDA, intent, STAMP)
    assert won is not None
    assert (won.tries, won.last_sent_at) == (1, STAMP)
    assert store.claim(TIENDA, intent, STAMP) is None
    assert store.set_last_sent_at(intent, None) is None
    assert store.intend(TIENDA, "k", "create-job", {"d": 2}, NOW) == won


def test_what_is_certainly_not_on_its_way_may_be_asked_for_in_another_way(store: SqlStore) -> None:
    """Never sent, or refused: a person may change the settings.

    Under way, or done: what was asked for stands.
    """
    store.create("tienda", "00c0ffee", "emulator", NOW)

    def asked(number: int) -> Any:
        return store.intend(TIENDA, "k", "create-job", {"d": number}, NOW)

    assert [asked(n).spec["d"] for n in (1, 2)] == [1, 2]
    sent = store.claim(TIENDA, asked(2), STAMP)
    assert sent is not None
    assert asked(3).spec == {"d": 2}
    store.set_last_sent_at(sent, None)
    assert asked(4).spec == {"d": 4}
    store.receive("k", "job-1", NOW)
    assert asked(5).spec == {"d": 4}


def test_whoever_slept_through_a_decision_begins_and_ends_nothing(store: SqlStore) -> None:
    """A process that loaded the project before somebody moved it: neither an intent, nor a claim,
    nor a calling off.
    """
    stale = store.create("tienda", "00c0ffee", "emulator", NOW)
    intent = store.intend(stale, "k", "create-job", {"d": 1}, NOW)
    fresh = store.move(stale, move(), NOW)
    for begin in (
        lambda: store.intend(stale, "other", "create-job", {"d": 1}, NOW),
        lambda: store.claim(stale, intent, STAMP),
        lambda: store.void(stale, intent, NOW),
    ):
        with pytest.raises(Superseded):
            begin()
    assert store.intents(fresh) == [intent]
    assert store.claim(fresh, intent, STAMP) is not None


def test_a_receipt_is_for_good(store: SqlStore) -> None:
    """The first one stays, and closes the intent to any further attempt."""
    store.create("tienda", "00c0ffee", "emulator", NOW)
    intent = store.intend(TIENDA, "k", "create-job", {"d": 1}, NOW)
    assert not store.has_receipts(TIENDA)
    store.receive("k", "job-1", NOW)
    store.receive("k", "job-2", NOW)
    assert store.intend(TIENDA, "k", "create-job", {"d": 1}, NOW).receipt == "job-1"
    assert store.set_last_sent_at(intent, STAMP) is None
    assert store.has_receipts(TIENDA)


def test_a_new_intent_inherits_the_last_stamp_whatever_the_clock_said(store: SqlStore) -> None:
    """Two generations left one open each; the clock on the wall was set back in between."""
    store.create("tienda", "00c0ffee", "emulator", NOW)
    earlier, later = Instant(NOW + 86400, "boot", 100.0), Instant(NOW, "boot", 200.0)
    for generation, stamp in ((1, earlier), (2, later)):
        intent = store.intend(TIENDA, f"g{generation}", "create-job", {"g": generation}, NOW)
        store.set_last_sent_at(intent, stamp)
        store.receive(f"g{generation}", "", NOW)
    for generation in (1, 2):
        with store.engine.begin() as connection:
            connection.execute(
                update(effects).where(effects.c.key == f"g{generation}").values(receipt=None)
            )
    assert store.intend(TIENDA, "g3", "create-job", {"g": 3}, NOW).last_sent_at == later
    assert [i.receipt for i in store.intents(TIENDA) if i.key != "g3"] == ["", ""]
