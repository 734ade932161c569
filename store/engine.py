"""Opens the database, and its transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, literal, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from states.errors import SettingsError
from states.text import say
from store.errors import translating_errors
from store.postgres import READING, open_postgres

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
Row = TypeVar("Row")
BUSY_SECONDS = 10.0  # how long one statement waits for another process; the next sweep tries again


def open_engine(url: str) -> Engine:
    """An engine for `url`. Nothing is read yet.

    For SQLite, the folder and an empty file with mode 0600 exist then."""
    parsed = _parse(url)
    try:
        if parsed.get_backend_name() != "sqlite":
            return open_postgres(parsed)
        engine = create_engine(
            parsed,
            connect_args={"timeout": BUSY_SECONDS},
            hide_parameters=True,
            max_overflow=-1,  # dozens of threads look now and then, each for a moment
            execution_options={"turn": threading.Lock()},
        )
    except (ImportError, SQLAlchemyError) as error:
        raise SettingsError(
            say(
                "AGENT_DATABASE_URL: no driver for {backend} is installed. For PostgreSQL: pip"
                " install 'afinador[postgres]'.",
                backend=parsed.drivername,
            )
        ) from error
    if parsed.database and parsed.database != ":memory:":
        with translating_errors(parsed.database):
            _make_private(Path(parsed.database))
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        # The exception would show the URL, which may hold a password. The settings say more.
        raise SettingsError(say("AGENT_DATABASE_URL is not a database URL.")) from error


def is_absent(url: str) -> bool:
    """True for an SQLite file that does not exist yet."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False  # `open_engine` says what is wrong with it
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (
        None,
        "",
        ":memory:",
    )
    return is_file and not Path(str(parsed.database)).exists()


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _configure(connection: Any, _record: Any) -> None:
    # Python's sqlite3 begins transactions by itself, and late; isolation_level None leaves that to
    # _begin.
    connection.isolation_level = None
    # WAL is recorded in the file itself, and a file of another program must stay as it is.
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    connection.execute("PRAGMA cache_size=-512")  # KiB, of each: the system has the pages as well
    for pragma in ("synchronous=FULL", "foreign_keys=ON") if is_foreign(tables) else PRAGMAS:
        _execute_when_free(connection, f"PRAGMA {pragma}")


def _execute_when_free(connection: Any, statement: str) -> None:
    """SQLite refuses the change to WAL at once, without its busy time-out, while another process
    makes the same change."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def is_foreign(tables: set[str]) -> bool:
    """True for the tables of another program, also of one that uses Alembic."""
    return bool(tables) and not {"alembic_version", "checkpoints"} <= tables


def _begin(connection: Connection) -> None:
    # A deferred transaction that writes later can fail half-way with SQLITE_BUSY at once; IMMEDIATE
    # waits for its turn.
    options = connection.get_execution_options()
    if not options.get("looking", False):
        how = "BEGIN" if options.get("reading", False) else "BEGIN IMMEDIATE"
        # Not by SQLAlchemy, which takes as long to say this word as to commit a row.
        connection.connection.dbapi_connection.execute(how)  # type: ignore[union-attr]


def location_of(engine: Engine) -> str:
    """Where the database is, for a person: a file's path, or the URL without any password."""
    url = engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        return str(url.database)
    # Of what libpq is told beside it, where it is and no more: passwords may stand there as well.
    where = {name: url.query[name] for name in ("host", "port", "dbname") if name in url.query}
    return url.set(query=where).render_as_string(hide_password=True)


def is_sqlite(engine: Engine) -> bool:
    """Otherwise it is PostgreSQL, where several workers may share it."""
    return engine.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it or nothing."""
    with (
        translating_errors(location_of(engine)),
        _in_turn(engine.get_execution_options().get("turn")),
        engine.begin() as connection,
    ):
        yield connection


@contextmanager
def _in_turn(turn: threading.Lock | None) -> Iterator[None]:
    """SQLite has one writer at a time, and whoever waits for it sleeps and asks again, ever more
    rarely: the threads of this process line up instead. Whoever has waited for too long goes
    ahead, and hears from SQLite that it is busy."""
    is_mine = turn is not None and turn.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if turn is not None and is_mine:
            turn.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view, which never blocks a writer."""
    options = {"reading": True} if is_sqlite(engine) else READING
    with (
        translating_errors(location_of(engine)),
        engine.connect().execution_options(**options) as connection,
    ):
        yield connection


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """For one statement, which is a consistent view by itself: no transaction is begun for it."""
    with translating_errors(location_of(engine)), engine.connect() as connection:
        yield connection.execution_options(looking=True)


def in_one_order(rows: Iterable[Row], key: Callable[[Row], str]) -> Sequence[Row]:
    """In this order every process writes the rows of one transaction.

    PostgreSQL keeps each row until the end: two that write the same in orders of their own would
    wait for each other, until the server breaks one of them off."""
    return sorted(rows, key=key)


def take_turns(connection: Connection, key: int) -> None:
    """Until this transaction ends, others that take turns by that key wait.

    SQLite's BEGIN IMMEDIATE lets one process in at a time; PostgreSQL needs a lock for that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """True if this call wrote the row, False if one with its key was there."""
    dialect: Any = sqlite
    if connection.dialect.name == "postgresql":
        # Loaded here, for that alone takes a tenth of what `status` takes.
        from sqlalchemy.dialects import postgresql

        dialect = postgresql
    # What it returns tells, not the count of rows, which psycopg does not give for every insert.
    query = dialect.insert(table).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(query, dict(row)).first() is not None
