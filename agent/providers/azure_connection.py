"""The way to an Azure OpenAI resource: settings in, an AzureService out.

`connect` is called by Service.connect (agent/settings/services.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.credentials import (
    COMMAND,
    Given,
    Identity,
    IdentityLogin,
    Login,
    is_installed,
)
from agent.providers.errors import Errors
from agent.providers.network import check_network
from agent.providers.surfaces import BY_TOKEN, DATA_PLANE, RESOURCE_MANAGER
from agent.redactor import Redactor
from agent.settings.clouds import cloud_of, manager_scope
from agent.settings.config import Settings
from states.errors import SettingsError
from states.text import say


def connect(settings: Settings, redactor: Redactor) -> AzureConnection:
    """To the endpoint and the Resource Manager of the settings.

    SettingsError if this machine's proxy or certificates cannot be used on the way, or if tokens
    are wanted and nothing here can fetch any."""
    check_network(settings.endpoint)
    if settings.uses_resource_manager:
        check_network(settings.arm_endpoint)
    if settings.uses_entra and not is_installed():
        raise SettingsError(
            say(
                "Without AZURE_OPENAI_KEY (in the portal under “Keys and Endpoint” of the resource)"
                " a token of Entra ID is needed, and for that a package: {command}",
                command=COMMAND,
            )
        )
    return AzureConnection(
        settings,
        redactor,
        lambda: settings.endpoint,
        lambda _url: settings.arm_endpoint,
        make_logins(settings),
    )


@dataclass(frozen=True)
class Logins:
    """`data`: for the data plane, None where the key is sent. `manager`: for Resource Manager."""

    data: Login | None
    manager: Login


def make_logins(settings: Settings) -> Logins:
    """What the settings say. Nobody is asked for a token yet."""
    identity = Identity(cloud_of(settings.endpoint).authority)
    data = IdentityLogin(identity, settings.scope, "AZURE_OPENAI_KEY")
    scope = manager_scope(settings.arm_endpoint, settings.endpoint)
    given = settings.arm_token
    return Logins(
        data if settings.uses_entra else None,
        IdentityLogin(identity, scope, "AZURE_ARM_TOKEN") if given is None else Given(given),
    )


class AzureConnection:
    """One AzureService for each address that `url` has given. `manager`: Resource Manager's."""

    def __init__(
        self,
        settings: Settings,
        redactor: Redactor,
        url: Callable[[], str],
        manager: Callable[[str], str],
        logins: Logins,
    ) -> None:
        self._settings, self._redactor = settings, redactor
        self._url, self._manager, self._logins = url, manager, logins
        self._open: dict[str, AzureService] = {}

    def provider(self) -> AzureService:
        url = self._url()
        if url not in self._open:
            self._open[url] = self._make(url)
            for old in list(self._open)[:-2]:
                # Not the last but one: a tick of another thread may be in the middle of using it.
                self._open.pop(old).close()
        return self._open[url]

    def get_ready(self) -> None:
        self.provider().load_sdk()

    def _make(self, url: str) -> AzureService:
        settings, logins = self._settings, self._logins
        surface = DATA_PLANE if logins.data is None else BY_TOKEN
        errors = Errors(url, self._redactor, surface)
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
            manager_errors = Errors(manager, self._redactor, RESOURCE_MANAGER)
            arm = Arm(account, logins.manager, timeout, manager_errors)
        endpoint = Endpoint(url, settings.key, settings.api_version, timeout, logins.data)
        return AzureService(endpoint, arm, errors)

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()
