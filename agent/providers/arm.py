"""Deployments, through Azure Resource Manager. Used by azure.py.

It is the only surface on which deployments can be made and reliably listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from agent.providers.bounded_http import http_client
from agent.providers.errors import Errors
from agent.providers.translate import read_objects, to_arm_deployment
from states.errors import NeedsOperator, NotFound, Unclear
from states.remote import DeploymentSpec, RemoteDeployment
from states.text import say

API_VERSION = "2024-10-01"


@dataclass(frozen=True)
class ArmAccount:
    """Where the Azure OpenAI resource is, and what its new deployments are like."""

    endpoint: str
    subscription: str
    resource_group: str
    account: str
    sku: str
    capacity: int

    @property
    def deployments_url(self) -> str:
        return (
            f"{self.endpoint.rstrip('/')}/subscriptions/{quote(self.subscription)}"
            f"/resourceGroups/{quote(self.resource_group)}"
            f"/providers/Microsoft.CognitiveServices/accounts/{quote(self.account)}/deployments"
        )


class Arm:
    """Deployments of one account. Never retries: engine/exactly_once.py decides that."""

    def __init__(
        self, account: ArmAccount, token: Callable[[], str], timeout: float, errors: Errors
    ) -> None:
        self._account, self._token, self._errors = account, token, errors
        self._http = http_client(account.endpoint, timeout)

    def get(self, name: str) -> RemoteDeployment | None:
        try:
            answer = self._send("GET", f"/{quote(name)}")
        except NotFound:
            # Gateways err, and what is taken to be absent may be replaced: the listing must agree.
            return self._find_in_listing(name)
        with self._errors.translate():
            return to_arm_deployment(answer)

    def _find_in_listing(self, name: str) -> RemoteDeployment | None:
        try:
            return next((found for found in self.all() if found.name == name), None)
        except NotFound as error:
            raise NeedsOperator(error.text, heals=True) from error

    def all(self) -> Sequence[RemoteDeployment]:
        found: list[RemoteDeployment] = []
        answer = self._send("GET", "")
        while True:
            found += [
                to_arm_deployment(item)
                for item in read_objects(answer.get("value"))
                if item.get("name")
            ]
            following = answer.get("nextLink")
            if not following:
                return found
            answer = self._send("GET", "", url=self._trust(str(following)))

    def _trust(self, link: str) -> str:
        """The link, unless it leads elsewhere: the token goes to Resource Manager alone."""
        if _read_origin(link) != _read_origin(self._account.endpoint):
            raise Unclear(
                say(
                    "A listing goes on at another address ({host}), to which no token is sent; it"
                    " is read again.",
                    host=_read_origin(link)[1],
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
        is_mutation = method != "GET"
        with self._errors.translate(is_mutation=is_mutation):
            response = self._http.request(method, target, headers=headers, json=body)
            if not response.is_success:  # a redirect too: it has not happened
                self._errors.raise_for_status(
                    response.status_code,
                    response.headers,
                    _read_error(response),
                    None,
                    is_mutation=is_mutation,
                )
            data = response.json() if response.content else {}
        return data if isinstance(data, dict) else {}

    def close(self) -> None:
        self._http.close()


def _read_origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host, port. The port is None for https://…:443 too: so Resource Manager writes it."""
    with suppress(httpx2.InvalidURL):
        parsed = httpx2.URL(url)
        return parsed.scheme, parsed.host, parsed.port
    return "", "", None


def _read_error(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        data = response.json()
    except ValueError:
        return {}
    error = data.get("error", data) if isinstance(data, dict) else {}
    return error if isinstance(error, dict) else {}
