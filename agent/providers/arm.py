"""Deployments, through Azure Resource Manager. Used by azure.py.

It is the only surface on which deployments can be made and reliably listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from agent.providers.bearer_auth import BearerAuth
from agent.providers.bounded_http import http_client
from agent.providers.credentials import Login
from agent.providers.errors import Errors
from agent.providers.paging import Page, read_pages
from agent.providers.rests import Rests
from agent.providers.translate import read_objects, require_echo, to_arm_deployment, to_dict
from states.errors import NeedsOperator, NotFound, Unclear
from states.remote import DeploymentSpec, RemoteDeployment
from states.text import say

API_VERSION = "2024-10-01"
LISTINGS = "/subscriptions/"  # in the path of whatever is listed here


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
    def url(self) -> str:
        return (
            f"{self.endpoint.rstrip('/')}/subscriptions/{_segment(self.subscription)}"
            f"/resourceGroups/{_segment(self.resource_group)}"
            f"/providers/Microsoft.CognitiveServices/accounts/{_segment(self.account)}"
        )

    @property
    def deployments_url(self) -> str:
        return f"{self.url}/deployments"


class Arm:
    """Deployments of one account. Never retries: engine/exactly_once.py decides that."""

    def __init__(self, account: ArmAccount, login: Login, timeout: float, errors: Errors) -> None:
        self._account, self._errors = account, errors
        self.rests = Rests()
        self._http = http_client(account.endpoint, timeout, BearerAuth(login), self.rests)

    def get(self, name: str) -> RemoteDeployment | None:
        try:
            return self._read_about(name, self._send("GET", name))
        except NotFound:
            # Gateways err, and what is taken to be absent may be replaced: the listing must agree.
            return self._find_in_listing(name)

    def _read_about(self, name: str, answer: Mapping[str, Any] | None) -> RemoteDeployment:
        """The deployment in an answer; Unclear for an answer about anything else."""
        with self._errors.translate():
            found = to_arm_deployment(answer or {})
            if not _is_same(found.name, name):
                raise ValueError(found.name)
            return found

    def _find_in_listing(self, name: str) -> RemoteDeployment | None:
        try:
            return next((found for found in self.all() if _is_same(found.name, name)), None)
        except NotFound as error:
            raise NeedsOperator(error.text, heals=True) from error

    def all(self) -> Iterator[RemoteDeployment]:
        """One after the other: nobody keeps the thousands that a listing without end may have."""

        def read(link: str | None) -> Page[RemoteDeployment]:
            answer = to_dict(self._send("GET", url=link and self._trust(link)))
            items = [item for item in read_objects(answer.get("value")) if item.get("name")]
            following = answer.get("nextLink")
            return map(to_arm_deployment, items), str(following) if following else None

        return read_pages(read)

    def models(self) -> Iterator[dict[str, Any]]:
        """What the account can use, as Resource Manager lists it."""
        first = f"{self._account.url}/models?api-version={API_VERSION}"

        def read(link: str | None) -> Page[dict[str, Any]]:
            answer = to_dict(self._send("GET", url=self._trust(link) if link else first))
            following = answer.get("nextLink")
            return read_objects(answer.get("value")), str(following) if following else None

        return read_pages(read)

    def _trust(self, link: str) -> str:
        """The link, whole, unless it leads elsewhere: the token is Resource Manager's alone."""
        with suppress(httpx2.InvalidURL):
            link = str(httpx2.URL(self._account.endpoint).join(link))
        is_ours = _read_origin(link) == _read_origin(self._account.endpoint)
        if not is_ours or LISTINGS not in httpx2.URL(link).path:
            raise Unclear(
                say(
                    "A listing goes on at another address ({host}), to which no token is sent; it"
                    " is read again.",
                    host=_read_origin(link)[1],
                )
            )
        return link

    def create(self, spec: DeploymentSpec) -> None:
        model = {"format": spec.format, "name": spec.model, "version": "1"}
        sku = {"name": self._account.sku, "capacity": self._account.capacity}
        body = {"sku": sku, "properties": {"model": model}}
        made = self._read_about(spec.name, self._send("PUT", spec.name, body=body))
        with self._errors.translate():
            require_echo({"model": made.model or spec.model}, model=spec.model)

    def delete(self, name: str) -> None:
        # Answered with nothing, or with the deployment that is going.
        answer = self._send("DELETE", name)
        if answer is not None:
            self._read_about(name, answer)

    def _send(
        self,
        method: str,
        name: str | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        url: str | None = None,
    ) -> dict[str, Any] | None:
        """The JSON about the deployment `name`, or about all of them; None for an empty answer."""
        is_mutation = method != "GET"
        with self._errors.translate(is_mutation=is_mutation):
            path = "" if name is None else f"/{_segment(name)}"
            target = url or f"{self._account.deployments_url}{path}?api-version={API_VERSION}"
            response = self._http.request(method, target, json=body)
            if not response.is_success:  # a redirect too: it has not happened
                self._errors.raise_for_status(
                    response.status_code,
                    response.headers,
                    read_json(response),
                    None,
                    is_mutation=is_mutation,
                )
            if not response.content.strip():
                return None
            answer: dict[str, Any] = self._errors.redactor.deep(to_dict(response.json()))
            return answer

    def close(self) -> None:
        self._http.close()


def _is_same(name: str, other: str) -> bool:
    """Names have no case there."""
    return name.casefold() == other.casefold()


def _segment(name: str) -> str:
    """The name as one part of a path. ValueError for what would lead out of its place."""
    if name in (".", ".."):
        raise ValueError(name)
    return quote(name, safe="")


def _read_origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host, port. The port is None for https://…:443 too: so Resource Manager writes it."""
    with suppress(httpx2.InvalidURL):
        parsed = httpx2.URL(url)
        return parsed.scheme, parsed.host, parsed.port
    return "", "", None


def read_json(response: httpx2.Response) -> object:
    """None for what is no JSON: a proxy's page, say."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
