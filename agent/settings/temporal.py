"""How Temporal is reached: read from the settings of agent/settings/declared/temporal.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.settings.named_file import mind_named
from agent.settings.reader import Reader
from states.errors import SettingsError
from states.text import say

PREFIX = "temporal_"  # of the fields that the settings are declared with
LARGEST = 1_000_000  # bytes of PEM


@dataclass(frozen=True)
class Temporal:
    """`address` is empty where there is none. The other files are paths of PEM."""

    address: str
    namespace: str
    task_queue: str
    tls: str  # auto | on | off
    ca: str | None
    cert: str | None
    key: str | None
    api_key: str | None = field(repr=False)

    @property
    def uses_tls(self) -> bool:
        """Whatever tells who we are goes over TLS only."""
        return self.tls == "on" or (self.tls == "auto" and self.is_identified)

    @property
    def is_identified(self) -> bool:
        return any((self.ca, self.cert, self.api_key))


def take_temporal(reader: Reader, read: dict[str, Any]) -> Temporal:
    """Takes the fields of Temporal out of `read`. Mistakes go to the reader."""
    names = [name for name in read if name.startswith(PREFIX)]
    found = Temporal(**{name.removeprefix(PREFIX): read.pop(name) for name in names})
    _check(reader, found)
    return found


def _check(reader: Reader, found: Temporal) -> None:
    if (found.cert is None) != (found.key is None):
        reader.add_mistake(
            say("AGENT_TEMPORAL_TLS_CERT and AGENT_TEMPORAL_TLS_KEY: set both, or neither.")
        )
    if found.tls == "off" and found.is_identified:
        reader.add_mistake(
            say(
                "AGENT_TEMPORAL_TLS=off would send the key in the clear: set it to on, or leave"
                " out AGENT_TEMPORAL_API_KEY and the certificates."
            )
        )
    files: Mapping[str, str | None] = {
        "AGENT_TEMPORAL_TLS_CA": found.ca,
        "AGENT_TEMPORAL_TLS_CERT": found.cert,
        "AGENT_TEMPORAL_TLS_KEY": found.key,
    }
    for name, path in files.items():
        if path is None:
            continue
        try:
            mind_named(Path(path), LARGEST)
        except SettingsError as error:
            reader.add_mistake(
                say(
                    "{name} names {file}, which cannot be read ({problem}).",
                    name=name,
                    file=path,
                    problem=error.text,
                )
            )
