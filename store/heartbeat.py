"""The daemon's sign of life: one row, written at each sweep and read by `status`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select, update

from store.engine import insert_if_absent, reading, writing
from store.schema import daemon


class SqlHeartbeat:
    """states.store_port.DaemonStore."""

    engine: Engine

    def beat(self, pid: int, host: str, now: float) -> None:
        row = {"id": 1, "pid": pid, "host": host, "last_tick": now}
        with writing(self.engine) as connection:
            if not insert_if_absent(connection, daemon, row):
                connection.execute(update(daemon).where(daemon.c.id == 1).values(**row))

    def heartbeat(self) -> dict[str, Any] | None:
        query = select(daemon.c.pid, daemon.c.host, daemon.c.last_tick)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else dict(row._mapping)
