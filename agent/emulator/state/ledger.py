"""The lasting record of every accepted mutation and every chat call; table in storage.py.

The resources record, GET /_emulator/ledger reads; tests may also read the table while offline.
"""

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
    "pause_job",
    "resume_job",
    "delete_job",
    "copy_checkpoint",
    "create_deployment",
    "delete_deployment",
    "expire_deployment",
    "delete_file",
    "chat",
)


def record(db: sqlite3.Connection, kind: str, subject: str, **detail: Any) -> None:
    """Adds an entry within the caller's transaction. The detail never has text of a user."""
    db.execute(
        "INSERT INTO ledger(at, kind, id, detail) VALUES(?, ?, ?, ?)",
        (time.time(), kind, subject, json.dumps(detail)),
    )


def read(store: Store) -> dict[str, Any]:
    """The whole ledger: the number of entries of each kind, and all entries in order."""
    entries = [
        {**dict(row), "detail": json.loads(row["detail"])}
        for row in store.rows("SELECT * FROM ledger ORDER BY n")
    ]
    counts = dict.fromkeys(KINDS, 0)
    for entry in entries:
        counts[entry["kind"]] += 1
    return {"counts": counts, "entries": entries}
