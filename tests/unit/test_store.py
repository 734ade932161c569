"""The memory: guarded, append-only, private, and clear about databases it cannot use."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from states.errors import SettingsError, StoreError, Superseded
from states.model import Event, Facts, Project, State
from states.store_port import Instant, Move, Pause
from states.text import say
from store.engine import is_absent, open_engine
from store.files import remove_leftovers, write_atomically
from store.migrate import is_current, upgrade
from store.schema import HEAD, effects, metadata
from store.sql import SqlStore

NOW = 1_800_000_000.0
STAMP = Instant(NOW, "boot", 5.0)
TIENDA = Project(
    "tienda", "00c0ffee", "emulator", State.DRAFT, 1, 0, NOW, NOW, None, None, 0, None, Facts()
)


def move(to: State = State.PROMPTED, **changes: Any) -> Move:
    return replace(Move(Event.PROMPTS_BUILT, to, Facts(job_id="j"), NOW, 1), **changes)


def path_of(store: SqlStore) -> Path:
    return Path(str(store.engine.url.database))


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
    assert (after.state, after.version, after.since, after.facts.job_id) == (
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
    """A later version's word, a slip by hand: it says so itself, and nothing is ever written over it."""
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


def test_what_was_done_at_another_service_is_not_known_at_this_one(store: SqlStore) -> None:
    """A project that moves to Azure takes nothing along from the emulator: no contact, no stamp, no files."""
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
    """Never sent, or refused: a person may change the settings. Under way, or done: what was asked for stands."""
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
    """A process that loaded the project before somebody moved it: neither an intent, nor a claim, nor a calling off."""
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


def test_documents_and_answers_are_kept(store: SqlStore) -> None:
    """By content; an answer that is paid for is not replaced by a later one, nor seen by another project."""
    memory = store.memory("tienda")
    name = memory.keep({"ñ": [1, None]})
    assert memory.keep({"ñ": [1, None]}) == name
    assert memory.recall(name) == {"ñ": [1, None]}
    memory.expect_answer()
    memory.keep_answer("m", "d", {"text": "primera"})
    memory.keep_answer("m", "d", {"text": "segunda"})
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


def test_what_is_committed_survives_the_power(store: SqlStore) -> None:
    """WAL with full synchronisation, on every connection."""
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_the_file_is_for_its_owner_alone(store: SqlStore) -> None:
    """Mode 0600, its companions included."""
    store.create("tienda", "00c0ffee", "emulator", NOW)
    for path in path_of(store).parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_migrations_make_exactly_the_schema(store: SqlStore) -> None:
    """What the code believes the tables to be is what they are."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert (
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        )


def test_many_may_migrate_at_once(tmp_path: Path) -> None:
    """The second one waits, then finds it done."""
    url = f"sqlite:///{tmp_path}/x.db"
    problems: list[BaseException] = []

    def go() -> None:
        engine = open_engine(url)
        try:
            upgrade(engine)
        except BaseException as error:
            problems.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    engine = open_engine(url)
    assert is_current(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("CREATE TABLE recipes (name TEXT)", "another program"),
        ("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999'); CREATE TABLE checkpoints (x)", "newer version"),
    ],
)  # fmt: skip
def test_a_database_that_is_not_ours_is_refused(tmp_path: Path, script: str, told: str) -> None:
    """With its path and what to do; nothing is added to it."""
    path = tmp_path / "ajena ñ.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=told) as raised:
        upgrade(engine)
    engine.dispose()
    assert str(path) in str(raised.value)
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'projects'"
        ).fetchone()


def test_a_damaged_database_is_told_as_such(store: SqlStore) -> None:
    """Not a traceback of somebody else's library."""
    path = path_of(store)
    store.close()
    for companion in path.parent.iterdir():
        companion.write_bytes(b"garbage" * 1000)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="not a usable database"):
        upgrade(engine)
    engine.dispose()


def test_a_url_that_is_none_is_a_mistake_of_the_settings() -> None:
    """Never shown: it may hold a password."""
    for url in ("no url", "nothing://ana:s3creto@x/y"):
        with pytest.raises(SettingsError) as raised:
            open_engine(url)
        assert "s3creto" not in str(raised.value)


def test_looking_makes_no_file(tmp_path: Path) -> None:
    """Asking whether there is a database does not create it."""
    url = f"sqlite:///{tmp_path}/none.db"
    assert is_absent(url)
    assert not (tmp_path / "none.db").exists()
    assert not is_absent("nonsense")


def test_a_statement_that_fails_changes_nothing(store: SqlStore) -> None:
    """The row and the checkpoint are one transaction: where the second is refused, the first is undone."""
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    with closing(sqlite3.connect(path_of(store))) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError) as raised:
        store.move(project, move(), NOW)
    assert isinstance(raised.value.__cause__, DBAPIError)
    assert store.load("tienda") == project


# Files ------------------------------------------------------------------------------------------------------------------


def test_a_file_is_the_old_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Private, in folders of its own making; a failure half-way leaves the old one and no litter."""
    path = tmp_path / "a" / "b" / "datos.json"
    write_atomically(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match=r"No space left on device.*untouched"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["datos.json"]


def test_leftovers_of_the_killed_are_removed_and_those_of_the_living_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute is the difference. What a person calls so is no leftover of ours."""
    old, young = sorted(half_written(tmp_path, monkeypatch) for _ in range(2))
    theirs = [tmp_path / name for name in ("x.part", ".film.part", ".x.json.mine.part")]
    for path in (old, young, *theirs):
        path.touch()
        os.utime(path, (NOW - 61, NOW - 61))
    os.utime(young, (NOW - 1, NOW - 1))
    remove_leftovers(tmp_path, NOW)
    assert [path.exists() for path in (old, young, *theirs)] == [False, True, True, True, True]


def half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file beside `datos.json` that a process leaves which is killed while it writes."""
    before = set(folder.iterdir())
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        killed.setattr(Path, "unlink", lambda *_: None)
        write_atomically(folder / "datos.json", b"new")
    [left] = set(folder.iterdir()) - before
    return left
