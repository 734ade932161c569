"""What the looks are about: the settings, and what they need to look. Made by agent/cli/doctor.py.

A Patient has no service until examination.py has opened the way to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.redactor import Redactor
from agent.settings.config import Settings
from states.errors import AfinadorError
from states.ports import Catalog, Tokens


@dataclass(frozen=True)
class Patient:
    """`look_at_database`: None where there is no database; else whether its schema is this
    version's. It raises what is wrong. `now`: unix seconds."""

    settings: Settings
    redactor: Redactor
    catalog: Catalog
    tokens: Tokens
    look_at_database: Callable[[], bool | None]
    now: Callable[[], float]
    # Each address of AGENT_NOTIFY by a name without secrets, and what is wrong with it; sends
    # nothing. Raises where none can be used.
    check_addresses: Callable[[], Iterable[tuple[str, AfinadorError | None]]] = lambda: ()

    @property
    def is_local(self) -> bool:
        return self.settings.service.runs_locally

    @property
    def base_model(self) -> str:
        """The dated name of the model to train."""
        name = self.settings.project.base_model
        aliases = self.catalog.service["models"]["aliases"]
        return str(aliases.get(name, name))
