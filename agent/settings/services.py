"""The kinds of service there are, and what the agent has to know about each.

`Service` is read by every room that has to know what may be done there; bootstrap calls `connect`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.logs import Redactor
    from agent.providers.contract import Connection
    from agent.settings.config import Settings

UNDATED = ("v1", "preview")  # API versions of the surface without a date


@dataclass(frozen=True)
class Kind:
    """A sort of service, and what it can do. `module` offers `connect(settings, redactor)`."""

    name: str
    module: str  # imported at the first connection: `status` must not load the SDK
    charges_money: bool = True  # trained on a person's own sentences only
    runs_locally: bool = False  # started by the agent: no address, no key, nothing leaves here
    is_stand_in: bool = False  # its accuracies are not those of the real service: reports say so


REMOTE, LOCAL = "azure", "emulator"  # the kinds that AGENT_PROVIDER=auto chooses between
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(REMOTE, "agent.providers.azure_connection"),
        Kind(
            LOCAL,
            "agent.providers.emulator_process",
            charges_money=False,
            runs_locally=True,
            is_stand_in=True,
        ),
    )
}


@dataclass(frozen=True)
class Service:
    """The remote service that holds a project's files, job and deployment."""

    kind: str
    host: str = ""  # of a remote one

    @property
    def name(self) -> str:
        """What the database holds: the host on Azure, the kind where it runs locally."""
        if self._kind.runs_locally:
            return self.kind
        return self.host if self.kind == REMOTE else f"{self.kind}/{self.host}"

    @staticmethod
    def named(name: str) -> Service:
        """The service of a stored name."""
        kind, _, host = name.partition("/")
        return Service(kind, host) if kind in KINDS else Service(REMOTE, name)

    @property
    def charges_money(self) -> bool:
        return self._kind.charges_money

    @property
    def runs_locally(self) -> bool:
        return self._kind.runs_locally

    @property
    def is_stand_in(self) -> bool:
        return self._kind.is_stand_in

    def home(self, agent_home: Path) -> Path:
        """Where a service that runs locally keeps its files."""
        return agent_home / "data" / self.kind

    @property
    def _kind(self) -> Kind:
        return KINDS[self.kind]

    def connect(self, settings: Settings, redactor: Redactor) -> Connection:
        """The way to this service. Sends nothing yet, and starts nothing."""
        connection: Connection = import_module(self._kind.module).connect(settings, redactor)
        return connection


def is_undated(api_version: str) -> bool:
    """The v1 surface: another SDK client, the deployment in the body, no listing of deployments."""
    return api_version in UNDATED
