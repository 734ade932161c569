"""Deployments, through Azure Resource Manager: the only surface on which they can be made and reliably listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from agent.providers.bounded_http import http_client
from agent.providers.errors import Errors
from agent.providers.translate import arm_deployment_of, objects
from states.errors import NeedsOperator, NotFound, Unclear
from states.remote import DeploymentSpec, RemoteDeployment
from states.text import say

API_VERSION = "2024-10-01"


@dataclass(frozen=True)
class ArmAccount:
    """Where the Azure OpenAI resource lives, and how its deployments are to be."""

    endpoint: str
    subscription: str
    resource_group: str
    account: str
    sku: str
    capacity: int

    @property
    def deployments_url(self) -> str:
        return (
            f"{self.endpoint.rstrip('/')}/subscriptions/{quote(self.subscription)}/resourceGroups/{quote(self.resource_group)}"
            f"/providers/Microsoft.CognitiveServices/accounts/{quote(self.account)}/deployments"
        )


class Arm:
    """Deployments of one account. Never retries by itself: what is sent twice is decided above."""

    def __init__(
        self, account: ArmAccount, token: Callable[[], str], timeout: float, errors: Errors
    ) -> None:
        self._account, self._token, self._errors = account, token, errors
        self._http = http_client(account.endpoint, timeout)

    def get(self, name: str) -> RemoteDeployment | None:
        try:
            answer = self._send("GET", f"/{quote(name)}")
        except NotFound:
            # Gateways err, and a deployment that is taken to be absent may be replaced: the listing has to say the same.
            return self._listed(name)
        with self._errors.translated():
            return arm_deployment_of(answer)

    def _listed(self, name: str) -> RemoteDeployment | None:
        try:
            return next((found for found in self.all() if found.name == name), None)
        except NotFound as error:
            raise NeedsOperator(error.text, heals=True) from error

    def all(self) -> Sequence[RemoteDeployment]:
        found: list[RemoteDeployment] = []
        answer = self._send("GET", "")
        while True:
            found += [
                arm_deployment_of(item) for item in objects(answer.get("value")) if item.get("name")
            ]
            following = answer.get("nextLink")
            if not following:
                return found
            answer = self._send("GET", "", url=self._trusted(str(following)))

    def _trusted(self, link: str) -> str:
        """The token goes to nobody but Resource Manager itself, whatever an answer says."""
        if _origin(link) != _origin(self._account.endpoint):
            raise Unclear(
                say(
                    "A listing goes on at another address ({host}), to which no token is sent; it"
                    " is read again.",
                    host=_origin(link)[1],
                )
            )
        return link

    def create(self, spec: DeploymentSpec) -> None:
        model = {"format": "OpenAI", "name": spec.model, "version": "1"}
        sku = {"name": self._account.sku, "capacity": self._account.capacity}
        self._send("PUT", f"/{quote(spec.name)}", body={"sku": sku, "properties": {"model": model}})

    def delete(self, name: str) -> None:
        self._send("DELETE", f"/{quote(name)}")

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        url: str | None = None,
    ) -> dict[str, Any]:
        target = url or f"{self._account.deployments_url}{path}?api-version={API_VERSION}"
        headers = {"Authorization": f"Bearer {self._token()}"}
        acting = method != "GET"
        with self._errors.translated(acting=acting):
            response = self._http.request(method, target, headers=headers, json=body)
            if response.is_error:
                self._errors.refused(
                    response.status_code, response.headers, _error_in(response), None, acting=acting
                )
            data = response.json() if response.content else {}
        return data if isinstance(data, dict) else {}

    def close(self) -> None:
        self._http.close()


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host, port: None also for https://…:443, which is how Resource Manager writes its links."""
    with suppress(httpx2.InvalidURL):
        parsed = httpx2.URL(url)
        return parsed.scheme, parsed.host, parsed.port
    return "", "", None


def _error_in(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        data = response.json()
    except ValueError:
        return {}
    error = data.get("error", data) if isinstance(data, dict) else {}
    return error if isinstance(error, dict) else {}
