"""Which of several workers ticks a project: on PostgreSQL, its own session advisory locks.

The server lets go of them itself when the connection ends, however the worker died; so there is no
lease, no clock and no election of ours. SQLite needs none: the lock of the home keeps a second
daemon out (agent/drivers/home_lock.py). They are for order, not for safety.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from store.engine import is_sqlite, location_of
from store.errors import translating_errors

# A machine that vanishes without a word is given up by the server after 5 + 3 × 2 seconds.
_KEEPALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '5', false),"
    " set_config('tcp_keepalives_interval', '2', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_GIVE = text("SELECT pg_advisory_unlock(:key)")
_ALIVE = text("SELECT 1")


class SqlLocks:
    """states.store_port.LockStore."""

    engine: Engine
    _locks: AdvisoryLocks

    @property
    def is_shared(self) -> bool:
        return not is_sqlite(self.engine)

    @contextmanager
    def lock_project(self, name: str) -> Iterator[Callable[[], bool] | None]:
        if not self.is_shared:
            yield lambda: True
            return
        key = key_of(f"project {name}")
        with translating_errors(location_of(self.engine)):
            session = self._locks.take(key)
        if session is None:
            yield None
            return
        try:
            yield lambda: self._locks.is_held(session)
        finally:
            self._locks.give(session, key)


def key_of(what: str) -> int:
    """64 bits, signed. Two names with the same key would only wait for each other."""
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)


class AdvisoryLocks:
    """The locks of this process, all on one connection of their own, which is opened when needed.

    A connection that breaks takes all of them with it; what was taken since is on another one."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._mutex = engine, threading.Lock()
        self._session: Connection | None = None
        self._held: set[int] = set()

    def take(self, key: int) -> Connection | None:
        """The session that holds it now. None if another process, or thread of this one, does."""
        with self._mutex:
            if key in self._held:  # the server would give it to the same session once more
                return None
            try:
                session = self._session or self._open()
                if not session.execute(_TAKE, {"key": key}).scalar_one():
                    return None
            except SQLAlchemyError:
                self._drop()
                raise
            self._held.add(key)
            return session

    def is_held(self, session: Connection) -> bool:
        """True while the session lives. Asks the server."""
        with self._mutex:
            if session is not self._session:
                return False
            try:
                session.execute(_ALIVE)
            except SQLAlchemyError:
                self._drop()
                return False
            return True

    def give(self, session: Connection, key: int) -> None:
        with self._mutex:
            if session is not self._session:
                return  # it went with its session
            self._held.discard(key)
            try:
                session.execute(_GIVE, {"key": key})
            except SQLAlchemyError:
                self._drop()

    def close(self) -> None:
        with self._mutex:
            self._drop()

    def _open(self) -> Connection:
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._session = session
        session.detach()  # it takes no place in the pool
        session.execute(_KEEPALIVE)
        return session

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._held.clear()
        if session is not None:
            with suppress(SQLAlchemyError):
                session.close()
