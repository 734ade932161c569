"""The store keeps its promises on PostgreSQL as well, where several machines may share it.

Longer than other files, so that what two processes may do to the same row stands in one place.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from states.errors import Superseded
from states.facts import Facts
from states.stages import Job
from states.state import Event, State
from states.store_port import Instant, Move
from store import notices
from store.blobs import PIECE
from store.engine import insert_if_absent, open_engine
from store.migrate import is_current, upgrade
from store.schema import REVISIONS, blobs, checkpoints, metadata
from store.sql import SqlStore
from tests.postgres import GROUP, Postgres
from tests.unit.test_store_database import migrate_to

pytestmark = GROUP
STAMP = Instant(100.0, "boot", 5.0)


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A database of the test's own with the newest schema."""
    return postgres.database()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    engine = open_engine(url)
    made = SqlStore(engine)
    yield made
    made.close()


def _move(event: Event, to: State) -> Move:
    return Move(event, to, Facts(), due_at=None, generation=1)


def test_a_move_is_guarded_by_the_version(store: SqlStore) -> None:
    """Of two moves from the same version one wins; the other changes nothing."""
    project = store.create("guarded", "aaaaaaaa", "emulator", 1.0)
    moved = store.move(project, _move(Event.PROMPTS_BUILT, State.PROMPTED), 2.0)
    with pytest.raises(Superseded):
        store.move(project, _move(Event.PROMPTS_BUILT, State.PROMPTED), 3.0)
    assert (moved.version, [c.version for c in store.history("guarded")]) == (1, [1])


def test_history_cannot_be_changed(store: SqlStore) -> None:
    """A checkpoint that was made stays."""
    project = store.create("history", "aaaaaaaa", "emulator", 1.0)
    store.move(project, _move(Event.PROMPTS_BUILT, State.PROMPTED), 2.0)
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(delete(checkpoints).where(checkpoints.c.project == "history"))
    assert len(store.history("history")) == 1


def test_a_history_is_read_page_by_page_and_from_its_end(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.projects.PAGE", 3)
    project = store.create("long", "aaaaaaaa", "emulator", 1.0)
    for number in range(7):
        project = store.move(project, _move(Event.HELD, State.DRAFT), 2.0 + number)
    assert [one.version for one in store.each_checkpoint("long")] == list(range(1, 8))
    assert [one.version for one in store.history("long", last=2)] == [6, 7]
    assert [one.version for one in store.history("long", after=6)] == [7]


def test_of_many_agents_one_wins_the_stamp(store: SqlStore, url: str) -> None:
    """Eight agents that saw the same intent race to send it: exactly one may."""
    intent = store.intend(
        store.create("race", "aaaaaaaa", "emulator", 1.0),
        "race.g1.create-job",
        "create-job",
        {},
        1.0,
    )
    agents = [SqlStore(open_engine(url)) for _ in range(8)]
    won: list[object] = []
    start = threading.Barrier(len(agents))

    def race(agent: SqlStore) -> None:
        start.wait()
        won.append(agent.set_last_sent_at(intent, STAMP))
        agent.close()

    threads = [threading.Thread(target=race, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result is not None for result in won) == 1


def test_documents_answers_and_heartbeat_are_kept(store: SqlStore, url: str) -> None:
    """What one agent stored, another machine reads; storing it twice is no error."""
    name = store.memory("docs").keep({"ñ": 1})
    store.memory("docs").keep({"ñ": 1})
    store.memory("docs").expect_answers(2)
    store.memory("docs").keep_answers("model", {"digest": {"text": "queja"}})
    store.memory("docs").keep_answers("model", {"digest": {"text": "other"}})
    store.beat(7, "host", 5.0)
    other = SqlStore(open_engine(url))
    assert other.memory("docs").recall(name) == {"ñ": 1}
    assert other.memory("docs").answers("model") == {"digest": {"text": "queja"}}
    assert other.heartbeats() == [{"pid": 7, "host": "host", "last_tick": 5.0}]
    other.close()


def test_an_insert_tells_whether_it_wrote(store: SqlStore) -> None:
    """A new generation supersedes what its predecessor began only where its intent is new."""
    row = {"sha256": "a" * 64, "content": b""}
    with store.engine.begin() as connection:
        assert insert_if_absent(connection, blobs, row)
        assert not insert_if_absent(connection, blobs, row)


def test_a_large_content_is_kept_in_pieces(store: SqlStore) -> None:
    """Put twice it is there once; what a killed writer left is removed."""
    content = random.Random(1).randbytes(2 * PIECE + 5)
    name = store.put_pieces([content[:9], content[9:]])
    assert store.put_pieces([content]) == name
    assert store.get_blob(name) == content
    store.remove_abandoned_pieces(4e9)
    assert b"".join(store.get_pieces(name)) == content
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pieces")).scalar_one() == 2


def test_two_machines_may_migrate_at_once(postgres: Postgres) -> None:
    """On an empty database all begin together: one migrates, the others wait and find it done."""
    url = postgres.empty_database()
    engines = [open_engine(url) for _ in range(4)]
    failures: list[Exception] = []
    start = threading.Barrier(len(engines))

    def migrate(index: int) -> None:
        start.wait()
        try:
            upgrade(engines[index])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=(i,)) for i in range(len(engines))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for engine in engines:
        assert is_current(engine)
        engine.dispose()


def test_the_migrations_make_exactly_the_schema(store: SqlStore) -> None:
    """What the code believes the tables to be is what they are, here as well."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_database_of_an_earlier_schema_goes_on(postgres: Postgres, revision: str) -> None:
    """Migrated by whoever comes first; its projects lose nothing."""
    engine = open_engine(postgres.empty_database())
    migrate_to(engine, revision)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO projects (name, uid, service, state, generation, version, since, attempts,"
            " facts) VALUES ('vieja', '00c0ffee', 'emulator', 'UPLOADED', 2, 7, 1.0, 0,"
            ' \'{"job_id": "job-1"}\')'
        )
        connection.exec_driver_sql("INSERT INTO blobs (sha256, content) VALUES ('a', 'old')")
    upgrade(engine)
    store = SqlStore(engine)
    old = store.load("vieja")
    assert old is not None
    assert (old.state, old.facts, old.settings) == (State.UPLOADED, Facts(created=Job("job-1")), {})
    assert store.get_blob("a") == b"old"
    assert store.move(old, _move(Event.HELD, State.UPLOADED), 2.0).version == 8
    store.close()


def test_how_far_people_were_told_is_kept_for_each_agent(store: SqlStore) -> None:
    """What is new is told from now on, and a number never falls."""
    project = store.create("told", "aaaaaaaa", "emulator", 1.0)
    project = store.move(project, _move(Event.HELD, State.DRAFT), 2.0)
    store.follow("home", ["one"])
    assert "told" not in store.untold("home", "one")
    store.move(project, _move(Event.HELD, State.DRAFT), 3.0)
    assert store.untold("home", "one")["told"] == 1
    assert [c.version for _, c in store.checkpoints_after("told", 1)] == [2]
    for number in (2, 1):
        store.mark_told("home", "one", "told", number)
    assert store.told("home", "one", "told") == 2
    assert store.untold("another", "one") == {}
    store.follow("home", [])
    assert store.told("home", "one", "told") == 0


def test_two_workers_may_begin_to_tell_people_at_once(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a new address: the second waits, and finds it known."""
    store.move(
        store.create("told", "aaaaaaaa", "emulator", 1.0), _move(Event.HELD, State.DRAFT), 2.0
    )
    meeting, honest = threading.Barrier(2), notices._start

    def meet(*given: Any) -> dict[str, int]:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1)  # before either has written
        return honest(*given)

    monkeypatch.setattr(notices, "_start", meet)
    workers = [store, SqlStore(open_engine(url))]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.follow("shared", ["one", "two"]), workers))
    assert store.told("shared", "one", "told") == 1
    workers[1].close()


