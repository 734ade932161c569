"""SqlStore: everything the program remembers, in one database.

Built by bootstrap; the engine sees it as states.store_port.Store. The tables are served by one
file each: projects.py (with the checkpoints), intents.py, documents.py (on blobs.py), heartbeat.py;
notices.py; trail.py reads from several of them what was spent. locks.py keeps workers apart, and
waking.py wakes them.
"""

from __future__ import annotations

from sqlalchemy import Engine

from store.documents import SqlDocuments, SqlMemory
from store.heartbeat import SqlHeartbeat
from store.intents import SqlIntents
from store.locks import AdvisoryLocks, SqlLocks
from store.notices import SqlNotices
from store.projects import SqlProjects
from store.trail import SqlTrail
from store.waking import SqlWaking

__all__ = ["SqlMemory", "SqlStore"]


class SqlStore(
    SqlProjects, SqlIntents, SqlDocuments, SqlHeartbeat, SqlLocks, SqlWaking, SqlTrail, SqlNotices
):
    """states.store_port.Store on an engine whose schema is current (store.migrate).

    Every write is one short transaction; that of a large blob is several.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._locks = AdvisoryLocks(engine)

    def close(self) -> None:
        self._locks.close()
        self.engine.dispose()
