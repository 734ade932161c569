"""Projects and their history in the store: guarded by versions, append-only, private."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy.exc import DBAPIError

from states.errors import StoreError, Superseded
from states.state import State
from states.store_port import Pause
from states.text import say
from store.sql import SqlStore
from tests.unit.stored import NOW, move, path_of


def test_a_project_is_created_once(store: SqlStore) -> None:
    """The second creation returns the first project."""
    first = store.create("tienda", "00c0ffee", "emulator", NOW)
    assert store.create("tienda", "ffffffff", "azure", NOW + 1) == first
    assert (first.state, first.version, first.due_at, first.generation) == (State.DRAFT, 0, NOW, 1)
    assert store.load("nadie") is None


def test_a_move_writes_row_and_checkpoint_together(store: SqlStore) -> None:
    """State, facts, note and time, and the version counts on."""
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    after = store.move(project, move(note=say("hello {x}", x=1)), NOW + 5)
    assert (after.state, after.version, after.since, after.facts.created.id) == (
        State.PROMPTED,
        1,
        NOW + 5,
        "j",
    )
    [checkpoint] = store.history("tienda")
    assert (
        checkpoint.version,
        checkpoint.from_state,
        checkpoint.to_state,
        str(checkpoint.note),
    ) == (
        1,
        State.DRAFT,
        State.PROMPTED,
        "hello 1",
    )


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("state", "PAUSED"),
        ("facts", "{half"),
        ("facts", "[1]"),
        ("hold", '"a word"'),
        ("waiting_for", '{"template": "x"}'),
    ],
)
def test_a_row_that_cannot_be_read_stands_as_held_beside_the_others(
    store: SqlStore, column: str, written: str
) -> None:
    """A later version's word, a slip by hand: it says so itself, and nothing is ever written over
    it.
    """
    for name in ("rota", "sana"):
        store.create(name, "00c0ffee", "emulator", NOW)
    with closing(sqlite3.connect(path_of(store))) as connection:
        connection.execute(f"UPDATE projects SET {column} = ? WHERE name = 'rota'", (written,))  # noqa: S608
        connection.commit()
    broken, sound = store.all()
    assert (sound.name, sound.hold) == ("sana", None)
    assert (broken.name, broken.uid, broken.due_at) == ("rota", "00c0ffee", None)
    assert "project rota cannot be read" in str(broken.hold)
    with pytest.raises(StoreError, match="restore the database from a copy"):
        store.load("rota")
    with pytest.raises(Superseded):
        store.move(broken, move(), NOW)


def test_a_move_from_an_old_version_is_superseded_and_leaves_no_trace(store: SqlStore) -> None:
    """Nor does a pause."""
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    store.move(project, move(), NOW)
    with pytest.raises(Superseded):
        store.move(project, move(State.FAILED), NOW)
    with pytest.raises(Superseded):
        store.pause(project, Pause(NOW, None, 3, None))
    assert len(store.history("tienda")) == 1
    assert store.load("tienda").state is State.PROMPTED  # type: ignore[union-attr]


def test_a_hundred_racing_moves_make_one_checkpoint(store: SqlStore) -> None:
    """Threads on connections of their own: one wins, all others know."""
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    outcomes: list[str] = []

    def race() -> None:
        try:
            store.move(project, move(), NOW)
            outcomes.append("won")
        except Superseded:
            outcomes.append("lost")

    threads = [threading.Thread(target=race) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 19 + ["won"]
    assert len(store.history("tienda")) == 1


@pytest.mark.parametrize("statement", ["UPDATE checkpoints SET at = 0", "DELETE FROM checkpoints"])
def test_history_can_only_grow(store: SqlStore, statement: str) -> None:
    """SQLite itself refuses to change or to delete a checkpoint."""
    store.move(store.create("tienda", "00c0ffee", "emulator", NOW), move(), NOW)
    with (
        closing(sqlite3.connect(path_of(store))) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


def test_documents_and_answers_are_kept(store: SqlStore) -> None:
    """By content; an answer that is paid for is not replaced by a later one, nor seen by another
    project.
    """
    memory = store.memory("tienda")
    name = memory.keep({"ñ": [1, None]})
    assert memory.keep({"ñ": [1, None]}) == name
    assert memory.recall(name) == {"ñ": [1, None]}
    memory.expect_answers(2)
    memory.keep_answers("m", {"d": {"text": "primera"}})
    memory.keep_answers("m", {"d": {"text": "segunda"}})
    assert memory.answers("m") == {"d": {"text": "primera"}}
    assert store.memory("otra").answers("m") == {}


def test_reading_goes_on_while_somebody_writes(store: SqlStore) -> None:
    """A writer in the middle of its transaction keeps no reader waiting."""
    store.create("tienda", "00c0ffee", "emulator", NOW)
    with closing(sqlite3.connect(path_of(store), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE projects SET version = 9")
        assert store.load("tienda").version == 0  # type: ignore[union-attr]
        assert len(store.all()) == 1
        writer.execute("ROLLBACK")


def test_a_statement_that_fails_changes_nothing(store: SqlStore) -> None:
    """The row and the checkpoint are one transaction: where the second is refused, the first is
    undone.
    """
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    with closing(sqlite3.connect(path_of(store))) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError) as raised:
        store.move(project, move(), NOW)
    assert isinstance(raised.value.__cause__, DBAPIError)
    assert store.load("tienda") == project
