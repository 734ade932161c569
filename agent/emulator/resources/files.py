"""The handlers of /files: upload, list, show, content, delete."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from agent.emulator.protocol.errors import ServiceError, invalid, not_found
from agent.emulator.protocol.http import Request, Response, Upload
from agent.emulator.protocol.paging import take_page
from agent.emulator.protocol.responses import respond_created, respond_list
from agent.emulator.resources.context import Context
from agent.emulator.resources.file_row import PENDING_SHARE, File, file_to_json, find_file
from agent.emulator.state import ledger

MOST_BYTES = 512_000_000
_MOST_FILES = 100
_PURPOSES = ("fine-tune", "assistants", "batch", "evals")
_FIRST_PURPOSES = ("fine-tune", "fine-tune-results")  # all that 2024-06-01 and earlier ones know
_MORE_PURPOSES_SINCE = "2024-08-01"
_SHORTEST_EXPIRY, _LONGEST_EXPIRY = 1_209_600, 2_592_000  # 14 and 30 days


def upload_file(context: Context, request: Request) -> Response:
    """POST /files."""
    if request.upload is None or not request.upload.filename:
        raise invalid("The form must have a file with a name in its field 'file'.", "file")
    purpose = read_purpose(request)
    _check_limits(context, len(request.upload.content))
    return take_file(context, request, request.upload, purpose)


def read_purpose(request: Request) -> str:
    """What the file is for. Raises ServiceError."""
    purpose = str(request.json_object().get("purpose", ""))
    if purpose not in _PURPOSES or not _is_known(request, purpose):
        raise invalid(f"The purpose '{purpose}' is not supported.", "purpose")
    return purpose


def take_file(
    context: Context, request: Request, upload: Upload, purpose: str, *, failed: bool = False
) -> Response:
    """The file is kept, and gets ready with time. `failed`: it ends in `error`."""
    now = time.time()
    expires_at = _read_expiry(request, context.behaviour.now())
    file_id = f"file-{uuid.uuid4().hex}"
    context.blobs.put(file_id, upload.content)
    file = _insert(context, file_id, upload, purpose, now, expires_at, failed)
    body = file_to_json(file, file.status(now), request)
    return respond_created(request, f"files/{file_id}", body)


def list_files(context: Context, request: Request) -> Response:
    """GET /files. Without `order`, oldest first, as uploaded."""
    now = time.time()
    visible_until = now - context.behaviour.current.listing_lag_seconds
    rows = context.store.rows(
        "SELECT * FROM files WHERE NOT deleted AND created_at <= ? ORDER BY seq", visible_until
    )
    files = [File(**row) for row in rows if _is_known(request, row["purpose"])]
    files = [file for file in files if not file.is_expired(context.behaviour.now())]
    if "purpose" in request.query:
        files = [file for file in files if file.purpose == request.query["purpose"]]
    if request.query.get("order") == "desc":
        files.reverse()
    page, more = take_page(files, lambda file: file.id, request.query, 10_000, 10_000)
    items = [file_to_json(file, file.status(now), request) for file in page]
    # Up to 2024-10-21 a listing does not say whether there are more; the SDK then asks until a
    # page is empty.
    return respond_list(request, items, more if request.is_at_least("2025-04-01") else None)


def show_file(context: Context, request: Request) -> Response:
    """GET /files/{id}."""
    file = _require_file(context, request)
    status = context.behaviour.reported_status("file", file.status(time.time()))
    return Response(200, file_to_json(file, status, request))


def show_content(context: Context, request: Request) -> Response:
    """GET /files/{id}/content."""
    file = _require_file(context, request)
    headers = {"content-type": "application/octet-stream"}
    return Response(200, raw=context.blobs.get(file.id), headers=headers)


def delete_file(context: Context, request: Request) -> Response:
    """DELETE /files/{id}. Refused while a job that is not over needs the file."""
    file = _require_file(context, request)
    busy = context.store.row(
        "SELECT id FROM jobs WHERE status NOT IN ('succeeded', 'failed', 'cancelled')"
        " AND NOT deleted AND ? IN"
        " (json_extract(spec, '$.training_file'), json_extract(spec, '$.validation_file'))",
        file.id,
    )
    if busy:
        raise ServiceError(
            409, "conflict", f"The file '{file.id}' is in use by the job '{busy['id']}'."
        )
    with context.store.transaction() as db:
        db.execute("UPDATE files SET deleted = 1 WHERE id = ?", (file.id,))
        ledger.record(db, "delete_file", file.id, filename=file.filename)
    context.blobs.drop(file.id)
    if not request.is_at_least("2025-04-01"):
        return Response(204)
    return Response(200, {"object": "file", "id": file.id, "deleted": True})


def _insert(
    context: Context,
    file_id: str,
    upload: Upload,
    purpose: str,
    now: float,
    expires_at: float | None,
    failed: bool,
) -> File:
    seconds = context.behaviour.seconds("file_seconds")
    times = (now + PENDING_SHARE * seconds, now + seconds)
    failed = failed or context.behaviour.current.file_error
    size = len(upload.content)
    with context.store.transaction() as db:
        db.execute(
            "INSERT INTO files(id, created_at, filename, purpose, bytes, running_at, ready_at,"
            " failed, expires_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file_id, now, upload.filename, purpose, size, *times, int(failed), expires_at),
        )
        ledger.record(db, "upload", file_id, filename=upload.filename, purpose=purpose, bytes=size)
    file = find_file(context, file_id)
    assert file  # noqa: S101  it was written above
    return file


def _require_file(context: Context, request: Request) -> File:
    file = find_file(context, request.path["file_id"])
    if file is None or not _is_known(request, file.purpose):
        raise not_found("file", request.path["file_id"])
    return file


def _is_known(request: Request, purpose: str) -> bool:
    """Whether the client's api-version has that purpose."""
    return request.is_at_least(_MORE_PURPOSES_SINCE) or purpose in _FIRST_PURPOSES


def _check_limits(context: Context, size: int) -> None:
    if size == 0:
        raise invalid("The file is empty.", "file")
    if size > MOST_BYTES:
        raise ServiceError(
            413, "invalidPayload", f"The file has {size} bytes; {MOST_BYTES} are allowed.", "file"
        )
    row = context.store.row(
        "SELECT count(*) AS n FROM files WHERE purpose = 'fine-tune' AND NOT deleted"
    )
    set_by_test = context.behaviour.current.most_files
    most = _MOST_FILES if set_by_test is None else set_by_test
    if row and row["n"] >= most:
        raise ServiceError(
            400, "quotaExceeded", f"This resource already keeps {most} files; delete some first."
        )


def _parse_object(given: object) -> dict[str, Any]:
    try:
        parsed = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        parsed = None
    return parsed if isinstance(parsed, dict) else {}


def _read_expiry(request: Request, now: float) -> float | None:
    body = request.json_object()
    whole, seconds = body.get("expires_after"), body.get("expires_after[seconds]")
    if whole is not None:
        # As one part in JSON, which the v1 file describes; SDKs send it in two parts.
        given = _parse_object(whole)
        seconds = given.get("seconds", "")
    if seconds is None:
        return None
    if not str(seconds).isdigit() or not _SHORTEST_EXPIRY <= int(seconds) <= _LONGEST_EXPIRY:
        raise invalid(
            f"expires_after.seconds must be from {_SHORTEST_EXPIRY} to {_LONGEST_EXPIRY}.",
            "expires_after",
        )
    return now + int(seconds)
