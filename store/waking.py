"""Workers on one PostgreSQL hear at once that a person has decided something: LISTEN and NOTIFY.

It only saves the time until the next sweep, so nothing is lost where a word is not heard. On SQLite
nobody is told: the daemon sweeps, as it does anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from store.engine import is_sqlite, writing

CHANNEL = "afinador"
LOOK_UP = 1.0  # seconds between two looks whether this process ends
LONGEST_REST = 10.0  # seconds until a server that is away is tried again


class SqlWaking:
    """states.store_port.WakeStore."""

    engine: Engine

    def wake(self) -> None:
        if not is_sqlite(self.engine):
            with writing(self.engine) as connection:
                connection.execute(text(f"NOTIFY {CHANNEL}"))

    def listen(self, woken: Callable[[], None]) -> Callable[[], None]:
        if is_sqlite(self.engine):
            return lambda: None
        listener = _Listener(self.engine, woken)
        listener.start()
        return listener.ended.set


class _Listener(threading.Thread):
    """On a connection of its own. After a break it calls `woken` too: it may have missed one."""

    def __init__(self, engine: Engine, woken: Callable[[], None]) -> None:
        super().__init__(name="listen", daemon=True)
        self._engine, self._woken, self.ended = engine, woken, threading.Event()

    def run(self) -> None:
        rest = LOOK_UP
        while not self.ended.wait(rest if rest > LOOK_UP else 0):
            try:
                self._listen()
            except Exception:  # psycopg's own: the store knows no driver by name
                rest = min(2 * rest, LONGEST_REST)
            else:
                rest = LOOK_UP

    def _listen(self) -> None:
        """Until this process ends, or the connection does."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.detach()
            connection.execute(text(f"LISTEN {CHANNEL}"))
            self._woken()
            raw: Any = connection.connection.dbapi_connection
            while not self.ended.is_set():
                # Several at once are one.
                if list(raw.notifies(timeout=LOOK_UP, stop_after=1)):
                    self._woken()
        finally:
            with suppress(SQLAlchemyError):
                connection.close()
