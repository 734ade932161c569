"""The handlers of the control plane: Azure Resource Manager's deployments of one account."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources import deployment_row
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_row import Deployment
from agent.emulator.resources.deployment_spec import parse_deployment_spec


def put_deployment(context: Context, request: Request) -> Response:
    """PUT …/deployments/{name}."""
    spec = parse_deployment_spec(request.path["name"], request.json_object())
    deployment, is_new = deployment_row.put_deployment(context, _account_id(request), spec)
    return Response(201 if is_new else 200, _to_json(deployment, deployment.state(time.time())))


def show_deployment(context: Context, request: Request) -> Response:
    """GET …/deployments/{name}."""
    name = request.path["name"]
    deployment = deployment_row.find_deployment(context, name)
    if deployment is None:
        message = f"The resource '{_account_id(request)}/deployments/{name}' was not found."
        raise ServiceError(404, "ResourceNotFound", message)
    state = context.behaviour.reported_status("deployment", deployment.state(time.time()))
    return Response(200, _to_json(deployment, state))


def list_deployments(context: Context, _request: Request) -> Response:
    """GET …/deployments."""
    now = time.time()
    found = deployment_row.list_visible(context)
    return Response(200, {"value": [_to_json(one, one.state(now)) for one in found]})


def delete_deployment(context: Context, request: Request) -> Response:
    """DELETE …/deployments/{name}: 200, or 204 if there was none."""
    is_deleted = deployment_row.delete_deployment(context, request.path["name"])
    return Response(200 if is_deleted else 204)


def _account_id(request: Request) -> str:
    path = request.path
    group = f"/subscriptions/{path['subscription']}/resourceGroups/{path['group']}"
    return f"{group}/providers/Microsoft.CognitiveServices/accounts/{path['account']}"


def _to_json(deployment: Deployment, state: str) -> dict[str, Any]:
    capacity = deployment.capacity
    limits = [
        {"key": "request", "renewalPeriod": 10, "count": capacity},
        {"key": "token", "renewalPeriod": 60, "count": 1000 * capacity},
    ]
    return {
        "id": f"{deployment.scope}/deployments/{deployment.name}",
        "type": "Microsoft.CognitiveServices/accounts/deployments",
        "name": deployment.name,
        "sku": json.loads(deployment.sku),
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
