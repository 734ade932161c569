"""Parses the name and the body of a PUT of a deployment, and refuses what the service refuses.

arm_deployments.py and tools/deploy.py parse, deployment_row.py stores the DeploymentSpec.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.errors import ServiceError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class DeploymentSpec:
    """What the client asked for: `arm_model` has format, name, version; `sku` name, capacity."""

    name: str
    arm_model: dict[str, str]
    sku: dict[str, Any]
    tags: dict[str, str]


def parse_deployment_spec(name: str, body: dict[str, Any]) -> DeploymentSpec:
    """The deployment asked for. Raises ServiceError. That the model exists is checked later."""
    if not _NAME.fullmatch(name):
        message = (
            f"The deployment name '{name}' must have 1 to 64 letters, digits, hyphens, underscores"
            " or dots."
        )
        raise ServiceError(400, "InvalidResourceName", message)
    sku = _parse_sku(body, {"name": "Standard", "capacity": 1})
    return DeploymentSpec(name, _parse_model(body), sku, _parse_tags(body, {}))


def parse_deployment_change(
    body: dict[str, Any], sku: dict[str, Any], tags: dict[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The SKU and the tags that a PATCH wants; what it leaves out stays. Raises ServiceError."""
    return _parse_sku(body, sku), _parse_tags(body, tags)


def _parse_model(body: dict[str, Any]) -> dict[str, str]:
    properties = body.get("properties")
    model = properties.get("model") if isinstance(properties, dict) else None
    if not isinstance(model, dict) or not isinstance(model.get("name"), str):
        raise _invalid("properties.model must have a format, a name and a version.")
    maker = model.get("format")
    if not isinstance(maker, str) or not maker:
        raise _invalid("properties.model must have a format, a name and a version.")
    return {"format": maker, "name": model["name"], "version": str(model.get("version", "1"))}


def _parse_sku(body: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    given = body.get("sku")
    if given is None:
        return otherwise
    sku = {**otherwise, **given} if isinstance(given, dict) else {}
    name, capacity = sku.get("name"), sku.get("capacity")
    if not isinstance(name, str) or not name:
        raise _invalid("sku.name must be text.")
    if isinstance(capacity, bool) or not isinstance(capacity, int) or not 1 <= capacity < 2**31:
        raise _invalid("sku.capacity must be a whole number of at least 1.")
    return {"name": name, "capacity": capacity}


def _parse_tags(body: dict[str, Any], otherwise: dict[str, str]) -> dict[str, str]:
    tags = body.get("tags")
    if tags is None:
        return otherwise
    if not isinstance(tags, dict) or not all(isinstance(one, str) for one in tags.values()):
        raise _invalid("tags must be an object of texts.")
    return tags


def _invalid(message: str) -> ServiceError:
    return ServiceError(400, "InvalidResourceProperties", message)
