"""What a provider has to offer, and what the agent has to know about the service behind it.

Read by every room: the engine and the views see only this file of the providers, bootstrap asks
`Service.connect` for a connection. A second provider is one file with a `connect` and one line in
`KINDS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from states.ports import Read
from states.remote import DeploymentSpec, JobSpec

if TYPE_CHECKING:
    from agent.logs import Redactor
    from agent.settings.config import Settings

UNDATED = ("v1", "preview")  # API versions of the surface without a date


class Provider(Read, Protocol):
    """One remote service: reading (states.ports.Read), each mutation, and how to look for it.

    A mutation is sent at most once per call and never retried here: agent/engine/exactly_once
    decides what is sent again.
    """

    def upload(self, filename: str, content: bytes) -> str:
        """Returns the file's id."""
        ...

    def files_named(self, prefix: str, ending: str) -> Sequence[str]:
        """Ids of all living files whose name begins and ends so."""
        ...

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        """Returns the job's id. This is what is paid for."""
        ...

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        """Ids of all jobs of this training file with that suffix (or, if not echoed, the seed)."""
        ...

    def cancel_job(self, job_id: str) -> None: ...
    def is_job_over(self, job_id: str) -> bool:
        """True only if the service says so; not when it does not find the job."""
        ...

    def create_deployment(self, spec: DeploymentSpec) -> None: ...
    def deployed_model(self, name: str) -> str | None:
        """The model under that name, whatever its state; None if absent or being deleted."""
        ...

    def delete_deployment(self, name: str) -> None: ...
    def delete_file(self, file_id: str) -> None: ...
    def is_file_deleted(self, file_id: str) -> bool:
        """True only if the service says so; not when it does not find the file."""
        ...


class Connection(Protocol):
    """The way to one service for the lifetime of this process."""

    def provider(self) -> Provider:
        """A provider that can be used now. Starts what has to run on this machine."""
        ...

    def close(self) -> None:
        """Nothing stays open, and nothing that was started here keeps running."""
        ...


@dataclass(frozen=True)
class Kind:
    """A sort of service, and what it can do. `module` offers `connect(settings, redactor)`."""

    name: str
    module: str  # imported at the first connection: `status` must not load the SDK
    charges_money: bool = True  # trained on a person's own sentences only
    runs_locally: bool = (
        False  # the agent starts it: no address, no key, nothing leaves the machine
    )
    is_stand_in: bool = False  # its accuracies are not those of the real service: reports say so


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("azure", "agent.providers.azure_connection"),
        Kind(
            "emulator",
            "agent.providers.emulator_process",
            charges_money=False,
            runs_locally=True,
            is_stand_in=True,
        ),
    )
}
REMOTE, LOCAL = "azure", "emulator"  # the kinds that "auto" chooses between


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
