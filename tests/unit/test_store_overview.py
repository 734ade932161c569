"""Many projects at once: who is due, who has changed, and one row that nobody can read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event

from states.store_port import Pause, Postponed
from states.text import say
from store.overview import PAGE
from store.sql import SqlStore
from tests.unit.stored import NOW, move, path_of

NEVER = NOW + 6 * 3600.0


def create(store: SqlStore, name: str, due_at: float | None, service: str = "emulator") -> None:
    project = store.create(name, "00c0ffee", service, NOW)
    store.pause(project, Pause(due_at, None, 0, None))


def test_whoever_waits_for_longer_than_anybody_does_is_due_as_well(store: SqlStore) -> None:
    """A clock was set back; those at another service are due there."""
    due = {"early": NOW - 1, "now": NOW, "late": NEVER, "lost": NEVER + 1, "never": None}
    for name, due_at in due.items():
        create(store, name, due_at)
    create(store, "elsewhere", NOW, "another")
    found = store.due(NOW, NEVER, "emulator")
    assert [project.name for project in found] == ["early", "lost", "now"]
    assert "elsewhere" in [project.name for project in store.due(NOW, NEVER)]
    assert store.next_due(NOW) == NEVER


def test_a_row_that_cannot_be_read_hides_no_other(store: SqlStore) -> None:
    """It is shown as held, in every list but that of the due."""
    for name in ("rota", "sana"):
        create(store, name, NOW)
    with closing(sqlite3.connect(path_of(store))) as connection:
        connection.execute("UPDATE projects SET facts = '{half' WHERE name = 'rota'")
        connection.commit()
    assert [project.name for project in store.due(NOW, NEVER)] == ["sana"]
    for listed in (store.all(), list(store.each()), list(store.some(["rota", "sana", "nadie"]))):
        assert [(one.name, one.hold is None) for one in listed] == [
            ("rota", False),
            ("sana", True),
        ]


def test_who_is_due_is_found_by_the_index_alone(store: SqlStore) -> None:
    """Ten thousand finished projects are not even looked at; nor by a look for changes."""
    asked: list[str] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _u, statement, values, *_: asked.append((statement, values)),
    )
    list(store.due(NOW, NEVER, "emulator"))
    store.next_due(NOW)
    store.stamp("emulator")
    list(store.marks("emulator"))
    with closing(sqlite3.connect(path_of(store))) as connection:
        for statement, values in asked:
            if statement.startswith("SELECT"):
                plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
                for *_, step in plan:
                    assert "SCAN projects" not in step or "COVERING INDEX" in step, plan


@pytest.mark.parametrize("change", ["move", "pause"])
def test_a_change_is_seen_in_stamp_and_mark(store: SqlStore, change: str) -> None:
    create(store, "tienda", NOW)
    project: Any = store.load("tienda")
    stamp, marks = store.stamp("emulator"), list(store.marks("emulator"))
    assert store.stamp("emulator") == stamp
    if change == "move":
        store.move(project, move(), NOW)
    else:
        store.pause(project, Pause(NOW + 1, say("a file"), 0, None))
    assert store.stamp("emulator") != stamp
    assert list(store.marks("emulator")) != marks


def test_all_are_gone_through_page_by_page(store: SqlStore) -> None:
    names = [f"p{number:04}" for number in range(2 * PAGE + 1)]
    for name in names:
        store.create(name, "00c0ffee", "emulator", NOW)
    assert [project.name for project in store.each()] == names


def test_many_are_put_off_together_and_whoever_has_changed_is_named(store: SqlStore) -> None:
    """By version and due time: of such a row nothing is written."""
    for name in ("fiel", "movida", "otra", "vista"):
        create(store, name, NOW)
    moved, seen = store.load("movida"), store.load("vista")
    assert moved is not None
    assert seen is not None
    store.move(moved, move(), NOW)
    store.pause(seen, Pause(NOW + 5, None, 0, None))
    rows = [Postponed(name, 0, NOW, NOW + 30) for name in ("fiel", "movida", "otra", "vista")]
    assert set(store.postpone(rows)) == {"movida", "vista"}
    assert [store.load(name).due_at for name in ("fiel", "otra", "vista")] == [  # type: ignore[union-attr]
        NOW + 30,
        NOW + 30,
        NOW + 5,
    ]
    assert store.postpone([Postponed("otra", 0, NOW + 30, NOW + 60)]) == ()
    assert store.postpone([]) == ()


def test_a_pause_keeps_the_facts_that_another_has_written_meanwhile(store: SqlStore) -> None:
    """They are of the same version, so nothing else tells that they are there."""
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    written = move().facts
    store.pause(project, Pause(NOW, None, 0, None, written))
    assert store.pause(project, Pause(NOW, None, 0, None)).facts == written
