"""The handlers of …/checkpoints/{id}/copy: a checkpoint is copied to another account (preview).

The copy bears the name of the checkpoint. There is one resource here, to which every account
leads, so it can be deployed under any account as soon as the copy is complete.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from agent.emulator.protocol.errors import ServiceError, invalid, not_found
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.context import Context
from agent.emulator.resources.job_row import find_job
from agent.emulator.state import ledger
from agent.emulator.state.progression import ManagedStatus, Transition

_HEADER = "aoai-copy-ft-checkpoints"
_ACCOUNT = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.CognitiveServices"
    r"/accounts/[^/]+",
    re.IGNORECASE,
)


def copy_checkpoint(context: Context, request: Request) -> Response:
    """POST …/copy."""
    checkpoint = _require_checkpoint(context, request)
    body = request.json_object()
    destination, region = body.get("destinationResourceId"), body.get("region")
    if not isinstance(destination, str) or not _ACCOUNT.fullmatch(destination):
        raise invalid(
            "The field 'destinationResourceId' must be the ARM id of an account.",
            "destinationResourceId",
        )
    if not isinstance(region, str) or not region:
        raise invalid("The field 'region' is required and must be a string.", "region")
    ready_at = context.behaviour.now() + context.behaviour.seconds("deploy_seconds")
    with context.store.transaction() as db:
        db.execute(
            "INSERT OR IGNORE INTO copies VALUES(?, ?, ?, ?)",
            (checkpoint["id"], destination, region, ready_at),
        )
        ledger.record(db, "copy_checkpoint", checkpoint["id"], region=region)
    return Response(200, _to_json(context, checkpoint))


def show_copies(context: Context, request: Request) -> Response:
    """GET …/copy: where the checkpoint was copied to, and how far each copy is."""
    checkpoint = _require_checkpoint(context, request)
    body = _to_json(context, checkpoint)
    if not body["copiedAccountDetails"]:
        raise not_found("copy of the checkpoint", checkpoint["id"])
    return Response(200, body)


def _require_checkpoint(context: Context, request: Request) -> sqlite3.Row:
    """By its id, or by the name of its model."""
    if request.headers.get(_HEADER) != "preview":
        raise ServiceError(
            400, "invalidPayload", f"This preview needs the header '{_HEADER}: preview'.", _HEADER
        )
    job_id, name = request.path["job_id"], request.path["checkpoint_id"]
    if find_job(context, job_id) is None:
        raise not_found("job", job_id)
    found = context.store.row(
        "SELECT * FROM checkpoints WHERE job = ?1 AND (id = ?2 OR model = ?2)", job_id, name
    )
    if found is None:
        raise not_found("checkpoint", name)
    return found


def _to_json(context: Context, checkpoint: sqlite3.Row) -> dict[str, Any]:
    now = context.behaviour.now()
    copies = context.store.rows(
        "SELECT * FROM copies WHERE checkpoint = ? ORDER BY destination", checkpoint["id"]
    )
    return {
        "checkpointedModelName": checkpoint["model"],
        "fineTuningJobId": checkpoint["job"],
        "copiedAccountDetails": [
            {
                "destinationResourceId": row["destination"],
                "region": row["region"],
                "status": ManagedStatus(
                    "InProgress", (Transition("InProgress", "Completed", row["ready_at"]),)
                ).at(now),
            }
            for row in copies
        ],
    }
