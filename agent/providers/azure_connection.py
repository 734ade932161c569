"""The way to an Azure OpenAI resource: settings in, an AzureService out.

`connect` is called by Service.connect (agent/settings/services.py).
"""

from __future__ import annotations

from collections.abc import Callable

from agent.logs import Redactor
from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.credentials import token_source
from agent.providers.errors import Errors
from agent.providers.network import check_network
from agent.providers.surfaces import RESOURCE_MANAGER
from agent.settings.config import Settings


def connect(settings: Settings, redactor: Redactor) -> AzureConnection:
    """To the endpoint and the Resource Manager of the settings.

    SettingsError if this machine's proxy or certificates cannot be used on the way."""
    check_network(settings.endpoint)
    if settings.uses_resource_manager:
        check_network(settings.arm_endpoint)
    token = token_source(settings.arm_token)
    return AzureConnection(
        settings, redactor, lambda: settings.endpoint, lambda _url: settings.arm_endpoint, token
    )


class AzureConnection:
    """One AzureService for each address that `url` has given. `manager`: Resource Manager's."""

    def __init__(
        self,
        settings: Settings,
        redactor: Redactor,
        url: Callable[[], str],
        manager: Callable[[str], str],
        token: Callable[[], str],
    ) -> None:
        self._settings, self._redactor = settings, redactor
        self._url, self._manager, self._token = url, manager, token
        self._open: dict[str, AzureService] = {}

    def provider(self) -> AzureService:
        url = self._url()
        if url not in self._open:
            self._open[url] = self._make(url)
            for old in list(self._open)[:-2]:
                # Not the last but one: a tick of another thread may be in the middle of using it.
                self._open.pop(old).close()
        return self._open[url]

    def _make(self, url: str) -> AzureService:
        settings = self._settings
        errors = Errors(url, self._redactor)
        manager = self._manager(url)
        timeout = settings.request_timeout_seconds
        arm = None
        if settings.uses_resource_manager:
            account = ArmAccount(
                endpoint=manager,
                subscription=settings.subscription or "",
                resource_group=settings.resource_group or "",
                account=settings.account,
                sku=settings.deploy_sku,
                capacity=settings.deploy_capacity,
            )
            arm = Arm(
                account, self._token, timeout, Errors(manager, self._redactor, RESOURCE_MANAGER)
            )
        return AzureService(Endpoint(url, settings.key, settings.api_version, timeout), arm, errors)

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()
