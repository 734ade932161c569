"""A row of the files table: uploaded files and the result files of jobs.

files.py serves them, jobs.py checks a job's files, training_run.py writes result files.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.http import Request
from agent.emulator.resources.context import Context
from agent.emulator.state.progression import ManagedStatus, Transition

PENDING_SHARE = 0.4  # of the time until it is processed a file is pending, then running


@dataclass(frozen=True)
class File:
    """The columns; `running_at` and `ready_at` are the moments of its transitions."""

    seq: int
    id: str
    created_at: float
    filename: str
    purpose: str
    bytes: int
    running_at: float
    ready_at: float
    failed: int
    deleted: int
    expires_at: float | None

    def is_expired(self, now: float) -> bool:
        """By the clock that a test may move."""
        return self.expires_at is not None and self.expires_at <= now

    def status(self, now: float) -> str:
        """pending, running, then processed or error; the clock alone decides."""
        imported = "error" if self.failed else "processed"
        transitions = (
            Transition("pending", "running", self.running_at),
            Transition("running", imported, self.ready_at),
        )
        return ManagedStatus("pending", transitions).at(now)


def find_file(context: Context, file_id: str) -> File | None:
    """The file, or None if it never existed, was deleted, or has expired."""
    row = context.store.row("SELECT * FROM files WHERE id = ? AND NOT deleted", file_id)
    file = File(**row) if row else None
    return None if file is None or file.is_expired(context.behaviour.now()) else file


def write_result_file(db: sqlite3.Connection, file_id: str, size: int) -> None:
    """Records a result file whose content is on disk, or its new size."""
    now = time.time()
    db.execute(
        "INSERT INTO files(id, created_at, filename, purpose, bytes, running_at, ready_at)"
        " VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET bytes = excluded.bytes",
        (file_id, now, "results.csv", "fine-tune-results", size, now, now),
    )


def file_to_json(file: File, status: str, request: Request) -> dict[str, Any]:
    """The file as the client's api-version shows it."""
    body = {
        "object": "file",
        "id": file.id,
        "created_at": int(file.created_at),
        "bytes": file.bytes,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": status,
    }
    if status == "error":
        body["status_details"] = "The import of the file failed."
    if file.expires_at is not None and request.is_at_least("2025-04-01"):
        body["expires_at"] = int(file.expires_at)
    return body
