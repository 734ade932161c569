"""Every command of the program, in the order of the help. The parser reads this list.

A new command is a file in this folder that declares a `COMMAND`, and its name in this list."""

from __future__ import annotations

from importlib import import_module

from agent.cli.command import Command

NAMES = (
    "new",
    "import",
    "check",
    "models",
    "estimate",
    "run",
    "status",
    "doctor",
    "deployments",
    "notify",
    "advance",
    "history",
    "evaluate",
    "iterate",
    "retrain",
    "gate",
    "compare",
    "ask",
    "retry",
    "cancel",
    "teardown",
    "report",
    "export",
    "export-errors",
)


def load_commands() -> tuple[Command, ...]:
    """The declared commands. A file that declares none is a mistake of ours: AttributeError."""
    return tuple(import_module(f"agent.cli.{name.replace('-', '_')}").COMMAND for name in NAMES)
