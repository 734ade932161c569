"""When a deployment ends by itself: a developer one after a day, an idle one if a test wants it.

deployment_row.py looks before it shows or changes any, chat.py notes that one was asked. Microsoft
Learn has both rules (idle: fifteen days); the model stays. What somebody keeps on this machine is
not to vanish while they are away, so idleness counts only where it was ordered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from agent.emulator.resources.context import Context
from agent.emulator.state import ledger

_DAY = 86_400.0
_DEVELOPER = "developertier"
_FIND = """
SELECT name, model FROM deployments WHERE expires_at <= ?1
OR instr(model, '.ft-') AND max(ifnull(used_at, 0), updated_at) <= ?1 - ?2
"""


def end_of(sku: Mapping[str, Any], now: float) -> float | None:
    """When a deployment of that SKU ends which is made now; None: not by itself."""
    return now + _DAY if str(sku["name"]).casefold() == _DEVELOPER else None


def note_use(db: sqlite3.Connection, name: str, now: float) -> None:
    """It was asked: it lives on."""
    db.execute("UPDATE deployments SET used_at = ? WHERE name = ?", (now, name))


def remove_expired(context: Context) -> None:
    """What is over goes, as if deleted then, with an entry of its own in the ledger."""
    now, idle = context.behaviour.now(), context.behaviour.current.idle_seconds
    if context.store.row(_FIND, now, idle) is None:
        return
    with context.store.transaction() as db:
        for row in db.execute(_FIND, (now, idle)).fetchall():
            db.execute("DELETE FROM deployments WHERE name = ?", (row["name"],))
            ledger.record(db, "expire_deployment", row["name"], model=row["model"])
