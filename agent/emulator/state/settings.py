"""How this emulator was started: its home, its port, and how long things take.

__main__.py reads the settings from flags and environment; every room gets them as an argument.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Times are in seconds. The API key is kept in memory only and shown nowhere."""

    home: Path = Path("data/emulator")
    port: int = 0
    file_seconds: float = 0.2
    queue_seconds: float = 0.2
    train_seconds: float = 0.5
    deploy_seconds: float = 0.5
    warmup_calls: int = 0
    encoder: str | None = None
    api_key: str | None = field(default=None, repr=False)


_HIGHEST_PORT = 65535
_HASH = "hash"
_LONGEST = 86400  # a day: a longer delay is a slip of the keyboard
_DELAYS = {
    "file_seconds": "from the upload of a file until it is processed",
    "queue_seconds": "a job stays pending",
    "train_seconds": "a job runs at least",
    "deploy_seconds": "a deployment is being created",
}


def add_flags(parser: ArgumentParser) -> None:
    """Adds the server's flags; the default of each is the environment variable in its help."""
    parser.add_argument(
        "--port", type=int, metavar="N", help="0, the default, takes a free one (EMULATOR_PORT)"
    )
    for name, meaning in _DELAYS.items():
        default = getattr(Settings(), name)
        parser.add_argument(
            _flag(name),
            type=float,
            metavar="S",
            help=f"seconds {meaning} ({_variable(name)}, default {default})",
        )
    parser.add_argument(
        "--warmup-calls",
        type=int,
        metavar="N",
        help="chat calls that a new deployment refuses (EMULATOR_WARMUP_CALLS, default 0)",
    )


def read_settings(args: Namespace, environment: Mapping[str, str] = os.environ) -> Settings:
    """Flags win over the environment, which wins over the defaults. Raises ValueError."""
    found: dict[str, Any] = {
        "encoder": _read_encoder(environment),
        "api_key": environment.get("EMULATOR_API_KEY") or None,
    }
    home = getattr(args, "home", None) or environment.get("EMULATOR_HOME")
    if home:
        found["home"] = Path(home)
    for name in ("port", *_DELAYS, "warmup_calls"):
        value = _read_number(name, args, environment)
        if value is not None:
            found[name] = value
    return Settings(**found)


def _read_encoder(environment: Mapping[str, str]) -> str | None:
    """None: the best that is installed. Another word would be taken for it without a word."""
    given = environment.get("EMULATOR_ENCODER") or None
    if given not in (None, _HASH):
        raise ValueError(f"EMULATOR_ENCODER must be {_HASH!r} or unset, it is {given!r}")
    return given


def _read_number(name: str, args: Namespace, environment: Mapping[str, str]) -> float | None:
    variable = _variable(name)
    value = getattr(args, name, None)
    if value is None and environment.get(variable):
        kind = int if name in ("port", "warmup_calls") else float
        try:
            value = kind(environment[variable])
        except ValueError:
            raise ValueError(
                f"{variable} must be a number, it is {environment[variable]!r}"
            ) from None
    if value is None:
        return None
    most = _HIGHEST_PORT if name == "port" else _LONGEST
    if not 0 <= value <= most:  # also true for nan
        raise ValueError(f"{variable} must be from 0 to {most}, it is {value}")
    number: float = value
    return number


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(name: str) -> str:
    return "EMULATOR_" + name.upper()
