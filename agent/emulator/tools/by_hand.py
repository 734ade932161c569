"""Deploys a model as a person would in the portal: through the running emulator, or in its stored state when none runs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources import deployments
from agent.emulator.resources.emulator import open_emulator
from agent.emulator.state.process import Home, HomeInUseError
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import stored

_SCOPE = "/subscriptions/by-hand/resourceGroups/by-hand/providers/Microsoft.CognitiveServices/accounts/emulator"
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.1
_START_SECONDS = 5.0
_ANSWER_SECONDS = 30.0


def deploy(settings: Settings, model: str, name: str) -> str:
    """After this call the deployment is ready; answers a sentence that says so. ServiceError; ValueError for a home without state."""
    stored(settings.home)  # nothing is made in a mistyped folder
    body = {
        "sku": {"name": "Standard", "capacity": 1},
        "properties": {"model": {"format": "OpenAI", "name": model, "version": "1"}},
    }
    home = Home(settings.home)
    try:
        lock = home.lock(patience=0)
    except HomeInUseError:
        url = _announced(home)
        if url is None:
            raise
        _deploy_online(url, name, body)
        return f"Deployed {model} as {name} on {url}."
    with lock:
        _deploy_offline(settings, name, body)
    return (
        f"Deployed {model} as {name}; no emulator is running on {settings.home}, it is ready for"
        " the next one."
    )


def _announced(home: Home) -> str | None:
    """Where the holder of the home listens; it may be just starting."""
    deadline = time.monotonic() + _START_SECONDS
    while (said := home.announced()) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return str(said["url"]) if said else None


def _deploy_online(url: str, name: str, body: dict[str, Any]) -> None:
    address = f"{url}{_SCOPE}/deployments/{quote(name, safe='')}?api-version=2024-10-01"
    shown = _ask(address, body)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while shown["properties"]["provisioningState"] == "Creating":
        if time.monotonic() > deadline:
            raise ServiceError(
                504,
                "DeploymentTimeout",
                f"The deployment '{name}' is still being created; look again later.",
            )
        time.sleep(_LOOK_SECONDS)
        shown = _ask(address)


def _deploy_offline(settings: Settings, name: str, body: dict[str, Any]) -> None:
    emulator = open_emulator(settings)
    try:
        deployments.put(emulator, _SCOPE, name, body)
    finally:
        emulator.store.close()


def _ask(address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """PUT with a body, GET without. Raises ServiceError with the service's own words."""
    request = urllib.request.Request(  # noqa: S310  always the loopback address the emulator announced
        address,
        data=json.dumps(body).encode() if body is not None else None,
        method="PUT" if body is not None else "GET",
        headers={"authorization": "Bearer by-hand", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
            shown: dict[str, Any] = json.load(answer)
            return shown
    except urllib.error.HTTPError as error:
        with error:
            told = json.load(error).get("error", {})
        raise ServiceError(
            error.code,
            told.get("code", str(error.code)),
            told.get("message", "The emulator refused."),
        ) from error
