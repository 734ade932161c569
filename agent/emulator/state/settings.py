"""How this emulator was started: where it keeps things and how long things take."""

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
_LONGEST = 86400  # a day: whatever waits for longer is a slip of the keyboard
_TIMINGS = {
    "file_seconds": "from the upload of a file until it is processed",
    "queue_seconds": "a job stays pending",
    "train_seconds": "a job runs at least",
    "deploy_seconds": "a deployment is being created",
}


def add_flags(parser: ArgumentParser) -> None:
    """The flags of the server; each default is the environment variable of the same name."""
    parser.add_argument("--port", type=int, help="0, the default, takes a free one (EMULATOR_PORT)")
    for name, meaning in _TIMINGS.items():
        parser.add_argument(
            _flag(name), type=float, metavar="S", help=f"seconds {meaning} ({_variable(name)})"
        )
    parser.add_argument(
        "--warmup-calls",
        type=int,
        metavar="N",
        help="chat calls a new deployment refuses (EMULATOR_WARMUP_CALLS)",
    )


def settings_from(args: Namespace, environment: Mapping[str, str] = os.environ) -> Settings:
    """Flags win over the environment, which wins over the defaults. Raises ValueError on what is not a number."""
    found: dict[str, Any] = {
        "encoder": environment.get("EMULATOR_ENCODER"),
        "api_key": environment.get("EMULATOR_API_KEY") or None,
    }
    home = getattr(args, "home", None) or environment.get("EMULATOR_HOME")
    if home:
        found["home"] = Path(home)
    for name in ("port", *_TIMINGS, "warmup_calls"):
        kind = int if name in ("port", "warmup_calls") else float
        value = getattr(args, name, None)
        if value is None and environment.get(_variable(name)):
            value = _number(_variable(name), environment[_variable(name)], kind)
        if value is not None:
            most = _HIGHEST_PORT if name == "port" else _LONGEST
            if not 0 <= value <= most:  # also true for nan
                raise ValueError(f"{_variable(name)} must be from 0 to {most}, it is {value}")
            found[name] = value
    return Settings(**found)


def _number(name: str, text: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, it is {text!r}") from None


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(name: str) -> str:
    return "EMULATOR_" + name.upper()
