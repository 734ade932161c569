"""The control plane: Azure Resource Manager's deployments of one account."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.wire import Answer, Call
from agent.emulator.resources import deployments
from agent.emulator.resources.deployments import Deployment
from agent.emulator.resources.emulator import Emulator


def put(emulator: Emulator, call: Call) -> Answer:
    """PUT …/deployments/{name}."""
    deployment, new = deployments.put(emulator, _scope(call), call.path["name"], call.document())
    return Answer(201 if new else 200, _shown(deployment))


def show(emulator: Emulator, call: Call) -> Answer:
    """GET …/deployments/{name}."""
    deployment = deployments.find(emulator, call.path["name"])
    if deployment is None:
        message = f"The resource '{_scope(call)}/deployments/{call.path['name']}' was not found."
        raise ServiceError(404, "ResourceNotFound", message)
    return Answer(200, _shown(deployment))


def listing(emulator: Emulator, call: Call) -> Answer:
    """GET …/deployments."""
    return Answer(
        200, {"value": [_shown(one) for one in deployments.everything(emulator, visible=True)]}
    )


def delete(emulator: Emulator, call: Call) -> Answer:
    """DELETE …/deployments/{name}: 200, or 204 if there was none."""
    return Answer(200 if deployments.delete(emulator, call.path["name"]) else 204)


def _scope(call: Call) -> str:
    path = call.path
    group = f"/subscriptions/{path['subscription']}/resourceGroups/{path['group']}"
    return f"{group}/providers/Microsoft.CognitiveServices/accounts/{path['account']}"


def _shown(deployment: Deployment) -> dict[str, Any]:
    stamps = {
        "createdAt": _iso(deployment.created_at),
        "lastModifiedAt": _iso(deployment.updated_at),
    }
    units = deployment.capacity
    limits = [
        {"key": "request", "renewalPeriod": 10, "count": units},
        {"key": "token", "renewalPeriod": 60, "count": 1000 * units},
    ]
    return {
        "id": f"{deployment.scope}/deployments/{deployment.name}",
        "type": "Microsoft.CognitiveServices/accounts/deployments",
        "name": deployment.name,
        "sku": json.loads(deployment.sku),
        "properties": {
            "model": json.loads(deployment.arm_model),
            "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
            "currentCapacity": units,
            "capabilities": {"chatCompletion": "true"},
            "provisioningState": deployment.state(time.time()),
            "rateLimits": limits,
        },
        "systemData": stamps,
        "etag": f'"{int(deployment.updated_at * 1000):x}"',
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
