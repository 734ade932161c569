"""One setting as data: its name, what it may be, and why. Declared in agent/settings/declared.

Read by config.py (values), by pages.py (.env.example and the tables of docs/settings.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agent.settings.reader import Reader
from states.text import say


class Check(Protocol):
    """What a value may be. Mistakes are collected by the reader, and the default is returned."""

    def read(self, reader: Reader, name: str, default: Any) -> Any: ...


class Words(NamedTuple):
    """A sentence for docs/settings.md."""

    en: str
    es: str


SAME_AS_REMOTE = object()  # the local default is that of a remote service


@dataclass(frozen=True)
class Setting:
    """`local`: the default where the service runs on this machine (the emulator).

    Without a `reason` and a `why` it shares the paragraph and the row of the setting before it."""

    name: str  # of the environment variable; empty where only a project's row can say it
    field: str  # of Settings, or of ProjectSettings
    check: Check
    default: Any = None
    local: Any = SAME_AS_REMOTE
    is_read_locally: bool = True  # False: `local` is the value, whatever the environment says
    is_project: bool = False  # a project's row may say otherwise
    is_secret: bool = False
    is_environment_only: bool = False  # it cannot stand in the file whose name it holds
    reason: str = ""  # the comment in .env.example
    why: Words | None = None  # the explanation in docs/settings.md
    shown: Words | None = None  # the docs' word for a default that does not say it itself
    shown_local: str | None = None  # the same for the emulator, in both languages
    example: str | None = None  # shown in .env.example in place of the default

    @property
    def has_local_default(self) -> bool:
        return self.local is not SAME_AS_REMOTE

    def default_for(self, runs_locally: bool) -> Any:
        return self.local if runs_locally and self.has_local_default else self.default

    def read(self, reader: Reader, runs_locally: bool) -> Any:
        """The value of the environment, or the default."""
        default = self.default_for(runs_locally)
        if runs_locally and not self.is_read_locally:
            return default
        if re.search(r"[\x00-\x1f\x7f]", reader.read_text(self.name)):
            reader.add_mistake(
                say(
                    "{name} contains a line break or another control character. Copy it again.",
                    name=self.name,
                )
            )
            return default
        return self.check.read(reader, self.name, default)


@dataclass(frozen=True)
class Section:
    """Settings that belong together, under one heading of .env.example."""

    title: str
    settings: Sequence[Setting]
    introduction: str = ""
