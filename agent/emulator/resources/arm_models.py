"""The handlers of what can be deployed and how much of it: models with dates and SKUs, quota."""

from __future__ import annotations

from typing import Any

from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources import deployment_row
from agent.emulator.resources.base_models import BASE_MODELS, BaseModel
from agent.emulator.resources.context import Context
from agent.emulator.resources.quota import amount_of, count_used, usage_name_of

_CAPACITY = {"minimum": 1, "maximum": 1000, "step": 1, "default": 50}


def list_models(context: Context, _request: Request) -> Response:
    """GET …/accounts/{account}/models: the base models with their dates and SKUs."""
    return Response(200, {"value": _list_models(context)})


def list_location_models(context: Context, _request: Request) -> Response:
    """GET …/locations/{location}/models: the same, each with the kind of account that has it."""
    found = [{"model": model, "kind": "OpenAI", "skuName": "S0"} for model in _list_models(context)]
    return Response(200, {"value": found})


def list_usages(context: Context, _request: Request) -> Response:
    """GET …/usages of an account or of a location: what is taken of each model's quota.

    What was fine-tuned has a quota of its own, beside that of its base model."""
    deployed = deployment_row.list_visible(context)
    names = [
        usage_name_of(model, sku, is_tuned=is_tuned)
        for model in BASE_MODELS
        for sku in model.sku_names
        for is_tuned in (False, True)
    ]
    usages = [
        {
            "name": {"value": name, "localizedValue": name},
            "currentValue": count_used(deployed, name),
            "limit": amount_of(context),
            "unit": "Count",
        }
        for name in names
    ]
    return Response(200, {"value": usages})


def _list_models(context: Context) -> list[dict[str, Any]]:
    """As they are, but for what a test has ordered of some."""
    ordered = context.behaviour.current.models or {}
    return [{**_to_json(model), **ordered.get(model.family, {})} for model in BASE_MODELS]


def _to_json(model: BaseModel) -> dict[str, Any]:
    skus = [
        {
            "name": sku,
            "usageName": usage_name_of(model, sku, is_tuned=True),
            "capacity": _CAPACITY,
        }
        for sku in model.sku_names
    ]
    body = {
        "format": model.maker,
        "name": model.family,
        "version": model.version,
        "capabilities": {"fineTune": str(not model.is_open).lower(), "chatCompletion": "true"},
        "finetuneCapabilities": {"fineTune": "true", "chatCompletion": "true"},
        "lifecycleStatus": "GenerallyAvailable",
        "isDefaultVersion": True,
        "maxCapacity": _CAPACITY["maximum"],
        "skus": skus,
    }
    ends = {"fineTune": model.training_ends, "inference": model.deployments_end}
    told = {name: f"{day}T00:00:00Z" for name, day in ends.items() if day}
    return {**body, "deprecation": told} if told else body
