"""The kinds of service there are, and what the agent has to know about each.

`Service` is read by every room that has to know what may be done there; bootstrap calls `connect`.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from states.errors import SettingsError, problem_of
from states.text import say

if TYPE_CHECKING:
    from agent.providers.contract import Connection
    from agent.redactor import Redactor
    from agent.settings.config import Settings

UNDATED = ("v1", "preview")  # API versions of the surface without a date


@dataclass(frozen=True)
class Kind:
    """A sort of service, and what it can do. `module` offers `connect(settings, redactor)`."""

    name: str
    module: str  # imported at the first connection: `status` must not load the SDK
    charges_money: bool = True  # trained on a person's own sentences only
    runs_locally: bool = False  # started by the agent: no address, no key, nothing leaves here
    has_identity: bool = False  # two homes are two services, though both run locally
    is_stand_in: bool = False  # its accuracies are not those of the real service: reports say so


IDENTITY = "identity"  # the file that tells an emulator from others
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
            has_identity=True,
            is_stand_in=True,
        ),
    )
}


@dataclass(frozen=True)
class Service:
    """The remote service that holds a project's files, job and deployment."""

    kind: str
    host: str = ""  # of a remote one; of a local one the identity, where it has one

    @property
    def name(self) -> str:
        """What the database holds: the host on Azure, otherwise the kind and which one it is."""
        if self.kind == REMOTE:
            return self.host
        return f"{self.kind}/{self.host}" if self.host else self.kind

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
    def has_identity(self) -> bool:
        return self._kind.has_identity

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


def identity_of(home: Path) -> str:
    """The identity of the emulator with this home; empty where it has none (yet).

    SettingsError where it cannot be read: another one would be another service."""
    path = home / IDENTITY
    try:
        return path.read_text("ascii").strip() if path.is_file() else ""
    except OSError as error:
        raise SettingsError(
            say(
                "{path} cannot be read: {problem}. Check AGENT_HOME and its permissions.",
                path=str(path),
                problem=problem_of(error),
            )
        ) from error


def make_identity(home: Path) -> None:
    """A new emulator has an identity before its first project is made.

    One that an earlier version has served keeps going by its kind alone, as its projects say.
    """
    if (home / "emulator.sqlite3").exists() or identity_of(home):
        return
    # What cannot be written is told where the place is looked at (agent/drivers/home_lock.py).
    with suppress(OSError):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(home / IDENTITY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, f"{secrets.token_hex(4)}\n".encode())
        os.close(file)


def is_undated(api_version: str) -> bool:
    """The v1 surface: another SDK client, the deployment in the body, no listing of deployments."""
    return api_version in UNDATED
