"""The data plane's read-only listings: models, and deployments in the one legacy api-version that still answers."""

from __future__ import annotations

import time
from typing import Any

from agent.emulator.protocol.errors import ServiceError, not_found
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources import deployments
from agent.emulator.resources.deployments import Deployment
from agent.emulator.resources.emulator import Emulator
from agent.emulator.state.catalogue import BASE_MODELS, BaseModel

_LEGACY = "2023-03-15-preview"
# The legacy enumeration has no word for "being created".
_LEGACY_STATUS = {"Creating": "running", "Succeeded": "succeeded", "Failed": "failed"}
_RELEASED = 1_721_260_800  # 2024-07-18; the emulator knows no better for any of its base models
_RETIRES = 1_822_089_600  # 2027-09-28, inference; a plausible date, nothing depends on it


def models(emulator: Emulator, call: Call) -> Answer:
    """GET /models: the catalogue of base models, then what was trained here."""
    return Answer(200, {"object": "list", "data": _models(emulator, call)})


def model(emulator: Emulator, call: Call) -> Answer:
    """GET /models/{id}."""
    for known in _models(emulator, call):
        if known["id"] == call.path["model"]:
            return Answer(200, known)
    raise not_found("model", call.path["model"])


def legacy_deployments(emulator: Emulator, call: Call) -> Answer:
    """GET /deployments."""
    _check_legacy(call)
    return Answer(
        200,
        {
            "object": "list",
            "data": [_legacy(one) for one in deployments.everything(emulator, visible=True)],
        },
    )


def legacy_deployment(emulator: Emulator, call: Call) -> Answer:
    """GET /deployments/{id}."""
    _check_legacy(call)
    found = deployments.find(emulator, call.path["name"])
    if found is None:
        raise not_found("deployment", call.path["name"])
    return Answer(200, _legacy(found))


def _check_legacy(call: Call) -> None:
    if call.version != _LEGACY:
        raise ServiceError(404, "404", "Resource not found")


def _legacy(deployment: Deployment) -> dict[str, Any]:
    return {
        "object": "deployment",
        "id": deployment.name,
        "model": deployment.model,
        "owner": "organization-owner",
        "status": _LEGACY_STATUS[deployment.state(time.time())],
        "created_at": int(deployment.created_at),
        "updated_at": int(deployment.updated_at),
        "scale_settings": {"scale_type": "standard", "capacity": deployment.capacity},
    }


def _models(emulator: Emulator, call: Call) -> list[dict[str, Any]]:
    tuned = emulator.store.rows(
        "SELECT name, job, base, created_at FROM models ORDER BY created_at, name"
    )
    shown = [_base(one) for one in BASE_MODELS]
    shown += [
        {
            **_entry(row["name"], int(row["created_at"]), trainable=False),
            "model": row["base"],
            "fine_tune": row["job"],
            "deprecation": {"inference": _RETIRES},
        }
        for row in tuned
    ]
    return (
        [{**entry, "created": entry["created_at"], "owned_by": "emulator"} for entry in shown]
        if call.v1
        else shown
    )


def _base(base: BaseModel) -> dict[str, Any]:
    deprecation = {"fine_tune": _RETIRES, "inference": _RETIRES}
    return {**_entry(base.dated, _RELEASED, trainable=True), "deprecation": deprecation}


def _entry(name: str, created_at: int, *, trainable: bool) -> dict[str, Any]:
    capabilities = {
        "fine_tune": trainable,
        "inference": True,
        "completion": False,
        "chat_completion": True,
        "embeddings": False,
    }
    return {
        "object": "model",
        "id": name,
        "created_at": created_at,
        "status": "succeeded",
        "capabilities": capabilities,
        "lifecycle_status": "generally-available",
    }
