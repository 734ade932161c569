"""The handlers of the account beside its deployments: itself, its models, rights and quota."""

from __future__ import annotations

from typing import Any

from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources import deployment_row
from agent.emulator.resources.base_models import BASE_MODELS, BaseModel
from agent.emulator.resources.context import Context

LOCATION = "swedencentral"
# Microsoft Learn, "Model retirement schedule", 2026-10-05.
_DEPRECATION = {"fineTune": "2027-04-14T00:00:00Z", "inference": "2027-10-14T00:00:00Z"}
_SKUS = ("Standard", "GlobalStandard", "DataZoneStandard", "DeveloperTier")
_QUOTA = 1000  # thousands of tokens a minute, for each SKU


def show_account(context: Context, request: Request) -> Response:
    """GET …/accounts/{account}."""
    name, keys_disabled = request.path["account"], context.behaviour.current.keys_disabled
    properties = {
        "provisioningState": "Succeeded",
        "endpoint": f"{request.base_url}/",
        "customSubDomainName": name,
        "disableLocalAuth": keys_disabled,
    }
    body = {
        "name": name,
        "type": "Microsoft.CognitiveServices/accounts",
        "kind": "OpenAI",
        "location": LOCATION,
        "sku": {"name": "S0"},
        "properties": properties,
    }
    return Response(200, body)


def list_models(_context: Context, _request: Request) -> Response:
    """GET …/accounts/{account}/models: the base models with their dates and SKUs."""
    return Response(200, {"value": [_to_json(model) for model in BASE_MODELS]})


def list_permissions(_context: Context, _request: Request) -> Response:
    """GET …/permissions: whoever asks may do everything."""
    everything = {"actions": ["*"], "notActions": [], "dataActions": ["*"], "notDataActions": []}
    return Response(200, {"value": [everything]})


def list_usages(context: Context, _request: Request) -> Response:
    """GET …/locations/{location}/usages: what the deployments take of each model's quota."""
    used = sum(one.capacity for one in deployment_row.list_visible(context))
    usages = [
        {
            "name": {"value": _usage_name(model, sku), "localizedValue": _usage_name(model, sku)},
            "currentValue": used,
            "limit": _QUOTA,
            "unit": "Count",
        }
        for model in BASE_MODELS
        for sku in _skus_of(model)
    ]
    return Response(200, {"value": usages})


def _to_json(model: BaseModel) -> dict[str, Any]:
    return {
        "format": model.maker,
        "name": model.family,
        "version": model.version,
        "capabilities": {"fineTune": str(not model.is_open).lower(), "chatCompletion": "true"},
        "lifecycleStatus": "GenerallyAvailable",
        "deprecation": _DEPRECATION,
        "skus": [{"name": sku, "usageName": _usage_name(model, sku)} for sku in _skus_of(model)],
    }


def _skus_of(model: BaseModel) -> list[str]:
    return [sku for sku in _SKUS if not model.refuses_sku(sku)]


def _usage_name(model: BaseModel, sku: str) -> str:
    return f"OpenAI.{sku}.{model.family}-finetune"
