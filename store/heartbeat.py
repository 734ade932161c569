"""The daemons' signs of life: a row each, written at each sweep and read by `status`.

On SQLite there is one daemon and one row; on PostgreSQL several workers may share the database.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, delete, select, update

from store.engine import insert_if_absent, is_sqlite, reading, writing
from store.schema import daemon

FORGOTTEN = 24 * 3600.0  # seconds after which a worker that gives no sign is not mentioned any more


class SqlHeartbeat:
    """states.store_port.DaemonStore."""

    engine: Engine

    def beat(self, pid: int, host: str, now: float) -> None:
        number = 1 if is_sqlite(self.engine) else zlib.crc32(f"{host} {pid}".encode()) >> 1
        row = {"id": number, "pid": pid, "host": host, "last_tick": now}
        with writing(self.engine) as connection:
            if insert_if_absent(connection, daemon, row):
                connection.execute(delete(daemon).where(daemon.c.last_tick < now - FORGOTTEN))
            else:
                connection.execute(update(daemon).where(daemon.c.id == number).values(**row))

    def heartbeats(self) -> Sequence[dict[str, Any]]:
        query = select(daemon.c.pid, daemon.c.host, daemon.c.last_tick)
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(daemon.c.last_tick.desc())).all()
        return [dict(row._mapping) for row in rows]
