"""The events of a job. A job that trains again after a kill records the same ones, none twice.

jobs.py and training_run.py add events, GET /fine_tuning/jobs/{id}/events lists them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One message; `data` holds the numbers of a metrics event."""

    message: str
    level: str = "info"
    data: Mapping[str, float] | None = None


def derive_id(kind: str, *parts: object) -> str:
    """The id of something that belongs to a job: the same again when the job is run again."""
    return f"{kind}-{hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"


def add_event(db: sqlite3.Connection, job_id: str, number: int | None, event: Event) -> None:
    """Adds an event under its number (None: the next free one); a number taken stays as it is."""
    if number is None:
        number = db.execute(
            "SELECT ifnull(max(n), -1) + 1 FROM events WHERE job = ?", (job_id,)
        ).fetchone()[0]
    event_id = derive_id("ftevent", job_id, number)
    kind = "metrics" if event.data is not None else "message"
    data = json.dumps(dict(event.data)) if event.data is not None else None
    db.execute(
        "INSERT OR IGNORE INTO events VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        (job_id, number, event_id, time.time(), event.level, kind, event.message, data),
    )


def event_to_json(row: sqlite3.Row) -> dict[str, Any]:
    """An event as both data planes show it."""
    return {
        "object": "fine_tuning.job.event",
        "id": row["id"],
        "created_at": int(row["created_at"]),
        "level": row["level"],
        "message": row["message"],
        "type": row["type"],
        "data": json.loads(row["data"]) if row["data"] else None,
    }
