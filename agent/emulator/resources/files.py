"""Uploaded files and result files: what they are, and the operations on them."""

from __future__ import annotations

import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol import surface
from agent.emulator.protocol.errors import ServiceError, invalid, not_found
from agent.emulator.protocol.paging import page
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources.emulator import Emulator
from agent.emulator.state import ledger

_MOST_BYTES = 512_000_000
_MOST_FILES = 100
_WAITING_SHARE = 0.4  # of the time to processed is spent pending, the rest running
_PURPOSES = ("fine-tune", "assistants", "batch", "evals")


@dataclass(frozen=True)
class File:
    """A row of the files table. Its status is a matter of the clock alone."""

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

    def status(self, now: float) -> str:
        """pending, running, then processed or error."""
        if now < self.running_at:
            return "pending"
        if now < self.ready_at:
            return "running"
        return "error" if self.failed else "processed"


def find(emulator: Emulator, file_id: str) -> File | None:
    """The file, unless it never was or was deleted."""
    row = emulator.store.row("SELECT * FROM files WHERE id = ? AND NOT deleted", file_id)
    return File(**row) if row else None


def upload(emulator: Emulator, call: Call) -> Answer:
    """POST /files."""
    if call.upload is None or not call.upload.filename:
        raise invalid("The form must have a file with a name in its field 'file'.", "file")
    purpose = str(call.document().get("purpose", ""))
    if purpose not in _PURPOSES:
        raise invalid(f"The purpose '{purpose}' is not supported.", "purpose")
    size = len(call.upload.content)
    _check_room(emulator, size)
    file_id = f"file-{uuid.uuid4().hex}"
    emulator.blobs.put(file_id, call.upload.content)
    now = time.time()
    ready = now + emulator.behaviours.seconds("file_seconds")
    failed = int(emulator.behaviours.now.file_error)
    with emulator.store.transaction() as db:
        db.execute(
            "INSERT INTO files(id, created_at, filename, purpose, bytes, running_at, ready_at,"
            " failed, expires_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file_id,
                now,
                call.upload.filename,
                purpose,
                size,
                now + _WAITING_SHARE * (ready - now),
                ready,
                failed,
                _expiry(call, now),
            ),
        )
        ledger.record(
            db, "upload", file_id, filename=call.upload.filename, purpose=purpose, bytes=size
        )
    file = find(emulator, file_id)
    assert file  # noqa: S101  it was written above
    return surface.created(call, f"files/{file_id}", _shown(file, file.status(now), call))


def listing(emulator: Emulator, call: Call) -> Answer:
    """GET /files. Without `order`, oldest first, as uploaded."""
    now = time.time()
    visible = now - emulator.behaviours.now.listing_lag_seconds
    rows = emulator.store.rows(
        "SELECT * FROM files WHERE NOT deleted AND created_at <= ? ORDER BY seq", visible
    )
    found = [File(**row) for row in rows]
    if "purpose" in call.query:
        found = [file for file in found if file.purpose == call.query["purpose"]]
    if call.query.get("order") == "desc":
        found.reverse()
    shown, more = page(found, lambda file: file.id, call.query, default=10_000, most=10_000)
    items = [_shown(file, file.status(now), call) for file in shown]
    # Up to 2024-10-21 the listing says nothing of more; the SDK then asks until a page is empty.
    return surface.listing(call, items, more if call.at_least("2025-04-01") else None)


def show(emulator: Emulator, call: Call) -> Answer:
    """GET /files/{id}."""
    file = _required(emulator, call)
    status = emulator.behaviours.next_status("file_status_script", file.status(time.time()))
    return Answer(200, _shown(file, status, call))


def content(emulator: Emulator, call: Call) -> Answer:
    """GET /files/{id}/content."""
    file = _required(emulator, call)
    return Answer(
        200, raw=emulator.blobs.get(file.id), headers={"content-type": "application/octet-stream"}
    )


def delete(emulator: Emulator, call: Call) -> Answer:
    """DELETE /files/{id}. Refused while a job that is not over needs the file."""
    file = _required(emulator, call)
    busy = emulator.store.row(
        "SELECT id FROM jobs WHERE status IN ('pending', 'running') "
        " AND ? IN (json_extract(spec, '$.training_file'), json_extract(spec,"
        " '$.validation_file'))",
        file.id,
    )
    if busy:
        raise ServiceError(
            409, "conflict", f"The file '{file.id}' is in use by the job '{busy['id']}'."
        )
    with emulator.store.transaction() as db:
        db.execute("UPDATE files SET deleted = 1 WHERE id = ?", (file.id,))
        ledger.record(db, "delete_file", file.id, filename=file.filename)
    emulator.blobs.drop(file.id)
    if not call.at_least("2025-04-01"):
        return Answer(204)
    return Answer(200, {"object": "file", "id": file.id, "deleted": True})


def write_result(emulator: Emulator, db: sqlite3.Connection, file_id: str, size: int) -> None:
    """Records a result file whose content is already on disk, or that it has grown."""
    now = time.time()
    db.execute(
        "INSERT INTO files(id, created_at, filename, purpose, bytes, running_at, ready_at)"
        " VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET bytes = excluded.bytes",
        (file_id, now, "results.csv", "fine-tune-results", size, now, now),
    )


def _required(emulator: Emulator, call: Call) -> File:
    file = find(emulator, call.path["file_id"])
    if file is None:
        raise not_found("file", call.path["file_id"])
    return file


def _check_room(emulator: Emulator, size: int) -> None:
    if size == 0:
        raise invalid("The file is empty.", "file")
    if size > _MOST_BYTES:
        raise ServiceError(
            413, "invalidPayload", f"The file has {size} bytes; {_MOST_BYTES} are allowed.", "file"
        )
    row = emulator.store.row(
        "SELECT count(*) AS n FROM files WHERE purpose = 'fine-tune' AND NOT deleted"
    )
    if row and row["n"] >= _MOST_FILES:
        raise ServiceError(
            400,
            "quotaExceeded",
            f"This resource already keeps {_MOST_FILES} files; delete some first.",
        )


def _expiry(call: Call, now: float) -> float | None:
    seconds = call.document().get("expires_after[seconds]")
    if seconds is None:
        return None
    if not str(seconds).isdigit() or not 1_209_600 <= int(seconds) <= 2_592_000:
        raise invalid("expires_after.seconds must be from 1209600 to 2592000.", "expires_after")
    return now + int(seconds)


def _shown(file: File, status: str, call: Call) -> dict[str, Any]:
    shown = {
        "object": "file",
        "id": file.id,
        "created_at": int(file.created_at),
        "bytes": file.bytes,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": status,
    }
    if status == "error":
        shown["status_details"] = "The import of the file failed."
    if file.expires_at is not None and call.at_least("2025-04-01"):
        shown["expires_at"] = int(file.expires_at)
    return shown
