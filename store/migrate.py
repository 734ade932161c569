"""Brings a database to the newest schema, or refuses one that is not ours. Called by bootstrap."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from states.errors import StoreError
from states.text import say
from store.engine import is_foreign, location_of, reading, take_turns, writing
from store.patience import unbound
from store.schema import HEAD, REVISIONS

MIGRATION_LOCK = 0x4146494E  # any number that no other program is likely to lock: "AFIN"


def is_current(engine: Engine) -> bool:
    """True when nothing needs to be done.

    StoreError when the database belongs to another program, or to a newer version."""
    with reading(engine) as connection:
        revision = _revision(connection, engine)
    return revision == HEAD


def upgrade(engine: Engine) -> None:
    """The database has the newest schema. Of several processes at once the second one waits."""
    if is_current(engine):
        return
    is_server = engine.dialect.name == "postgresql"
    with writing(engine) as connection:
        if is_server:
            unbound(connection.connection.dbapi_connection)
        take_turns(connection, MIGRATION_LOCK)
        if _revision(connection, engine) != HEAD:
            _migrate(connection)
    if is_server:
        engine.dispose()  # whoever connects from now on is bounded again


def _migrate(connection: Connection) -> None:
    # Imported only here: `status` must start fast, and almost never migrates.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
    )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection, engine: Engine) -> str | None:
    where = location_of(engine)
    tables = set(inspect(connection).get_table_names())
    if is_foreign(tables):
        raise StoreError(
            say(
                "{where} is the database of another program. Choose another AGENT_DATABASE_URL.",
                where=where,
            )
        )
    if not tables:
        return None
    revision: str | None = connection.execute(
        text("SELECT max(version_num) FROM alembic_version")
    ).scalar_one()
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            say(
                "{where} was written by a newer version of this program (schema {revision}; this"
                " one knows {known}). Install that version.",
                where=where,
                revision=str(revision),
                known=HEAD,
            )
        )
    return revision
