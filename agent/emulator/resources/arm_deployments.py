"""The handlers of the control plane: Azure Resource Manager's deployments of one account."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources import deployment_row
from agent.emulator.resources.base_models import find_base_of
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_row import Deployment
from agent.emulator.resources.deployment_spec import parse_deployment_spec
from agent.emulator.resources.rate_limit import REQUEST_SECONDS, TOKEN_SECONDS, TOKENS_PER_UNIT

_TYPE = "Microsoft.CognitiveServices/accounts/deployments"


def put_deployment(context: Context, request: Request) -> Response:
    """PUT …/deployments/{name}."""
    spec = parse_deployment_spec(request.path["name"], request.json_object())
    deployment, is_new = deployment_row.put_deployment(context, _account_id(request), spec)
    return Response(201 if is_new else 200, _to_json(deployment, deployment.state(time.time())))


def show_deployment(context: Context, request: Request) -> Response:
    """GET …/deployments/{name}."""
    deployment = deployment_row.find_deployment(context, request.path["name"])
    if deployment is None:
        raise _deployment_not_found(request)
    state = context.behaviour.reported_status("deployment", deployment.state(time.time()))
    return Response(200, _to_json(deployment, state))


def update_deployment(context: Context, request: Request) -> Response:
    """PATCH …/deployments/{name}: the SKU, its capacity, the tags."""
    name = request.path["name"]
    deployment = deployment_row.update_deployment(context, name, request.json_object())
    if deployment is None:
        raise _deployment_not_found(request)
    return Response(200, _to_json(deployment, deployment.state(time.time())))


def list_skus(context: Context, request: Request) -> Response:
    """GET …/deployments/{name}/skus: as what its model can be deployed."""
    deployment = deployment_row.find_deployment(context, request.path["name"])
    if deployment is None:
        raise _deployment_not_found(request)
    base = find_base_of(deployment.model)
    skus = [
        {"resourceType": _TYPE, "sku": {"name": name}, "capacity": {"minimum": 1, "step": 1}}
        for name in (base.sku_names if base else ())
    ]
    return Response(200, {"value": skus})


def list_deployments(context: Context, _request: Request) -> Response:
    """GET …/deployments."""
    now = time.time()
    found = deployment_row.list_visible(context)
    return Response(200, {"value": [_to_json(one, one.state(now)) for one in found]})


def delete_deployment(context: Context, request: Request) -> Response:
    """DELETE …/deployments/{name}: 200, or 204 if there was none."""
    is_deleted = deployment_row.delete_deployment(context, request.path["name"])
    return Response(200 if is_deleted else 204)


def _deployment_not_found(request: Request) -> ServiceError:
    name = f"{_account_id(request)}/deployments/{request.path['name']}"
    return ServiceError(404, "ResourceNotFound", f"The resource '{name}' was not found.")


def _account_id(request: Request) -> str:
    path = request.path
    group = f"/subscriptions/{path['subscription']}/resourceGroups/{path['group']}"
    return f"{group}/providers/Microsoft.CognitiveServices/accounts/{path['account']}"


def _to_json(deployment: Deployment, state: str) -> dict[str, Any]:
    capacity = deployment.capacity
    limits = [
        {"key": "request", "renewalPeriod": REQUEST_SECONDS, "count": capacity},
        {"key": "token", "renewalPeriod": TOKEN_SECONDS, "count": TOKENS_PER_UNIT * capacity},
    ]
    return {
        "id": f"{deployment.scope}/deployments/{deployment.name}",
        "type": _TYPE,
        "name": deployment.name,
        "sku": json.loads(deployment.sku),
        "tags": json.loads(deployment.tags or "{}"),
        "properties": {
            "model": json.loads(deployment.arm_model),
            "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
            "currentCapacity": capacity,
            "capabilities": {"chatCompletion": "true"},
            "provisioningState": state,
            "rateLimits": limits,
        },
        "systemData": {
            "createdAt": _format_time(deployment.created_at),
            "lastModifiedAt": _format_time(deployment.updated_at),
        },
        "etag": f'"{int(deployment.updated_at * 1000):x}"',
    }


def _format_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