def test_two_workers_may_keep_the_same_answers_at_once(store: SqlStore, url: str) -> None:
    """A command beside a worker, each in the order in which they came: none is lost."""
    digests = [f"{number:03}" for number in range(200)]
    workers = [store, SqlStore(open_engine(url))]
    meeting = threading.Barrier(2)

    def keep(number: int) -> None:
        memory = workers[number].memory("tienda")
        for model in map(str, range(10)):
            meeting.wait(10)
            ordered = digests if number else digests[::-1]
            memory.keep_answers(model, {digest: {"text": digest} for digest in ordered})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(keep, range(2)))
    assert all(len(store.memory("tienda").answers(str(model))) == 200 for model in range(10))
    workers[1].close()


def test_a_row_that_cannot_be_read_stands_as_held_beside_the_others(store: SqlStore) -> None:
    """As on SQLite; what is no JSON at all, PostgreSQL refuses itself."""
    for name in ("broken", "whole"):
        store.create(name, "aaaaaaaa", "emulator", 1.0)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE projects SET facts = '[1]' WHERE name = 'broken'"))
    held, whole = store.all()
    assert (held.version, held.hold is not None) == (-1, True)
    assert whole.hold is None


def test_reading_goes_on_while_somebody_writes(store: SqlStore) -> None:
    """And sees nothing of what is not committed."""
    store.create("tienda", "aaaaaaaa", "emulator", 1.0)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE projects SET generation = 7"))
        found = store.load("tienda")
        assert found is not None
        assert found.generation == 1


def test_the_rights_in_the_manual_are_enough_and_no_more(postgres: Postgres, url: str) -> None:
    """A worker with them does all it has to, and can neither change tables nor history."""
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    script = manual.partition("```sql\n")[2].partition("```")[0]
    owner = SqlStore(open_engine(url))
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS worker")
        connection.exec_driver_sql(script)
    engine = open_engine(url.replace("postgres:@", "worker:@"))
    upgrade(engine)
    store = SqlStore(engine)
    try:
        project = store.create("tienda", "aaaaaaaa", "emulator", 1.0)
        project = store.move(project, _move(Event.PROMPTS_BUILT, State.PROMPTED), 2.0)
        store.intend(project, "key", "create-job", {"a": 1}, 3.0)
        assert store.get_blob(store.put_pieces([b"x" * (PIECE + 1)]))[:1] == b"x"
        store.remove_abandoned_pieces(4e9)
        store.memory("tienda").expect_answers(2)
        store.beat(1, "host", 3.0)
        store.follow("home", ["one"])
        store.wake()
        with store.lock_project("tienda") as held:
            assert held is not None
        for statement in ("DELETE FROM checkpoints", "DROP TABLE projects", "CREATE TABLE x ()"):
            with pytest.raises(ProgrammingError), engine.begin() as connection:
                connection.exec_driver_sql(statement)
    finally:
        store.close()
        with owner.engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY worker")
            connection.exec_driver_sql("DROP ROLE worker")
        owner.close()
