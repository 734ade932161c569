"""The database as one process reaches it, with points around and inside every transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from store.engine import open_engine
from tests.crash.boundary import Ended
from tests.statements import share_compiled_statements

if TYPE_CHECKING:
    from tests.crash.agent import Agent


class Engine:
    """A SQLAlchemy engine with points around its transactions."""

    def __init__(self, agent: Agent, url: str) -> None:
        self._agent, self._engine = agent, open_engine(url)
        share_compiled_statements(self._engine)
        self._writes = False
        self._connections: list[Any] = []
        event.listen(self._engine, "connect", self._connected)
        event.listen(self._engine, "after_cursor_execute", self._executed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    @property
    def real(self) -> Any:
        return self._engine

    @contextmanager
    def begin(self) -> Iterator[Any]:
        self._agent.point("transaction: before")
        with self._engine.begin() as connection:
            self._writes = True
            try:
                yield connection
                self._agent.locked("transaction: before COMMIT")
            finally:
                self._writes = False
        self._agent.point("transaction: after COMMIT")

    def _executed(self, connection: Any, *_: Any) -> None:
        if self._writes:
            try:
                self._agent.locked("transaction: inside")
            except Ended:
                # The system rolls back at once; here the dead one's frames still hold a cursor, and
                # with it the lock.
                connection.connection.dbapi_connection.rollback()
                raise

    def _connected(self, connection: Any, _record: Any) -> None:
        # A process that ends loses nothing that the system has; the power cut is modelled for files
        # alone (class Disk).
        if self._engine.dialect.name == "sqlite":
            connection.execute("PRAGMA synchronous=OFF")
        self._connections.append(connection)

    def cut_off(self) -> None:
        """As the system does when a process ends: every connection is closed, whatever was open on
        it is rolled back.
        """
        for connection in self._connections:
            connection.close()
        with suppress(Exception):
            self._engine.dispose()
