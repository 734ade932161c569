"""Whether a database can be used, seen without making or migrating one. Called by bootstrap."""

from __future__ import annotations

from sqlalchemy import false, update

from store.engine import is_absent, open_engine, writing
from store.migrate import is_current
from store.schema import projects


def look(url: str) -> bool | None:
    """Whether it has this version's schema; None where there is none yet.

    StoreError for one that is not ours, is newer, or cannot be written; SettingsError without a
    driver for it."""
    if is_absent(url):
        return None
    engine = open_engine(url)
    try:
        found = is_current(engine)
        # One that may not write cannot begin, on SQLite. PostgreSQL says so to what would write: a
        # standby, or a user without the right to.
        with writing(engine) as connection:
            if found:
                connection.execute(update(projects).where(false()).values(version=0))
        return found
    finally:
        engine.dispose()
