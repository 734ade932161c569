"""What a job tells about itself. A job that trains again after a kill tells the same once more, and nothing is doubled."""

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


def derived_id(kind: str, *parts: object) -> str:
    """An id that the same job gets again for the same thing, however often it is interrupted."""
    return f"{kind}-{hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"


def add(db: sqlite3.Connection, job_id: str, number: int | None, event: Event) -> None:
    """Adds an event under its number (None: the next free one); a number already taken is left as it is."""
    if number is None:
        number = db.execute(
            "SELECT ifnull(max(n), -1) + 1 FROM events WHERE job = ?", (job_id,)
        ).fetchone()[0]
    kind = "metrics" if event.data is not None else "message"
    data = json.dumps(dict(event.data)) if event.data is not None else None
    db.execute(
        "INSERT OR IGNORE INTO events VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job_id,
            number,
            derived_id("ftevent", job_id, number),
            time.time(),
            event.level,
            kind,
            event.message,
            data,
        ),
    )


def shown(row: sqlite3.Row) -> dict[str, Any]:
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
