"""What one command is: its arguments and its action.

Each file of a command declares one, commands.py lists them with their help, parser.py gives one to
argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.views.language import Translate
from states.errors import AfinadorError

if TYPE_CHECKING:
    from agent.bootstrap import Application


def no_arguments(_parser: argparse.ArgumentParser, _t: Translate) -> None:
    """For a command that takes none."""


@dataclass(frozen=True)
class Command:
    """`add_arguments` gets the command's own parser, and the function that translates a help text
    for argparse. `action` returns the exit code."""

    action: Callable[[Application, argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser, Translate], None] = no_arguments
    is_daemon: bool = False  # it may create the first project, and it owns the log file
    is_look: bool = False  # it reads the store, and does nothing that would be logged
    # Its own answer to settings that cannot be used, where it has one; returns the exit code.
    on_wrong_settings: Callable[[AfinadorError, argparse.Namespace, Translate], int] | None = None
