"""The handlers of the data plane's deployment listing, which one old api-version still has."""

from __future__ import annotations

import time
from typing import Any

from agent.emulator.protocol.errors import not_found, resource_not_found
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources import deployment_row
from agent.emulator.resources.context import Context
from agent.emulator.resources.deployment_row import Deployment

_VERSION = "2023-03-15-preview"
# The legacy enumeration has no value for "being created".
_STATUS = {"Creating": "running", "Succeeded": "succeeded", "Failed": "failed"}


def list_deployments(context: Context, request: Request) -> Response:
    """GET /deployments."""
    _check_version(request)
    found = [_to_json(one) for one in deployment_row.list_visible(context)]
    return Response(200, {"object": "list", "data": found})


def show_deployment(context: Context, request: Request) -> Response:
    """GET /deployments/{id}."""
    _check_version(request)
    deployment = deployment_row.find_deployment(context, request.path["name"])
    if deployment is None:
        raise not_found("deployment", request.path["name"])
    return Response(200, _to_json(deployment))


def _check_version(request: Request) -> None:
    if request.version != _VERSION:
        raise resource_not_found()


def _to_json(deployment: Deployment) -> dict[str, Any]:
    return {
        "object": "deployment",
        "id": deployment.name,
        "model": deployment.model,
        "owner": "organization-owner",
        "status": _STATUS[deployment.state(time.time())],
        "created_at": int(deployment.created_at),
        "updated_at": int(deployment.updated_at),
        "scale_settings": {"scale_type": "standard", "capacity": deployment.capacity},
    }
