"""Whether a database can be used, seen without making or migrating one. Called by bootstrap."""

from __future__ import annotations

from store.engine import is_absent, open_engine, writing
from store.migrate import is_current


def look(url: str) -> bool | None:
    """Whether it has this version's schema; None where there is none yet.

    StoreError for one that is not ours, is newer, or cannot be written; SettingsError without a
    driver for it."""
    if is_absent(url):
        return None
    engine = open_engine(url)
    try:
        found = is_current(engine)
        with writing(engine):
            pass  # a transaction that writes nothing: one that may not write cannot begin
        return found
    finally:
        engine.dispose()
