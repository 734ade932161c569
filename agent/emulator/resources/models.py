"""The handlers of /models: the base models, and the fine-tuned models of this resource."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agent.emulator.protocol.errors import not_found
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.base_models import BASE_MODELS, BaseModel, find_base_model
from agent.emulator.resources.context import Context

_RELEASED = 1_721_260_800  # 2024-07-18; the emulator knows no better for any of its base models
_RETIRES = "2027-09-28"  # where nobody has published a day: every model must have one


def list_models(context: Context, request: Request) -> Response:
    """GET /models: the base models, then what was trained here."""
    return Response(200, {"object": "list", "data": _list_all(context, request)})


def show_model(context: Context, request: Request) -> Response:
    """GET /models/{id}."""
    for model in _list_all(context, request):
        if model["id"] == request.path["model"]:
            return Response(200, model)
    raise not_found("model", request.path["model"])


def _list_all(context: Context, request: Request) -> list[dict[str, Any]]:
    rows = context.store.rows(
        "SELECT name, job, base, created_at FROM models ORDER BY created_at, name"
    )
    models = [_base_to_json(base) for base in BASE_MODELS]
    models += [
        {
            **_to_json(row["name"], int(row["created_at"]), is_trainable=False),
            "model": row["base"],
            "fine_tune": row["job"],
            "deprecation": {"inference": _seconds(_ends_of(row["base"]))},
        }
        for row in rows
    ]
    if not request.is_v1:
        return models
    return [{**one, "created": one["created_at"], "owned_by": "emulator"} for one in models]


def _base_to_json(base: BaseModel) -> dict[str, Any]:
    days = {"fine_tune": base.training_ends, "inference": base.deployments_end}
    deprecation = {name: _seconds(day or _RETIRES) for name, day in days.items()}
    # The service's list denies it of open weights that it trains: its own tools warn of that.
    body = _to_json(base.dated_name, _RELEASED, is_trainable=not base.is_open)
    return {**body, "deprecation": deprecation}


def _ends_of(base_name: str) -> str:
    base = find_base_model(base_name)
    return (base and base.deployments_end) or _RETIRES


def _seconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _to_json(name: str, created_at: int, *, is_trainable: bool) -> dict[str, Any]:
    capabilities = {
        "fine_tune": is_trainable,
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
