"""The command `deploy`: deploys a model by hand, as a person does in the portal.

__main__.py calls it. It asks the running emulator, or writes to the stored state if none runs.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.base_models import find_base_of
from agent.emulator.resources.context import open_context
from agent.emulator.resources.deployment_row import put_deployment
from agent.emulator.resources.deployment_spec import parse_deployment_spec
from agent.emulator.state.home import Home, HomeInUseError
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import require_database

_ACCOUNT = (
    "/subscriptions/by-hand/resourceGroups/by-hand/providers/Microsoft.CognitiveServices"
    "/accounts/emulator"
)
_AUDIENCE = "https://management.azure.com"
_CREATE_SECONDS = 600.0
_POLL_SECONDS = 0.1
_START_SECONDS = 5.0
_RESPONSE_SECONDS = 30.0


def deploy(settings: Settings, model: str, name: str) -> str:
    """Deploys and waits until it is ready; returns a sentence that says so.

    Raises ServiceError, and ValueError for a home without a database.
    """
    require_database(settings.home)  # nothing is created in a mistyped folder
    base = find_base_of(model)
    is_open = base is not None and base.is_open
    sku = {"name": "GlobalStandard" if is_open else "Standard", "capacity": 1}
    maker = base.maker if base else "OpenAI"
    arm_model = {"format": maker, "name": model, "version": "1"}
    body = {"sku": sku, "properties": {"model": arm_model}}
    home = Home(settings.home)
    try:
        lock = home.lock(seconds=0)
    except HomeInUseError:
        url = _wait_for_url(home)
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


def _wait_for_url(home: Home) -> str | None:
    """The address of the emulator that holds the home; it may be just starting."""
    deadline = time.monotonic() + _START_SECONDS
    while (body := home.read_announcement()) is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return str(body["url"]) if body else None


def _deploy_online(url: str, name: str, body: dict[str, Any]) -> None:
    address = f"{url}{_ACCOUNT}/deployments/{quote(name, safe='')}?api-version=2024-10-01"
    deployment = _send(url, address, body)
    deadline = time.monotonic() + _CREATE_SECONDS
    while deployment["properties"]["provisioningState"] == "Creating":
        if time.monotonic() > deadline:
            raise ServiceError(
                504,
                "DeploymentTimeout",
                f"The deployment '{name}' is still being created; look again later.",
            )
        time.sleep(_POLL_SECONDS)
        deployment = _send(url, address)


def _deploy_offline(settings: Settings, name: str, body: dict[str, Any]) -> None:
    context = open_context(settings)
    try:
        put_deployment(context, _ACCOUNT, parse_deployment_spec(name, body))
    finally:
        context.store.close()


def _send(url: str, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """PUT with a body, GET without. Raises ServiceError with the service's own words."""
    headers = {"authorization": f"Bearer {_log_in(url)}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return _ask(address, "GET" if data is None else "PUT", headers, data)


def _log_in(url: str) -> str:
    """A token of the emulator's own: with `keys_disabled` no other is good, and each one ends."""
    found = _ask(f"{url}/msi/token?resource={_AUDIENCE}", "GET", {"X-IDENTITY-HEADER": "by-hand"})
    return str(found["access_token"])


def _ask(
    address: str, method: str, headers: dict[str, str], data: bytes | None = None
) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310  always the loopback address announced
        address, data=data, method=method, headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=_RESPONSE_SECONDS) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        with error:
            told = json.load(error).get("error", {})
        raise ServiceError(
            error.code,
            told.get("code", str(error.code)),
            told.get("message", "The emulator refused."),
        ) from error
