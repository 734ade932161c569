"""The lasting record of every accepted mutation and every chat call; the table is described in storage.py."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from agent.emulator.state.storage import Store

KINDS = (
    "upload",
    "create_job",
    "cancel_job",
    "delete_job",
    "create_deployment",
    "delete_deployment",
    "delete_file",
    "chat",
)


def record(db: sqlite3.Connection, kind: str, subject: str, **detail: Any) -> None:
    """Adds a row within the caller's transaction. No training text goes into the detail."""
    db.execute(
        "INSERT INTO ledger(at, kind, id, detail) VALUES(?, ?, ?, ?)",
        (time.time(), kind, subject, json.dumps(detail)),
    )


def read(store: Store) -> dict[str, Any]:
    """The whole ledger: how often each kind, and every entry in its order."""
    entries = [
        {**dict(row), "detail": json.loads(row["detail"])}
        for row in store.rows("SELECT * FROM ledger ORDER BY n")
    ]
    counts = dict.fromkeys(KINDS, 0)
    for entry in entries:
        counts[entry["kind"]] += 1
    return {"counts": counts, "entries": entries}
