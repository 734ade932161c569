"""The database itself: its durability, its schema, and those that cannot be used."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from states import facts_json
from states.errors import SettingsError, StoreError
from states.facts import Facts
from states.places import Artifact
from states.stages import Job
from states.state import State
from store import migrations
from store.engine import is_absent, open_engine
from store.migrate import is_current, upgrade
from store.schema import HEAD, metadata
from store.sql import SqlStore
from tests.unit.stored import NOW, move, path_of


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
        (
            "CREATE TABLE alembic_version (version_num TEXT);"
            " INSERT INTO alembic_version VALUES ('9999'); CREATE TABLE checkpoints (x)",
            "newer version",
        ),
    ],
)
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


def test_a_database_of_the_first_schema_goes_on(tmp_path: Path) -> None:
    """Migrated when it is opened; its projects have no settings of their own, and lose nothing."""
    path = tmp_path / "old.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate_to(engine, "0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO projects (name, uid, service, state, generation, version, since, attempts,"
            " facts) VALUES ('vieja', '00c0ffee', 'emulator', 'UPLOADED', 2, 7, 1.0, 0,"
            ' \'{"job_id": "job-1", "artifacts": {"data/raw/test_cases.json": "b"}}\')'
        )
        connection.commit()
    assert not is_current(engine)
    upgrade(engine)
    store = SqlStore(engine)
    old = store.load("vieja")
    assert old is not None
    assert (old.state, old.generation, old.version, old.settings) == (State.UPLOADED, 2, 7, {})
    assert old.facts == Facts(artifacts={Artifact.CASES: "b"}, created=Job("job-1"))
    assert facts_json.read(old.facts.as_json()) == old.facts
    assert store.move(old, move(State.UPLOADED, generation=2), NOW).version == 8
    assert store.create("nueva", "00c0ffee", "emulator", NOW, {"epochs": 5}).settings == {
        "epochs": 5
    }
    store.close()


def migrate_to(engine: Engine, revision: str) -> None:
    """The schema of an earlier version; of PostgreSQL too (tests/contract/test_postgres.py)."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
